"""`flowgen deploy`: what it says, prints and ends with, over a real package and the small AWS of the tests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click.testing
import pytest
from click.testing import CliRunner, Result

from flowgen.cli import deploy as deploying
from flowgen.cli.entry import flowgen
from flowgen.cli.person import Person
from flowgen.packaging import installing
from tests.unit.deploying.aws import S3, CloudFormation, Moment, cloud, error, event, own
from tests.unit.packaging.index import Index, Wheel

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
INDEX = Index(Wheel("pydantic", "2.11", ("pydantic-core==2.33",)), Wheel("pydantic-core", "2.33"))
FUNCTION = "RemindUserSendEmailFunction"
CHANGE = {"ResourceChange": {"Action": "Add", "LogicalResourceId": FUNCTION, "ResourceType": "AWS::Lambda::Function"}}
CREATED = [
    Moment("CREATE_IN_PROGRESS", [own(0, "CREATE_IN_PROGRESS"), event(1, FUNCTION, "CREATE_IN_PROGRESS")]),
    Moment("CREATE_COMPLETE", [event(4, FUNCTION, "CREATE_COMPLETE"), own(5, "CREATE_COMPLETE")]),
]
FAILED = [
    Moment(
        "ROLLBACK_IN_PROGRESS",
        [
            own(0, "CREATE_IN_PROGRESS"),
            event(1, FUNCTION, "CREATE_FAILED", "no room", kind="AWS::Lambda::Function"),
            event(1, "RemindUserStateMachine", "CREATE_FAILED", "Resource creation cancelled"),
            own(2, "ROLLBACK_IN_PROGRESS"),
        ],
    ),
    Moment("ROLLBACK_COMPLETE", [own(5, "ROLLBACK_COMPLETE")]),
]

Deploy = Callable[..., Result]


@pytest.fixture
def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deploy:
    """Deploys `examples/remind_user` to a stack; with `typed`, at a terminal where somebody types that."""
    monkeypatch.setattr(installing, "run_program", INDEX.run)
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", "build", ".flowgen")
    folder = shutil.copytree(EXAMPLES / "remind_user", tmp_path / "remind_user", ignore=ignored)

    def run(stack: CloudFormation, *arguments: str, typed: str | None = None, s3: S3 | None = None) -> Result:
        monkeypatch.setattr(deploying, "connected", lambda *_: cloud(stack, s3))
        monkeypatch.setattr(click.testing._NamedTextIOWrapper, "isatty", lambda _: typed is not None, raising=False)
        command = [
            "-C",
            str(folder),
            "deploy",
            "--stack",
            "shop",
            *arguments,
            *([] if typed is not None else ["--yes"]),
        ]
        return CliRunner(env={"NO_COLOR": "1"}).invoke(flowgen, command, input=typed)

    return run


def printed(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_yes_at_a_terminal(deploy: Deploy) -> None:
    """The question, the upload on one line that is written over, the events, and the outputs on standard output."""
    stack = CloudFormation(life=[*CREATED], changes=[CHANGE], outputs={"Arn": "arn:x", "LongerName": "y"})
    done = deploy(stack, typed="y\n")

    assert (done.exit_code, done.stdout) == (0, "Arn         arn:x\nLongerName  y\n")
    before, question, after = done.stderr.partition("Deploy this to the stack shop? [y/N]: ")
    assert question
    assert (
        "created the private bucket flowgen-111122223333-eu-west-1 for code and templates\nuploading 1 file, " in before
    )
    [line] = [line for line in before.split("\n") if line.startswith("\r")]
    sent, total = line.strip().split(" of ")
    assert sent == total
    assert f"+  add  {FUNCTION}  AWS::Lambda::Function" in before
    assert after.splitlines()[-2:] == [
        f"     4 s  created   {FUNCTION} (AWS::DynamoDB::Table), 3 s",
        "the stack shop is in CREATE_COMPLETE",
    ]


def test_progress_hides_the_text_before_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Which may have been longer; where it breaks off, the next text has its own line."""
    from flowgen.cli.session import Session

    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    person = Person(Session(Path()), {}, yes=True)
    for done in (999_900, 1_000_000):
        person.uploaded(done, 185_300_000)
    person.say("interrupted")
    person.say("again")

    told = capsys.readouterr().err
    assert told == "\r  999.9 kB of 185.3 MB  \r  1.0 MB of 185.3 MB    \ninterrupted\nagain\n"
    person.uploaded(5, 5)
    person.tell([])
    assert capsys.readouterr().err == "\r  5 B of 5 B            \n"


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_no(deploy: Deploy, answer: str) -> None:
    stack = CloudFormation(changes=[CHANGE])
    done = deploy(stack, "--json", typed=answer)

    assert (done.exit_code, printed(done)["status"]) == (1, "declined")
    assert done.stderr.endswith("nothing was changed\n")
    assert printed(done)["changes"] == [{"action": "add", "logical_id": FUNCTION, "type": "AWS::Lambda::Function"}]
    assert stack.names == ["create_change_set", "delete_change_set", "delete_stack"]


