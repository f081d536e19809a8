"""What all steps share: retriers, catchers, the modifiers allowed next to every kind."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeVar

from flowgen.diagnostics import did_you_mean, replacing
from flowgen.model.accepts import TEXT, Named, Schema, array, either, one_or_more, ref
from flowgen.model.element import Element, Field, Read, Reading, Unread, listed
from flowgen.model.foreign_keys import in_a_step
from flowgen.model.leaves import (
    NAME,
    DurationField,
    FlagField,
    Fraction,
    NameField,
    TextField,
    Whole,
    check_name,
    read_name,
    read_text,
)
from flowgen.model.values import ExpressionField, ValueField
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

if TYPE_CHECKING:
    from flowgen.model.steps.kinds import Step
    from flowgen.model.steps.traits import Body

ANY_ERROR = "any"

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def read_body(node: Node, reading: Reading) -> tuple[Step, ...]:
    """A list of steps inside a step."""
    from flowgen.model.steps.kinds import read_steps

    return read_steps(node, reading)


STEPS = ref(Named("steps", array(ref("step"))))

StepsField = Annotated[tuple["Step", ...], Read(read_body, accepts=STEPS)]


def read_errors(node: Node, reading: Reading) -> tuple[str, ...]:
    """Error names: a list, or a single name."""
    items = node.items if isinstance(node, Sequence) else (node,)
    if not items:
        raise reading.refuse("FG102", "the list of errors is empty", node, help=f"`[{ANY_ERROR}]` matches every error")
    return tuple(_read_error(item, reading) for item in items)


def _read_error(node: Node, reading: Reading) -> str:
    name = read_text(node, reading)
    if "${" in name or "{%" in name:
        help_ = "write the name; to decide by a value, catch `any` and test `$error` in the steps of the `catch`"
        raise reading.refuse("FG102", "the name of an error cannot be an expression", node, help=help_)
    return name


ErrorsField = Annotated[
    tuple[str, ...],
    Read(
        read_errors,
        "Error names: declared errors, AWS errors such as `States.Timeout`, or `any`. A list, or a single name.",
        accepts=ref(Named("errors", one_or_more(TEXT))),
    ),
]


_ATTEMPTS = Whole(0, 99_999_999)


class Retrier(Element):
    """When and how often a failed step is retried. States Language, "Retrying after error"."""

    what: ClassVar[str] = "a retry"

    attempts: Annotated[int, Read(_ATTEMPTS)] = Field(3, description="Retries after the first attempt.")
    interval: DurationField | None = Field(None, description="The wait before the first retry.")
    backoff: Annotated[float, Read(Fraction(1, 1000))] | None = Field(
        None, description="The factor by which each wait grows, at least 1.", examples=[2]
    )
    max_interval: DurationField | None = Field(None, description="The longest wait, at most a year.")
    jitter: FlagField = Field(False, description="Randomizes each wait, up to its length.")
    errors: ErrorsField | None = Field(None, description="The errors to retry.", examples=[["States.Timeout"]])


def read_retry(node: Node, reading: Reading) -> tuple[Retrier, ...]:
    """`5`, a mapping, a name under `retries`, or a list of mappings and names."""
    if isinstance(node, Sequence):
        made: list[Retrier] = []
        complete = True
        for item in node.items:
            try:
                made += _named_retry(item, reading) or read_all(Retrier, (item,), reading)
            except Unread:
                complete = False
        if not complete:
            raise Unread
        return tuple(made)
    named = _named_retry(node, reading)
    if named is not None:
        return named
    if isinstance(node, Scalar):
        attempts = _ATTEMPTS(node, reading)
        return (Retrier.made(Mapping(node.origin, node.start, node.end, ()), attempts=attempts),)
    return read_all(Retrier, (node,), reading)


def _named_retry(node: Node, reading: Reading) -> tuple[Retrier, ...] | None:
    """The retry that a name refers to (FG212); None if the node is not a name."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or not _NAME.fullmatch(node.value):
        return None
    named: tuple[Retrier, ...] | None = reading.retries.get(node.value)
    if named is None:
        guess = did_you_mean(node.value, reading.retries)
        names = f"the retries are {listed(reading.retries)}" if reading.retries else "declare it under `retries`"
        raise reading.refuse(
            "FG212",
            f"unknown retry `{node.value}`",
            node,
            label="not declared under `retries`",
            help=f"did you mean `{guess}`?" if guess else f"{names}, or write a number of retries",
            fix=replacing(node.span, guess),
        )
    return named


