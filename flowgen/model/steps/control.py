"""The steps that control what runs next, and those that only create or pass on a value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from flowgen.asl.timestamps import instant
from flowgen.model.accepts import TEXT, Named, array, either, mapping, ref
from flowgen.model.element import Element, Field, Read, Reading, Unread
from flowgen.model.leaves import DURATION, NAME, check_name
from flowgen.model.quantities import IN_BRACES, Seconds, in_braces, read_seconds
from flowgen.model.steps.base import (
    STEPS,
    CatchField,
    RetryField,
    StepBase,
    StepsField,
    TargetField,
    read_all,
    read_body,
)
from flowgen.model.steps.tasks import CompensationField, PivotField
from flowgen.model.steps.traits import Body, Catching, Plain, Retryable, Runs, Undoable
from flowgen.model.values import (
    Expression,
    ExpressionField,
    Interpolation,
    Literal,
    Value,
    ValueField,
    read_expression,
    read_value,
)
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

if TYPE_CHECKING:
    from flowgen.model.steps.kinds import Steps


def _read_text_value(node: Node, reading: Reading) -> Literal | Expression | Interpolation:
    value: Value = read_value(node, reading)
    if isinstance(value, Expression | Interpolation) or (isinstance(value, Literal) and isinstance(value.value, str)):
        return value
    raise reading.refuse("FG102", f"expected a string, found {kind_of(node)}", node)


TEXT_VALUE = ref(Named("text_value", {"description": "A string, which may contain expressions.", **TEXT}))
TextValueField = Annotated[Literal | Expression | Interpolation, Read(_read_text_value, accepts=TEXT_VALUE)]


def _read_timestamp(node: Node, reading: Reading) -> Literal | Expression | Interpolation:
    value = _read_text_value(node, reading)
    if isinstance(value, Literal) and instant(value.value) is None:
        help_ = in_braces(node) or "write a timestamp as `2026-01-31T08:00:00Z`"
        raise reading.refuse("FG102", f"`{value.value}` is not a timestamp", node, help=help_)
    return value


class Until(Element):
    """The point in time at which a `wait` ends."""

    what: ClassVar[str] = "a wait"

    timestamp: Annotated[Literal | Expression | Interpolation, Read(_read_timestamp, accepts=TEXT_VALUE)] = Field(
        alias="until",
        description="A timestamp (RFC 3339), or an expression that returns one.",
        examples=["2028-01-01T00:00:00Z"],
    )


def _read_wait(node: Node, reading: Reading) -> Seconds | Until:
    if isinstance(node, Mapping):
        _refuse_other_waits(node, reading)
        until = Until.read(node, reading)
        if until is None:
            raise Unread
        return until
    return read_seconds(node, reading)


WaitField = Annotated[
    Seconds | Until,
    Read(_read_wait, accepts=either(DURATION, IN_BRACES, inside=ref(Until))),
]

_UNITS = {"seconds": "s", "minutes": "m", "hours": "h", "days": "d", "weeks": "w"}


def _refuse_other_waits(node: Mapping, reading: Reading) -> None:
    """`wait: {seconds: 5}` and `wait: {timestamp: …}`, as other languages write them."""
    for entry in () if node.get("until") is not None else node.entries:
        key = entry.key.text.lower()
        value = entry.value.text if isinstance(entry.value, Scalar) else "…"
        unit = _UNITS.get(key) or _UNITS.get(f"{key}s")
        if unit is not None:
            help_ = f"write `wait: {value}{unit}`" if value.isdigit() else f'write `wait: "{value}"`, in seconds'
        elif key in ("timestamp", "time", "date", "at"):
            help_ = f'write `wait: {{until: "{value}"}}`'
        else:
            continue
        raise reading.refuse("FG101", f"a wait has no key `{entry.key.text}`", entry.key, help=help_)


class Wait(Plain):
    """Waits for a duration or until a time; passes its input on."""

    kind: ClassVar[str] = "wait"

    duration: WaitField = Field(
        alias="wait",
        description="A duration, an expression that returns seconds, or `{until: TIMESTAMP}`.",
        examples=["2 hours", "${ $input.seconds }", {"until": "${ $input.due }"}],
    )


class Set(Plain):
    """Sets a value."""

    kind: ClassVar[str] = "set"

    value: ValueField = Field(alias="set", description="Any value, which may contain expressions.")


class Branch(Element):
    """One rule of a `switch`."""

    what: ClassVar[str] = "a rule of a switch"

    when: ExpressionField = Field(description="The rule applies when this is true.", examples=["$input.total > 100"])
    steps: StepsField = Field(description="The steps to run.")


def _read_rules(node: Node, reading: Reading) -> tuple[Branch, ...]:
    if not isinstance(node, Sequence):
        raise reading.refuse(
            "FG102", f"`switch` must be a list of rules with `when` and `steps`, not {kind_of(node)}", node
        )
    if not node.items:
        raise reading.refuse("FG102", "this `switch` has no rule", node)
    return read_all(Branch, node.items, reading)


def _otherwise(steps: Steps | None) -> tuple[Body, ...]:
    return () if steps is None else (Body(steps, Runs.MAYBE),)


class Switch(StepBase):
    """Runs the first rule that applies; its value is the value of that branch."""

    kind: ClassVar[str] = "switch"

    rules: Annotated[tuple[Branch, ...], Read(_read_rules, accepts=array(ref(Branch), minItems=1))] = Field(
        alias="switch", description="A list of rules with `when` and `steps`."
    )
    otherwise: StepsField | None = Field(None, alias="else", description="The steps to run when no rule applies.")

    def bodies(self) -> tuple[Body, ...]:
        rules = (Body(rule.steps, Runs.MAYBE, decided_by=rule.when.node) for rule in self.rules)
        return (*rules, *_otherwise(self.otherwise))


class Case(Element):
    """One case of a `match`: its value and its steps."""

    what: ClassVar[str] = "a case"

    value: bool | int | float | str | None
    key: Any
    steps: StepsField


def _read_cases(node: Node, reading: Reading) -> tuple[Case, ...]:
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`cases` must be a mapping of values to steps, not {kind_of(node)}", node)
    if not node.entries:
        raise reading.refuse("FG102", "this `match` has no case", node)
    cases = []
    for entry in node.entries:
        steps = read_body(entry.value, reading)
        cases.append(Case.made(node, value=entry.key.value, key=entry.key, steps=steps))
    return tuple(cases)


class Match(StepBase):
    """Runs the case that equals a value; its value is the value of that case."""

    kind: ClassVar[str] = "match"

    subject: ExpressionField = Field(
        alias="match", description="The expression to compare.", examples=["$input.method"]
    )
    cases: Annotated[tuple[Case, ...], Read(_read_cases, accepts=mapping(STEPS, minProperties=1))] = Field(
        description="A mapping of values to steps; values are read as YAML (`404`, `true`, `null`, a string)."
    )
    otherwise: StepsField | None = Field(
        None, alias="else", description="The steps to run when no case equals the value."
    )

    def bodies(self) -> tuple[Body, ...]:
        cases = (Body(case.steps, Runs.MAYBE, decided_by=case.key) for case in self.cases)
        return (*cases, *_otherwise(self.otherwise))


def _read_branches(node: Node, reading: Reading) -> dict[str, tuple[Any, ...]]:
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`parallel` must be a mapping of names to steps, not {kind_of(node)}", node)
    if not node.entries:
        raise reading.refuse("FG102", "this `parallel` has no branch", node)
    return {check_name(entry.key, reading): read_body(entry.value, reading) for entry in node.entries}


class Parallel(Retryable, Catching, Undoable):
    """Runs all branches at once; its value is an object with one key per branch."""

    kind: ClassVar[str] = "parallel"

    branches: Annotated[
        dict[str, tuple[Any, ...]], Read(_read_branches, accepts=mapping(STEPS, NAME, minProperties=1))
    ] = Field(alias="parallel", description="A mapping of names to steps: the branches.")
    retry: RetryField | None = None
    catch: CatchField = ()
    compensate: CompensationField | None = None
    pivot: PivotField = False

    def bodies(self) -> tuple[Body, ...]:
        return tuple(Body(steps, apart=True) for steps in self.branches.values())


class Group(Catching):
    """A block of steps with shared modifiers; its value is the value of its last step."""

    kind: ClassVar[str] = "steps"

    steps: StepsField = Field(description="The steps of the group.")
    catch: CatchField = ()
    finally_: StepsField | None = Field(
        None, alias="finally", description="Steps that run however the group ends; the group's outcome follows."
    )

    def bodies(self) -> tuple[Body, ...]:
        last = () if self.finally_ is None else (Body(self.finally_, last=True),)
        return (Body(self.steps, leavable=True), *last)


class Break(Plain):
    """Leaves the enclosing group or loop with that id; its value is the value of the previous step."""

    kind: ClassVar[str] = "break"

    target: TargetField = Field(
        alias="break", description="The id of the enclosing group or loop; `null` means the innermost loop."
    )


class Continue(Plain):
    """Ends the current round of the enclosing loop; in a `for_each`, the current item."""

    kind: ClassVar[str] = "continue"

    target: TargetField = Field(
        alias="continue", description="The id of the enclosing loop; `null` means the innermost."
    )


class Return(Plain):
    """Ends the workflow successfully."""

    kind: ClassVar[str] = "return"

    value: ValueField = Field(alias="return", description="The workflow's result.")


def _read_error_name(node: Node, reading: Reading) -> Literal | Expression | Interpolation:
    value = _read_text_value(node, reading)
    start = value.value if isinstance(value, Literal) else value.parts[0] if isinstance(value, Interpolation) else ""
    if isinstance(start, str) and start.startswith("States."):
        raise reading.refuse("FG107", "names of errors that begin with `States.` are reserved for AWS", node)
    return value


ErrorNameField = Annotated[
    Literal | Expression | Interpolation,
    Read(
        _read_error_name,
        accepts={
            "type": "string",
            "pattern": "^(?!States\\.)",
            "patternErrorMessage": "names of errors that begin with `States.` are reserved for AWS",
        },
    ),
]


class Raised(Element):
    """The error that a `fail` raises."""

    what: ClassVar[str] = "a failure"

    error: ErrorNameField = Field(
        description="The error's name; `States.` is reserved for AWS.", examples=["OrderTooLarge"]
    )
    cause: TextValueField | None = Field(
        None, description="Description of the failure.", examples=["order ${ $input.id }"]
    )


def _read_fail(node: Node, reading: Reading) -> Raised | Expression:
    if isinstance(node, Mapping):
        raised = Raised.read(node, reading)
        if raised is None:
            raise Unread
        return raised
    if isinstance(node, Scalar) and re.fullmatch(r"\s*(\$error|\$\{\s*\$error\s*\})\s*", node.text):
        return read_expression(node, reading)
    raise reading.refuse("FG102", "expected `{error: …, cause: …}`, or `$error` to raise the caught error again", node)


RaisedField = Annotated[
    Raised | Expression,
    Read(
        _read_fail,
        accepts=either(
            {"type": "string", "pattern": "^\\s*(\\$error|\\$\\{\\s*\\$error\\s*\\})\\s*$"}, inside=ref(Raised)
        ),
    ),
]


class Fail(Plain):
    """Raises a new error, or raises the caught error again (`fail: $error`)."""

    kind: ClassVar[str] = "fail"

    raised: RaisedField = Field(
        alias="fail", description="`{error: NAME, cause: TEXT}`, or `$error` to raise the caught error again."
    )
