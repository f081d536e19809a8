"""Links between the pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.docs.pages import PAGES, ROOT, anchors, links

LINKING = (*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md")


@pytest.mark.parametrize("page", [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in LINKING])
def test_links_of_page_resolve(page: Path) -> None:
    """A relative link names a file of the project, and the part behind `#` one of its headings."""
    broken = []
    for target in links(page):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, fragment = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        inside = file.is_relative_to(ROOT) and file.exists()
        if not inside or (fragment and fragment not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_page_is_found_from_the_readme() -> None:
    """A reader who follows links from the README finds every page of docs/."""
    found, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in PAGES and page not in found:
            found.add(page)
            waiting += [(page.parent / target.partition("#")[0]).resolve() for target in links(page)]
    assert [page.name for page in PAGES if page not in found] == []


def test_decisions_that_the_code_cites_exist() -> None:
    cited = {
        (page, anchor): path.relative_to(ROOT).as_posix()
        for folder in ("flowgen", "tests", ".ci")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "node_modules" not in path.parts
        for page, anchor in re.findall(r"docs/explanation/(decisions[\w-]*\.md)#([\w-]+)", path.read_text("utf-8"))
    }
    assert len(cited) > 20
    existing = {
        (page.name, anchor)
        for page in (ROOT / "docs" / "explanation").glob("decisions*.md")
        for anchor in anchors(page)
    }
    assert {place: path for place, path in cited.items() if place not in existing} == {}
