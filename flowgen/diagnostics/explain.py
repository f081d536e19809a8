"""The pages of `flowgen explain`: one Markdown file a code, shipped beside this module."""

from __future__ import annotations

import re
from importlib.resources import files

from flowgen.diagnostics.table import CODES

_FRONT = re.compile(r"\A<!-- example: .*? -->\n")
"""The first line of a page whose example is not one workflow file; it is for the pages' test, not for a reader."""


def codes() -> tuple[str, ...]:
    """The codes that have a page, in order."""
    return tuple(code for code in CODES if files(__package__).joinpath("explain", f"{code}.md").is_file())


def page(code: str) -> str | None:
    """The page of a code as Markdown, or None where there is none."""
    if code not in CODES:
        return None
    path = files(__package__).joinpath("explain", f"{code}.md")
    return _FRONT.sub("", path.read_text(encoding="utf-8")) if path.is_file() else None
