"""Checks a state machine and those nested in it: fields, names, transitions, and the variables of scopes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flowgen.asl.validation.maps import PROCESSORS
from flowgen.asl.validation.queries import JSONATA, JSONPATH, MAX_NAME, MAX_SECONDS, check_number
from flowgen.asl.validation.report import Place, Problem, Report
from flowgen.asl.validation.states import check_state, state_language

# "The states are too deeply nested" is a diagnostic of the service; the maximum depth is undocumented.
MAX_DEPTH = 50

_TOP_LEVEL = ("Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version")
_NESTED = ("Comment", "StartAt", "States")
_MISSING = "MISSING_TRANSITION_TARGET"


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the states in one `States` field share."""

    report: Report
    language: str
    names: dict[str, Place]
    labels: dict[str, Place]
    outer_variables: frozenset[str]
    depth: int


def check_definition(definition: dict[str, Any], report: Report) -> None:
    """The whole definition."""
    report.unsupported((), definition, _TOP_LEVEL)
    if "Comment" in definition:
        report.is_text(("Comment",), definition["Comment"])
    if "Version" in definition:
        report.one_of(("Version",), definition["Version"], "1.0")
    if "TimeoutSeconds" in definition:
        check_number(report, ("TimeoutSeconds",), definition["TimeoutSeconds"], least=1, most=MAX_SECONDS)
    if "QueryLanguage" in definition:
        report.one_of(("QueryLanguage",), definition["QueryLanguage"], JSONPATH, JSONATA)
    language = state_language(definition, JSONPATH)
    _check_machine(_Scope(report, language, {}, {}, frozenset(), 0), (), definition)


def _check_machine(scope: _Scope, place: Place, machine: dict[str, Any]) -> None:
    report = scope.report
    report.required(place, machine, "States", "StartAt")
    if scope.depth > MAX_DEPTH:
        report.error(place, "The states are too deeply nested", "TOO_DEEPLY_NESTED")
        return
    states = machine.get("States", {})
    if not report.is_object((*place, "States"), states):
        return
    for name, state in states.items():
        _check_name(scope, (*place, "States", name), name)
        check_state(report, (*place, "States", name), state, scope.language, scope.labels)
    assigned = dict(_assignments((*place, "States"), states))
    for name in sorted(scope.outer_variables & assigned.keys()):
        # The specification forbids it, but the service creates such a state machine.
        report.warn(assigned[name], f"Variable '{name}' is also defined in an outer scope", "VARIABLE_OF_OUTER_SCOPE")
    inner = replace(scope, outer_variables=scope.outer_variables | assigned.keys(), depth=scope.depth + 1)
    for name, state in states.items():
        if isinstance(state, dict):
            _check_nested(inner, (*place, "States", name), state)
    _check_transitions(report, place, machine, states)


def _check_name(scope: _Scope, place: Place, name: str) -> None:
    if not name or len(name) > MAX_NAME:
        words = f"The state name '{name}' exceeds the {MAX_NAME}-character limit allowed by the service"
        scope.report.error(place, words if name else "A state must have a name", "INVALID_STATE_NAME")
    if name in scope.names:
        scope.report.error(place, f"Duplicate State name: {name}", "DUPLICATE_STATE_NAME")
    scope.names.setdefault(name, place)


def _check_nested(scope: _Scope, place: Place, state: dict[str, Any]) -> None:
    branches = state.get("Branches") if state.get("Type") == "Parallel" else None
    if branches is not None and scope.report.is_list((*place, "Branches"), branches):
        for at, branch in enumerate(branches):
            _check_inner(scope, (*place, "Branches", at), branch, _NESTED)
    if state.get("Type") == "Map":
        for name in PROCESSORS:
            if name in state:
                # The child executions of a distributed Map cannot see the parent's variables.
                inner = replace(scope, outer_variables=frozenset()) if _is_distributed(state[name]) else scope
                _check_inner(inner, (*place, name), state[name], (*_NESTED, "ProcessorConfig"))


def _is_distributed(processor: Any) -> bool:
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"


def _check_inner(scope: _Scope, place: Place, machine: Any, fields: tuple[str, ...]) -> None:
    if scope.report.is_object(place, machine):
        scope.report.unsupported(place, machine, fields)
        if "Comment" in machine:
            scope.report.is_text((*place, "Comment"), machine["Comment"])
        _check_machine(scope, place, machine)


def _assignments(place: Place, states: dict[str, Any]) -> Iterator[tuple[str, Place]]:
    """The variables that the states of a scope assign, with their positions."""
    for name, state in states.items():
        if not isinstance(state, dict):
            continue
        holders: list[tuple[Place, Any]] = [((*place, name), state)]
        for field in ("Choices", "Catch"):
            inner = state.get(field)
            if isinstance(inner, list):
                holders.extend(((*place, name, field, at), item) for at, item in enumerate(inner))
        for here, holder in holders:
            assign = holder.get("Assign") if isinstance(holder, dict) else None
            if isinstance(assign, dict):
                yield from ((key.removesuffix(".$"), (*here, "Assign", key)) for key in assign)


def _transitions(place: Place, state: dict[str, Any]) -> Iterator[tuple[Place, Any]]:
    """The targets of a state, each with the position of its field."""
    for name in ("Next", "Default"):
        if name in state:
            yield (*place, name), state[name]
    for field in ("Choices", "Catch"):
        inner = state.get(field)
        for at, item in enumerate(inner if isinstance(inner, list) else ()):
            if isinstance(item, dict) and "Next" in item:
                yield (*place, field, at, "Next"), item["Next"]


def _check_transitions(report: Report, place: Place, machine: dict[str, Any], states: dict[str, Any]) -> None:
    targets: dict[str, list[str]] = {}
    for name, state in states.items():
        if isinstance(state, dict):
            here = (*place, "States", name)
            targets[name] = [
                target for field, target in _transitions(here, state) if _is_state(report, field, target, states)
            ]
    starts = "StartAt" in machine and _is_state(report, (*place, "StartAt"), machine["StartAt"], states)
    # Measured: the service reports a missing end without a position, and then no unreachable states. It accepts a
    # nested state machine without an end.
    if not place and states and not any(_may_end(state) for state in states.values()):
        report.problems.append(Problem("MISSING_END_STATE", "", "Workflow has no terminal state"))
    elif starts:
        for name in _unreachable(machine["StartAt"], states, targets):
            report.error((*place, "States", name), f'State "{name}" is not reachable.', _MISSING)


def _is_state(report: Report, place: Place, target: Any, states: dict[str, Any]) -> bool:
    if not report.is_text(place, target):
        return False
    if target not in states:
        report.error(place, f"Missing 'Next' target: {target}", _MISSING)
    return target in states


def _unreachable(start: str, states: dict[str, Any], targets: dict[str, list[str]]) -> list[str]:
    reached, pending = {start}, [start]
    while pending:
        new = set(targets.get(pending.pop(), ())) - reached
        reached |= new
        pending.extend(new)
    return [name for name in states if name not in reached]


def _may_end(state: Any) -> bool:
    """Whether the machine ends in the state, or would if its missing fields were added."""
    if not isinstance(state, dict) or state.get("End") is True or state.get("Type") in ("Succeed", "Fail"):
        return True
    return "Next" not in state and state.get("Type") != "Choice"
