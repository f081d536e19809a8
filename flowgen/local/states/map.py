"""Map: runs its processor for each item, inline (this module) or in child executions (`distributed`)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.asl.errors import QueryFailure
from flowgen.asl.reserved_errors import RUNTIME
from flowgen.local import jsonata_query, jsonpath_query
from flowgen.local.distributed import compile_map_run
from flowgen.local.failures import StateFailure
from flowgen.local.fields import as_object
from flowgen.local.map_fields import (
    Evaluator,
    Tolerance,
    compile_count,
    compile_selector,
    compile_tolerance,
    is_exceeded,
    threshold_exceeded,
)
from flowgen.local.redrive import Completed, Unfinished, completed
from flowgen.local.scheduler import NEXT_CHILD, Effect, Process, Routine
from flowgen.local.states.base import Source, State, Step
from flowgen.local.values import JSON, encode

if TYPE_CHECKING:
    from flowgen.local.frame import Frame, Runnable, Trial

INLINE_CONCURRENCY = 40
"""Most iterations of an inline Map that run at the same time (developer guide, "Inline mode")."""

Execute: TypeAlias = "Callable[[Frame, JSON, JSON], Generator[Effect, Any, tuple[JSON, int]]]"
"""Runs the items. Returns the result, and the id of the event that the state's exit follows from."""


@dataclass(frozen=True, slots=True)
class _Inline:
    """A compiled inline Map."""

    name: str
    machine: Runnable
    selector: Evaluator | None
    tolerance: Tolerance

    def run(
        self, frame: Frame, raw: JSON, data: JSON, items: list[JSON], limit: int
    ) -> Generator[Effect, Any, tuple[JSON, int]]:
        """The outputs of the iterations, in the order of the items; at most `limit` run at the same time."""
        tolerated = self.tolerance.limits(frame, raw, data)
        resumed = frame.take_resumed()
        parts = {} if resumed is None else resumed.inner
        if not parts:
            frame.record("MapStateStarted", {"length": len(items)})
        frame.inner = {index: part for index, part in parts.items() if isinstance(part, Completed)}
        waiting = deque(index for index in range(len(items)) if index not in frame.inner)
        failed = 0
        while frame.branches or waiting:
            while len(frame.branches) < limit and waiting:
                index = waiting.popleft()
                part = parts.get(index)
                self._start(frame, index, items[index], raw, data, part if isinstance(part, Unfinished) else None)
            ended: Process = yield NEXT_CHILD
            branch = frame.join(ended.tag)
            iteration = branch.iteration
            if ended.failure is None:
                output, succeeded = ended.value
                frame.inner[ended.tag] = Completed(output)
                if not frame.branches and not waiting:
                    frame.previous = succeeded
                continue
            frame.inner[ended.tag] = branch.unfinished()
            failed += 1
            failure = self._ending(ended.failure, failed, len(items), tolerated)
            if failure is not None:
                frame.cut(failure)
            if ended.failure.error != RUNTIME and iteration is not None:
                frame.note("MapIterationFailed", iteration, frame.previous)
            if failure is not None:
                raise failure
        last = frame.previous
        frame.record("MapStateSucceeded", {})
        return list(completed(frame.inner).values()), last

    def _ending(
        self, failure: StateFailure, failed: int, total: int, tolerated: tuple[float | None, float | None]
    ) -> StateFailure | None:
        """The failure of the state after a failed iteration, or None if the failure is tolerated."""
        if tolerated == (None, None):
            return failure
        return threshold_exceeded() if is_exceeded(failed, total, *tolerated) else None

    def _start(self, frame: Frame, index: int, item: JSON, raw: JSON, data: JSON, resumed: Unfinished | None) -> None:
        if self.selector is not None and resumed is None:
            outer, frame.item = frame.item, {"Index": index, "Value": item}
            try:
                selected = self.selector(frame, raw, data)
            except StateFailure as failure:
                frame.cut(failure)
                raise
            except QueryFailure:
                frame.cut(StateFailure(RUNTIME))
                raise
            finally:
                frame.item = outer
        else:
            selected = item
        child = frame.fork(index, {"Index": index, "Value": item})
        frame.scheduler.spawn(self._iterate(child, index, selected, resumed), index)

    def _iterate(self, frame: Frame, index: int, item: JSON, resumed: Unfinished | None) -> Routine:
        frame.iteration = {"name": self.name, "index": index}
        if resumed is None:
            frame.record("MapIterationStarted", frame.iteration)
        output = yield from self.machine.run(frame, item, resumed)
        return output, frame.note("MapIterationSucceeded", frame.iteration, frame.previous)


