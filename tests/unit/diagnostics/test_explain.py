"""The pages of `flowgen explain`: their form, and that their examples show what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import flowgen.diagnostics
from flowgen.diagnostics import CODES
from flowgen.diagnostics.explain import codes, page

FOLDER = Path(flowgen.diagnostics.__file__).parent / "explain"
_NO_EXAMPLE = re.compile(r"\A<!-- example: none: (?P<reason>.+) -->\n")
_BLOCK = re.compile(r"^```yaml\n(?P<yaml>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Examples:
    fails: str
    mended: str


def examples(code: str) -> Examples | None:
    """The two workflows of a page, or None where the page says why it has none."""
    text = (FOLDER / f"{code}.md").read_text(encoding="utf-8")
    if _NO_EXAMPLE.match(text):
        return None
    _, fails, mended = re.split(r"^## (?:Fails|Mended)$", text, flags=re.MULTILINE)
    [fails] = _BLOCK.findall(fails)
    [mended] = _BLOCK.findall(mended)
    return Examples(fails, mended)


WITH_EXAMPLES = [code for code in CODES if (FOLDER / f"{code}.md").is_file() and examples(code)]


def test_each_code_has_a_page() -> None:
    """A code that comes up is explained, and no page is left of one that never was."""
    assert codes() == tuple(CODES)
    assert sorted(path.stem for path in FOLDER.iterdir()) == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_page_has_the_form(code: str) -> None:
    """The title is the table's, a paragraph follows, lines fit a terminal, and the line for this test is not shown."""
    text = page(code)
    assert text is not None
    title, blank, paragraph, *_ = text.splitlines()
    assert (title, blank) == (f"# {code}: {CODES[code].name}", "")
    assert paragraph
    assert not paragraph.startswith(("#", "```", "<"))
    assert [line for line in text.splitlines() if len(line) > 88] == []
    assert "<!--" not in text


def test_unknown_code_has_no_page() -> None:
    """What is no code is no path either."""
    assert page("FG999") is None
    assert page("../table") is None


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_failing_example_yields_its_code_and_no_other(code: str) -> None:
    """The workflow under "Fails" shows the one finding that the page is about."""
    from flowgen.pipeline import check_text

    found = examples(code)
    assert found is not None
    assert {diagnostic.code for diagnostic in check_text(found.fails, "workflow.yaml")} == {code}


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_mended_example_checks_clean(code: str) -> None:
    """The workflow under "Mended" is without any finding, warnings included."""
    from flowgen.pipeline import check_text

    found = examples(code)
    assert found is not None
    assert check_text(found.mended, "workflow.yaml") == []


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_severity_is_the_tables(code: str) -> None:
    """What the table calls a warning is one when it is found."""
    from flowgen.pipeline import check_text

    found = examples(code)
    assert found is not None
    assert {diagnostic.severity for diagnostic in check_text(found.fails, "workflow.yaml")} == {CODES[code].severity}


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_mended_example_runs(code: str, tmp_path: Path) -> None:
    """The workflow under "Mended" runs on values of its types, with random results and failures of what it calls.

    Only where strict mode reports an `any` may a run end because a value has another type.
    """
    from flowgen.pipeline import check_paths
    from tests.property.random_runs import subjects

    found = examples(code)
    assert found is not None
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "workflow.yaml").write_text(found.mended, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\nstrict = true\n", encoding="utf-8")
    [subject] = subjects(tmp_path)
    wrong = [problem for seed in range(5) if (problem := subject.one(seed)) is not None]
    untyped = {diagnostic.code for diagnostic in check_paths((), tmp_path).diagnostics} & {"FG311", "FG312"}
    assert [problem for problem in wrong if not (untyped and "States.QueryEvaluationError" in problem)] == []
