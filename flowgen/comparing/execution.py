"""One execution of a machine whose calls, failures and objects come from a plan's decisions."""

from __future__ import annotations

import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from flowgen.asl.json_text import parse_data
from flowgen.asl.reserved_errors import TASK_FAILED, TIMEOUT
from flowgen.comparing.calls import Target, target_of
from flowgen.comparing.decisions import Decisions, digest
from flowgen.comparing.generated_values import value_of
from flowgen.comparing.machine_reads import World
from flowgen.local import Task, TaskError, execute
from flowgen.local.machine import Machine
from flowgen.local.runtime_types import Request
from flowgen.local.tasks import LAMBDA_TIMEOUT
from flowgen.local.values import JSON, encode

UNLISTED = "Unlisted.Error"
"""An error that no retrier or catcher names."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_SIZE = re.compile(r'"Size\\*":\d+')
_EXPLAINED = re.compile(r"An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\.[^\"\\]*")
"""The service's explanation of an error, which names a state."""

_LABEL = re.compile(r"(?<=StateMachine/)[^:/\"]+")
_TASK_ERRORS = frozenset({TASK_FAILED, TIMEOUT, "States.Permissions", "States.DataLimitExceeded"})
"""The reserved errors that a call can fail with."""

_SUCCEEDS = (0, 16, 3)
"""For each rate of failures, how much more often than failing a call succeeds; 0: always."""

_HANGS = object()


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt at a call, at a virtual time in seconds. `outcome` is for people."""

    time: float
    key: str
    arguments: JSON
    outcome: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The visible behavior of an execution.

    `objects` are its reads and writes of objects. `seen` are the parts of the machine that were used. If `cut` is set,
    the execution was stopped because it took too many steps, and has no result.
    """

    calls: tuple[Call, ...]
    objects: tuple[str, ...]
    status: str
    output: JSON
    error: str | None
    cause: str | None
    elapsed: float
    cut: bool
    seen: frozenset[tuple[str, str, int]]
    failures: Mapping[tuple[str, int], str] = field(default_factory=dict, compare=False)
    """The places that decide whether a state's call always fails, by the state and the number of the error."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most states and calls of an execution."""

    states: int = 2_000
    calls: int = 150


class _CutError(BaseException):
    """Ends an execution that exceeds its budget; not an error that a state could handle."""


class _Steady(random.Random):
    """Randomness that is the same however often a machine asks: only identifiers differ from each other."""

    def random(self) -> float:
        return 0.5

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        return (start if stop is None else start + stop - step) // 2

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@dataclass(slots=True)
class _Answers:
    """Answers the calls of one execution, and records them."""

    world: World
    decisions: Decisions
    budget: Budget
    calls: list[Call] = field(default_factory=list)
    occurrences: Counter[str] = field(default_factory=Counter)
    failures: dict[tuple[str, int], str] = field(default_factory=dict)

    def __call__(self, request: Request) -> Task:
        if len(self.calls) >= self.budget.calls:
            raise _CutError
        target = target_of(request.resource, request.arguments)
        base = f"{target.key} {digest(_anonymous(identity(target.arguments)))}"
        self.occurrences[base] += 1
        place = f"{base} #{self.occurrences[base]}"
        error = self._error(request.state, target, base, place)
        # The time of a call depends only on what is called, so that the order of calls shows in their times.
        seconds = 0.001 * (1 + int(digest(place), 16) % 997)
        if error is _HANGS:
            self.calls.append(Call(request.time, target.key, target.arguments, "never answers"))
            if target.key.startswith("function "):
                # Lambda limits the time of a function.
                return Task(self._fails("Sandbox.Timedout", place), seconds=LAMBDA_TIMEOUT)
            return Task(_returns(None), seconds=math.inf)
        if isinstance(error, str):
            self.calls.append(Call(request.time, target.key, target.arguments, f"fails with {error}"))
            return Task(self._fails(error, place), seconds=seconds)
        value = value_of(self.world.result_of(target.key), self.decisions, place)
        self.calls.append(Call(request.time, target.key, target.arguments, f"returns {encode(value)}"))
        if target.invokes:
            value = {"ExecutedVersion": "$LATEST", "Payload": value, "StatusCode": 200}
        return Task(_returns(value), seconds=seconds)

    def _error(self, state: str, target: Target, base: str, place: str) -> Any:
        """The error that the call fails with, `_HANGS`, or None."""
        errors = [None, *_injected(target.key, self.world.errors_of(target.key)), _HANGS]
        for number in range(1, len(errors)):
            self.failures.setdefault((state, number), f"{target.key}?fails")
        rate = self.decisions.choose("faults", (4, 4, 2))
        # All calls of the callee fail only if a plan asks for it; equal calls, or one attempt, also by chance.
        for here, succeeds in ((target.key, 0), (base, _SUCCEEDS[rate]), (place, _SUCCEEDS[rate])):
            each = 1 if succeeds else 0
            weights = [max(succeeds, 1) * (len(errors) - 1), *[each] * (len(errors) - 1)]
            error = errors[self.decisions.choose(f"{here}?fails", weights)]
            if error is not None:
                return error
        return None

    def _fails(self, error: str, place: str) -> Any:
        details = value_of(self.world.causes, self.decisions, f"{place}(cause)")
        details = details if isinstance(details, dict) else {}
        cause = None if error == TIMEOUT else encode({"errorMessage": "Injected.", "errorType": error, **details})

        def fail(*_arguments: JSON) -> JSON:
            raise TaskError(error, cause)

        return fail


