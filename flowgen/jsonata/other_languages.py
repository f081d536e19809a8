"""Syntax and names of other languages in an expression, and their JSONata equivalents.

In: the text of an expression, or a name in it. Out: what to write, for a help text. Never: deciding whether the
expression is wrong.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TypeAlias

Advice: TypeAlias = tuple[int, int, str, str]
"""Where (two offsets), what is wrong, and what to write."""

_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|/\*.*?\*/", re.DOTALL)
_X = r"\$?[\w.]+(?:\[[^\]]*\]|\([^()]*\))*"


def _whole(form: str) -> Callable[[re.Match[str], str], str]:
    """Help that writes out the match, from the expression's own text."""

    def write(match: re.Match[str], text: str) -> str:
        parts = {name: text[slice(*match.span(name))].strip() for name in match.re.groupindex}
        return f"write `{form.format(**parts)}`"

    return write


def _slice(match: re.Match[str], text: str) -> str:
    x, low, high = (text[slice(*match.span(name))].strip() for name in ("x", "low", "high"))
    if (low or "0").isdigit() and high.isdigit():
        items = f"`{x}[[{low or 0}..{int(high) - 1}]]`"
        part = f"`$substring({x}, {low or 0}, {int(high) - int(low or 0)})`"
        return f"write {items} for items of an array, {part} for a string"
    return f"write `$filter({x}, function($v, $i) {{ $i >= … }})` for an array, `$substring({x}, …)` for a string"


_FORMS: tuple[tuple[str, str, str | Callable[[re.Match[str], str], str]], ...] = (
    (
        r"\[\s*\$\w+\s*(?:,\s*\$\w+\s*)+\]\s*:?=",
        "JSONata binds one variable at a time",
        "write `$a := x[0]; $b := x[1]`",
    ),
    (
        r"\[\s*(?P<item>[^\[\]]+?)\s+for\s+(?P<name>\$?\w+)\s+in\s+(?P<list>[^\[\]]+?)\s*\]",
        "JSONata has no comprehensions",
        "write `[list.(…)]`, where `$` is the item, or `$map(list, function($x) { … })`",
    ),
    (
        r"(?P<then>(?:[^?:;(){}\[\],]|\([^()]*\))+?)\s+if\s+(?P<test>[^?:;{}]+?)\s+else\s+(?P<other>[^;{}]+)",
        "JSONata has no `if … else`",
        _whole("{test} ? {then} : {other}"),
    ),
    (rf"(?P<x>{_X})\s+not\s+in\s*\((?P<y>[^()]+)\)", "JSONata has no `not in`", _whole("$not({x} in [{y}])")),
    (rf"(?P<x>{_X})\s+not\s+in\s+(?P<y>[^;]+)", "JSONata has no `not in`", _whole("$not({x} in {y})")),
    (
        rf"(?P<x>{_X})\s+is\s+not\s+(?:None|null|undefined)\b",
        "JSONata has no `is`",
        _whole("$exists({x})` or, if it may be null, `{x} != null"),
    ),
    (
        rf"(?P<x>{_X})\s+is\s+(?:None|null|undefined)\b",
        "JSONata has no `is`",
        _whole("$not($exists({x}))` or, if it may be null, `{x} = null"),
    ),
    (rf"(?P<x>{_X})\s+is\s+(?P<y>[^\s;)]+)", "JSONata has no `is`", _whole("{x} = {y}")),
    (rf"\bnot\s+(?P<x>{_X})", "`not` is a function", _whole("$not({x})")),
    (rf"!(?!=)\s*(?P<x>\([^()]*\)|{_X})", "JSONata has no `!`", _whole("$not({x})")),
    (r"\bin\s*\((?P<items>[^()]*,[^()]*)\)", "lists are written in brackets", _whole("in [{items}]")),
    (
        rf"(?P<x>{_X})\[\s*(?P<low>-?\d*)\s*:\s*(?P<high>-?\d*)\s*\]",
        "JSONata has no slices",
        _slice,
    ),
    (rf"(?P<x>{_X})\s*=~\s*(?P<y>/[^/]*/\w*)", "JSONata has no `=~`", _whole("$contains({x}, {y})")),
    (rf"(?P<x>{_X})\s*=~", "JSONata has no `=~`", _whole("$contains({x}, /…/)")),
    (
        r"\bAWS::(?P<name>\w+)",
        "this is a CloudFormation pseudo parameter",
        _whole('!Ref AWS::{name}`, or `!Sub "…${{AWS::{name}}}…"'),
    ),
    (r"!==", "JSONata compares with `!=`", "write `!=`"),
    (r"===?", "JSONata compares with a single `=`", "write `=`"),
    (r"&&", "JSONata has no `&&`", "write `and`"),
    (r"\|\|", "JSONata has no `||`", "write `or`"),
    (r"\?\?|\?:", "Step Functions has no `??` and no `?:`", "write `$exists(a) ? a : b`"),
    (r"\?\.", "JSONata has no `?.`", "write `.`: a path is undefined if a part of it is missing"),
    (r"\bstates\.|\bState\.", "this is not a variable", "write `$input`, `$context` or the id of a step after `$`"),
    (
        r"(?:\(?\s*(?P<name>\$?\w+(?:\s*,\s*\$?\w+)*)\s*\)?\s*=>)|\blambda\s+\w+",
        "functions are written with `function`",
        "write `function($x) { … }`",
    ),
    (rf"(?P<x>{_X})\s*\*\*\s*(?P<y>{_X})", "JSONata has no `**`", _whole("$power({x}, {y})")),
    (rf"(?P<x>{_X})\s*//\s*(?P<y>{_X})", "JSONata has no `//`", _whole("$floor({x} / {y})")),
    (rf"(?P<x>{_X})\s*(?:\+\+|--|[+*/-]=)", "variables cannot be changed", "bind a new one: `($y := $x + 1; …)`"),
    (rf"\btypeof\s+(?P<x>{_X})", "JSONata has no `typeof`", _whole("$type({x})")),
    (r"\b[fF](?=['\"])", "JSONata has no f-strings", "join strings with `&`: `'Hello ' & $name`"),
    (r"\$\{", "`${` is not allowed inside an expression", "write `$name`"),
    (r"\band\s*$|\bor\s*$", "the right side of this operator is missing", "write the right side"),
)
_LONGEST = 2000

