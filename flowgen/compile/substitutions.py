"""Values that are known only at deployment: placeholders in the machine, and the CloudFormation values for them.

The keys of `DefinitionSubstitutions` (CloudFormation, `AWS::StepFunctions::StateMachine`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.jsonata.parsing import Reference
from flowgen.model import Intrinsic, Step, Workflow, every_step, undoing_of
from flowgen.model.expressions import expressions_of, values_of
from flowgen.model.values import intrinsics_in
from flowgen.source import plain

ENCODED = "_Encoded"
"""The suffix of the key of an encoded value. Logical ids have no `_`, so it cannot collide with another key."""

_CODES = {"%": "%25", "'": "%27", '"': "%22", "\\": "%5C", "$": "%24", "\n": "%0A", "\r": "%0D", "\t": "%09"}
"""Characters that could end a string in JSON or JSONata, or start a placeholder; `%` must be first."""


# See docs/explanation/decisions.md#parameters-are-percent-encoded
def encoded(text: str) -> str:
    """A parameter's value, encoded for the machine: no character of it can be read as JSON or JSONata.

    The machine decodes it with `$decodeUrlComponent`.

    >>> encoded("it's 5%")
    'it%27s 5%25'
    """
    for character, code in _CODES.items():
        text = text.replace(character, code)
    return text


def _encoded_content(content: Any) -> Any:
    """The same for a CloudFormation value. CloudFormation can only replace text by splitting and joining it."""
    for character, code in _CODES.items():
        content = {"Fn::Join": [code, {"Fn::Split": [character, content]}]}
    return content


def _decoded(key: str) -> str:
    return f"$decodeUrlComponent('${{{key}{ENCODED}}}')"


def placeholder(value: Intrinsic) -> str:
    """The placeholder in the machine that CloudFormation replaces: `${Table}` for `!Ref Table`."""
    return f"${{{_key(plain(value.node))}}}"


def is_open(value: Intrinsic, kinds: Mapping[str, str]) -> bool:
    """Whether the deployment determines the text: it contains a parameter that is not a number."""
    return _holds_text(plain(value.node), kinds)


def intrinsic(value: Intrinsic, kinds: Mapping[str, str]) -> str:
    """The JSONata of an intrinsic function."""
    return _decoded(_key(plain(value.node))) if is_open(value, kinds) else f"'{placeholder(value)}'"


_IN_SUB = re.compile(r"\$\{([A-Za-z0-9]+)\}")


def _holds_text(content: Any, kinds: Mapping[str, str]) -> bool:
    match content:
        case {"Ref": str() as name}:
            return kinds.get(f"parameters.{name}", "Number") != "Number"
        case {"Fn::Sub": str() as text} | {"Fn::Sub": [str() as text, *_]} if any(
            kinds.get(f"parameters.{name}", "Number") != "Number" for name in _IN_SUB.findall(text)
        ):
            return True
        case dict():
            return any(_holds_text(inner, kinds) for inner in content.values())
        case list():
            return any(_holds_text(inner, kinds) for inner in content)
        case _:
            return False


def _key(content: Any) -> str:
    match content:
        case {"Ref": str() as name}:
            return name.replace("::", "_")
        case {"Fn::GetAtt": [str() as name, str() as attribute]}:
            # Logical ids have no `_`, so that no resource can be named like another's attribute.
            return f"{name}_{attribute.replace('.', '_')}"
        case _:
            text = json.dumps(content, sort_keys=True)
            return f"Value{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def stack_value(reference: Reference, kinds: Mapping[str, str]) -> tuple[int, str]:
    """The JSONata of `$parameters.NAME`, `$resources.NAME` or `$resources.NAME.Attr`, and the end offset of that text.

    `kinds` maps `parameters.NAME` to the type of the parameter.
    """
    name, *rest = reference.path
    if reference.name == "resources":
        if rest:
            return reference.path_ends[1], f"'${{{name}_{rest[0]}}}'"
        return reference.path_ends[0], f"'${{{name}}}'"
    kind = kinds.get(f"parameters.{name}", "")
    if kind == "Number":
        return reference.path_ends[0], f"$number('${{{name}}}')"
    text = _decoded(name)
    return reference.path_ends[0], f"$split({text}, ',')" if "List" in kind else text


def parameter_kinds(workflow: Workflow) -> dict[str, str]:
    return {f"parameters.{name}": declared.type for name, declared in workflow.parameters.items()}


# See docs/explanation/decisions.md#placeholders-use-cloudformations-syntax
def substitutions(workflow: Workflow) -> dict[str, Any]:
    """The keys of a machine's placeholders, except those of functions, and the CloudFormation value of each.

    A value of `DefinitionSubstitutions` cannot be a list: the items of a list parameter are joined by commas.
    """
    lists = {name for name, declared in workflow.parameters.items() if "List" in declared.type}
    found: dict[str, Any] = {}
    kinds = parameter_kinds(workflow)
    for content in _contents(workflow):
        is_list = content.get("Ref") in lists if isinstance(content, Mapping) else False
        text = {"Fn::Join": [",", content]} if is_list else content
        if _holds_text(content, kinds):
            found[f"{_key(content)}{ENCODED}"] = _encoded_content(text)
        else:
            found[_key(content)] = text
    return dict(sorted(found.items()))


def _with_undoing(workflow: Workflow) -> Iterator[Step]:
    for step in every_step(workflow):
        yield step
        undoing = undoing_of(step)
        if undoing is not None:
            yield undoing


def _contents(workflow: Workflow) -> Iterator[Any]:
    for step in _with_undoing(workflow):
        for value in values_of(step):
            for intrinsic in intrinsics_in(value):
                yield plain(intrinsic.node)
        for expression in expressions_of(step):
            for reference in expression.syntax.references:
                if reference.name == "parameters" or (reference.name == "resources" and len(reference.path) == 1):
                    yield {"Ref": reference.path[0]}
                elif reference.name == "resources":
                    yield {"Fn::GetAtt": [reference.path[0], reference.path[1]]}
