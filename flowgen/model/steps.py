"""The steps: one class a kind. What stands beside the kind are modifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, TypeAlias, assert_never

from pydantic import Field

from flowgen.asl.timestamps import instant
from flowgen.diagnostics import Span, did_you_mean
from flowgen.model.element import NODE, Element, Read, Reading, labelled, listed, told
from flowgen.model.leaves import (
    Duration,
    DurationField,
    Fraction,
    NameField,
    TextField,
    Whole,
    read_duration,
    read_flag,
    read_text,
)
from flowgen.model.values import (
    Expression,
    ExpressionField,
    Interpolation,
    ValueField,
    read_expression,
    read_value,
)
from flowgen.model.values import Literal as LiteralValue
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

ANY_ERROR = "any"


class Retrier(Element):
    """When and how often a failed step is tried again. States Language, "Retrying after error"."""

    what: ClassVar[str] = "a retry"

    attempts: Annotated[int, Read(Whole(0, 99_999_999))] = 3
    interval: DurationField | None = None
    backoff: Annotated[float, Read(Fraction(1, 1000))] | None = None
    max_interval: DurationField | None = None
    jitter: Annotated[bool, Read(read_flag)] = False
    errors: Annotated[tuple[str, ...] | None, Read(lambda node, reading: read_errors(node, reading))] = None


class Catcher(Element):
    """What is done when a step fails with one of these errors. States Language, "Fallback states"."""

    what: ClassVar[str] = "a catch"

    errors: Annotated[tuple[str, ...], Read(lambda node, reading: read_errors(node, reading))]
    steps: StepsField


class Until(Element):
    """The point in time at which a `wait` ends."""

    what: ClassVar[str] = "a wait"

    timestamp: Annotated[LiteralValue | Expression | Interpolation, Read(lambda n, r: _read_timestamp(n, r))] = Field(
        alias="until"
    )


class Raised(Element):
    """The error that a `fail` raises."""

    what: ClassVar[str] = "a failure"

    error: Annotated[LiteralValue | Expression | Interpolation, Read(lambda n, r: _read_error_name(n, r))]
    cause: Annotated[LiteralValue | Expression | Interpolation | None, Read(lambda n, r: _text_value(n, r))] = None


class Branch(Element):
    """One rule of a `switch`."""

    what: ClassVar[str] = "a rule of a switch"

    when: ExpressionField
    steps: StepsField


class StepBase(Element):
    """What may stand beside every kind."""

    what: ClassVar[str] = "a step"
    kind: ClassVar[str]

    id: NameField
    description: TextField | None = None
    condition: ExpressionField | None = Field(None, alias="if")
    skipped: ValueField | None = None

    @classmethod
    def unknown_key(cls, key: Node, reading: Reading) -> None:
        name = key.text if isinstance(key, Scalar) else ""
        owners = [kind for kind, step in KINDS.items() if name in step.keys() and name != kind]  # noqa: SIM118 - a method
        if owners:
            reading.tell(
                "FG113",
                f"`{name}` can't stand beside `{cls.kind}`",
                key,
                label=f"belongs to {listed(owners)}",
            )
            return
        guess = did_you_mean(name, cls.keys()) or did_you_mean(name, MODIFIERS)
        reading.tell(
            "FG101",
            f"a `{cls.kind}` step has no key `{name}`",
            key,
            label="not a key that is known here",
            help=f"did you mean `{guess}`?" if guess else f"the keys are {listed(cls.keys())}",
        )


class Call(StepBase):
    """Calls a function of the contract; its value is the function's output."""

    kind: ClassVar[str] = "call"

    function: TextField = Field(alias="call")
    argument: ValueField | None = Field(None, alias="with")
    retry: RetryField | None = None
    catch: CatchField = ()
    timeout: DurationField | None = None


class Wait(StepBase):
    """Waits for a time, or until one; passes its input on."""

    kind: ClassVar[str] = "wait"

    duration: Annotated[Duration | Expression | Until, Read(lambda n, r: _read_wait(n, r))] = Field(alias="wait")


class Set(StepBase):
    """Makes a value."""

    kind: ClassVar[str] = "set"

    value: ValueField = Field(alias="set")


