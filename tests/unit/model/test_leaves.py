"""Texts, names, numbers and durations: what is taken, and one finding at the right place for what is not."""

from __future__ import annotations

import pytest

from flowgen.jsonata.parsing import BUILT_IN
from flowgen.model.leaves import RESERVED, parse_duration
from tests.marked import findings, steps, the_finding, workflow

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:name"
MINUTE, HOUR, DAY = 60, 3600, 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("5m", 5 * MINUTE),
        ("2 hours", 2 * HOUR),
        ("1 day", DAY),
        ("1h30m", HOUR + 30 * MINUTE),
        ("1 hour 30 minutes", HOUR + 30 * MINUTE),
        ("1 hour, 30 minutes, 1 second", HOUR + 30 * MINUTE + 1),
        ("2 weeks", 14 * DAY),
        ("1w2d3h4m5s", 9 * DAY + 3 * HOUR + 4 * MINUTE + 5),
        ("3 Hrs 2 MINS 1 sec", 3 * HOUR + 2 * MINUTE + 1),
        ("0s", 0),
        ("PT2H", 2 * HOUR),
        ("P1D", DAY),
        ("P2W", 14 * DAY),
        ("P1DT12H30M5S", DAY + 12 * HOUR + 30 * MINUTE + 5),
        ("PT0S", 0),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    """Units in words, short or long, and ISO 8601."""
    duration = parse_duration(text)
    assert duration is not None
    assert duration.seconds == seconds


NO_DURATIONS = """
5|s|5 fortnights|1.5h|-5s|5s!|P|PT|P1DT|PT1.5S|P1Y|P1M|pt2h|1h,|,1h|1h,,1m|1h - 5m|five minutes|1_000s|\u0661s|P\u0661D
"""


@pytest.mark.parametrize("text", ["", " ", *NO_DURATIONS.strip().split("|")])
def test_no_durations(text: str) -> None:
    """Fractions, signs, months and years have no fixed number of whole seconds."""
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("marked", "message", "help_"),
    [
        ("«90»", "`90` has no unit", "write `90s`; "),
        ("«1.5»", "expected a duration, found a number", "write a duration as "),
        ("«true»", "expected a duration, found a boolean", "write a duration as "),
        ("«null»", "expected a duration, found null", "write a duration as "),
        ("«[1h]»", "expected a duration, found a list", "write a duration as "),
        ("«soon»", "`soon` is not a valid duration", "write a duration as "),
        ("«'1 moth'»", "`1 moth` is not a valid duration", "write a duration as "),
    ],
)
def test_a_bad_duration(marked: str, message: str, help_: str) -> None:
    """FG106, with how durations are written."""
    found = the_finding(steps(f"  - id: pause\n    wait: {marked}\n"), "FG106")
    assert found.message == message
    assert found.help is not None
    assert found.help.startswith(help_)


@pytest.mark.parametrize("name", ["a", "a1", "one_two", "x" * 60, "state", "inputs", "class", "generated"])
def test_names(name: str) -> None:
    """Lower case letters, digits and single underscores, at most 60; Python's keywords only name no code."""
    assert findings(steps(f"  - id: {name}\n    set: 1\n")) == []


@pytest.mark.parametrize(
    ("marked", "message", "help_"),
    [
        (
            "«sendEmail»",
            "`sendEmail` is not a valid name: use lower-case letters, digits",
            "did you mean `send_email`?",
        ),
        ("«Send-Email»", "`Send-Email` is not a valid name", "did you mean `send_email`?"),
        ("«send email»", "`send email` is not a valid name", "did you mean `send_email`?"),
        ("«1st»", "`1st` is not a valid name", None),
        ("«_a»", "`_a` is not a valid name", "did you mean `a`?"),
        ("«é»", "`é` is not a valid name", None),
        ("«''»", "`` is not a valid name", None),
        ("«5»", "`5` is not a valid name", None),
        ("«a__b»", "`a__b` contains `__`, which is reserved for names that flowgen generates", None),
        (f"«{'a' * 61}»", "this name has 61 characters; the limit is 60", None),
        ("«count»", "`count` is reserved, because expressions use `$count`", None),
        ("«input»", "`input` is reserved, because expressions use `$input`", None),
        ("«'a.b/../c'»", "`a.b/../c` is not a valid name", "did you mean `a_b_c`?"),
    ],
)
def test_a_bad_name(marked: str, message: str, help_: str | None) -> None:
    """FG107, with the nearest name where there is one."""
    found = the_finding(steps(f"  - id: {marked}\n    set: 1\n"), "FG107")
    assert found.message.startswith(message)
    assert found.help == help_


