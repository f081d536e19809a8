"""Terraform's template and expression syntax: plain strings in, text that means exactly these strings out.

In JSON configurations, each string and each key of an object is a template, in which `${` and `%{` start a sequence.
Source: Terraform language, "JSON Configuration Syntax" and "Strings and Templates".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_SEQUENCE = re.compile(r"([$%]+)\{")
_ESCAPE = re.compile(r"\\.")
_CODES = {r"\b": r"\u0008", r"\f": r"\u000c"}
"""Escapes of JSON that Terraform's expressions do not have."""


@dataclass(frozen=True, slots=True)
class Expression:
    """The text of an expression, such as `aws_sqs_queue.Inbox.arn`."""

    text: str


Part: TypeAlias = str | Expression
"""A part of a string: plain text, or an expression whose value is inserted."""


def template(parts: Iterable[Part]) -> str:
    """The template for a string that consists of `parts`.

    >>> template(["arn:", Expression("var.Name"), "/${x}"])
    'arn:${var.Name}/$${x}'
    """
    return "".join(f"${{{part.text}}}" if isinstance(part, Expression) else part for part in _escaped(parts))


def quoted(parts: Iterable[Part]) -> str:
    r"""The expression for a string that consists of `parts`.

    >>> quoted(['"', Expression("var.Name")])
    '"\\"${var.Name}"'
    """
    escaped = _escaped(parts)
    inner = (f"${{{part.text}}}" if isinstance(part, Expression) else _in_quotes(part) for part in escaped)
    return f'"{"".join(inner)}"'


def expression(parts: Sequence[Part]) -> str:
    """The expression whose value `parts` have together: a single expression keeps its type."""
    match parts:
        case [Expression(text=text)]:
            return text
        case _:
            return quoted(parts)


def _in_quotes(text: str) -> str:
    """A string between quotation marks, whose escapes are those of JSON (HCL specification, "Template Expressions")."""
    return _ESCAPE.sub(lambda found: _CODES.get(found[0], found[0]), json.dumps(text, ensure_ascii=False)[1:-1])


def _escaped(parts: Iterable[Part]) -> list[Part]:
    """`parts`, with plain text that does not start a sequence, also where two parts meet."""
    joined: list[Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    made: list[Part] = []
    for index, part in enumerate(joined):
        if isinstance(part, Expression):
            made.append(part)
        else:
            before_expression = index + 1 < len(joined)
            made += _text(part, before_expression=before_expression)
    return made


def _text(text: str, *, before_expression: bool) -> Iterable[Part]:
    """Plain text with escapes; of several `$` in front of a brace, only the last can be part of an escape."""
    at = 0
    for found in _SEQUENCE.finditer(text):
        signs = found[1]
        yield text[at : found.start()]
        yield from (Expression(f'"{sign}"') for sign in signs[:-1])
        yield f"{signs[-1]}{signs[-1]}{{"
        at = found.end()
    rest = text[at:]
    signs = rest[len(rest.rstrip("$%")) :] if before_expression else ""
    yield rest[: len(rest) - len(signs)]
    yield from (Expression(f'"{sign}"') for sign in signs)
