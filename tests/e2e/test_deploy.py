"""`flowgen deploy` and the AWS command line against moto's server, over HTTP: all examples' stacks come, change and go.

What this shows is our client. Of the template it proves nothing: moto reports success for resources that it skips, and
it has no outputs of stacks that a change set made.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result

from flowgen.cli import package as packaging
from flowgen.cli.entry import flowgen
from flowgen.pipeline import Report, template
from tests.e2e.conftest import REGION
from tests.tools import ROOT, tool

EXAMPLES = ROOT / "examples"
NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
BUCKET = f"flowgen-123456789012-{REGION}"
LOG = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Ref": "AWS::StackName"}}}

_URL = re.compile(r'\{\s*"Fn::GetAtt":\s*\[\s*"\w+",\s*"FunctionUrl"\s*\]\s*\}')

pytestmark = pytest.mark.filterwarnings("ignore")  # moto warns of each resource that it skips


def packed(report: Report, folder: Path, more: dict[str, Any]) -> dict[str, Any]:
    """A package whose one zip stands for the code of all functions; every parameter has a value."""
    text, _ = template(report.loaded, "json")
    assert text is not None
    # moto has no function URLs.
    content: dict[str, Any] = json.loads(_URL.sub('"https://example.com/"', text))
    for name, declared in content.get("Parameters", {}).items():
        if name != "CodeBucket":
            declared.setdefault("Default", "subnet-1" if "Subnet" in declared["Type"] else "x")
    # moto takes no target of a rule whose ARN is not a plain text.
    kept = {name: one for name, one in content["Resources"].items() if one["Type"] != "AWS::Events::Rule"}
    content["Resources"] = kept | more
    (folder / "template.json").write_text(json.dumps(content))
    (folder / "x").write_bytes(b"zip")
    (folder / "package.json").write_text(
        json.dumps(
            {
                "flowgen": 1,
                "project": "from-package",
                "template": "template.json",
                "assets": [{"file": "x", "key": "flowgen/x", "sha256": "", "bytes": 3}],
                "resources": {},
            }
        )
    )
    return content


class Project:
    """An example, and what its package has besides."""

    def __init__(self, folder: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.output = folder, output
        self.more: dict[str, Any] = {}
        monkeypatch.setattr(packaging, "packaged", self._packaged)

    def _packaged(self, _session: Any, report: Report, **_given: Any) -> tuple[dict[str, Any], Path]:
        return packed(report, self.output, self.more), self.output

    def deploy(self, *arguments: str) -> Result:
        return CliRunner().invoke(flowgen, ["-C", str(self.folder), "deploy", "--stack", self.stack, *arguments])

    @property
    def stack(self) -> str:
        return self.folder.name.replace("_", "-")


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / "build").mkdir()
    return Project(EXAMPLES / str(request.param), tmp_path / "build", monkeypatch)


def status(aws: Any, stack: str) -> str | None:
    found = [one for one in aws.describe_stacks()["Stacks"] if one["StackName"] == stack]
    return found[0]["StackStatus"] if found else None


@pytest.mark.parametrize("project", NAMES, indirect=True)
def test_flowgen_deploys_every_example(project: Project, aws: Any) -> None:
    """Looks, creates, finds nothing to do, changes; the bucket is private."""
    looked = project.deploy("--dry-run", "--json")
    assert (looked.exit_code, json.loads(looked.stdout)["status"]) == (0, "shown"), looked.stderr
    assert status(aws, project.stack) is None

    made = project.deploy("--yes", "--json")
    assert (made.exit_code, json.loads(made.stdout)["status"]) == (0, "deployed"), made.stderr
    assert status(aws, project.stack) == "CREATE_COMPLETE"
    assert made.stderr.count("  +  add  ") == len(json.loads(made.stdout)["changes"])

    again = project.deploy("--yes", "--json")
    assert (again.exit_code, json.loads(again.stdout)["status"]) == (0, "unchanged"), again.output
    assert "the file is already in the bucket" in again.stderr

    project.more = {"Added": LOG}
    changed = project.deploy("--yes", "--json")
    assert changed.exit_code == 0, changed.stderr
    actions = {one["logical_id"]: one["action"] for one in json.loads(changed.stdout)["changes"]}
    assert actions["Added"] == "add"
    assert "remove" not in actions.values()
    assert status(aws, project.stack) == "UPDATE_COMPLETE"

    if project.folder.name != "run_report":  # moto can't update its topic, which it takes to have changed
        project.more = {}
        back = project.deploy("--yes", "--json")
        assert back.exit_code == 0, back.output
        actions = {one["logical_id"]: one["action"] for one in json.loads(back.stdout)["changes"]}
        assert actions["Added"] == "remove"
        assert "warning[FG547]: `Added` (AWS::Logs::LogGroup) will be removed, and its data lost" in back.stderr

    s3 = boto3.client("s3", region_name=REGION)
    assert all(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values())
    [statement] = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    [rule] = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}

    aws.delete_stack(StackName=project.stack)
    assert status(aws, project.stack) is None


@pytest.mark.needs("aws")
@pytest.mark.parametrize("project", NAMES, indirect=True)
def test_the_aws_command_line_deploys_every_example(project: Project, aws: Any, tmp_path: Path) -> None:
    """The plain way: create, update, delete."""
    stack = f"plain-{project.stack}"
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket=stack, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=stack, Key="x", Body=b"zip")
    from flowgen.pipeline import check_paths

    report = check_paths((), project.folder)

    def run(*arguments: str) -> None:
        done = subprocess.run([tool("aws"), *arguments], env=os.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    for more, wanted in (({}, "CREATE_COMPLETE"), ({"Added": LOG}, "UPDATE_COMPLETE")):
        content = packed(report, tmp_path / "build", more)
        given = (
            ["--parameter-overrides", f"CodeBucket={stack}"] if "CodeBucket" in content.get("Parameters", {}) else []
        )
        file = str(tmp_path / "build" / "template.json")
        command = ("deploy", "--stack-name", stack, "--template-file", file, "--s3-bucket", stack)
        run("cloudformation", *command, "--capabilities", "CAPABILITY_IAM", *given)
        assert status(aws, stack) == wanted
    run("cloudformation", "delete-stack", "--stack-name", stack)
    assert status(aws, stack) is None


@pytest.mark.parametrize("project", ["remind_user"], indirect=True)
def test_usage(project: Project, aws: Any) -> None:
    """Where nobody can be asked, `--yes` is needed; a value needs a name; an environment is there or not."""
    del aws
    for arguments, code, text in (
        ((), 2, "add --yes to deploy, or --dry-run for a preview"),
        (("--yes", "-p", "x"), 2, "--parameter x: expected NAME=VALUE"),
        (("--yes", "--env", "x"), 1, "FG540"),
        (("--yes", "-p", "X=1"), 1, "FG541"),
        (("--yes", "--profile", "x"), 1, "the AWS CLI has no profile `x`"),
        (("--yes", "--bucket", "not-there"), 1, "FG545"),
    ):
        done = project.deploy(*arguments)
        assert (done.exit_code, text in done.stderr) == (code, True), done.stderr
