"""The commands for deployed workflows, over HTTP, against an endpoint with the responses of AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.operating.conftest import WORKFLOW, Run
from tests.unit.operating.endpoint import NOW, PREFIX, Aws, Problem

PAYMENT = {"id": "p-1", "amount": 5, "card": "4242-4242-4242"}
MACHINE = f"{PREFIX}:stateMachine:Pay"
EXECUTION = f"{PREFIX}:execution:Pay"
History = Callable[..., list[dict[str, Any]]]


def events_of(history: History, **mocks: Any) -> list[dict[str, Any]]:
    return history(PAYMENT, **{"decision": {"result": {"approved": True}}, "charged": {"result": "c-1"}, **mocks})


def ended(aws: Aws, history: History, name: str, **mocks: Any) -> str:
    """An execution that has ended, with its history."""
    events = events_of(history, **mocks)
    last = events[-1]
    details: dict[str, Any] = next((value for key, value in last.items() if key.endswith("EventDetails")), {})
    status = last["type"].removeprefix("Execution").upper()
    more = {key: details[key] for key in ("output", "error", "cause") if key in details}
    arn = aws.execution(MACHINE, name, status, 60, 30, **more)
    aws.history(arn, events)
    return arn


def test_start(aws: Aws, run: Run) -> None:
    """The alias starts it; the ARN is the result."""
    aws.deploy("pay")
    done = run("start", "-i", json.dumps(PAYMENT), "--name", "p-1")

    assert (done.exit_code, done.stdout) == (0, f"{EXECUTION}:p-1\n"), done.output
    [asked] = [asked for name, asked in aws.requests if name == "StartExecution"]
    assert asked["stateMachineArn"] == f"{MACHINE}:live"
    assert json.loads(asked["input"]) == PAYMENT


def test_a_start_without_a_name_has_one_anyway(aws: Aws, run: Run) -> None:
    """So the SDK can repeat a request whose response was lost, without a second execution."""
    aws.deploy("pay")
    aws.problems["StartExecution"] = [Problem("ServiceUnavailable", status=503)]
    done = run("start", "-i", json.dumps(PAYMENT), "--json")

    [asked] = [asked for name, asked in aws.requests if name == "StartExecution"]
    assert len(asked["name"]) == 36
    assert json.loads(done.stdout) == {
        "name": asked["name"],
        "workflow": "pay",
        "arn": f"{EXECUTION}:{asked['name']}",
        "status": "RUNNING",
        "started": "2026-05-28T20:26:40Z",
        "ended": None,
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-i", "{"), "the input is not valid JSON: "),
        (("-i", "@none.json"), "cannot read the file of the input `none.json`: No such file or directory"),
        (("-i", '{"id": 1}'), "the input does not have the type `Payment`: $"),
        (("--name", "a b"), "--name: the name of an execution must not contain a space: use letters, digits"),
        (("--name", "a:b"), "--name: the name of an execution must not contain `:`"),
        (("--name", ""), "--name: the name of an execution must not be empty"),
        (("--name", "x" * 81), "--name: the name of an execution has at most 80 characters; this one has 81"),
    ],
)
def test_a_start_with_invalid_arguments_asks_aws_nothing(
    aws: Aws, run: Run, arguments: tuple[str, ...], message: str
) -> None:
    done = run("start", "-i", json.dumps(PAYMENT), *arguments)

    assert done.exit_code == 2
    assert message in done.stderr
    assert aws.requests == []


def test_a_name_that_exists(aws: Aws, run: Run) -> None:
    aws.deploy("pay")
    aws.execution(MACHINE, "p-1", "SUCCEEDED", 60, 30)
    done = run("start", "-i", json.dumps(PAYMENT), "--name", "p-1")

    assert done.exit_code == 1
    assert "error[FG705]: an execution named `p-1` already exists" in done.stderr
    assert "`flowgen show p-1`" in done.stderr


@pytest.mark.parametrize(
    ("mocks", "code", "last"),
    [({}, 0, 'SUCCEEDED after 30 s: "c-1"'), ({"charged": {"error": "Declined"}}, 3, "Declined")],
)
def test_wait(aws: Aws, run: Run, history: History, mocks: dict[str, Any], code: int, last: str) -> None:
    """Prints the trace once the execution has ended."""
    aws.deploy("pay")
    arn = ended(aws, history, "p-1", **mocks)
    at_the_end = aws.executions.pop(arn)
    looks = []

    def after(operation: str) -> None:
        looks.append(operation)
        if looks.count("DescribeExecution") == 2:
            aws.executions[arn] = at_the_end

    aws.after = after
    done = run("start", "-i", json.dumps(PAYMENT), "--name", "p-1", "--wait")

    assert (done.exit_code, done.stdout.splitlines()[-1]) == (code, last), done.output
    assert [name for name, _ in aws.requests].count("DescribeExecution") == 3


def test_an_interrupted_wait(aws: Aws, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Says what continues, and how to look at it."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    aws.deploy("pay")
    done = run("start", "-i", json.dumps(PAYMENT), "--name", "p-1", "--wait")

    assert done.exit_code == 130
    assert done.stderr.endswith(
        "interrupted; if AWS received the request, the execution continues: to look at it, run `flowgen show p-1`;"
        " to stop it, run `flowgen stop p-1`\n"
    )


def test_list(aws: Aws, run: Run) -> None:
    """The newest first, with the errors of those that failed."""
    aws.deploy("pay")
    aws.execution(MACHINE, "old", "SUCCEEDED", 7200, 7100)
    aws.execution(MACHINE, "bad", "FAILED", 600, 590, error="Declined", cause="no money")
    aws.execution(MACHINE, "new", "RUNNING", 90)
    done = run("list")

    assert done.stdout.splitlines() == [
        "new  RUNNING    2026-05-28T20:25:10Z  1 min 30 s",
        "bad  FAILED     2026-05-28T20:16:40Z  10 s        Declined",
        "old  SUCCEEDED  2026-05-28T18:26:40Z  1 min 40 s",
    ]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--status", "failed"), ["bad", "worse"]),
        (("--since", "5m"), ["new"]),
        (("--since", "2026-05-28T20:16:40Z"), ["new", "bad"]),
        (("--since", "2026-05-28"), ["new", "bad", "worse", "old"]),
        (("--error", "Declined"), ["bad"]),
        (("--error", "Nothing"), []),
        (("--limit", "1"), ["new"]),
    ],
)
def test_selected(aws: Aws, run: Run, arguments: tuple[str, ...], names: list[str]) -> None:
    aws.deploy("pay")
    aws.execution(MACHINE, "old", "SUCCEEDED", 7200, 7100)
    aws.execution(MACHINE, "worse", "FAILED", 900, 590, error="Broken")
    aws.execution(MACHINE, "bad", "FAILED", 600, 590, error="Declined")
    aws.execution(MACHINE, "new", "RUNNING", 90)
    done = run("list", "--json", *arguments)

    assert [one["name"] for one in json.loads(done.stdout)] == names


def test_invalid_times(run: Run) -> None:
    for option in (("list", "--since"), ("logs", "--since"), ("redrive", "--failed-since")):
        done = run(*option, "yesterday")
        assert done.exit_code == 2
        assert f"{option[1]}: `yesterday` is not a valid time: write 90m, 2h, 3d, 2026-01-31" in done.stderr


@pytest.mark.parametrize("execution", ["p-2", f"{EXECUTION}:p-2", "last"])
def test_show(aws: Aws, run: Run, history: History, execution: str) -> None:
    """The failing step with its line, and the trace; the card's number is masked wherever it appears."""
    aws.deploy("pay")
    aws.execution(MACHINE, "p-1", "SUCCEEDED", 600, 500)
    ended(aws, history, "p-2", charged={"error": "Declined", "cause": "4242-4242-4242 has no money"})
    done = run("show", execution)

    assert done.exit_code == 0
    assert done.stdout.splitlines()[:5] == [
        "Declined in charged",
        "  --> workflows/pay.yaml:20:9",
        "  20 |   - id: charged",
        'input  {"approved":true}',
        "cause  **** has no money",
    ]
    assert 'ok     decision {"id":"p-1","amount":5,"card":"****"} -> {"approved":true}' in done.stdout
    assert "4242" not in done.output