def _returns(value: JSON) -> Any:
    return lambda *_arguments: value


def _injected(key: str, handled: Mapping[str, None]) -> list[str]:
    """The errors that a call may fail with: those that states around it handle, and others that they don't."""
    named = [name for name in handled if name in _TASK_ERRORS or not name.startswith("States.")]
    added = [TASK_FAILED, UNLISTED, TIMEOUT]
    if key.startswith("function "):
        added.append("Lambda.ServiceException")
    return list(dict.fromkeys([*named, *added]))


class _Objects(MutableMapping[str, Any]):
    """Objects whose content is generated when they are read."""

    def __init__(self, world: World, decisions: Decisions) -> None:
        self._world, self._decisions = world, decisions
        self._written: dict[str, Any] = {}
        self.log: list[str] = []

    def __getitem__(self, name: str) -> Any:
        self.log.append(f"read {name}")
        return self._written[name] if name in self._written else self._generated(name)

    def content(self, name: str) -> Any:
        """The content of an object."""
        return self[name]

    def under(self, prefix: str) -> list[str]:
        """Two objects with this prefix."""
        self.log.append(f"list {prefix}")
        return [f"{prefix}1", f"{prefix}2"]

    def __setitem__(self, name: str, value: Any) -> None:
        text = identity(value) if isinstance(value, str) else "(bytes)"
        # A manifest has the sizes of files, which may contain the names of states.
        self.log.append(f"write {name} {_SIZE.sub('size', text) if name.endswith('/manifest.json') else text}")
        self._written[name] = value

    def __delitem__(self, name: str) -> None:
        del self._written[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)

    def _generated(self, name: str) -> str:
        place = f"object {_anonymous(name)}"
        items = [
            value_of(self._world.items, self._decisions, f"{place}[{index}]")
            for index in range(self._decisions.choose(f"{place}?length", (1, 3, 3)) + 1)
        ]
        form = next(iter(self._world.formats), "JSON")
        if form == "JSONL":
            return "\n".join(encode(item) for item in items)
        if form == "CSV":
            columns = sorted({name for item in items if isinstance(item, dict) for name in item}) or ["column"]
            rows = [[_cell(item.get(name)) if isinstance(item, dict) else "a" for name in columns] for item in items]
            return "\n".join(",".join(row) for row in [columns, *rows])
        return encode(items)


def _cell(value: JSON) -> str:
    text = value if isinstance(value, str) else encode(value)
    return '"' + text.replace('"', '""') + '"'


def run(
    machine: Machine,
    value: JSON,
    world: World,
    decisions: Decisions,
    budget: Budget,
    machine_type: str,
) -> Trace:
    """Execute a machine on an input. Equal plans give equal results to equal calls."""
    answers = _Answers(world, decisions, budget)
    objects = _Objects(world, decisions)
    seen: set[tuple[str, str, int]] = set()
    entered = 0

    def observe(kind: str, state: str, place: int) -> None:
        nonlocal entered
        seen.add((kind, state, place))
        entered += 1
        if entered > budget.states:
            raise _CutError

    status, output, error, cause, elapsed, cut = "CUT", None, None, None, 0.0, True
    try:
        ended = execute(
            machine,
            value,
            mock=answers,
            s3_objects=objects,
            machine_type=machine_type,
            seed=_Steady(0),
            observe=observe,
        )
        status, output, error, cause = ended.status, ended.output, ended.error, ended.cause
        elapsed, cut = ended.elapsed, False
    except _CutError:
        pass
    return _canonical(
        Trace(
            tuple(sorted(answers.calls, key=lambda call: (round(call.time, 3), call.key, identity(call.arguments)))),
            tuple(sorted(objects.log)),
            status,
            output,
            error,
            cause,
            elapsed,
            cut,
            frozenset(seen),
            answers.failures,
        )
    )


def identity(value: JSON) -> str:
    """The text of a value, the same for each order of keys, also in strings that are JSON."""
    return json.dumps(_parsed(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _parsed(value: JSON) -> JSON:
    """The value, with the JSON in its strings sorted by key."""
    if isinstance(value, dict):
        return {name: _parsed(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_parsed(item) for item in value]
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return identity(parse_data(value))
        except (ValueError, RecursionError):
            return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _anonymous(text: str) -> str:
    return _EXPLAINED.sub("<explanation>", _LABEL.sub("*", _UUID.sub("<id>", text)))


def _canonical(trace: Trace) -> Trace:
    """The trace with numbers instead of random identifiers, in the order in which they appear."""
    numbers: dict[str, str] = {}

    def named(text: str) -> str:
        text = _UUID.sub(lambda found: numbers.setdefault(found[0], f"<id {len(numbers) + 1}>"), text)
        return _EXPLAINED.sub("<explanation>", _LABEL.sub("*", text))

    def canonical(value: JSON) -> JSON:
        # Sorted by key, so that the numbers do not depend on the order of keys.
        text = identity(value)
        anonymous = named(text)
        return value if anonymous == text else json.loads(anonymous)

    return Trace(
        tuple(Call(call.time, call.key, canonical(call.arguments), named(call.outcome)) for call in trace.calls),
        tuple(named(entry) for entry in trace.objects),
        trace.status,
        canonical(trace.output),
        trace.error,
        None if trace.cause is None else named(trace.cause),
        trace.elapsed,
        trace.cut,
        trace.seen,
        trace.failures,
    )
