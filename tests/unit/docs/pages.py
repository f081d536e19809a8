"""The pages of the documentation as data: their fenced blocks, tables, headings and links.

A block's info string is its language, then words that say what a reader may expect of it:

    ```yaml                     a whole workflow; it checks clean
    ```yaml scaffold            the same; the fragments of the page stand inside it
    ```yaml fragment            a list of steps, or some of a workflow's keys; the rest is the scaffold's, but for its
                                `output`, which is `any` where there are steps
    ```yaml … finds=FG206       what `flowgen check` finds in it, and nothing else
    ```json asl                 states that the YAML block before it becomes, or the whole machine
    ```json schema              types that the YAML block before it declares, as JSON Schema
    ```console                  `$ command` and what it prints, `…` for anything; `exit=1`: how the last command ends
    ```console no-run="why"     what a test can't do
    ```LANGUAGE shows=FILE      a part of a file as it is at that point of the page, `…` or `# …` for anything
    ```LANGUAGE writes=FILE     a file that the reader makes
    ```yaml writes=… import     one that is no workflow: workflows import it
    ```diff patches=FILE        a change that the reader makes: lines to find and what to put in their place
    ```hcl                      settings of Terraform; tests/e2e/test_other_tools.py reads them
    ```python                   a program that ends well
    ```toml                     settings of a project
    ```text                     a drawing

The commands of a page are one session, in a folder that holds a copy of `examples`.
"""

from __future__ import annotations

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
        """What stands behind `option=`; "" for a bare word; None where it is not there."""
        return dict(self.options).get(option)

    def has(self, option: str) -> bool:
        return self[option] is not None

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
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
    return found


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


def table(page: Path, heading: str, number: int = 0) -> list[list[str]]:
    """The rows of a table below a heading, without its header; the first table if no `number` is given."""
    lines = iter([*prose(page), "#"])
    next(line for line in lines if line.lstrip("#").strip() == heading and line.startswith("#"))
    tables: list[list[list[str]]] = [[]]
    for line in lines:
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            tables[-1].append([cell.strip().replace(r"\|", "|") for cell in cells])
        elif tables[-1]:
            tables.append([])
        if line.startswith("#"):
            break
    assert number < len(tables) - 1, f"{page.name} has no such table below {heading!r}"
    return tables[number][2:]


def code(cell: str) -> list[str]:
    """The words of a cell that stand between backticks."""
    return re.findall(r"`([^`]+)`", cell)


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings can be linked by, as GitHub makes them."""
    found: set[str] = set()
    for line in prose(page):
        if re.match(r"#{1,6} ", line):
            words = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
            found.add(words)
    return found


def links(page: Path) -> list[str]:
    """The targets of a page's links."""
    return [target for line in prose(page) for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", line)]
