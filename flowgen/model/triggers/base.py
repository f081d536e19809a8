"""What triggers share: the input that they start the workflow with, references to resources, patterns, retries."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from flowgen.diagnostics import Span
from flowgen.model.element import Element, Read, Reading, Unread
from flowgen.model.leaves import DurationField, FlagField, TextField, Whole
from flowgen.model.values import Expression, Intrinsic, Literal, Value, read_value
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of, plain

STACK = ("parameters", "resources")
"""Names in expressions that are CloudFormation's."""


def read_resource(node: Node, reading: Reading) -> Value:
    """A resource: its ARN or name, a value of CloudFormation, `$parameters.Name` or `$resources.Name`."""
    value = read_value(node, reading)
    match value:
        case Literal(value=str()) | Intrinsic():
            return value
        case Expression(syntax=syntax) if syntax.references and all(one.name in STACK for one in syntax.references):
            return value
        case _:
            raise reading.refuse(
                "FG102",
                f"a resource is wanted here, not {kind_of(node)}"
                if not isinstance(value, Expression)
                else "which resource this is must be known when the stack is deployed",
                node,
                help="write `!Ref Name`, `!GetAtt Name.Arn`, an ARN, or `${ $parameters.Name }`",
            )


ResourceField = Annotated[Value, Read(read_resource)]


def read_pattern(node: Node, reading: Reading) -> dict[str, Any]:
    """A pattern as it is written, CloudFormation's tags in long form."""
    content = plain(node)
    if not isinstance(node, Mapping) or not isinstance(content, dict):
        raise reading.refuse(
            "FG102", f"a pattern is a mapping of fields to what they may be, not {kind_of(node)}", node
        )
    return content


PatternField = Annotated[dict[str, Any], Read(read_pattern)]


class Delivery(Element):
    """How often and how long AWS tries to start the workflow, before the event goes to the dead-letter queue."""

    what: ClassVar[str] = "a retry"

    attempts: Annotated[int | None, Read(Whole(0, 185))] = Field(None, description="Retries after the first try.")
    max_age: DurationField | None = Field(
        None, description="How old an event may be to be tried again: from one minute to one day."
    )


class Batching(Element):
    """How many records one execution gets, as an array."""

    what: ClassVar[str] = "a batch"

    size: Annotated[int, Read(Whole(1, 10_000))] = Field(description="Records at most.", examples=[10])
    window: DurationField | None = Field(None, description="How long to wait for more, at most five minutes.")


def read_batch(node: Node, reading: Reading) -> Batching | None:
    """`10`, or a mapping."""
    if isinstance(node, Scalar):
        size = Whole(1, 10_000)(node, reading)
        return Batching.made(Mapping(node.origin, node.start, node.end, ()), size=size)
    batching = Batching.read(node, reading)
    if batching is None:
        raise Unread
    return batching


BatchField = Annotated[
    Batching | None,
    Read(read_batch, "Records of one execution, whose input is then an array: a number, or a mapping."),
]


def read_filters(node: Node, reading: Reading) -> tuple[dict[str, Any], ...]:
    """One pattern, or a list of which one must hold."""
    items = node.items if isinstance(node, Sequence) else (node,)
    if not items:
        raise reading.refuse("FG102", "the list of patterns is empty", node)
    return tuple(read_pattern(item, reading) for item in items)


FiltersField = Annotated[
    tuple[dict[str, Any], ...],
    Read(read_filters, "A pattern of what starts the workflow, or a list of which one must hold."),
]


class TriggerBase(Element):
    """What may stand beside every kind."""

    kind: ClassVar[str]

    description: TextField | None = Field(None, description="What it is for; goes into the stack.")
    enabled: FlagField = Field(True, description="Whether it starts anything.")
    argument: Annotated[
        Value | None,
        Read(
            read_value,
            "The workflow's input, made of `$event`: paths into it, texts with paths in them, constants.",
        ),
    ] = Field(None, alias="with")


def kind_span(trigger: TriggerBase) -> Span:
    """Where the value of the trigger's kind stands."""
    return trigger.span_of(trigger.kind)
