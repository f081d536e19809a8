"""The types of a workflow as the JSON Schema that the model generator turns into clean models.

The generator names what it finds in the middle of a schema by itself, and those names change when something is added
elsewhere. So each inner record, and each inner type with constraints, becomes a definition here, named after its owner.
Keywords that no Python type can express (`if`, `not`, …) are left out: the models check shape, not all of JSON Schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaError, SchemaValidator, core_schema

from flowgen.backends.python import documentation
from flowgen.backends.python.all_of import parts_of
from flowgen.backends.python.modules import free, target_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flowgen.backends.python.modules import Home, ModuleTypes

Schema = dict[str, Any]

NULLABLE = "x-nullable"
"""Marks a field that may be absent and may be null besides."""

BASE_MODULE = "flowgen_base"
"""Stands for the module of the models' bases until the text is put in its place."""

PYTHON_TYPE = "x-python-type"

OWN_FORMATS = {
    "email": "EmailText",
    "idn-email": "EmailText",
    "hostname": "HostnameText",
    "idn-hostname": "HostnameText",
    "uri": "UriText",
    "iri": "UriText",
    "uri-reference": "UriReferenceText",
    "iri-reference": "UriReferenceText",
}
"""Formats that stay texts, checked by types of ours: pydantic's would rewrite the text, or need another library."""

PYTHON_FORMATS = frozenset({"date-time", "date", "time", "duration", "uuid", "ipv4", "ipv6"})
"""Formats that have a Python type of their own."""

_STRING = ("format", "pattern", "minLength", "maxLength")
_NUMBER = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_ARRAY = ("items", "prefixItems", "minItems", "maxItems")
_OBJECT = ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties")
_BY_TYPE = {"string": _STRING, "integer": _NUMBER, "number": _NUMBER, "array": _ARRAY, "object": _OBJECT}
"""The keywords that say something of one type of JSON only."""

_BOUNDS = frozenset({"minLength", "maxLength", *_NUMBER, "minItems", "maxItems", "minProperties", "maxProperties"})
_IN_PLACE = frozenset({"type", "format", "enum", "const", "$ref", "anyOf", "oneOf", "items", "additionalProperties"})
_KEYWORDS = _IN_PLACE.union(("allOf", "discriminator"), *_BY_TYPE.values())
_SCALARS = (str, int, bool, type(None))


@dataclass(frozen=True, slots=True)
class Default:
    """A default that is made anew each time. `plain`: Python can write it as JSON does, with the right type."""

    value: Any
    plain: bool


