"""The shape of a workflow and its steps: which keys, which kinds, and one finding for what is not so."""

from __future__ import annotations

import pytest

from tests.marked import findings, steps, the_finding, workflow

WORK = "functions: {work: {errors: [Refused]}}\n"


def with_step(body: str) -> str:
    return workflow(f"{WORK}steps:\n{body}")


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("flowgen: «2»\nname: x\nsteps: []\n", "`2` is not a supported version of the language"),
        ("flowgen: «'1'»\nname: x\nsteps: []\n", "`1` is not a supported version of the language"),
        ("flowgen: «true»\nname: x\nsteps: []\n", "`true` is not a supported version of the language"),
        ("flowgen: «[1]»\nname: x\nsteps: []\n", "this is not a supported version of the language"),
    ],
)
def test_the_version(marked: str, message: str) -> None:
    """FG111: there is one."""
    found = the_finding(marked, "FG111")
    assert (found.message, found.help) == (message, "write `flowgen: 1`")


def test_one_point_zero_is_one() -> None:
    """It is the same number to JSON."""
    assert findings("flowgen: 1.0\nname: x\nsteps: []\n") == []


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("«name»: x\nsteps: []\n", "a workflow needs the key `flowgen`"),
        ("«flowgen»: 1\nsteps: []\n", "a workflow needs the key `name`"),
        ("«flowgen»: 1\nname: x\n", "a workflow needs the key `steps`"),
        (steps("  - «set»: 1\n"), "a step needs the key `id`"),
        (steps("  - id: a\n    switch:\n      - «when»: true\n"), "a rule of a switch needs the key `steps`"),
        (steps("  - id: a\n    switch:\n      - «steps»: []\n"), "a rule of a switch needs the key `when`"),
        (with_step("  - id: a\n    call: work\n    catch: [{«steps»: []}]\n"), "a catch needs the key `errors`"),
        (steps("  - id: a\n    fail: {«cause»: x}\n"), "a failure needs the key `error`"),
        (steps("  - id: a\n    fail: «{}»\n"), "a failure needs the key `error`"),
        (steps("  - id: a\n    wait: «{}»\n"), "a wait needs the key `until`"),
    ],
)
def test_a_missing_key(marked: str, message: str) -> None:
    """FG103 at the first key of what lacks it."""
    assert the_finding(marked, "FG103").message == message


@pytest.mark.parametrize(
    ("marked", "message", "help_"),
    [
        (workflow("«step»: []\nsteps: []\n"), "a workflow has no key `step`", "did you mean `steps`?"),
        (workflow("«Functions»: {}\nsteps: []\n"), "a workflow has no key `Functions`", "did you mean `functions`?"),
        (workflow("«zzzzzz»: 1\nsteps: []\n"), "a workflow has no key `zzzzzz`", None),
        (workflow("«''»: 1\nsteps: []\n"), "a workflow has no key ``", None),
        (workflow("functions: {f: {«memori»: 128}}\nsteps: []\n"), "a function has no key `memori`", "`memory`?"),
        (workflow("defaults: {«retries»: 1}\nsteps: []\n"), "`defaults` has no key `retries`", "`retry`?"),
        (
            steps("  - id: a\n    set: 1\n    «descripton»: x\n"),
            "a `set` step has no key `descripton`",
            "`description`?",
        ),
        (steps("  - id: a\n    wait: {until: '2026-01-01T00:00:00Z', «at»: 1}\n"), "a wait has no key `at`", "`until`"),
        (
            steps("  - id: a\n    fail: {error: E, «couse»: x}\n"),
            "a failure has no key `couse`",
            "did you mean `cause`?",
        ),
        (
            steps("  - id: a\n    switch: [{when: true, steps: [], «then»: []}]\n"),
            "a rule of a switch has no key `then`",
            "write `steps: […]`",
        ),
        (
            with_step("  - id: a\n    call: work\n    catch: [{errors: [any], steps: [], «eror»: 1}]\n"),
            "a catch has no key `eror`",
            "did you mean `errors`?",
        ),
        (
            with_step("  - id: a\n    call: work\n    retry: {«max_attempts»: 3}\n"),
            "a retry has no key `max_attempts`",
            "write `attempts: 3`",
        ),
    ],
)
def test_an_unknown_key(marked: str, message: str, help_: str | None) -> None:
    """FG101 at the key, with the one that was probably meant, or all of them."""
    found = the_finding(marked, "FG101")
    assert found.message == message
    assert found.help is not None
    assert (help_ or "the keys are ") in found.help


@pytest.mark.parametrize(
    ("marked", "message", "owners"),
    [
        (steps("  - id: a\n    set: 1\n    «retry»: 3\n"), "`retry` is not allowed next to `set`", "`call`"),
        (steps("  - id: a\n    set: 1\n    «else»: []\n"), "`else` is not allowed next to `set`", "`switch`"),
        (steps("  - id: a\n    wait: 1s\n    «timeout»: 3s\n"), "`timeout` is not allowed next to `wait`", "`call`"),
        (steps("  - id: a\n    steps: []\n    «with»: 3\n"), "`with` is not allowed next to `steps`", "`call`"),
    ],
)
def test_a_modifier_of_a_different_kind(marked: str, message: str, owners: str) -> None:
    """FG113, with the kinds that it belongs to."""
    found = the_finding(marked, "FG113")
    assert found.message == message
    assert owners in found.label


