"""Types: the shorthand `fields`, tagged unions, type expressions and plain JSON Schema; all become JSON Schema 2020-12.

In the schemas a declared type is `{"$ref": "#/$defs/NAME"}`.
"""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from flowgen.diagnostics import Span
from flowgen.model.accepts import mapping, ref
from flowgen.model.element import Read, Reading, Unread, labelled
from flowgen.model.json_schema import Embedded, Shared, embed
from flowgen.model.leaves import PASCAL, check_type_name, pascal_case, read_text
from flowgen.model.python_types import embed_python, read_class_name
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of, plain
from flowgen.types import NotationFailure, Primitive, TypeExpression, WithDefault, names_in, parse, schema_of

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TypeReference:
    """The use of a declared type's name."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class TypeUse:
    """The use of a type: its schema, and its expression if it was written as one."""

    schema: Schema
    expression: TypeExpression | None
    node: Node | None = field(default=None, compare=False, repr=False)
    references: tuple[TypeReference, ...] = field(default=(), compare=False)
    hoisted: tuple[tuple[str, Schema], ...] = ()
    shared: tuple[tuple[str, Shared], ...] = field(default=(), compare=False)
    """The hoisted definitions that are in a separate file."""


ANY = TypeUse({}, Primitive("any"))


@dataclass(frozen=True, slots=True)
class Variant:
    """One member of a tagged union: the value of the tag, and the type."""

    tag: str
    type: str
    span: Span


@dataclass(frozen=True, slots=True)
class TypeDeclaration:
    """A named type. `expression` is set if the type is an alias for a type expression.

    `shared` is set if another file declares the type; `python` is the name of the class if it is a user's class.
    """

    name: str
    schema: Schema
    key: Scalar = field(compare=False, repr=False)
    node: Node = field(compare=False, repr=False)
    references: tuple[TypeReference, ...] = field(default=(), compare=False)
    expression: TypeExpression | None = None
    tag: str | None = None
    variants: tuple[Variant, ...] = ()
    derived: bool = False
    """Whether the type comes from the `$defs` of another type's schema."""
    shared: Shared | None = None
    python: str | None = None
    bases: tuple[TypeReference, ...] = ()
    """The types that the record extends."""
    inherited: Mapped[str, str] = field(default_factory=dict, compare=False)
    """The fields of the bases, each with the type that declares it."""


def read_type_use(node: Node, reading: Reading) -> TypeUse:
    """The use of a type: an expression, or an inline schema."""
    if isinstance(node, Scalar):
        tree = _notation(node, reading, default_allowed=False)
        return TypeUse(schema_of(tree), tree, node, _references(tree, node))
    found = _schema(node, reading, "")
    hoisted, shared = tuple(found.hoisted.items()), tuple(found.shared.items())
    return TypeUse(found.schema, None, node, tuple(found.references), hoisted, shared)


TYPE = ref("type")
TypeUseField = Annotated[TypeUse, Read(read_type_use, accepts=TYPE)]


def read_types(node: Node, reading: Reading) -> dict[str, TypeDeclaration]:
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`types` must be a mapping of names to types, not {kind_of(node)}", node)
    types: dict[str, TypeDeclaration] = {}
    complete = True
    for entry in node.entries:
        try:
            name = check_type_name(entry.key, reading, "a type")
            declared = _declaration(name, entry.key, entry.value, reading)
        except Unread:
            complete = False
            continue
        for declaration in declared:
            first = types.setdefault(declaration.name, declaration)
            if first is not declaration:
                complete = False
                reading.tell(
                    "FG205",
                    f"two types result in the same name `{declaration.name}`",
                    declaration.key,
                    label="the second",
                    secondary=labelled(first.key, "the first"),
                    help="the name of a type in `$defs` is prefixed with the name of the enclosing type",
                )
    if not complete:
        raise Unread
    return types


TypesField = Annotated[
    dict[str, TypeDeclaration],
    Read(
        read_types,
        "The types that steps and functions exchange, by name.",
        accepts=mapping(ref("type_declaration"), PASCAL),
    ),
]


