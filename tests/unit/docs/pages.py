"""The pages of the documentation as data: their fenced blocks, tables, headings and links.

A block's info string is its language, then words that say what a reader may expect of it:

    ```yaml                     a whole workflow; it checks clean
    ```yaml scaffold            the same; the fragments of the page, or of its folder if it is `index.md`, go into it
    ```yaml fragment            a list of steps, or some of a workflow's keys; the rest is the scaffold's, but for its
                                `output`, which is `any` where there are steps
    ```yaml … finds=FG206       what `flowgen check` finds in it, and nothing else
    ```json asl                 states that the YAML block before it becomes, or the whole machine
    ```json schema              types that the YAML block before it declares, as JSON Schema
    ```console                  `$ command` and what it prints, `…` for anything; `exit=1`: how the last command ends
    ```console no-run="why"     what a test can't do
    ```LANGUAGE shows=FILE      a part of a file as it is at that point of the page, `…` or `# …` for anything
    ```LANGUAGE writes=FILE     a file that the reader makes
    ```yaml writes=… import     a file that is not a workflow: workflows import it
    ```diff patches=FILE        a change that the reader makes: lines to find and their replacements
    ```hcl                      settings of Terraform; tests/e2e/test_other_tools.py reads them
    ```javascript writes=FILE   a program for Node.js; tests/e2e/test_serve_clients.py runs it
    ```python                   a program that ends well
    ```toml                     settings of a project
    ```text                     a drawing

The commands of a page are one session, in a folder that holds a copy of `examples`.
"""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))

_FENCE = re.compile(r"(?P<marks>`{3,})(?P<info>.*)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `line` is that of its fence, counted from 1; `text` ends in a newline."""

    page: Path
    line: int
    language: str
    options: tuple[tuple[str, str], ...]
    text: str

    def __getitem__(self, option: str) -> str | None:
        """The value of `option=`; "" for a bare word; None where it is not there."""
        return dict(self.options).get(option)

    def has(self, option: str) -> bool:
        return self[option] is not None

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@functools.cache
def blocks(page: Path) -> tuple[Block, ...]:
    """The fenced blocks of a page, in their order."""
    found: list[Block] = []
    lines = enumerate(page.read_text("utf-8").splitlines(), 1)
    for number, line in lines:
        fence = _FENCE.fullmatch(line)
        if fence is None:
            continue
        language, *words = shlex.split(fence["info"])
        inside = []
        for _, text in lines:
            if text == fence["marks"]:
                break
            inside.append(f"{text}\n")
        options = tuple((name, value) for name, _, value in (word.partition("=") for word in words))
        found.append(Block(page, number, language, options, "".join(inside)))
    return tuple(found)


def all_blocks() -> Iterator[Block]:
    for page in PAGES:
        yield from blocks(page)


def prose(page: Path) -> list[str]:
    """The lines of a page outside fenced blocks."""
    marks, found = "", []
    for line in page.read_text("utf-8").splitlines():
        fence = _FENCE.fullmatch(line)
        if fence and (not marks or line == marks):
            marks = "" if marks else fence["marks"]
        elif not marks:
            found.append(line)
    return found


def _tables(page: Path, heading: str) -> list[range]:
    """The lines of each table below a heading and before the next one, counted from 0."""
    marks, below, found = "", False, [range(0)]
    for number, line in enumerate([*page.read_text("utf-8").splitlines(), "#"]):
        fence = _FENCE.fullmatch(line)
        if fence and (not marks or line == marks):
            marks = "" if marks else fence["marks"]
        elif marks:
            continue
        elif line.startswith("#"):
            if below:
                break
            below = line.lstrip("#").strip() == heading
        elif below and line.startswith("|"):
            if found[-1].stop != number:
                found.append(range(number, number))
            found[-1] = range(found[-1].start, number + 1)
    return found[1:]


def table(page: Path, heading: str, number: int = 0) -> list[list[str]]:
    """The rows of a table below a heading, without its header; the first table if no `number` is given."""
    found = _tables(page, heading)
    assert number < len(found), f"{page.relative_to(ROOT)} has no table {number} below {heading!r}"
    lines = page.read_text("utf-8").splitlines()
    rows = [re.split(r"(?<!\\)\|", lines[line])[1:-1] for line in found[number]]
    return [[cell.strip().replace(r"\|", "|") for cell in row] for row in rows[2:]]


def write_table(page: Path, heading: str, number: int, rows: list[list[str]]) -> None:
    """Puts other rows below the header of a table."""
    found = _tables(page, heading)[number]
    lines = page.read_text("utf-8").splitlines()
    shown = ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows]
    lines[found.start + 2 : found.stop] = shown
    page.write_text("\n".join([*lines, ""]), "utf-8")


def hold_table(page: Path, heading: str, number: int, rows: list[list[str]], *, update: bool) -> None:
    """Compares the rows of a table with those that the code makes; with `update`, writes those."""
    if update and table(page, heading, number) != rows:
        write_table(page, heading, number, rows)
    assert table(page, heading, number) == rows


def code(cell: str) -> list[str]:
    """The words of a cell between backticks."""
    return re.findall(r"`([^`]+)`", cell)


def headings(page: Path) -> list[str]:
    """The headings of a page, without their marks."""
    return [line.lstrip("#").strip() for line in prose(page) if re.match(r"#{1,6} ", line)]


def anchor(heading: str) -> str:
    """The fragment that leads to a heading on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings can be linked by."""
    return {anchor(heading) for heading in headings(page)}


def links(page: Path) -> list[str]:
    """The targets of a page's links; the text of one may go on in the next line."""
    return re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", "\n".join(prose(page)))
