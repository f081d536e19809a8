"""Task tokens in runs of tests: what answers them, after the code that gives them away."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flowgen.backends import writing
from flowgen.local.task_tokens import Refused
from flowgen.pipeline import check_paths, plan_python
from flowgen.testing import TaskTokens, Workflow, in_turn, load, raises

TEXT = """flowgen: 1
name: approval
types:
  Decision: {fields: {approved: boolean}}
  Refusal: {fields: {reason: string}}
functions:
  ask: {input: any, output: any, errors: {Rejected: Refusal}}
resources: {Queue: {Type: "AWS::SQS::Queue"}}
steps:
  - id: approve
    call: ask
    callback: Decision
    timeout: 3 days
    heartbeat: 2 days
    retry: {attempts: 1, errors: [Busy]}
    catch:
      - errors: [Rejected]
        steps:
          - {id: why, return: "${ $error.details.reason }"}
  - id: paid
    aws: sqs:sendMessage
    with: {QueueUrl: !Ref Queue, MessageBody: {token: "${ $context.Task.Token }"}}
    callback: boolean
    timeout: 1 hour
"""
CODE = """asked = []


def ask(event, context):
    asked.append(context.task_token)
"""


@pytest.fixture(scope="session")
def approval(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    root = tmp_path_factory.mktemp("approval")
    (root / "workflows").mkdir()
    (root / "pyproject.toml").write_text("[tool.flowgen]\n")
    (root / "workflows" / "approval.yaml").write_text(TEXT)
    for project, planned in plan_python(check_paths((), root).loaded):
        writing.write(planned, project.root)
    (root / "src" / "approval" / "ask.py").write_text(CODE)
    return load("workflows/approval.yaml", Path(root))


def modules(workflow: Workflow) -> tuple[Any, Any]:
    """The generated callbacks and contracts."""
    [task] = workflow.program.tasks.values()
    own = task.function.__module__.rpartition(".entry_points.")[0]
    import importlib

    return importlib.import_module(f"{own}.callbacks"), importlib.import_module(f"{own}.contracts")


def test_the_code_gives_the_token_away_and_other_code_answers(approval: Workflow) -> None:
    """The helper goes through the double of the client; `delay` is how long the answer takes."""
    callbacks, _ = modules(approval)
    seen: list[str] = []

    def click(token: str, client: TaskTokens) -> None:
        seen.append(token)
        callbacks.approve.send_heartbeat(token, client=client)
        callbacks.approve.send_success(token, {"approved": True}, client=client)
        with pytest.raises(Refused, match="InvalidToken"):
            client.send_task_heartbeat(taskToken="another")

    run = approval.run({}, answers={"approve": click, "paid": True}, delay={"approve": timedelta(hours=5)})

    assert run.succeeded().output is True
    assert run.elapsed == timedelta(hours=5)
    import importlib

    [asked] = seen
    assert importlib.import_module("approval.ask").asked[-1] == asked


def test_details_of_an_answer_reach_the_catch(approval: Workflow) -> None:
    """As those of an error that the function itself raises."""
    callbacks, contracts = modules(approval)
    error = contracts.Rejected({"reason": "é"})

    def refuse(token: str, client: TaskTokens) -> None:
        callbacks.approve.send_failure(token, error, client=client)

    for answer in (refuse, error, raises(contracts.Rejected, {"reason": "é"})):
        assert approval.run({}, answers={"approve": answer}).output == "é"


def test_no_answer_is_waited_for(approval: Workflow) -> None:
    """Code that sends nothing leaves the step waiting, for as long as it may go without a sign of life."""
    run = approval.run({}, answers={"approve": lambda _token, _client: None})

    assert run.failed("States.Timeout").elapsed == timedelta(days=2)


def test_each_try_has_its_answer(approval: Workflow) -> None:
    """Answers may come in turn, like any double."""
    busy, yes = raises("Busy"), {"approved": True}

    run = approval.run({}, answers={"approve": in_turn(busy, yes), "paid": False})

    assert run.succeeded().retried("approve", 1).output is False


def test_a_service_that_takes_the_token(approval: Workflow) -> None:
    """Nothing is called here: the test has the token from the run."""

    def pay(token: str, client: TaskTokens) -> None:
        client.send_task_failure(taskToken=token, error="Bounced", cause="no money")

    run = approval.run({}, answers={"approve": {"approved": True}, "paid": pay})

    run.failed("Bounced", "no money")


def test_a_failure_needs_no_error(approval: Workflow) -> None:
    """As in AWS: the step fails, and the history has no error."""

    def refuse(token: str, client: TaskTokens) -> None:
        client.send_task_failure(taskToken=token)

    run = approval.run({}, answers={"approve": {"approved": True}, "paid": refuse})

    assert (run.failed().error, run.cause) == (None, None)


def test_a_mistake_of_the_answering_code_fails_the_test(approval: Workflow) -> None:
    """Not the step: no catch may take it."""

    def wrong(_token: str, _client: TaskTokens) -> None:
        raise KeyError("token")

    with pytest.raises(KeyError, match="token"):
        approval.run({}, answers={"approve": wrong})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"answers": {"aprove": True}},
            "answers: unknown step or function `aprove`; did you mean `approve`",
        ),
        ({"answers": {"approve": 1}, "mocks": {"approve": 1}}, "`approve` has an entry in both `mocks` and `answers`"),
    ],
)
def test_names_are_checked(approval: Workflow, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        approval.run({}, **given)


def test_an_activity_has_tasks() -> None:
    """For workers: the inputs in order, then none."""
    client = TaskTokens(tasks=[{"a": 1}])
    assert client.get_activity_task(activityArn="arn", workerName="w") == {"taskToken": "task-1", "input": '{"a": 1}'}
    assert client.get_activity_task(activityArn="arn") == {}


def test_what_undoes_a_step_is_answered_too(tmp_path: Path) -> None:
    """By the name of its state, which its function gets to see, and with the object of that name."""
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "undoing.yaml").write_text(
        "flowgen: 1\nname: undoing\ntypes: {Refunded: {fields: {days: integer}}}\n"
        "functions: {pay: {input: any, output: any}, ask: {input: any, output: any}}\n"
        "steps:\n  - {id: paid, call: pay, compensate: {call: ask, callback: Refunded, timeout: 3 days}}\n"
        "  - {id: shipped, call: pay}\n"
    )
    for project, planned in plan_python(check_paths((), tmp_path).loaded):
        writing.write(planned, project.root)
    (tmp_path / "src" / "undoing" / "ask.py").write_text(
        "steps = []\n\n\ndef ask(event, context):\n    steps.append(context.step)\n"
    )
    workflow = load("workflows/undoing.yaml", tmp_path)
    import importlib

    def refund(token: str, client: TaskTokens) -> None:
        callbacks = importlib.import_module("undoing.generated.callbacks")
        callbacks.paid__undo.send_success(token, {"days": 2}, client=client)

    run = workflow.run(
        {},
        mocks={"paid": 1, "shipped": raises("Lost")},
        answers={"paid__undo": refund},
        delay={"paid__undo": timedelta(days=1)},
    )

    run.failed("Lost")
    assert run.elapsed == timedelta(days=1)
    assert importlib.import_module("undoing.ask").steps == ["paid__undo"]
    again = workflow.run({}, mocks={"paid": 1, "shipped": raises("Lost"), "ask": {"days": 1}})
    again.failed("Lost").called("ask", times=1)
