"""Parses command-line arguments that refer to the program: steps, errors, durations, callables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flowgen.diagnostics import Sink, did_you_mean
from flowgen.local import HandlerLoadError, Task, load_handler
from flowgen.local.faults import Fault
from flowgen.local.mocks import Rule, Rules
from flowgen.running.lambda_causes import fault
from flowgen.running.program import Program

_CAN_FAIL = ("Task", "Parallel", "Map")


class BadArgument(Exception):  # noqa: N818 - reported as wrong usage
    """An argument is invalid; the message says why, and what to write."""


def parameters(texts: Iterable[str]) -> dict[str, str]:
    """Read `NAME=VALUE`. Raises `BadArgument`."""
    return dict(_pair(text, "--parameter", "NAME=VALUE") for text in texts)


def renamed(texts: Iterable[str]) -> dict[str, str]:
    """Read `B=A`: names in one state machine, with those in another. Raises `BadArgument`."""
    return dict(_pair(text, "--rename", "B=A") for text in texts)


def started(program: Program, name: str, event: Any) -> Any:
    """The input that a trigger of the workflow builds from an event."""
    from flowgen.running.starting import BadEvent

    start = program.starts.get(name)
    if start is None:
        guess = did_you_mean(name, program.starts)
        known = f"the triggers are {', '.join(program.starts)}" if program.starts else "the workflow has none"
        raise BadArgument(f"unknown trigger `{name}`: " + (f"did you mean `{guess}`?" if guess else known))
    try:
        return start(event)
    except BadEvent as problem:
        raise BadArgument(f"the trigger `{name}` can't start the workflow with this event: {problem}") from None


def check_input(program: Program, value: Any) -> None:
    """Raises `BadArgument` if the input does not have its type, unless the workflow or its first function checks it."""
    unfit = None if program.input is None else program.input.unfit(value)
    if unfit is not None and program.input is not None:
        raise BadArgument(f"the input does not have {program.input.name}: {unfit}")


def failures(program: Program, texts: Iterable[str]) -> dict[str, tuple[Fault, ...]]:
    """`STEP=ERROR` fails every attempt, `STEP=ERROR:TIMES` that many. Several for one step apply in sequence."""
    found: dict[str, tuple[Fault, ...]] = {}
    for text in texts:
        step, rest = _pair(text, "--fail", "STEP=ERROR or STEP=ERROR:TIMES")
        error, colon, times = rest.rpartition(":")
        if not colon:
            error, times = rest, ""
        elif not times.isdecimal() or int(times) < 1:
            raise BadArgument(f"--fail {text}: `{times}` is not a valid number of attempts; write {step}={error}:2")
        state = _state(program, step, f"--fail {text}")
        found[state] = (*found.get(state, ()), fault(program, state, error, int(times) if times else None))
    return found


def delays(program: Program, texts: Iterable[str]) -> dict[str, float]:
    """Read `STEP=DURATION` as seconds. Raises `BadArgument`."""
    found = {}
    for text in texts:
        step, rest = _pair(text, "--delay", "STEP=DURATION")
        found[_state(program, step, f"--delay {text}")] = seconds(rest, f"--delay {text}")
    return found


def seconds(text: str, option: str) -> float:
    """A duration in the format of the language: `90s`, `5m`, `2 hours`."""
    from flowgen.model.leaves import parse_duration

    duration = parse_duration(text)
    if duration is None:
        raise BadArgument(f"{option}: `{text}` is not a valid duration; write 90s, 5m, 2 hours or PT2H")
    return float(duration.seconds)


def tasks(program: Program, texts: Iterable[str], folder: Path) -> dict[str, Task]:
    """Read `NAME=package.module:function`, where NAME is a function of the workflow, a Lambda function or a resource.

    Raises `BadArgument`.
    """
    by_name = {
        called.name: function
        for state, called in program.called.items()
        if (function := _function_called(program, state)) is not None
    }
    found = {}
    for text in texts:
        name, target = _pair(text, "--task", "NAME=package.module:function")
        try:
            handler = load_handler(folder, target)
        except HandlerLoadError as error:
            raise BadArgument(f"--task {text}: {error}") from None
        found[by_name.get(name, name)] = Task(handler, context=_takes_context(handler))
    return found


def mocks(program: Program, files: Mapping[str, str], sink: Sink) -> Rules:
    """The rules of mock files by name. If two files have rules for the same call, the later file wins."""
    if not files:
        return {}
    from flowgen.running.mock_file import read_mocks

    names = [name for name, state in program.states() if state.get("Type") == "Task"]
    names += [called.name for called in program.called.values()]
    names += [str(state.get("Resource")) for _, state in program.states() if "Resource" in state]
    found: dict[str, set[str]] = {}
    for name, state in program.states():
        found.setdefault(name, set()).add(str(state.get("Resource")))
    resources = {name: min(one) for name, one in found.items() if len(one) == 1}
    rules: dict[str, tuple[Rule, ...]] = {}
    for file, text in files.items():
        rules |= read_mocks(file, text, names, sink, resources, program.results, program.answering)
    return rules


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if option == "--task":
        name, equals, value = text.rpartition("=")
    if not equals or not name or not value:
        raise BadArgument(f"{option} {text}: write {form}")
    return name, value


def _state(program: Program, step: str, option: str) -> str:
    kinds = {name: str(state.get("Type")) for name, state in program.states()}
    if kinds.get(step) in _CAN_FAIL:
        return step
    able = [name for name, kind in kinds.items() if kind in _CAN_FAIL]
    if step in kinds:
        raise BadArgument(f"{option}: the step `{step}` makes no call")
    guess = did_you_mean(step, able)
    raise BadArgument(f"{option}: unknown step `{step}`" + (f"; did you mean `{guess}`?" if guess else ""))


def _function_called(program: Program, state: str) -> str | None:
    """The name of a state's function in the definition."""
    definition = next((found for name, found in program.states() if name == state), {})
    arguments = definition.get("Arguments", definition.get("Parameters", {}))
    named = arguments.get("FunctionName") if isinstance(arguments, Mapping) else None
    return named if isinstance(named, str) else definition.get("Resource")


def _takes_context(handler: object) -> bool:
    """Whether a callable is a Lambda handler, `function(event, context)`, and not a function of the event alone."""
    import inspect

    try:
        inspect.signature(handler).bind(None, None)  # type: ignore[arg-type]  # it raises TypeError unless it is callable
    except (TypeError, ValueError):
        return False
    return True
