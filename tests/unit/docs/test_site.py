"""`.ci/docs_site.py`: what the site gets of each page, and what language models get."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from flowgen.diagnostics import CODES
from flowgen.diagnostics.explain import page as explained
from tests.tools import tool
from tests.unit.docs.pages import PAGES, ROOT, blocks

SCRIPT = ROOT / ".ci" / "docs_site.py"
NAMES = runpy.run_path(str(SCRIPT))
FOUND = NAMES["pages"]()


def _lines(text: str) -> list[str]:
    return list(NAMES["_fenced"](text))


def test_words_for_tests_become_titles() -> None:
    assert _lines('```yaml writes=../a/b.yaml finds=FG208\nx: 1\n```\n```console no-run="no AWS"\n$ a\n```') == [
        '```yaml title="a/b.yaml: reports FG208"',
        "x: 1",
        "```",
        "```console",
        "$ a",
        "```",
    ]


def test_compiled_states_are_folded() -> None:
    assert _lines("```json asl\n{}\n```\nText") == [
        '??? abstract "In Amazon States Language"',
        "",
        "    ```json",
        "    {}",
        "    ```",
        "Text",
    ]


def test_code_in_tables_has_no_backslashes() -> None:
    assert _lines(r"| `a \| b` | c \| d | `` `e` \| f `` |") == [r"| `a | b` | c \| d | `` `e` | f `` |"]


def test_links_lead_to_pages_of_the_site() -> None:
    """Pages of the repository's root have other places in the site."""
    text = "[a](../../CONTRIBUTING.md#gates) [b](decisions.md) [c](https://example.com/d.md)"
    moved = NAMES["_linked"](text, Path("docs/explanation/x.md"), Path("explanation/x.md"))
    assert moved == "[a](../contributing.md#gates) [b](decisions.md) [c](https://example.com/d.md)"
    assert NAMES["_linked"]("[a](docs/how-to/deploy.md)", Path("CONTRIBUTING.md"), Path("contributing.md")) == (
        "[a](how-to/deploy.md)"
    )


def _unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


def test_nothing_of_a_page_is_lost() -> None:
    """Each block is there with its text, and no word for tests is."""
    texts = {page.path: page.text for page in FOUND}
    for page in PAGES[1:]:
        text = texts[page.relative_to(ROOT / "docs").as_posix()]
        assert [block.place for block in blocks(page) if _unindented(block.text) not in _unindented(text)] == []
        assert re.findall(r"^ *```\w+ (?!title=).*$", text, re.MULTILINE) == []


def test_each_code_has_a_page() -> None:
    """With the text of `flowgen explain`; the table of codes links to it."""
    texts = {page.path: page.text for page in FOUND}
    linked = re.findall(r"^\| \[`(FG\d+)`\]\(codes/\1\.md\) \|", texts["reference/codes.md"], re.MULTILINE)
    assert linked == list(CODES)
    for code in CODES:
        page = explained(code)
        assert page is not None
        assert texts[f"reference/codes/{code}.md"].startswith(page.rstrip())


def test_language_models_get_every_page() -> None:
    """Index and full text have each page once, and are the same each time."""
    found = NAMES["pages"]()
    index, full = NAMES["llms"](found), NAMES["llms_full"](found)
    assert re.findall(r"^- \[.*?\]\((.*?)\): .+\.$", index, re.MULTILINE) == [page.path for page in found]
    assert re.findall(r"^<!-- ([\w/.-]+\.md) -->$", full, re.MULTILINE) == [page.path for page in found]
    again = NAMES["pages"]()
    assert (NAMES["llms"](again), NAMES["llms_full"](again)) == (index, full)


@pytest.mark.needs("zensical")
def test_site_needs_no_foreign_host(tmp_path: Path) -> None:
    """No page loads a script, a style, a font or a picture from elsewhere."""
    assert NAMES["build"](tmp_path / "site", tool("zensical")) is None
    for page in (tmp_path / "site").rglob("*.html"):
        text = page.read_text("utf-8")
        assert re.findall(r"<(?:script|img|iframe)\b[^>]*\bsrc=\"?(?:https?:)?//[^\"> ]+", text) == []
        assert re.findall(r"<link\b(?![^>]*rel=\"?canonical)[^>]*\bhref=\"?(?:https?:)?//[^\"> ]+", text) == []
    assert (tmp_path / "site" / "search.json").stat().st_size > 0
    assert (tmp_path / "site" / "llms.txt").read_text("utf-8") == NAMES["llms"](FOUND)


@pytest.mark.needs("zensical")
def test_broken_link_fails_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = FOUND[0]
    broken = type(page)(page.path, page.section, page.title, page.text + "\n[x](nowhere.md)\n")
    monkeypatch.setitem(NAMES["build"].__globals__, "pages", lambda: [broken, *FOUND[1:]])
    problem = NAMES["build"](tmp_path / "site", tool("zensical"))
    assert "nowhere.md" in problem
    assert not (tmp_path / "site").exists()
