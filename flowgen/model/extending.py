"""`extends`: a record has the fields of its bases, which may be in other files, and its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flowgen.diagnostics import Label, Span
from flowgen.model.element import Reading
from flowgen.model.types import TypeDeclaration
from flowgen.source import Mapping as MappingNode

Schema = dict[str, Any]

_OF_RECORDS = frozenset(
    ("type", "properties", "required", "additionalProperties", "title", "description", "examples", "deprecated")
)

MOST_INHERITED = 100_000
"""Fields that the records of a workflow may inherit in total. A chain of n records can inherit n² fields."""


def with_bases(types: Mapping[str, TypeDeclaration], reading: Reading) -> dict[str, TypeDeclaration]:
    """The types, of which those with bases have all fields (FG109). Unknown bases are left to the check of names."""
    extending = _Extending(types, reading)
    return {name: extending.whole(name) for name in types}


@dataclass(slots=True)
class _Extending:
    types: Mapping[str, TypeDeclaration]
    reading: Reading
    done: dict[str, TypeDeclaration] = field(default_factory=dict)
    inherited: int = 0

    def whole(self, name: str) -> TypeDeclaration:
        """A type with the fields of its bases. The chain of bases is followed without recursion."""
        path = [] if name in self.done else [name]
        while path:
            declared = self.types[path[-1]]
            bases = [(reference, self.itself(reference.name)) for reference in declared.bases]
            reference, base = next(
                ((one, base) for one, base in bases if base in self.types and base not in self.done), (None, "")
            )
            if reference is None:
                self.done[path.pop()] = self._merged(declared) if declared.bases else declared
            elif base in path:
                label = f"`{base}` extends `{declared.name}`" if base != declared.name else ""
                self._tell(reference.span, f"type `{base}` extends itself", label)
                self.done[path.pop()] = replace(declared, bases=())
            else:
                path.append(base)
        return self.done[name]

    def itself(self, name: str) -> str:
        """The type that an alias stands for; the name itself if it is not an alias."""
        for _ in self.types:
            declared = self.types.get(name)
            target = None if declared is None else declared.schema.get("$ref")
            if declared is None or not isinstance(target, str) or declared.schema.keys() - {"$ref", "description"}:
                break
            name = target.removeprefix("#/$defs/")
        return name

    def _merged(self, declared: TypeDeclaration) -> TypeDeclaration:
        properties: Schema = {}
        required: dict[str, None] = {}  # in order
        owners: dict[str, str] = {}
        is_open = False
        for reference in declared.bases:
            base = self.done.get(self.itself(reference.name))
            if base is None:
                continue
            if not _is_record(base.schema):
                message = f"`{declared.name}` cannot extend `{reference.name}`, which is not a record"
                self._tell(reference.span, message, "a base needs `fields`", Label(base.key.span, "declared here"))
                continue
            self.inherited += len(base.schema["properties"])
            if self.inherited > MOST_INHERITED:
                if self.inherited - len(base.schema["properties"]) <= MOST_INHERITED:
                    message = f"the records inherit more than {MOST_INHERITED:,} fields in total"
                    self.reading.tell("FG402", message, reference.span, help="nest records as fields of others instead")
                break
            is_open = is_open or base.schema.get("additionalProperties") is not False
            needed = frozenset(base.schema.get("required", ()))
            for name, schema in base.schema["properties"].items():
                owner = base.inherited.get(name, base.name)
                is_required = name in needed
                if name not in properties:
                    properties[name], owners[name] = schema, owner
                    required |= {name: None} if is_required else {}
                elif owners[name] != owner and (properties[name] != schema or (name in required) != is_required):
                    self._conflict(declared, name, reference.span, owners[name], owner)
        own: Schema = declared.schema.get("properties", {})
        for name, schema in own.items():
            is_required = name in declared.schema.get("required", ())
            if name in owners and (properties[name] != schema or (name in required) != is_required):
                self._conflict(declared, name, _field_span(declared, name), owners[name], None)
            properties.setdefault(name, schema)
            if is_required:
                required[name] = None
        whole: Schema = {
            key: value for key, value in declared.schema.items() if key not in _OF_RECORDS - {"description"}
        }
        whole = {
            "type": "object",
            **whole,
            "properties": properties,
            **({"required": [*required]} if required else {}),
            **({} if is_open else {"additionalProperties": False}),
        }
        return replace(declared, schema=whole, inherited=owners)

    def _conflict(self, declared: TypeDeclaration, name: str, where: Span, first: str, second: str | None) -> None:
        other = f"`{second}`" if second is not None else f"`{declared.name}`"
        label = Label(_field_span(self.types[first], name), f"the field of `{first}`")
        more = () if second is None else (Label(_field_span(self.types[second], name), f"the field of `{second}`"),)
        self.reading.tell(
            "FG109",
            f"the field `{name}` differs between `{first}` and {other}",
            where,
            secondary=(label, *more),
            help="rename one of the fields, or declare both with the same type",
        )

    def _tell(self, where: Span, message: str, label: str, *more: Label) -> None:
        self.reading.tell("FG109", message, where, label=label, secondary=more)


def _is_record(schema: Schema) -> bool:
    return (
        schema.get("type") == "object"
        and "properties" in schema
        and schema.keys() <= _OF_RECORDS
        and schema.get("additionalProperties", True) in (True, False)
    )


def _field_span(declared: TypeDeclaration, name: str) -> Span:
    """The place of a field in a declaration."""
    node = declared.node
    for section in ("fields", "properties"):
        fields = node.get(section) if isinstance(node, MappingNode) else None
        if isinstance(fields, MappingNode):
            entry = fields.entry(name) or fields.entry(f"{name}?")
            if entry is not None:
                return entry.key.span
    return declared.key.span


def own_part(declared: TypeDeclaration) -> Schema:
    """A record with bases as a reference to each base and its own fields, as generated classes inherit."""
    schema = declared.schema
    own = {name: inner for name, inner in schema["properties"].items() if name not in declared.inherited}
    required = [name for name in schema.get("required", ()) if name in own]
    return {
        **{key: value for key, value in schema.items() if key not in ("properties", "required")},
        "allOf": [{"$ref": f"#/$defs/{base.name}"} for base in declared.bases],
        **({"properties": own} if own else {}),
        **({"required": required} if required else {}),
    }
