"""Projects without mistakes have no finding, and each mistake made in one of them is reported at its line."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_paths

PROJECTS = Path(__file__).parent / "projects_without_mistakes"
MISTAKES = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text("utf-8"))["mistake"]
STRICT_NOTES = frozenset({"FG312", "FG313"})


def findings(root: Path) -> list[Diagnostic]:
    """What is found in a project, except for what strict mode says about responses and schemas."""
    return [one for one in check_paths((), root).diagnostics if one.code not in STRICT_NOTES]


@pytest.mark.parametrize("project", sorted(path.name for path in PROJECTS.iterdir()))
def test_projects_without_mistakes(project: str) -> None:
    assert [f"{one.code} {one.span} {one.message}" for one in findings(PROJECTS / project)] == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: f"{one['project']}: {one['new'].strip()[:40]}")
def test_mistakes(mistake: dict[str, str], tmp_path: Path) -> None:
    root = tmp_path / mistake["project"]
    shutil.copytree(PROJECTS / mistake["project"], root)
    [path] = [one for one in root.glob("workflows/*.yaml") if mistake["old"] in one.read_text("utf-8")]
    before = path.read_text("utf-8")
    path.write_text(before.replace(mistake["old"], mistake["new"], 1), "utf-8")
    lines = path.read_text("utf-8").splitlines()
    if "at" in mistake:
        expected = [number for number, line in enumerate(lines, 1) if mistake["at"] in line]
    else:
        changed = (
            number for number, (old, new) in enumerate(zip(before.splitlines(), lines, strict=False), 1) if old != new
        )
        expected = [next(changed)]

    found = findings(root)

    at = {one.span.start.line for one in found if one.span is not None}
    assert at & set(expected), (expected, [f"{one.code} {one.span} {one.message}" for one in found])
