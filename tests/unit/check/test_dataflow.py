"""The type check of data flow: what is reported, where, and what stays unchanged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowgen.check import analyse, check_dataflow
from flowgen.diagnostics import Diagnostic, Sink
from flowgen.model import Workflow, read_workflow
from flowgen.pipeline import check_text
from flowgen.source import read
from flowgen.types import show
from tests.unit.check.marks import marked, place

HEAD = """\
flowgen: 1
name: shop
input: Order
output: any
types:
  Line: {fields: {sku: string, quantity: integer}}
  Card: {fields: {method: [card], number: string}}
  Invoice: {fields: {method: [invoice], days: integer}}
  Payment: {one_of: {card: Card, invoice: Invoice}, tag: method}
  Order:
    fields:
      id: string
      total: number
      paid: boolean
      kind: [new, returned]
      lines: Line[]
      payment: Payment
      coupon?: string
      note: string?
      priority: integer = 0
  Charge: {fields: {amount: number, card: string, tip?: number}}
  Receipt: {fields: {id: string, at: string}}
  Reason: {fields: {reason: string}}
functions:
  charge: {input: Charge, output: Receipt, errors: {CardDeclined: Reason}}
  show: {input: Receipt, output: string}
  pack: {input: Line, output: integer}
  anything: {}
"""


def told(text: str, head: str = HEAD) -> list[Diagnostic]:
    """The findings of a workflow; those on what it declares and does not use left out."""
    return [one for one in check_text(head + text) if one.code != "FG209"]


def expect(code: str, steps: str, head: str = HEAD) -> list[Diagnostic]:
    """Findings of `code` are exactly at the marks, and there are no others."""
    text, places = marked(steps)
    lines = head.count("\n")
    diagnostics = told(text, head)
    shown = [f"{one.code} {place(one)} {one.message}" for one in diagnostics]
    wanted = [(code, (start + lines, column, end + lines, last)) for start, column, end, last in places]
    assert [(one.code, place(one)) for one in diagnostics] == wanted, shown
    return diagnostics


_BLOCK = re.compile(
    r"^## (?P<name>[^:\n]+)(?:: (?P<code>FG\d+))?\n\n```yaml\n(?P<steps>.*?)```", re.MULTILINE | re.DOTALL
)
CASES = {
    match["name"]: (match["code"] or "", match["steps"])
    for match in _BLOCK.finditer(Path(__file__).with_name("dataflow.md").read_text("utf-8"))
}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    """A mistake has one finding, under the part of the expression that is to blame; what is right has none."""
    code, steps = CASES[name]
    expect(code, steps)


FILLED = """\
flowgen: 1
name: filled
input: {fields: {one: %s, many: "A[]", known: map<A>, perhaps: A?, deep: "Deep = {}"}}
output: integer
types:
  A: {fields: {kind: [a], n: integer = 3}}
  B: {fields: {kind: [b], n: integer = 4}}
  Tagged: {one_of: {a: A, b: B}, tag: kind}
  Deep: {fields: {n: integer = 2}}
steps:
  - id: total
    set: "${ $input.one.n + $sum([$input.many.n]) + $input.deep.n + ($input.perhaps != null ? $input.perhaps.n : 0) }"
"""


def test_defaults_are_there_where_the_machine_fills_them_in() -> None:
    """In lists, maps, tagged unions and what may be null; not where it is unknown which type's defaults are meant."""
    assert [one for one in check_text(FILLED % "Tagged") if one.code != "FG209"] == []
    [finding] = check_text(FILLED.replace("  Tagged: {one_of: {a: A, b: B}, tag: kind}\n", "") % "A | B")
    assert finding.code == "FG303"
    assert "`n` may be absent from `A`, and its default is not filled in here" in finding.message


def test_contract_is_shown_next_to_the_mistake() -> None:
    """A value that does not fit points at the contract that asks for something else."""
    [finding] = told("steps:\n  - id: a\n    call: charge\n    with: {amount: many, card: x}\n")
    assert finding.message == '`amount` is "many", expected `number`'
    assert finding.label == "does not fit the input of `charge`"
    assert [(label.span.start.line, label.text) for label in finding.secondary] == [
        (25, "the input of `charge`"),
        (21, "declared here"),
    ]