LOOP = f"{PREFIX}:mapRun:Pay/lines:11112222-3333-4444-5555-666677778888"


def distributed(aws: Aws, history: History, *, failed: int, succeeded: int) -> None:
    """An execution with a distributed loop, whose child executions run the steps of `pay`."""
    aws.deploy("pay")
    loop = [
        ("ExecutionStarted", {"input": "{}", "roleArn": "arn:r"}),
        ("MapStateEntered", {"name": "lines", "input": "{}"}),
        ("MapStateStarted", {"length": 0}),
        ("MapRunStarted", {"mapRunArn": LOOP}),
    ]
    keys = ("executionStarted", "stateEntered", "mapStateStarted", "mapRunStarted")
    events = [
        {
            "timestamp": "2026-05-28T20:25:40.000Z",
            "type": kind,
            "id": number,
            "previousEventId": number - 1,
            f"{key}EventDetails": details,
        }
        for number, (key, (kind, details)) in enumerate(zip(keys, loop, strict=True), 1)
    ]
    aws.history(aws.execution(MACHINE, "p-1", "RUNNING", 60), events)
    good, bad = events_of(history), events_of(history, charged={"error": "Declined", "cause": "no 4242-4242-4242"})
    for number in range(failed + succeeded):
        is_good = number >= failed
        more = {} if is_good else {"error": "Declined"}
        status = "SUCCEEDED" if is_good else "FAILED"
        arn = aws.execution(f"{MACHINE}/lines", f"c-{number}", status, 50, 40, mapRunArn=LOOP, **more)
        aws.history(arn, good if is_good else bad)


