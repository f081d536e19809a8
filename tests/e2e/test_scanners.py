"""What cfn-lint, checkov and cdk-nag find in the templates of all examples is in docs/scanners.md, with its reason."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from cfnlint import api  # type: ignore[import-untyped]  # it ships no types

from flowgen.pipeline import check_paths, template
from tests.tools import ROOT, tool
from tests.unit.docs.pages import code, table

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/workflows"))
SET_ASIDE = table(ROOT / "docs" / "scanners.md", "What scanners say of the stack")


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The logical ids of the users' own resources by the path of the template."""
    folder = tmp_path_factory.mktemp("templates")
    own = {}
    for example in EXAMPLES:
        loaded = check_paths((), example).loaded
        text, _ = template(loaded, "json")
        assert text is not None
        path = folder / f"{example.name}.json"
        path.write_text(text, "utf-8")
        own[str(path)] = {name for one in loaded for name in one.workflow.resources}
    return own


def _rules(scanner: str) -> set[str]:
    return {code(row[0])[0] for row in SET_ASIDE if row[1] == scanner}


def test_each_rule_has_a_reason() -> None:
    """In words."""
    assert all(len(row[2]) > len("As `CKV_AWS_1`.") for row in SET_ASIDE)


def test_cfn_lint(templates: dict[str, set[str]]) -> None:
    for path in templates:
        assert [str(match) for match in api.lint(Path(path).read_text("utf-8"))] == []


def test_checkov(templates: dict[str, set[str]]) -> None:
    """One process for all templates, which does not look anything up on the network."""
    folder = Path(next(iter(templates))).parent
    done = subprocess.run(
        [
            tool("checkov", "checkov"),
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


def test_cdk_nag(templates: dict[str, set[str]]) -> None:
    """One process for all templates, which `CfnInclude` takes into a CDK app."""
    folder = Path(next(iter(templates))).parent
    done = subprocess.run(
        [tool("cdk", "python"), ROOT / "tests" / "e2e" / "nag.py", folder],
        env={**os.environ, "PYTHONPATH": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {
        rule.partition("[")[0]
        for name, logical_id, rule in json.loads(done.stdout)
        if logical_id not in templates[str(folder / f"{name}.json")]
    }
    assert found == _rules("cdk-nag")
