"""Events as they come, and what a trigger makes of them here."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen
from flowgen.running.starting import BadEvent, starts
from flowgen.testing import load
from tests.unit.backends.cloudformation.support import workflow

TEXT = """\
flowgen: 1
name: start_it
input: Order
output: Order
types:
  Order: {fields: {id: string, total: number}}
  Nested: {fields: {id: string, of: "Order[]"}}
parameters:
  Most: {Type: Number, Default: 3}
resources:
  Orders: {Type: "AWS::SQS::Queue"}
triggers:
  nightly:
    schedule: rate(1 day)
    with: {id: "night of ${ $event.scheduled_time }", total: "${ $parameters.Most }"}
  placed:
    event: {source: [shop]}
    detail: Nested
    with: {id: "order ${ $event.detail.id }: ${ $event.detail.of[0].total }", total: "${ $event.detail.of[0].total }"}
  ordered:
    sqs: !Ref Orders
    body: Order
  written:
    stream: arn:aws:kinesis:eu-west-1:123456789012:stream/orders
    data: Order
  named:
    event: {source: [shop]}
    with: {id: "${ $resources.Orders.Arn } and ${ $event.detail.text }", total: 1}
steps:
  - id: order
    set: ${ $input }
"""


def started(name: str, event: Any, text: str = TEXT) -> Any:
    return starts(workflow(text), {"Most": "7"})[name](event)


def test_a_schedule_needs_no_event() -> None:
    """Its attributes are made up where they are not given; a parameter of type Number is a number."""
    assert started("nightly", {}) == {"id": "night of 2026-01-01T00:00:00Z", "total": 7}
    assert started("nightly", {"scheduled_time": "today"})["id"] == "night of today"


def test_paths_and_texts_are_filled() -> None:
    """What is in a string is escaped, as in JSON."""
    event = {"detail": {"id": 'a"b', "of": [{"id": "x", "total": 1.5}]}}
    assert started("placed", event) == {"id": 'order a"b: 1.5', "total": 1.5}


def test_a_body_is_parsed_and_wrapped() -> None:
    """A pipe gives a list of wrapped records, also of one; data of Kinesis comes in base64."""
    order = {"id": "a", "total": 1}
    wrapped = [{"start_it__record": order}]
    assert started("ordered", {"body": json.dumps(order)}) == wrapped
    assert started("ordered", [{"body": order}]) == wrapped
    assert started("written", {"data": base64.b64encode(json.dumps(order).encode()).decode()}) == wrapped


def test_a_batch_is_a_list_of_records() -> None:
    """As many as the batch allows."""
    text = TEXT.replace("input: Order\noutput: Order", "input: Order[]\noutput: any").partition("triggers:")[0]
    text += "triggers: {many: {sqs: orders, body: Order, batch: 2}}\nsteps: []\n"
    order = {"id": "a", "total": 1}
    assert started("many", [{"body": order}] * 2, text) == [{"start_it__records": order}] * 2
    with pytest.raises(BadEvent, match="expected 1 to 2 records, found 3"):
        started("many", [{"body": order}] * 3, text)


@pytest.mark.parametrize(
    ("name", "event", "message"),
    [
        ("placed", {"detail": {"id": "a"}}, "`$event.detail.of` is not in this event"),
        ("placed", {"detail": {"id": "a", "of": []}}, "`$event.detail.of[0]` is not in this event"),
        ("placed", "text", "`$event.detail` is not in this event"),
        ("placed", {"detail": {"id": {}, "of": [{"total": 1}]}}, "`$event.detail.id` cannot be inserted into a string"),
        ("placed", {"detail": {"id": "a", "of": [{"total": "1"}]}}, '`total` of the input is "1", expected `number`'),
        ("ordered", {"body": "no JSON"}, 'the input is "no JSON"'),
        ("written", {"data": "####"}, 'the input is "####"'),
        ("ordered", [{}, {}], "the trigger accepts one record at a time, found 2"),
    ],
)
def test_an_event_that_does_not_fit(name: str, event: Any, message: str) -> None:
    """The reason names the part of the event, or of the input that it made."""
    with pytest.raises(BadEvent) as caught:
        started(name, event)
    assert str(caught.value).startswith(message)


def test_what_the_stack_knows_is_a_placeholder() -> None:
    """As in the machine itself, unless it is given."""
    assert started("named", {"detail": {"text": "x"}})["id"] == "${Orders_Arn} and x"
    sub = TEXT.replace('"night of ${ $event.scheduled_time }"', '!Sub "${AWS::StackName}"')
    assert started("nightly", {}, sub)["id"] == '{"Fn::Sub": "${AWS::StackName}"}'


def flow(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), "run", "start_it.yaml", *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "start_it.yaml").write_text(TEXT, "utf-8")
    return tmp_path


def test_run_with_a_trigger(folder: Path) -> None:
    """`flowgen run --trigger` takes the input as the event; the machine unwraps what a pipe wraps."""
    done = flow(folder, "--trigger", "ordered", "--json", "-i", '{"body": "{\\"id\\": \\"a\\", \\"total\\": 1}"}')
    assert json.loads(done.stdout)["output"] == {"id": "a", "total": 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--trigger", "orderd"), "unknown trigger `orderd`: did you mean `ordered`?"),
        (("--trigger", "x"), "unknown trigger `x`: the triggers are nightly, placed, ordered, written, named"),
        (("--trigger", "placed"), "the trigger `placed` can't start the workflow with this event: `$event.detail`"),
    ],
)
def test_a_trigger_that_can_not_start(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    """Wrong usage, told as such."""
    done = flow(folder, *arguments)
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr


def test_a_test_starts_with_an_event(folder: Path) -> None:
    """`run(event, trigger=…)` of the fixture; what does not fit is a ValueError."""
    loaded = load("start_it.yaml", folder)
    assert loaded.run({"body": {"id": "a", "total": 1}}, trigger="ordered").output == {"id": "a", "total": 1}
    with pytest.raises(ValueError, match=r"`\$event.body` is not in this event"):
        loaded.run({}, trigger="ordered")


def test_a_number_that_nobody_gave() -> None:
    """A placeholder replaces a number, and the message says how to give one."""
    text = TEXT.replace(", Default: 3", "")
    with pytest.raises(BadEvent, match=r"not valid JSON.*--parameter NAME=VALUE"):
        starts(workflow(text), {})["nightly"]({})