@dataclass(slots=True)
class Definitions:
    """What the models are made of.

    `schemas` has a schema a class, by name, in the order of the workflow. `sparse` are those with fields that may be
    absent. `defaults` has, by class and field, the defaults that are no constants in Python; in its schema such a field
    is a required one. `unread` has the patterns that nothing here can read, each with the name of its owner.
    `foreign` are the schemas whose classes are made elsewhere; `homes` has where those that are needed come from, and
    `exported` those of them that the module offers beside its own.
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
    """The definitions of the types of a module, and of the foreign ones that they refer to."""
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
        # Another name of a class stands behind it, so that it needs no quotes.
        for name in [name for name in sources if "$ref" in self.result.schemas[name]]:
            self.result.schemas[name] = self.result.schemas.pop(name)

    def aliased(self, schema: Any, seen: set[str]) -> set[str]:
        """The declared types that a type refers to without a class between them."""
        match schema:
            case {"$ref": str()}:
                target = target_of(schema) or ""
                if target not in seen:
                    seen.add(target)
                    self.aliased(self.sources.get(target, {}), seen)
            case dict() if not _is_record(_single(schema)):
                for key, value in schema.items():
                    if key in _KEYWORDS and key not in ("enum", "const"):
                        self.aliased(value, seen)
            case list():
                for item in schema:
                    self.aliased(item, seen)
            case _:
                pass
        return seen

    def whole(self, name: str, schema: Any) -> Schema:
        """A schema that gets a definition to itself, `name`."""
        made = self.made(name, schema)
        if made.get("properties") and made.get("additionalProperties") is False:
            # The base of all models forbids other fields; only the models that allow them say so.
            del made["additionalProperties"]
        return made | (documentation.of_class if self.is_model(schema) else documentation.of_field)(name, schema)

    def nested(self, owner: str, schema: Any) -> Schema:
        """A schema inside another: in place where Python can write it so, else a reference to a definition."""
        if self.is_null(schema):
            # Not by a name: Python takes `None | None` for an operation on values.
            return {"type": "null"}
        if isinstance(schema, dict):
            schema = _joined(schema)
            union = self.in_recursive_alias and ("anyOf" in schema or "oneOf" in schema)
            if union or not _IN_PLACE.issuperset(_KEYWORDS.intersection(_single(schema))):
                return self.defined(owner, schema)
        return self.field(owner, schema)

    def field(self, owner: str, schema: Any) -> Schema:
        """The schema of a field, which may also have constraints in place."""
        if self.is_null(schema):
            return {"type": "null"}
        schema = _joined(schema) if isinstance(schema, dict) else schema
        if isinstance(schema, dict) and (_is_record(schema) or not _UNFIT_IN_PLACE.isdisjoint(schema)):
            return self.defined(owner, schema)
        return self.made(owner, schema)

    def defined(self, owner: str, schema: Schema) -> Schema:
        name = free(owner, self.taken)
        self.taken.add(name)
        self.result.schemas[name] = {}
        self.result.schemas[name] = self.whole(name, schema)
        return {"$ref": f"#/$defs/{name}"}

    def made(self, owner: str, schema: Any) -> Schema:
        """The schema as the generator gets it. Its inner definitions are named after `owner`."""
        if not isinstance(schema, dict):
            return {}
        schema = _single(_joined(schema))
        if self.is_null(schema):
            return {"type": "null"}
        if "$ref" in schema:
            return {"$ref": schema["$ref"]}
        if "enum" in schema or "const" in schema:
            return self.literal(schema)
        if "allOf" in schema:
            return self.all_of(owner, schema)
        if _is_record(schema):
            return self.record(owner, schema)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema and schema.get("type", "object") == "object":
                return self.union(owner, keyword, schema)
        bounds = _BOUNDS.intersection(_BY_TYPE.get(str(schema.get("type")), ()))
        made = {key: schema[key] for key in schema if key == "type" or key in bounds}
        match schema.get("type"):
            case "array":
                made |= self.array(owner, schema)
            case "object":
                made |= self.mapping(owner, schema)
            case "string" if schema.get("format") in PYTHON_FORMATS:
                # What such a value is like as a text, its own type does not know.
                made = {"type": "string", "format": schema["format"]}
            case "string":
                made |= self.text(owner, schema)
        return made

    def literal(self, schema: Schema) -> Schema:
        members = schema.get("enum", [schema.get("const")])
        if not all(isinstance(member, _SCALARS) and not _is_large(member) for member in members):
            kinds = {_JSON_TYPES[type(member)] for member in members}
            return _single({"type": sorted(kinds)})
        return {"enum": members} if "enum" in schema else {"const": schema["const"]}

    def text(self, owner: str, schema: Schema) -> Schema:
        made: Schema = {}
        kind = schema.get("format")
        if kind in OWN_FORMATS:
            made[PYTHON_TYPE] = f"{BASE_MODULE}.{OWN_FORMATS[kind]}"
        pattern = schema.get("pattern")
        if pattern is not None:
            if _readable(pattern):
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
        if rest is False and len(patterns) == 1 and _readable(next(iter(patterns))):
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
        """The `discriminator` of records that it tells apart, whole: by which value there is which of the options."""
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
        """The texts that a field of a record may be; none if there are others."""
        schema = self.resolved(schema)
        field = schema.get("properties", {}).get(name, {})
        members = field.get("enum", [field["const"]] if "const" in field else []) if isinstance(field, dict) else []
        return members if name in schema.get("required", ()) and all(isinstance(one, str) for one in members) else []

    def is_model(self, schema: Any, depth: int = 0) -> bool:
        """Whether a type becomes a class, by whatever names it is known: only classes can be told apart by a tag."""
        target = target_of(schema)
        if target is not None:
            return depth < _DEEP and self.is_model(self.sources.get(target, {}), depth + 1)
        return isinstance(schema, dict) and ("allOf" in schema or _is_record(schema))

    def all_of(self, owner: str, schema: Schema) -> Schema:
        made = [self.made(owner, part) for part in parts_of(schema, self.sources, self.types.classes)]
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
            made[name] = self.field(f"{owner}{_pascal(name) or 'Field'}", inner) | documentation.of_field(name, inner)
            if name in required:
                needed.append(name)
            elif isinstance(inner, dict) and "default" in inner:
                default = inner["default"]
                plain = self.writable(inner, default)
                if plain and isinstance(default, str | int | float):
                    made[name]["default"] = default
                else:
                    self.result.defaults[owner, name] = Default(default, plain or default is None)
                    needed.append(name)
            else:
                self.result.sparse.add(owner)
                if self.nullable(inner):
                    made[name][NULLABLE] = True
        return {
            "type": "object",
            "properties": made,
            **({"required": needed} if needed else {}),
            "additionalProperties": self.nested(f"{owner}Value", rest) if isinstance(rest, dict) else rest,
        }

    def nullable(self, schema: Any, seen: frozenset[str] = frozenset()) -> bool:
        """Whether null has the type."""
        if not isinstance(schema, dict):
            return bool(schema)
        target = target_of(schema)
        if target is not None:
            return target not in seen and self.nullable(self.sources.get(target, {}), seen | {target})
        if "enum" in schema or "const" in schema:
            return None in schema.get("enum", [schema.get("const", False)])
        if "allOf" in schema:
            return all(self.nullable(part, seen) for part in schema["allOf"])
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return any(self.nullable(option, seen) for option in schema[keyword])
        return "null" in _types(schema)

    def writable(self, schema: Any, value: Any, depth: int = 0) -> bool:
        """Whether a default has its type if it is written in Python as it stands in JSON."""
        if depth > _DEEP or value is None:
            return False
        if not isinstance(schema, dict):
            return True
        target = target_of(schema)
        if target is not None:
            return self.writable(self.sources.get(target, {}), value, depth + 1)
        if "enum" in schema or "const" in schema:
            members = schema.get("enum", [schema.get("const")])
            return isinstance(value, _SCALARS) and any(type(value) is type(one) and value == one for one in members)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return any(self.writable(option, value, depth + 1) for option in schema[keyword])
        if not {"allOf", "prefixItems", "properties", "patternProperties", "required"}.isdisjoint(schema):
            return False
        types = _types(schema)
        kind = _JSON_TYPES[type(value)]
        if kind not in types and not (kind == "integer" and "number" in types):
            return False
        match value:
            case str():
                return schema.get("format") not in PYTHON_FORMATS
            case list():
                return self.all_writable(schema.get("items", True), value, depth + 1)
            case dict():
                rest = schema.get("additionalProperties", True)
                return rest is not False and self.all_writable(rest, value.values(), depth + 1)
            case _:
                return True

    def all_writable(self, schema: Any, items: Collection[Any], depth: int) -> bool:
        """The same for the items of one: type checkers take a list of a text for one of any texts."""
        inner = self.resolved(schema)
        if isinstance(inner, dict) and items:
            types = inner.get("type")
            if not {"enum", "const", "anyOf", "oneOf"}.isdisjoint(inner) or isinstance(types, list):
                return False
            if types == "number" and not all(isinstance(item, float) for item in items):
                return False
        return all(item not in ([], {}) and self.writable(schema, item, depth) for item in items)

    def resolved(self, schema: Any) -> Any:
        """The schema that a name stands for."""
        for _ in range(_DEEP):
            target = target_of(schema)
            if target is None:
                break
            schema = self.sources.get(target, {})
        return schema

    def is_null(self, schema: Any) -> bool:
        inner = self.resolved(schema)
        return isinstance(inner, dict) and (
            inner.get("type") in ("null", ["null"]) or inner.get("enum", [inner.get("const", 0)]) == [None]
        )


_UNFIT_IN_PLACE = frozenset({"allOf", "discriminator", "patternProperties"})
_DEEP = 40
_JSON_TYPES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    list: "array",
    dict: "object",
}


def _is_large(value: Any) -> bool:
    """Whether an integer is none of 64 bits: neither mypy nor pydantic knows such in a Literal."""
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def _types(schema: Schema) -> list[str]:
    """The types of JSON that a schema allows by its own `type`."""
    types = schema.get("type", list(_JSON_TYPES.values()))
    return types if isinstance(types, list) else [types]


def _joined(schema: Schema) -> Schema:
    """The schema with what stands beside a reference put into a part of its own."""
    beside = _KEYWORDS.intersection(schema) - {"$ref", "type", "discriminator"}
    if "$ref" not in schema or not beside:
        return schema
    rest = {key: value for key, value in schema.items() if key in _KEYWORDS and key != "$ref"}
    notes_ = {key: value for key, value in schema.items() if key not in _KEYWORDS}
    return {**notes_, "allOf": [{"$ref": schema["$ref"]}, rest]}


def _single(schema: Schema) -> Schema:
    """The schema with one type at most: several types that have keywords of their own become a union."""
    types = schema.get("type")
    if not isinstance(types, list):
        return schema
    if len(types) == 1:
        return {**schema, "type": types[0]}
    if "enum" in schema or "const" in schema or not _KEYWORDS.intersection(schema) - {"type"}:
        return schema
    shared = {key: value for key, value in schema.items() if key not in _KEYWORDS}
    return shared | {
        "anyOf": [
            {"type": kind, **{key: schema[key] for key in _BY_TYPE.get(kind, ()) if key in schema}} for kind in types
        ]
    }


def _is_record(schema: Schema) -> bool:
    """Whether the schema becomes a class: an object whose fields are known, be there none."""
    if schema.get("type", "object") != "object" or "$ref" in schema:
        return False
    if schema.get("properties") or schema.get("required"):
        return True
    return (
        schema.get("type") == "object"
        and schema.get("additionalProperties") is False
        and not schema.get("patternProperties")
    )


def _pascal(name: str) -> str:
    parts = re.findall(r"[A-Za-z0-9]+", name)
    return "".join(part[:1].upper() + part[1:] for part in parts)


def _readable(pattern: str) -> bool:
    """Whether a pattern can be read by one of the two engines that models use."""
    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            return False
    return True