def test_unknown_field_suggests() -> None:
    """The help names the field that was meant, and the label shows the type."""
    [finding] = told("steps:\n  - {id: a, set: '${ $input.totl }'}\n")
    assert finding.help == "did you mean `total`?"
    assert [(label.span.start.line, label.text) for label in finding.secondary] == [(10, "declared here")]


def test_an_error_is_reported_once() -> None:
    """What only follows from a mistake is not told again."""
    steps = (
        "steps:\n  - {id: a, set: {x: '${ $input.«totl» }'}}\n"
        "  - {id: b, call: show}\n  - {id: c, set: '${ $a.x + 1 }'}\n"
    )
    head = HEAD.replace("show: {input: Receipt", "show: {input: any")
    expect("FG301", steps, head)


def test_output_of_the_workflow() -> None:
    """The last value, and what a `return` gives, fit the workflow's output."""
    head = HEAD.replace("output: any\ntypes", "output: Receipt\ntypes")
    expect("FG302", "steps:\n  - {id: a, set: «{id: x}»}\n", head)
    expect("FG302", "steps:\n  - {id: a, return: {id: x, at: «1»}}\n", head)


def test_other_workflows_contract() -> None:
    """The argument and the value of a `workflow` step are those of the other workflow's contract."""
    child = _workflow(
        "flowgen: 1\nname: child\ninput: Sent\noutput: integer\ntypes: {Sent: {fields: {n: integer}}}\nsteps: []\n"
    )
    parent = _workflow(
        "flowgen: 1\nname: parent\nsteps:\n"
        "  - {id: a, workflow: child, with: {n: x}}\n  - {id: b, set: '${ $uppercase($a) }'}\n"
    )
    found = list(check_dataflow(parent, {"child": child}))
    assert [(one.code, one.span.start.line if one.span else 0) for one in found] == [("FG302", 4), ("FG305", 5)]


def _workflow(text: str) -> Workflow:
    sink = Sink()
    root = read("w.yaml", text, sink)
    made = None if root is None else read_workflow(root, sink)
    assert made is not None
    return made


def test_strict_mode_tells_where_any_hides_something() -> None:
    """Contracts that say nothing, and values of which nothing is known where a type is expected."""
    text = (
        "flowgen: 1\nname: w\ninput: any\noutput: any\nfunctions:\n  loose: {output: any}\n  exact: {input: string}\n"
        "steps:\n  - {id: a, call: loose}\n  - {id: b, call: exact}\n"
    )
    found = list(check_dataflow(_workflow(text), {}, strict=True))
    assert [(one.code, one.span.start.line if one.span else 0) for one in found] == [
        ("FG311", 6),
        ("FG311", 7),
        ("FG311", 10),
    ]
    assert list(check_dataflow(_workflow(text), {})) == []


def test_strict_mode_asks_for_no_output_that_nobody_reads() -> None:
    """A function whose calls wait for an answer gives nothing that counts; what follows from an error is not told."""
    head = "flowgen: 1\nname: w\ninput: string\noutput: string\nfunctions:\n  ask: {input: string}\n"
    asked = head + "steps:\n  - {id: a, call: ask, callback: string}\n"
    assert list(check_dataflow(_workflow(asked), {}, strict=True)) == []
    [finding] = check_dataflow(
        _workflow(asked.replace(", callback: string", "") + "  - {id: b, set: x}\n"), {}, strict=True
    )
    assert finding.help == "declare it: `output: TYPE`, or `output: null` if there is none"
    broken = head.replace("  ask: {input: string}", "  f: {input: string, output: string}")
    [finding] = check_dataflow(
        _workflow(broken + "steps:\n  - {id: a, call: f, with: '${ $input.x }'}\n"), {}, strict=True
    )
    assert finding.code == "FG301"


def test_strict_mode_tells_what_no_type_says() -> None:
    """A schema that is taken for a wider type, at the place of its declaration."""
    text = (
        "flowgen: 1\nname: w\ninput: T\noutput: T\ntypes:\n  T:\n    type: object\n    properties:\n"
        "      a: {type: string, not: {const: x}}\n    additionalProperties: false\nsteps: []\n"
    )
    [finding] = check_dataflow(_workflow(text), {}, strict=True)
    assert (finding.code, finding.span and finding.span.start.line) == ("FG313", 9)
    assert finding.message == "`flowgen check` ignores `not` in `T`: `not` is checked at run time only"
    assert list(check_dataflow(_workflow(text), {})) == []


