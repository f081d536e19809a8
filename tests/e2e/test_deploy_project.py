"""A new project, really packaged, into moto's server: `flowgen deploy` at a terminal, and the pages' other ways."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.conftest import REGION
from tests.e2e.programs import BIN
from tests.tools import ROOT, tool
from tests.unit.docs.pages import blocks

BUCKET = f"flowgen-123456789012-{REGION}"
QUESTION = "[y/N]: "
SILENCE = 300
"""Seconds after which nothing more is expected of a program."""

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # moto warns of each resource that it skips
    pytest.mark.usefixtures("interruptible"),
]


@pytest.fixture
def project(shop: Path, tmp_path: Path) -> Path:
    """A new project of a name that no other test has; a layer brings what it depends on, so no index is asked."""
    name = re.sub(r"[\W_]+", "-", tmp_path.name).strip("-")
    folder = tmp_path / name
    shutil.copytree(shop, folder, ignore=shutil.ignore_patterns("__pycache__"))
    settings = folder / "pyproject.toml"
    text = settings.read_text("utf-8")
    text = text.replace('name = "shop"', f'name = "{name}"').replace('["pydantic>=2.12,<3"]', "[]")
    text = text.replace("bytecode = true\n", 'bytecode = true\nprovided = ["pydantic", "pydantic-core"]\n')
    settings.write_text(text, "utf-8")
    return folder


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    errors: str
    output: str


def at_a_terminal(project: Path, *arguments: str, answer: str = "", interrupt: re.Pattern[str] | None = None) -> Ended:
    """`flowgen deploy` where somebody sits: types an answer when asked, and Ctrl-C once a string has shown."""
    keyboard, terminal = os.openpty()
    started = subprocess.Popen(
        [BIN / "flowgen", "deploy", *arguments],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
    )
    os.close(terminal)
    errors, answered, interrupted, silence = "", False, False, 0
    while silence < SILENCE:
        if not select.select([keyboard], [], [], 1)[0]:
            silence += 1
            if interrupted and errors.endswith(QUESTION):
                # The signal came between the prompt and the reading of an answer, where Python does not look for it.
                started.send_signal(signal.SIGINT)
            continue
        silence = 0
        try:
            errors += os.read(keyboard, 4096).decode()
        except OSError:  # as Linux shows that nobody has the terminal open any more
            break
        if answer and not answered and errors.endswith(QUESTION):
            os.write(keyboard, answer.encode())
            answered = True
        if interrupt is not None and not interrupted and interrupt.search(errors):
            started.send_signal(signal.SIGINT)
            interrupted = True
    if silence:
        started.kill()
    output, _ = started.communicate(timeout=SILENCE)
    os.close(keyboard)
    return Ended(started.returncode, errors.replace("\r\n", "\n"), output.decode())


def statuses(aws: Any) -> dict[str, str]:
    return {one["StackName"]: one["StackStatus"] for one in aws.describe_stacks()["Stacks"]}


def keys(bucket: str) -> set[str]:
    found = boto3.client("s3", region_name=REGION).list_objects_v2(Bucket=bucket)
    return {one["Key"] for one in found.get("Contents", [])}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_somebody_answers(project: Path, aws: Any) -> None:
    """No, the end of the input, Ctrl-C, then yes; and once more, when there is nothing to do."""
    stack = project.name
    for answer, code, last in (
        ("n\n", 1, "n\nnothing was changed\n"),
        ("\x04", 130, "\ninterrupted; the stack was not changed. Run the same command to continue\n"),
    ):
        ended = at_a_terminal(project, answer=answer)
        assert (ended.code, ended.output) == (code, ""), ended.errors
        assert ended.errors.endswith(QUESTION + last)
        assert stack not in statuses(aws)
    ended = at_a_terminal(project, interrupt=re.compile(re.escape(QUESTION)))
    assert (ended.code, stack in statuses(aws)) == (130, False)

    ended = at_a_terminal(project, answer="y\n")
    assert (ended.code, statuses(aws)[stack]) == (0, "CREATE_COMPLETE"), ended.errors
    assert "all files are already in the bucket" in ended.errors
    assert "+  add  WelcomeStateMachine  " in ended.errors
    assert "FG532" not in ended.errors

    ended = at_a_terminal(project)
    assert (ended.code, QUESTION in ended.errors) == (0, False)
    assert ended.errors.endswith(f"the stack {stack} is up to date\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_large_upload_is_interrupted(project: Path, aws: Any) -> None:
    """Sent in parts: none of them stays, no stack is there, and the next time goes all the way."""
    (project / "src" / "shop" / "welcome" / "rates.bin").write_bytes(os.urandom(40_000_000))
    s3 = boto3.client("s3", region_name=REGION)

    ended = at_a_terminal(project, interrupt=re.compile(r"\r +\d\d\.\d MB of "))
    assert ended.code == 130, ended.errors
    assert ended.errors.endswith("\ninterrupted; the stack was not changed. Run the same command to continue\n")
    assert not s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads")
    mine = {f"flowgen/{one.name}" for one in (project / "build" / "assets").iterdir()}
    assert len(mine) == 2
    assert not mine <= keys(BUCKET)
    assert project.name not in statuses(aws)

    ended = at_a_terminal(project, "--yes")
    assert (ended.code, statuses(aws)[project.name]) == (0, "CREATE_COMPLETE"), ended.errors
    assert mine <= keys(BUCKET)


def shown(page: str, text: str) -> str:
    """The one block of a page that has a string."""
    [found] = {block.text for block in blocks(ROOT / page) if text in block.text and block.language != "yaml"}
    return found


def bash(script: str, project: Path, *programs: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(BIN), *(str(one.parent) for one in programs), os.environ["PATH"], os.defpath])
    return subprocess.run(
        ["bash", "-euc", script],  # noqa: S607 - the reader's own shell
        cwd=project,
        env={**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.needs("aws")
@pytest.mark.parametrize("page", ["README.md", "docs/how-to/package-code.md"])
def test_the_plain_way(page: str, project: Path, aws: Any) -> None:
    """The commands of a page, twice: the second time there is nothing to do, which is well too."""
    script = (
        shown(page, "aws s3 sync").replace("my-bucket", project.name).replace("--stack-name shop", "--stack-name plain")
    )
    boto3.client("s3", region_name=REGION).create_bucket(
        Bucket=project.name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    for said in ("Successfully created/updated stack - plain", "No changes to deploy. Stack plain is up to date"):
        done = bash(script, project, tool("aws"))
        assert done.returncode == 0, done.stderr
        assert said in done.stdout + done.stderr
    assert len(keys(project.name) & {f"flowgen/{one.name}" for one in (project / "build" / "assets").iterdir()}) == 2
    aws.delete_stack(StackName="plain")


@pytest.mark.needs("aws", "sam")
def test_sam(project: Path, aws: Any) -> None:
    """The commands of its page, against the same server."""
    script = shown("docs/how-to/use-sam.md", "sam deploy").replace("my-bucket", project.name)
    boto3.client("s3", region_name=REGION).create_bucket(
        Bucket=project.name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    done = bash(script, project, tool("aws"), tool("sam"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Successfully created/updated stack - shop" in done.stdout
    assert statuses(aws)["shop"] == "CREATE_COMPLETE"
    aws.delete_stack(StackName="shop")
