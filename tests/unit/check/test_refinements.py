"""What nothing checks at run time: formats, lengths, more fields than declared; and what a place needs to be."""

from __future__ import annotations

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_text
from tests.unit.check.marks import marked, place

HEAD = """\
flowgen: 1
name: tested
input: {fields: {n: integer, f: number, s: string, d: date, t: date-time, nul: string?, xs: "string[]"}}
output: OUTPUT
types:
  Rate: {fields: {rate: number}}
functions:
  work: {input: {fields: {rate: Rate}}, output: {fields: {v: integer}}}
steps:
"""


def found(steps: str, output: str = "any") -> list[Diagnostic]:
    """The findings, which are exactly at the marks."""
    text, places = marked(HEAD.replace("OUTPUT", output) + steps)
    told = [one for one in check_text(text) if one.code not in ("FG209", "FG215")]
    assert [place(one) for one in told] == places, [f"{one.code} {place(one)} {one.message}" for one in told]
    return told


@pytest.mark.parametrize(
    ("wait", "code"),
    [
        ("{until: '${ «$input.d» }'}", "FG302"),
        ("{until: '${ «$input.s» }'}", "FG307"),
        ("{until: '${ «$fromMillis($input.n, \"[D].[M].[Y]\")» }'}", "FG307"),
        ("{until: '${ $input.t }'}", None),
        ("{until: '${ $fromMillis($toMillis($input.t) + 1000) }'}", None),
        ("{until: '${ $input.d & \"T09:00:00Z\" }'}", None),
        ("{until: '${ $input.d }T09:00:00+02:00'}", None),
        ("{until: '2026-01-${ $input.s }T00:00:00Z'}", None),
        ("'${ «$input.f» }'", "FG307"),
        ("'${ «1 - 5» }'", "FG302"),
        ("'${ $input.n }'", None),
    ],
)
def test_waits(wait: str, code: str | None) -> None:
    """Whole seconds that are not negative, or a timestamp."""
    assert [one.code for one in found(f"  - id: pause\n    wait: {wait}\n")] == ([code] if code else [])


@pytest.mark.parametrize(
    ("output", "value", "code"),
    [
        ("'string[1..]'", "«$input.xs»", "FG302"),
        ("'string[1..]'", '$count($input.xs) > 0 ? $input.xs : ["none"]', None),
        ("'string[0..2]'", "«$input.xs»", "FG302"),
        ("'string[0..2]'", "$count($input.xs) <= 2 ? $input.xs : []", None),
        ("date-time", "«$input.s»", "FG307"),
        ("date-time", "«$input.d»", "FG302"),
        ("date-time", "$now()", None),
        ("date", '$now("[Y0001]-[M01]-[D01]")', None),
    ],
)
def test_outputs(output: str, value: str, code: str | None) -> None:
    """Nothing checks the output of a workflow at run time, and a workflow that runs it relies on it."""
    assert [one.code for one in found(f"  - id: out\n    return: '${{ {value} }}'\n", output)] == (
        [code] if code else []
    )


ASKED = "  - {id: asked, http: GET https://example.com, connection: c, output: Rate}\n"


def test_a_response_may_have_more_fields() -> None:
    """It can't go whole where no others are allowed, and an object of its fields can."""
    whole = "  - {id: done, call: work, with: {rate: '${ «$asked» }'}}\n"
    (told,) = found(ASKED + whole)
    assert (told.code, "may have more fields than `Rate`" in told.message) == ("FG302", True)
    assert found(ASKED + "  - {id: done, call: work, with: {rate: {rate: '${ $asked.rate }'}}}\n") == []


def test_a_field_that_a_response_does_not_declare_is_a_mistake() -> None:
    """It may have more fields, but nobody says which."""
    assert [one.code for one in found(ASKED + "  - {id: done, set: '${ $asked.«rat» }'}\n")] == ["FG301"]