def read_retries(node: Node, reading: Reading) -> dict[str, tuple[Retrier, ...]]:
    """Named retries. A name that `reading` knows already keeps its value, so that its uses can be recognized."""
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`retries` must be a mapping of names to retries, not {kind_of(node)}", node)
    retries: dict[str, tuple[Retrier, ...]] = {}
    complete = True
    for entry in node.entries:
        try:
            name = check_name(entry.key, reading)
            read = read_retry(entry.value, reading)
        except Unread:
            complete = False
            continue
        known = reading.retries.get(name, ())
        is_known = [one.node.span for one in known] == [one.node.span for one in read]
        retries[name] = known if is_known else read
    if not complete:
        raise Unread
    return retries


RETRY = ref(
    Named(
        "retry",
        either(_ATTEMPTS.accepts, NAME, array(either(NAME, inside=ref(Retrier))), inside=ref(Retrier)),
    )
)
RetryField = Annotated[
    tuple[Retrier, ...],
    Read(
        read_retry,
        "When and how often to retry: a number, a mapping, a name under `retries`, or a list of which the first match"
        " applies.",
        accepts=RETRY,
    ),
]


class Catcher(Element):
    """The steps to run when a step fails with one of these errors: inline, or a shared handler."""

    what: ClassVar[str] = "a catch"
    constraints: ClassVar[Schema] = {
        "if": {"required": ["handler"]},
        "then": {"properties": {"steps": False}},
        "else": {"required": ["steps"]},
    }

    errors: ErrorsField = Field(description="The errors to catch; `any` matches every error.")
    steps: StepsField | None = Field(None, description="The steps to run; `$error` is the caught error.")
    handler: NameField | None = Field(
        None, description="The name of a list of steps under `handlers`, instead of `steps`."
    )

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
            "FG102", f"`catch` must be a list of mappings with `errors` and `steps`, not {kind_of(node)}", node
        )
    catchers = [Catcher.read_checked(item, reading) for item in node.items]
    read = tuple(catcher for catcher in catchers if catcher is not None)
    if len(read) < len(catchers):
        raise Unread
    return read


CatchField = Annotated[
    tuple[Catcher, ...],
    Read(
        read_catch,
        "What to do when the step fails: the first entry that names the error applies.",
        accepts=ref(Named("catch", array(ref(Catcher)))),
    ),
]


E = TypeVar("E", bound=Element)


def read_all(kind: type[E], nodes: tuple[Node, ...], reading: Reading) -> tuple[E, ...]:
    """Each node as an element of one class; reports the problems of all nodes before it fails."""
    elements = [kind.read(node, reading) for node in nodes]
    read = tuple(element for element in elements if element is not None)
    if len(read) < len(elements):
        raise Unread
    return read


class StepBase(Element):
    """The keys allowed next to every kind."""

    what: ClassVar[str] = "a step"
    kind: ClassVar[str]

    id: NameField = Field(
        description="The name of the step, of its state and of the variable `$id`. Unique in the file."
    )
    description: TextField | None = Field(None, description="Becomes the state's `Comment`.")
    condition: ExpressionField | None = Field(
        None, alias="if", description="Skips the step when this is false.", examples=["$input.total > 100"]
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
            label="unknown key",
            help=foreign or (f"did you mean `{guess}`?" if guess else f"the keys are {listed(cls.keys())}"),
            fix=replacing(key.span, guess),
        )


def read_target(node: Node, reading: Reading) -> str | None:
    """The id that a `break` or `continue` names; null means the innermost loop."""
    return None if isinstance(node, Scalar) and node.value is None else read_name(node, reading)


TargetField = Annotated[str | None, Read(read_target, accepts={"anyOf": [NAME, {"type": "null"}]})]
