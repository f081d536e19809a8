"""Translates types in the notation of other languages.

In: a type that does not parse or is not declared. Out: what to write instead, for the help of a diagnostic.
"""

from __future__ import annotations

import re

_NAMES = {
    name: ours
    for ours, names in {
        "string": "str text char varchar unicode bytes binary character",
        "integer": "int int32 int64 long short bigint smallint uint int4 int8 whole",
        "number": "float double decimal real numeric float32 float64 num money bigdecimal",
        "boolean": "bool bit flag",
        "null": "none nil void undefined nonetype nulltype",
        "any": "unknown mixed json anything",
        "object": "dict dictionary hash struct record mapping map hashmap",
        "any[]": "list array tuple set sequence slice",
        "date-time": "timestamp datetime instant timestamptz offsetdatetime zoneddatetime iso8601",
        "date": "localdate",
        "time": "localtime",
        "duration": "timedelta interval timespan period",
        "uuid": "guid",
        "uri": "url httpurl anyurl",
        "email": "emailstr",
        "ipv4": "ip ipaddress ipv4address",
    }.items()
    for name in names.split()
}
_OURS = frozenset({"any", "uuid", "date", "time", "object", "string", "integer", "number", "boolean"})
_LISTS = frozenset({"list", "array", "sequence", "set", "frozenset", "tuple", "iterable", "collection", "slice"})
_MAPS = frozenset({"dict", "map", "mapping", "record", "hashmap", "dictionary"})
_OPTIONAL = frozenset({"optional", "maybe", "nullable", "option"})
_GENERIC = re.compile(r"(?:\w+\.)*(\w+)\s*([\[<])(.*)([\]>])", re.DOTALL)
_POSTFIX = re.compile(r"(.*?)\s*(\?|\[[0-9.]*\])", re.DOTALL)
_LONGEST = 200
_DEEPEST = 10


def in_our_notation(text: str) -> str | None:
    """A type in flowgen's notation, or None if its meaning is unknown or it needs no change.

    >>> in_our_notation("Optional[List[int]]"), in_our_notation("dict[str, Order]"), in_our_notation("str | None")
    ('integer[]?', 'map<Order>', 'string?')
    >>> in_our_notation("string"), in_our_notation("Order")
    (None, None)
    """
    if len(text) > _LONGEST:
        return None
    ours = _converted(text.strip(), 0)
    return None if ours is None or ours == text.strip() else ours


def _converted(text: str, depth: int) -> str | None:
    if depth > _DEEPEST or not text:
        return None
    options = _split(text, "|")
    if len(options) > 1:
        return _union(options, depth)
    generic = _GENERIC.fullmatch(text)
    if generic is not None and generic[3].strip(" .0123456789"):
        return _generic(generic[1].lower(), _split(generic[3], ","), depth)
    postfix = _POSTFIX.fullmatch(text)
    if postfix is not None:
        inner = _converted(postfix[1], depth + 1)
        return None if inner is None else f"{_grouped(inner)}{postfix[2]}"
    if not re.fullmatch(r"[\w.-]+", text):
        return None
    name = text.rpartition(".")[2]
    if name in ("string", "integer", "number", "boolean", "object", "any", "null"):
        return name
    found = _NAMES.get(name.lower())
    if found is None and name.lower() in _OURS:
        found = name.lower()
    if found is None and "." not in text and (name[:1].isupper() or "-" in name):
        found = name  # a declared type, or a format
    return found


def _generic(head: str, arguments: list[str], depth: int) -> str | None:
    inner = [_converted(argument, depth + 1) for argument in arguments if argument != "..."]
    if not inner or None in inner:
        return None
    known = [item for item in inner if item is not None]
    if head in _LISTS and len(set(known)) == 1:
        return f"{_grouped(known[0])}[]"
    if head in _OPTIONAL and len(known) == 1:
        return f"{_grouped(known[0])}?"
    if head in _MAPS:
        return f"map<{known[-1]}>"
    return _union(arguments, depth) if head == "union" else None


def _union(options: list[str], depth: int) -> str | None:
    inner = [_converted(option, depth + 1) for option in options]
    known = [item for item in inner if item not in (None, "null")]
    if None in inner or not known:
        return None
    joined = " | ".join(dict.fromkeys(str(spelling) for spelling in known))
    if "null" not in inner:
        return joined
    return f"{joined}?" if len(set(known)) == 1 else f"{joined} | null"


def _grouped(text: str) -> str:
    return f"({text})" if " | " in text else text


def _split(text: str, mark: str) -> list[str]:
    """Split a string at marks outside brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += {"[": 1, "<": 1, "(": 1, "]": -1, ">": -1, ")": -1}.get(character, 0)
        if character == mark and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