def test_the_children_of_a_distributed_loop(aws: Aws, run: Run, history: History) -> None:
    """The trace has those that failed first, and says how to list all."""
    distributed(aws, history, failed=2, succeeded=30)
    done = run("show", "p-1")

    assert done.exit_code == 0, done.output
    assert f"lines: 32 child executions (2 failed, 30 succeeded); to list them: flowgen show {LOOP}" in done.stderr
    shown = done.stdout.splitlines()
    assert [line.split()[-1] for line in shown if "execution c-" in line][:2] == ["c-0", "c-1"]
    read = {asked["executionArn"] for operation, asked in aws.requests if operation == "GetExecutionHistory"}
    assert len(read) == 1 + 20
    assert "4242" not in done.output


def test_a_loop_is_shown_without_the_permission_for_its_children(aws: Aws, run: Run, history: History) -> None:
    distributed(aws, history, failed=1, succeeded=1)
    aws.problems["DescribeMapRun"] = [Problem("AccessDeniedException", "not authorized")]
    done = run("show", "p-1")
    assert (done.exit_code, "runs   lines" in done.stdout, "execution c-" in done.stdout) == (0, True, False)


def test_a_map_run_is_a_list_of_executions(aws: Aws, run: Run, history: History) -> None:
    distributed(aws, history, failed=1, succeeded=2)
    done = run("show", LOOP)

    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[:2] for row in rows] == [
        [f"{EXECUTION}/lines:c-0", "FAILED"],
        [f"{EXECUTION}/lines:c-1", "SUCCEEDED"],
        [f"{EXECUTION}/lines:c-2", "SUCCEEDED"],
    ]
    assert rows[0][-1] == "Declined"
    assert done.stderr == "lines: 3 child executions (1 failed, 2 succeeded)\n"
    one = run("show", rows[0][0])
    assert one.stdout.splitlines()[:2] == ["Declined in charged", "  --> workflows/pay.yaml:20:9"], one.output
    assert [found["arn"] for found in json.loads(run("show", LOOP, "--json").stdout)] == [row[0] for row in rows]


def test_a_map_run_that_does_not_exist(aws: Aws, run: Run) -> None:
    aws.deploy("pay")
    done = run("show", LOOP)
    assert (done.exit_code, f"error[FG704]: the Map Run `{LOOP}` does not exist" in done.stderr) == (1, True)


def test_express_children_are_not_listed(aws: Aws, run: Run, history: History) -> None:
    distributed(aws, history, failed=0, succeeded=2)
    aws.problems["ListExecutions"] = [Problem("StateMachineTypeNotSupported", "express")]
    done = run("show", LOOP)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "AWS does not list express executions; read their logs with `flowgen logs`" in done.stderr


def test_show_as_json(aws: Aws, run: Run, history: History) -> None:
    aws.deploy("pay")
    ended(aws, history, "p-1")
    done = run("show", "p-1", "--json")

    shown = json.loads(done.stdout)
    assert (shown["status"], shown["output"], shown["name"], len(shown["history"])) == ("SUCCEEDED", "c-1", "p-1", 13)
    assert "4242" not in done.output


def test_a_running_execution(aws: Aws, run: Run, history: History) -> None:
    aws.deploy("pay")
    arn = aws.execution(MACHINE, "p-1", "RUNNING", 90)
    aws.history(arn, events_of(history)[:4])
    done = run("show")

    assert done.stdout.splitlines()[-1] == "RUNNING after 1 min 30 s"
    assert "runs   decision" in done.stdout
    assert "failed" not in done.stdout