class Switch(StepBase):
    """The first rule that holds; its value is that of the branch taken."""

    kind: ClassVar[str] = "switch"

    rules: Annotated[tuple[Branch, ...], Read(lambda n, r: _read_rules(n, r))] = Field(alias="switch")
    otherwise: StepsField | None = Field(None, alias="else")


class Group(StepBase):
    """A block of steps that share what stands beside it; its value is that of its last step."""

    kind: ClassVar[str] = "steps"

    steps: StepsField
    catch: CatchField = ()


class Return(StepBase):
    """Ends the workflow well."""

    kind: ClassVar[str] = "return"

    value: ValueField = Field(alias="return")


class Fail(StepBase):
    """Raises an error: one of its own, or (`fail: $error`) the one that was caught."""

    kind: ClassVar[str] = "fail"

    raised: Annotated[Raised | Expression, Read(lambda n, r: _read_fail(n, r))] = Field(alias="fail")


Step: TypeAlias = Call | Wait | Set | Switch | Group | Return | Fail

KINDS: dict[str, type[Step]] = {
    step.kind: step
    for step in (Call, Wait, Set, Switch, Return, Fail, Group)  # `steps` last: a kind where no other is
}


MODIFIERS = tuple(dict.fromkeys(key for step in KINDS.values() for key in step.keys()))  # noqa: SIM118 - a method
"""Every key that may stand in some step, always in the same order."""


def read_steps(node: Node, reading: Reading) -> tuple[Step, ...]:
    if not isinstance(node, Sequence):
        raise reading.refuse("FG102", f"`steps` is a list of steps, not {kind_of(node)}", node)
    steps = [_read_step(item, reading) for item in node.items]
    read = tuple(step for step in steps if step is not None)
    if len(read) < len(steps):
        raise told()
    return read


def _read_step(node: Node, reading: Reading) -> Step | None:
    if not isinstance(node, Mapping):
        reading.tell("FG102", f"a step is a mapping with an `id` and a kind, not {kind_of(node)}", node)
        return None
    found = [entry.key for entry in node.entries if entry.key.text in KINDS]
    if len(found) > 1:
        found = [key for key in found if key.text != Group.kind] if not _group_alone(found) else found
    if len(found) > 1:
        reading.tell(
            "FG105",
            f"this step has two kinds, `{found[0].text}` and `{found[1].text}`",
            found[1],
            label="a second kind",
            secondary=labelled(found[0], "the first kind"),
            help="make two steps of it",
        )
        return None
    if not found:
        _no_kind(node, reading)
        return None
    return KINDS[found[0].text].read(node, reading)


def _group_alone(found: list[Scalar]) -> bool:
    """Whether `steps` is one of the kinds although nothing of another kind could own it."""
    others = [key.text for key in found if key.text != Group.kind]
    return not any("steps" in KINDS[other].keys() for other in others)  # noqa: SIM118 - a method


def _no_kind(node: Mapping, reading: Reading) -> None:
    strange = [entry.key for entry in node.entries if entry.key.text not in MODIFIERS]
    where = strange[0] if strange else (node.entries[0].key if node.entries else node)
    guess = next((guess for key in strange if (guess := did_you_mean(key.text, KINDS))), None)
    reading.tell(
        "FG104",
        f"`{strange[0].text}` is no kind of step" if strange else "this step has no kind",
        where,
        help=f"did you mean `{guess}`?" if guess else f"the kinds are {listed(KINDS)}",
    )


def read_errors(node: Node, reading: Reading) -> tuple[str, ...]:
    """Error names: a list, or one alone."""
    items = node.items if isinstance(node, Sequence) else (node,)
    if not items:
        raise reading.refuse("FG102", "the list of errors is empty", node, help=f"`[{ANY_ERROR}]` means every error")
    return tuple(read_text(item, reading) for item in items)


def read_retry(node: Node, reading: Reading) -> tuple[Retrier, ...]:
    """`5`, a mapping, or a list of mappings."""
    if isinstance(node, Scalar):
        attempts = Whole(0, 99_999_999)(node, reading)
        return (Retrier.model_validate({"attempts": attempts, NODE: Mapping(node.origin, node.start, node.end, ())}),)
    items = node.items if isinstance(node, Sequence) else (node,)
    retriers = [Retrier.read(item, reading) for item in items]
    if any(retrier is None for retrier in retriers):
        raise told()
    return tuple(retrier for retrier in retriers if retrier is not None)


