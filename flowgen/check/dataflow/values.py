"""The types of values in a workflow, and the problems in their expressions."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from flowgen.check.dataflow.contracts import Contracts
from flowgen.diagnostics import Diagnostic, Label, Span, replacing
from flowgen.jsonata.inference import (
    Environment,
    Kind,
    Problem,
    Severity,
    Variables,
    Work,
    concatenation,
    infer,
    settled,
)
from flowgen.model import Expression, Interpolation, Intrinsic, ListValue, Literal, ObjectValue, Value
from flowgen.types import (
    TEXT_TYPE,
    Mismatch,
    Type,
    array_of,
    assign,
    expand,
    literal,
    optional,
    present,
    record,
    show,
    show_path,
    tuple_of,
    unknown,
    without,
)
from flowgen.types.algebra import ABSENT, NOTHING, NULL, UNDECLARED, UNSURE
from flowgen.types.mismatch import Doubt, MismatchKind

MAX_WORK_OF_FILE = 400_000
"""Units of work for all expressions of a file (`Work`). Real workflows of 8,000 characters take about 700."""

_DECLARE = "declare the type at the source of the value, or test it: `$type(x) = 'string' ? x : …`"
_TOLD = "the expression has an error"
_WARNINGS = {
    Kind.NEVER_EQUAL: "FG306",
    Kind.UNREACHABLE: "FG306",
    Kind.MAY_FAIL: "FG307",
    Kind.RAISES: "FG307",
    Kind.DIVISION: "FG307",
    Kind.SPELLING: "FG315",
}


@dataclass(slots=True)
class Teller:
    """Collects the findings of the check, except while it is `quiet` (when a loop is checked repeatedly)."""

    contracts: Contracts
    strict: bool = False
    """Whether to report every place where `any` disables a check."""
    found: list[Diagnostic] = field(default_factory=list)
    quiet: int = 0
    seen: dict[Span, str | None] = field(default_factory=dict)
    """Each checked expression, and why its type is not fully known (None if it is)."""
    reasons: dict[Span, Span] = field(default_factory=dict)
    """The part of an expression because of which its value may be undefined."""
    work: Work = field(default_factory=lambda: Work(MAX_WORK_OF_FILE))
    """The remaining work for the expressions of the file."""
    gave_up: bool = False
    """Whether `work` did not suffice."""
    relied: dict[tuple[str, str], dict[Span, None]] = field(default_factory=dict)
    """The places that require a member of an AWS response, by step and member."""

    def tell(
        self,
        code: str,
        message: str,
        span: Span,
        label: str = "",
        *,
        secondary: tuple[Label, ...] = (),
        help_: str | None = None,
        new: str | None = None,
    ) -> None:
        if not self.quiet:
            fix = replacing(span, new)
            self.found.append(Diagnostic(code, message, span, label, secondary=secondary, help=help_, fix=fix))

    def exhausted(self, expression: Expression) -> bool:
        """Whether no work is left for an expression, which is reported once (FG003)."""
        if self.work.left:
            return False
        if not self.gave_up:
            self.gave_up = True
            message = "the expressions of this file are too complex to check"
            label = "not checked from here on"
            help_ = "split the workflow, or simplify its longest conditions and functions"
            self.found.append(Diagnostic("FG003", message, place_of(expression), label, help=help_))
        return True

    def problem(self, expression: Expression, problem: Problem, *, catchable: bool) -> bool:
        """Reports a problem of an expression; returns whether it is an error."""
        span = expression.span(problem.start, problem.end)
        if problem.kind is Kind.SWALLOWED_NOTHING and problem.type is not None:
            self.relies(problem.type, span)
        if problem.severity is Severity.ERROR:
            code = "FG301" if problem.kind is Kind.UNKNOWN_FIELD else "FG305"
        elif problem.kind in _WARNINGS:
            code = _WARNINGS[problem.kind]
            # A division by zero does not fail, so it cannot be caught.
            fails = code == "FG307" and problem.kind is not Kind.DIVISION
            if fails and (catchable or not problem.may_fail):
                return False
        elif problem.kind is Kind.UNCHECKED:
            why = None if problem.type is None else problem.type.unknown
            if not self.strict or (why is not None and why.text == _TOLD):
                return False
            code = "FG311"
        elif problem.severity is Severity.WARNING:
            code = "FG308"
        else:
            return False
        secondary = self.contracts.declared(problem.declaration)
        help_ = problem.help or (_DECLARE if code == "FG311" else None)
        self.tell(code, problem.message, span, secondary=secondary, help_=help_, new=problem.new)
        return problem.severity is Severity.ERROR

    def fit(
        self,
        value: Value | None,
        span: Span,
        found: Type,
        wanted: Type,
        what: str,
        where: Label | None,
        *,
        exact: bool = False,
    ) -> None:
        """Reports why a value does not fit its target (FG302, FG303, FG304). `what` is the target, in words.

        `exact`: formats (FG307) and lengths must fit, too, because nothing checks them at run time.
        """
        doubts: list[Doubt] = []
        mismatch = assign(found, wanted, doubts) or (assign(found, wanted, exact=True) if exact else None)
        if mismatch is None:
            self.doubt(value, span, doubts, what)
            return
        place = span if value is None else place_in(value, mismatch, span)
        secondary: tuple[Label, ...] = () if where is None else (where,)
        secondary += tuple(label for label in self.contracts.declared(mismatch.declaration) if label not in secondary)
        path = show_path(mismatch.path)
        subject = f"`{path}`" if path else "this" if value is not None else "the previous value"
        codes = {MismatchKind.ABSENT: "FG303", MismatchKind.SEQUENCE: "FG304", MismatchKind.FORMAT: "FG307"}
        code = codes.get(mismatch.kind, "FG302")
        help_ = mismatch.help
        if value is not None and isinstance(_inside(value, mismatch.path), Intrinsic):
            help_ = "a tag returns a string; `${ $parameters.NAME }` has the declared type of the parameter"
        self.tell(
            code,
            f"{subject} {mismatch.message}",
            place,
            f"does not fit {what}",
            secondary=secondary,
            help_=help_,
            new=mismatch.guess if value is not None and _is_written(value, mismatch) else None,
        )

    def relies(self, found: Type, place: Span) -> None:
        """Records that a value is required that AWS does not guarantee (FG312)."""
        why = found.absent.declaration if found.absent is not None else None
        if self.strict and not self.quiet and why is not None and found.atoms & ABSENT == UNSURE:
            self.relied.setdefault((why.name, str(why.pointer[-1])), {})[self.reasons.get(place, place)] = None

    def unchecked(self, found: Type, place: Span, needs: str) -> None:
        """FG311: in strict mode, `any` where `needs` describes the required type."""
        why = found.unknown
        if self.strict and found.is_any and not (why is not None and why.text == _TOLD):
            reason = "" if why is None else f": {why.text}"
            self.tell("FG311", f"{needs}, but this is `any`{reason}", place, help_=_DECLARE)

    def doubt(self, value: Value | None, span: Span, doubts: list[Doubt], what: str) -> None:
        """FG311: in strict mode, `any` that disables a check."""
        if not self.strict:
            return
        for doubt in doubts:
            if not doubt.source.is_any:
                self.relies(doubt.source, span if value is None else place_of(_inside(value, doubt.path)))
                continue
            if doubt.origin is not None and doubt.origin.text == _TOLD:
                continue
            path = show_path(doubt.path)
            subject = f"`{path}`" if path else "this" if value is not None else "the previous value"
            why = f": {doubt.origin.text}" if doubt.origin is not None else ""
            message = f"{subject} is `any`, so flowgen cannot check that it fits {what}{why}"
            place = span if value is None else place_of(_inside(value, doubt.path))
            self.tell("FG311", message, place, help_=_DECLARE)


def _inside(value: Value, path: tuple[str | int | None, ...]) -> Value:
    """The part of a value at a path, as far as it is written literally."""
    for part in path:
        inner: Value | None = None
        if isinstance(value, ObjectValue) and isinstance(part, str):
            inner = next((member.value for member in value.members if member.key == part), None)
        elif isinstance(value, ListValue) and isinstance(part, int) and part < len(value.items):
            inner = value.items[part]
        if inner is None:
            break
        value = inner
    return value


def _is_written(value: Value, mismatch: Mismatch) -> bool:
    """Whether the key or string of a mismatch is written literally in the value, not computed."""
    if mismatch.kind is MismatchKind.UNKNOWN_FIELD:
        owner = _inside(value, mismatch.path[:-1])
        members = owner.members if isinstance(owner, ObjectValue) else ()
        return any(member.node.text == member.key == mismatch.path[-1] for member in members)
    inner = _inside(value, mismatch.path)
    return mismatch.kind is MismatchKind.LITERAL and isinstance(inner, Literal)


def place_in(value: Value, mismatch: Mismatch, span: Span) -> Span:
    """The part of a value that a mismatch is about, as far as it is written literally."""
    if mismatch.kind is MismatchKind.UNKNOWN_FIELD:
        return key_in(value, mismatch.path, span)
    return place_of(_inside(value, mismatch.path))


def key_in(value: Value, path: tuple[str | int | None, ...], span: Span) -> Span:
    """The last key of a path, or the part of the value that contains it."""
    owner = _inside(value, path[:-1])
    return key_of(value, path) or (span if isinstance(owner, ObjectValue) else place_of(owner))


def key_of(value: Value, path: tuple[str | int | None, ...]) -> Span | None:
    """The last key of a path, if it is written in the value."""
    owner = _inside(value, path[:-1])
    members = owner.members if isinstance(owner, ObjectValue) else ()
    return next((member.node.span for member in members if member.key == path[-1]), None)


def place_of(value: Value) -> Span:
    """The span of a value; for an expression, the part between the braces."""
    if isinstance(value, Expression):
        text = value.text
        return value.span(len(text) - len(text.lstrip()), len(text.rstrip()))
    return value.node.span


def type_of(value: Value, variables: Variables, teller: Teller, *, catchable: bool) -> Type:
    """The type of a value. It may be undefined only if the value is a single expression that may be undefined."""
    match value:
        case Expression():
            return type_of_expression(value, variables, teller, catchable=catchable)
        case Literal(value=found):
            return literal(found)
        case Interpolation(parts=parts):
            types = [
                _interpolated(part, variables, teller, catchable=catchable)
                if isinstance(part, Expression)
                else literal(part)
                for part in parts
            ]
            return functools.reduce(concatenation, types)
        case ListValue(items=items):
            return tuple_of(*(value_of(item, variables, teller, catchable=catchable) for item in items))
        case ObjectValue(members=members):
            fields = {}
            for member in members:
                if member.optional:
                    given = type_of(member.value, variables, teller, catchable=catchable)
                    may_be_null = member.nullable and expand(given).atoms & NULL
                    fields[member.key] = optional(without(given, NULL)) if may_be_null else given
                else:
                    fields[member.key] = value_of(member.value, variables, teller, catchable=catchable)
            return record(fields)
        case Intrinsic():
            return TEXT_TYPE
        case _:
            assert_never(value)


def type_of_expression(expression: Expression, variables: Variables, teller: Teller, *, catchable: bool) -> Type:
    if teller.exhausted(expression):
        return unknown(_TOLD)
    found = infer(expression.text, expression.syntax.tree, Environment(variables), teller.work)
    failed = [
        teller.problem(expression, problem, catchable=catchable)
        for problem in found.problems
        if not _follows(problem, found.problems)
    ]
    if not teller.quiet:
        place = place_of(expression)
        teller.seen[place] = _TOLD if any(failed) else hidden(found.type)
        if found.type.absent is not None and found.type.absent.end:
            teller.reasons[place] = expression.span(found.type.absent.start, found.type.absent.end)
    if any(failed):
        return unknown(_TOLD)
    return settled(found.type)


def _follows(problem: Problem, problems: Sequence[Problem]) -> bool:
    """Whether a warning only follows from a missing field that was reported."""
    return problem.severity is not Severity.ERROR and any(
        other.kind is Kind.UNKNOWN_FIELD and problem.start <= other.start and other.end <= problem.end
        for other in problems
    )


_DEPTH = 8


def hidden(found: Type, depth: int = 0) -> str | None:
    """Why something in a type is `any`; None if nothing is. Declared types need no reason."""
    if found.is_any:
        return "its type is not known" if found.unknown is None else found.unknown.text
    if depth > _DEPTH:
        return None
    inner = [array.item() for array in found.arrays]
    for object_ in found.objects:
        inner += [*object_.fields.values(), *(() if object_.rest is UNDECLARED else (object_.rest,))]
    return next((why for why in (hidden(type_, depth + 1) for type_ in inner) if why is not None), None)


def value_of(value: Value, variables: Variables, teller: Teller, *, catchable: bool) -> Type:
    """The type of a required value: Step Functions fails if a part of a template is undefined."""
    found = type_of(value, variables, teller, catchable=catchable)
    if isinstance(value, Expression) and found.atoms & NOTHING:
        return needed(value, found, teller)
    teller.relies(found, place_of(value))
    return present(found)


def needed(value: Expression, found: Type, teller: Teller) -> Type:
    """Reports that a required expression may be undefined (FG303, FG304); returns the type to continue with."""
    flattened = next((array for array in found.arrays if array.origin is not None), None)
    if flattened is None or flattened.origin is None:
        missing(value, found, teller)
        return present(found)
    item = flattened.item()
    message = f"this is undefined for no items, a bare `{show(item)}` for one item, and an array only for more"
    help_ = "put it into `[…]`, which always makes an array"
    teller.tell("FG304", f"{message} ({flattened.origin.text})", place_of(value), help_=help_)
    return array_of(item)


def missing(value: Expression, found: Type, teller: Teller) -> None:
    """FG303 for a required expression that may be undefined."""
    why = f": {found.absent.text}" if found.absent is not None else ""
    always = present(found).is_never
    secondary = teller.contracts.declared(found.absent.declaration if found.absent else None)
    whole = place_of(value)
    part = teller.reasons.get(whole, whole)
    teller.tell(
        "FG303",
        f"this {'is always' if always else 'may be'} undefined; Step Functions fails on undefined values{why}",
        part,
        "always undefined"
        if always
        else f"`{show(found)}`"
        if part == whole
        else "may be undefined, which makes the whole expression undefined",
        secondary=secondary,
        help_=f"guard it (`{guard(value.text.strip())}`), or add `?` to the key, which omits it if undefined",
    )


_PATH = re.compile(r"\$\w+(\.\w+)*", re.ASCII)
_LONGEST_GUARDED = 60


def guard(text: str) -> str:
    """A guard for an expression that may be undefined. The value of a computed expression is bound first.

    >>> guard("$input.note"), guard("$lookup($input.prices, $key)")
    ('$exists($input.note) ? $input.note : …', '($value := $lookup($input.prices, $key); $exists($value) ? $value : …)')
    """
    if _PATH.fullmatch(text):
        return f"$exists({text}) ? {text} : …"
    bound = text if len(text) <= _LONGEST_GUARDED and "\n" not in text else "…"
    return f"($value := {bound}; $exists($value) ? $value : …)"


def _interpolated(expression: Expression, variables: Variables, teller: Teller, *, catchable: bool) -> Type:
    found = type_of_expression(expression, variables, teller, catchable=catchable)
    if found.atoms & NOTHING and not present(found).is_never:
        why = f": {found.absent.text}" if found.absent is not None else ""
        message = f"this may be undefined, which leaves a gap in the string{why}"
        help_ = "write a default: `$exists(x) ? x : '…'`"
        teller.tell("FG308", message, place_of(expression), help_=help_)
        return found
    teller.relies(found, place_of(expression))
    if expand(found).atoms & NULL:
        message = "this may be null, which is written into the string as `null`"
        help_ = "write a default: `x != null ? x : '…'`"
        teller.tell("FG308", message, place_of(expression), help_=help_)
    return found
