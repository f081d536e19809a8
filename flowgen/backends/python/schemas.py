"""Prepares the types of a workflow as JSON Schema for the model generator.

The generator invents names for nested schemas, which change when something is added elsewhere. So each nested record,
and each nested type with constraints, becomes a definition named after its owner. Keywords that no Python type can
express (`if`, `not`, …) are removed: models check the shape of values, not all of JSON Schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowgen.backends.python import documentation
from flowgen.backends.python.accepted_values import DEEP, accepts_null, is_literal, is_null, resolved
from flowgen.backends.python.all_of import parts_of
from flowgen.backends.python.modules import free, target_of
from flowgen.backends.python.schema_forms import (
    BOUNDS,
    BY_TYPE,
    IN_PLACE,
    JSON_TYPES,
    KEYWORDS,
    OWN_FORMATS,
    PYTHON_FORMATS,
    SCALARS,
    UNFIT_IN_PLACE,
    Schema,
    is_large,
    is_record,
    joined,
    readable,
    single,
)
from flowgen.model.leaves import pascal_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowgen.backends.python.modules import Home, ModuleTypes

NULLABLE = "x-nullable"
"""Marks a field that may be absent and may also be null."""

BASE_MODULE = "flowgen_base"
"""Placeholder for the module of the models' base classes."""

PYTHON_TYPE = "x-python-type"


@dataclass(frozen=True, slots=True)
class Default:
    """A default that is created for each instance. `plain`: it has the right type if written in Python as in JSON."""

    value: Any
    plain: bool


@dataclass(slots=True)
class Definitions:
    """The input of the model generator and of postprocessing.

    `schemas` has one schema per class, by name, in the order of the workflow. `sparse` are those with optional fields.
    `defaults` has, by class and field, the defaults that are not constants in Python; in the schema, such a field is
    required. `unread` has the patterns that no engine can read, each with the name of its owner. `foreign` are schemas
    whose classes other modules define; `homes` has those modules, and `exported` the foreign types to re-export. `base`
    is the module of the base classes.
    """

    schemas: dict[str, Schema] = field(default_factory=dict)
    sparse: set[str] = field(default_factory=set)
    defaults: dict[tuple[str, str], Default] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    homes: Mapping[str, Home] = field(default_factory=dict)
    exported: tuple[str, ...] = ()
    base: str = ".base"


def definitions(types: ModuleTypes) -> Definitions:
    """The definitions of a module's types, and of the foreign types that they refer to."""
    return _Preparation(types).all()


