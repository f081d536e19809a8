"""The pages of `flowgen explain`: one Markdown file per code in the folder `explain`.

The front matter of a page is the source of what is known about its code: `name`, `summary`, `severity`, `stops`. The
module `rows` is generated from it (`pytest --update`), because reading 119 files at startup would be slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowgen.diagnostics.table import CODES

if TYPE_CHECKING:
    from collections.abc import Mapping

_FENCE = "---\n"


@dataclass(frozen=True, slots=True)
class Page:
    """A page as written: the keys of its front matter, and the Markdown after it, without the title."""

    front: Mapping[str, str]
    body: str


def codes() -> tuple[str, ...]:
    """The codes that have a page, in ascending order."""
    names = (entry.name for entry in files(__package__).joinpath("explain").iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in names if name.endswith(".md")))


def read(code: str) -> Page:
    """The page of a code. Raises `FileNotFoundError` if there is none."""
    text = files(__package__).joinpath("explain", f"{code}.md").read_text(encoding="utf-8")
    _, front, body = text.split(_FENCE, 2)
    pairs = (line.partition(": ") for line in front.splitlines())
    return Page(MappingProxyType({key: value for key, _, value in pairs}), body.lstrip("\n"))


def page(code: str) -> str | None:
    """The page of a code as Markdown with a title, or None for an unknown code."""
    if code not in CODES:
        return None
    found = read(code)
    return f"# {code}: {found.front['name']}\n\n{found.body}"
