"""Fills in the defaults of the workflow's input if an expression reads one of them.

A type with defaults has a sent form, in which defaulted fields may be missing, and a filled form. Generated functions
fill their input themselves. For expressions, an entry state fills the workflow's input: the input's own fields inline,
other declared types with one JSONata function per type, so that types may share parts and be recursive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.compile.liveness import Live
from flowgen.jsonata.literals import literal, quoted
from flowgen.model import Workflow

Schema = Mapping[str, Any]


def fill(workflow: Workflow, live: Live, given: str | None = None) -> str | None:
    """The JSONata of the filled input, or None if no expression reads a default.

    `given` is the JSONata of the sent value, if that is not the state's input.
    """
    types = _Types(workflow)
    schema = workflow.input.schema
    if not any(types.reads_default(schema, reference.path) for reference in live.input_references):
        return given
    if given is None:
        return types.whole(schema, "$states.input")
    return f"($given := {given}; {types.whole(schema, '$given')})"


class _Types:
    def __init__(self, workflow: Workflow) -> None:
        self.schemas = {name: declared.schema for name, declared in workflow.types.items()} | dict(
            workflow.input.hoisted
        )
        self.with_defaults = self._with_defaults()

    def _with_defaults(self) -> frozenset[str]:
        """The declared types that contain defaults, at any depth."""
        used_by: dict[str, list[str]] = {}
        found = []
        for name, schema in self.schemas.items():
            if _has_default(schema):
                found.append(name)
            for part in _parts(schema):
                if "$ref" in part:
                    used_by.setdefault(_referred(part), []).append(name)
        known = set(found)
        while found:
            for user in used_by.get(found.pop(), ()):
                if user not in known:
                    known.add(user)
                    found.append(user)
        return frozenset(known)

    def resolve(self, schema: Schema) -> Schema:
        """A schema with its references and the `?` of `T?` resolved."""
        for _ in range(2 * len(self.schemas) + 2):
            if "$ref" in schema:
                schema = self.schemas.get(_referred(schema), {})
            else:
                inner = _not_null(schema)
                if inner is schema:
                    return schema
                schema = inner
        return {}

    def fillable(self, schema: Schema) -> bool:
        """Whether the schema contains defaults, not counting its own."""
        return _has_default(schema) or any(
            _referred(part) in self.with_defaults for part in _parts(schema) if "$ref" in part
        )

    def reads_default(self, schema: Schema, path: tuple[str, ...]) -> bool:
        """Whether the value at a path, or a part of the path, may have a default."""
        for name in path:
            schema = self.resolve(schema)
            while schema.get("type") == "array":  # a name after an array applies to its items
                schema = self.resolve(_schema(schema.get("items")))
            if "properties" not in schema:
                return self.fillable(schema)
            schema = _schema(schema["properties"].get(name, schema.get("additionalProperties")))
            if "default" in schema:
                return True
        return self.fillable(schema)

    def whole(self, schema: Schema, value: str) -> str:
        """The JSONata that fills `value`, with the functions that it needs."""
        while "$ref" in schema and _referred(schema) not in self._used(self.schemas[_referred(schema)]):
            schema = self.schemas[_referred(schema)]
        functions = [
            f"{_function(name)} := function($value) {{ {self.filled(self.schemas[name], '$value')} }}"
            for name in self._used(schema)
        ]
        body = self.filled(schema, value)
        return f"({'; '.join([*functions, body])})" if functions else body

    def _used(self, schema: Schema) -> list[str]:
        """The types whose functions are required to fill a schema, in the order of their declarations."""
        found: set[str] = set()
        waiting = [schema]
        while waiting:
            for part in _parts(waiting.pop()):
                name = _referred(part) if "$ref" in part else None
                if name in self.with_defaults and name not in found:
                    found.add(name)
                    waiting.append(self.schemas[name])
        return [name for name in self.schemas if name in found]

    def filled(self, schema: Schema, value: str) -> str:
        """The JSONata that fills `value`; `value` itself if there is nothing to fill."""
        if not self.fillable(schema):
            return value
        if "$ref" in schema:
            return f"{_function(_referred(schema))}({value})"
        inner = _not_null(schema)
        if inner is not schema:
            return f"({value} = null ? null : {self.filled(inner, value)})"
        if "discriminator" in schema:
            return self._variant(schema, value)
        if schema.get("type") == "array":
            return self._array(schema["items"], value)
        return self._object(schema, value)

    def _variant(self, schema: Schema, value: str) -> str:
        tag = f"{value}.{_step(schema['discriminator']['propertyName'])}"
        rules = [
            (quoted(name), self.filled({"$ref": target}, value))
            for name, target in schema["discriminator"]["mapping"].items()
        ]
        return f"({_choice(tag, rules, value)})"

    def _array(self, items: Schema, value: str) -> str:
        inner = self.filled(items, "$item")
        if self.resolve(items).get("type") != "array":
            mapper = _function(_referred(items)) if "$ref" in items else f"function($item) {{ {inner} }}"
            return f"[$map({value}, {mapper})]"
        # `$map` and `[…]` unwrap a list with one item, so that a list of one list would lose a level.
        kept = "$type($inner) = 'array' ? [[$inner]] : [$inner]"
        return f"$reduce({value}, function($all, $item) {{ ($inner := {inner}; $append($all, {kept})) }}, [])"

    def _object(self, schema: Schema, value: str) -> str:
        properties = _properties(schema)
        others = _schema(schema.get("additionalProperties"))
        defaults = {name: inner["default"] for name, inner in properties.items() if "default" in inner}
        # A default may itself lack fields with defaults, so these are filled after it.
        twice = any(self.fillable(properties[name]) for name in defaults) or self.fillable(others)
        base = "$sent" if twice else value
        nested = []
        for name, inner in properties.items():
            if self.fillable(inner):
                place = f"{base}.{_step(name)}"
                sure = name in defaults or name in schema.get("required", ())
                filled = self.filled(inner, place)
                nested.append(f"{quoted(name)}: {filled if sure else f'$exists({place}) ? {filled}'}")
        parts = [*([literal(defaults)] if defaults else []), value]
        inside = [f"{{{', '.join(nested)}}}"] if nested else []
        if not twice:
            return f"$merge([{', '.join([*parts, *inside])}])"
        if self.fillable(others):
            known = f"$not($key in [{', '.join(map(quoted, properties))}]) ? " if properties else ""
            filled = self.filled(others, "$item")
            inside.append(f"$each($sent, function($item, $key) {{ {known}{{$key: {filled}}} }})")
        sent = f"$merge([{', '.join(parts)}])" if defaults else value
        return f"($sent := {sent}; $merge([{', '.join(['$sent', *inside])}]))"


_CHAIN = 16
"""Variants per `? :` chain. Each variant nests the evaluation one level deeper; AWS's limit is 100 levels."""


