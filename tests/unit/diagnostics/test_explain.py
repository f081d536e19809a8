"""The pages of `flowgen explain`: their structure, their examples, and the table that is generated from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import flowgen.diagnostics
from flowgen.diagnostics import CODES, Severity
from flowgen.diagnostics.explain import codes, page, read

PACKAGE = Path(flowgen.diagnostics.__file__).parent
_BLOCK = re.compile(r"^```yaml\n(?P<yaml>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Examples:
    wrong: str
    fixed: str


def examples(code: str) -> Examples | None:
    """The two workflows of a page, or None if its front matter says why it has none."""
    found = read(code)
    if "no_example" in found.front:
        return None
    _, wrong, fixed = re.split(r"^## (?:Example|Fixed)$", found.body, flags=re.MULTILINE)
    [wrong] = _BLOCK.findall(wrong)
    [fixed] = _BLOCK.findall(fixed)
    return Examples(wrong, fixed)


WITH_EXAMPLES = [code for code in codes() if examples(code)]


def test_each_code_has_a_page() -> None:
    """Every code has a page, and every page has a code."""
    assert codes() == tuple(CODES)
    assert len(list((PACKAGE / "explain").iterdir())) == len(CODES)


@pytest.mark.parametrize("code", codes())
def test_front_matter(code: str) -> None:
    """The front matter has known keys only, and a severity."""
    front = read(code).front
    assert {"name", "summary", "severity"} <= front.keys() <= {"name", "summary", "severity", "stops", "no_example"}
    assert front["severity"] in set(Severity)
    assert front.get("stops", "true") == "true"


def _rows() -> str:
    """The module `rows`, generated from the pages and formatted as ruff does."""
    lines = []
    for code in codes():
        front = read(code).front
        severity = front["severity"]
        cells = [*map(_quoted, (code, front["name"], front["summary"], severity)), str("stops" in front)]
        line = f"    ({', '.join(cells)}),"
        lines += [line] if len(line) <= 120 else ["    (", *(f"        {cell}," for cell in cells), "    ),"]
    return "\n".join(
        (
            '"""Generated from the front matter of `explain/*.md` by `pytest tests/unit/diagnostics --update`."""',
            "",
            "from __future__ import annotations",
            "",
            "ROWS: tuple[tuple[str, str, str, str, bool], ...] = (",
            *lines,
            ")",
            '"""Code, name, summary, severity, and whether it stops the later phases."""',
            "",
        )
    )


def _quoted(text: str) -> str:
    assert '"' not in text
    assert "\\" not in text
    return f'"{text}"'


def test_table_is_generated_from_the_pages(update: bool) -> None:  # noqa: FBT001 - a fixture
    """`rows.py` has the contents of the front matter; `pytest --update` writes it."""
    path, expected = PACKAGE / "rows.py", _rows()
    if update:
        path.write_text(expected, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("code", CODES)
def test_page_has_the_form(code: str) -> None:
    """A page has a title and a paragraph, its lines fit in a terminal, and the front matter is not shown."""
    text = page(code)
    assert text is not None
    title, blank, paragraph, *_ = text.splitlines()
    assert (title, blank) == (f"# {code}: {CODES[code].name}", "")
    assert paragraph
    assert not paragraph.startswith(("#", "```", "<"))
    assert [line for line in text.splitlines() if len(line) > 88] == []
    assert "severity:" not in text


def test_unknown_code_has_no_page() -> None:
    """An unknown code returns None, and is never used as a path."""
    assert page("FG999") is None
    assert page("../table") is None


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_failing_example_yields_its_code_and_no_other(code: str) -> None:
    """The workflow under "Example" has no other finding than the one that the page describes."""
    from flowgen.pipeline import check_text

    found = examples(code)
    assert found is not None
    assert {diagnostic.code for diagnostic in check_text(found.wrong, "workflow.yaml")} == {code}


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_fixed_example_checks_clean(code: str) -> None:
    """The workflow under "Fixed" has no findings, not even warnings."""
    from flowgen.pipeline import check_text

    found = examples(code)
    assert found is not None
    assert check_text(found.fixed, "workflow.yaml") == []


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_severity_is_the_tables(code: str) -> None:
    """The finding has the severity that the table gives."""
    from flowgen.pipeline import check_text

    found = examples(code)
    assert found is not None
    assert {diagnostic.severity for diagnostic in check_text(found.wrong, "workflow.yaml")} == {CODES[code].severity}


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_fixed_example_runs(code: str, tmp_path: Path) -> None:
    """The workflow under "Fixed" runs with random inputs, results and failures of the right types.

    A run may end with a type error only if strict mode reports an `any`.
    """
    from flowgen.pipeline import check_paths
    from tests.property.random_runs import subjects

    found = examples(code)
    assert found is not None
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "workflow.yaml").write_text(found.fixed, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\nstrict = true\n", encoding="utf-8")
    [subject] = subjects(tmp_path)
    wrong = [problem for seed in range(5) if (problem := subject.one(seed)) is not None]
    untyped = {diagnostic.code for diagnostic in check_paths((), tmp_path).diagnostics} & {"FG311", "FG312"}
    assert [problem for problem in wrong if not (untyped and "States.QueryEvaluationError" in problem)] == []
