"""Checks of values from outside, in the compiled machine: what they raise, who catches it, and what they cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowgen.asl.validation import validate
from flowgen.asl.writing import to_json
from flowgen.compile import compile_workflow
from flowgen.diagnostics import Sink
from flowgen.local import Task, compile_machine, execute
from flowgen.local.execution import Execution
from flowgen.local.runtime_types import Request
from flowgen.model import Workflow, read_workflow
from flowgen.model.validation import BOUNDARIES
from flowgen.pipeline import check_paths
from flowgen.source import read

TYPES = """
types:
  Order: {fields: {id: string, total: {type: number, minimum: 0}, notes?: "string[]"}}
  Answer: {fields: {approved: boolean}}
"""


def workflow(text: str, **settings: frozenset[str]) -> Workflow:
    sink = Sink()
    root = read("w.yaml", f"flowgen: 1\n{text}", sink)
    assert root is not None
    found = read_workflow(root, sink, **settings)  # type: ignore[arg-type]  # the only setting is `validation`
    assert found is not None, list(sink)
    return found


def machine(text: str, others: dict[str, Workflow] | None = None, **settings: frozenset[str]) -> dict[str, Any]:
    compiled = to_json(compile_workflow(workflow(text, **settings), others=others or {}))
    definition: dict[str, Any] = json.loads(json.dumps(compiled))
    assert validate(definition) == []
    return definition


def run(text: str, value: Any, *results: Any, objects: dict[str, str] | None = None, **settings: Any) -> Execution:
    """Runs a workflow; each task returns the next of `results`."""
    waiting = list(results)

    def answered(request: Request) -> Task:
        del request
        return Task(lambda *_: waiting.pop(0))

    return execute(compile_machine(machine(text, **settings)), value, mock=answered, s3_objects=objects)


def failure(execution: Execution) -> tuple[str | None, str | None]:
    return execution.error, execution.cause


INPUT = f"name: w\ninput: Order\nvalidate: true\n{TYPES}steps:\n  - id: x\n    set: ${{ $input.total + 1 }}\n"
ORDER = {"id": "a", "total": 1}


def test_the_input_is_checked_before_the_first_step() -> None:
    assert run(INPUT, ORDER).output == 2
    assert failure(run(INPUT, {"id": "a", "total": "1"})) == (
        "ContractViolation",
        "$.total: expected number, got string",
    )
    assert failure(run(INPUT, {**ORDER, "notes": ["a", 2]})) == (
        "ContractViolation",
        "$.notes[1]: expected string, got number",
    )
    assert failure(run(INPUT, {**ORDER, "total": -1})) == ("ContractViolation", "$.total: expected at least 0")


CALLBACK = f"""name: w
input: any
{TYPES}
functions:
  ask: {{input: any}}
steps:
  - id: answer
    call: ask
    callback: Answer
    validate: true
  - id: done
    set: "${{ $answer.approved ? 'paid' : 'refused' }}"
"""


def test_an_answer_of_another_type_is_not_used() -> None:
    assert run(CALLBACK, {}, {"approved": True}).output == "paid"
    refused = run(CALLBACK, {}, {"approved": "no"})
    assert failure(refused) == ("ContractViolation", "$.approved: expected boolean, got string")


CATCHES = {
    "of the step": ("    catch: [{errors: ContractViolation, steps: [{id: h, return: '${ $error }'}]}]\n", ""),
    "of every error": ("    catch: [{errors: any, steps: [{id: h, return: '${ $error }'}]}]\n", ""),
    "of the workflow": ("", "catch: [{errors: any, steps: [{id: h, return: '${ $error }'}]}]\n"),
    "of a handler": (
        "    catch: [{errors: ContractViolation, handler: late}]\n",
        "handlers: {late: [{id: h, return: '${ $error }'}]}\n",
    ),
}


@pytest.mark.parametrize("place", CATCHES)
def test_the_error_can_be_caught(place: str) -> None:
    step, whole = CATCHES[place]
    text = CALLBACK.replace("    validate: true\n", f"    validate: true\n{step}") + whole
    caught = run(text, {}, {"approved": "no"})
    assert caught.output == {"Error": "ContractViolation", "Cause": "$.approved: expected boolean, got string"}


def test_the_error_of_the_input_can_be_caught_and_the_input_read() -> None:
    text = INPUT + "catch: [{errors: any, steps: [{id: h, return: '${ [$error.Cause, $input] }'}]}]\n"
    assert run(text, 5).output == ["$: expected object, got number", 5]
    filled = text.replace('notes?: "string[]"', "count: integer = 3").replace("$input.total", "$input.count")
    assert run(filled, ORDER).output == 4
    assert run(filled, 5).output == ["$: expected object, got number", 5]


DONE = {"Payload": None}


def test_finally_runs_after_a_violation() -> None:
    text = f"""name: w
{TYPES}
functions:
  ask: {{input: any}}
steps:
  - id: g
    steps: [{{id: answer, call: ask, callback: Answer, validate: true}}]
    finally: [{{id: tidy, call: ask}}]
