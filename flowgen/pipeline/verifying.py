"""Whether an imported workflow behaves like the state machine that it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowgen.asl.intrinsics import is_call
from flowgen.comparing import Comparison, compare
from flowgen.comparing.placeholders import NUMBER_FIELDS, number_of
from flowgen.importing.expressions import is_expression, is_number_placeholder
from flowgen.local.failures import InvalidDefinition
from flowgen.pipeline.build import Build, Source, Sources
from flowgen.project import Found, Project

if TYPE_CHECKING:
    from flowgen.importing.workflow import Values

UNNAMED_ERROR = "Failed"
"""What an imported workflow fails with where the state machine has a Fail state without Error."""
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
_ANY_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}")
_SUBSTITUTED = re.compile(r"\$\{([A-Za-z0-9]+|AWS::[A-Za-z]+)\}")


def verify(original: Mapping[str, Any], text: str, values: Values | None = None, *, runs: int) -> Comparison | str:
    """Runs a state machine and the workflow in `text` side by side; a sentence if one of them cannot run."""
    source = Source(Found(Project(Path()), Path("workflow.yaml"), "workflow.yaml"), text, Sources(Path()), alone=True)
    if source.build is None:
        return "the workflow cannot be read"
    known = _values(original, source.build, values.parameters if values is not None else {})
    connections = values.connections if values is not None else {}
    steps = values.steps if values is not None else {}
    try:
        return compare(
            _renamed(_with_values(_expressible(original), known), steps),
            deployed(source.build, known.parameters, connections),
            runs=runs,
        )
    except InvalidDefinition as error:
        return f"the state machine cannot run here: {error}"


def _expressible(original: Mapping[str, Any]) -> Mapping[str, Any]:
    """A definition without listed differences: a parameter as timeout, and Fail states without Error."""
    kept = {name: value for name, value in original.items() if name != "TimeoutSeconds" or not isinstance(value, str)}
    made: dict[str, Any] = _with_errors(kept)
    return made


def _with_errors(value: Any) -> Any:
    """A definition in which each Fail state has an error: the report lists those that have none."""
    if isinstance(value, list):
        return [_with_errors(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    made = {name: _with_errors(member) for name, member in value.items()}
    unnamed = value.get("Type") == "Fail" and not {"Error", "ErrorPath"} & value.keys()
    return {**made, "Error": UNNAMED_ERROR} if unnamed else made


@dataclass(frozen=True, slots=True)
class _Known:
    """The texts of the placeholders that are not themselves (`${Limit}`: `3`), and those of all parameters."""

    placeholders: Mapping[str, str]
    parameters: Mapping[str, str]


def _values(original: Mapping[str, Any], build: Build, parameters: Mapping[str, str]) -> _Known:
    """The same texts for both machines. A comparison cannot run an expression that has a placeholder in it."""
    made: dict[str, str] = {}
    texts = dict(parameters)
    computed = set(_computed(original))
    for name, declared in build.workflow.parameters.items():
        text = parameters.get(name, f"${{{name}}}")
        if declared.type == "Number":
            made[text] = texts[name] = str(number_of(text))
        elif text in computed:
            made[text] = texts[name] = re.sub(r"\W", "", text) or "x"
    return _Known(made, texts)


def _computed(value: Any) -> Iterator[str]:
    """The placeholders in the expressions and intrinsic functions of a definition."""
    if isinstance(value, str) and (is_expression(value) or is_call(value)):
        yield from _ANY_PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _computed(one)


def _renamed(scope: Mapping[str, Any], steps: Mapping[str, str]) -> dict[str, Any]:
    """A machine whose states have the names of their steps, which the context passes on to what they call."""

    def following(value: Mapping[str, Any]) -> dict[str, Any]:
        made = dict(value)
        for name in ("StartAt", "Next", "Default"):
            if isinstance(made.get(name), str):
                made[name] = steps.get(made[name], made[name])
        return made

    def state(value: Mapping[str, Any]) -> dict[str, Any]:
        made = following(value)
        for name in ("Choices", "Catch"):
            if name in made:
                made[name] = [following(one) for one in made[name]]
        if "Branches" in made:
            made["Branches"] = [_renamed(one, steps) for one in made["Branches"]]
        for name in ("ItemProcessor", "Iterator"):
            if name in made:
                made[name] = _renamed(made[name], steps)
        return made

    states = {steps.get(name, name): state(value) for name, value in scope["States"].items()}
    return {**following(scope), "States": states}


def _with_values(value: Any, known: _Known) -> Any:
    """A definition with the texts of placeholders, except where a comparison itself makes a number of one."""
    if isinstance(value, list):
        return [_with_values(item, known) for item in value]
    if not isinstance(value, Mapping):
        if not isinstance(value, str):
            return value
        return _ANY_PLACEHOLDER.sub(lambda found: known.placeholders.get(found[0], found[0]), value)
    made = {}
    for name, member in value.items():
        is_number = is_number_placeholder(member) and (name in NUMBER_FIELDS or name.startswith("Numeric"))
        made[name] = member if is_number else _with_values(member, known)
    return made


def deployed(build: Build, parameters: Mapping[str, str], connections: Mapping[str, str]) -> dict[str, Any]:
    """The state machine of a workflow as CloudFormation deploys it.

    `parameters` and `connections` are values by name; any other parameter has a placeholder with its own name as value.
    """
    from flowgen.compile import function_placeholder
    from flowgen.compile.names import connection_placeholder
    from flowgen.compile.substitutions import ENCODED, encoded, substitutions

    values: dict[str, str] = {}
    for key, content in substitutions(build.workflow).items():
        text = _text(_decoded(content), parameters)
        values[key] = encoded(text) if key.endswith(ENCODED) else text
    for name, function in build.workflow.functions.items():
        if function.arn is not None:
            values[function_placeholder(name)] = _text(function.arn, parameters)
        elif not isinstance(function.activity, bool):
            values[function_placeholder(name, activity=True)] = _text(function.activity, parameters)
    for connection, target in connections.items():
        values[connection_placeholder(connection)] = target
    filled: dict[str, Any] = _filled(build.definition, values)
    return filled


def _decoded(content: Any) -> Any:
    """The content of an encoded value: without the chain of splits and joins around it."""
    match content:
        case {"Fn::Join": [str(), {"Fn::Split": [str(), inner]}]}:
            return _decoded(inner)
        case _:
            return content


def _text(content: Any, names: Mapping[str, str]) -> str:
    """A CloudFormation value in which each parameter is its text in the original."""
    match content:
        case str():
            return content
        case {"Ref": str() as name}:
            return names.get(name, f"${{{name}}}")
        case {"Fn::Sub": str() as text}:
            return _SUBSTITUTED.sub(lambda found: names.get(found[1], found[0]), text)
        case {"Fn::Join": [str() as separator, [*parts]]}:
            return separator.join(_text(part, names) for part in parts)
        case _:
            return json.dumps(content)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, values) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), value)
    return value
