"""The simplest expressions, rewritten so that one evaluation costs a sixth.

Most conditions and outputs only compare or combine members of objects: `$states.input.n < 500`, `$total + $price`.
Nothing in them can see the context, call a function, loop or nest deeply. So they need neither the prologue nor the
limits of other expressions: their variables become paths from the root of the input, which the library reads lazily.
"""

from __future__ import annotations

import re
from typing import Any

from flowgen.jsonata.aws_functions import FUNCTIONS
from flowgen.jsonata.names import Names
from flowgen.jsonata.parsing import BUILT_IN

_NAME = r"[A-Za-z_]\w*"
_PATH = rf"\${_NAME}(?:\.{_NAME})*"
_LITERAL = r"""\d{1,15}(?:\.\d{1,15})?|"[^"\\]*"|'[^'\\]*'|(?:true|false|null)\b"""
_OPERAND = rf"(?:{_PATH}|{_LITERAL})"
_OPERATOR = r"(?:[=<>+*&-]|[!<>]=|\b(?:and|or|in)\b)"
_SIMPLE = re.compile(rf"{_OPERAND}(?:\s*{_OPERATOR}\s*{_OPERAND}){{0,7}}", re.ASCII)
"""At most eight operands, so that neither depth nor the size of a result can reach a limit."""

_STRING_OR_VARIABLE = re.compile(rf"""("[^"]*"|'[^']*')|\$states\.input\b|\$({_NAME})""", re.ASCII)


def reads_only_input(names: Names) -> bool:
    """Whether an expression reads only `$states.input`."""
    return not names.variables and names.states == frozenset({"input"})


def direct_form(source: str, names: Names) -> str | None:
    """The text of `source` over the root `$$`, or None if it is not one of the simplest expressions.

    The root is the state's input if that is all the expression reads, otherwise the object of its variables.

    >>> from flowgen.jsonata.names import names_of
    >>> direct_form("$states.input.n < 500", names_of("$states.input.n < 500"))
    '$$.n < 500'
    >>> direct_form("$total + $price", names_of("$total + $price"))
    '$$.total + $$.price'
    """
    if not names.variables.isdisjoint(BUILT_IN | FUNCTIONS.keys()) or _SIMPLE.fullmatch(source) is None:
        return None
    only_input = reads_only_input(names)

    def rooted(match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[0]
        return "$$" if only_input else f"$${match[0].replace('$', '.', 1)}"

    return _STRING_OR_VARIABLE.sub(rooted, source)


def has_arrays(bindings: dict[str, Any]) -> bool:
    """Whether a variable or a member of `$states` is an array, which a path would change."""
    for value in bindings.values():
        if type(value) is list:
            return True
    return any(type(member) is list for member in bindings.get("states", {}).values())
