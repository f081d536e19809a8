"""The names in an expression, from its tokens: the runner compiles expressions without a parser."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowgen.jsonata.parsing import BUILT_IN

# A regular expression literal cannot be distinguished from a division here, so its text is read as code, which only
# adds names.
_TEXT = re.compile(r""" "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` | /\*.*?\*/ """, re.VERBOSE | re.DOTALL)
_VARIABLE = re.compile(r"\$states\s*\.\s*([A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*){0,2})|\$(\w+)")
_DEFINED = re.compile(r"\$(\w+)\s*:=\s*(?:function\b|λ)")
_HELD = re.compile(r"[:?\[]\s*(?:(?:function\b|λ)|\$(\w+)(?![\w\s]*\())|\$(\w+)\s*\]")


@dataclass(frozen=True, slots=True)
class Names:
    """The variables that an expression names, and the members of `$states`, its context, and the context's Execution.

    None means all of them. `holds_functions` is true if an array or object may contain a function. `code` is the text
    of the expression without its strings and comments.
    """

    code: str
    variables: frozenset[str]
    states: frozenset[str] | None
    context: frozenset[str] | None = frozenset()
    execution: frozenset[str] | None = frozenset()
    holds_functions: bool = False


def names_of(source: str) -> Names:
    """The names in the text of an expression."""
    code = _TEXT.sub('""', source)
    variables: set[str] = set()
    paths: set[tuple[str, ...]] = set()
    for path, name in _VARIABLE.findall(code):
        if path:
            paths.add(tuple(re.split(r"\s*\.\s*", path)))
        elif name == "states":
            paths.add(())
        else:
            variables.add(name)
    functions = BUILT_IN | set(_DEFINED.findall(code))
    held = any(not (first or second) or (first or second) in functions for first, second in _HELD.findall(code))
    return Names(
        code,
        frozenset(variables),
        _members(paths, ()),
        _members(paths, ("context",)),
        _members(paths, ("context", "Execution")),
        held,
    )


def _members(paths: set[tuple[str, ...]], place: tuple[str, ...]) -> frozenset[str] | None:
    """The members of a place that paths continue to, or None when a path ends there or before."""
    depth = len(place)
    if any(path == place[: len(path)] for path in paths):
        return None
    return frozenset(path[depth] for path in paths if path[:depth] == place)
