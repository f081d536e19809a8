"""AWS's limits: the history of an execution, sizes, and states written in Amazon States Language."""

from __future__ import annotations

import json

import pytest

from flowgen.check.limits import check_definition
from flowgen.diagnostics import Sink
from flowgen.model import read_workflow
from flowgen.source import read
from tests.unit.check.marks import HEAD, found, one, place


@pytest.mark.parametrize(
    ("most", "over"),
    # A call is 5 events, the loop's Choice and its Wait are 2 each: 25,000 / 9 is 2,777.8.
    [(2777, False), (2778, True)],
)
def test_history_of_a_loop(most: int, over: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """The rounds times the events of one."""
    rounds = f"{{max: {most}, every: 1s, until: $b}}"
    marked = f"«{rounds}»" if over else rounds
    text = f"steps:\n  - id: a\n    repeat: {marked}\n    steps:\n      - {{id: b, call: charge}}\n"
    assert [finding.message for finding in found(text, "FG412")] == (
        ["2,778 rounds of ~9 events are 25,002 events, over the limit of 25,000"] if over else []
    )


def test_history_is_reported_once() -> None:
    """Of loops in each other the one is reported whose rounds are too many."""
    text = (
        "steps:\n  - id: a\n    repeat: «{max: 100, until: $input.x}»\n    steps:\n      - id: b\n"
        "        repeat: {max: 100, until: $input.x}\n        steps:\n          - {id: c, set: 1}\n"
    )
    # The inner loop: 100 rounds of a Pass and a Choice, 400 events; the outer one: 100 times these and a Choice.
    assert one(text, "FG412").message == "100 rounds of ~402 events are 40,200 events, over the limit of 25,000"


def test_history_of_a_bounded_list() -> None:
    """A type that bounds a list bounds an inline map; children of a distributed one have their own histories."""
    head = (
        HEAD
        + "input: Order\ntypes:\n  Line: {fields: {sku: string}}\n  Order:\n    fields:\n      lines: Line[1..5000]\n"
    )
    text = "steps:\n  - id: a\n    for_each: %s\n    steps:\n      - {id: b, call: charge}\n"
    # A call is 5 events, and an iteration starts and succeeds.
    message = "5,000 items of ~7 events are 35,000 events, over the limit of 25,000"
    assert one(text % "«$input.lines»", "FG412", head).message == message
    assert found(text % "$input.lines" + "    mode: distributed\n", "FG412", head) == []
    assert found(text % "$input.lines[sku = 'x']", "FG412", head) == []
    assert found(text % "$input.lines", "FG412", head.replace("name:", "type: express\nname:")) == []


def test_large_value() -> None:
    """What is written out in the file has its size, whatever its expressions add."""
    text = "steps:\n  - id: a\n    set: «{}»\n"
    large = "x" * 262_143
    assert "at least 262,145 bytes" in one(text.replace("{}", large), "FG402").message
    assert found(text.replace("«{}»", large[:-1]), "FG402") == []
    letters = "é" * 131_072
    assert "at least 262,146 bytes" in one(text.replace("{}", letters), "FG402").message


def test_large_definition() -> None:
    """The size of what AWS gets is counted in bytes."""
    sink = Sink()
    root = read("workflow.yaml", HEAD + "steps:\n  - {id: a, call: charge}\n", sink)
    assert root is not None
    workflow = read_workflow(root, sink)
    assert workflow is not None
    [finding] = check_definition(workflow, json.dumps("é" * 524_288, ensure_ascii=False))
    assert (finding.code, place(finding)) == ("FG402", (2, 7, 2, 18))
    assert "1,048,578 bytes" in finding.message
    assert list(check_definition(workflow, "x" * 1_048_576)) == []


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("«{Type: Task}»", "these fields are required: [Resource]"),
        ("{Type: Wait, Seconds: «soon»}", "expected value of type [INTEGER]"),
        (
            "{Type: Pass, Output: '{% 1 %}', «Result»: 1}",
            (
                "the QueryLanguage is set to 'JSONata', but field 'Result' is only supported for the 'JSONPath' "
                "QueryLanguage"
            ),
        ),
    ],
)
def test_raw_state(state: str, message: str) -> None:
    """A state that AWS would reject is reported where it is."""
    assert one(f"steps:\n  - id: a\n    asl: {state}\n", "FG413").message == message


def test_raw_state_with_tags() -> None:
    """What CloudFormation fills in is taken for what it will be."""
    text = "steps:\n  - id: a\n    asl: {Type: Task, Resource: !GetAtt Worker.Arn, Arguments: {Name: !Ref Table}}\n"
    assert found(text, "FG413") == []
    assert found("steps:\n  - id: a\n    asl: {Type: Wait, Seconds: 5}\n", "FG413") == []


def test_unused_parameter() -> None:
    """A parameter is used by an expression, or by CloudFormation's functions in values and resources."""
    head = HEAD + "parameters:\n  {}:\n    Type: String\n"
    finding = one("steps:\n  - {id: b, call: charge}\n", "FG209", head.replace("{}", "«Limit»"))
    assert finding.message == "the parameter `Limit` is not used"
    used = head.replace("{}", "Limit")
    for text in (
        "steps:\n  - {id: b, call: charge}\n  - {id: a, set: '${ $parameters.Limit }'}\n",
        "steps:\n  - {id: b, call: charge}\n  - {id: a, set: !Ref Limit}\n",
        "steps:\n  - {id: b, call: charge}\n  - {id: a, set: !Sub '${Limit}-x'}\n",
        (
            "resources:\n  Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Limit}}\n"
            "steps:\n  - {id: b, call: charge}\n"
        ),
    ):
        assert found(text, "FG209", used) == []


def test_no_echo_of_a_misspelled_call() -> None:
    """A function that a misspelled call was meant for is not called unused."""
    assert one("steps:\n  - {id: a, call: «chrge»}\n", "FG201").help == "did you mean `charge`?"
    assert found("steps:\n  - {id: a, call: «chrge»}\n", "FG201") != []
    typed = "input: «Usr»\ntypes:\n  User: {fields: {name: string}}\nsteps:\n  - {id: a, call: charge}\n"
    assert one(typed, "FG202").help == "did you mean `User`?"
