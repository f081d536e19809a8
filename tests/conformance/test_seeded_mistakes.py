"""Mistakes seeded into correct projects: `check` finds them, and points at their lines."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_paths

STRICT_NOTES = frozenset({"FG311", "FG312", "FG313"})
"""What strict mode says of correct workflows: places that it can't check."""

LEAST_FOUND = 0.97
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@.*")


def test_correct_projects_have_no_findings(cases_dir: Path) -> None:
    projects = sorted((cases_dir / "types" / "correct").iterdir())
    shown = [_shown(one) for project in projects for one in _findings(project) if one.code not in STRICT_NOTES]

    assert len(projects) >= 6
    assert shown == []


def test_seeded_mistakes_are_found_at_their_lines(cases_dir: Path, tmp_path: Path) -> None:
    seeded = cases_dir / "types" / "seeded"
    mistakes: list[dict[str, Any]] = json.loads((seeded / "index.json").read_text("utf-8"))
    before = {
        path.name: {(one.code, one.message) for one in _findings(path)}
        for path in (cases_dir / "types" / "correct").iterdir()
    }
    found, at_line, missed = 0, 0, []
    for mistake in mistakes:
        project = mistake["file"].partition("/")[0]
        folder = tmp_path / mistake["name"]
        shutil.copytree(cases_dir / "types" / "correct" / project, folder / project)
        _apply((seeded / f"{mistake['name']}.diff").read_text("utf-8"), folder)
        known = [
            one
            for one in _findings(folder / project)
            if one.code not in STRICT_NOTES - {"FG311"} and (one.code, one.message) not in before[project]
        ]
        lines = [one.span.start.line for one in known if one.span is not None]
        found += bool(known)
        at_line += mistake["line"] in lines
        if mistake["line"] not in lines:
            missed.append(f"{mistake['name']} ({mistake['what']}), line {mistake['line']}: {[*map(_shown, known)]}")

    assert found / len(mistakes) >= LEAST_FOUND, missed
    assert at_line / found >= LEAST_FOUND, missed


def _findings(project: Path) -> list[Diagnostic]:
    return list(check_paths((".",), project).diagnostics)


def _shown(found: Diagnostic) -> str:
    where = f"{found.span.file}:{found.span.start.line}" if found.span is not None else "?"
    return f"{found.code} {where} {found.message}"


def _apply(diff: str, folder: Path) -> None:
    """Applies a unified diff without context lines to the files below `folder`."""
    path, shift, lines = folder, 0, [""]
    for line in diff.splitlines():
        if line.startswith("+++ "):
            path, shift = folder / line[4:].split("\t")[0], 0
            lines = path.read_text("utf-8").splitlines()
        elif (hunk := HUNK.fullmatch(line)) is not None:
            count = int(hunk[2] or 1)
            at = int(hunk[1]) - (1 if count else 0) + shift
        elif line.startswith("-") and not line.startswith("--- "):
            assert lines[at] == line[1:], (path, at, line)
            del lines[at]
            shift -= 1
        elif line.startswith("+"):
            lines.insert(at, line[1:])
            at, shift = at + 1, shift + 1
        if path.is_file():
            path.write_text("\n".join(lines) + "\n", "utf-8")