def _declaration(name: str, key: Scalar, node: Node, reading: Reading) -> list[TypeDeclaration]:
    here = Shared(reading.source, name) if reading.source else None
    if isinstance(node, Scalar):
        tree = _notation(node, reading, default_allowed=False)
        return [TypeDeclaration(name, schema_of(tree), key, node, _references(tree, node), tree, shared=here)]
    if isinstance(node, Mapping) and node.get("one_of") is not None:
        return [replace(_tagged_union(name, key, node, reading), shared=here)]
    target = None
    if isinstance(node, Mapping) and node.get("python") is not None:
        target, found = _class(node, reading, name)
    else:
        found = _schema(node, reading, name, declared=True)
    bases = tuple(found.bases)
    references = (*bases, *found.references)
    whole = TypeDeclaration(name, found.schema, key, node, references, shared=here, python=target, bases=bases)
    return [
        whole,
        *(
            TypeDeclaration(
                inner, schema, key, node, derived=True, shared=found.shared.get(inner, _beside(here, inner))
            )
            for inner, schema in found.hoisted.items()
        ),
    ]


def _beside(here: Shared | None, name: str) -> Shared | None:
    return None if here is None else Shared(here.file, name)


def _class(node: Mapping, reading: Reading, owner: str) -> tuple[str, _Found]:
    """A type that is a user's class: its name, and its stored schema."""
    for entry in node.entries:
        if entry.key.text not in ("python", "description"):
            raise reading.refuse("FG101", f"a type with `python` has no key `{entry.key.text}`", entry.key)
    named = node.get("python")
    assert named is not None  # noqa: S101 - it is what brought us here
    target = read_class_name(named, reading)
    embedded = embed_python(owner, target, named, reading)
    description = node.get("description")
    if description is not None:
        embedded.schema["description"] = read_text(description, reading)
    return target, _Found(embedded.schema, [], embedded.hoisted)


@dataclass(slots=True)
class _Found:
    schema: Schema
    references: list[TypeReference]
    hoisted: dict[str, Schema]
    shared: dict[str, Shared] = field(default_factory=dict)
    bases: tuple[TypeReference, ...] = ()


def _schema(node: Node, reading: Reading, owner: str, *, declared: bool = False) -> _Found:
    extends = node.get("extends") if isinstance(node, Mapping) else None
    if extends is not None and not declared:
        message = "`extends` is only allowed for types that are declared under `types`"
        raise reading.refuse("FG109", message, extends, help="declare the type under `types`, and use its name here")
    if isinstance(node, Mapping) and (node.get("fields") is not None or extends is not None):
        return _record(node, reading, owner)
    if isinstance(node, Sequence):
        return _Found(_enumeration(node, reading), [], {})
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"a type must be a mapping or a type expression, not {kind_of(node)}", node)
    embedded: Embedded = embed(owner, node, reading)
    references = [TypeReference(name, span) for name, span in embedded.references]
    return _Found(embedded.schema, references, embedded.hoisted, embedded.shared)


def _enumeration(node: Sequence, reading: Reading) -> Schema:
    if not node.items:
        raise reading.refuse("FG109", "an enumeration must have at least one member", node)
    members = [plain(item) for item in node.items]
    for item in node.items:
        if not isinstance(item, Scalar):
            raise reading.refuse(
                "FG109", f"a member of an enumeration must be a string or number, not {kind_of(item)}", item
            )
    seen: set[tuple[type, Any]] = set()
    for item, member in zip(node.items, members, strict=True):
        if (type(member), member) in seen:
            raise reading.refuse("FG109", f"`{member}` is listed twice in this enumeration", item)
        seen.add((type(member), member))
    return {"const": members[0]} if len(members) == 1 else {"enum": members}


_RECORD_KEYS = ("fields", "description", "extends")


def _bases(node: Node, reading: Reading) -> tuple[TypeReference, ...]:
    """The names of the types that a record extends: a list, or a single name (FG102, FG109)."""
    items = node.items if isinstance(node, Sequence) else (node,)
    if not items:
        raise reading.refuse("FG102", "the list of bases is empty", node, help="write `extends: [Base]`")
    bases: list[TypeReference] = []
    for item in items:
        name = read_text(item, reading)
        if any(base.name == name for base in bases):
            raise reading.refuse("FG109", f"`{name}` is listed twice under `extends`", item)
        bases.append(TypeReference(name, item.span))
    return tuple(bases)


