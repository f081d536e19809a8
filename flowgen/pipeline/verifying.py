"""Whether an imported workflow behaves like the state machine that it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flowgen.comparing import Comparison, compare
from flowgen.local.failures import InvalidDefinition
from flowgen.pipeline.build import Build, Source, Sources
from flowgen.project import Found, Project

UNNAMED_ERROR = "Failed"
"""What an imported workflow fails with where the state machine has a Fail state without Error."""
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
_SUBSTITUTED = re.compile(r"\$\{([A-Za-z0-9]+|AWS::[A-Za-z]+)\}")


def verify(original: Mapping[str, Any], text: str, *, runs: int) -> Comparison | str:
    """Runs a state machine and the workflow in `text` side by side; a sentence if one of them cannot run."""
    source = Source(Found(Project(Path()), Path("workflow.yaml"), "workflow.yaml"), text, Sources(Path()), alone=True)
    if source.build is None:
        return "the workflow cannot be read"
    try:
        return compare(_with_errors(original), deployed(source.build, placeholders(original)), runs=runs)
    except InvalidDefinition as error:
        return f"the state machine cannot run here: {error}"


def _with_errors(value: Any) -> Any:
    """A definition in which each Fail state has an error: the report lists those that have none."""
    if isinstance(value, list):
        return [_with_errors(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    made = {name: _with_errors(member) for name, member in value.items()}
    unnamed = value.get("Type") == "Fail" and not {"Error", "ErrorPath"} & value.keys()
    return {**made, "Error": UNNAMED_ERROR} if unnamed else made


def placeholders(value: Any) -> Iterable[str]:
    """The names in the placeholders of a definition: `Table.Arn` of `${Table.Arn}`."""
    return dict.fromkeys(re.findall(r"\$\{([^{}]*)\}", json.dumps(value, ensure_ascii=False)))


def deployed(build: Build, known: Iterable[str]) -> dict[str, Any]:
    """The state machine of a workflow as CloudFormation deploys it, if each parameter has its placeholder as value.

    `known` are the names in the placeholders of the original, from which parameters got their names.
    """
    from flowgen.compile import function_placeholder
    from flowgen.compile.substitutions import ENCODED, encoded, substitutions
    from flowgen.importing.expressions import parameter_name

    names = {parameter_name(name): name for name in known}
    values: dict[str, str] = {}
    for key, content in substitutions(build.workflow).items():
        text = _text(_decoded(content), names)
        values[key] = encoded(text) if key.endswith(ENCODED) else text
    for name, function in build.workflow.functions.items():
        if function.arn is not None:
            values[function_placeholder(name)] = _text(function.arn, names)
        elif not isinstance(function.activity, bool):
            values[function_placeholder(name, activity=True)] = _text(function.activity, names)
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
    """A CloudFormation value in which each parameter is its placeholder in the original."""
    match content:
        case str():
            return content
        case {"Ref": str() as name}:
            return f"${{{names.get(name, name)}}}"
        case {"Fn::Sub": str() as text}:
            return _SUBSTITUTED.sub(lambda found: f"${{{names.get(found[1], found[1])}}}", text)
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
