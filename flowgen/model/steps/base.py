"""What all steps share: retriers, catchers, the modifiers that may stand beside every kind."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, TypeVar

from pydantic import Field

from flowgen.diagnostics import did_you_mean, replacing
from flowgen.model.element import Element, Read, Reading, Unread, listed
from flowgen.model.foreign_keys import in_a_step
from flowgen.model.leaves import DurationField, FlagField, Fraction, NameField, TextField, Whole, read_name, read_text
from flowgen.model.values import ExpressionField, ValueField
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

if TYPE_CHECKING:
    from flowgen.model.steps.kinds import Step
    from flowgen.model.steps.traits import Body

ANY_ERROR = "any"


def _read_steps(node: Node, reading: Reading) -> tuple[Step, ...]:
    from flowgen.model.steps.kinds import read_steps

    return read_steps(node, reading)


if TYPE_CHECKING:
    StepsField: TypeAlias = tuple[Step, ...]
else:
    # pydantic would have to know every kind of step here; they are read by hand, by their key.
    StepsField = Annotated[tuple[Any, ...], Read(_read_steps)]


def read_errors(node: Node, reading: Reading) -> tuple[str, ...]:
    """Error names: a list, or one alone."""
    items = node.items if isinstance(node, Sequence) else (node,)
    if not items:
        raise reading.refuse("FG102", "the list of errors is empty", node, help=f"`[{ANY_ERROR}]` means every error")
    return tuple(read_text(item, reading) for item in items)


ErrorsField = Annotated[
    tuple[str, ...],
    Read(
        read_errors, "Names of errors: declared ones, AWS's such as `States.Timeout`, or `any`. A list, or one alone."
    ),
]


class Retrier(Element):
    """When and how often a failed step is tried again. States Language, "Retrying after error"."""

    what: ClassVar[str] = "a retry"

    attempts: Annotated[int, Read(Whole(0, 99_999_999))] = Field(3, description="Retries after the first try.")
    interval: DurationField | None = Field(None, description="The wait before the first retry.")
    backoff: Annotated[float, Read(Fraction(1, 1000))] | None = Field(
        None, description="Each wait is this many times the one before, at least 1.", examples=[2]
    )
    max_interval: DurationField | None = Field(None, description="The longest wait, at most a year.")
    jitter: FlagField = Field(False, description="Whether each wait is random, up to its length.")
    errors: ErrorsField | None = Field(None, description="The errors that are retried.", examples=[["States.Timeout"]])


def read_retry(node: Node, reading: Reading) -> tuple[Retrier, ...]:
    """`5`, a mapping, or a list of mappings."""
    if isinstance(node, Scalar):
        attempts = Whole(0, 99_999_999)(node, reading)
        return (Retrier.made(Mapping(node.origin, node.start, node.end, ()), attempts=attempts),)
    return read_all(Retrier, node.items if isinstance(node, Sequence) else (node,), reading)


RetryField = Annotated[
    tuple[Retrier, ...],
    Read(
        read_retry,
        "When and how often to try again: a number, a mapping, or a list of which the first that fits holds.",
    ),
]


class Catcher(Element):
    """What is done when a step fails with one of these errors: steps of its own, or a handler that several share."""

    what: ClassVar[str] = "a catch"

    errors: ErrorsField = Field(description="The errors that are caught; `any` is every one.")
    steps: StepsField | None = Field(None, description="What is done then; `$error` is what was caught.")
    handler: NameField | None = Field(None, description="A list of steps under `handlers`, in place of `steps`.")

    @classmethod
    def read_checked(cls, node: Node, reading: Reading) -> Catcher | None:
        catcher = cls.read(node, reading)
        if catcher is not None and (catcher.steps is None) == (catcher.handler is None):
            reading.tell("FG103", "a catch needs either `steps` or `handler`", node)
            return None
        return catcher


def read_catch(node: Node, reading: Reading) -> tuple[Catcher, ...]:
    if not isinstance(node, Sequence):
        raise reading.refuse(
            "FG102", f"`catch` is a list of mappings with `errors` and `steps`, not {kind_of(node)}", node
        )
    catchers = [Catcher.read_checked(item, reading) for item in node.items]
    read = tuple(catcher for catcher in catchers if catcher is not None)
    if len(read) < len(catchers):
        raise Unread
    return read


CatchField = Annotated[
    tuple[Catcher, ...], Read(read_catch, "What to do when it fails: the first entry that names the error is taken.")
]


E = TypeVar("E", bound=Element)


def read_all(kind: type[E], nodes: tuple[Node, ...], reading: Reading) -> tuple[E, ...]:
    """Each node as an element of one kind; all of their findings are told before it fails."""
    elements = [kind.read(node, reading) for node in nodes]
    read = tuple(element for element in elements if element is not None)
    if len(read) < len(elements):
        raise Unread
    return read


class StepBase(Element):
    """What may stand beside every kind."""

    what: ClassVar[str] = "a step"
    kind: ClassVar[str]

    id: NameField = Field(
        description="Names the step: the state, the variable `$id` and the row of a trace. Unique in the file."
    )
    description: TextField | None = Field(None, description="Becomes the state's `Comment`.")
    condition: ExpressionField | None = Field(
        None, alias="if", description="The step is skipped when this is false.", examples=["$input.total > 100"]
    )
    skipped: ValueField | None = Field(None, description="The step's value when it is skipped.")

    @abstractmethod
    def bodies(self) -> tuple[Body, ...]:
        """The lists of steps inside the step, except its handlers, in the order of the file."""

    @classmethod
    def unknown_key(cls, key: Node, reading: Reading) -> None:
        from flowgen.model.steps.kinds import KINDS, MODIFIERS

        name = key.text if isinstance(key, Scalar) else ""
        owners = [kind for kind, step in KINDS.items() if name in step.keys() and name != kind]  # noqa: SIM118 - a method
        foreign = in_a_step(name)
        if owners:
            reading.tell(
                "FG113",
                f"`{name}` is not allowed next to `{cls.kind}`",
                key,
                label=f"belongs to {listed(owners)}",
                help=foreign,
            )
            return
        guess = None if foreign else did_you_mean(name, cls.keys()) or did_you_mean(name, MODIFIERS)
        reading.tell(
            "FG101",
            f"a `{cls.kind}` step has no key `{name}`",
            key,
            label="not a key that is known here",
            help=foreign or (f"did you mean `{guess}`?" if guess else f"the keys are {listed(cls.keys())}"),
            fix=replacing(key.span, guess),
        )


def read_target(node: Node, reading: Reading) -> str | None:
    """The id that a `break` or `continue` names; null is the innermost."""
    return None if isinstance(node, Scalar) and node.value is None else read_name(node, reading)
