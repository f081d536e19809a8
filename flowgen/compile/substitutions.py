"""What is known only when the stack is deployed: placeholders in the machine, and what CloudFormation puts there.

The keys of `DefinitionSubstitutions` (CloudFormation, `AWS::StepFunctions::StateMachine`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.jsonata.parsing import Reference
from flowgen.model import Intrinsic, Step, Workflow, every_step, undoing_of
from flowgen.model.expressions import expressions_of, values_of
from flowgen.model.values import intrinsics_in
from flowgen.source import plain

NUMBER = "#number"
LIST = "#list"


def placeholder(value: Intrinsic) -> str:
    """The text in the machine that CloudFormation replaces: `${Table}` for `!Ref Table`."""
    return f"${{{_key(plain(value.node))}}}"


def _key(content: Any) -> str:
    match content:
        case {"Ref": str() as name}:
            return name.replace("::", "_")
        case {"Fn::GetAtt": [str() as name, str() as attribute]}:
            # Logical ids have no `_`, so that no resource is called like another's attribute.
            return f"{name}_{attribute.replace('.', '_')}"
        case _:
            text = json.dumps(content, sort_keys=True)
            return f"Value{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def stack_value(reference: Reference, kinds: Mapping[str, str]) -> tuple[int, str]:
    """The JSONata of `$parameters.NAME`, `$resources.NAME` or `$resources.NAME.Attr`, and where that text ends.

    `kinds` gives the type of a parameter under `parameters.NAME`.
    """
    name, *rest = reference.path
    if reference.name == "resources":
        if rest:
            return reference.path_ends[1], f"'${{{name}_{rest[0]}}}'"
        return reference.path_ends[0], f"'${{{name}}}'"
    text = f"'${{{name}}}'"
    kind = kinds.get(f"parameters.{name}", "")
    made = f"$number({text})" if kind == "Number" else f"$split({text}, ',')" if "List" in kind else text
    return reference.path_ends[0], made


def parameter_kinds(workflow: Workflow) -> dict[str, str]:
    return {f"parameters.{name}": declared.type for name, declared in workflow.parameters.items()}


def substitutions(workflow: Workflow) -> dict[str, Any]:
    """The keys of a machine's placeholders, and the CloudFormation value of each; its functions are not among them.

    A value of `DefinitionSubstitutions` is no list: the items of a parameter that is one are joined by commas.
    """
    lists = {name for name, declared in workflow.parameters.items() if "List" in declared.type}
    found: dict[str, Any] = {}
    for content in _contents(workflow):
        is_list = content.get("Ref") in lists if isinstance(content, Mapping) else False
        found[_key(content)] = {"Fn::Join": [",", content]} if is_list else content
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