def _record(node: Mapping, reading: Reading, owner: str) -> _Found:
    for entry in node.entries:
        if entry.key.text not in _RECORD_KEYS:
            raise reading.refuse(
                "FG101",
                f"a type with `fields` has no key `{entry.key.text}`",
                entry.key,
                help="the keys are `fields`, `extends` and `description`; for more, use JSON Schema with `properties`",
            )
    fields, extends = node.get("fields"), node.get("extends")
    bases = () if extends is None else _bases(extends, reading)
    if fields is None:  # a record with bases need not have fields of its own
        fields = Mapping(node.origin, node.start, node.end, ())
    if not isinstance(fields, Mapping):
        raise reading.refuse("FG102", f"`fields` must be a mapping of names to types, not {kind_of(fields)}", fields)
    result = _Found({}, [], {}, bases=bases)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for entry in fields.entries:
        optional = entry.key.text.endswith("?")
        name = entry.key.text.removesuffix("?")
        if not name or name in properties:
            problem = f"the field `{name}` is declared twice" if name else "a field needs a name"
            raise reading.refuse("FG002" if name else "FG107", problem, entry.key)
        properties[name] = _field(entry.value, reading, f"{owner}{pascal_case(name)}", result)
        if not optional and "default" not in properties[name]:
            required.append(name)
    description = node.get("description")
    result.schema = {
        "type": "object",
        **({} if description is None else {"description": read_text(description, reading)}),
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }
    return result


def _field(node: Node, reading: Reading, owner: str, result: _Found) -> Schema:
    if isinstance(node, Scalar):
        tree = _notation(node, reading, default_allowed=True)
        result.references.extend(_references(tree, node))
        schema = schema_of(tree)
        if isinstance(tree, WithDefault):
            _check_default(schema, tree.default, node, reading)
        return schema
    found = _schema(node, reading, owner)
    result.references.extend(found.references)
    result.hoisted.update(found.hoisted)
    result.shared.update(found.shared)
    return found.schema


_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "object": (dict,),
    "array": (list,),
}


def _check_default(schema: Schema, default: Any, node: Scalar, reading: Reading) -> None:
    wanted = _JSON_TYPES.get(schema.get("type", ""))
    if wanted is None or (isinstance(default, wanted) and (bool in wanted or not isinstance(default, bool))):
        return
    raise reading.refuse("FG108", f"the default `{default}` is not of type {schema['type']}", node)


def _tagged_union(name: str, key: Scalar, node: Mapping, reading: Reading) -> TypeDeclaration:
    for entry in node.entries:
        if entry.key.text not in ("one_of", "tag", "description"):
            raise reading.refuse("FG101", f"a tagged union has no key `{entry.key.text}`", entry.key)
    members, tag = node.get("one_of"), node.get("tag")
    if tag is None:
        raise reading.refuse(
            "FG103", "a tagged union needs the key `tag`, the field that distinguishes its members", key
        )
    if not isinstance(members, Mapping) or not members.entries:
        raise reading.refuse("FG102", "`one_of` must be a mapping of the tag's values to types", members or node)
    variants = tuple(
        Variant(entry.key.text, read_text(entry.value, reading), entry.value.span) for entry in members.entries
    )
    description = node.get("description")
    field_name = read_text(tag, reading)
    schema: Schema = {
        **({} if description is None else {"description": read_text(description, reading)}),
        "oneOf": [{"$ref": f"#/$defs/{variant.type}"} for variant in variants],
        "discriminator": {
            "propertyName": field_name,
            "mapping": {variant.tag: f"#/$defs/{variant.type}" for variant in variants},
        },
    }
    references = tuple(TypeReference(variant.type, variant.span) for variant in variants)
    return TypeDeclaration(name, schema, key, node, references, tag=field_name, variants=variants)


def _notation(node: Scalar, reading: Reading, *, default_allowed: bool) -> TypeExpression:
    if node.value is not None and not isinstance(node.value, str):
        raise reading.refuse("FG102", f"expected a type, found {kind_of(node)}", node)
    tree = parse(node.text, default_allowed=default_allowed)
    if isinstance(tree, NotationFailure):
        raise reading.refuse("FG108", tree.message, node.part(tree.start, tree.end), help=tree.help)
    return tree


def _references(tree: TypeExpression, node: Scalar) -> tuple[TypeReference, ...]:
    return tuple(TypeReference(named.name, node.part(named.start, named.end)) for named in names_in(tree))
