"""Operators: their results, the operands that they reject, and how they treat undefined."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection

from flowgen.jsonata.aws_functions import LONGEST_RANGE
from flowgen.jsonata.inference.concatenation import concatenation
from flowgen.jsonata.inference.conditions import narrow, operands
from flowgen.jsonata.inference.divisors import may_be_zero
from flowgen.jsonata.inference.doubtful import check_against_zero, check_default, check_members, check_truth
from flowgen.jsonata.inference.facts import Facts, enter
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import flattened, may_be_equal, truth
from flowgen.jsonata.tree import ArrayConstructor, Binary, Block, Condition, Negation, Tree
from flowgen.types import NEVER, Type, expand, literal, present
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    BOOLEAN,
    FALSE,
    INTEGER,
    NOTHING,
    NULL,
    NUMBER,
    SEQUENCE,
    TEXT,
    TRUE,
    Array,
    Origin,
)

_BY_ZERO = {"/": ("Infinity", "-Infinity", "NaN"), "%": ("NaN",)}
"""The results of a division by zero in Step Functions, which does not fail (measured, floci-io/floci#2737).

Inside the expression the result is a number, as in JavaScript; as the value of the expression it is a string.
"""

_READS_TIME = "convert the timestamp to milliseconds: `$toMillis(x)`"
_NAMES = {"+": "adds", "-": "subtracts", "*": "multiplies", "/": "divides", "%": "takes the remainder of"}


def infer_binary(run: Inferrer, node: Binary, context: Type, frame: Frame) -> Type:
    if node.operator in ("and", "or"):
        return _logical(run, node, context, frame)
    left = expand(run.evaluate(node.left, context, frame))
    right = expand(run.evaluate(node.right, context, frame))
    if left.is_never or right.is_never:
        return NEVER
    match node.operator:
        case "+" | "-" | "*" | "/" | "%":
            return _numeric(run, node, left, right, context, frame)
        case "=" | "!=":
            return _equality(run, node, left, right)
        case "<" | "<=" | ">" | ">=":
            return _comparison(run, node, left, right)
        case "&":
            return _concatenation(run, node, left, right)
        case "..":
            return _range(run, node, left, right)
        case _:
            return _membership(run, node, left, right)


def not_finite(tree: Tree, divisors: Collection[int]) -> frozenset[str]:
    """The strings that an expression yields if it divides by zero; `divisors` are offsets of divisors that can be 0."""
    match tree:
        case Binary(operator=operator, right=right) if operator in _BY_ZERO and right.start in divisors:
            return frozenset(_BY_ZERO[operator])
        case Block(expressions=(*_, last)):
            return not_finite(last, divisors)
        case Condition(then=then, otherwise=otherwise):
            return not_finite(then, divisors) | (not_finite(otherwise, divisors) if otherwise else frozenset())
        case _:
            return frozenset()


def infer_negation(run: Inferrer, node: Negation, context: Type, frame: Frame) -> Type:
    operand = expand(run.evaluate(node.operand, context, frame))
    _check_number(run, node.operand, operand, "`-` negates")
    return _absent_from(_number_kind(operand), operand)


def _number_kind(type_: Type) -> Type:
    """The numbers in `type_`, with literals widened."""
    if type_.atoms & ANY:
        return Type(NUMBER)
    atoms = type_.atoms & NUMBER
    for value in type_.literals:
        if not isinstance(value, str):
            atoms |= INTEGER if isinstance(value, int) else NUMBER
    return Type(atoms)


def _absent_from(type_: Type, *operands: Type) -> Type:
    """`type_`, or undefined if one of the operands may be undefined."""
    for operand in operands:
        if operand.atoms & ABSENT:
            why = operand.absent
            bits = operand.atoms & ABSENT
            type_ = Type(
                type_.atoms | bits, type_.literals, type_.formats, type_.parts, type_.absent or why, type_.unknown
            )
    return type_


def _is_text(type_: Type) -> bool:
    rest = present(_without_numbers(type_))
    return not rest.is_never and not rest.atoms & ~TEXT and not rest.parts


def _is_time(type_: Type) -> bool:
    return bool(type_.formats & {"date", "date-time", "time"})


def _check_number(run: Inferrer, node: Tree, type_: Type, verb: str, meant: str | None = None) -> None:
    if type_.atoms & ANY:
        tell_unchecked(run, node, type_, "a number")
        return
    rest = present(_without_numbers(type_))
    if rest.is_never:
        return
    certain = _number_kind(type_).is_never and not type_.atoms & ABSENT
    help_ = None
    if rest.atoms & TEXT or rest.formats or rest.literals:
        help_ = _READS_TIME if _is_time(rest) else "convert the string: `$number(x)`"
        help_ = meant or help_
    elif rest.atoms & NULL:
        help_ = "provide a default: `x != null ? x : 0`"
    elif rest.arrays:
        help_ = "`$sum(x)` adds up an array; `x.($ * 2)` calculates with each item"
    run.tell(
        Kind.WRONG_OPERAND,
        Severity.ERROR,
        node,
        f"{verb} numbers, but this {'is' if certain else 'may be'} `{rest}`{_when(certain)}",
        help_,
        certain=certain,
        may_fail=True,
        type=type_,
    )


def _when(certain: bool) -> str:  # noqa: FBT001 - clear at the call
    return ": the expression fails" if certain else ", and the expression then fails"


def _without_numbers(type_: Type) -> Type:
    literals = frozenset(value for value in type_.literals if isinstance(value, str))
    return Type(type_.atoms & ~NUMBER, literals, type_.formats, type_.parts, type_.absent)


def tell_unchecked(run: Inferrer, node: Tree, type_: Type, wanted: str) -> None:
    why = f": {type_.unknown.text}" if type_.unknown is not None else ""
    run.tell(
        Kind.UNCHECKED,
        Severity.NOTE,
        node,
        f"expected {wanted}, found `any`{why}",
        may_fail=True,
        type=type_,
    )


def _numeric(run: Inferrer, node: Binary, left: Type, right: Type, context: Type, frame: Frame) -> Type:
    verb = f"`{node.operator}` {_NAMES[node.operator]}"
    joins = node.operator == "+" and (_is_text(left) or _is_text(right))
    help_ = f"`&` joins strings: `{run.source(node.left)} & {run.source(node.right)}`" if joins else None
    if node.operator == "-" and (_is_time(left) or _is_time(right)):
        help_ = _READS_TIME
    _check_number(run, node.left, left, verb, help_)
    if not (joins and _is_text(left) and _is_text(right)):
        _check_number(run, node.right, right, verb, help_)
    one, other = _number_kind(left), _number_kind(right)
    result = NEVER
    if not one.is_never and not other.is_never:
        whole = node.operator != "/" and one.atoms == INTEGER and other.atoms == INTEGER
        # Whether `any` is an integer is also unknown.
        why = left.unknown or right.unknown
        result = _constant(node.operator, left, right) or Type(INTEGER if whole else NUMBER, unknown=why)
        if node.operator in _BY_ZERO and may_be_zero(run, node.right, right, context, frame):
            run.tell(
                Kind.DIVISION, Severity.NOTE, node.right,
                f'if this is 0, the result is the string "{_BY_ZERO[node.operator][0]}"',
                "guard it: `b != 0 ? a / b : …`", may_fail=True, type=right,
            )  # fmt: skip
    return _absent_from(result, left, right)


_EXACT = 2**53
"""Integers below this limit are exact in JSON."""

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def _constant(sign: str, left: Type, right: Type) -> Type | None:
    """The result of a calculation with two constants: `24 * 60`."""
    one, other = _only_number(left), _only_number(right)
    if sign not in _ARITHMETIC or one is None or other is None:
        return None
    result = _ARITHMETIC[sign](one, other)
    return literal(result) if abs(result) < _EXACT else None


def _only_number(type_: Type) -> float | None:
    if len(type_.literals) == 1 and not (type_.atoms or type_.formats or type_.parts):
        value = next(iter(type_.literals))
        return None if isinstance(value, str) else value
    return None


def _equality(run: Inferrer, node: Binary, left: Type, right: Type) -> Type:
    equal = node.operator == "="
    absent = (left.atoms | right.atoms) & ABSENT
    one, other = present(left), present(right)
    possible = not one.is_never and not other.is_never and may_be_equal(one, other)
    with_null = Type(NULL) in (one, other)
    if not possible and not one.is_never and not other.is_never and not (absent and (with_null or not equal)):
        _tell_never_equal(run, node, one, other, equal=equal)
    if with_null:
        _tell_null(run, node, left, right, equal=equal)
    elif not equal and absent:
        _tell_swallowed(
            run,
            node.left if left.atoms & ABSENT else node.right,
            left if left.atoms & ABSENT else right,
            "`!=` is false if one side is undefined",
            "`$not(a = b)` is true in this case",
        )
    atoms = FALSE if absent else 0
    if not one.is_never and not other.is_never:
        same = len(one.literals) == 1 and one.literals == other.literals and one == other and not one.atoms
        atoms |= TRUE if possible == equal else FALSE
        if possible and not same:
            atoms |= BOOLEAN
    return Type(atoms)


def _tell_never_equal(run: Inferrer, node: Binary, left: Type, right: Type, *, equal: bool) -> None:
    from flowgen.diagnostics import did_you_mean

    help_ = None
    for literal_side, other in ((right, left), (left, right)):
        if help_ is None and len(literal_side.literals) == 1 and other.literals:
            value = str(next(iter(literal_side.literals)))
            guess = did_you_mean(value, sorted(member for member in other.literals if isinstance(member, str)))
            help_ = f'did you mean "{guess}"?' if guess else f"its type is `{other}`"
            break
        texts = literal_side.atoms & TEXT or any(isinstance(value, str) for value in literal_side.literals)
        numbers = other.atoms & NUMBER or any(not isinstance(value, str) for value in other.literals)
        if texts and numbers:
            help_ = "a string never equals a number: remove the quotes, or compare `$string(x)`"
    for written, tested in ((node.left, node.right), (node.right, node.left)):
        if isinstance(written, ArrayConstructor) and written.items:
            among = f"{run.source(tested)} in {run.source(written)}"
            help_ = f"to test whether the list contains it, write `{among if equal else f'$not({among})'}`"
    run.tell(
        Kind.NEVER_EQUAL,
        Severity.WARNING,
        node,
        f"this is always {'false' if equal else 'true'}: `{left}` never equals `{right}`",
        help_,
        certain=True,
    )


def _tell_null(run: Inferrer, node: Binary, left: Type, right: Type, *, equal: bool) -> None:
    for side, type_ in ((node.left, left), (node.right, right)):
        if type_.atoms & NOTHING:
            if equal:
                _tell_swallowed(
                    run, side, type_, "undefined does not equal null, so the comparison is then false",
                    f"to test whether it is defined, write `$exists({run.source(side)})`",
                )  # fmt: skip
            return


def _tell_swallowed(run: Inferrer, node: Tree, type_: Type, message: str, help_: str) -> None:
    severity = Severity.WARNING if type_.atoms & NOTHING else Severity.NOTE
    why = f" ({type_.absent.text})" if type_.absent is not None else ""
    run.tell(Kind.SWALLOWED_NOTHING, severity, node, f"this may be undefined{why}, and {message}", help_, type=type_)


def _comparison(run: Inferrer, node: Binary, left: Type, right: Type) -> Type:
    sides = ((node.left, left), (node.right, right))
    for side, type_ in sides:
        if type_.atoms & ANY:
            tell_unchecked(run, side, type_, "a number or a string")
            continue
        rest = present(_without_numbers(Type(type_.atoms & ~TEXT, parts=type_.parts)))
        if not rest.is_never:
            comparable = not present(Type(type_.atoms & (NUMBER | TEXT), type_.literals, type_.formats)).is_never
            certain = not comparable and not type_.atoms & ABSENT
            help_ = "provide a default: `x != null ? x : 0`" if rest.atoms & NULL else None
            if rest.arrays:
                help_ = "`$count(x)` is the number of items, `$max(x)` the largest item"
            run.tell(
                Kind.WRONG_OPERAND,
                Severity.ERROR,
                side,
                f"`{node.operator}` compares numbers or strings, but this {'is' if certain else 'may be'} `{rest}`"
                + _when(certain),
                help_,
                certain=certain,
                may_fail=True,
                type=type_,
            )
    _check_same_kind(run, node, left, right)
    check_against_zero(run, node)
    for side, type_ in sides:
        if type_.atoms & ABSENT:
            _tell_compares_nothing(run, node, side, type_)
    if (left.atoms | right.atoms) & ANY:
        return _absent_from(Type(BOOLEAN), left, right)
    one, other = _comparable_kinds(left), _comparable_kinds(right)
    return _absent_from(Type(BOOLEAN if one & other else 0), left, right)


def _tell_compares_nothing(run: Inferrer, node: Binary, side: Tree, type_: Type) -> None:
    why = f" ({type_.absent.text})" if type_.absent is not None else ""
    run.tell(
        Kind.COMPARES_NOTHING, Severity.NOTE, side,
        f"this may be undefined{why}, and `{node.operator}` is then undefined, which counts as false",
        f"guard it: `$exists({run.source(side)}) and …`", type=type_,
    )  # fmt: skip


def _comparable_kinds(type_: Type) -> int:
    kinds = 0
    if type_.atoms & NUMBER or any(not isinstance(value, str) for value in type_.literals):
        kinds |= 1
    if type_.atoms & TEXT or type_.formats or any(isinstance(value, str) for value in type_.literals):
        kinds |= 2
    return kinds


def _check_same_kind(run: Inferrer, node: Binary, left: Type, right: Type) -> None:
    one, other = _comparable_kinds(left), _comparable_kinds(right)
    if not one or not other or (one == other and one != 3):  # noqa: PLR2004 - both kinds
        return
    certain = not one & other and not (left.atoms | right.atoms) & ABSENT
    run.tell(
        Kind.WRONG_OPERAND,
        Severity.ERROR,
        node,
        f"cannot compare a number with a string: this compares `{present(left)}` with `{present(right)}`, "
        f"and the expression fails{'' if certain else ' if their types differ'}",
        _READS_TIME if _is_time(left) or _is_time(right) else "convert the string: `$number(x)`",
        certain=certain,
        may_fail=True,
    )


def _concatenation(run: Inferrer, node: Binary, left: Type, right: Type) -> Type:
    for side, type_ in ((node.left, left), (node.right, right)):
        if type_.atoms & ABSENT:
            _tell_swallowed(
                run,
                side,
                type_,
                "`&` treats undefined as an empty string",
                f"guard it: `$exists({run.source(side)}) ? … : …`",
            )
        elif type_.atoms & NULL:
            run.tell(
                Kind.SWALLOWED_NOTHING,
                Severity.WARNING,
                side,
                "this may be null, and `&` converts null to the string `null`",
                f"guard it: `{run.source(side)} != null ? … : …`",
                type=type_,
            )
    return concatenation(left, right)


def _range(run: Inferrer, node: Binary, left: Type, right: Type) -> Type:
    for side, type_ in ((node.left, left), (node.right, right)):
        if type_.atoms & ANY:
            tell_unchecked(run, side, type_, "a whole number")
            continue
        rest = present(_without_integers(type_))
        if not rest.is_never:
            run.tell(
                Kind.WRONG_OPERAND,
                Severity.ERROR,
                side,
                f"`..` expects whole numbers, but this may be `{rest}`, and the expression then fails",
                "round it: `$floor(x)`" if rest.atoms & NUMBER else None,
                may_fail=True,
                type=type_,
            )
    ends = [_whole(type_) for type_ in (left, right)]
    absent = (left.atoms | right.atoms) & NOTHING
    if ends[0] is not None and ends[1] is not None and not absent:
        count = max(0, ends[1] - ends[0] + 1)
        if count > LONGEST_RANGE:
            run.tell(
                Kind.MAY_FAIL,
                Severity.ERROR,
                node,
                f"this range of {count:,} numbers exceeds the memory of Step Functions, at most {LONGEST_RANGE:,}",
                "loop over a smaller range, or pass the numbers in pages",
                certain=True,
                may_fail=True,
            )
            return NEVER
        return Type(parts=(Array((), Type(INTEGER), count, count, SEQUENCE),))
    origin = Origin("`..` contains no number if the start is greater than the end", node.start, node.end)
    return Type(parts=(Array((), Type(INTEGER), 0, None, SEQUENCE, origin),))


def _whole(type_: Type) -> int | None:
    if len(type_.literals) == 1 and not type_.atoms and not type_.parts:
        value = next(iter(type_.literals))
        return value if isinstance(value, int) else None
    return None


def _without_integers(type_: Type) -> Type:
    literals = frozenset(value for value in type_.literals if not isinstance(value, int))
    return Type(type_.atoms & ~INTEGER, literals, type_.formats, type_.parts)


def _membership(run: Inferrer, node: Binary, left: Type, right: Type) -> Type:
    if (left.atoms | right.atoms) & ANY:
        return Type(BOOLEAN)
    items = present(flattened(right)[0])
    one = present(left)
    if one.is_never or items.is_never:
        return Type(FALSE)
    if not may_be_equal(one, items):
        run.tell(
            Kind.NEVER_EQUAL,
            Severity.WARNING,
            node,
            f"this is always false: `{one}` is never in `{items}`",
            certain=True,
        )
        return Type(FALSE)
    check_members(run, node, left)
    return Type(BOOLEAN)


def _logical(run: Inferrer, node: Binary, context: Type, frame: Frame) -> Type:
    """`and` or `or`: an operand is evaluated with what the outcome of the previous operands implies."""
    conjunction = node.operator == "and"
    before = frame.save()
    known = Facts(context, {})
    atoms = 0
    for operand in operands(node):
        inside = enter(run, known, context, frame)
        given = run.evaluate(operand, inside, frame)
        if not check_default(run, node, operand):
            check_truth(run, operand, given, f"`{node.operator}`")
        verdict = truth(given)
        goes_on, stops = (verdict & TRUE, verdict & ~TRUE) if conjunction else (verdict & ~TRUE, verdict & TRUE)
        if stops:
            atoms |= FALSE if conjunction else TRUE
        if not goes_on:
            break
        narrowed = narrow(run, operand, known, frame, holds=conjunction)
        if narrowed is None:
            break
        known = narrowed
    else:
        atoms |= TRUE if conjunction else FALSE
    after = frame.bindings
    frame.restore(before)
    frame.join(after)
    return Type(atoms)
