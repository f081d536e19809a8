"""The loop behind `flowgen check --fix`: which fixes it applies, and which it undoes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowgen.diagnostics import Diagnostic, Fix, Position, Span
from flowgen.pipeline import fixing, loading

TEXT = """\
flowgen: 1
name: good
steps:
  - id: pause
    wait: 5m
"""


def offered(monkeypatch: pytest.MonkeyPatch, *diagnostics: Diagnostic) -> None:
    """As if the check found `diagnostics` as long as the text that their fix replaces is there."""

    def check_paths(*arguments: Any, **options: Any) -> loading.Report:
        report = loading.check_paths(*arguments, **options)
        there = [one for one in diagnostics if _is_there(one, report.sources)]
        return replace(report, diagnostics=(*report.diagnostics, *there))

    monkeypatch.setattr(fixing, "check_paths", check_paths)


def _is_there(diagnostic: Diagnostic, sources: Any) -> bool:
    return diagnostic.message in sources["workflows/good.yaml"]


def finding(text: str, new: str, line: int, column: int, file: str = "workflows/good.yaml") -> Diagnostic:
    span = Span(file, Position(line, column), Position(line, column + len(text)))
    return Diagnostic("FG209", text, span, fix=Fix.replace(span, new))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "good.yaml").write_text(TEXT)
    return tmp_path


def texts(project: Path) -> list[str]:
    return [file.after for file in fixing.find_fixes((), project).files]


def test_fixes_are_applied_until_none_is_left(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finding appears when the first is fixed."""
    offered(monkeypatch, finding("5m", "6m", 5, 11), finding("6m", "7m", 5, 11))
    assert texts(project) == [TEXT.replace("5m", "7m")]


def test_a_fix_that_does_not_remove_its_finding_is_undone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one is applied nevertheless."""
    offered(monkeypatch, finding("wait", "wait", 5, 5), finding("5m", "6m", 5, 11))
    assert texts(project) == [TEXT.replace("5m", "6m")]


def test_a_fix_that_breaks_the_file_is_undone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch, finding("5m", "[5m", 5, 11))
    assert texts(project) == []


def test_a_fix_without_an_end_is_given_up(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two findings that undo each other do not keep the command busy."""
    offered(monkeypatch, finding("5m", "6m", 5, 11), finding("6m", "5m", 5, 11))
    assert texts(project) == []


def test_files_outside_the_project_are_not_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = project.parent / "outside.yaml"
    outside.write_text(TEXT)
    offered(monkeypatch, finding("5m", "6m", 5, 11, file="../outside.yaml"))
    assert texts(project) == []


def test_a_file_that_changed_meanwhile_is_not_overwritten(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch, finding("5m", "6m", 5, 11))
    [file] = fixing.find_fixes((), project).files
    file.path.write_text("edited")
    with pytest.raises(fixing.ChangedFileError):
        fixing.write(file)
    assert file.path.read_text() == "edited"
