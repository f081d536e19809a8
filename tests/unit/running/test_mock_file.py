"""Files of mocks: what they say, and what is reported of a wrong one."""

from __future__ import annotations

import math

import pytest

from flowgen.diagnostics import Sink
from flowgen.diagnostics.edits import apply_edits
from flowgen.local.mocks import AnsweringCall, Outcome, Rule
from flowgen.running.declared_types import Declared
from flowgen.running.mock_file import read_mocks

NAMES = ("charge", "ask", "send_email")
RDS = "arn:aws:states:::aws-sdk:rds:describeDBInstances"
DYNAMODB = "arn:aws:states:::aws-sdk:dynamodb:getItem"


def found(text: str) -> list[str]:
    sink = Sink()
    read_mocks("m.yaml", text, NAMES, sink)
    return [f"{d.code} {d.span.start.line}:{d.span.start.column}" for d in sink if d.span is not None]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("charge: {result: {paid: true}}", Rule(Outcome({"paid": True}))),
        ("charge: {result: null}", Rule(Outcome(None))),
        ("charge: {result: 9223372036854775807}", Rule(Outcome(2**63 - 1))),
        ("charge: {response: {Payload: 1}}", Rule(Outcome({"Payload": 1}, whole=True))),
        ("charge: {error: Busy}", Rule(Outcome(error="Busy", cause=""))),
        ("charge: {error: Busy, cause: why, delay: 2 hours}", Rule(Outcome(error="Busy", cause="why", seconds=7200))),
        ("charge: {error: Busy, cause: {seconds: 3}}", Rule(Outcome(error="Busy", cause='{"seconds": 3}'))),
        ("charge: {never: true}", Rule(Outcome(seconds=math.inf))),
        ("charge: {call: true}", Rule(None, calls=True)),
        ("charge: {call: true, result: 1}", Rule(Outcome(1), calls=True)),
        ("charge: {result: 1, when: {a: [1]}}", Rule(Outcome(1), when={"a": [1]})),
        (
            "charge: {result: 1, attempt: 2, visit: [1, 3]}",
            Rule(Outcome(1), attempts=frozenset({2}), visits=frozenset({1, 3})),
        ),
        ('{"charge": [{"result": 1}]}', Rule(Outcome(1))),
    ],
)
def test_rules(text: str, rule: Rule) -> None:
    """Each key has its meaning; JSON is read as YAML is."""
    sink = Sink()
    rules = read_mocks("m.yaml", text, NAMES, sink)
    assert list(sink) == []
    assert [one.outcome for one in rules["charge"]] == [rule.outcome]
    [read] = rules["charge"]
    assert (read.attempts, read.visits, read.calls) == (rule.attempts, rule.visits, rule.calls)
    assert read.when == rule.when or read.when is rule.when


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("charg: {result: 1}", ["FG702 1:1"]),
        ("arn:aws:x: {result: 1}", []),
        ("- 1", ["FG102 1:1"]),
        ("charge: 1", ["FG102 1:9"]),
        ("charge:\n  reslt: 1", ["FG101 2:3", "FG103 2:3"]),
        ("charge: {delay: 5s}", ["FG103 1:10"]),
        ("charge: {result: 1, error: X}", ["FG102 1:21"]),
        ("charge: {result: 1, cause: X}", ["FG101 1:21"]),
        ("charge: {error: 1}", ["FG102 1:17"]),
        ("charge: {result: 1, delay: 5}", ["FG106 1:28"]),
        ("charge: {result: 1, attempt: 0}", ["FG102 1:30"]),
        ("charge: {result: 1, visit: [1, x]}", ["FG102 1:32"]),
        ("charge: {never: 1}", ["FG102 1:17"]),
        ("charge: {result: [}", ["FG001 1:19"]),
    ],
)
def test_what_is_wrong_is_reported_with_its_place(text: str, findings: list[str]) -> None:
    """Every mistake of a file is a diagnostic at the key or value that it is about."""
    assert found(text) == findings


@pytest.mark.parametrize(
    ("resource", "result", "expected"),
    [
        (RDS, "{DbInstances: [{DbInstanceStatus: available}]}", []),
        (RDS, "{DBInstances: []}", ["FG302 1:19 write `DbInstances`, as Step Functions spells it"]),
        (
            RDS,
            "{DbInstances: [{DBInstanceStatus: available}]}",
            ["FG302 1:34 write `DbInstanceStatus`, as Step Functions spells it"],
        ),
        (RDS, "{Markr: m}", ["FG302 1:19 did you mean `Marker`?"]),
        (RDS, "{}", []),
        (RDS, "null", []),
        (DYNAMODB, "{Item: {lit: {Bool: true}, DBName: {S: x}}}", []),
        (DYNAMODB, "{Item: {lit: {BOOL: true}}}", ["FG315 1:32 write `Bool`, as in the SDK for Java"]),
        ("arn:aws:states:::dynamodb:getItem", "{Item: {lit: {BOOL: true}}, SdkHttpMetadata: {}}", []),
        ("arn:aws:states:::ecs:runTask.sync", "{Containers: [{ExitCode: 0}]}", []),
        ("arn:aws:states:::ecs:runTask.sync", "{tasks: []}", ["FG302"]),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "{anything: 1}", []),
        ("arn:aws:states:::lambda:invoke", "{anything: 1}", []),
        ("arn:aws:states:::states:startExecution.sync:2", "{anything: 1}", []),
        ("arn:aws:states:::http:invoke", "{anything: 1}", []),
        ("arn:aws:states:eu-west-1:111111111111:activity:a", "{anything: 1}", []),
        ("arn:aws:states:::aws-sdk:nosuchservice:get", "{anything: 1}", []),
    ],
)
def test_results_of_aws_services_have_their_members(resource: str, result: str, expected: list[str]) -> None:
    """A member that the service does not return is reported with the spelling of Step Functions."""
    sink = Sink()
    read_mocks("m.yaml", f"charge: {{result: {result}}}", NAMES, sink, {"charge": resource})
    told = [f"{d.code} {d.span.start.line}:{d.span.start.column} {d.help}" for d in sink if d.span is not None]
    assert [one[: len(two)] for one, two in zip(told, expected, strict=True)] == expected


