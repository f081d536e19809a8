"""Distributed Map: a Map run of child executions, each with its own input, context and history.

See "Distributed mode" in the developer guide: items from the state's data or an ItemReader, batches, tolerated
failures, and results as an array or in S3.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from flowgen.asl.errors import QueryFailure
from flowgen.local.child_executions import abort, child_limit, child_of, run_child
from flowgen.local.failures import StateFailure
from flowgen.local.fields import as_object, as_text, required
from flowgen.local.item_readers import STATE_DATA, Item, items_of, read_items
from flowgen.local.map_fields import (
    Evaluator,
    Number,
    Tolerance,
    compile_count,
    compile_number,
    compile_payload,
    compile_selector,
    compile_tolerance,
    is_exceeded,
    threshold_exceeded,
)
from flowgen.local.map_runs import MapRun
from flowgen.local.result_writer import Writer, compile_writer
from flowgen.local.runtime_types import Child
from flowgen.local.scheduler import NEXT_CHILD, Effect, Process
from flowgen.local.values import JSON, encode

if TYPE_CHECKING:
    from flowgen.local.frame import Frame, Run, Runnable
    from flowgen.local.states.base import Source


@dataclass(frozen=True, slots=True)
class _Batcher:
    items: Number
    size: Number
    input: Evaluator | None

    def batches(self, frame: Frame, raw: JSON, data: JSON, items: list[JSON]) -> list[JSON]:
        """The items in batches within both limits. An item that is too large is alone in its batch."""
        most = int(self.items(frame, raw, data) or 0) or len(items) or 1
        most_bytes = int(self.size(frame, raw, data) or 0)
        shared = None if self.input is None else self.input(frame, raw, data)
        batches: list[list[JSON]] = []
        room = 0
        for item in items:
            size = len(encode(item).encode()) + 1 if most_bytes else 0
            if not batches or len(batches[-1]) >= most or (most_bytes and size > room):
                batches.append([])
                room = most_bytes
            batches[-1].append(item)
            room -= size
        return [{"Items": batch} if shared is None else {"BatchInput": shared, "Items": batch} for batch in batches]


@dataclass(frozen=True, slots=True)
class _MapRun:
    """A compiled distributed Map."""

    label: str
    machine: Runnable
    express: bool
    concurrency: Number
    tolerance: Tolerance
    selector: Evaluator | None
    batcher: _Batcher | None
    writer: Writer | None
    read_state: Evaluator | None
    read_objects: Callable[[Frame, JSON, JSON], list[Item]] | None

    def run(self, frame: Frame, raw: JSON, data: JSON) -> Generator[Effect, Any, tuple[JSON, int]]:
        """The outputs of the successful children, or where they were written, and the id of the start event."""
        resumed = frame.take_resumed()
        if resumed is not None and resumed.map_run is not None:
            run = frame.map_run = resumed.map_run
            run.restart(frame.scheduler.now)
            started = frame.record("MapRunRedriven", {"mapRunArn": run.arn, "redriveCount": run.redrives})
            return (yield from self._proceed(frame, raw, data, run, None)), started
        items = None if self.read_state is None else list(items_of(self.read_state(frame, raw, data), STATE_DATA) or ())
        concurrency = int(self.concurrency(frame, raw, data) or 0)
        frame.record("MapStateStarted", {"length": 0 if items is None else len(items)})
        tolerated = self.tolerance.limits(frame, raw, data)
        identity = frame.run.identity
        run_id = frame.run.unique()
        prefix = f"arn:aws:states:{identity.region}:{identity.account}:mapRun:{identity.machine}"
        arn = f"{prefix}/{self.label}:{run_id}"
        started = frame.record("MapRunStarted", {"mapRunArn": arn})
        run = MapRun(arn, self.label, frame.scheduler.now, [], [], concurrency, *tolerated)
        frame.run.map_runs.append(run)
        # In recordings since late 2024, the state's exit follows from the start of the run.
        return (yield from self._proceed(frame, raw, data, run, items)), started

    def _proceed(
        self, frame: Frame, raw: JSON, data: JSON, run: MapRun[Run], items: list[Item] | None
    ) -> Generator[Effect, Any, JSON]:
        """Run the children, and record how the run ended."""
        try:
            if frame.map_run is None:
                if items is None and self.read_objects is not None:
                    items = self.read_objects(frame, raw, data)
                run.inputs = self._inputs(frame, raw, data, items or [])
                run.sizes = [1 if self.batcher is None else len(batch["Items"]) for batch in run.inputs]
                frame.map_run = run
            results = yield from self._children(frame, run)
            output = self._output(frame, raw, data, results, run)
        except BaseException as ending:
            failed = isinstance(ending, StateFailure | QueryFailure)
            run.end("FAILED" if failed else "ABORTED", frame.scheduler.now)
            if isinstance(ending, StateFailure):
                frame.record("MapRunFailed", ending.details())
            raise
        run.end("SUCCEEDED", frame.scheduler.now)
        frame.record("MapRunSucceeded", {})
        frame.record("MapStateSucceeded", {})
        return output

    def _inputs(self, frame: Frame, raw: JSON, data: JSON, items: list[Item]) -> list[JSON]:
        inputs = [item.input for item in items] if self.selector is None else []
        if self.selector is not None:
            outer = frame.item
            for index, item in enumerate(items):
                frame.item = item.context(index)
                inputs.append(self.selector(frame, raw, data))
            frame.item = outer
        return inputs if self.batcher is None else self.batcher.batches(frame, raw, data, inputs)

    def _children(self, frame: Frame, run: MapRun[Run]) -> Generator[Effect, Any, list[Child]]:
        """Run the children that have not succeeded. The finished ones, in the order of their inputs."""
        scheduler = frame.scheduler
        run.process = scheduler.current
        waiting = deque(index for index in range(len(run.inputs)) if run.status_of(index) != "SUCCEEDED")
        running = failed = 0
        while running or waiting:
            while running < run.limit and waiting:
                self._start(frame, run, waiting.popleft())
                running += 1
            ended: Process | None = yield NEXT_CHILD
            if ended is None:  # the limits have changed
                continue
            running -= 1
            result: Child = ended.value
            if not result.succeeded:
                failed += 1
                if is_exceeded(failed, len(run.inputs), run.tolerated_count, run.tolerated_percentage):
                    if scheduler.current is not None:
                        scheduler.cancel_children(scheduler.current)
                    raise threshold_exceeded()
        return [child.finished for _, child in sorted(run.children.items()) if child.finished is not None]

    def _start(self, frame: Frame, run: MapRun[Run], index: int) -> None:
        """Start a child, or redrive it. Express executions start again (developer guide, "Redriving Map Runs")."""
        child = run.children.get(index)
        if child is None or self.express:
            name = frame.run.unique() if child is None else child.identity.execution
            child = run.children[index] = self._child(frame, run, run.inputs[index], name)
        if child.client is not None:
            child.client.started(child)
        limit = child_limit(self.machine, child.identity.machine_type)
        process = frame.scheduler.spawn(run_child(child, self.machine), index, limit)
        process.on_cancel = partial(abort, child, None)

    def _child(self, frame: Frame, run: MapRun[Run], data: JSON, name: str) -> Run:
        parent = frame.run
        identity = replace(
            parent.identity,
            machine=f"{parent.identity.machine}/{self.label}",
            execution=name,
            machine_type="EXPRESS" if self.express else "STANDARD",
        )
        return child_of(parent, identity, data, parent.observe, run)

    def _output(self, frame: Frame, raw: JSON, data: JSON, results: list[Child], run: MapRun[Run]) -> JSON:
        if self.writer is not None:
            output = self.writer.write(frame, raw, data, results, run.arn)
            run.written = len(results)
            return output
        return [result.output for result in results if result.succeeded]


def compile_map_run(
    source: Source,
    machine: Runnable,
    config: Mapping[str, JSON],
    read_state: Evaluator | None,
) -> Callable[[Frame, JSON, JSON], Generator[Effect, Any, tuple[JSON, int]]]:
    """Compile a distributed Map to a routine.

    `read_state` returns its items, an array or an object. It is None if the state has an ItemReader.
    """
    definition = source.definition
    run = _MapRun(
        label=definition.get("Label", source.name),
        machine=machine,
        express=config.get("ExecutionType") == "EXPRESS",
        concurrency=compile_count(source, "MaxConcurrency"),
        tolerance=compile_tolerance(source),
        selector=compile_selector(source),
        batcher=_compile_batcher(source) if "ItemBatcher" in definition else None,
        writer=compile_writer(source) if "ResultWriter" in definition else None,
        read_state=read_state,
        read_objects=_compile_reader(source) if "ItemReader" in definition else None,
    )
    return run.run


def _compile_batcher(source: Source) -> _Batcher:
    written = source.object("ItemBatcher")
    inner = source.with_definition(written)
    shared = None
    if "BatchInput" in written:
        shared = compile_payload(source, written["BatchInput"], "ItemBatcher/BatchInput")
    return _Batcher(
        compile_count(inner, "MaxItemsPerBatch", prefix="ItemBatcher/", least=1),
        compile_count(inner, "MaxInputBytesPerBatch", prefix="ItemBatcher/", least=1),
        shared,
    )


def _compile_reader(source: Source) -> Callable[[Frame, JSON, JSON], list[Item]]:
    written = source.object("ItemReader")
    field = "Arguments" if source.is_jsonata else "Parameters"
    arguments = compile_payload(source, written.get(field, {}), f"ItemReader/{field}")
    config = as_object(written.get("ReaderConfig", {}), f"{source.pointer}/ItemReader/ReaderConfig")
    inner = source.with_definition(config)
    most = compile_number(inner, "MaxItems", prefix="ItemReader/ReaderConfig/")
    resource = as_text(required(written, "Resource", f"{source.pointer}/ItemReader"), f"{source.pointer}/ItemReader")

    def read(frame: Frame, raw: JSON, data: JSON) -> list[Item]:
        given = arguments(frame, raw, data)
        return read_items(resource, given, config, most(frame, raw, data), frame.run.objects)

    return read