def test_a_shown_history_can_be_replayed(aws: Aws, run: Run, history: History, project: Path) -> None:
    """It has the secrets, because calls are compared with it."""
    aws.deploy("pay")
    ended(aws, history, "p-1")
    assert run("show", "p-1", "--history", "real.json").exit_code == 0

    assert "4242-4242-4242" in (project / "real.json").read_text()
    assert run("replay", "real.json").exit_code == 0


@pytest.mark.parametrize("command", ["show", "stop", "redrive"])
def test_executions_that_do_not_exist(aws: Aws, run: Run, command: str) -> None:
    aws.deploy("pay")
    aws.execution(MACHINE, "order-1", "FAILED", 60, 50)

    done = run(command, "ordr-1")
    assert done.exit_code == 1
    assert "error[FG704]: unknown execution `ordr-1`\n  = help: did you mean `order-1`?" in done.stderr
    done = run(command, f"{EXECUTION}:none")
    assert f"error[FG704]: the execution `{EXECUTION}:none` does not exist" in done.stderr
    done = run(command, MACHINE)
    assert done.exit_code == 2
    assert f"`{MACHINE}` is not the ARN of an execution; expected arn:aws:states:" in done.stderr
    done = run(command, "a b")
    assert done.exit_code == 2
    assert "the name of an execution must not contain a space" in done.stderr


def test_nothing_was_ever_started(aws: Aws, run: Run) -> None:
    aws.deploy("pay")
    done = run("show")
    assert "error[FG704]: the workflow has no executions yet\n  = help: start one with `flowgen start`" in done.stderr
    assert run("list").stderr == "no executions found\n"


def test_workflows_that_are_not_deployed(aws: Aws, run: Run) -> None:
    aws.resources["Other"] = ("AWS::SNS::Topic", "arn:x")
    done = run("list")
    assert done.exit_code == 1
    assert "error[FG703]: the stack `shop` does not contain `pay`" in done.stderr
    done = run("list", "--stack", "shop-prod")
    assert "error[FG703]: the stack `shop-prod` does not exist in eu-west-1 (account 111122223333)" in done.stderr


MISTAKES = {
    "a mistake that check reports": WORKFLOW.replace("with: ${ $input }", "with: ${ $inptu }", 1),
    "an unknown key": WORKFLOW.replace("output: string", "outpt: string"),
    "a tab, which YAML does not allow": WORKFLOW + "\t- id: x\n",
    "a file that is not UTF-8": None,
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_operating_needs_no_workflow_without_errors(
    aws: Aws, run: Run, history: History, project: Path, mistake: str
) -> None:
    """A mistake in the file of a deployed workflow, or of another one, does not stop anybody."""
    aws.deploy("pay", "charge")
    aws.deploy("pay_back", "charge")
    ended(aws, history, "p-1", charged={"error": "Declined"})
    aws.logs = {"/functions/charge": [{"timestamp": int((NOW - 5) * 1000), "message": "hello", "eventId": "1"}]}
    text = MISTAKES[mistake]
    file = project / "workflows" / "pay.yaml"
    if text is None:
        file.write_bytes(WORKFLOW.encode() + b"# \xff")
    else:
        file.write_text(text)
    (project / "workflows" / "other.yaml").write_text("flowgen: 1\nname: other\nsteps: 5\n")

    listed = run("list")
    assert (listed.exit_code, "p-1" in listed.stdout) == (0, True), listed.stderr
    assert "error" not in listed.stderr
    shown = run("show", "p-1")
    assert (shown.exit_code, shown.stdout.splitlines()[0].split()[-1]) == (0, "charged"), shown.output
    assert "4242" not in shown.stdout
    logs = run("logs", "--function", "charge")
    assert logs.stdout.splitlines()[0].endswith("pay.charge  hello"), logs.output
    assert run("logs", "--function", "back_charge").exit_code == 2
    assert run("redrive", "p-1").exit_code == 0
    assert run("stop", "p-1").exit_code == 0


def test_an_unreadable_file_is_reported_once(aws: Aws, run: Run, project: Path) -> None:
    """What is known then comes from the stack, also whether the workflow is an express workflow."""
    aws.deploy("quick")
    (project / "workflows" / "pay.yaml").write_text("flowgen: 1\nname: quick\n\tsteps: []\n")
    done = run("list")
    note = "cannot read workflows/pay.yaml (see `flowgen check`): using what the stack says about this workflow\n"
    assert done.stderr.startswith(note)
    assert "AWS keeps no list of the executions of `quick`, an express workflow" in done.stderr
    assert run("list", "workflows/none.yaml").exit_code == 1
    assert "FG005" in run("list", "workflows/none.yaml").stderr


def test_settings_with_an_error_end_the_command(run: Run, project: Path) -> None:
    """They select the stack."""
    (project / "pyproject.toml").write_text('[project]\nname = "shop"\n[tool.flowgen]\nworkflows = 5\n')
    done = run("list")
    assert (done.exit_code, "error[FG" in done.stderr) == (1, True), done.stderr


def test_an_arn_needs_no_stack(aws: Aws, run: Run, history: History) -> None:
    ended(aws, history, "p-1")
    done = run("show", f"{EXECUTION}:p-1", "--stack", "shop-prod")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, 'SUCCEEDED after 30 s: "c-1"'), done.output