def test_null_in_a_template() -> None:
    """It is written as the string `null`, as `&` does."""
    steps = "  - {id: a, set: 'Dear ${ «$input.nul» }'}\n  - {id: b, set: '${ \"Dear \" & «$input.nul» }'}\n"
    assert [one.code for one in found(steps)] == ["FG308", "FG308"]


def test_places_in_s3() -> None:
    """Names of buckets and keys are strings."""
    steps = (
        "  - id: each_row\n"
        "    for_each: {reader: csv, bucket: '${ «$input.n» }', key: k, item: {fields: {a: string}}}\n"
        "    mode: distributed\n    max_concurrency: 3\n"
        "    writer: {bucket: b, prefix: '${ «$input.xs» }'}\n"
        "    steps: [{id: one, set: 1}]\n"
    )
    assert [one.code for one in found(steps)] == ["FG302", "FG302"]


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ("  - {id: a, if: «$count($input.xs) >= 0», set: 1}\n", "FG306"),
        ("  - {id: a, if: $input.n > 1 and $input.n < 0 and «$count($input.xs) < 0», set: 1}\n", "FG306"),
        ("  - {id: a, if: $exists($input.s), set: 1}\n", None),
        ("  - {id: a, if: $count($input.xs) > 0 or $exists($input.s), set: 1}\n", None),
        ("  - {id: a, repeat: {max: 3, until: «$count($input.xs) < 0»}, steps: [{id: b, set: 1}]}\n", "FG306"),
        ("  - {id: a, switch: [{when: «$count($input.xs) >= 0», steps: []}], else: [{id: b, set: 1}]}\n", "FG306"),
        ("  - {id: a, switch: [{when: «$count($input.xs) >= 0», steps: []}]}\n", "FG306"),
    ],
)
def test_conditions_with_one_outcome(steps: str, code: str | None) -> None:
    """Reported where code would never run; guards are not."""
    assert [one.code for one in found(steps)] == ([code] if code else [])


def test_variables_of_a_body_that_failed() -> None:
    """Handlers, `finally` and later rounds see what may have been assigned, as `$exists` asks for."""
    guarded = "'${ $exists($first) ? $first.v + 1 : 0 }'"
    body = (
        "  - id: both\n    steps:\n      - {id: first, call: work, with: {rate: {rate: 1}}}\n"
        "      - {id: second, call: work, with: {rate: {rate: 2}}}\n"
        f"    catch: [{{errors: any, steps: [{{id: caught, set: {guarded}}}]}}]\n"
        f"    finally: [{{id: finished, set: {guarded}}}]\n"
    )
    assert found(body) == []


def test_a_loop_that_keeps_a_list_in_a_step() -> None:
    """Its type is that after any number of rounds, also where only `$exists` reads the variable of the last one."""
    body = (
        "  - id: rounds\n    repeat: {max: 5, while: $input.n > 1}\n    steps:\n"
        "      - {id: kept, set: '${ $exists($kept) ? $append($kept, [1]) : [] }'}\n"
        "      - {id: third, set: {n?: '${ $kept[2] }'}}\n"
        "      - {id: total, set: '${ $exists($kept[2]) ? $kept[2] + 1 : 0 }'}\n"
    )
    assert found(body) == []


def test_details_by_the_name_of_an_error() -> None:
    """The name of a caught error tells its details, and a name that was not caught is never equal."""
    text = (
        "flowgen: 1\nname: tested\ninput: any\noutput: any\nfunctions:\n"
        "  ask: {input: any, output: any, errors: {Late: {fields: {days: integer}}, Gone: {fields: {why: string}}}}\n"
        "steps:\n  - id: asked\n    call: ask\n    catch:\n      - errors: [Late, Gone]\n        steps:\n"
        "          - {id: a, set: '${ $error.Error = \"Late\" ? $error.details.days : 0 }'}\n"
        "          - {id: b, set: '${ $error.Error = \"Lost\" ? 1 : 0 }'}\n"
    )
    assert [one.code for one in check_text(text)] == ["FG306"]
