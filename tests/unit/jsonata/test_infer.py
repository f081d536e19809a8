"""The Markdown files in `inferred/`: expressions, their types, and their problems.

In a block of `types`, JSON Schemas by name. In a block of `jsonata`, separated by empty lines: an expression (lines
that are indented go on with it), `: its type`, and for each problem a line `severity kind «what is underlined»`. A line
`-> type: mismatch «path»` says that the value does not fit that type, or `-> type: fits`. Variables have the name of
their type, in lower case; `$n` is an integer, `$s` a string, `$any` anything, `$list` an array of strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flowgen.jsonata.inference import Environment, infer
from flowgen.jsonata.parsing import ExpressionParser, SyntaxFailure
from flowgen.types import (
    ANY_TYPE,
    INTEGER_TYPE,
    TEXT_TYPE,
    Definitions,
    NotationFailure,
    array_of,
    assign,
    parse,
    schema_of,
    show,
    show_path,
)

FOLDER = Path(__file__).parent / "inferred"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One expression and what is expected of it."""

    file: str
    schemas: str
    expression: str
    expected: tuple[str, ...]


def entries() -> Iterator[Entry]:
    for path in sorted(FOLDER.glob("*.md")):
        schemas = "{}"
        for kind, body in _BLOCK.findall(path.read_text(encoding="utf-8")):
            if kind == "types":
                schemas = body
                continue
            for paragraph in filter(str.strip, re.split(r"\n\s*\n", body)):
                lines = paragraph.strip("\n").splitlines()
                count = 1 + sum(line.startswith(" ") for line in lines)
                yield Entry(path.name, schemas, "\n".join(lines[:count]), tuple(lines[count:]))


def found(entry: Entry) -> list[str]:
    definitions = Definitions(json.loads(entry.schemas))
    variables = {name.lower(): definitions.named(name) for name in json.loads(entry.schemas)}
    variables |= {"n": INTEGER_TYPE, "s": TEXT_TYPE, "any": ANY_TYPE, "list": array_of(TEXT_TYPE)}
    syntax = ExpressionParser().parse(entry.expression)
    assert not isinstance(syntax, SyntaxFailure), syntax
    result = infer(entry.expression, syntax.tree, Environment(variables))
    lines = [f": {show(result.type)}"]
    lines += [
        f"{problem.severity.value} {problem.kind.value} «{entry.expression[problem.start : problem.end]}»"
        for problem in result.problems
    ]
    for line in entry.expected:
        if line.startswith("-> "):
            notation = line[3:].rpartition(": ")[0]
            tree = parse(notation)
            assert not isinstance(tree, NotationFailure), tree
            mismatch = assign(result.type, definitions.type_of(schema_of(tree)))
            verdict = "fits" if mismatch is None else f"{mismatch.kind.value} «{show_path(mismatch.path)}»"
            lines.append(f"-> {notation}: {verdict}")
    return lines


@pytest.mark.parametrize("entry", list(entries()), ids=lambda entry: f"{entry.file}: {entry.expression}")
def test_types_and_problems(entry: Entry) -> None:
    """Each expression has the type and the problems that its page shows."""
    assert found(entry) == list(entry.expected)