class _Preparation:
    def __init__(self, types: ModuleTypes) -> None:
        self.types = types
        self.sources = {**types.own, **types.foreign}
        self.taken = set(types.taken)
        self.result = Definitions(homes=types.homes, exported=tuple(types.exported), base=types.base)
        self.in_recursive_alias = False

    def all(self) -> Definitions:
        self.prepare(self.types.own)
        own = set(self.result.schemas)
        unread, defaults = [*self.result.unread], {*self.result.defaults}
        self.prepare(self.types.foreign)
        self.result.foreign = self.result.schemas.keys() - own
        self.result.unread = unread
        self.result.defaults = {key: value for key, value in self.result.defaults.items() if key in defaults}
        return self.result

    def prepare(self, sources: Mapping[str, Schema]) -> None:
        for name, schema in sources.items():
            self.in_recursive_alias = name in self.aliased(schema, set())
            self.result.schemas[name] = {}
            self.result.schemas[name] = self.whole(name, schema)
        # An alias comes after its class, so that it needs no quotes.
        for name in [name for name in sources if "$ref" in self.result.schemas[name]]:
            self.result.schemas[name] = self.result.schemas.pop(name)

    def aliased(self, schema: Any, seen: set[str]) -> set[str]:
        """The declared types that a type refers to without a class in between."""
        match schema:
            case {"$ref": str()}:
                target = target_of(schema) or ""
                if target not in seen:
                    seen.add(target)
                    self.aliased(self.sources.get(target, {}), seen)
            case dict() if not is_record(single(schema)):
                for key, value in schema.items():
                    if key in KEYWORDS and key not in ("enum", "const"):
                        self.aliased(value, seen)
            case list():
                for item in schema:
                    self.aliased(item, seen)
            case _:
                pass
        return seen

    def whole(self, name: str, schema: Any) -> Schema:
        """The schema for a definition called `name`."""
        made = self.made(name, schema)
        if made.get("properties") and made.get("additionalProperties") is False:
            # The base class forbids extra fields, so only models that allow them need a setting.
            del made["additionalProperties"]
        return made | (documentation.of_class if self.is_model(schema) else documentation.of_field)(name, schema)

    def nested(self, owner: str, schema: Any) -> Schema:
        """A nested schema: inline if Python can express it so, else a reference to a definition."""
        if is_null(schema, self.sources):
            # Not by name: `None | None` is an operation on values in Python.
            return {"type": "null"}
        if isinstance(schema, dict):
            schema = joined(schema)
            union = self.in_recursive_alias and ("anyOf" in schema or "oneOf" in schema)
            if union or not IN_PLACE.issuperset(KEYWORDS.intersection(single(schema))):
                return self.defined(owner, schema)
        return self.field(owner, schema)

    def field(self, owner: str, schema: Any) -> Schema:
        """The schema of a field, which can also have inline constraints."""
        if is_null(schema, self.sources):
            return {"type": "null"}
        schema = joined(schema) if isinstance(schema, dict) else schema
        if isinstance(schema, dict) and (is_record(schema) or not UNFIT_IN_PLACE.isdisjoint(schema)):
            return self.defined(owner, schema)
        return self.made(owner, schema)

    def defined(self, owner: str, schema: Schema) -> Schema:
        name = free(owner, self.taken)
        self.taken.add(name)
        self.result.schemas[name] = {}
        self.result.schemas[name] = self.whole(name, schema)
        return {"$ref": f"#/$defs/{name}"}

    def made(self, owner: str, schema: Any) -> Schema:
        """The schema for the generator. Its nested definitions are named after `owner`."""
        if not isinstance(schema, dict):
            return {}
        schema = single(joined(schema))
        if is_null(schema, self.sources):
            return {"type": "null"}
        if "$ref" in schema:
            return {"$ref": schema["$ref"]}
        if "enum" in schema or "const" in schema:
            return self.literal(schema)
        if "allOf" in schema:
            return self.all_of(owner, schema)
        if is_record(schema):
            return self.record(owner, schema)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema and schema.get("type", "object") == "object":
                return self.union(owner, keyword, schema)
        bounds = BOUNDS.intersection(BY_TYPE.get(str(schema.get("type")), ()))
        made = {key: schema[key] for key in schema if key == "type" or key in bounds}
        match schema.get("type"):
            case "array":
                made |= self.array(owner, schema)
            case "object":
                made |= self.mapping(owner, schema)
            case "string" if schema.get("format") in PYTHON_FORMATS:
                # The Python type of such a format does not support constraints on strings.
                made = {"type": "string", "format": schema["format"]}
            case "string":
                made |= self.text(owner, schema)
        return made

    def literal(self, schema: Schema) -> Schema:
        members = schema.get("enum", [schema.get("const")])
        if not all(isinstance(member, SCALARS) and not is_large(member) for member in members):
            kinds = {JSON_TYPES[type(member)] for member in members}
            return single({"type": sorted(kinds)})
        return {"enum": members} if "enum" in schema else {"const": schema["const"]}

    def text(self, owner: str, schema: Schema) -> Schema:
        made: Schema = {}
        kind = schema.get("format")
        if kind in OWN_FORMATS:
            made[PYTHON_TYPE] = f"{BASE_MODULE}.{OWN_FORMATS[kind]}"
        pattern = schema.get("pattern")
        if pattern is not None:
            if readable(pattern):
                made["pattern"] = pattern
            else:
                self.result.unread.append((owner, pattern))
        return made

    def array(self, owner: str, schema: Schema) -> Schema:
        made: Schema = {}
        if isinstance(schema.get("items"), dict):
            made["items"] = self.nested(f"{owner}Item", schema["items"])
        if "prefixItems" in schema:
            members = enumerate(schema["prefixItems"], 1)
            made["prefixItems"] = [self.nested(f"{owner}Item{number}", member) for number, member in members]
            made.setdefault("items", schema.get("items", True))
            if schema.get("items") is False:
                made["maxItems"] = min(len(schema["prefixItems"]), schema.get("maxItems", len(schema["prefixItems"])))
        return made

    def mapping(self, owner: str, schema: Schema) -> Schema:
        """An object without known fields: any keys, or those of a pattern."""
        patterns: Schema = schema.get("patternProperties", {})
        rest = schema.get("additionalProperties", True)
        if rest is False and len(patterns) == 1 and readable(next(iter(patterns))):
            return {"patternProperties": {key: self.nested(f"{owner}Value", value) for key, value in patterns.items()}}
        if isinstance(rest, dict) and not patterns:
            return {"additionalProperties": self.nested(f"{owner}Value", rest)}
        return {"additionalProperties": {}}

    def union(self, owner: str, keyword: str, schema: Schema) -> Schema:
        options = [self.nested(f"{owner}Option{number}", option) for number, option in enumerate(schema[keyword], 1)]
        distinct = [option for index, option in enumerate(options) if option not in options[:index]]
        if len(distinct) == 1:
            return distinct[0]
        tag = self.tag(schema, options) if keyword == "oneOf" else None
        return {keyword: distinct, **({"discriminator": tag} if tag else {})}

    def tag(self, schema: Schema, options: list[Any]) -> Schema | None:
        """The `discriminator` of a tagged union with its whole mapping; None if it does not distinguish all options."""
        name = schema.get("discriminator", {}).get("propertyName")
        if not name or not all(self.is_model(option) for option in schema["oneOf"]):
            return None
        if "mapping" in schema["discriminator"]:
            return dict(schema["discriminator"])
        mapping: dict[str, str] = {}
        for option, made in zip(schema["oneOf"], options, strict=True):
            values = self.tags(option, name)
            if not values or not mapping.keys().isdisjoint(values):
                return None
            mapping |= dict.fromkeys(values, made["$ref"])
        return {"propertyName": name, "mapping": mapping}

    def tags(self, schema: Schema, name: str) -> list[str]:
        """The strings that a required field of a record allows; empty if it allows others."""
        schema = resolved(schema, self.sources)
        field = schema.get("properties", {}).get(name, {})
        members = field.get("enum", [field["const"]] if "const" in field else []) if isinstance(field, dict) else []
        return members if name in schema.get("required", ()) and all(isinstance(one, str) for one in members) else []

    def is_model(self, schema: Any, depth: int = 0) -> bool:
        """Whether a type, or the type of an alias, becomes a class. Tagged unions can only have classes."""
        target = target_of(schema)
        if target is not None:
            return depth < DEEP and self.is_model(self.sources.get(target, {}), depth + 1)
        return isinstance(schema, dict) and ("allOf" in schema or is_record(schema))

    def all_of(self, owner: str, schema: Schema) -> Schema:
        made = [self.made(owner, part) for part in parts_of(schema, self.sources, self.types.classes)]
        bases = [self.sources.get(target, {}) for part in made if (target := target_of(part)) is not None]
        if bases and all(base.get("additionalProperties") is False for base in bases):
            # Inherited from the bases, which forbid extra fields.
            made = [{key: part[key] for key in part if key != "additionalProperties"} for part in made]
            made = [part for part in made if part != {"type": "object"}]
        return made[0] if len(made) == 1 else {"allOf": made}

    def record(self, owner: str, schema: Schema) -> Schema:
        properties: Schema = dict(schema.get("properties", {}))
        required = set(schema.get("required", ()))
        rest = schema.get("additionalProperties", True)
        if schema.get("patternProperties"):
            rest = True
        for name in sorted(required - properties.keys()):
            properties[name] = rest if isinstance(rest, dict) else {}
        made: Schema = {}
        needed: list[str] = []
        for name, inner in properties.items():
            if inner is False:
                continue
            made[name] = self.field(f"{owner}{pascal_case(name) or 'Field'}", inner) | documentation.of_field(
                name, inner
            )
            if name in required:
                needed.append(name)
            elif isinstance(inner, dict) and "default" in inner:
                default = inner["default"]
                plain = is_literal(inner, default, self.sources)
                if plain and isinstance(default, str | int | float):
                    made[name]["default"] = default
                else:
                    self.result.defaults[owner, name] = Default(default, plain or default is None)
                    needed.append(name)
            else:
                self.result.sparse.add(owner)
                if accepts_null(inner, self.sources):
                    made[name][NULLABLE] = True
        return {
            "type": "object",
            "properties": made,
            **({"required": needed} if needed else {}),
            "additionalProperties": self.nested(f"{owner}Value", rest) if isinstance(rest, dict) else rest,
        }
