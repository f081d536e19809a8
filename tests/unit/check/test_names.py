"""Names of functions, steps, types and errors: each that is used is declared, and each is declared once."""

from __future__ import annotations

import pytest

from tests.marked import findings, steps, the_finding, workflow

CHARGE = "functions: {charge: {errors: [Declined, Stolen]}, refund: {}}\n"
USED = "  - {id: used, call: refund}\n"


def calling(body: str) -> str:
    return workflow(f"{CHARGE}steps:\n{USED}{body}")


@pytest.mark.parametrize(
    ("written", "help_"),
    [("chrge", "did you mean `charge`?"), ("zzzzzzzz", "the functions are `charge` and `refund`"), ("", None)],
)
def test_an_unknown_function(written: str, help_: str | None) -> None:
    """FG201 at the name."""
    text = workflow(f"{CHARGE}steps:\n{USED}  - {{id: a, call: charge}}\n  - {{id: b, call: «'{written}'»}}\n")
    found = the_finding(text, "FG201")
    assert found.message == f"unknown function `{written}`"
    assert found.help == (help_ or "the functions are `charge` and `refund`")


def test_no_function_at_all() -> None:
    """The help says where they are declared."""
    found = the_finding(steps("  - {id: a, call: «charge»}\n"), "FG201")
    assert found.help == "declare it under `functions`, with its `input` and `output`"


def test_an_id_twice() -> None:
    """FG204 wherever the other is, inside bodies and handlers too."""
    found = the_finding(
        calling(
            "  - id: one\n    call: charge\n    catch:\n      - errors: [any]\n        steps: [{id: two, set: 1}]\n"
            "  - id: group\n    steps:\n      - {id: «two», set: 1}\n"
        ),
        "FG204",
    )
    assert found.message == "two steps have the id `two`"
    [first] = found.secondary
    assert (first.span.start.line, first.text) == (10, "the first")


@pytest.mark.parametrize(
    ("body", "message", "help_"),
    [
        ("input: «Ordr»\ntypes: {Order: string, Used: Order}\noutput: Used\n", "`Ordr`", "did you mean `Order`?"),
        ("input: map<«Strin»[]>\n", "`Strin`", "did you mean `string`?"),
        ("output: string | «Nope»\n", "`Nope`", "declare it under `types`"),
        ("types: {T: {fields: {a: '«Line»[]'}}}\ninput: T\n", "`Line`", "the declared types are `T`"),
        ("types: {T: {properties: {a: {$ref: «'#/$defs/Line'»}}}}\ninput: T\n", "`Line`", "the declared types are `T`"),
        ("types: {T: {one_of: {a: «Line»}, tag: t}}\ninput: T\n", "`Line`", "the declared types are `T`"),
        ("input: {fields: {a: «Line»}}\n", "`Line`", "declare it under `types`"),
    ],
)
def test_an_unknown_type(body: str, message: str, help_: str) -> None:
    """FG202 at the name, wherever a type is used."""
    found = the_finding(workflow(f"{body}steps: []\n"), "FG202")
    assert (found.message, found.help) == (f"unknown type {message}", help_)


def test_unknown_types_of_functions() -> None:
    """Inputs, outputs and the details of errors."""
    text = workflow("functions: {f: {input: A, output: B, errors: {E: C}}}\nsteps: [{id: a, call: f}]\n")
    assert [found.code for found in findings(text)] == ["FG202"] * 3


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        ("{fields: {kind: string}}", "needs the literal `a` in its field `kind`"),
        ("{fields: {kind: [b]}}", "needs the literal `a` in its field `kind`"),
        ("{fields: {kind?: [a]}}", "needs the literal `a` in its field `kind`"),
        ("{fields: {other: [a]}}", "needs the literal `a` in its field `kind`"),
        ("string", "needs the literal `a` in its field `kind`"),
    ],
)
def test_members_that_cannot_be_distinguished(variant: str, message: str) -> None:
    """FG109: the tag is a field of each member, required, and its own literal."""
    text = workflow(f"input: T\ntypes:\n  T: {{one_of: {{a: «A»}}, tag: kind}}\n  A: {variant}\nsteps: []\n")
    found = the_finding(text, "FG109")
    assert found.message.endswith(message)
    assert found.help == "add the field `kind: [a]`"


@pytest.mark.parametrize(
    ("body", "message", "help_"),
    [
        ("catch: [{errors: [«Declned»], steps: []}]", "`a` cannot raise `Declned`", "did you mean `Declined`?"),
        (
            "catch: [{errors: «Zzz», steps: []}]",
            "`a` cannot raise `Zzz`",
            "declare a function's errors under the function",
        ),
        ("catch: [{errors: [«States.Timeot»], steps: []}]", "unknown AWS error `States.Timeot`", "`States.Timeout`?"),
        ("catch: [{errors: [«Lambda.Unknow»], steps: []}]", "unknown AWS error `Lambda.Unknow`", "`Lambda.Unknown`?"),
        ("retry: {errors: [Declined, «Stoln»]}", "`a` cannot raise `Stoln`", "did you mean `Stolen`?"),
        ("retry: [{errors: [«Anny»]}]", "`a` cannot raise `Anny`", "did you mean `any`?"),
    ],
)
def test_an_error_that_nothing_raises(body: str, message: str, help_: str) -> None:
    """FG207 at the name."""
    found = the_finding(calling(f"  - id: a\n    call: charge\n    {body}\n"), "FG207")
    assert found.message == message
    assert found.help is not None
    assert help_ in found.help


