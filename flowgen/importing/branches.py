"""The branches of a Parallel state, and what reads their results by position."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowgen.importing.expressions import inner, is_expression
from flowgen.importing.graph import State
from flowgen.importing.naming import snake_case
from flowgen.model.leaves import RESERVED

_RESULT = re.compile(r"\$states\.result\[(\d+)\]")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_BRANCH = "branch__"


def branch_names(state: State) -> tuple[str, ...]:
    """The names of the branches: those of the object that the state makes of their results, or what they do."""
    for template in (state.get("Output"), *(state.get("Assign") or {}).values()):
        found = _selected(template)
        if len(found) == len(state["Branches"]):
            return tuple(found)
    names: list[str] = []
    for index, branch in enumerate(state["Branches"]):
        states, name = branch["States"], branch["StartAt"]
        seen = {name}
        while states[name]["Type"] in ("Pass", "Wait") and states[name].get("Next") not in (None, *seen):
            name = states[name]["Next"]
            seen.add(name)
        wanted = snake_case(name)
        names.append(f"{wanted}_{index + 1}" if wanted in names or wanted in RESERVED else wanted)
    return tuple(names)


def _selected(template: Any) -> list[str]:
    """The keys of an object with the result of each branch, in the order of the branches; empty for others."""
    if not isinstance(template, Mapping):
        return []
    found: dict[int, str] = {}
    for key, value in template.items():
        result = _RESULT.fullmatch(inner(value)) if is_expression(value) else None
        if result is None or not _NAME.fullmatch(key) or "__" in key:
            return []
        found[int(result[1])] = key
    return [found[at] for at in sorted(found)] if sorted(found) == list(range(len(template))) else []


def selects_branches(template: Any) -> bool:
    """Whether a template is the value of the step: an object with the result of each branch."""
    return bool(_selected(template))


def is_whole_result(template: Any) -> bool:
    """Whether a template is the list of all results."""
    return is_expression(template) and inner(template) == "$states.result"


def with_branches(value: Any) -> Any:
    """A template in which the results of single branches have names."""
    if is_expression(value):
        return _RESULT.sub(lambda found: f"$states.result.{_BRANCH}{found[1]}", value)
    if isinstance(value, Mapping):
        return {key: with_branches(one) for key, one in value.items()}
    return [with_branches(one) for one in value] if isinstance(value, list) else value


def result_paths(state: State, text: str) -> dict[tuple[str, ...], str]:
    """The texts of the named results of single branches."""
    return {(f"{_BRANCH}{index}",): f"{text}.{name}" for index, name in enumerate(branch_names(state))}
