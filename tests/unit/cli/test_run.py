"""`flowgen run` as a person uses it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
ADA = '{"name": "Ada", "email": "ada@example.com"}'

MACHINE: dict[str, Any] = {
    "StartAt": "A",
    "States": {
        "A": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:111111111111:function:double",
            "TimeoutSeconds": 60,
            "Next": "B",
        },
        "B": {"Type": "Pass", "Parameters": {"table": "${Table}", "value.$": "$"}, "End": True},
    },
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(EXAMPLES / "remind_user", tmp_path / "remind_user", ignore=ignored)
    (tmp_path / "m.asl.json").write_text(json.dumps(MACHINE, indent=1))
    (tmp_path / "code.py").write_text(
        "def double(event):\n    print('doubling')\n    return 2 * event\n\n\ndef stuck(event):\n    while True: pass\n"
    )
    return tmp_path


def flow(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), *arguments])


def ran(folder: Path, *arguments: str) -> Any:
    """What a run of the machine prints as JSON."""
    done = flow(folder, "run", "m.asl.json", "-i", "1", "--json", *arguments)
    return {**json.loads(done.stdout), "exit": done.exit_code}


def test_a_workflow_runs_with_its_own_handlers(project: Path) -> None:
    """The trace is on standard output, what handlers print is not."""
    done = flow(project, "run", "remind_user", "-i", ADA)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1].startswith("SUCCEEDED after 26 h")
    assert "Subject:" not in done.stdout
    assert "Subject:" in done.stderr


def test_input_from_a_file(project: Path) -> None:
    """`@FILE` is relative to the working folder."""
    (project / "ada.json").write_text(ADA)
    assert flow(project, "run", "remind_user", "-i", "@ada.json").exit_code == 0
    assert flow(project, "run", "remind_user", "-i", "@none.json").exit_code == 2
    assert flow(project, "run", "remind_user", "-i", "{").exit_code == 2


def test_a_foreign_machine_runs(project: Path) -> None:
    """Callables by `--task`, placeholders by `--parameter`."""
    result = ran(project, "--task", "double=code:double", "-p", "Table=t1")
    assert (result["exit"], result["status"], result["output"]) == (0, "SUCCEEDED", {"table": "t1", "value": 2})
    assert result["history"][0]["type"] == "ExecutionStarted"


def test_an_invalid_machine_is_reported(project: Path) -> None:
    """Nothing runs; the finding has its place."""
    (project / "m.asl.json").write_text('{"StartAt": "A",\n "States": {"A": {"Type": "Pass"}}}')
    done = flow(project, "run", "m.asl.json")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "error[FG410]" in done.stderr
    assert "m.asl.json:2:" in done.stderr


def test_nothing_to_call(project: Path) -> None:
    """The run ends with status 1 and a diagnostic that says which options would help."""
    done = flow(project, "run", "m.asl.json")
    assert done.exit_code == 1
    assert "error[FG701]" in done.stderr
    assert "--mock" in done.stderr
    assert "--task" in done.stderr


def test_mocks(project: Path) -> None:
    """A file of mocks answers; a wrong one is reported, and nothing runs."""
    (project / "mocks.yaml").write_text("A: {result: 5, delay: 30s}")
    result = ran(project, "--mock", "mocks.yaml")
    assert (result["output"]["value"], result["elapsed"]) == (5, 30)
    (project / "mocks.yaml").write_text("B: {result: 5}")
    done = flow(project, "run", "m.asl.json", "--mock", "mocks.yaml")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "error[FG702]" in done.stderr


def test_a_mock_of_a_function_that_only_undoes(project: Path) -> None:
    """No step calls it directly; its errors are known, too."""
    (project / "undo.yaml").write_text(
        "flowgen: 1\nname: undo\nfunctions: {pay: {arn: 'arn:aws:lambda:eu-west-1:111111111111:function:p'},"
        " free: {arn: 'arn:aws:lambda:eu-west-1:111111111111:function:f', errors: {Full: {fields: {n: integer}}}}}\n"
        "steps:\n  - {id: paid, call: pay, compensate: {call: free}}\n  - {id: sent, call: pay}\n"
    )
    (project / "mocks.yaml").write_text("pay: {result: 1}\nfree: {result: 2}")
    done = flow(project, "run", "undo.yaml", "-i", "{}", "--mock", "mocks.yaml", "--fail", "sent=Lost")
    [undone] = [line for line in done.stdout.splitlines() if "ok     paid__undo" in line]
    assert undone.endswith("-> 2")
    explored = flow(project, "run", "undo.yaml", "-i", "{}", "--mock", "mocks.yaml", "--explore")
    assert "Full" in explored.stdout


def test_faults(project: Path) -> None:
    """A step fails, or takes longer, as asked; the workflow's failure is exit status 3."""
    task = ("--task", "double=code:double")
    assert ran(project, *task, "--fail", "A=Broken")["error"] == "Broken"
    late = ran(project, *task, "--delay", "A=2m")
    assert (late["exit"], late["error"], late["elapsed"]) == (3, "States.Timeout", 60)