def test_a_mock_of_a_resource_is_checked_too() -> None:
    """An ARN stands for all states that call it."""
    assert found(f'"{RDS}": {{result: {{DBInstances: []}}}}') == ["FG302 1:63"]


ORDER = {
    "type": "object",
    "properties": {"lines": {"type": "array", "items": {"type": "integer"}}},
    "required": ["lines"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("{lines: [1, 2]}", []),
        ('{lines: [1, "2"]}', ["1:30 `$.lines[1]` of this mock: expected integer, got string"]),
        ("{lines: 1}", ["1:26 `$.lines` of this mock: expected array, got number"]),
        ("{}", ["1:18 `$.lines` of this mock: missing"]),
        ("[]", ["1:18 `$` of this mock: expected object, got array"]),
        # The name of an unknown field is not taken for a path.
        ('{lines: [], "lines[7]": 1}', ["1:26 `$.lines[7]` of this mock: not allowed"]),
    ],
)
def test_results_have_their_declared_type(result: str, expected: list[str]) -> None:
    sink = Sink()
    types = {"charge": Declared(ORDER, {}, "the type `Order`")}
    read_mocks("m.yaml", f"charge: {{result: {result}}}", NAMES, sink, types=types)
    told = [
        (d.code, f"{d.span.start.line}:{d.span.start.column} {d.message}", d.help) for d in sink if d.span is not None
    ]
    assert told == [("FG317", text, "the result of `charge` must have the type `Order`") for text in expected]


def test_only_the_body_of_a_response_has_the_declared_type() -> None:
    types = {"charge": Declared({"type": "integer"}, {}, "the type `integer`", "ResponseBody")}
    for result, found in (
        ("{ResponseBody: 1, StatusCode: 200}", []),
        ("{ResponseBody: x}", ["$.ResponseBody"]),
        ("{}", []),
    ):
        sink = Sink()
        read_mocks("m.yaml", f"charge: {{result: {result}}}", NAMES, sink, types=types)
        assert [d.message.partition("`")[2].partition("`")[0] for d in sink] == found


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("chrage: {result: 1}", "charge: {result: 1}"),
        ("'chrage': {result: 1}", "charge: {result: 1}"),
        ("charge: [{reslut: 1, atempt: 2}]", "charge: [{result: 1, attempt: 2}]"),
        ("charge: {result: {dbInstances: []}}", "charge: {result: {DbInstances: []}}"),
        ("charge: {result: {Markr: m}}", "charge: {result: {Marker: m}}"),
        ("charge: {result: 1}\nchrage: {result: 2}", None),
        ("charge: {result: 1, reslut: 2}", None),
        ("charge: {result: {Marker: m, Markr: m}}", None),
        ("something: {result: 1}", None),
    ],
)
def test_misspelled_names_have_a_fix(wrong: str, right: str | None) -> None:
    """The fix removes the findings. A name that the mapping has already is not used twice."""
    sink = Sink()
    read_mocks("m.yaml", wrong, NAMES, sink, {"charge": RDS})
    fixed = apply_edits(wrong, [edit for one in sink if one.fix is not None for edit in one.fix.edits])
    assert fixed == (wrong if right is None else right)
    if right is not None:
        assert found(right) == []


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("ask: {answered_by: page}", AnsweringCall("page")),
        ("ask: {answered_by: page, event: {a: '${token}'}, delay: 5s}", AnsweringCall("page", {"a": "${token}"}, 5.0)),
    ],
)
def test_a_function_that_answers(text: str, call: AnsweringCall) -> None:
    """The step itself is called first."""
    sink = Sink()
    [rule] = read_mocks("m.yaml", text, NAMES, sink, answering={"ask": ["page"]})["ask"]
    assert list(sink) == []
    assert (rule.answered_by, rule.calls, rule.outcome) == (call, True, None)


@pytest.mark.parametrize(
    ("text", "finding", "help_"),
    [
        ("ask: {answered_by: pge}", "no function `pge` answers `ask`", "did you mean `page`?"),
        (
            "charge: {answered_by: page}",
            "no function `page` answers `charge`",
            "add `answers: [charge]` to the function",
        ),
        ("ask: {answered_by: 1}", "expected the name of a function, found a number", None),
        ("ask: {result: 1, event: {}}", "`event` requires `answered_by`", None),
        ("ask: {answered_by: page, result: 1}", "`answered_by` and `result` cannot be combined", None),
    ],
)
def test_a_wrong_function_that_answers(text: str, finding: str, help_: str | None) -> None:
    sink = Sink()
    read_mocks("m.yaml", text, NAMES, sink, answering={"ask": ["page"]})
    assert [(one.message, one.help) for one in sink] == [(finding, help_)]


def test_the_token_is_put_into_every_string_of_an_event() -> None:
    """Keys and other values stay."""
    event = {"body": "token=${token}&a=1", "list": ["${token}", 1, None], "${token}": True}

    assert AnsweringCall("page", event).event_for("t") == {
        "body": "token=t&a=1",
        "list": ["t", 1, None],
        "${token}": True,
    }
