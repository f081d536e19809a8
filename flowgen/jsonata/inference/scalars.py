"""The results of the functions of numbers, strings, booleans and time, and of those that raise errors."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import trial
from flowgen.jsonata.failures import EvaluationFailure
from flowgen.jsonata.inference.callables import Pattern
from flowgen.jsonata.inference.doubtful import check_truth
from flowgen.jsonata.inference.inferrer import sequence_of
from flowgen.jsonata.inference.invocation import Invocation, Result, from_arrays, is_literal, none_of
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import truth
from flowgen.types import NEVER, Type, expand, literal, optional, present, union, unknown, widen
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    BOOLEAN,
    FALSE,
    INTEGER,
    NOTHING,
    NULL,
    NUMBER,
    NUMERIC,
    TEXT,
    TRUE,
    Array,
    Function,
    Object,
    Origin,
    only_absent,
)

_KINDS = {"text": Type(TEXT), "number": Type(NUMBER), "boolean": Type(BOOLEAN)}


def _numbers(type_: Type) -> Type:
    type_ = expand(type_)
    atoms = INTEGER if not type_.atoms & ANY else NUMBER
    widened = widen(type_)
    return Type(widened.atoms & NUMBER or atoms)


def total(use: Invocation) -> Type:
    given = from_arrays(use, lambda array: _numbers(array.item()) if array.most != 0 else Type(INTEGER))
    if not given.absent:
        return given
    why = replace(
        given.absent, text=f"{given.absent.text}; `$sum` of undefined is undefined, but `$sum([…])` is a number"
    )
    return replace(given, absent=why)


def count(use: Invocation) -> Type:
    first = expand(use.first)
    results: list[Type] = [literal(0)] if first.atoms & ABSENT else []
    results += [literal(array.least) if array.least == array.most else Type(INTEGER) for array in first.arrays]
    if first.atoms & ANY:
        results.append(Type(INTEGER))
    return union(*results)


def extreme(use: Invocation) -> Type:
    def one(array: Array) -> Type:
        item = expand(array.item())
        type_ = item if not item.atoms & ANY else Type(NUMBER)
        return type_ if array.least > 0 else optional(type_, none_of(use, "numbers"))

    return from_arrays(use, one)


def average(use: Invocation) -> Type:
    def one(array: Array) -> Type:
        if array.most == 0:
            return Type(NOTHING, absent=none_of(use, "numbers"))
        return Type(NUMBER) if array.least > 0 else optional(Type(NUMBER), none_of(use, "numbers"))

    return from_arrays(use, one)


def needs_second(kind: str) -> Result:
    def given(use: Invocation) -> Type:
        second = use.argument(1)
        result = use.unless_nothing(_KINDS[kind])
        if second.may_be_absent:
            use.fails("its second argument is undefined", "guard it with `$exists`")
            result = union(result, only_absent(second))  # later versions of JSONata return this instead of failing
        _check_matcher(use, second)
        return result

    return given


def _check_matcher(use: Invocation, matcher: Type) -> None:
    """Checks a user-defined matcher, which replaces a regular expression and is called with a string."""
    for part in matcher.functions:
        if not isinstance(part.value, Pattern):
            use.call(Type(parts=(part,)), Type(TEXT))
            use.fails("the matcher function does not return a match object", severity=Severity.NOTE)


def parsed_integer(use: Invocation) -> Type:
    given = needs_second("number")(use)
    if not _succeeds(use):
        use.fails("the string does not match the picture")
    return given


def _succeeds(use: Invocation) -> bool:
    """Whether all arguments are constants for which the function does not fail; evaluates it to find out."""
    if not use.arguments or not all(len(argument.literals) == 1 and is_literal(argument) for argument in use.arguments):
        return False
    names = [f"a{index}" for index in range(len(use.arguments))]
    call = trial(f"[${use.name}({', '.join(f'${name}' for name in names)})]")
    values = {name: next(iter(one.literals)) for name, one in zip(names, use.arguments, strict=True)}
    try:
        return bool(call.evaluate(values, _NO_WORLD))
    except EvaluationFailure:
        return False


def pictured(kind: str) -> Result:
    def given(use: Invocation) -> Type:
        _check_picture(use)
        return use.unless_nothing(_KINDS[kind])

    return given


def from_millis(use: Invocation) -> Type:
    return use.unless_nothing(_time(use, "$fromMillis($sample, $picture, $zone)", 1))


def now(use: Invocation) -> Type:
    return _time(use, "$fromMillis($sample, $picture, $zone)", 0)


_SAMPLES = (0, 951_825_600_000, 4_102_444_799_999)
"""Times for trying out pictures: the first second, a leap day, the end of this century."""

_FORMS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
}


def _time(use: Invocation, text: str, index: int) -> Type:
    """A formatted time: `date-time` or `date` if its picture has this format. Evaluates the picture to find out."""
    bindings: dict[str, object] = {}
    for name, argument in (("picture", use.argument(index)), ("zone", use.argument(index + 1))):
        if present(argument).is_never:
            continue
        if len(argument.literals) != 1 or not is_literal(argument):
            use.fails("the picture or the time zone is not valid", severity=Severity.NOTE)
            return Type(TEXT)
        bindings[name] = next(iter(argument.literals))
    if not bindings:
        return Type(formats=frozenset({"date-time"}))
    for name in ("picture", "zone"):
        if name not in bindings:
            text = text.replace(f"${name}", "$none")
    try:
        written = [trial(text).evaluate({**bindings, "sample": sample}, _NO_WORLD) for sample in _SAMPLES]
    except EvaluationFailure as failure:
        _tell_refused(use, index, failure)
        return Type(TEXT)
    forms = [name for name, form in _FORMS.items() if all(form.fullmatch(string) for string in written)]
    return Type(formats=frozenset(forms)) if forms else Type(TEXT)


def _check_picture(use: Invocation) -> None:
    """Checks a literal picture by evaluating it."""
    picture = use.argument(1)
    if present(picture).is_never and use.name == "toMillis":
        return
    value = next(iter(picture.literals), None)
    if len(picture.literals) != 1 or not is_literal(picture) or not present(use.argument(2)).is_never:
        use.fails("the picture is invalid or missing", severity=Severity.NOTE)
        return
    sample = "" if use.name in ("toMillis", "parseInteger") else 1
    expression = trial(f"[${use.name}($sample, $picture)]")
    try:
        expression.evaluate({"sample": sample, "picture": value}, _NO_WORLD)
    except EvaluationFailure as failure:
        _tell_refused(use, 1, failure)


def _tell_refused(use: Invocation, index: int, failure: EvaluationFailure) -> None:
    _, refused, reason = failure.reason.rpartition("evaluation. ")
    if refused:
        message = f"invalid picture for `${use.name}`: {reason}"
        use.run.tell(Kind.WRONG_ARGUMENT, Severity.WARNING, use.at(index), message, certain=True, may_fail=True)
    else:
        use.fails("the picture makes the result too long", severity=Severity.NOTE)


def _check_surprises(use: Invocation) -> None:
    """Warns about a picture for which JSONata 2.0.6 computes a different time than later versions.

    Not verified on AWS, which runs 2.0.6 (jsonata-js/jsonata, issues 546, 727, 750 and 778).
    """
    picture = use.argument(1)
    for value in picture.literals if is_literal(picture) else ():
        for pattern, what in _SURPRISES:
            if isinstance(value, str) and pattern.search(value):
                use.run.tell(
                    Kind.SURPRISE, Severity.WARNING, use.at(1), f"JSONata 2.0.6, which Step Functions runs, {what}",
                    "parse the parts with `$substring`, and pass `$toMillis` an ISO 8601 timestamp",
                )  # fmt: skip
                return


_DIGITS = r"\[[YMDdHhmsf][^\]a-zN]*\]"
_SURPRISES = (
    (re.compile(rf"{_DIGITS}{_DIGITS}"), "misreads adjacent numbers with no separator"),
    (re.compile(r"\[f(?!0{0,2}\d\])|\[f0?\d\]"), "reads a fraction of a second as a number of milliseconds"),
    (re.compile(r"\[Y(?:,\*?-?2(?:-2)?|\d\d)\]"), "reads a two-digit year as a year of the 20th century"),
)


_PICTURES_OPTIONAL = ("fromMillis", "toMillis", "now")


_NO_WORLD = Environment(random.Random(0), lambda: 0)  # noqa: S311 - the evaluated functions use no randomness


def pad(use: Invocation) -> Type:
    return use.unless_nothing(Type(TEXT))


def based(use: Invocation) -> Type:
    base = use.argument(1)
    fits = is_literal(base) and all(isinstance(value, int) and 2 <= value <= 36 for value in base.literals)  # noqa: PLR2004 - ten digits and 26 letters
    if not fits and not (present(base).is_never and base.may_be_absent):
        use.fails("the base is not between 2 and 36", severity=Severity.NOTE)
    return use.unless_nothing(Type(TEXT))


def matches(use: Invocation) -> Type:
    _check_matcher(use, use.argument(1))
    _limit(use, 2)
    group = Type(TEXT | NULL)
    fields = {
        "match": Type(TEXT),
        "index": Type(INTEGER),
        "groups": Type(parts=(Array((), group, 0, None),)),
    }
    found = sequence_of(
        Type(parts=(Object(fields, NEVER),)),
        0,
        None,
        Origin(f"`${use.name}` may find any number of matches", use.node.start, use.node.end),
    )
    return use.unless_nothing(found)


def _limit(use: Invocation, index: int) -> None:
    limit = use.argument(index)
    if present(limit).is_never and limit.may_be_absent:
        return
    if not (is_literal(limit) and all(not isinstance(value, str) and value >= 0 for value in limit.literals)):
        use.fails("the limit is negative", severity=Severity.NOTE)


def replaced(use: Invocation) -> Type:
    pattern = use.argument(1)
    _check_matcher(use, pattern)
    _limit(use, 3)
    if pattern.may_be_absent or use.argument(2).may_be_absent:
        use.fails("the pattern or the replacement is undefined", "guard it with `$exists`")
    if pattern.atoms & (TEXT | ANY) or pattern.formats or "" in pattern.literals:
        use.fails("the pattern is an empty string", severity=Severity.NOTE)
    for part in use.argument(2).functions:
        fields = {
            "match": Type(TEXT),
            "start": Type(INTEGER),
            "end": Type(INTEGER),
            "groups": Type(parts=(Array((), Type(TEXT | NOTHING), 0, None),)),
        }
        match_ = Type(parts=(Object(fields, unknown("it is a match of a regular expression")),))
        given = expand(use.call(Type(parts=(part,)), match_))
        if given.atoms & ~TEXT or given.parts or any(not isinstance(value, str) for value in given.literals):
            use.fails(f"the replacement function does not return a string: its result is `{given}`")
    return use.unless_nothing(Type(TEXT))


def split(use: Invocation) -> Type:
    separator = use.argument(1)
    _check_matcher(use, separator)
    _limit(use, 2)
    if separator.may_be_absent:
        use.fails("the separator is undefined", "guard it with `$exists`")
    least = 1 if _splits(separator) and _at_least_one(use.argument(2)) else 0
    return use.unless_nothing(Type(parts=(Array((), Type(TEXT), least, None),)))


def _splits(separator: Type) -> bool:
    """Whether the result has at least one part: only an empty separator splits an empty string into none."""
    texts = is_literal(separator) and "" not in separator.literals
    return texts or (
        bool(separator.functions)
        and len(separator.functions) == len(separator.parts)
        and not (separator.atoms or separator.literals or separator.formats)
    )


def _at_least_one(limit: Type) -> bool:
    if present(limit).is_never:
        return True
    return is_literal(limit) and all(not isinstance(value, str) and value >= 1 for value in limit.literals)


def number(use: Invocation) -> Type:
    first = expand(use.first)
    if _succeeds(use):
        return Type(NUMBER)
    unknown_ = first.atoms & (TEXT | ANY) or first.formats - {NUMERIC}
    if unknown_ or any(isinstance(value, str) for value in first.literals):
        times = use.first.formats & {"date", "date-time"}
        test = "test it first: `$contains(x, /^-?[0-9]+([.][0-9]+)?$/) ? $number(x) : …`"
        use.fails(
            "the string is not a number", "convert the timestamp to milliseconds: `$toMillis(x)`" if times else test
        )
        return use.unless_nothing(Type(NUMBER))
    if first.formats:
        return use.unless_nothing(Type(NUMBER))
    kept = Type(first.atoms & NUMBER, first.literals)
    return use.unless_nothing(union(kept, Type(INTEGER)) if first.atoms & BOOLEAN else kept)


def rounded(use: Invocation) -> Type:
    precision = use.argument(1)
    whole = present(precision).is_never or (
        is_literal(precision) and all(not isinstance(value, str) and value <= 0 for value in precision.literals)
    )
    return use.unless_nothing(Type(INTEGER) if whole else _numbers(use.first))


def same_number(use: Invocation) -> Type:
    return use.unless_nothing(_numbers(present(use.first)))


def power(use: Invocation) -> Type:
    exponent = use.argument(1)
    small = is_literal(exponent) and all(isinstance(value, int) and 0 <= value <= 16 for value in exponent.literals)  # noqa: PLR2004 - far from overflow
    if not small:
        use.fails("the result is not a number or too large", severity=Severity.NOTE)
    return use.unless_nothing(_numbers(present(use.first)) if small else Type(NUMBER))


def _truth_type(verdict: int) -> Type:
    return Type(verdict & (TRUE | FALSE | NOTHING))


def boolean(use: Invocation) -> Type:
    return union(_truth_type(truth(use.first)), only_absent(use.first))


def negated(use: Invocation) -> Type:
    first = use.first
    verdict = truth(first)
    if use.nodes:
        check_truth(use.run, use.at(0), first, "`$not`")
    if first.atoms & NOTHING and use.nodes:
        why = f" ({first.absent.text})" if first.absent is not None else ""
        use.run.tell(
            Kind.SWALLOWED_NOTHING,
            Severity.WARNING,
            use.at(0),
            f"this may be undefined{why}, and `$not` of undefined is undefined, which counts as false",
            "handle this case: `$exists(x) ? $not(x) : true`",
            type=first,
        )
    atoms = (TRUE if verdict & FALSE else 0) | (FALSE if verdict & TRUE else 0)
    inner = TRUE if verdict & NOTHING and not first.atoms & ABSENT else 0
    return union(Type(atoms | inner), only_absent(first))


def exists(use: Invocation) -> Type:
    first = use.first
    return Type((FALSE if first.atoms & ABSENT else 0) | (TRUE if not present(first).is_never else 0))


def type_name(use: Invocation) -> Type:
    first = expand(use.first)
    if first.atoms & ANY:
        names = ["null", "number", "string", "boolean", "array", "object"]
        return union(Type(literals=frozenset(names)), only_absent(first))
    names = []
    texts = any(isinstance(value, str) for value in first.literals)
    if first.atoms & NULL:
        names.append("null")
    if first.atoms & NUMBER or any(not isinstance(value, str) for value in first.literals):
        names.append("number")
    if first.atoms & TEXT or first.formats or texts:
        names.append("string")
    if first.atoms & BOOLEAN:
        names.append("boolean")
    for part in first.parts:
        names.append({Array: "array", Object: "object", Function: "function"}[type(part)])
    return union(Type(literals=frozenset(names)), only_absent(first))


def raised(use: Invocation) -> Type:
    use.run.tell(
        Kind.RAISES, Severity.NOTE, use.node, "`$error` makes the expression fail", certain=True, may_fail=True
    )
    return NEVER


def asserted(use: Invocation) -> Type:
    use.run.tell(
        Kind.RAISES, Severity.NOTE, use.node, "`$assert` makes the expression fail if its condition is false",
        may_fail=True,
    )  # fmt: skip
    return Type(NOTHING, absent=Origin("`$assert` returns undefined", use.node.start, use.node.end))


_TIMES = frozenset({"date", "date-time"})


def to_millis(use: Invocation) -> Type:
    _check_picture(use)
    _check_surprises(use)
    given = use.unless_nothing(Type(INTEGER))
    first, picture = present(expand(use.first)), use.argument(1)
    if is_literal(first) and (present(picture).is_never or is_literal(picture)):
        return _read_literals(use, first, picture, given)
    iso = not (first.atoms & (TEXT | ANY) or first.literals) and first.formats <= _TIMES
    if not (iso and present(picture).is_never):
        use.fails("the string is not a timestamp in this format", "declare the value as `date-time`")
    if present(picture).is_never:
        return given
    return optional(given, _not_in_form(use))


def _not_in_form(use: Invocation) -> Origin:
    text = "`$toMillis` returns undefined if the string does not match the picture"
    return Origin(text, use.node.start, use.node.end)


def _read_literals(use: Invocation, texts: Type, picture: Type, given: Type) -> Type:
    """`$toMillis` of literal strings: evaluates each of them."""
    values: list[object] = [*picture.literals]
    call = trial(f"[$toMillis($text{', $picture' if values else ''})]")
    for text in sorted(map(str, texts.literals)):
        bindings = {"text": text, **({"picture": values[0]} if values else {})}
        try:
            found = call.evaluate(bindings, _NO_WORLD)
        except EvaluationFailure:
            use.fails(f"the string is not a timestamp in this format, and `{text}` is not one")
            continue
        if not found:
            given = optional(given, _not_in_form(use))
    return given


_ALGORITHMS = frozenset({"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"})


def hashed(use: Invocation) -> Type:
    algorithm = use.argument(1)
    absent = Origin("`$hash` without an algorithm returns undefined", use.node.start, use.node.end)
    if present(algorithm).is_never:
        return Type(NOTHING, absent=absent)
    if not (is_literal(algorithm) and algorithm.literals <= _ALGORITHMS):
        known = ", ".join(f"`{name}`" for name in sorted(_ALGORITHMS))
        use.fails("the algorithm is not supported", f"use one of {known}")
    return (
        optional(use.unless_nothing(Type(TEXT)), absent) if algorithm.may_be_absent else use.unless_nothing(Type(TEXT))
    )


def drawn(use: Invocation) -> Type:
    """A number from 0 up to, but not including, 1; Step Functions accepts a seed."""
    del use
    return Type(NUMBER)


def uuid(use: Invocation) -> Type:
    del use
    return Type(formats=frozenset({"uuid"}))


def parsed(use: Invocation) -> Type:
    found = unknown("`$parse` may return any JSON value", use.node.start, use.node.end)
    return use.unless_nothing(found)