@pytest.mark.parametrize(
    ("marked", "message", "help_"),
    [
        (steps("  - id: a\n    «cal»: work\n"), "`cal` is not a kind of step", "did you mean `call`?"),
        (
            steps("  - id: a\n    «swich»: []\n    else: []\n"),
            "`swich` is not a kind of step",
            "did you mean `switch`?",
        ),
        (steps("  - id: a\n    «zzz»: work\n"), "`zzz` is not a kind of step", "the kinds are `call`"),
        (steps("  - «id»: a\n"), "this step has no kind", "the kinds are `call`"),
        (steps("  - «if»: true\n    id: a\n"), "this step has no kind", "the kinds are `call`"),
        (steps("  - «{}»\n"), "this step has no kind", "the kinds are `call`"),
    ],
)
def test_a_step_without_a_kind(marked: str, message: str, help_: str) -> None:
    """FG104, at the key that was probably meant to be one."""
    found = the_finding(marked, "FG104")
    assert found.message == message
    assert found.help is not None
    assert found.help.startswith(help_)


@pytest.mark.parametrize(
    ("marked", "first", "second"),
    [
        (steps("  - id: a\n    set: 1\n    «wait»: 1s\n"), "set", "wait"),
        (steps("  - id: a\n    steps: []\n    «return»: 1\n"), "steps", "return"),
        (steps("  - id: a\n    call: work\n    «steps»: []\n"), "call", "steps"),
        (steps("  - id: a\n    set: 1\n    «wait»: 1s\n    fail: {error: E}\n"), "set", "wait"),
    ],
)
def test_a_step_with_two_kinds(marked: str, first: str, second: str) -> None:
    """FG105 points at both."""
    found = the_finding(marked, "FG105")
    assert found.message == f"this step has two kinds, `{first}` and `{second}`"
    assert len(found.secondary) == 1


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("«- flowgen»\n", "a workflow must be a mapping, not a list"),
        ("«text»\n", "a workflow must be a mapping, not a string"),
        ("«null»\n", "a workflow must be a mapping, not null"),
        (workflow("steps: «{}»\n"), "`steps` must be a list of steps, not a mapping"),
        (workflow("steps: «null»\n"), "`steps` must be a list of steps, not null"),
        (steps("  - «a step»\n"), "a step must be a mapping with an `id` and a kind, not a string"),
        (steps("  - «[]»\n"), "a step must be a mapping with an `id` and a kind, not a list"),
        (steps("  - id: a\n    steps: «a»\n"), "`steps` must be a list of steps, not a string"),
        (
            steps("  - id: a\n    switch: «{}»\n"),
            "`switch` must be a list of rules with `when` and `steps`, not a mapping",
        ),
        (steps("  - id: a\n    switch: «[]»\n"), "this `switch` has no rule"),
        (steps("  - id: a\n    switch: [«a»]\n"), "a rule of a switch must be a mapping, not a string"),
        (steps("  - id: a\n    switch: [{when: true, steps: []}]\n    else: «a»\n"), "`steps` must be a list of steps"),
        (with_step("  - id: a\n    call: «[work]»\n"), "expected a string, found a list"),
        (
            with_step("  - id: a\n    call: work\n    catch: «any»\n"),
            "`catch` must be a list of mappings with `errors`",
        ),
        (with_step("  - id: a\n    call: work\n    catch: [«any»]\n"), "a catch must be a mapping, not a string"),
        (
            with_step("  - id: a\n    call: work\n    catch: [{errors: «[]», steps: []}]\n"),
            "the list of errors is empty",
        ),
        (with_step("  - id: a\n    call: work\n    catch: [{errors: [«1»], steps: []}]\n"), "expected a string"),
        (with_step("  - id: a\n    call: work\n    retry: «how often»\n"), "expected a whole number, found a string"),
        (with_step("  - id: a\n    call: work\n    retry: [«3»]\n"), "a retry must be a mapping, not a number"),
        (steps("  - id: a\n    fail: «refused»\n"), "expected `{error: …, cause: …}`, or `$error`"),
        (steps("  - id: a\n    fail: «Order refused»\n"), "expected `{error: …, cause: …}`, or `$error`"),
        (steps("  - id: a\n    fail: «$error.Error»\n"), "expected `{error: …, cause: …}`, or `$error`"),
        (steps("  - id: a\n    fail: «[]»\n"), "expected `{error: …, cause: …}`, or `$error`"),
        (steps("  - id: a\n    fail: «null»\n"), "expected `{error: …, cause: …}`, or `$error`"),
        (steps("  - id: a\n    fail: {error: «5»}\n"), "expected a string, found a number"),
        (steps("  - id: a\n    fail: {error: E, cause: «[x]»}\n"), "expected a string, found a list"),
        (steps("  - id: a\n    wait: {until: «5»}\n"), "expected a string, found a number"),
        (steps("  - id: a\n    wait: {until: «[x]»}\n"), "expected a string, found a list"),
        (steps("  - id: a\n    wait: {until: «tomorrow»}\n"), "`tomorrow` is not a timestamp"),
        (steps("  - id: a\n    wait: {until: «2026-01-31»}\n"), "`2026-01-31` is not a timestamp"),
        (steps("  - id: a\n    wait: {until: «2026-02-30T00:00:00Z»}\n"), "`2026-02-30T00:00:00Z` is not a timestamp"),
        (steps("  - id: a\n    wait: «a ${ 5 }»\n"), "expected an expression, found a string with expressions in it"),
    ],
)
def test_a_wrong_kind_of_value(marked: str, message: str) -> None:
    """FG102 at the value."""
    assert the_finding(marked, "FG102").message.startswith(message)