def test_errors_of_functions_and_defaults() -> None:
    """The `retry` of a function knows its own errors, that of `defaults` those of all."""
    text = (
        "defaults: {retry: {errors: [E, F, Zzz]}}\n"
        "functions: {f: {errors: [E], retry: {errors: [E, F]}}, g: {errors: [F]}}\n"
        "steps: [{id: a, call: f}, {id: b, call: g}]\n"
    )
    assert [(found.code, found.message) for found in findings(workflow(text))] == [
        ("FG207", "a function cannot raise `Zzz`"),
        ("FG207", "the function `f` cannot raise `F`"),
    ]


@pytest.mark.parametrize(
    "errors",
    ["[any]", "any", "[Declined, Stolen]", "[States.Timeout]", "[ContractViolation]", "[S3.NoSuchKey]", "[My.Error]"],
)
def test_errors_that_may_be_raised(errors: str) -> None:
    """Declared ones, AWS's, that of a broken contract, and those of services and libraries, which have a dot."""
    body = f"  - {{id: a, call: charge, catch: [{{errors: {errors}, steps: []}}]}}\n"
    assert findings(calling(body)) == []


def test_errors_of_a_group() -> None:
    """Those of the functions in it at any depth, those that a `fail` in it raises, and those of its inner handlers."""
    body = """
  - id: group
    catch:
      - {errors: [Declined, Made, Again], steps: []}
    steps:
      - id: inner
        steps:
          - {id: a, call: charge, catch: [{errors: [Stolen], steps: [{id: b, fail: {error: Again}}]}]}
          - {id: c, if: $input.x, fail: {error: Made}}
"""
    assert findings(calling(body)) == []


def test_a_group_whose_fail_computes_its_name() -> None:
    """Any name is possible then."""
    body = """
  - id: group
    catch:
      - {errors: [Whatever], steps: []}
    steps:
      - {id: a, fail: {error: "${ $input.name }"}}
"""
    assert [found.code for found in findings(calling(body)) if found.code == "FG207"] == []


def test_collisions_in_generated_code() -> None:
    """FG205 for names that would be one class, or one that generated code uses itself."""
    told = findings(
        workflow(
            "types: {ChargeHandler: string, Literal: string}\n"
            "functions: {charge: {input: ChargeHandler, output: Literal}}\nsteps: [{id: a, call: charge}]\n"
        )
    )
    assert {found.code for found in told} == {"FG205"}
    assert len(told) == 2


def test_what_is_never_used() -> None:
    """FG209 for functions and types; what another type names is used, what a schema defines is its own affair."""
    text = workflow(
        "types:\n  A: B\n  B: string\n  C: {$defs: {D: {}}, type: string}\n"
        "functions: {f: {input: C}, g: {}}\nsteps: [{id: a, call: f}]\n"
    )
    told = [(found.code, found.message, str(found.severity)) for found in findings(text)]
    assert told == [
        ("FG209", "the type `A` is not used", "warning"),
        ("FG209", "no step calls the function `g`", "warning"),
    ]


def test_a_retired_function() -> None:
    """It is not called unused, since executions in flight call it; a step that calls it is reported (FG504)."""
    assert findings(workflow("functions: {f: {}, g: {retired: true}}\nsteps: [{id: a, call: f}]\n")) == []
    told = findings(workflow("functions: {f: {retired: true}}\nsteps: [{id: a, call: f}]\n"))
    assert [(found.code, found.message) for found in told] == [("FG504", "this step calls the retired function `f`")]
    assert [label.text for label in told[0].secondary] == ["retired here"]


@pytest.mark.parametrize("kind", ["activity: true", "arn: arn:aws:lambda:eu-west-1:123456789012:function:f"])
def test_only_what_is_deployed_retires(kind: str) -> None:
    """What the stack does not bring along stays where it is when it leaves the file."""
    told = findings(workflow(f"functions: {{f: {{retired: true, {kind}}}}}\nsteps: []\n"))
    assert [found.code for found in told] == ["FG504"]


def test_many_unknown_names() -> None:
    """What each was meant to be is looked for a few times, not thousands: this test would not end otherwise."""
    types = "".join(f"  T{'a' * 50}{i}: {{fields: {{x: U{'a' * 50}{i}}}}}\n" for i in range(600))
    calls = "".join(f"  - {{id: s{i}, call: g{'a' * 50}{i}, with: '${{ $v{'a' * 50}{i} }}'}}\n" for i in range(600))
    functions = "".join(f"  f{'a' * 50}{i}: {{errors: [E{'a' * 50}{i}]}}\n" for i in range(600))
    told = findings(workflow(f"types:\n{types}functions:\n{functions}steps:\n{calls}"))
    assert {"FG201", "FG202", "FG203"} <= {found.code for found in told}
    assert max(len(found.help or "") for found in told) < 3000
