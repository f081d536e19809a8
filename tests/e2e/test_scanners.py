"""docs/how-to/pass-security-scanners.md lists what cfn-lint, checkov and cdk-nag find in all examples and cases."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from flowgen.pipeline import check_paths, template, terraform
from tests.cfn_lint import lint
from tests.tools import ROOT, tool
from tests.unit.docs.pages import code, table

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/workflows"))
CASES = sorted(path.parent for path in (ROOT / "tests" / "cases").rglob("workflow.yaml"))
PAGE = ROOT / "docs" / "how-to" / "pass-security-scanners.md"
SET_ASIDE = table(PAGE, "Rules to suppress")
WILDCARDS = table(PAGE, "Wildcards")
SWITCHED_OFF = {
    "AwsSolutions-SF1",
    "AwsSolutions-SF2",
    "Serverless-LambdaTracing",
    "Serverless-StepFunctionStateMachineXray",
}
"""What is found where a workflow itself says `logging: false` and `tracing: false`, in the case `stack/in_aws`."""
FALSE_ALARMS = {
    "cases_distributed_computed_sizes": "E3601 E3601",
    "cases_for_each_written_list": "E3601",
    "cases_timeout_computed": "E3601 E3601 E3601",
}
"""cfn-lint takes JSONata for a mistake in `MaxConcurrency`, `ToleratedFailureCount`, `TimeoutSeconds` and
`HeartbeatSeconds` (Step Functions developer guide, "Map state", "Task workflow state")."""


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The logical ids of the users' own resources by the path of the template."""
    folder = tmp_path_factory.mktemp("templates")
    own = {}
    projects: list[tuple[str, tuple[str, ...], Path]] = [(one.name, (), one) for one in EXAMPLES]
    projects += [(f"cases_{'_'.join(case.parts[-2:])}", (str(case / "workflow.yaml"),), case) for case in CASES]
    for name, paths, project in projects:
        loaded = check_paths(paths, project).loaded
        text, problems = template(loaded, "json")
        if text is None and project in CASES and {one.code for one in problems} == {"FG502"}:
            continue
        assert text is not None, name
        path = folder / f"{name}.json"
        path.write_text(text, "utf-8")
        own[str(path)] = {logical_id for one in loaded for logical_id in one.workflow.resources}
    return own


def _rules(scanner: str) -> set[str]:
    return {code(row[0])[0] for row in SET_ASIDE if row[1] == scanner}


def test_each_rule_has_a_reason() -> None:
    """In words."""
    assert all(len(row[2]) > len("As `CKV_AWS_1`.") for row in SET_ASIDE)


def test_cfn_lint(templates: dict[str, set[str]]) -> None:
    found = {
        Path(path).stem: codes
        for path in templates
        if (codes := " ".join(match.partition(" ")[0] for match in lint(Path(path).read_text("utf-8"))))
    }
    assert found == FALSE_ALARMS


@pytest.mark.needs("checkov")
def test_checkov(templates: dict[str, set[str]]) -> None:
    """One process for all templates, which does not look anything up on the network."""
    folder = Path(next(iter(templates))).parent
    done = subprocess.run(
        [
            tool("checkov"),
            "-d",
            folder,
            "--framework",
            "cloudformation",
            "--quiet",
            "--compact",
            "-o",
            "json",
        ],
        env={**os.environ, "BC_SKIP_MAPPING": "TRUE"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    found = {
        one["check_id"]
        for one in json.loads(done.stdout)["results"]["failed_checks"]
        if one["resource"].partition(".")[2] not in templates[str(folder / one["file_path"].lstrip("/"))]
    }
    assert found == _rules("checkov")


@pytest.mark.needs("checkov")
def test_checkov_reads_terraform(tmp_path: Path) -> None:
    """Each configuration of the examples, in which it finds what the page has for either form of the stack."""
    own = set()
    for project in EXAMPLES:
        loaded = check_paths((), project).loaded
        text, _ = terraform(loaded)
        (tmp_path / f"{project.name}.tf.json").write_text(str(text), "utf-8")
        own |= {logical_id for one in loaded for logical_id in one.workflow.resources}
    done = subprocess.run(
        [tool("checkov"), "-d", tmp_path, "--framework", "terraform_json", "--quiet", "--compact", "-o", "json"],
        env={**os.environ, "BC_SKIP_MAPPING": "TRUE"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    made = json.loads(done.stdout)
    assert made["summary"]["parsing_errors"] == 0
    found = {
        one["check_id"] for one in made["results"]["failed_checks"] if one["resource"].partition(".")[2] not in own
    }
    more = {code(row[0])[0] for row in table(PAGE, "Rules for Terraform")}
    assert more <= found <= more | _rules("checkov")


@pytest.mark.needs("cdk")
def test_cdk_nag(templates: dict[str, set[str]]) -> None:
    """One process for all templates, which `CfnInclude` takes into a CDK app."""
    folder = Path(next(iter(templates))).parent
    done = subprocess.run(
        [tool("cdk"), ROOT / "tests" / "e2e" / "nag.py", folder],
        env={**os.environ, "PYTHONPATH": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {
        (name, rule)
        for name, logical_id, rule in json.loads(done.stdout)
        if logical_id not in templates[str(folder / f"{name}.json")]
    }
    off = {rule for name, rule in found if name == "cases_stack_in_aws"} & SWITCHED_OFF
    rules = {rule.partition("[")[0] for name, rule in found if name != "cases_stack_in_aws" or rule not in off}
    assert rules == _rules("cdk-nag")
    assert off == SWITCHED_OFF
    wildcards = {rule.partition("[Resource::")[2][:-1] for _, rule in found if rule.startswith("AwsSolutions-IAM5[")}
    kinds = {wildcard: _kind(wildcard) for wildcard in wildcards}
    assert [wildcard for wildcard, kind in kinds.items() if kind is None] == []
    assert set(kinds.values()) == {code(row[0])[0] for row in WILDCARDS}


def _kind(wildcard: str) -> str | None:
    """The row of the table for a wildcard, in which an ellipsis stands for any text."""
    found = re.match(r'\["([^"]*)"', wildcard)
    text = found[1] if found else wildcard
    for row in WILDCARDS:
        [pattern] = code(row[0])
        if re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), text):
            return pattern
    return None
