"""What answers task tokens, of steps with a `callback` and of activities, with a double of boto3's client."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from types import ModuleType
from typing import Any, Never

import pytest

from flowgen.backends.python.support import task_tokens
from flowgen.backends.python.support.base import ContractModel, SparseModel
from flowgen.backends.python.support.json_values import ContractViolation
from flowgen.backends.python.support.runtime import DeclaredError, DetailedError
from flowgen.backends.python.support.task_tokens import Activity, Callback, InvalidToken, TaskTimedOut
from flowgen.local.task_tokens import Refused as ApiRefusal
from flowgen.testing import Answer, TaskTokens
from tests.unit.backends.python.conftest import Project, generated, workflow_of

TOKEN = "AQBE/token"  # noqa: S105 - of a test


class Decision(SparseModel):
    approved: bool
    comment: str | None = None
    by: str = "manager"


class Refusal(ContractModel):
    reason: str
    until: date


class RefusedError(DetailedError[Refusal]):
    pass


class BusyError(DeclaredError):
    pass


approve = Callback[Decision, RefusedError | BusyError]("approve", Decision, RefusedError, BusyError)


@pytest.fixture
def tokens() -> TaskTokens:
    return TaskTokens()


def test_an_answer_is_sent_as_json(tokens: TaskTokens) -> None:
    """Filled, and without what is absent."""
    approve.send_success(TOKEN, Decision(approved=True), client=tokens)
    assert tokens.answers == [Answer(TOKEN, {"approved": True, "by": "manager"})]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (
            {"approved": "yes"},
            r"the answer to `approve` breaks its contract: \$\.approved: Input should be a valid bool",
        ),
        (object(), "the answer to `approve` can't be written as JSON"),
        (
            Decision(approved=True, comment="é" * 131_072),
            "the answer to `approve` has 262,189 bytes; Step Functions allows",
        ),
    ],
)
def test_what_does_not_fit_is_not_sent(tokens: TaskTokens, answer: Any, problem: str) -> None:
    """The workflow would break on it later, or the API reject it."""
    with pytest.raises(ContractViolation, match=problem):
        approve.send_success(TOKEN, answer, client=tokens)
    assert tokens.answers == []


def test_the_largest_answer_is_sent(tokens: TaskTokens) -> None:
    """256 KiB are as much as Step Functions takes, quotes included."""
    text = Callback[str, Never]("text", str)
    text.send_success(TOKEN, "x" * (262_144 - 2), client=tokens)
    with pytest.raises(ContractViolation, match="has 262,145 bytes"):
        text.send_success(TOKEN, "x" * (262_144 - 1), client=tokens)


def test_a_declared_error_has_the_cause_that_lambda_writes(tokens: TaskTokens) -> None:
    """There a workflow's `catch` finds the details: in the message, as JSON."""
    approve.send_failure(TOKEN, RefusedError(Refusal(reason="é", until=date(2026, 1, 2))), client=tokens)
    [sent] = tokens.answers
    assert (sent.token, sent.error) == (TOKEN, "RefusedError")
    cause = json.loads(sent.cause or "")
    assert cause == {"errorType": "RefusedError", "errorMessage": '{"reason":"é","until":"2026-01-02"}'}


def test_an_error_without_details_says_what_it_says(tokens: TaskTokens) -> None:
    """As if the function had raised it."""
    approve.send_failure(TOKEN, BusyError("later"), client=tokens)
    assert json.loads(tokens.answers[0].cause or "") == {"errorType": "BusyError", "errorMessage": "later"}


def test_any_other_error_goes_by_its_name(tokens: TaskTokens) -> None:
    """Its cause is a string, cut where Step Functions would reject it; a declared error without details may do so
    too."""
    Callback[str, Never]("text", str).send_failure("1", "Lost", "x" * 40_000, client=tokens)
    approve.send_failure("2", "BusyError", client=tokens)
    assert tokens.answers == [
        Answer("1", None, "Lost", "x" * 32_768, failed=True),
        Answer("2", None, "BusyError", "", failed=True),
    ]


def test_an_error_with_details_does_not_go_by_its_name(tokens: TaskTokens) -> None:
    """A `catch` would look for details that are not there."""
    with pytest.raises(ValueError, match="`RefusedError` has details: pass the error itself, not its name"):
        approve.send_failure(TOKEN, "RefusedError", "no", client=tokens)
    assert tokens.answers == []


@pytest.mark.parametrize(
    ("details", "problem"),
    [
        ({"reason": 1}, r"the error `RefusedError` breaks its contract: \$\.reason"),
        (Refusal(reason="x" * 33_000, until=date(2026, 1, 2)), "the details of `RefusedError` have 33,... characters"),
    ],
)
def test_details_that_do_not_fit_are_not_sent(tokens: TaskTokens, details: Any, problem: str) -> None:
    """They are checked against their type, and are never cut."""
    with pytest.raises(ContractViolation, match=problem):
        approve.send_failure(TOKEN, RefusedError(details), client=tokens)
    assert tokens.answers == []