@pytest.mark.parametrize("pointer", ["orders", "''", "/a~2", "orders/0"])
def test_a_pointer_is_a_json_pointer(pointer: str) -> None:
    """FG102 at what RFC 6901 does not know; the whole document needs no pointer."""
    reader = f"{{reader: json, bucket: b, key: k, pointer: «{pointer}»}}"
    found = the_finding(steps(f"  - {{id: a, for_each: {reader}, mode: distributed, steps: []}}\n"), "FG102")
    assert found.message == f"expected a JSON pointer, found `{pointer.strip(chr(39))}`"


@pytest.mark.parametrize("error", ["States.Timeout", "States.Mine", "States.${ $input.x }"])
def test_reserved_errors_cannot_be_made_up(error: str) -> None:
    """FG107: names that begin with `States.` are AWS's."""
    found = the_finding(steps(f"  - id: a\n    fail: {{error: «'{error}'»}}\n"), "FG107")
    assert found.message == "names of errors that begin with `States.` are reserved for AWS"


def test_findings_of_a_file_are_reported_together() -> None:
    """Reading goes on with the next field, step, function and type after one that is wrong."""
    text = workflow(
        "types: {t: string, U: 'strin|'}\n"
        "functions: {F: {}, g: {memory: big, timeout: soon}, h: {input: 'A |'}}\n"
        "output: '['\n"
        "steps:\n"
        "  - {id: A, set: 1, if: '='}\n"
        "  - {id: b, wait: x, retry: 1}\n"
        "  - {id: c, cal: x}\n"
        "  - {id: d, switch: [{when: '=', steps: [{id: E, set: 1}]}, {steps: []}], else: [{id: f}]}\n"
    )
    told = [found.code for found in findings(text)]
    assert {code: told.count(code) for code in told} == {
        "FG107": 4,  # `t`, `F`, `A`, `E`
        "FG108": 3,
        "FG102": 1,
        "FG106": 2,
        "FG113": 1,
        "FG104": 2,
        "FG110": 2,
        "FG103": 1,
    }


def test_empty_lists_do_nothing() -> None:
    """Bodies may be empty, wherever they are."""
    text = with_step(
        "  - {id: a, steps: [{id: b, steps: []}, {id: c, call: work}], catch: [{errors: any, steps: []}]}\n"
        "  - {id: d, switch: [{when: $input = 1, steps: []}], else: []}\n"
        "  - {id: e, call: work, catch: [{errors: Refused, steps: []}]}\n"
    )
    assert findings(text) == []


def test_every_key_of_the_core() -> None:
    """Each modifier next to a kind that it belongs to, and nothing to say of it."""
    text = workflow(
        """description: all
input: any
output: any
timeout: 1h
types: {T: {fields: {a: string}}}
functions: {work: {input: T, errors: [Refused], description: d, retry: [{errors: Refused}], timeout: 3s}}
defaults:
  {retry: {attempts: 1, interval: 1s, backoff: 2, max_interval: 2s, jitter: true}, timeout: 1m, function: {memory: 128}}
steps:
  - {id: a, description: d, if: $input.a = 1, skipped: 1, call: work, with: {a: x}, retry: 1, timeout: 1s,
     catch: [{errors: [any], steps: []}]}
  - {id: b, description: d, if: $input.a = 1, skipped: 1, wait: 1s}
  - {id: c, description: d, if: $input.a = 1, skipped: 1, set: 1}
  - {id: d, description: d, if: $input.a = 1, skipped: 1, switch: [{when: $input.b = 2, steps: []}], else: []}
  - {id: e, description: d, if: $input.a = 1, skipped: 1, steps: [{id: f, call: work, with: {a: x}}],
     catch: [{errors: [Refused], steps: []}]}
  - {id: g, description: d, if: $input.c = 3, fail: {error: E, cause: c}}
  - {id: h, description: d, if: $input.a = 1, return: 1}
"""
    )
    assert findings(text) == []