def test_reserved_names() -> None:
    """The names that expressions know, and the functions of JSONata and AWS: an id `count` would break `$count()`."""
    assert {"input", "error", "context", "index", "batch", "states", "parameters", "resources"} <= RESERVED
    assert {"count", "map", "uuid", "parse", "now", "hash"} <= RESERVED
    assert {name for name in BUILT_IN if name.islower() and name not in RESERVED} == set()


@pytest.mark.parametrize("marked", ["«null»", "«[a]»", "«{a: b}»", "«1.5»", "«true»"])
def test_a_name_that_is_not_text(marked: str) -> None:
    """A list or mapping is of the wrong kind; other scalars are names that are none."""
    code = "FG102" if marked[1] in "[{" else "FG107"
    the_finding(steps(f"  - id: {marked}\n    set: 1\n"), code)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "functions:\n  «class»: {}\nsteps: []\n",
            "`class` is a Python keyword and cannot be a name in generated code",
        ),
        ("functions:\n  «generated»: {}\nsteps: []\n", "`generated` is reserved for the folder of the generated code"),
        ("functions:\n  «../up»: {}\nsteps: []\n", "`../up` is not a valid name"),
        ("functions:\n  «Send»: {}\nsteps: []\n", "`Send` is not a valid name"),
        ("types:\n  «order»: string\nsteps: []\n", "`order` is not a valid name for a type: use PascalCase"),
        ("types:\n  «My_Type»: string\nsteps: []\n", "`My_Type` is not a valid name for a type"),
        ("types:\n  «None»: string\nsteps: []\n", "`None` is a Python keyword"),
        (f"types:\n  «{'A' * 61}»: string\nsteps: []\n", f"`{'A' * 61}` is not a valid name for a type"),
        ("functions: {f: {errors: [«not found»]}}\nsteps: []\n", "`not found` is not a valid name for an error"),
    ],
)
def test_names_of_what_is_generated(body: str, message: str) -> None:
    """They name modules and classes, too."""
    assert the_finding(workflow(body), "FG107").message.startswith(message)


@pytest.mark.parametrize(
    ("written", "help_"), [("order", "`Order`"), ("My_Type", "`MyType`"), ("order line", "`OrderLine`"), ("1st", None)]
)
def test_the_nearest_name_of_a_type(written: str, help_: str | None) -> None:
    """In PascalCase."""
    found = the_finding(workflow(f"types:\n  «{written}»: string\nsteps: []\n"), "FG107")
    assert found.help == (f"did you mean {help_}?" if help_ else None)


def test_the_workflows_name_is_one_of_python() -> None:
    """It is the package's."""
    assert the_finding("flowgen: 1\nname: «import»\nsteps: []\n", "FG107").message.startswith(
        "`import` is a Python keyword"
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("functions: {f: {memory: «127»}}", "expected a number from 128 to 32,768"),
        ("functions: {f: {memory: «32769»}}", "expected a number from 128 to 32,768"),
        ("defaults: {retry: «-1»}", "expected a number from 0 to 99,999,999"),
        ("defaults: {retry: {backoff: «0.5»}}", "expected a number from 1 to 1000"),
    ],
)
def test_a_number_out_of_range(body: str, message: str) -> None:
    """FG112, with the bounds."""
    assert the_finding(workflow(f"{body}\nsteps: []\n"), "FG112").message == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("functions: {f: {memory: «big»}}", "expected a whole number, found a string"),
        ("functions: {f: {memory: «256.5»}}", "expected a whole number, found a number"),
        ("functions: {f: {memory: «true»}}", "expected a whole number, found a boolean"),
        ("functions: {f: {memory: «[256]»}}", "expected a whole number, found a list"),
        ("defaults: {retry: {backoff: «two»}}", "expected a number, found a string"),
        ("defaults: {retry: {backoff: «false»}}", "expected a number, found a boolean"),
        ("description: «5»", "expected a string, found a number"),
        ("description: «null»", "expected a string, found null"),
        ("description: «[a]»", "expected a string, found a list"),
        ("functions: {f: {architecture: «arm»}}", "expected `arm64` or `x86_64`, found `arm`"),
        ("functions: {f: {envelope: «1»}}", "expected `true` or `false`, found a number"),
        ("functions: «[f]»", "`functions` must be a mapping of names to functions, not a list"),
        ("types: «[T]»", "`types` must be a mapping of names to types, not a list"),
        ("functions: {f: «send»}", "a function must be a mapping, not a string"),
        ("functions: {f: {environment: «x»}}", "`environment` must be a mapping of strings, not a string"),
        ("functions: {f: {environment: {AA: «1»}}}", "expected a string, found a number"),
        ("functions: {f: {errors: «E»}}", "`errors` must be a list of names, not a string"),
        ("functions: {f: {errors: [«1»]}}", "expected a string, found a number"),
        ("functions: {f: {python: «send»}}", "`send` is not a valid reference to a callable"),
        ("functions: {f: {python: «'a b:c'»}}", "`a b:c` is not a valid reference to a callable"),
        ("functions: {f: {python: «'a:'»}}", "`a:` is not a valid reference to a callable"),
        ("functions: {f: {arn: «the mail»}}", "`the mail` is not the name or ARN of a Lambda function"),
        ("defaults: «[1]»", "`defaults` must be a mapping, not a list"),
        ("functions: {f: {envelope: «false»}}", "generated code requires the envelope"),
        (f"functions: {{f: {{arn: '{ARN}', python: «a:b»}}}}", "`python` conflicts with `arn` or `activity`"),
        ("functions: {f: {activity: true, python: «a:b»}}", "`python` conflicts with `arn` or `activity`"),
        (f"functions: {{f: {{arn: '{ARN}', activity: «true»}}}}", "`activity` conflicts with `arn`"),
    ],
)
def test_a_wrong_kind(body: str, message: str) -> None:
    """FG102 at the value, with what is expected and what is there."""
    assert the_finding(workflow(f"{body}\nsteps: []\n"), "FG102").message.startswith(message)


