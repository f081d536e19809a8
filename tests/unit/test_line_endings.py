"""The same input gives the same bytes on every system: what flowgen writes has `\\n` at the end of each line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.unit.docs.pages import ROOT

OPENING = {"open", "fdopen", "write_text", "reconfigure"}


def _opened_for_text() -> Iterator[tuple[str, set[str]]]:
    """Each call in flowgen that writes text, with the names of its arguments."""
    for path in sorted((ROOT / "flowgen").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            modes = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            writes = name == "write_text" or (name == "open" and any(set(mode) <= set("xwa+t") for mode in modes))
            if writes:
                yield f"{_shown(path)}:{node.lineno}", {keyword.arg or "" for keyword in node.keywords}


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_files_have_the_line_endings_of_flowgen() -> None:
    """Without `newline`, Python writes `\\r\\n` on Windows, and a file that is committed there differs."""
    written = dict(_opened_for_text())
    assert written
    assert [place for place, keywords in written.items() if "newline" not in keywords] == []
