"""Defaults that contain themselves, so that filling them in never ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.backends.python.modules import target_of

_DEEP = 64


def recursive_defaults(sources: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The types and fields with such a default, as pairs of names. `sources` are the schemas of all types.

    Unions are not followed, because only a value determines the member.
    """
    found = []
    done: set[int] = set()
    for name, schema in sources.items():
        for field, inner in _fields(schema):
            if "default" in inner and _recurs(inner, sources, done):
                found.append((name, field))
    return found


def _fields(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        for part in (schema, *schema.get("allOf", ())):
            properties = part.get("properties", {}) if isinstance(part, dict) else {}
            yield from ((name, inner) for name, inner in properties.items() if isinstance(inner, dict))


def _recurs(field: dict[str, Any], sources: Mapping[str, Any], done: set[int]) -> bool:
    """Whether filling in a field's default fills in the same field again. `done` are fields known not to."""
    # Each entry is a field whose default is being filled in, with the fields that this fills in.
    path: list[tuple[dict[str, Any], Iterator[dict[str, Any]]]] = [(field, _filled(field, field["default"], sources))]
    open_ = {id(field)}
    while path:
        here, inside = path[-1]
        following = next((node for node in inside if id(node) not in done), None)
        if following is None:
            path.pop()
            open_.discard(id(here))
            done.add(id(here))
        elif id(following) in open_:
            return True
        else:
            open_.add(id(following))
            path.append((following, _filled(following, following["default"], sources)))
    return False


def _filled(schema: Any, value: Any, sources: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The fields whose defaults are filled in when a value is validated against a type."""
    waiting = [(schema, value, 0)]
    while waiting:
        schema, value, depth = waiting.pop()
        target = target_of(schema)
        if target is not None and depth < _DEEP:
            waiting.append((sources.get(target, {}), value, depth + 1))
        elif not isinstance(schema, dict):
            continue
        elif isinstance(value, list):
            waiting += [(schema.get("items"), item, depth) for item in value]
        elif isinstance(value, dict):
            waiting += [(part, value, depth + 1) for part in schema.get("allOf", ()) if depth < _DEEP]
            known = schema.get("properties", {})
            for name, inner in known.items():
                if name in value:
                    waiting.append((inner, value[name], depth))
                elif isinstance(inner, dict) and "default" in inner:
                    yield inner
            others = schema.get("additionalProperties")
            waiting += [(others, item, depth) for name, item in value.items() if name not in known]