def test_stop(aws: Aws, run: Run) -> None:
    aws.deploy("pay")
    aws.execution(MACHINE, "p-1", "RUNNING", 90)
    done = run("stop", "last", "--error", "Mistake", "--cause", "wrong order", "--json")

    assert (done.exit_code, json.loads(done.stdout)["status"]) == (0, "ABORTED")
    assert aws.requests[-1] == (
        "StopExecution",
        {"executionArn": f"{EXECUTION}:p-1", "error": "Mistake", "cause": "wrong order"},
    )
    done = run("stop", "p-1")
    assert done.exit_code == 1
    assert "error[FG705]: the execution `p-1` has already ended: ABORTED" in done.stderr


def test_redrive_one(aws: Aws, run: Run) -> None:
    aws.deploy("pay")
    aws.execution(MACHINE, "p-1", "FAILED", 90, 60, redriveStatus="REDRIVABLE")
    done = run("redrive", "p-1")

    assert (done.exit_code, done.stderr) == (0, "redriven p-1\n")
    done = run("redrive", "p-1")
    assert done.exit_code == 1
    assert "error[FG705]: the execution `p-1` cannot be redriven" in done.stderr
    assert "its status is RUNNING" in done.stderr


def many(aws: Aws) -> None:
    aws.deploy("pay")
    aws.execution(MACHINE, "other", "FAILED", 500, 400, error="Broken")
    aws.execution(MACHINE, "late", "TIMED_OUT", 9000, 300)
    aws.execution(MACHINE, "first", "FAILED", 9000, 500, error="Declined", redriveStatus="REDRIVABLE")
    aws.execution(MACHINE, "second", "FAILED", 300, 200, error="Declined")
    aws.execution(
        MACHINE, "never", "FAILED", 9, 8, error="Declined", redriveStatus="NOT_REDRIVABLE", redriveStatusReason="no"
    )
    aws.execution(MACHINE, "before", "FAILED", 9000, 8000, error="Declined")
    aws.execution(MACHINE, "stopped", "ABORTED", 100, 50, error="Declined")


def test_redrive_many(aws: Aws, run: Run) -> None:
    """Those that failed since then, however long ago they started; the oldest failure first."""
    many(aws)
    done = run("redrive", "--failed-since", "1h", "--error", "Declined", "--yes", "--json")

    assert [one["name"] for one in json.loads(done.stdout)] == ["first", "second"], done.output
    assert [asked["executionArn"] for name, asked in aws.requests if name == "RedriveExecution"] == [
        f"{EXECUTION}:first",
        f"{EXECUTION}:second",
    ]
    assert "AWS does not allow to redrive 1 execution of 3" in done.stderr


def test_redrive_all_errors(aws: Aws, run: Run) -> None:
    many(aws)
    done = run("redrive", "--failed-since", "1h", "--yes", "--json")
    assert [one["name"] for one in json.loads(done.stdout)] == ["first", "other", "late", "second"]


def test_one_that_aws_refuses_does_not_stop_the_others(aws: Aws, run: Run) -> None:
    many(aws)
    aws.problems["RedriveExecution"] = [Problem("ExecutionNotRedrivable", "it is too old")]
    done = run("redrive", "--failed-since", "1h", "--error", "Declined", "--yes")

    assert done.exit_code == 1
    assert "error[FG705]: the execution `first` cannot be redriven\n  = note: it is too old" in done.stderr
    assert done.stderr.endswith("redriven second\n")


def test_redrive_many_asks(aws: Aws, run: Run) -> None:
    """Without a terminal and without --yes, nothing happens."""
    many(aws)
    done = run("redrive", "--failed-since", "1h")

    assert done.exit_code == 2
    assert "cannot ask for confirmation without a terminal: add --yes to redrive several executions" in done.stderr
    assert aws.requests == []