def test_the_end_of_the_input_is_an_interruption(deploy: Deploy) -> None:
    stack = CloudFormation("UPDATE_COMPLETE", changes=[CHANGE])
    done = deploy(stack, "--json", typed="")

    assert (done.exit_code, printed(done)["status"]) == (130, "interrupted")
    assert done.stderr.endswith("[y/N]: \ninterrupted; the stack was not changed. Run the same command to continue\n")
    assert stack.names == ["create_change_set", "delete_change_set"]


def test_an_interrupted_upload(deploy: Deploy) -> None:
    """Run again, it goes on."""
    s3 = S3(fails={"upload_file": [KeyboardInterrupt()]})
    stack = CloudFormation(life=[*CREATED], changes=[CHANGE])
    done = deploy(stack, "--json", s3=s3)
    assert (done.exit_code, printed(done)["status"], stack.names) == (130, "interrupted", [])

    again = deploy(stack, "--json", s3=s3)
    assert (again.exit_code, printed(again)["status"], printed(again)["stack_status"]) == (
        0,
        "deployed",
        "CREATE_COMPLETE",
    )


def test_left_while_it_runs(deploy: Deploy) -> None:
    """The deployment continues; the message says how to watch and stop it. Run again, it is waited for."""
    stack = CloudFormation(life=[*CREATED], changes=[CHANGE], fails={"sleep": [KeyboardInterrupt()]})
    done = deploy(stack, "--json")
    assert (done.exit_code, printed(done)["status"]) == (130, "left")
    assert done.stderr.endswith(
        "if AWS received the request, the deployment of the stack shop continues. To watch it, run the same command; "
        "to stop an update, run aws cloudformation cancel-update-stack --stack-name shop --region eu-west-1\n"
    )

    stack.change_set = {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."}
    again = deploy(stack, "--json")
    assert (again.exit_code, printed(again)["status"]) == (0, "unchanged")
    assert "stack shop is in CREATE_IN_PROGRESS: waiting until that ends" in again.stderr
    assert again.stderr.endswith("the stack shop is up to date\n")


def test_left_since_aws_can_not_be_asked(deploy: Deploy) -> None:
    """That is not an interruption of somebody's."""
    stack = CloudFormation(life=[*CREATED], changes=[CHANGE], fails={"sleep": [error("ExpiredToken", "expired")]})
    done = deploy(stack, "--json")
    assert (done.exit_code, printed(done)["status"]) == (1, "left")
    assert "error[FG544]: the AWS credentials have expired" in done.stderr


def test_a_failure(deploy: Deploy) -> None:
    """Its cause, at the line of the workflow that the manifest has for it; not what was only cancelled."""
    done = deploy(CloudFormation(life=[*FAILED], changes=[CHANGE]), "--json")

    assert (done.exit_code, printed(done)["status"], printed(done)["stack_status"]) == (
        3,
        "failed",
        "ROLLBACK_COMPLETE",
    )
    lines = (EXAMPLES / "remind_user" / "workflows" / "remind_user.yaml").read_text("utf-8").splitlines()
    number = lines.index("  send_email:") + 1
    told = done.stderr[done.stderr.index("error[FG549]") :]
    assert told.startswith(
        f"error[FG549]: `{FUNCTION}` (AWS::Lambda::Function) could not be created\n"
        f"  --> workflows/remind_user.yaml:{number}:1\n"
        "   |\n"
        f"{number} |   send_email:\n"
    )
    assert "= note: no room" in told
    assert told.endswith("1 error\nthe stack shop is in ROLLBACK_COMPLETE\n")
    assert done.stderr.count("error[FG549]") == 1


def test_a_failure_without_json(deploy: Deploy) -> None:
    """Nothing goes to standard output."""
    done = deploy(CloudFormation(life=[*FAILED], changes=[CHANGE]))
    assert (done.exit_code, done.stdout) == (3, "")


def test_a_refusal(deploy: Deploy) -> None:
    """Of a template, before anything has changed."""
    stack = CloudFormation(change_set={"Status": "FAILED", "StatusReason": "Template error: no such thing"})
    done = deploy(stack, "--json")
    assert (done.exit_code, printed(done)["status"]) == (1, "refused")
    assert "= note: Template error: no such thing" in done.stderr


def test_a_parameter_without_a_value(deploy: Deploy, tmp_path: Path) -> None:
    """FG543 is reported where the workflow declares it, before AWS is asked for anything."""
    file = tmp_path / "remind_user" / "workflows" / "remind_user.yaml"
    text = file.read_text("utf-8").replace("\nsteps:\n", "\nparameters:\n  Sender: {Type: String}\n\nsteps:\n")
    file.write_text(text, "utf-8")
    assert CliRunner().invoke(flowgen, ["-C", str(tmp_path / "remind_user"), "generate"]).exit_code == 0
    number = text.splitlines().index("  Sender: {Type: String}") + 1

    stack = CloudFormation()
    done = deploy(stack)
    assert (done.exit_code, stack.names) == (1, [])
    assert (
        "error[FG543]: parameter `Sender` has no value\n"
        f"  --> workflows/remind_user.yaml:{number}:3\n"
        "   |\n"
        f"{number} |   Sender: {{Type: String}}\n"
        "   |   ^^^^^^\n"
    ) in done.stderr

    given = deploy(CloudFormation(life=[*CREATED], changes=[CHANGE]), "-p", "Sender=ada@example.com")
    assert given.exit_code == 0
    assert "  Sender      ada@example.com\n" in given.stderr
