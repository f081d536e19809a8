"""Files that a backend makes, and the header that identifies generated ones."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

GENERATED = "generated"
"""The name of folders in which every file is generated."""

SHARED_PACKAGE = "shared"
"""The package, inside the project's package, of the runtime, of shared types, and of the code of shared functions."""


def entry_point_module(package: str, function: str) -> str:
    """The module whose `handler` Lambda calls for a function whose code is in `package`."""
    return f"{package}.{GENERATED}.entry_points.{function}"


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
"""The part of a header that survives a merge conflict in the digest."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file: its path relative to the project's root, and its text.

    A generated file is written whenever it changes. Any other file is created if it is missing; from then on it belongs
    to the user, and flowgen never changes it.
    """

    path: PurePosixPath
    text: str
    generated: bool


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a generated file.

    `source` is the workflow file it was made from, relative to the project's root. `inputs` is the digest of the inputs
    of its body, if known. `body` is the rest of the file; `intact` is false if somebody changed it.
    """

    source: str
    inputs: str | None
    body: str
    intact: bool


def digest(text: str) -> str:
    """A short digest of a string, ignoring line endings, which version control may change."""
    return hashlib.sha256(plain_lines(text).encode()).hexdigest()[:_DIGITS]


def plain_lines(text: str) -> str:
    r"""The text with `\n` as line ending."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def generated_file(path: PurePosixPath, body: str, source: str, inputs: str | None = None) -> Artifact:
    """A generated file: a header of `#` comments, then `body`."""
    made_of = f" of types {inputs}" if inputs else ""
    header = (
        f"# Made by flowgen from {_in_a_comment(source)}. Do not edit: `flowgen generate` writes it again.\n"
        f"# Digest: {digest(body)}{made_of}\n"
    )
    return Artifact(path, header + body, generated=True)


def header_of(text: str) -> Header | None:
    """The header of a generated file; None for a file without one, which flowgen did not generate."""
    text = plain_lines(text)
    found = _HEADER.match(text) or _JSON_HEADER.match(text)
    if found is None:
        begun = _BEGINNING.match(text)
        return Header(begun["source"], None, text, intact=False) if begun else None
    body = text[found.end() :]
    return Header(found["source"], found.groupdict().get("inputs"), body, intact=digest(body) == found["digest"])


def generated_json(path: PurePosixPath, schema: dict[str, Any], source: str) -> Artifact:
    """A generated JSON Schema with its header in `$comment`. `source` must not contain quotes."""
    plain = {key: value for key, value in schema.items() if key != "$comment"}
    text = json.dumps(plain, indent=2, ensure_ascii=False)
    body = text.removeprefix("{\n").removeprefix("{") + "\n"
    comment = f"Made by flowgen from {source}. Do not edit: `flowgen generate` writes it again. Digest: {digest(body)}"
    return Artifact(path, f'{{\n  "$comment": "{comment}"{"," if plain else ""}\n{body}', generated=True)


def _in_a_comment(text: str) -> str:
    """A path without characters, such as line breaks, that would end a comment."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