@pytest.mark.parametrize(("typed", "code", "redriven"), [("y\n", 0, 2), ("n\n", 1, 0), ("\n", 1, 0)])
def test_redrive_many_at_a_terminal(
    aws: Aws, run: Run, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, redriven: int
) -> None:
    import click.testing

    monkeypatch.setattr(click.testing._NamedTextIOWrapper, "isatty", lambda _: True, raising=False)
    many(aws)
    done = run("redrive", "--failed-since", "1h", "--error", "Declined", typed=typed)

    assert done.exit_code == code, done.output
    assert "Redrive 2 executions? [y/N]: " in done.stderr
    assert "first" in done.stderr.partition("Redrive")[0]
    assert [name for name, _ in aws.requests].count("RedriveExecution") == redriven


def test_options_of_redrive(run: Run) -> None:
    assert "name an EXECUTION, or use --failed-since TIME" in run("redrive").stderr
    assert "name an EXECUTION, or use --failed-since TIME" in run("redrive", "x", "--failed-since", "1h").stderr
    assert "--error selects among the executions of --failed-since" in run("redrive", "x", "--error", "E").stderr


TOKEN = "AQCEAAAAKgAAAAMAAAAAAAAAAZ" * 8


@pytest.mark.parametrize(
    ("arguments", "request_"),
    [
        (("-i", '{"approved": true}'), ("SendTaskSuccess", {"output": '{"approved": true}'})),
        (("--error", "Refused", "--cause", "late"), ("SendTaskFailure", {"error": "Refused", "cause": "late"})),
        (("--heartbeat",), ("SendTaskHeartbeat", {})),
    ],
)
def test_answer(aws: Aws, run: Run, arguments: tuple[str, ...], request_: tuple[str, dict[str, Any]]) -> None:
    aws.tokens.append(TOKEN)
    done = run("answer", TOKEN, *arguments)

    assert done.exit_code == 0, done.output
    operation, asked = request_
    assert aws.requests[-1] == (operation, {"taskToken": TOKEN, **asked})


def test_a_token_from_standard_input(aws: Aws, run: Run) -> None:
    aws.tokens.append(TOKEN)
    done = run("answer", "-", "--heartbeat", "--json", typed=f"{TOKEN}\n")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"heartbeat": True})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (TOKEN, "-i", '{"approved": "yes"}'),
            "the answer to `decision` does not have the type `Decision`: $.approved",
        ),
        ((TOKEN, "-i", "yes"), "the answer is not valid JSON"),
        ((TOKEN,), "use one of --input JSON, --error NAME and --heartbeat"),
        ((TOKEN, "--heartbeat", "-i", "1"), "use one of --input JSON, --error NAME and --heartbeat"),
        ((TOKEN, "--heartbeat", "--cause", "x"), "--cause needs --error NAME"),
        ((TOKEN, "-i", "1", "--step", "decison"), "is not a step with a `callback`; did you mean `decision`?"),
        (("two words", "--heartbeat"), "this is not a task token"),
        (("", "--heartbeat"), "the task token is empty"),
        (("x" * 2049, "--heartbeat"), "a task token has at most 2,048 characters; this one has 2,049"),
    ],
)
def test_answers_that_are_not_sent(aws: Aws, run: Run, arguments: tuple[str, ...], message: str) -> None:
    done = run("answer", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert aws.requests == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("TaskTimedOut", "nothing waits for an answer to this task token"),
        ("TaskDoesNotExist", "nothing waits for an answer to this task token"),
        ("InvalidToken", "AWS does not know this task token"),
    ],
)
def test_tokens_that_aws_refuses(aws: Aws, run: Run, code: str, message: str) -> None:
    aws.problems["SendTaskSuccess"] = [Problem(code, "why")]
    done = run("answer", TOKEN, "-i", '{"approved": true}')
    assert done.exit_code == 1
    assert f"error[FG706]: {message}\n  = note: why\n" in done.stderr
    assert TOKEN not in done.output


def log(at: float, text: str) -> dict[str, Any]:
    return {"eventId": f"{at}-{text}", "timestamp": int((1_780_000_000 + at) * 1000), "message": f"{text}\n"}


