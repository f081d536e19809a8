"""Filling in the defaults of the workflow's input, where an expression reads one of them.

A type with defaults has a sent form, in which defaulted fields may be absent, and a filled form. Generated functions
fill what they are sent; expressions see what was sent, so an entry state fills it for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flowgen.compile.liveness import Live
from flowgen.compile.templates import quoted
from flowgen.model import Workflow

Schema = Mapping[str, Any]


def fill(workflow: Workflow, live: Live) -> str | None:
    """The JSONata of the filled input, or None where nothing reads a default."""
    types = _Types(workflow)
    schema = workflow.input.schema
    if not any(types.reads_default(schema, reference.path) for reference in live.input_references):
        return None
    return types.filled(schema, "$states.input", ())


class _Types:
    def __init__(self, workflow: Workflow) -> None:
        self.schemas = {name: declared.schema for name, declared in workflow.types.items()} | dict(
            workflow.input.hoisted
        )

    def resolve(self, schema: Schema) -> tuple[Schema, str | None]:
        """A schema behind its references, and the name of the last one."""
        name = None
        for _ in range(len(self.schemas) + 1):
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                return schema, name
            name = reference.rpartition("/")[2]
            schema = self.schemas.get(name, {})
        return {}, None

    def reads_default(self, schema: Schema, path: tuple[str, ...]) -> bool:
        schema, _ = self.resolve(schema)
        if not path:
            return self.filled(schema, "$", ()) is not None
        if schema.get("type") == "array":
            return self.reads_default(schema.get("items", {}), path)
        inner = schema.get("properties", {}).get(path[0])
        if not isinstance(inner, dict):
            return False
        return "default" in inner or self.reads_default(_not_null(inner), path[1:])

    def filled(self, schema: Schema, value: str, seen: tuple[str, ...]) -> str | None:
        """The JSONata that fills `value`, or None where there is nothing to fill. A recursive type is filled once."""
        resolved, name = self.resolve(schema)
        if name is not None:
            if name in seen:
                return None
            seen = (*seen, name)
        plain = _not_null(resolved)
        if plain is not resolved:
            inner = self.filled(plain, value, seen)
            return None if inner is None else f"({value} = null ? null : {inner})"
        if resolved.get("type") == "array":
            item = f"$item{len(seen)}"
            inner = self.filled(resolved.get("items", {}), item, (*seen, ""))
            return None if inner is None else f"[$map({value}, function({item}) {{ {inner} }})]"
        return self._object(resolved, value, seen)

    def _object(self, schema: Schema, value: str, seen: tuple[str, ...]) -> str | None:
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        defaults, nested = [], []
        for name, inner in properties.items():
            if not isinstance(inner, dict):
                continue
            if "default" in inner:
                defaults.append(f"{quoted(name)}: {_literal(inner['default'])}")
                continue
            place = f"{value}.{_step(name)}"
            filled = self.filled(inner, place, seen)
            if filled is not None:
                guarded = filled if name in required else f"$exists({place}) ? {filled}"
                nested.append(f"{quoted(name)}: {guarded}")
        if not defaults and not nested:
            return None
        parts = [f"{{{', '.join(defaults)}}}"] if defaults else []
        parts += [value, *([f"{{{', '.join(nested)}}}"] if nested else [])]
        return f"$merge([{', '.join(parts)}])"


def _not_null(schema: Schema) -> Schema:
    """`T` of `T?`; any other schema as it is."""
    options = schema.get("anyOf")
    if isinstance(options, list):
        others = [option for option in options if option != {"type": "null"}]
        if len(others) == 1 and len(options) > 1:
            return dict(others[0])
    return schema


def _step(name: str) -> str:
    return name if name.isidentifier() and name.isascii() and name not in ("and", "or", "in") else f"`{name}`"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(_literal(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quoted(key)}: {_literal(item)}' for key, item in value.items())}}}"
    return json.dumps(value)