def test_a_heartbeat(tokens: TaskTokens) -> None:
    """It says that the answer is still to come."""
    approve.send_heartbeat(TOKEN, client=tokens)
    assert (tokens.heartbeats, tokens.answers) == ([TOKEN], [])


@pytest.mark.parametrize(
    ("code", "raised"),
    [("TaskTimedOut", TaskTimedOut), ("TaskDoesNotExist", TaskTimedOut), ("InvalidToken", InvalidToken)],
)
def test_refusals_can_be_caught(code: str, raised: type[Exception]) -> None:
    """Without boto3 at hand, whatever is sent."""
    tokens = TaskTokens(refuse=code)
    sending: list[Callable[[], None]] = [
        lambda: approve.send_success(TOKEN, Decision(approved=True), client=tokens),
        lambda: approve.send_failure(TOKEN, BusyError(), client=tokens),
        lambda: approve.send_heartbeat(TOKEN, client=tokens),
    ]
    for send in sending:
        with pytest.raises(raised, match=code) as caught:
            send()
        assert isinstance(caught.value.__cause__, ApiRefusal)


def test_other_failures_of_the_client_are_its_own() -> None:
    """A throttled call, or no network: nothing that the answer is to blame for."""
    with pytest.raises(ApiRefusal, match="ThrottlingException"):
        approve.send_heartbeat(TOKEN, client=TaskTokens(refuse="ThrottlingException"))

    class Offline(TaskTokens):
        def send_task_heartbeat(self, *, taskToken: str) -> dict[str, Any]:  # noqa: N803 - boto3's own name
            raise ConnectionError(taskToken)

    with pytest.raises(ConnectionError):
        approve.send_heartbeat(TOKEN, client=Offline())


def test_a_token_is_answered_once(tokens: TaskTokens) -> None:
    """Two clicks on a link are one answer; the second is reported."""
    approve.send_success(TOKEN, Decision(approved=True), client=tokens)
    with pytest.raises(TaskTimedOut):
        approve.send_success(TOKEN, Decision(approved=False), client=tokens)
    assert len(tokens.answers) == 1


def test_boto3_is_loaded_by_the_first_answer(monkeypatch: pytest.MonkeyPatch, tokens: TaskTokens) -> None:
    """And its client is made once. It waits longer than a poll of an activity does."""
    made: list[Any] = []
    boto3, botocore, config = ModuleType("boto3"), ModuleType("botocore"), ModuleType("botocore.config")
    config.__dict__["Config"] = lambda **settings: settings

    def client(service: str, **settings: Any) -> TaskTokens:
        made.append((service, settings))
        return tokens

    boto3.__dict__["client"] = client
    for module in (boto3, botocore, config):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    task_tokens._client.cache_clear()
    approve.send_heartbeat(TOKEN)
    approve.send_success(TOKEN, Decision(approved=True))
    task_tokens._client.cache_clear()
    assert made == [("stepfunctions", {"config": {"read_timeout": 70}})]
    assert (tokens.heartbeats, len(tokens.answers)) == ([TOKEN], 1)


class Hall(TaskTokens):
    """A client with one task, then none."""

    def __init__(self, *inputs: str) -> None:
        super().__init__()
        self.inputs = list(inputs)
        self.asked: list[tuple[str, str]] = []

    def get_activity_task(self, *, activityArn: str, workerName: str = "") -> dict[str, Any]:  # noqa: N803 - boto3's own
        self.asked.append((activityArn, workerName))
        return {"taskToken": TOKEN, "input": self.inputs.pop(0)} if self.inputs else {"ResponseMetadata": {}}


ARN = "arn:aws:states:eu-west-1:111111111111:activity:look"
look = Activity[Refusal, Decision, BusyError]("look", Refusal, Decision, BusyError)


def test_a_worker_takes_a_task_and_answers_it() -> None:
    """The input is read by its contract; None says that there is no task now."""
    hall = Hall('{"reason": "é", "until": "2026-01-02"}')
    task = look.poll(ARN, worker="one", client=hall)
    assert task is not None
    assert task.input == Refusal(reason="é", until=date(2026, 1, 2))
    task.send_heartbeat()
    task.send_success(Decision(approved=False))
    assert look.poll(ARN, client=hall) is None
    assert hall.asked == [(ARN, "one"), (ARN, "worker")]
    assert hall.heartbeats == [TOKEN]
    assert hall.answers == [Answer(TOKEN, {"approved": False, "by": "manager"})]