def test_logs(aws: Aws, run: Run) -> None:
    """Of the state machine and of all functions, in the order of time. A group that does not exist is empty."""
    aws.deploy("pay", "ask", "charge")
    aws.logs = {
        "/machines/pay": [log(-700, "too old"), log(-30, "entered"), log(-10, "left")],
        "/functions/charge": [log(-20, "charging p-1")],
    }
    done = run("logs")

    assert done.stdout.splitlines() == [
        "20:26:10.000  pay  entered",
        "20:26:20.000  pay.charge  charging p-1",
        "20:26:30.000  pay  left",
    ]
    assert (
        run("logs", "--function", "charge", "--json").stdout
        == json.dumps(
            [{"at": "2026-05-28T20:26:20.000Z", "workflow": "pay", "function": "charge", "text": "charging p-1"}],
            indent=2,
        )
        + "\n"
    )
    assert run("logs", "--grep", "p-1").stdout == "20:26:20.000  pay.charge  charging p-1\n"
    assert run("logs", "--since", "1s").stderr == "no lines since 1s\n"
    assert "did you mean `charge`?" in run("logs", "--function", "chrge").stderr


def test_followed_logs(aws: Aws, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line once, also late ones; Ctrl-C ends it."""
    aws.deploy("pay")
    aws.logs = {"/machines/pay": [log(-30, "one"), log(-20, "two")]}
    rounds = iter([[log(-25, "late"), log(-5, "three")], [], None])

    def sleep(_: float) -> None:
        new = next(rounds)
        if new is None:
            raise KeyboardInterrupt
        aws.logs["/machines/pay"] += new

    monkeypatch.setattr("time.sleep", sleep)
    done = run("logs", "--follow")

    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["one", "two", "late", "three"]
    assert (done.exit_code, done.stderr) == (130, "interrupted; the workflows continue in AWS\n")


COMMANDS = (
    ("start", "-i", json.dumps(PAYMENT)),
    ("list",),
    ("show", "p-1"),
    ("logs",),
    ("stop", "p-1"),
    ("redrive", "p-1"),
    ("redrive", "--failed-since", "1h", "--yes"),
    ("answer", TOKEN, "--heartbeat"),
    ("destroy", "--yes"),
)


@pytest.mark.parametrize("command", COMMANDS[1:2], ids=" ".join)
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ExpiredToken", "the AWS credentials have expired"),
        ("InvalidClientTokenId", "the AWS credentials are not valid"),
        ("AccessDenied", "access denied: AWS does not allow GetCallerIdentity"),
    ],
)
def test_credentials_that_aws_refuses(aws: Aws, run: Run, command: tuple[str, ...], code: str, message: str) -> None:
    aws.problems["GetCallerIdentity"] = [Problem(code, "why", 403)]
    done = run(*command)
    assert done.exit_code == 1
    assert f"error[FG544]: {message}\n" in done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_credentials(run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = run(*command)
    assert done.exit_code == 1
    assert "error[FG544]: no AWS credentials found\n" in done.stderr


@pytest.mark.parametrize("command", COMMANDS[:2], ids=" ".join)
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Throttling", "AWS still throttles ListStackResources after several attempts"),
        ("AccessDenied", "access denied: AWS does not allow ListStackResources"),
        ("ExpiredToken", "the AWS credentials have expired"),
    ],
)
def test_requests_that_aws_refuses(
    aws: Aws, run: Run, command: tuple[str, ...], code: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the SDK's attempts; the help names the page with the permissions of these commands."""
    import botocore.endpoint

    monkeypatch.setattr(botocore.endpoint.time, "sleep", lambda _: None)
    aws.problems["ListStackResources"] = [Problem(code, "why") for _ in range(8)]
    done = run(*command)
    assert done.exit_code == 1
    assert f"error[FG544]: {message}\n" in done.stderr
    if code == "AccessDenied":
        assert "docs/how-to/operate-deployed-workflows.md" in done.stderr


@pytest.fixture
def express(project: Path, aws: Aws) -> None:
    """The workflow as an express one."""
    file = project / "workflows" / "pay.yaml"
    text = (
        file.read_text()
        .replace("    callback: Decision\n", "")
        .replace("output: string\n", "output: string\ntype: express\n", 1)
    )
    file.write_text(text)
    aws.deploy("pay", "ask")


@pytest.mark.usefixtures("express")
@pytest.mark.parametrize(
    ("result", "code", "shown"),
    [
        ({"status": "SUCCEEDED", "output": '"c-1"'}, 0, '"c-1"\n'),
        ({"status": "FAILED", "error": "Declined", "cause": "no money"}, 3, "FAILED: Declined: no money\n"),
        ({"status": "TIMED_OUT"}, 3, "TIMED_OUT\n"),
    ],
)
def test_express_workflows_are_run_synchronously(
    aws: Aws, run: Run, monkeypatch: pytest.MonkeyPatch, result: dict[str, str], code: int, shown: str
) -> None:
    """Nothing is sent twice: an express workflow would run twice."""
    arn = f"{PREFIX}:express:Pay:p-1:0"
    response = {"executionArn": arn, "startDate": 1_780_000_000, "stopDate": 1_780_000_001, **result}
    monkeypatch.setattr(Aws, "StartSyncExecution", lambda *_: response, raising=False)
    done = run("start", "-i", json.dumps(PAYMENT), "--name", "p-1", "--wait")
    assert (done.exit_code, done.stdout) == (code, shown), done.output

    aws.problems["StartSyncExecution"] = [Problem("ServiceUnavailable", "try later", 503)]
    done = run("start", "-i", json.dumps(PAYMENT), "--wait")
    assert (done.exit_code, "try later" in done.stderr) == (1, True)


@pytest.mark.usefixtures("express")
def test_what_aws_does_not_keep_of_express_workflows(run: Run) -> None:
    for command in (("list",), ("show",), ("show", f"{PREFIX}:express:Pay:p-1:0"), ("stop", "p-1")):
        done = run(*command)
        assert done.exit_code == 1
        assert "error[FG704]: AWS keeps no list of the executions of `pay`, an express workflow" in done.stderr
        assert "read its logs with `flowgen logs`" in done.stderr


@pytest.mark.parametrize(
    ("path", "settings", "code", "message"),
    [
        ("none", None, 2, "cannot read `none`: no such file or directory"),
        (".", "[tool.flowgen]\nstrict = 5\n", 1, "error[FG120]: `strict` must be true or false"),
        (".", '[tool.flowgen]\nworkflows = "flows"\n', 2, "`.` is not in a project: the folder `flows` does not exist"),
    ],
)
def test_projects_that_cannot_be_destroyed(
    run: Run, project: Path, path: str, settings: str | None, code: int, message: str
) -> None:
    if settings is not None:
        (project / "pyproject.toml").write_text(settings)
    done = run("destroy", path, "--yes")
    assert done.exit_code == code
    assert message in done.stderr


def test_a_project_with_errors_can_be_destroyed(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "workflows" / "pay.yaml").write_text("flowgen: 1\nnonsense: 1\n")
    missing = Problem("ValidationError", "Stack with id shop does not exist")
    monkeypatch.setattr(Aws, "DescribeStacks", lambda *_: (_ for _ in ()).throw(missing), raising=False)
    done = run("destroy", "--yes", "--json")
    assert (done.exit_code, done.stderr) == (0, "the stack shop does not exist in eu-west-1\n"), done.output
    assert json.loads(done.stdout) == {"status": "missing", "stack": "shop", "region": "eu-west-1"}


@pytest.mark.parametrize("command", ["list", "destroy"])
def test_an_environment_that_does_not_exist(run: Run, project: Path, command: str) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write('[tool.flowgen.env.prod]\nregion = "eu-west-1"\n')
    done = run(command, "--env", "prd", *(["--yes"] if command == "destroy" else []))
    assert done.exit_code == 1
    assert "error[FG540]: unknown environment `prd`\n  = help: did you mean `prod`?" in done.stderr


def test_a_redriven_execution(aws: Aws, run: Run, history: History) -> None:
    """Its second try is one of the same step (API reference, `HistoryEvent`, `ExecutionRedriven`)."""
    aws.deploy("pay")
    events = events_of(history, charged={"error": "Declined"})
    last, at = len(events), events[-1]["timestamp"]
    scheduled = next(event for event in events[::-1] if event["type"].endswith("Scheduled"))
    more = [
        {"type": "ExecutionRedriven", "executionRedrivenEventDetails": {"redriveCount": 1}},
        {key: value for key, value in scheduled.items() if key not in ("id", "previousEventId", "timestamp")},
        {
            "type": "TaskSucceeded",
            "taskSucceededEventDetails": {"output": '"c-1"', "resource": "x", "resourceType": "y"},
        },
        {"type": "TaskStateExited", "stateExitedEventDetails": {"name": "charged", "output": '"c-1"'}},
        {"type": "ExecutionSucceeded", "executionSucceededEventDetails": {"output": '"c-1"'}},
    ]
    events += [
        {"id": number, "previousEventId": number - 1, "timestamp": at, **event}
        for number, event in enumerate(more, last + 1)
    ]
    aws.history(aws.execution(MACHINE, "p-1", "SUCCEEDED", 60, 30, output='"c-1"'), events)
    done = run("show", "p-1")

    assert done.exit_code == 0, done.output
    assert "ok     charged (2 tries)" in done.stdout
    assert done.stdout.endswith('SUCCEEDED after 30 s: "c-1"\n')