@pytest.mark.parametrize(
    ("body", "help_"),
    [
        ("description: «5»", "put it in quotes"),
        ("description: «null»", None),
        ("functions: {f: {envelope: «yes»}}", "write `true`"),
        ("functions: {f: {envelope: «Off»}}", "write `false`"),
        ("functions: {f: {envelope: «True»}}", "write `true`"),
        ("functions: {f: {envelope: «maybe»}}", None),
        ("functions: {f: {architecture: «arm46»}}", "did you mean `arm64`?"),
        ("functions: {f: {python: «send»}}", "write the module and the callable: `my_package.mail:send`"),
    ],
)
def test_help_with_a_wrong_kind(body: str, help_: str | None) -> None:
    """Where it is likely what was meant."""
    assert the_finding(workflow(f"{body}\nsteps: []\n"), "FG102").help == help_


@pytest.mark.parametrize("name", ["A", "1A", "A-B", "A B", "_A", "É1"])
def test_names_of_environment_variables(name: str) -> None:
    """Lambda's rule: a letter, then letters, digits and underscores, two at least."""
    body = f"functions: {{f: {{environment: {{«'{name}'»: x}}}}}}\nsteps: []\n"
    assert the_finding(workflow(body), "FG107").message == f"Lambda does not allow the environment variable `{name}`"


def test_an_error_is_declared_once() -> None:
    """The same name twice in a list."""
    assert the_finding(workflow("functions: {f: {errors: [E, «E»]}}\nsteps: []\n"), "FG002").message == (
        "the error `E` is declared twice"
    )


def test_good_leaves() -> None:
    """All of them once, with only the warnings that nothing uses them."""
    body = """
description: It's "good".
timeout: 1h
defaults: {retry: 0, timeout: 5m, function: {memory: 128, timeout: 15m, architecture: arm64, runtime: python3.12}}
functions:
  one: {python: "a.b:c.d", environment: {A_1: x}, errors: {E: null, F: string}, envelope: true, retry: {backoff: 1}}
  two: {arn: "arn:aws-cn:lambda:cn-north-1:123456789012:function:name:live", envelope: false, memory: 32768}
steps: []
"""
    assert [found.code for found in findings(workflow(body))] == ["FG209", "FG209"]


@pytest.mark.parametrize(
    "key", ["retry: {errors: [«'{% $input %}'»]}", "catch: [{errors: «'${ $input }'», steps: []}]"]
)
def test_an_expression_cannot_name_an_error(key: str) -> None:
    """Step Functions compares names; where a step may raise any name, nothing else would report it."""
    found = the_finding(workflow(f"steps: [{{id: a, call: f, {key}}}]\n"), "FG102")
    assert found.message == "the name of an error cannot be an expression"