def _choice(tag: str, rules: list[tuple[str, str]], otherwise: str) -> str:
    """The JSONata of the rule that the tag selects. Many rules become groups, each with its own chain."""
    if len(rules) <= _CHAIN:
        return "".join(f"{tag} = {name} ? {value} : " for name, value in rules) + otherwise
    size = -(-len(rules) // _CHAIN)
    groups = [rules[at : at + size] for at in range(0, len(rules), size)]
    tests = (f"{tag} in [{', '.join(name for name, _ in group)}]" for group in groups)
    chosen = (f"({_choice(tag, group, otherwise)})" for group in groups)
    return "".join(f"{test} ? {value} : " for test, value in zip(tests, chosen, strict=True)) + otherwise


def _parts(schema: Schema) -> Iterator[Schema]:
    """A schema and its subschemas that filling visits, without following references."""
    yield schema
    inner: list[Any] = [*_properties(schema).values(), schema.get("items"), schema.get("additionalProperties")]
    inner += schema.get("oneOf", ()) if "discriminator" in schema else ()
    not_null = _not_null(schema)
    inner += () if not_null is schema else (not_null,)
    for part in inner:
        if isinstance(part, dict):
            yield from _parts(part)


def _has_default(schema: Schema) -> bool:
    return any("default" in inner for part in _parts(schema) for inner in _properties(part).values())


def _properties(schema: Schema) -> dict[str, Schema]:
    return {name: _schema(inner) for name, inner in schema.get("properties", {}).items()}


def _schema(schema: Any) -> Schema:
    """`true`, `false` and missing schemas have no defaults."""
    return schema if isinstance(schema, dict) else {}


def _referred(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _function(name: str) -> str:
    """The names of steps and variables have no upper-case letters."""
    return f"$fill{name}"


def _not_null(schema: Schema) -> Schema:
    """`T` of `T?`; any other schema unchanged."""
    options = schema.get("anyOf")
    if isinstance(options, list):
        others = [option for option in options if option != {"type": "null"}]
        if len(others) == 1 and len(options) > 1:
            return _schema(others[0])
    types = schema.get("type")
    if isinstance(types, list):
        others = [name for name in types if name != "null"]
        return {**schema, "type": others[0]} if len(others) == 1 else schema
    return schema


_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})
"""Names that mean something else in a path."""


def _step(name: str) -> str:
    return name if name.isidentifier() and name.isascii() and name not in _WORDS else f"`{name}`"
