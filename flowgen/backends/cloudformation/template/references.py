"""Checks that what a user's tags and intrinsic functions refer to exists in the template."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from flowgen.aws.resource_attributes import attributes_of
from flowgen.backends.cloudformation.intrinsics import SUBSTITUTED
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.diagnostics import Diagnostic, Span, did_you_mean, replacing
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

_WRITTEN = ("resources", "outputs", "conditions", "policies", "functions", "overrides")
"""Sections read separately: with imported declarations, or because functions may have their long form there."""
_LONG = {"Ref": "Ref", "Condition": "Condition"} | {
    f"Fn::{name}": name for name in ("GetAtt", "Sub", "If", "FindInMap")
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a `value` (a parameter or resource), a `condition` or a `mapping` of the template.

    `span` is the value that contains it, `name_span` only the name.
    """

    kind: str
    name: str
    span: Span
    name_span: Span
    attribute: str | None = None
    """The attribute in `!GetAtt`, if it is written out."""
    attribute_span: Span | None = None
    is_order: bool = False
    """Whether it is a `DependsOn`, which only sets the order."""

    @classmethod
    def of(cls, kind: str, scalar: Scalar) -> Reference:
        """A value that is only the name."""
        return cls(kind, scalar.text, scalar.span, scalar.part(0, len(scalar.text)))


def check_references(
    stack: WorkflowStack, values: Callable[[str], bool], names: Mapping[str, str]
) -> Iterator[Diagnostic]:
    """FG503 for each reference in a workflow to something that does not exist.

    `values` says whether a logical id or parameter exists; `names` are candidates for suggestions.
    """
    known: dict[str, Callable[[str], bool]] = {
        "value": lambda name: name in PSEUDO or values(name),
        "condition": stack.workflow.conditions.__contains__,
        "mapping": stack.workflow.mappings.__contains__,
    }
    own = {"value": [*names, *PSEUDO], "condition": stack.workflow.conditions, "mapping": stack.workflow.mappings}
    what = {"value": "parameter or resource", "condition": "condition", "mapping": "mapping"}
    for reference in references(stack.workflow):
        if not known[reference.kind](reference.name):
            guess = did_you_mean(reference.name, own[reference.kind])
            yield Diagnostic(
                "FG503",
                f"the stack has no {what[reference.kind]} `{reference.name}`",
                reference.span,
                "not declared",
                help=f"did you mean `{guess}`?" if guess else f"declare it under `{_SECTIONS[reference.kind]}`",
                fix=replacing(reference.name_span, guess),
            )
        elif reference.attribute is not None:
            yield from _check_attribute(stack.workflow, reference, reference.attribute)


def _check_attribute(workflow: Workflow, reference: Reference, attribute: str) -> Iterator[Diagnostic]:
    """FG503 for an attribute that a declared resource does not have."""
    declared = workflow.resources.get(reference.name)
    resource_type = str(declared.content.get("Type")) if declared is not None else ""
    attributes = attributes_of(resource_type)
    if attributes is None or attribute in attributes or any(name.startswith(f"{attribute}.") for name in attributes):
        return
    guess = did_you_mean(attribute, sorted(attributes))
    has = f"attributes are {listed(sorted(attributes))}" if attributes else "this type has no attributes: use `!Ref`"
    yield Diagnostic(
        "FG503",
        f"`{reference.name}` has no attribute `{attribute}`",
        reference.span,
        f"a resource of type `{resource_type}`",
        help=f"did you mean `{guess}`?" if guess else has,
        fix=None if reference.attribute_span is None else replacing(reference.attribute_span, guess),
    )


_SECTIONS = {"value": "parameters` or `resources", "condition": "conditions", "mapping": "mappings"}


def references(workflow: Workflow) -> Iterator[Reference]:
    """The references in a workflow and its imports, with their spans."""
    for entry in workflow.node.entries:
        if entry.key.text not in _WRITTEN:
            yield from _in(entry.value, long=False)
    for function in workflow.functions.values():  # those of imported files too
        yield from _in(function.node, long=False)
    yield from (found for statement in _policies(workflow) for found in _in(statement, long=True))
    for override in workflow.overrides:
        yield from _attributes({entry.key.text: entry.value for entry in override.attributes})
        yield from (found for entry in override.entries for found in _in(entry.value, long=True))
    for section in ("resources", "outputs", "conditions"):
        declared: Mapping[str, Declared] = getattr(workflow, section)
        for declaration in declared.values():
            if section != "conditions" and isinstance(declaration.node, MappingNode):
                yield from _attributes({entry.key.text: entry.value for entry in declaration.node.entries})
            yield from _in(declaration.node, long=True)


def _policies(workflow: Workflow) -> Iterator[Node]:
    written = workflow.node.get("policies")
    if written is not None:
        yield written


def _attributes(attributes: Mapping[str, Node]) -> Iterator[Reference]:
    """References in `Condition` and `DependsOn` of a resource or output."""
    condition = attributes.get("Condition")
    if isinstance(condition, Scalar):
        yield Reference.of("condition", condition)
    after = attributes.get("DependsOn")
    for item in after.items if isinstance(after, Sequence) else [after]:
        if isinstance(item, Scalar):
            yield replace(Reference.of("value", item), is_order=True)


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
    """What a function itself refers to; nested functions are visited separately."""
    first = node.items[0] if isinstance(node, Sequence) and node.items else node
    if not isinstance(first, Scalar) or not isinstance(first.value, str):
        return
    text = first.value
    match tag:
        case "Ref":
            yield Reference.of("value", first)
        case "GetAtt":
            second = node.items[1] if isinstance(node, Sequence) and len(node.items) > 1 else None
            name, _, attribute = text.partition(".")
            span = first.part(len(name) + 1, len(text))
            if isinstance(second, Scalar) and isinstance(second.value, str):
                attribute, span = second.value, second.part(0, len(second.value))
            yield Reference("value", name, first.span, first.part(0, len(name)), attribute or None, span)
        case "Condition":
            yield Reference.of("condition", first)
        case "If" if isinstance(node, Sequence):
            yield Reference.of("condition", first)
        case "FindInMap" if isinstance(node, Sequence):
            yield Reference.of("mapping", first)
        case "Sub":
            own = node.items[1] if isinstance(node, Sequence) and len(node.items) > 1 else None
            local = {entry.key.text for entry in own.entries} if isinstance(own, MappingNode) else set()
            for found in SUBSTITUTED.finditer(text):
                if found[1] not in local:
                    yield _substituted(first, found)
        case _:
            pass


def _substituted(scalar: Scalar, found: re.Match[str]) -> Reference:
    """The reference of a variable in `!Sub`, such as `Orders.Arn`."""
    name, _, attribute = found[1].partition(".")

    def part(text: str, start: int) -> Span:
        start += len(text) - len(text.lstrip())
        return scalar.part(start, start + len(text.strip()))

    spans = part(name, found.start(1)), part(attribute, found.start(1) + len(name) + 1)
    return Reference("value", name.strip(), scalar.span, spans[0], attribute.strip() or None, spans[1])