AWS = """\
flowgen: 1
name: w
steps:
  - id: item
    aws: dynamodb:getItem
    with: {TableName: orders, Key: {id: {S: x}}}
  - id: listed
    aws: s3:listObjectsV2
    with: {Bucket: inbox}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("TableName: orders, ", "", ("FG302", 6)),
        ("Key: {", "Keys: {", ("FG302", 6)),
        ("{S: x}", "{S: 4}", ("FG302", 6)),
        ("{Bucket: inbox}", "{Bucket: inbox, MaxKeys: many}", ("FG302", 9)),
    ],
)
def test_aws_call_is_compared_with_the_api(old: str, new: str, told: tuple[str, int]) -> None:
    """AWS's own model says which members there are, which must be given, and what they are."""
    pytest.importorskip("botocore")
    assert list(check_dataflow(_workflow(AWS), {})) == []
    found = list(check_dataflow(_workflow(AWS.replace(old, new)), {}))
    assert [(one.code, one.span.start.line if one.span else 0) for one in found] == [told]


def test_response_of_an_aws_call_has_a_type() -> None:
    """A member that the API does not give is reported; one that it gives may be read, although it calls it optional."""
    pytest.importorskip("botocore")
    read = "  - {id: size, set: '${ $listed.KeyCount + 1 }'}\n  - {id: name, set: '${ $item.Item.name.S }'}\n"
    assert list(check_dataflow(_workflow(AWS + read), {})) == []
    [finding] = check_dataflow(_workflow(AWS + "  - {id: size, set: '${ $listed.KeyCont }'}\n"), {})
    assert (finding.code, finding.help) == ("FG301", "did you mean `KeyCount`?")


def test_types_of_steps_and_coverage() -> None:
    """What goes into each step and comes out, and which expressions are fully known."""
    steps = "  - {id: a, set: '${ $input.total * 2 }'}\n  - {id: b, call: anything}\n  - {id: c, set: '${ $b.x }'}\n"
    text = f"{HEAD}steps:\n{steps}"
    found = analyse(_workflow(text), {})
    assert {step: (show(taken), show(given)) for step, (taken, given) in found.steps.items()} == {
        "a": ("Order", "number"),
        "b": ("number", "any"),
        "c": ("any", "any"),
    }
    assert [(span.start.column, why) for span, why in found.expressions.items()] == [
        (22, None),
        (22, "it is declared `any`"),
    ]
    steps = "  - {id: a, if: $input.paid, return: '${ $input.id }'}\n  - {id: b, fail: {error: Bad}}\n"
    kinds = analyse(_workflow(f"{HEAD}steps:\n{steps}"), {}).steps
    assert [show(given) for _, given in kinds.values()] == ["Order", "never"]


def test_a_branch_that_the_workflow_ends_with_is_marked_at_its_value() -> None:
    """Not at the `switch`, whose value is that of several branches."""
    head = HEAD.replace("output: any", "output: {fields: {done: boolean}}", 1)
    expect(
        "FG302",
        """\
steps:
  - id: a
    switch:
      - when: $input.paid
        steps: [{id: b, set: {done: true}}]
    else:
      - {id: c, set: {done: «1»}}
""",
        head,
    )


COMPUTED = {
    "fields": "$input.coupon",
    "functions of what may be absent": "$uppercase($input.coupon)",
    "items": "$input.lines[0].sku",
    "filters": "$input.lines[quantity > 1][0].sku",
    "lookups": "$lookup({'a': 'b'}, $input.id)",
    "aggregates": "$max($input.lines.quantity)",
    "other variants": "$input.payment.days",
}


@pytest.mark.parametrize("expression", COMPUTED.values(), ids=COMPUTED)
def test_the_guard_that_is_proposed_works(expression: str) -> None:
    """With it, nothing may be absent any more."""
    text = 'steps:\n  - {id: a, set: {v: "${ %s }"}}\n'
    [finding] = told(text % expression)
    assert finding.code == "FG303"
    assert finding.help is not None

    guarded = finding.help.removeprefix("guard it (`").partition("`)")[0].replace("…", "'none'")

    assert told(text % guarded) == []


def test_the_variant_without_a_field_is_named() -> None:
    [finding] = told("steps:\n  - {id: a, set: {v: '${ $input.payment.days }'}}\n")

    assert "`days` may be absent: `Card` has no such field" in finding.message