"""
    ended = run(text, {}, {"approved": 1}, DONE)
    assert failure(ended) == ("ContractViolation", "$.approved: expected boolean, got number")
    assert [event.details.get("name") for event in ended.events if event.type == "TaskStateEntered"] == [
        "answer",
        "tidy",
    ]


def test_a_compensation_is_checked_and_does_not_stop_the_others() -> None:
    text = f"""name: w
{TYPES}
functions:
  ask: {{input: any}}
steps:
  - {{id: a, call: ask, compensate: {{call: ask, with: 1}}}}
  - {{id: b, call: ask, compensate: {{call: ask, with: 2, callback: Answer, validate: true}}}}
  - {{id: c, fail: {{error: Lost}}}}
"""
    ended = run(text, {}, DONE, DONE, {"approved": "no"}, DONE)
    entered = [event.details.get("name") for event in ended.events if event.type == "TaskStateEntered"]
    assert (entered, ended.error) == (["a", "b", "b__undo", "a__undo"], "Lost")


def task(kind: str) -> str:
    return f"name: w\nvalidate: true\n{TYPES}steps:\n  - {{id: t, {kind}}}\n  - {{id: u, set: '${{ $t }}'}}\n"


HTTP = "http: GET https://example.com, connection: bank, output: Answer"
QUEUE = "aws: 'sqs:sendMessage', with: {QueueUrl: q, MessageBody: '${ $context.Task.Token }'}, callback: Answer"


@pytest.mark.parametrize(
    ("step", "right", "wrong"),
    [
        (HTTP, {"ResponseBody": {"approved": True}}, {"ResponseBody": {}}),
        ("aws: 's3:listBuckets', output: Answer", {"approved": True}, {}),
        (QUEUE, {"approved": True}, {}),
    ],
)  # fmt: skip
def test_results_of_tasks_are_checked(step: str, right: Any, wrong: Any) -> None:
    assert run(task(step), {}, right).output == {"approved": True}
    assert failure(run(task(step), {}, wrong)) == ("ContractViolation", "$.approved: missing")


@pytest.mark.parametrize("kind", ["standard", "express"])
def test_the_output_of_a_child_is_checked(kind: str) -> None:
    child = workflow(f"name: child\ntype: {kind}\noutput: Answer\n{TYPES}steps: []\n")
    text = "name: w\nvalidate: [workflow]\nsteps: [{id: t, workflow: child}, {id: u, set: '${ $t.approved }'}]\n"
    definition = to_json(
        compile_workflow(workflow(text), frozenset({"child"} if kind == "express" else ()), others={"child": child})
    )

    def returned(output: Any) -> Execution:
        express = {"Status": "SUCCEEDED", "Output": json.dumps(output)}
        result = express if kind == "express" else {"Output": output}
        return execute(compile_machine(definition), {}, mock=lambda _: Task(lambda *_: result))

    assert returned({"approved": False}).output is False
    assert failure(returned({"approved": None})) == ("ContractViolation", "$.approved: expected boolean, got null")


def test_a_function_without_generated_code_is_checked() -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    functions = f"functions: {{f: {{arn: '{arn}', output: Answer}}}}\n"
    text = f"name: w\nvalidate: [function]\n{TYPES}{functions}steps: [{{id: t, call: f}}]\n"
    assert failure(run(text, {}, {"Payload": {"approved": 0}}))[0] == "ContractViolation"
    assert run(text, {}, {"Payload": {"approved": True}}).output == {"approved": True}


def choices(text: str, **settings: frozenset[str]) -> list[str]:
    return [name for name in machine(text, None, **settings)["States"] if name.endswith("__check")]


def test_the_nearest_setting_wins() -> None:
    every = frozenset(BOUNDARIES)
    bare = CALLBACK.replace("    validate: true\n", "").replace("input: any\n{", "input: Order\n{", 1)
    off = bare.replace("name: w\n", "name: w\nvalidate: false\n")
    assert choices(bare) == []
    assert choices(bare, validation=every) == ["answer__check"]
    assert choices(off, validation=every) == []
    step = "    callback: Answer\n    validate: "
    assert choices(off.replace("    callback: Answer\n", f"{step}true\n")) == ["answer__check"]
    assert choices(bare.replace("    callback: Answer\n", f"{step}false\n"), validation=every) == []
    assert choices(bare, validation=frozenset({"http"})) == []


def test_the_input_is_not_checked_twice() -> None:
    """The first function checks the whole input itself, unless the machine fills in defaults before."""
    functions = "functions: {f: {input: Order}}\n"
    text = f"name: w\ninput: Order\nvalidate: true\n{TYPES}{functions}steps: [{{id: t, call: f}}]\n"
    assert choices(text) == []
    assert choices(text.replace("call: f", "call: f, with: '${ $input }'")) == []
    assert choices(text.replace("call: f", "call: f, with: {id: a, total: 1}")) == ["w__check"]
    assert choices(text.replace("call: f", "call: f, if: '$input.total > 1'")) == ["w__check"]
    assert choices(text.replace("{input: Order}", "{}")) == ["w__check"]
    filled = (
        text.replace("id: string", "id: string = a")
        + "catch: [{errors: any, steps: [{id: h, return: '${ $input.id }'}]}]\n"
    )
    assert choices(filled) == ["w__check"]


def test_a_check_costs_a_state_and_the_failure_another() -> None:
    checked, unchecked = machine(CALLBACK), machine(CALLBACK.replace("    validate: true\n", ""))
    assert checked["States"].keys() - unchecked["States"].keys() == {"answer__check", "answer__violation"}
    text = INPUT.replace("validate: true", "validate: false")
    assert machine(INPUT)["States"].keys() - machine(text)["States"].keys() == {"w__check", "w__violation"}


def test_a_type_that_fits_every_value_is_not_checked() -> None:
    assert choices("name: w\nvalidate: true\ninput: any\nsteps: []\n") == []


ROWS = """name: w
types:
  Row:
    fields: {id: string, count: integer, price: "number?", gift?: boolean, note?: string, kind: [1, 2]}
