"""The template next to other tools, as docs/how-to/use-*.md show it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flowgen.pipeline import check_paths, template, terraform
from tests.tools import ROOT, tool
from tests.unit.docs.pages import blocks

EXAMPLE = ROOT / "examples" / "remind_user"


def _template() -> Mapping[str, Any]:
    text, _ = template(check_paths((), EXAMPLE).loaded, "json")
    assert text is not None
    made: dict[str, Any] = json.loads(text)
    return made


def _block(page: str, language: str, part: str = "") -> str:
    """The one block of a how-to guide in a language that has a string."""
    found_in = blocks(ROOT / "docs" / "how-to" / page)
    [found] = [block for block in found_in if block.language == language and part in block.text]
    return found.text


def _run(*command: str | Path, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": "", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.needs("cdk")
def test_the_cdk_takes_it_in(tmp_path: Path) -> None:
    """All resources as they are, and an output of the app that refers to one of them."""
    made = _template()
    (tmp_path / "stack.json").write_text(json.dumps(made), "utf-8")
    (tmp_path / "app.py").write_text(_block("use-the-cdk.md", "python", "CfnInclude"), "utf-8")
    _run(tool("cdk"), "app.py", folder=tmp_path, CDK_OUTDIR=str(tmp_path / "cdk.out"))
    taken = json.loads((tmp_path / "cdk.out" / "Shop.template.json").read_text("utf-8"))

    assert made["Resources"].items() <= taken["Resources"].items()
    assert set(made["Parameters"]) <= set(taken["Parameters"])
    assert taken["Outputs"]["Machine"] == {"Value": {"Ref": "RemindUserStateMachine"}}


@pytest.mark.needs("cdk")
def test_the_cdk_adds_a_permissions_boundary(tmp_path: Path) -> None:
    """Every role has it, and nothing else is changed."""
    made = _template()
    (tmp_path / "stack.json").write_text(json.dumps(made), "utf-8")
    (tmp_path / "app.py").write_text(_block("set-a-permissions-boundary.md", "python", "CfnInclude"), "utf-8")
    _run(tool("cdk"), "app.py", folder=tmp_path, CDK_OUTDIR=str(tmp_path / "cdk.out"))
    resources = json.loads((tmp_path / "cdk.out" / "Shop.template.json").read_text("utf-8"))["Resources"]

    roles = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::IAM::Role"]
    assert ["developer-boundary" in json.dumps(role.pop("PermissionsBoundary")) for role in roles] == [True] * 2
    assert made["Resources"].items() <= resources.items()


@pytest.mark.needs("sam")
def test_sam_validates_it(tmp_path: Path) -> None:
    (tmp_path / "template.json").write_text(json.dumps(_template()), "utf-8")
    told = _run(
        tool("sam"), "validate", "--lint", "--template", "template.json",
        folder=tmp_path, SAM_CLI_TELEMETRY="0", AWS_DEFAULT_REGION="eu-west-1",
    )  # fmt: skip
    assert "is a valid SAM Template" in told


@pytest.mark.needs("terraform")
def test_the_form_of_what_terraform_reads(tmp_path: Path) -> None:
    text = _block("use-terraform.md", "hcl")
    (tmp_path / "main.tf").write_text(text, "utf-8")
    _run("terraform", "fmt", "-check", "-diff", folder=tmp_path)


def test_what_a_module_of_terraform_names() -> None:
    """The block of the guide sets variables and reads an output that the package's configuration has."""
    block = _block("use-terraform.md", "hcl")
    text, _ = terraform(check_paths((), EXAMPLE).loaded)
    made = json.loads(text or "")
    # The zips of a package have keys of their own, which replace the parameter.
    variables = made["variable"].keys() - {"CodeKey"}
    assert set(re.findall(r"^  (\w+) += \"", block, re.MULTILINE)) == {*variables, "source"}
    assert set(re.findall(r"module\.shop\.(\w+)", block)) <= made["output"].keys()
