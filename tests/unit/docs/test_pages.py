"""Each page is short, is in the menu of the site, and its headings can be linked by."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.unit.docs.pages import PAGES, ROOT, anchor, headings

MOST_WORDS = 3_000
GENERATED = re.compile(r"<!-- generated: .*?<!-- end -->", re.DOTALL)
"""One row per code or option, to look up."""


@pytest.mark.parametrize("page", [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES])
def test_page_is_short(page: Path) -> None:
    """Whoever reads a page has one question; words in code blocks count, those in generated tables do not."""
    assert len(GENERATED.sub("", page.read_text("utf-8")).split()) <= MOST_WORDS


@pytest.mark.parametrize("page", [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES])
def test_headings_lead_to_one_place(page: Path) -> None:
    """No two headings share an anchor, and GitHub and the site make the same one."""
    found = headings(page)
    assert [name for name, times in Counter(map(anchor, found)).items() if times > 1] == []
    assert [heading for heading in found if anchor(heading) != _anchor_in_site(heading)] == []


def _anchor_in_site(heading: str) -> str:
    """What Python-Markdown's `toc` extension makes of a heading."""
    plain = re.sub(r"[^\w\s-]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)).strip().lower()
    return re.sub(r"[-\s]+", "-", plain)


def test_every_page_is_in_the_menu() -> None:
    menu = re.findall(r'"([\w/.-]+\.md)"', (ROOT / ".ci" / "zensical.toml").read_text("utf-8"))
    outside = {"contributing.md", "security.md", "changelog.md"}
    docs = {page.relative_to(ROOT / "docs").as_posix() for page in PAGES if page.is_relative_to(ROOT / "docs")}
    assert sorted(menu) == sorted(docs | outside)
    assert tomllib.loads((ROOT / ".ci" / "zensical.toml").read_text("utf-8"))["project"]["theme"]["font"] is False