def test_a_worker_fails_a_task() -> None:
    """By an error of the contract, or by a name."""
    sending: list[tuple[Callable[[Any], None], tuple[str, str]]] = [
        (
            lambda task: task.send_failure(BusyError("x")),
            ("BusyError", '{"errorMessage": "x", "errorType": "BusyError"}'),
        ),
        (lambda task: task.send_failure("Lost", "gone"), ("Lost", "gone")),
    ]
    for send, sent in sending:
        hall = Hall('{"reason": "é", "until": "2026-01-02"}')
        send(look.poll(ARN, client=hall))
        assert [(answer.error, answer.cause) for answer in hall.answers] == [sent]


def test_a_task_that_breaks_the_contract_is_failed_at_once() -> None:
    """Nobody would answer it, and the workflow would wait for its time to be over."""
    hall = Hall('{"reason": 1}')
    with pytest.raises(ContractViolation, match=r"the input of `look` breaks its contract: \$\.reason"):
        look.poll(ARN, client=hall)
    [answer] = hall.answers
    assert answer.error == "ContractViolation"
    assert json.loads(answer.cause or "")["errorMessage"].startswith("the input of `look` breaks its contract")


WAITS = """flowgen: 1
name: place_order
types: {Decision: {fields: {approved: boolean}}}
functions:
  ask: {input: any, output: any, errors: {Refused: string}}
  work: {activity: true, input: string, output: Decision, errors: [Lost]}
steps:
  - {id: approve, call: ask, callback: Decision}
  - {id: done, call: work, with: x}
"""


def test_generated_packages_answer(project: Project, tokens: TaskTokens) -> None:
    """The objects are there under the names of their steps and activities."""
    project.add(WAITS)
    project.code("ask", "def ask(event, context):\n    return event\n")
    callbacks, models = project.module("callbacks"), project.module("models")
    callbacks.approve.send_success("1", models.Decision(approved=True), client=tokens)
    callbacks.approve.send_failure("2", project.module("contracts").Refused("no"), client=tokens)
    assert tokens.answers[0] == Answer("1", {"approved": True})
    assert json.loads(tokens.answers[1].cause or "") == {"errorType": "Refused", "errorMessage": '"no"'}
    hall = Hall('"x"')
    task = project.module("activities").work.poll(ARN, client=hall)
    task.send_success(models.Decision(approved=True))
    assert hall.answers == [Answer(TOKEN, {"approved": True})]


def test_what_undoes_a_step_is_answered(project: Project, tokens: TaskTokens) -> None:
    """Its object has the name that the function that gets the token sees as `context.step`; so do steps in handlers."""
    project.add(
        """flowgen: 1
name: place_order
types: {Decision: {fields: {approved: boolean}}}
functions:
  charge: {input: any, output: any}
  ask:
    arn: arn:aws:lambda:eu-west-1:111111111111:function:a
    envelope: true
    errors: {Refused: {fields: {why: string}}}
steps:
  - id: pay
    call: charge
    compensate:
      call: ask
      callback: {fields: {days: integer}}
      catch: [{errors: [Refused], steps: [{id: again, call: ask, callback: Decision}]}]
  - {id: ship, call: charge}
"""
    )
    callbacks, models = project.module("callbacks"), project.module("models")
    callbacks.pay__undo.send_success("1", models.PayUndoAnswer(days=2), client=tokens)
    details = models.RefusedDetails(why="no")
    callbacks.pay__undo.send_failure("2", project.module("contracts").Refused(details), client=tokens)
    callbacks.again.send_success("3", models.Decision(approved=True), client=tokens)
    violation = project.module("runtime").ContractViolation
    with pytest.raises(violation, match="the answer to `pay__undo` breaks its contract"):
        callbacks.pay__undo.send_success("4", {"days": "x"}, client=tokens)
    assert [(answer.token, answer.output, answer.error) for answer in tokens.answers] == [
        ("1", {"days": 2}, None),
        ("2", None, "Refused"),
        ("3", {"approved": True}, None),
    ]


def test_only_what_is_answered_is_generated() -> None:
    """An activity has no entry point and no stub: no Lambda function is called for it."""
    names = {artifact.path.as_posix().removeprefix("src/shop/") for artifact in generated(workflow_of(WAITS))[0]}
    assert "place_order/generated/callbacks.py" in names
    assert "place_order/generated/activities.py" in names
    assert {name for name in names if name.endswith("/work.py")} == set()
    bare = generated(workflow_of(WAITS.replace(", callback: Decision", "").replace("activity: true, ", "")))[0]
    left = {artifact.path.name for artifact in bare}
    assert left.isdisjoint({"callbacks.py", "activities.py", "task_tokens.py"})