def compile_map(source: Source) -> State:
    """A Map state. Its result is the array of its iterations' outputs, in the order of the items."""
    definition = source.definition
    # Parameters of a Map are the older name of its ItemSelector, not its effective input.
    flow_fields = {name: value for name, value in definition.items() if name not in {"Parameters", "Arguments"}}
    flow, following = source.with_definition(flow_fields).flow(), source.next
    field = "Iterator" if "Iterator" in definition else "ItemProcessor"
    pointer = f"{source.pointer}/{field}"
    processor = as_object(source[field], pointer)
    machine = source.compile_machine(processor, pointer)
    config = as_object(processor.get("ProcessorConfig", {}), f"{pointer}/ProcessorConfig")
    distributed = config.get("Mode") == "DISTRIBUTED"
    read_items = _compile_items(source, distributed=distributed)
    read_state = None if "ItemReader" in definition else read_items
    if distributed:
        execute = compile_map_run(source, machine, config, read_state)
    else:
        execute = _compile_inline(source, machine, read_items)
    test = _compile_test(source, read_state)

    def attempt(frame: Frame, raw: JSON) -> Generator[Effect, Any, Step]:
        data = flow.select_input(frame, raw)
        if frame.trial is not None:
            output, assigned = flow.leave(frame, raw, data, test(frame, frame.trial, raw, data))
            return Step(output, following, assigned)
        result, last = yield from execute(frame, raw, data)
        output, assigned = flow.leave(frame, raw, data, result)
        # A failure of the state's own fields follows from its success event; its exit does not.
        frame.previous = last
        return Step(output, following, assigned)

    return State(source.name, "Map", recovery=source.recovery(attempt, "MapStateFailed"))


def _compile_inline(source: Source, machine: Runnable, read_items: Evaluator) -> Execute:
    inline = _Inline(source.name, machine, compile_selector(source), compile_tolerance(source))
    concurrency = compile_count(source, "MaxConcurrency")

    def execute(frame: Frame, raw: JSON, data: JSON) -> Generator[Effect, Any, tuple[JSON, int]]:
        items = read_items(frame, raw, data)
        limit = int(concurrency(frame, raw, data) or 0) or INLINE_CONCURRENCY
        return (yield from inline.run(frame, raw, data, items, min(limit, INLINE_CONCURRENCY)))

    return execute


def _compile_test(source: Source, read_items: Evaluator | None) -> Callable[[Frame, Trial, JSON, JSON], JSON]:
    """Compile a Map under test: it reads its fields, and returns the given result of its iterations."""
    concurrency, tolerance = compile_count(source, "MaxConcurrency"), compile_tolerance(source)
    has_path, selector = "ItemsPath" in source.definition, compile_selector(source)

    def test(frame: Frame, trial: Trial, raw: JSON, data: JSON) -> JSON:
        items = trial.items or []
        if read_items is not None and trial.items is None:
            items = read_items(frame, raw, data)
            if has_path:
                trial.inspection["afterItemsPath"] = items
        if selector is not None:
            selected = []
            for index, item in enumerate(items):
                frame.item = {"Index": index, "Value": item}
                selected.append(selector(frame, raw, data))
            frame.item = None
            trial.inspection["afterItemSelector"] = selected
        trial.inspection["maxConcurrency"] = int(concurrency(frame, raw, data) or 0)
        count, percentage = tolerance.limits(frame, raw, data)
        if count is not None:
            trial.inspection["toleratedFailureCount"] = count
        if percentage is not None:
            trial.inspection["toleratedFailurePercentage"] = percentage
        result = trial.outcome()
        # Without a tolerance in the state, the API ignores the number of failed iterations.
        given = (count, percentage) != (None, None)
        if given and is_exceeded(trial.failed_iterations, len(items), count, percentage):
            raise threshold_exceeded()
        return result

    return test


def _compile_items(source: Source, *, distributed: bool) -> Evaluator:
    """The reader of the state's own items: an array, or in distributed mode an object whose members are the items."""
    definition = source.definition
    accepted = (list, dict) if distributed else (list,)
    if source.is_jsonata:
        if "Items" in definition:
            also = "object" if distributed else None
            items = jsonata_query.compile_typed(definition["Items"], "Items", "array", also)
            return lambda frame, raw, _data: items(frame, {"input": raw})

        def input_as_items(frame: Frame, raw: JSON, _data: JSON) -> JSON:
            if not isinstance(raw, accepted):
                raise frame.query_failure(f"Map state input must be an array but was: {encode(raw)}", None)
            return raw

        return input_as_items
    path = definition.get("ItemsPath", "$")
    read = jsonpath_query.compile_reader(path, "ItemsPath")

    def items_at_path(frame: Frame, _raw: JSON, data: JSON) -> JSON:
        found = read(frame, data)
        if not isinstance(found, accepted):
            # The service shows a path into the context object as if it started with `$`.
            shown = path.removeprefix("$") if path.startswith("$$") else path
            raise frame.runtime_failure(f'Reference path "{shown}" must point to array.')
        return found

    return items_at_path
