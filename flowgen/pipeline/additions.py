"""New workflows and functions: the texts of their declarations.

In: a name, and for a function the text of the workflow file. Out: the text to write, whose other lines are unchanged.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from flowgen.diagnostics import Sink
from flowgen.source import Mapping, read

INDENT = "  "
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")


class CannotAddError(Exception):
    """A function cannot be added to a file; the message says why and what to do instead."""


def new_workflow(name: str, schema: Path | None, folder: Path) -> str:
    """The text of a workflow that does nothing yet. `schema` is the project's JSON Schema for editors, if any."""
    first = ""
    if schema is not None:
        first = f"# yaml-language-server: $schema={Path(os.path.relpath(schema, folder)).as_posix()}\n"
    return f"""{first}flowgen: 1
name: {name}
description: Describe what the workflow does.

input: Request
output: Result

types:
  Request:
    fields:
      id: string
  Result:
    fields:
      id: string

steps:
  - id: result
    set:
      id: ${{ $input.id }}
"""


def new_test(name: str, shown: str) -> str:
    """The text of a test of that workflow. `shown` is the path of the workflow from the project's root."""
    return f'''"""Tests of the workflow `{name}`."""

from flowgen.testing import Flowgen


def test_{name}(flowgen: Flowgen) -> None:
    run = flowgen("{shown}").run({{"id": "1"}})

    assert run.output == {{"id": "1"}}
'''


def with_function(text: str, name: str, shown: str) -> str:
    """The text of a workflow file with one more function. Raises CannotAddError."""
    sink = Sink()
    root = read(shown, text, sink)
    if not isinstance(root, Mapping):
        message = next((one.message for one in sink), "it is not a mapping")
        raise CannotAddError(f"cannot read '{shown}': {message}")
    if root.entry("flowgen") is None:
        raise CannotAddError(f"'{shown}' is not a workflow: it has no key `flowgen`")
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = _LINE.findall(text)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += ending
    entry = root.entry("functions")
    if entry is None:
        at = _line_of(root, "steps", len(lines))
        added = [f"functions:{ending}", *_declaration(name, INDENT, ending), ending]
        return "".join([*lines[:at], *added, *lines[at:]])
    start = entry.key.span.start.line
    if not isinstance(entry.value, Mapping) or entry.value.span.start.line == start:
        why = "which is written on one line: put each function on a separate line"
        raise CannotAddError(f"cannot add to `functions` in '{shown}', {why}")
    if name in (one.key.text for one in entry.value.entries):
        raise CannotAddError(f"'{shown}' already has a function `{name}`")
    indent = " " * (entry.value.entries[0].key.span.start.column - 1)
    following = [one.key.span.start.line for one in root.entries if one.key.span.start.line > start]
    at = _last_line(lines, start, min(following, default=len(lines) + 1) - 1)
    return "".join([*lines[:at], *_declaration(name, indent, ending), *lines[at:]])


def _declaration(name: str, indent: str, ending: str) -> list[str]:
    inner = indent + INDENT
    return [
        f"{indent}{name}:{ending}",
        f"{inner}description: Describe what the function does.{ending}",
        f"{inner}input: any{ending}",
        f"{inner}output: any{ending}",
    ]


def _line_of(root: Mapping, key: str, otherwise: int) -> int:
    """The index of the line of a key, or of the first comment line directly above it."""
    entry = root.entry(key)
    return otherwise if entry is None else entry.key.span.start.line - 1


def _last_line(lines: list[str], start: int, end: int) -> int:
    """The number of the last line from `start` to `end` that is neither empty nor a comment of the next key."""
    at = end
    while at > start and (not lines[at - 1].strip() or lines[at - 1].startswith("#")):
        at -= 1
    return at
