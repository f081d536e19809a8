"""Checks the default of each field against the field's schema."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flowgen.asl.timestamps import instant
from flowgen.check.contracts import uses_of
from flowgen.diagnostics import Diagnostic
from flowgen.model import Workflow
from flowgen.model.extending import own_part
from flowgen.source import Mapping as MappingNode
from flowgen.source import Node, Sequence
from flowgen.types import Definitions, contains, show

Path = tuple[str | int, ...]

_BY_NAME = ("properties", "patternProperties", "$defs", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_ONE = ("items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames")


def check_defaults(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG109 at each default that does not match its type."""
    schemas = {name: declared.schema for name, declared in workflow.types.items()}
    for use in uses_of(workflow):
        schemas |= dict(use.hoisted)
    definitions = Definitions(schemas, filled=False)
    places: list[tuple[Mapping[str, Any], Node]] = [
        (own_part(declared) if declared.bases else declared.schema, declared.node)
        for declared in workflow.types.values()
        if not declared.derived and declared.python is None
    ]
    places += [(use.schema, use.node) for use in uses_of(workflow) if use.node is not None]
    reported = set()
    for whole, node in places:
        for path, schema in _with_defaults(whole, ()):
            problem = _problem(schema, definitions)
            span = _place(node, path).span
            if problem is not None and span not in reported:
                reported.add(span)
                value = json.dumps(schema["default"], ensure_ascii=False)
                yield Diagnostic("FG109", f"the default `{value}` is not allowed here: {problem}", span)


def _with_defaults(schema: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    if "default" in schema:
        yield path, schema
    for keyword in _BY_NAME:
        named = schema.get(keyword)
        for name, inner in named.items() if isinstance(named, dict) else ():
            yield from _with_defaults(inner, (*path, keyword, name))
    for keyword in _LISTS:
        for index, inner in enumerate(schema.get(keyword, ())):
            yield from _with_defaults(inner, (*path, keyword, index))
    for keyword in _ONE:
        yield from _with_defaults(schema.get(keyword), (*path, keyword))


def _problem(schema: dict[str, Any], definitions: Definitions) -> str | None:
    default = schema["default"]
    type_ = definitions.type_of({key: value for key, value in schema.items() if key != "default"})
    if not contains(type_, default):
        return f"the type is `{show(type_)}`"
    return next((f"`{key}` is `{schema[key]}`" for key, holds in _LIMITS.items() if _breaks(schema, key, holds)), None)


def _breaks(schema: Mapping[str, Any], keyword: str, holds: Callable[[Any, Any], bool]) -> bool:
    return keyword in schema and not holds(schema["default"], schema[keyword])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of_format(value: Any, name: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        match name:
            case "date":
                dt.date.fromisoformat(value)
            case "date-time":
                return instant(value) is not None
            case "uuid":
                uuid.UUID(value)
    except ValueError:
        return False
    return True


# Only the generated models check patterns: a malicious pattern could make the check hang.
_LIMITS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda value, bound: not _is_number(value) or value >= bound,
    "maximum": lambda value, bound: not _is_number(value) or value <= bound,
    "exclusiveMinimum": lambda value, bound: not _is_number(value) or value > bound,
    "exclusiveMaximum": lambda value, bound: not _is_number(value) or value < bound,
    "multipleOf": lambda value, step: (
        not isinstance(value, int) or not isinstance(step, int) or not step or value % step == 0
    ),
    "minLength": lambda value, least: not isinstance(value, str) or len(value) >= least,
    "maxLength": lambda value, most: not isinstance(value, str) or len(value) <= most,
    "format": _of_format,
}


def _place(node: Node, path: Path) -> Node:
    """The node of the default of a part of a schema, as far as it is written literally."""
    for part in path:
        child: Node | None = None
        if isinstance(node, MappingNode) and isinstance(part, str):
            short = part == "properties" and node.get("properties") is None
            entry = node.entry("fields" if short else part) or node.entry(f"{part}?")
            child = None if entry is None else entry.value
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            child = node.items[part]
        if child is None:
            return node
        node = child
    default = node.get("default") if isinstance(node, MappingNode) else None
    return node if default is None else default
