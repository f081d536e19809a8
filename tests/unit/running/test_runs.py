"""What answers the calls of a run, and what is reported when nothing does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowgen.diagnostics import Sink
from flowgen.local import Task
from flowgen.running import Options, arguments, report, run
from flowgen.running.objects import FolderObjects, FolderTasks
from flowgen.running.terminal import Terminal
from tests.unit.running.machines import LAMBDA, function, program, service

JSON = Any


def rules(made: Any, text: str) -> Any:
    sink = Sink()
    found = arguments.mocks(made, {"m.yaml": text}, sink)
    assert list(sink) == []
    return found


def test_mocks_come_before_callables() -> None:
    """A rule that applies is taken; where none does, the callable is called."""
    made = program({"A": function("f"), "B": function("f")})
    options = Options(rules=rules(made, "A: {result: mocked}"), tasks={"f": Task(lambda event: [event, "called"])})
    assert run(made, 1, options).execution.output == ["mocked", "called"]


def test_nothing_to_call_stops_the_run() -> None:
    """No catcher takes it: the execution is aborted, and a diagnostic at the state says how to give an answer."""
    made = program({"A": function("f", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]), "B": {"Type": "Pass"}})
    outcome = run(made, 1, Options())
    assert (outcome.execution.status, outcome.execution.error) == ("ABORTED", "NothingToCall")
    assert outcome.stopped is not None
    assert outcome.stopped.code == "FG701"
    assert outcome.stopped.span == made.places["A"]
    assert f"--task {LAMBDA}f=package.module:function" in (outcome.stopped.help or "")
    assert "A: {result: …}" in (outcome.stopped.help or "")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (service("aws-sdk:s3:putObject"), "--aws real"),
        (service("http:invoke"), "--aws real"),
        (service("sqs:sendMessage.waitForTaskToken", {"t": "{% $states.context.Task.Token %}"}), "terminal"),
        (service("states:startExecution", {"StateMachineArn": "x"}), "to this project"),
        ({"Type": "Task", "Resource": "arn:aws:states:us-east-1:111111111111:activity:a"}, "--task arn:aws:states"),
    ],
)
def test_each_kind_of_call_has_its_ways(state: JSON, words: str) -> None:
    """The help names the options that answer this kind of call, mocks always among them."""
    stopped = run(program({"A": state}), {}, Options()).stopped
    assert stopped is not None
    assert stopped.help is not None
    assert words in stopped.help
    assert "--mock" in stopped.help


def test_rules_of_which_none_applies_are_reported() -> None:
    """Whoever wrote mocks for a step learns that they did not cover this call."""
    made = program({"A": function("f")})
    stopped = run(made, 1, Options(rules=rules(made, "A: {result: 1, attempt: 2}"))).stopped
    assert stopped is not None
    assert stopped.notes == ("no mock of `A` matches attempt 1 with this input",)


def test_errors_of_functions_have_lambdas_causes() -> None:
    """A mocked error of a function comes as Lambda would tell the exception; that of a service as it is."""
    made = program({"A": function("f")})
    failed = run(made, 1, Options(rules=rules(made, "A: {error: Busy, cause: why}"))).execution
    assert failed.cause == '{"errorMessage":"why","errorType":"Busy","stackTrace":[]}'
    made = program({"A": service("sqs:sendMessage")})
    assert run(made, 1, Options(rules=rules(made, "A: {error: Busy, cause: why}"))).execution.cause == "why"


TOKEN = service(
    "lambda:invoke.waitForTaskToken", {"FunctionName": "f", "Payload": {"token": "{% $states.context.Task.Token %}"}}
)


def test_a_mock_answers_a_task_token() -> None:
    """Without `call` the function is not called; with it, it is, and the mock's outcome is the answer."""
    made = program({"A": TOKEN})
    seen: list[JSON] = []
    tasks = {"f": Task(seen.append)}
    assert run(made, 1, Options(rules=rules(made, "A: {result: yes, delay: 1m}"), tasks=tasks)).execution.elapsed == 60
    assert seen == []
    execution = run(
        made, 1, Options(rules=rules(made, "A: {call: true, result: ok, delay: 2m}"), tasks=tasks)
    ).execution
    assert (execution.output, execution.elapsed, len(seen)) == ("ok", 120, 1)


@pytest.mark.parametrize(("lines", "output"), [(['{"ok": true}'], {"ok": True}), (["nonsense", "1"], 1)])
def test_a_person_answers_a_task_token(lines: list[str], output: JSON) -> None:
    """The function is called, then the answer is asked for until it is JSON."""
    answers = iter(lines)
    said: list[str] = []
    options = Options(terminal=Terminal(lambda _: next(answers), said.append), tasks={"f": Task(lambda _: None)})
    assert run(program({"A": TOKEN}), 1, options).execution.output == output
    assert "`A` waits for a result" in said[0]


def test_a_person_fails_a_task() -> None:
    """`!ERROR cause` fails the task with it."""
    options = Options(terminal=Terminal(lambda _: "!Denied not now", lambda _: None), tasks={"f": Task(lambda _: None)})
    execution = run(program({"A": TOKEN}), 1, options).execution
    assert (execution.error, execution.cause) == ("Denied", "not now")


