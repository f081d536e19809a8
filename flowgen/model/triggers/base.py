"""What triggers share: the workflow's input, references to resources, patterns, retries."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from flowgen.diagnostics import Span
from flowgen.model.accepts import Named, either, one_or_more, ref
from flowgen.model.element import Element, Field, Read, Reading, Unread
from flowgen.model.leaves import DurationField, FlagField, TextField, Whole
from flowgen.model.values import VALUE, Expression, Intrinsic, Literal, Value, ValueField, read_value
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of, plain

STACK = ("parameters", "resources")
"""Names in expressions that belong to CloudFormation."""


def read_resource(node: Node, reading: Reading) -> Value:
    """A resource: its ARN or name, a CloudFormation tag, `$parameters.Name` or `$resources.Name`."""
    value = read_value(node, reading)
    match value:
        case Literal(value=str()) | Intrinsic():
            return value
        case Expression(syntax=syntax) if syntax.references and all(
            reference.name in STACK for reference in syntax.references
        ):
            return value
        case _:
            raise reading.refuse(
                "FG102",
                f"expected a resource, found {kind_of(node)}"
                if not isinstance(value, Expression)
                else "the stack needs this resource at deployment",
                node,
                help="write `!Ref Name`, `!GetAtt Name.Arn`, an ARN, or `${ $parameters.Name }`",
            )


RESOURCE = ref(
    Named(
        "resource",
        {
            "description": "A resource: `!Ref Name`, `!GetAtt Name.Arn`, an ARN, a name, or `${ $parameters.Name }`.",
            # CloudFormation tags resolve to a string, a list or a mapping.
            "type": ["string", "object", "array"],
        },
    )
)
ResourceField = Annotated[Value, Read(read_resource, accepts=RESOURCE)]


def read_pattern(node: Node, reading: Reading) -> dict[str, Any]:
    """A pattern, unchanged except for CloudFormation tags, which are in long form."""
    content = plain(node)
    if not isinstance(node, Mapping) or not isinstance(content, dict):
        raise reading.refuse(
            "FG102", f"a pattern must be a mapping of fields to allowed values, not {kind_of(node)}", node
        )
    return content


PATTERN = ref(
    Named(
        "pattern",
        {
            "description": "An EventBridge pattern: fields, and the allowed values of each.",
            "type": "object",
        },
    )
)
PatternField = Annotated[dict[str, Any], Read(read_pattern, accepts=PATTERN)]


class Delivery(Element):
    """How often and how long AWS tries to start the workflow before the event goes to the dead-letter queue."""

    what: ClassVar[str] = "a retry"

    attempts: Annotated[int | None, Read(Whole(0, 185))] = Field(None, description="Retries after the first attempt.")
    max_age: DurationField | None = Field(
        None, description="The maximum age of an event for a retry: one minute to one day."
    )


_SIZE = Whole(1, 10_000)


class Batching(Element):
    """How many records one execution gets, as an array."""

    what: ClassVar[str] = "a batch"

    size: Annotated[int, Read(_SIZE)] = Field(description="The maximum number of records.", examples=[10])
    window: DurationField | None = Field(None, description="How long to wait for more records, at most five minutes.")


def read_batch(node: Node, reading: Reading) -> Batching | None:
    """`10`, or a mapping."""
    if isinstance(node, Scalar):
        size = _SIZE(node, reading)
        return Batching.made(Mapping(node.origin, node.start, node.end, ()), size=size)
    batching = Batching.read(node, reading)
    if batching is None:
        raise Unread
    return batching


BatchField = Annotated[
    Batching | None,
    Read(
        read_batch,
        "Passes several records to one execution, whose input is an array: a number, or a mapping.",
        accepts=either(_SIZE.accepts, inside=ref(Batching)),
    ),
]


def read_filters(node: Node, reading: Reading) -> tuple[dict[str, Any], ...]:
    """One pattern, or a list of patterns of which one must match."""
    items = node.items if isinstance(node, Sequence) else (node,)
    if not items:
        raise reading.refuse("FG102", "the list of patterns is empty", node)
    return tuple(read_pattern(item, reading) for item in items)


FiltersField = Annotated[
    tuple[dict[str, Any], ...],
    Read(
        read_filters,
        "A pattern for what starts the workflow, or a list of patterns of which one must match.",
        accepts=one_or_more(PATTERN),
    ),
]


class TriggerBase(Element):
    """The keys allowed next to every kind."""

    kind: ClassVar[str]
    service: ClassVar[str]
    """The common name of the service that starts the workflow."""

    description: TextField | None = Field(None, description="Description of the trigger in the stack.")
    enabled: FlagField = Field(True, description="Whether the trigger is active.")
    argument: Annotated[
        Value | None,
        Read(read_value, "The workflow's input from `$event`: paths, strings with paths, constants.", accepts=VALUE),
    ] = Field(None, alias="with")

    @classmethod
    def unknown_key(cls, key: Node, reading: Reading) -> None:
        """FG555 for `name`, which only some services can send (EventBridge API reference, `Target`)."""
        if getattr(key, "text", "") != "name":
            super().unknown_key(key, reading)
            return
        reading.tell(
            "FG555",
            f"{cls.service} cannot name the executions that it starts",
            key,
            label="not possible here",
            help="start a short workflow, whose step starts this one: `workflow: …` with `name: …`",
        )


class NamingTrigger(TriggerBase):
    """The key of kinds whose service can send the name of the execution."""

    execution_name: ValueField | None = Field(
        None,
        alias="name",
        description="The name of the execution: AWS starts only one execution with a name within 90 days.",
    )


def kind_span(trigger: TriggerBase) -> Span:
    """The span of the value of the trigger's kind."""
    return trigger.span_of(trigger.kind)
