"""What a user's tags and intrinsic functions refer to, looked for among all that the template has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from flowgen.aws.resource_attributes import attributes_of
from flowgen.backends.cloudformation.units import Unit
from flowgen.diagnostics import Diagnostic, Span, did_you_mean
from flowgen.model import Workflow
from flowgen.model.cloudformation import Declared
from flowgen.model.element import listed
from flowgen.source import Mapping as MappingNode
from flowgen.source import Node, Scalar, Sequence, Tagged

PSEUDO = frozenset(
    f"AWS::{name}"
    for name in ("AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)
"""CloudFormation user guide, "Get AWS values using pseudo parameters"."""

_WRITTEN = ("resources", "outputs", "conditions", "policies")
"""Sections that are CloudFormation throughout, so that functions may stand there in their long form."""
_LONG = {"Ref": "Ref", "Condition": "Condition"} | {
    f"Fn::{name}": name for name in ("GetAtt", "Sub", "If", "FindInMap")
}
_SUB = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that a template must have as a `value` (a parameter or resource), a `condition` or a `mapping`."""

    kind: str
    name: str
    span: Span
    attribute: str | None = None
    """What `!GetAtt` asks of a resource, as far as it is written out."""


def check_references(unit: Unit, values: Callable[[str], bool], names: Mapping[str, str]) -> Iterator[Diagnostic]:
    """FG503: each reference of a workflow is to something that is there.

    `values` tells whether a logical id or a parameter is; `names` are those that may have been meant.
    """
    known: dict[str, Callable[[str], bool]] = {
        "value": lambda name: name in PSEUDO or values(name),
        "condition": unit.workflow.conditions.__contains__,
        "mapping": unit.workflow.mappings.__contains__,
    }
    own = {"value": [*names, *PSEUDO], "condition": unit.workflow.conditions, "mapping": unit.workflow.mappings}
    what = {"value": "parameter or resource", "condition": "condition", "mapping": "mapping"}
    for reference in references(unit.workflow):
        if not known[reference.kind](reference.name):
            guess = did_you_mean(reference.name, own[reference.kind])
            yield Diagnostic(
                "FG503",
                f"the stack has no {what[reference.kind]} `{reference.name}`",
                reference.span,
                "not declared",
                help=f"did you mean `{guess}`?" if guess else f"declare it under `{_SECTIONS[reference.kind]}`",
            )
        elif reference.attribute is not None:
            yield from _check_attribute(unit.workflow, reference, reference.attribute)


def _check_attribute(workflow: Workflow, reference: Reference, attribute: str) -> Iterator[Diagnostic]:
    """FG503 for an attribute that a resource of the workflow's own does not have."""
    declared = workflow.resources.get(reference.name)
    resource_type = str(declared.content.get("Type")) if declared is not None else ""
    attributes = attributes_of(resource_type)
    if attributes is None or attribute in attributes or any(name.startswith(f"{attribute}.") for name in attributes):
        return
    guess = did_you_mean(attribute, sorted(attributes))
    has = f"it has {listed(sorted(attributes))}" if attributes else "it has no attributes: write `!Ref`"
    yield Diagnostic(
        "FG503",
        f"`{reference.name}` has no attribute `{attribute}`",
        reference.span,
        f"a resource of the type `{resource_type}`",
        help=f"did you mean `{guess}`?" if guess else has,
    )


_SECTIONS = {"value": "parameters` or `resources", "condition": "conditions", "mapping": "mappings"}


def references(workflow: Workflow) -> Iterator[Reference]:
    """The references of a workflow and of what it imports, each where it stands."""
    for entry in workflow.node.entries:
        if entry.key.text not in _WRITTEN:
            yield from _in(entry.value, long=False)
    yield from (found for one in _policies(workflow) for found in _in(one, long=True))
    for section in ("resources", "outputs", "conditions"):
        declared: Mapping[str, Declared] = getattr(workflow, section)
        for one in declared.values():
            if section != "conditions" and isinstance(one.node, MappingNode):
                yield from _attribute(one.node)
            yield from _in(one.node, long=True)


def _policies(workflow: Workflow) -> Iterator[Node]:
    written = workflow.node.get("policies")
    if written is not None:
        yield written


def _attribute(node: MappingNode) -> Iterator[Reference]:
    """The condition under which a resource or an output is there, and what a resource waits for."""
    condition = node.get("Condition")
    if isinstance(condition, Scalar):
        yield Reference("condition", condition.text, condition.span)
    after = node.get("DependsOn")
    for item in after.items if isinstance(after, Sequence) else [after]:
        if isinstance(item, Scalar):
            yield Reference("value", item.text, item.span)


def _in(node: Node, *, long: bool) -> Iterator[Reference]:
    waiting = [node]
    while waiting:
        match waiting.pop():
            case Tagged(tag=tag, value=value):
                yield from _of(tag, value)
                waiting.append(value)
            case Sequence(items=items):
                waiting += items
            case MappingNode(entries=entries) as written:
                if long and len(entries) == 1 and (named := _LONG.get(entries[0].key.text)) is not None:
                    yield from _of(named, written.entries[0].value)
                waiting += [entry.value for entry in entries]
            case _:
                pass


def _of(tag: str, node: Node) -> Iterator[Reference]:
    """What one function refers to; what stands inside of it is looked at apart."""
    first = node.items[0] if isinstance(node, Sequence) and node.items else node
    if not isinstance(first, Scalar) or not isinstance(first.value, str):
        return
    text = first.value
    match tag:
        case "Ref":
            yield Reference("value", text, first.span)
        case "GetAtt":
            second = node.items[1] if isinstance(node, Sequence) and len(node.items) > 1 else None
            name, _, attribute = text.partition(".")
            if isinstance(second, Scalar) and isinstance(second.value, str):
                attribute = second.value
            yield Reference("value", name, first.span, attribute or None)
        case "Condition":
            yield Reference("condition", text, first.span)
        case "If" if isinstance(node, Sequence):
            yield Reference("condition", text, first.span)
        case "FindInMap" if isinstance(node, Sequence):
            yield Reference("mapping", text, first.span)
        case "Sub":
            own = node.items[1] if isinstance(node, Sequence) and len(node.items) > 1 else None
            local = {entry.key.text for entry in own.entries} if isinstance(own, MappingNode) else set()
            for name in _SUB.findall(text):
                if name not in local:
                    logical, _, attribute = name.partition(".")
                    yield Reference("value", logical.strip(), first.span, attribute.strip() or None)
        case _:
            pass