def read_catch(node: Node, reading: Reading) -> tuple[Catcher, ...]:
    if not isinstance(node, Sequence):
        raise reading.refuse(
            "FG102", f"`catch` is a list of mappings with `errors` and `steps`, not {kind_of(node)}", node
        )
    catchers = [Catcher.read(item, reading) for item in node.items]
    if any(catcher is None for catcher in catchers):
        raise told()
    return tuple(catcher for catcher in catchers if catcher is not None)


def _read_rules(node: Node, reading: Reading) -> tuple[Branch, ...]:
    if not isinstance(node, Sequence):
        raise reading.refuse("FG102", f"`switch` is a list of rules with `when` and `steps`, not {kind_of(node)}", node)
    if not node.items:
        raise reading.refuse("FG102", "this `switch` has no rule", node)
    rules = [Branch.read(item, reading) for item in node.items]
    if any(rule is None for rule in rules):
        raise told()
    return tuple(rule for rule in rules if rule is not None)


def _read_wait(node: Node, reading: Reading) -> Duration | Expression | Until:
    if isinstance(node, Mapping):
        until = Until.read(node, reading)
        if until is None:
            raise told()
        return until
    if isinstance(node, Scalar) and isinstance(node.value, str) and "${" in node.value:
        return read_expression(node, reading)
    return read_duration(node, reading)


def _read_fail(node: Node, reading: Reading) -> Raised | Expression:
    if isinstance(node, Mapping):
        raised = Raised.read(node, reading)
        if raised is None:
            raise told()
        return raised
    if isinstance(node, Scalar) and re.fullmatch(r"\s*(\$error|\$\{\s*\$error\s*\})\s*", node.text):
        return read_expression(node, reading)
    raise reading.refuse(
        "FG102", "`fail` takes `{error: …, cause: …}`, or `$error` to raise again what was caught", node
    )


def _text_value(node: Node, reading: Reading) -> LiteralValue | Expression | Interpolation:
    value = read_value(node, reading)
    if isinstance(value, Expression | Interpolation) or (
        isinstance(value, LiteralValue) and isinstance(value.value, str)
    ):
        return value
    raise reading.refuse("FG102", f"a text is wanted here, not {kind_of(node)}", node)


def _read_error_name(node: Node, reading: Reading) -> LiteralValue | Expression | Interpolation:
    value = _text_value(node, reading)
    start = (
        value.value if isinstance(value, LiteralValue) else value.parts[0] if isinstance(value, Interpolation) else ""
    )
    if isinstance(start, str) and start.startswith("States."):
        raise reading.refuse("FG107", "errors whose names begin with `States.` are AWS's, and can't be made up", node)
    return value


def _read_timestamp(node: Node, reading: Reading) -> LiteralValue | Expression | Interpolation:
    value = _text_value(node, reading)
    if isinstance(value, LiteralValue) and instant(value.value) is None:
        raise reading.refuse(
            "FG102", f"`{value.value}` is no timestamp", node, help="timestamps are written `2026-01-31T08:00:00Z`"
        )
    return value


StepsField = Annotated[tuple["Step", ...], Read(read_steps)]
RetryField = Annotated[tuple[Retrier, ...], Read(read_retry)]
CatchField = Annotated[tuple[Catcher, ...], Read(read_catch)]

for _class in (Catcher, Branch, Call, Switch, Group):
    _class.model_rebuild()


def bodies_of(step: Step) -> tuple[tuple[Step, ...], ...]:
    """The lists of steps inside a step, in the order in which they are written; a catch's come last."""
    match step:
        case Switch(rules=rules, otherwise=otherwise):
            return (*(rule.steps for rule in rules), *(() if otherwise is None else (otherwise,)))
        case Group(steps=steps, catch=catch):
            return (steps, *(catcher.steps for catcher in catch))
        case Call(catch=catch):
            return tuple(catcher.steps for catcher in catch)
        case Wait() | Set() | Return() | Fail():
            return ()
        case _:
            assert_never(step)


def walk(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step, those inside others after their owner."""
    for step in steps:
        yield step
        for body in bodies_of(step):
            yield from walk(body)


def kind_span(step: Step) -> Span:
    """Where the value of the step's kind stands."""
    return step.span_of(step.kind)