steps:
  - id: rows
    for_each: {reader: csv, bucket: b, key: k, item: Row, convert: true}
    as: row
    mode: distributed
    steps: [{id: kept, set: "${ $row }"}]
"""
HEAD = "id,count,price,gift,note,kind\n"


def test_the_strings_of_a_csv_file_become_the_types_of_the_item() -> None:
    objects = {"b/k": f"{HEAD}a, 2 ,,TRUE,,1\n7,007,1.5e1,,hello,2\n"}
    expected = [
        {"id": "a", "count": 2, "price": None, "gift": True, "kind": 1},
        {"id": "7", "count": 7, "price": 15, "note": "hello", "kind": 2},
    ]
    assert run(ROWS, {}, objects=objects).output == expected
    batched = ROWS.replace("    mode:", "    batch: {items: 10}\n    mode:")
    assert run(batched, {}, objects=objects).output == [expected]
    one = {"b/k": f"{HEAD}a,2,,true,,1\n"}
    assert run(batched, {}, objects=one).output == [expected[:1]]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a,x,,,,1", "$.count: expected integer, got string"),
        ("a,1.5,,,,1", "$.count: expected integer, got a fraction"),
        ("a,,,,,1", "$.count: expected integer, got string"),
        ("a,1,,no,,1", "$.gift: expected boolean, got string"),
        ("a,1,1e999,,,1", "$.price: expected number or null, got string"),
        ("a,1,,,,3", "$.kind: expected [1,2]"),
    ],
)
def test_a_cell_that_cannot_be_converted_fails_its_item(row: str, problem: str) -> None:
    text = ROWS + "    catch: [{errors: any, steps: [{id: h, return: '${ $error.Error }'}]}]\n"
    ended = run(text, {}, objects={"b/k": f"{HEAD}{row}\n"})
    assert ended.output == "States.ExceedToleratedFailureThreshold"
    definition = machine(ROWS)["States"]["rows"]["ItemProcessor"]
    item = machine(ROWS)["States"]["rows"]["ItemSelector"]["item"]
    cells = dict(zip(HEAD.strip().split(","), row.split(","), strict=True))
    convert = item.replace("$states.context.Map.Item.Value", "$states.input")
    first = {"Type": "Pass", "Output": {"item": convert}, "Next": definition["StartAt"]}
    states = {"S": first, **definition["States"]}
    child = {"QueryLanguage": "JSONata", "StartAt": "S", "States": states}
    assert failure(execute(compile_machine(child), cells)) == ("ContractViolation", problem)


def test_items_of_a_reader_are_checked() -> None:
    text = ROWS.replace("reader: csv", "reader: jsonl").replace("convert: true", "validate: true")
    right = {"id": "a", "count": 2, "price": None, "kind": 1}
    assert run(text, {}, objects={"b/k": json.dumps(right)}).output == [right]
    wrong = run(text, {}, objects={"b/k": json.dumps({**right, "count": "2"})})
    assert wrong.error == "States.ExceedToleratedFailureThreshold"


EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples").glob("*/workflows/*.yaml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_example_can_check_everything(file: Path) -> None:
    """AWS's validator accepts the checks, and no state refers to a variable that nothing assigns."""
    build = check_paths((file.name,), file.parent).loaded[0]
    others = build.others
    express = frozenset(name for name, other in others.items() if other.type == "express")
    checked = build.workflow.replace(validation=frozenset(BOUNDARIES))
    definition = json.loads(json.dumps(to_json(compile_workflow(checked, express, others=others))))
    assert validate(definition) == []
    for name in (name for name in definition["States"] if name.endswith("__check")):
        assert name in json.dumps(definition).replace(f'"{name}": {{', "")


def test_the_record_of_a_pipe_is_checked_without_its_wrapping() -> None:
    trigger = "triggers: {sent: {sqs: 'arn:aws:sqs:eu-west-1:123456789012:q', body: Order}}\n"
    assert run(INPUT + trigger, [{"w__record": ORDER}]).output == 2
    assert run(INPUT + trigger, ORDER).output == 2
    assert failure(run(INPUT + trigger, [{"w__record": {"id": "a"}}])) == ("ContractViolation", "$.total: missing")
