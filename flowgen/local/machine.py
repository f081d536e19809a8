"""Compiles the states of a machine once, and runs them one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowgen.asl.errors import QueryFailure
from flowgen.asl.reserved_errors import DATA_LIMIT_EXCEEDED
from flowgen.local.failures import InvalidDefinition, StateFailure
from flowgen.local.fields import as_number, as_object, as_text, entries, required
from flowgen.local.scheduler import Routine
from flowgen.local.states.base import Source, State
from flowgen.local.states.choice import compile_choice
from flowgen.local.states.map import compile_map
from flowgen.local.states.parallel import compile_parallel
from flowgen.local.states.simple import compile_fail, compile_pass, compile_succeed
from flowgen.local.states.task import compile_task
from flowgen.local.states.wait import compile_wait
from flowgen.local.values import JSON, TOO_LARGE, encode, is_light, is_too_large

if TYPE_CHECKING:
    from flowgen.local.frame import Frame
    from flowgen.local.redrive import Unfinished

_KINDS: Mapping[str, Callable[[Source], State]] = {
    "Choice": compile_choice,
    "Fail": compile_fail,
    "Map": compile_map,
    "Parallel": compile_parallel,
    "Pass": compile_pass,
    "Succeed": compile_succeed,
    "Task": compile_task,
    "Wait": compile_wait,
}

VARIABLES_LIMIT = 10_485_760
"""Most bytes of all variables of an execution together (developer guide, "Passing data with variables")."""

DEEPEST_NESTING = 100
"""Most levels of nested machines: far more than a real definition has, and too few to exhaust the stack."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The states of a machine, a branch or a processor, by name. `timeout` is the execution's, in seconds."""

    start_at: str
    states: Mapping[str, State]
    timeout: float | None

    def run(self, frame: Frame, data: JSON, resumed: Unfinished | None = None) -> Routine:
        """The output of the machine, from its start or from where it stopped. Raises a `StateFailure` not caught."""
        states = self.states
        state = states[self.start_at]
        if resumed is not None and resumed.state:
            state, data = states[resumed.state], resumed.input
            frame.resume(state, resumed)
        enters = resumed is None or not resumed.state or state.kind == "Fail"
        while True:
            if enters:
                frame.enter(state, data)
            enters = True
            try:
                if state.instant is not None:
                    step = state.instant(frame, data)
                else:
                    step = yield from state.routine(frame, data)  # type: ignore[misc]  # a state has one of the two
            except QueryFailure as failure:
                raise StateFailure(failure.error, frame.explain(failure.cause)) from None
            output, following, assigned = step
            if output is not data:
                if is_light(output):
                    frame.light = output
                elif is_too_large(encode(output)):
                    frame.inner = {}  # a redrive runs all of the state again
                    raise _too_large(state.name)
            details: dict[str, JSON] = {"name": state.name, "output": output}
            if assigned:
                details["assignedVariables"] = assigned
                _assign(frame, state.name, assigned)
            frame.record(state.exited, details)
            if following is None:
                return output
            data = output
            state = states[following]


def _assign(frame: Frame, state: str, assigned: dict[str, JSON]) -> None:
    """Assign variables, within the limits on one Assign field and on all variables together."""
    text = encode(assigned)
    frame.variables = {**frame.variables, **assigned}
    frame.run.assigned += len(text)
    if is_too_large(text) or (
        # Measuring all variables is slow, so first check that the execution ever assigned this much.
        frame.run.assigned > VARIABLES_LIMIT and len(encode(frame.variables).encode()) > VARIABLES_LIMIT
    ):
        raise _too_large(state)


def _too_large(state: str) -> StateFailure:
    return StateFailure(DATA_LIMIT_EXCEEDED, TOO_LARGE.format(state))


def compile_machine(definition: Mapping[str, JSON]) -> Machine:
    """Compile a definition in Amazon States Language. Raises `InvalidDefinition`."""
    return _compile(definition, "", as_object(definition, "").get("QueryLanguage") == "JSONata", 0)


def _compile(definition: JSON, pointer: str, is_jsonata: bool, depth: int) -> Machine:  # noqa: FBT001 - inner
    if not isinstance(definition, Mapping):
        raise InvalidDefinition(pointer, "expected an object with StartAt and States")
    if depth > DEEPEST_NESTING:
        raise InvalidDefinition(pointer, f"machines are nested more than {DEEPEST_NESTING} deep")
    start_at = required(definition, "StartAt", pointer)
    written = as_object(required(definition, "States", pointer), f"{pointer}/States")

    def compile_inner(inner: Mapping[str, JSON], inner_pointer: str) -> Machine:
        return _compile(inner, inner_pointer, is_jsonata, depth + 1)

    states = {
        name: compile_state(name, state, f"{pointer}/States/{_escaped(name)}", is_jsonata, compile_inner)
        for name, state in written.items()
    }
    _check_targets(start_at, written, pointer)
    timeout = definition.get("TimeoutSeconds")
    if timeout is not None:
        timeout = as_number(timeout, f"{pointer}/TimeoutSeconds", 1)
    return Machine(start_at, states, timeout)


def compile_single(name: str, definition: JSON, *, is_jsonata: bool) -> State:
    """Compile a single state. `is_jsonata` applies unless the state sets QueryLanguage. Raises `InvalidDefinition`."""
    return compile_state(name, definition, "", is_jsonata, lambda inner, at: _compile(inner, at, is_jsonata, 1))


def compile_state(
    name: str,
    definition: JSON,
    pointer: str,
    is_jsonata: bool,  # noqa: FBT001 - the language of the machine around it
    compile_inner: Callable[[Mapping[str, JSON], str], Machine],
) -> State:
    """Compile one state. Raises `InvalidDefinition`."""
    kind = as_object(definition, pointer).get("Type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InvalidDefinition(f"{pointer}/Type", f"{kind!r} is not a type of state: use {', '.join(_KINDS)}")
    language = definition.get("QueryLanguage")
    if language is not None:
        is_jsonata = language == "JSONata"
    try:
        return _KINDS[kind](Source(name, definition, pointer, is_jsonata, compile_inner))
    except InvalidDefinition as error:
        if error.pointer.startswith("/"):
            raise
        raise InvalidDefinition(pointer, error.message) from None


def _check_targets(start_at: JSON, written: Mapping[str, JSON], pointer: str) -> None:
    if as_text(start_at, f"{pointer}/StartAt") not in written:
        raise InvalidDefinition(f"{pointer}/StartAt", f"there is no state {start_at!r}")
    for name, state in written.items():
        here = f"{pointer}/States/{_escaped(name)}"
        inner = [entry for field in ("Choices", "Catch") for entry, _ in entries(state, field, here)]
        targets = [place.get("Next") for place in (state, *inner)] + [state.get("Default")]
        for target in targets:
            if target is not None and as_text(target, here) not in written:
                raise InvalidDefinition(here, f"there is no state {target!r}")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