def test_the_failing_step_comes_first(project: Path) -> None:
    """Its line in the YAML file, its input and the cause, before the trace."""
    done = flow(
        project, "run", "remind_user/workflows/remind_user.yaml", "-i", ADA, "--fail", "second_reminder=MailboxFull"
    )
    lines = done.stdout.splitlines()
    assert done.exit_code == 3
    assert lines[0] == "MailboxFull in second_reminder"
    assert lines[1].startswith("  --> remind_user/workflows/remind_user.yaml:")
    assert lines[2].endswith("- id: second_reminder")
    assert lines[3].startswith('input  {"name":"Ada"')
    assert lines[4].startswith("cause  ")


def test_a_handler_that_hangs_is_ended(project: Path) -> None:
    """`--limit` is in real time; the error is Lambda's."""
    result = ran(project, "--task", "double=code:stuck", "--limit", "1s")
    assert (result["exit"], result["error"]) == (3, "Sandbox.Timedout")


def test_explore(project: Path) -> None:
    """The table of what becomes of each failure; the exit status is that of the run without one."""
    done = flow(project, "run", "m.asl.json", "-i", "1", "--task", "double=code:double", "--explore")
    assert done.exit_code == 0
    assert "A     States.Timeout  always  FAILED     1 min  ends there" in done.stdout
    asked = ("run", "m.asl.json", "-i", "1", "--task", "double=code:double", "--explore", "--json")
    assert json.loads(flow(project, *asked).stdout)["trials"][0]["error"] == "States.Timeout"
    assert flow(project, *asked, "--fail", "A=Broken").exit_code == 3


def test_history_is_written(project: Path) -> None:
    """The file is what `flowgen replay` reads."""
    ran(project, "--task", "double=code:double", "--history", "h.json")
    events = json.loads((project / "h.json").read_text())["events"]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert flow(project, "run", "m.asl.json", "--task", "double=code:double", "--history", "no/h.json").exit_code == 74


def test_workers_count_and_real_time(project: Path) -> None:
    """The options do not change what comes out."""
    task = ("--task", "double=code:double")
    assert ran(project, *task, "--workers", "4")["output"] == ran(project, *task)["output"]
    assert ran(project, *task, "--count-time")["elapsed"] > 0
    assert ran(project, *task, "--real-time")["elapsed"] > 0


def test_s3_is_a_folder(project: Path) -> None:
    """A folder that is there; another one is wrong usage."""
    assert ran(project, "--task", "double=code:double", "--s3", ".")["exit"] == 0
    assert flow(project, "run", "m.asl.json", "--s3", "none").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--aws", "foo"),
        ("--fail", "X=Y"),
        ("--delay", "A=5"),
        ("--limit", "0s"),
        ("--limit", "soon"),
        ("--task", "double"),
        ("--task", "double=nothing:here"),
        ("--workers", "0"),
        ("--parameter", "Table"),
        ("--mock", "none.yaml"),
    ],
)
def test_wrong_usage(project: Path, arguments: tuple[str, ...]) -> None:
    """Exit status 2, and a sentence that says what is wrong."""
    done = flow(project, "run", "m.asl.json", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Error: " in done.stderr


def test_express_is_for_foreign_machines(project: Path) -> None:
    """An express execution has five minutes; a workflow says itself what it is."""
    (project / "mocks.yaml").write_text("A: {never: true}")
    document = {**MACHINE, "States": {**MACHINE["States"], "A": {**MACHINE["States"]["A"], "TimeoutSeconds": 9_999}}}
    (project / "m.asl.json").write_text(json.dumps(document))
    assert ran(project, "--mock", "mocks.yaml", "--express")["elapsed"] == 300
    assert flow(project, "run", "remind_user", "--express").exit_code == 2
