"""Members of AWS requests under a spelling that Step Functions may not know (FG315)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from flowgen.check.dataflow.values import Teller, key_in, key_of
from flowgen.diagnostics import Span
from flowgen.jsonata.inference.missing_names import uncertain_spelling
from flowgen.model import Value
from flowgen.types import Type, expand
from flowgen.types.comparison import Key, key
from flowgen.types.mismatch import Path

Seen: TypeAlias = "dict[tuple[Key, Key], tuple[Type, Type]]"
"""Pairs of types that were compared, by their keys, whose ids the types hold."""


def tell_spellings(teller: Teller, value: Value | None, span: Span, found: Type, takes: Type) -> None:
    """Warns about members of `found`, the type of `value`, whose spelling in `takes` is not the preferred one."""
    for path, preferred in _uncertain(found, takes, (), {}):
        message, help_ = uncertain_spelling(str(path[-1]), preferred)
        where = span if value is None else key_in(value, path, span)
        written = value is not None and key_of(value, path) is not None
        teller.tell("FG315", message, where, help_=help_, new=preferred if written else None)


def _uncertain(found: Type, takes: Type, path: Path, seen: Seen) -> Iterator[tuple[Path, str]]:
    """The paths of these members, each with its preferred spelling. A pair of types is compared once."""
    pair = (key(found), key(takes))
    if pair in seen or not takes.parts:
        return
    seen[pair] = found, takes
    found, takes = expand(found), expand(takes)
    for wanted in takes.objects:
        for given in found.objects:
            for name, inner in given.fields.items():
                if name in wanted.spellings:
                    yield (*path, name), wanted.spellings[name]
                yield from _uncertain(inner, wanted.get(name), (*path, name), seen)
    for wanted_items in takes.arrays:
        for items in found.arrays:
            for index, inner in enumerate(items.prefix):
                yield from _uncertain(inner, wanted_items.item(), (*path, index), seen)
            yield from _uncertain(items.rest, wanted_items.item(), (*path, None), seen)
