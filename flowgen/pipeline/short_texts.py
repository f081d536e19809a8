"""Values of workflows in a line of text, and text as code in Markdown and HTML."""

from __future__ import annotations

import html
import json
import re
from typing import Any

MAX_LENGTH = 60


def short(value: Any) -> str:
    """A JSON value as at most `MAX_LENGTH` characters; strings without quotes."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1]}…"


def markdown_code(text: str) -> str:
    """Text as code on one line of Markdown, whatever it contains.

    >>> markdown_code("a `b`")
    '`` a `b` ``'
    """
    flat = " ".join(text.split())
    fence = "`" * (max(map(len, re.findall("`+", flat)), default=0) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def html_code(text: str) -> str:
    """Text as code in HTML."""
    return f"<code>{html.escape(text)}</code>"
