"""The type check of data flow: what is told, where, and what is left alone."""

from __future__ import annotations

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_text
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
  charge: {input: Charge, output: Receipt, errors: {CardDeclined: Reason, Closed: null}}
  show: {input: Receipt, output: string}
  pack: {input: Line, output: integer}
  anything: {}
"""


def told(text: str, head: str = HEAD) -> list[Diagnostic]:
    """The findings of a workflow; those on what it declares and does not use left out."""
    return [one for one in check_text(head + text) if one.code != "FG209"]


def expect(code: str, steps: str, head: str = HEAD) -> list[Diagnostic]:
    """Findings of `code` stand exactly at the marks, and there are no others."""
    text, places = marked(steps)
    lines = head.count("\n")
    diagnostics = told(text, head)
    shown = [f"{one.code} {place(one)} {one.message}" for one in diagnostics]
    wanted = [(code, (start + lines, column, end + lines, last)) for start, column, end, last in places]
    assert [(one.code, place(one)) for one in diagnostics] == wanted, shown
    return diagnostics


WRONG = {
    "a field that is not there": ("FG301", "steps:\n  - {id: a, set: '${ $input.«totl» }'}\n"),
    "a field of the value of a step": (
        "FG301",
        "steps:\n  - {id: a, call: charge, with: {amount: 1, card: x}}\n  - {id: b, set: '${ $a.«cost» }'}\n",
    ),
    "a field in the context": ("FG301", "steps:\n  - {id: a, set: '${ $context.Execution.«Nme» }'}\n"),
    "a missing field of an argument": ("FG302", "steps:\n  - id: a\n    call: charge\n    with: «{amount: 1}»\n"),
    "a field too many": ("FG302", "steps:\n  - id: a\n    call: charge\n    with: {amount: 1, card: x, «tpi»: 2}\n"),
    "a field of another kind": ("FG302", "steps:\n  - id: a\n    call: charge\n    with: {amount: «many», card: x}\n"),
    "an expression of another kind": (
        "FG302",
        "steps:\n  - id: a\n    call: charge\n    with: {amount: '${ «$input.id» }', card: x}\n",
    ),
    "null where none is allowed": (
        "FG302",
        "steps:\n  - id: a\n    call: charge\n    with: {amount: 1, card: '${ «$input.note» }'}\n",
    ),
    "the value before": ("FG302", "steps:\n  - {id: a, set: {x: 1}}\n  - {id: b, call: «charge»}\n"),
    "the workflow's input, threaded": ("FG302", "steps:\n  - {id: a, call: «charge»}\n"),
    "an error's details": (
        "FG301",
        "steps:\n  - id: a\n    call: charge\n    with: {amount: 1, card: x}\n    catch:\n"
        "      - errors: [CardDeclined]\n        steps: [{id: b, set: '${ $error.details.«reson» }'}]\n",
    ),
    "details that this error has not": (
        "FG301",
        "steps:\n  - id: a\n    call: charge\n    with: {amount: 1, card: x}\n    catch:\n"
        "      - errors: [States.Timeout]\n        steps: [{id: b, set: '${ $error.«details».reason }'}]\n",
    ),
    "an optional field unguarded": ("FG303", "steps:\n  - {id: a, set: {c: '${ «$input.coupon» }'}}\n"),
    "else forgotten": ("FG303", "steps:\n  - {id: a, set: '${ «$input.paid ? 1» }'}\n"),
    "a flattened path": ("FG304", "steps:\n  - {id: a, set: '${ «$input.lines.sku» }'}\n"),
    "a flattened path as items": (
        "FG304",
        "steps:\n  - id: a\n    for_each: «$input.lines.sku»\n    steps: []\n",
    ),
    "no array as items": ("FG302", "steps:\n  - id: a\n    for_each: «$input.id»\n    steps: []\n"),
    "an item of another type": (
        "FG302",
        "steps:\n  - id: a\n    for_each: '[1, 2]'\n    steps: [{id: b, call: «pack»}]\n",
    ),
    "text plus number": ("FG305", "steps:\n  - {id: a, set: '${ «$input.id» + 1 }'}\n"),
    "a number for a text": ("FG305", "steps:\n  - {id: a, set: '${ $uppercase(«$input.total») }'}\n"),
    "a case that never is": (
        "FG306",
        "steps:\n  - {id: a, match: $input.kind, cases: {«nwe»: []}, else: []}\n",
    ),
    "a comparison of two kinds": ("FG306", "steps:\n  - {id: a, set: '${ «$input.id = 1» }'}\n"),
    "a conversion that nothing catches": ("FG307", "steps:\n  - {id: a, set: '${ «$number($input.id)» }'}\n"),
    "a gap in a text": ("FG308", "steps:\n  - {id: a, set: 'with ${ «$input.coupon» }!'}\n"),
    "a member without a case": ("FG309", "steps:\n  - {id: a, match: «$input.kind», cases: {new: []}}\n"),
    "a text without else": ("FG309", "steps:\n  - {id: a, match: «$input.id», cases: {x: []}}\n"),
    "a variant without a case": ("FG309", "steps:\n  - {id: a, match: «$input.payment.method», cases: {card: []}}\n"),
    "a number as a condition": ("FG310", "steps:\n  - {id: a, if: «$input.total», set: 1}\n"),
    "an optional field as a condition": (
        "FG310",
        "steps:\n  - {id: a, switch: [{when: «$input.coupon = 'x' ? true», steps: []}]}\n",
    ),
    "the field of another variant": (
        "FG301",
        "steps:\n  - id: a\n    match: $input.payment.method\n    cases:\n"
        "      card: [{id: b, set: '${ $input.payment.«days» }'}]\n      invoice: []\n",
    ),
    "what a skipped step passes on": (
        "FG302",
        "steps:\n  - {id: a, if: $input.paid, call: charge, with: {amount: 1, card: x}, skipped: none}\n"
        "  - {id: b, call: «show»}\n",
    ),
    "what a handler gives": (
        "FG302",
        "steps:\n  - id: a\n    call: charge\n    with: {amount: 1, card: x}\n    catch:\n"
        "      - errors: [CardDeclined]\n        steps: [{id: b, set: late}]\n  - {id: c, call: «show»}\n",
    ),
    "a branch of a parallel": (
        "FG301",
        "steps:\n  - id: a\n    parallel:\n      left: [{id: b, set: 1}]\n  - {id: c, set: '${ $a.«rigth» }'}\n",
    ),
    "the items of a for_each": (
        "FG302",
        "steps:\n  - id: a\n    for_each: $input.lines\n    steps: [{id: b, call: pack}]\n"
        "  - {id: c, call: show, with: {id: '${ «$a» }', at: x}}\n",
    ),
    "the value of a loop": (
        "FG302",
        "steps:\n  - id: a\n    repeat: {with: 0, as: n, until: $n > 3, max: 9}\n    steps: [{id: b, set: '${ $n + 1 }'}]\n"
        "  - {id: c, call: «show»}\n",
    ),
    "what undoes a step": (
        "FG302",
        "steps:\n  - id: a\n    call: charge\n    with: {amount: 1, card: x}\n    compensate: {call: «pack»}\n",
    ),
    "the answer of a callback": (
        "FG301",
        "steps:\n  - {id: a, call: anything, callback: Receipt}\n  - {id: b, set: '${ $a.«idd» }'}\n",
    ),
    "an http body": (
        "FG301",
        "steps:\n  - {id: a, http: 'GET https://example.com', connection: shop, output: Receipt}\n"
        "  - {id: b, set: '${ $a.«idd» }'}\n",
    ),
    "the cause of a failure": ("FG302", "steps:\n  - {id: a, fail: {error: Wrong, cause: '${ «$input.total» }'}}\n"),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistake_is_told_at_its_place(name: str) -> None:
    """Each mistake has one finding, under the part of the expression that is to blame."""
    code, steps = WRONG[name]
    expect(code, steps)


RIGHT = {
    "a guarded field": "steps:\n  - {id: a, if: $exists($input.coupon), set: {c: '${ $input.coupon }'}}\n",
    "a guard in the expression": "steps:\n  - {id: a, set: \"${ $exists($input.coupon) ? $input.coupon : 'none' }\"}\n",
    "a key that may be left out": "steps:\n  - {id: a, set: {c?: '${ $input.coupon }'}}\n",
    "null ruled out": (
        "steps:\n  - id: a\n    if: $input.note != null\n    call: charge\n"
        "    with: {amount: 1, card: '${ $input.note }'}\n"
    ),
    "a default that is read": "steps:\n  - {id: a, set: '${ $input.priority + 1 }'}\n",
    "an array constructor": "steps:\n  - id: a\n    for_each: '[$input.lines.sku]'\n    as: sku\n    steps: [{id: b, set: '${ $sku }'}]\n",
    "every member": "steps:\n  - {id: a, match: $input.kind, cases: {new: [], returned: []}}\n",
    "the field of its variant": (
        "steps:\n  - id: a\n    match: $input.payment.method\n    cases:\n"
        "      card: [{id: b, set: '${ $input.payment.number }'}]\n"
        "      invoice: [{id: c, set: '${ $input.payment.days + 1 }'}]\n"
    ),
    "an error with details among others": (
        "steps:\n  - id: a\n    call: charge\n    with: {amount: 1, card: x}\n    catch:\n      - errors: [any]\n"
        '        steps: [{id: b, set: "${ $exists($error.details) ? $error.details.reason : $error.Cause }"}]\n'
    ),
    "any is the way out": "steps:\n  - {id: a, call: anything}\n  - {id: b, call: show}\n  - {id: c, if: $a.x.y, set: '${ $a.z }'}\n",
    "a conversion that a catch may take": "steps:\n  - {id: a, call: charge, with: {card: x, amount: '${ $number($input.id) }'}}\n",
    "a loop that counts": (
        "steps:\n  - id: a\n    repeat: {with: 0, as: n, until: $n > 3, max: 9}\n    steps: [{id: b, set: '${ $n + 1 }'}]\n"
        "  - {id: c, set: '${ $a * 2 }'}\n"
    ),
    "a list that grows": (
        "steps:\n  - id: a\n    repeat: {with: {names: []}, as: page, until: $count($page.names) > 3, max: 9}\n"
        "    steps: [{id: b, set: {names: \"${ $append($page.names, 'x') }\"}}]\n"
        "  - {id: c, set: '${ $count($a.names) }'}\n"
    ),
    "a break's value": (
        "steps:\n  - id: a\n    steps:\n      - {id: b, set: 1}\n      - {id: c, if: $input.paid, break: a}\n      - {id: d, set: 2}\n"
        "  - {id: e, set: '${ $a + 1 }'}\n"
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_left_alone(name: str) -> None:
    """No false alarm."""
    expect("", RIGHT[name])


def test_contract_is_shown_beside_the_mistake() -> None:
    """A value that does not fit points at the contract that asks for something else."""
    [finding] = told("steps:\n  - id: a\n    call: charge\n    with: {amount: many, card: x}\n")
    assert finding.message == '`amount` is "many", where `number` is wanted'
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


def test_an_error_is_told_once() -> None:
    """What only follows from a mistake is not told again."""
    steps = "steps:\n  - {id: a, set: {x: '${ $input.«totl» }'}}\n  - {id: b, call: show}\n  - {id: c, set: '${ $a.x + 1 }'}\n"
    head = HEAD.replace("show: {input: Receipt", "show: {input: any")
    expect("FG301", steps, head)


def test_output_of_the_workflow() -> None:
    """The last value, and what a `return` gives, fit the workflow's output."""
    head = HEAD.replace("output: any\ntypes", "output: Receipt\ntypes")
    expect("FG302", "steps:\n  - {id: «a», set: {id: x}}\n", head)
    expect("FG302", "steps:\n  - {id: a, return: {id: x, at: «1»}}\n", head)


def test_other_workflows_contract() -> None:
    """The argument and the value of a `workflow` step are those of the other workflow's contract."""
    from flowgen.check import check_dataflow
    from flowgen.diagnostics import Sink
    from flowgen.model import read_workflow
    from flowgen.source import read

    def workflow(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a Workflow, read below
        sink = Sink()
        root = read("w.yaml", text, sink)
        assert root is not None
        made = read_workflow(root, sink)
        assert made is not None
        return made

    child = workflow(
        "flowgen: 1\nname: child\ninput: {type: object, properties: {n: {type: integer}}, required: [n]}\noutput: integer\nsteps: []\n"
    )
    parent = workflow(
        "flowgen: 1\nname: p\nsteps:\n  - {id: a, workflow: child, with: {n: x}}\n  - {id: b, set: '${ $uppercase($a) }'}\n"
    )
    found = list(check_dataflow(parent, {"child": child}))
    assert [(one.code, one.span.start.line if one.span else 0) for one in found] == [("FG302", 4), ("FG305", 5)]