def test_a_folder_stands_for_s3(tmp_path: Path) -> None:
    """Objects are files; tasks and Map states see the same ones, and nothing outside the folder."""
    made = program(
        {
            "Put": service("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "in/x.json", "Body": [1, 2]}),
            "Read": {
                "Type": "Map",
                "ItemReader": {
                    "Resource": "arn:aws:states:::s3:getObject",
                    "ReaderConfig": {"InputType": "JSON"},
                    "Arguments": {"Bucket": "b", "Key": "in/x.json"},
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "P",
                    "States": {"P": {"Type": "Pass", "End": True}},
                },
                "Assign": {"items": "{% $states.result %}"},
            },
            "List": service("aws-sdk:s3:listObjectsV2", {"Bucket": "b"}, Assign={"n": "{% $states.result.KeyCount %}"}),
            "Get": service(
                "aws-sdk:s3:getObject",
                {"Bucket": "b", "Key": "../../secret"},
                Catch=[
                    {
                        "ErrorEquals": ["S3.NoSuchKeyException"],
                        "Next": "End",
                        "Output": {"items": "{% $items %}", "n": "{% $n %}"},
                    }
                ],
            ),
            "End": {"Type": "Pass"},
        }
    )
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "s3").mkdir()
    objects = FolderObjects(tmp_path / "s3")
    execution = run(made, {}, Options(objects=objects, services=(FolderTasks(objects).answer,))).execution
    assert execution.output == {"items": [1, 2], "n": 1}
    assert (tmp_path / "s3" / "b" / "in" / "x.json").read_text() == "[1,2]"


def test_the_failing_state_comes_first() -> None:
    """The report opens with the error, the state, its line, its input and the cause."""
    made = program({"A": {"Type": "Pass"}, "B": function("f")})
    outcome = run(made, {"n": 1}, Options(rules=rules(made, "B: {error: Broken, cause: a pipe}")))
    head, place, line, given, cause, *_ = report.as_text(made, outcome, None).splitlines()
    span = made.places["B"]
    assert head == "Broken in B"
    assert place == f"  --> m.asl.json:{span.start.line}:{span.start.column}"
    assert line.endswith('"B": {')
    assert (given, cause) == ('input  {"n":1}', "cause  a pipe")


def test_the_code_that_failed_is_shown_without_what_called_it() -> None:
    """Of the frames of an exception, those of generated modules are of no help."""
    frames = [
        f'  File "{path}", line 3, in {name}\n    {name}()\n'
        for path, name in (
            ("/p/src/shop/generated/entry_points/f.py", "handler"),
            (r"C:\p\src\shop\generated\runtime.py", "handle"),
            ("/p/src/shop/f.py", "f"),
            ("/p/src/shop/generated_reports.py", "write"),
        )
    ]
    cause = json.dumps({"errorMessage": "no", "errorType": "KeyError", "stackTrace": frames})
    shown = [line.strip() for line in report._cause(cause)]
    assert shown[0] == "no"
    assert [line for line in shown if line.endswith("()")] == ["f()", "write()"]


def answering(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A program whose step `A` waits for the answer of `page`, a function with this body."""
    package = f"answers_{tmp_path.name}"
    folder = tmp_path / package / "generated"
    folder.mkdir(parents=True)
    for init in (folder.parent / "__init__.py", folder / "__init__.py"):
        init.write_text("")
    runtime = "from contextvars import ContextVar\nlocal_client = ContextVar('local_client', default=None)\n"
    (folder / "task_tokens.py").write_text(runtime)
    head = "from .generated.task_tokens import local_client\n\n\ndef page(event, context):\n"
    (folder.parent / "page.py").write_text(f"{head}    client = local_client.get()\n    {code}\n")
    monkeypatch.syspath_prepend(tmp_path)
    page = __import__(f"{package}.page", fromlist=["page"]).page
    made = program({"A": service("sqs:sendMessage.waitForTaskToken", {"t": "{% $states.context.Task.Token %}"})})
    made = replace(made, answering={"A": {"page": "${Page}"}}, tasks={"${Page}": Task(page, context=True)})
    found = rules(made, "A: {answered_by: page, event: {token: '${token}', ok: 7}, delay: 1 hour}")
    return run(made, {}, Options(rules=found))


def test_a_function_answers_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer is the result of the step, after the delay."""
    code = "client.send_task_success(taskToken=event['token'], output=str(event['ok']))"
    execution = answering(code, tmp_path, monkeypatch).execution
    assert (execution.status, execution.output, execution.elapsed) == ("SUCCEEDED", 7, 3600)


def test_a_function_answers_with_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "client.send_task_failure(taskToken=event['token'], error='No', cause='why')"
    execution = answering(code, tmp_path, monkeypatch).execution
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "No", "why")


def test_a_function_that_fails_to_answer_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No catcher takes a mistake in the code that answers."""
    outcome = answering("raise ValueError('broken')", tmp_path, monkeypatch)
    assert outcome.execution.status == "ABORTED"
    assert outcome.stopped is not None
    assert outcome.stopped.message == "nothing answered `A`: `page` failed: ValueError: broken"