REPLACEMENTS = {"!==": "!=", "===": "=", "==": "=", "&&": "and", "||": "or", "?.": "."}
"""Operators of other languages, and their JSONata equivalents."""


@functools.cache
def _compiled() -> list[tuple[re.Pattern[str], str, str | Callable[[re.Match[str], str], str]]]:
    """Compiled when the first invalid expression needs them: that takes longer than parsing a valid one."""
    return [(re.compile(pattern, re.DOTALL), message, help_) for pattern, message, help_ in _FORMS]


def blanked(text: str) -> str:
    """The text with the content of strings, quoted names and comments blanked out; offsets do not change."""
    return _STRING.sub(lambda found: found[0][0] + "_" * (len(found[0]) - 2) + found[0][-1], text)


def advice(text: str) -> Advice | None:
    """The probable meaning of an expression that does not parse."""
    if len(text) > _LONGEST:
        return None
    bare = blanked(text)
    for pattern, message, help_ in _compiled():
        match = pattern.search(bare)
        if match is not None:
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            return start, match.end(), message, help_ if isinstance(help_, str) else help_(match, text)
    return None


_FUNCTIONS = {
    name: written
    for written, names in {
        "$count(x)` for an array, `$length(x)` for a string": "len length size count_of getLength",
        "$substring(x, 0, 1) = 'a'`, or `$contains(x, /^a/)`": "startswith startsWith starts_with",
        "$contains(x, /a$/)": "endswith endsWith ends_with hasSuffix",
        "$contains(x, 'a')` for a string, `'a' in x` for an array": "includes has indexOf index find search matches",
        "$uppercase(x)": "upper toUpperCase to_upper uppercase toUpper ucase",
        "$lowercase(x)": "lower toLowerCase to_lower lowercase toLower lcase casefold",
        "$trim(x)": "strip trim lstrip rstrip trimStart trimEnd",
        "$split(x, ',')": "split",
        "$join(x, ',')": "join",
        "$replace(x, 'a', 'b')": "replace replaceAll sub gsub",
        "$substring(x, 0, 3)": "substr slice substring",
        "$string(x)": "str toString String to_string tostring string dumps stringify",
        "$number(x)": "int float Number parseInt parseFloat to_number tonumber decimal Decimal",
        "$boolean(x)": "bool Boolean",
        "$append(x, y)": "push append extend concat concatenate add",
        "x.(…)`, or `$map(x, function($v) { … })`": "map forEach each_with",
        "x[…]`, or `$filter(x, function($v) { … })`": "where select filter_by",
        "$keys(x)": "keys",
        "$each(x, function($v, $k) { $v })": "values items entries",
        "$lookup(x, 'key')": "get getattr dig",
        "$sum(x)": "reduce_sum total",
        "$sort(x)": "sorted sort_by order_by orderBy",
        "$reverse(x)": "reversed",
        "$distinct(x)": "set unique uniq dedupe",
        "[first..last]": "range",
        "$type(x)": "type isinstance typeof is_a instanceof",
        "$exists(x)": "isset defined exists is_defined hasattr isNull is_null isEmpty empty is_none coalesce",
        "$now()": "now utcnow today date Date time",
        "$toMillis(x)` reads a timestamp, `$fromMillis(n)` writes one": "strptime strftime parse_date datetime",
        "$parse(x)` reads JSON, `$string(x)` writes it": "loads parse fromJson json_loads toJson",
        "$round(x, 2)": "toFixed round",
        "'Hello ' & x": "format sprintf concat_str printf",
        "$count(x[…]) > 0` for any, `$count(x[$not(…)]) = 0` for all": "any all some every",
        "$uuid()": "uuid4 randomUUID",
        "$base64encode(x)": "btoa b64encode",
        "$base64decode(x)": "atob b64decode",
        "$max(x)": "maximum",
        "$min(x)": "minimum",
        "$floor(x)": "trunc",
        "$not(x)": "not_ negate",
    }.items()
    for name in names.split()
}


def function_of(name: str) -> str | None:
    """What to write for a function or method of another language.

    >>> function_of("toUpperCase")
    'write `$uppercase(x)`'
    """
    written = _FUNCTIONS.get(name)
    if written is None:
        return None
    return f"write `{written}" if "`" in written else f"write `{written}`"


_PROPERTIES = {"length": "len", "size": "len", "count": "len"}


def property_of(name: str) -> str | None:
    """What to write for a property of another language."""
    return function_of(_PROPERTIES[name]) if name in _PROPERTIES else None


_WORDS = {
    "True": "true",
    "TRUE": "true",
    "False": "false",
    "FALSE": "false",
    "None": "null",
    "Null": "null",
    "NULL": "null",
    "nil": "null",
}


def word_of(name: str) -> str | None:
    """What to write for a constant of another language."""
    if name == "undefined":
        return "to omit a key without a value, add `?` to its name"
    return f"write `{_WORDS[name]}`" if name in _WORDS else None
