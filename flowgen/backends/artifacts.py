"""A file that a backend makes, and the header by which a generated one is known again."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

GENERATED = "generated"
"""The name of the folders whose files are all ours."""

_DIGITS = 16
_HEADER = re.compile(
    r"# Made by flowgen from (?P<source>[^\n]+)\. Do not edit: `flowgen generate` writes it again\.\n"
    r"# Digest: (?P<digest>[0-9a-f]{16})(?: of types (?P<inputs>[0-9a-f]{16}))?\n"
)

_JSON_HEADER = re.compile(
    r'\{\n  "\$comment": "Made by flowgen from (?P<source>[^\n"]+)\. Do not edit: `flowgen generate` writes it again\. '
    r'Digest: (?P<digest>[0-9a-f]{16})",?\n'
)

_BEGINNING = re.compile(
    r'(?:# |\{\n(?:<{7}[^\n]*\n)?  "\$comment": ")'
    r"Made by flowgen from (?P<source>[^\n]+?)\. Do not edit: `flowgen generate` writes it again\."
)
"""What version control leaves of a header whose digest changed on both sides of a merge."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file: its place relative to the project's root, and its text.

    A generated one is written whenever it changes. One that is not is the user's from the moment it exists: it is
    created where it is missing, and never touched again.
    """

    path: PurePosixPath
    text: str
    generated: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What the first lines of a generated file say of it.

    `source` is the workflow file that it was made from, relative to the project's root. `inputs` is the digest of what
    its body was made of, where its maker gave one. `body` is what stands below; `intact` is false if that was changed.
    """

    source: str
    inputs: str | None
    body: str
    intact: bool


def digest(text: str) -> str:
    """A short digest of a text; line ends do not count, since version control may change them."""
    return hashlib.sha256(plain_lines(text).encode()).hexdigest()[:_DIGITS]


def plain_lines(text: str) -> str:
    r"""The text with each line ended by `\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def generated_file(path: PurePosixPath, body: str, source: str, inputs: str | None = None) -> Artifact:
    """A generated file: a header in `#` comments, and `body` under it."""
    made_of = f" of types {inputs}" if inputs else ""
    header = (
        f"# Made by flowgen from {_in_a_comment(source)}. Do not edit: `flowgen generate` writes it again.\n"
        f"# Digest: {digest(body)}{made_of}\n"
    )
    return Artifact(path, header + body, generated=True)


def header_of(text: str) -> Header | None:
    """What the header of a generated file says, or None for a file that has none: then it is somebody else's."""
    text = plain_lines(text)
    found = _HEADER.match(text) or _JSON_HEADER.match(text)
    if found is None:
        begun = _BEGINNING.match(text)
        return Header(begun["source"], None, text, intact=False) if begun else None
    body = text[found.end() :]
    return Header(found["source"], found.groupdict().get("inputs"), body, intact=digest(body) == found["digest"])


def generated_json(path: PurePosixPath, schema: dict[str, Any], source: str) -> Artifact:
    """A generated JSON Schema, with its header in `$comment`. `source` is what has no quotes in its name."""
    plain = {key: value for key, value in schema.items() if key != "$comment"}
    text = json.dumps(plain, indent=2, ensure_ascii=False)
    body = text.removeprefix("{\n").removeprefix("{") + "\n"
    comment = f"Made by flowgen from {source}. Do not edit: `flowgen generate` writes it again. Digest: {digest(body)}"
    return Artifact(path, f'{{\n  "$comment": "{comment}"{"," if plain else ""}\n{body}', generated=True)


def _in_a_comment(text: str) -> str:
    """A path as it can stand in a comment: a file may be called anything, a line break included."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
