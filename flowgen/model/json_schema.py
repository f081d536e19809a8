"""Reads plain JSON Schema 2020-12 from the workflow or a file, and rewrites every `$ref` to `#/$defs/NAME`."""

from __future__ import annotations

import json
import math
import posixpath
from dataclasses import dataclass, field
from typing import Any

from flowgen.diagnostics import Sink, Span, did_you_mean, replacing
from flowgen.model.element import Reading
from flowgen.model.leaves import pascal_case
from flowgen.model.schema_documents import Resources, is_known_dialect, modern
from flowgen.source import LIMITS, Mapping, Node, Sequence, plain, read

Schema = dict[str, Any]
Path = tuple[str | int, ...]

SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas")
SCHEMAS = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties", "contentSchema"),
)
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
DEFINITIONS = ("$defs", "definitions")
_TYPES = ("string", "integer", "number", "boolean", "null", "object", "array")
KEYWORDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(SCHEMA_MAPS + DEFINITIONS, (dict,)),
    **dict.fromkeys(SCHEMAS, (dict, bool)),
    **dict.fromkeys((*SCHEMA_LISTS, "enum", "required", "examples"), (list,)),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), (int, float)),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        (int,),
    ),
    **dict.fromkeys(("title", "description", "format", "pattern", "$ref", "$id", "$schema", "$comment"), (str,)),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), (bool,)),
    "type": (str, list),
    "discriminator": (dict,),
    "const": (),
    "default": (),
    "$anchor": (str,),
    "dependentRequired": (dict,),
    "minContains": (int,),
    "maxContains": (int,),
    "contentEncoding": (str,),
    "contentMediaType": (str,),
}
"""The keywords of JSON Schema 2020-12 and the types of their values; an empty tuple means any."""

_NOTATION = frozenset(("fields", "extends", "one_of", "python"))
"""Keys of declared types that belong to flowgen and are not keywords."""

NOTES = frozenset(("title", "description", "examples", "deprecated", "default"))
"""Annotation keywords: they do not affect validation."""

_ELSEWHERE = {
    "nullable": "this is OpenAPI 3.0: write `type: [string, 'null']`",
    "dependencies": "write `dependentRequired` or `dependentSchemas`",
    "additionalItems": "write `prefixItems` for the first items and `items` for all others",
    "id": "write `$id`",
    "$dynamicRef": "write `$ref`: references that depend on the referring schema are not supported",
    "$recursiveRef": "write `$ref: '#'`",
}
"""What to write instead of keywords of other dialects."""

_WORDS = {
    dict: "a mapping",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a whole number",
    float: "a number",
}


@dataclass(frozen=True, slots=True)
class Shared:
    """The declaration of a type in another file: the path from the workflow's folder, and the name in that file.

    All workflows that use the file share the type.
    """

    file: str
    name: str


@dataclass(slots=True)
class Embedded:
    """A schema that was read: the types that it names, with their places, and the definitions inside it.

    `shared` has those definitions that are in a separate file.
    """

    schema: Schema
    references: list[tuple[str, Span]] = field(default_factory=list)
    hoisted: dict[str, Schema] = field(default_factory=dict)
    shared: dict[str, Shared] = field(default_factory=dict)
    documents: dict[str, _Document] = field(default_factory=dict)
    """Schema files by their path from the workflow's folder."""


def embed(owner: str, node: Mapping, reading: Reading) -> Embedded:
    """The schema of `node` (FG109). Definitions inside it are named after `owner`, the enclosing type."""
    result = Embedded({})
    result.schema = _Document(owner, plain(node), node, reading, result).converted()
    return result


def embed_document(owner: str, schema: Schema, node: Node, reading: Reading) -> Embedded:
    """A schema from elsewhere that `node` names, read like one in the workflow."""
    result = Embedded({})
    result.schema = _Document(owner, schema, node, reading, result).converted()
    return result


class _Document:
    """One schema document: in the workflow, or in a file."""

    def __init__(
        self,
        owner: str,
        schema: Any,
        node: Node,
        reading: Reading,
        result: Embedded,
        file: str = "",
        prefix: str | None = None,
    ) -> None:
        self.owner, self.schema, self.node, self.reading, self.result = owner, schema, node, reading, result
        self.file, self.prefix = file, owner if prefix is None else prefix
        """The path of a schema file, and the type that the names of types in such files start with."""
        self.in_workflow = isinstance(node, Mapping) and not file
        self.definitions: dict[str, str] = {}
        self.parts: dict[Path, str] = {}
        """The types made of other parts of the document that a `$ref` names."""
        self.resources = Resources(schema)

    def converted(self) -> Schema:
        if not isinstance(self.schema, dict):
            raise self.wrong((), "a schema must be a mapping")
        dialect = self.schema.get("$schema")
        if isinstance(dialect, str):
            if not is_known_dialect(dialect):
                help_ = "use JSON Schema 2020-12, or one of the drafts 4 to 2019-09"
                raise self.wrong(("$schema",), f"unknown dialect of JSON Schema, `{dialect}`", help_)
            if "2020-12" not in dialect:
                self.schema = modern(self.schema, dialect)
                self.resources = Resources(self.schema)
        inner: dict[str, tuple[str, Any]] = {}
        taken: set[str] = set()
        for keyword in DEFINITIONS:
            definitions = self.schema.get(keyword, {})
            if not isinstance(definitions, dict):
                raise self.wrong((keyword,), f"`{keyword}` must be a mapping of names to schemas")
            for name, schema in definitions.items():
                made = f"{self.owner}{pascal_case(name) or 'Definition'}"
                if made in taken:
                    message = f"two definitions result in the same type `{made}`"
                    raise self.wrong((keyword, name), message, "rename one of them", at_key=True)
                taken.add(made)
                self.definitions[name] = made
                inner[name] = (keyword, schema)
        for name, (keyword, schema) in inner.items():
            self.result.hoisted[self.definitions[name]] = {}
            self.result.hoisted[self.definitions[name]] = self.hoisted((keyword, name), schema)
        whole: Schema = self.schema_at((), {key: value for key, value in self.schema.items() if key not in DEFINITIONS})
        return whole

    def hoisted(self, path: Path, schema: Any) -> Schema:
        """A schema that becomes a type, in a form that is not a boolean."""
        made = self.schema_at(path, schema)
        if isinstance(made, bool):
            return {} if made else {"not": {}}
        whole: Schema = made
        return whole

    def schema_at(self, path: Path, schema: Any) -> Any:
        if isinstance(schema, bool):
            return schema if path else {}
        if not isinstance(schema, dict):
            raise self.wrong(path, "a schema must be a mapping, `true` or `false`")
        return {
            keyword: self.keyword((*path, keyword), keyword, value)
            for keyword, value in schema.items()
            if keyword not in ("$schema", "$id", "$comment")
        } | self.reference(path, schema)

    def keyword(self, path: Path, keyword: str, value: Any) -> Any:
        kinds = KEYWORDS.get(keyword)
        if kinds is None:
            if keyword.startswith("x-"):
                return value
            message = f"unknown JSON Schema keyword `{keyword}`"
            help_, new = self.instead_of(keyword, inside=len(path) > 1)
            raise self.wrong(path, message, help_, at_key=True, new=new)
        if kinds == (int,) and isinstance(value, float) and value.is_integer():
            value = int(value)
        if keyword == "items" and isinstance(value, list):
            help_ = "write `prefixItems`, or name the draft: `$schema: http://json-schema.org/draft-07/schema#`"
            raise self.wrong(path, "`items` must be a schema, not a list of schemas", help_)
        if kinds and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
            raise self.wrong(path, f"`{keyword}` must be {' or '.join(_WORDS[kind] for kind in kinds)}")
        if keyword == "type":
            self.check_types(path, value)
        if keyword == "required" and not all(isinstance(item, str) for item in value):
            raise self.wrong(path, "`required` must be a list of names")
        if keyword == "enum" and not value:
            raise self.wrong(path, "`enum` must have at least one member")
        if keyword in SCHEMA_MAPS:
            return {name: self.schema_at((*path, name), schema) for name, schema in value.items()}
        if keyword in SCHEMAS:
            return self.schema_at(path, value)
        if keyword == "discriminator":
            return self.discriminator(value)
        if keyword in SCHEMA_LISTS:
            return [self.schema_at((*path, index), schema) for index, schema in enumerate(value)]
        return value

    def instead_of(self, keyword: str, *, inside: bool) -> tuple[str, str | None]:
        """The help for an unknown keyword, and the probable keyword. `inside`: it is in a nested schema."""
        is_declared = self.in_workflow and not inside
        is_record = is_declared and not any(one in KEYWORDS for one in self.schema)
        if keyword in _ELSEWHERE and not (keyword == "id" and is_record):
            return _ELSEWHERE[keyword], None
        named = "`$ref: '#/$defs/NAME'`" if inside else "its name"
        declared = f"declare a type with `{keyword}`, and write {named} here"
        if keyword == "fields":
            record = "inside a JSON Schema, write `{type: object, properties: …}`"
            return (f"{record}; or {declared}" if self.in_workflow else record), None
        if keyword in _NOTATION and self.in_workflow:
            return declared, None
        guess = did_you_mean(keyword, [*KEYWORDS, *sorted(_NOTATION)] if is_declared else KEYWORDS)
        if is_record and (guess is None or guess.startswith("$")):
            names = ", ".join(f"{name}: …" for name in list(self.schema)[:3])
            return f"put the fields of a type under `fields`: write `{{fields: {{{names}}}}}`", None
        if guess:
            return f"did you mean `{guess}`?", guess

        keywords = "use a keyword of JSON Schema 2020-12"
        return (f"{keywords}, or `fields`" if is_declared else keywords), None

    def discriminator(self, value: Schema) -> Schema:
        """The values of a tag refer to types as in OpenAPI; references within this schema get their names here."""
        variants = value.get("mapping")
        if not isinstance(variants, dict):
            return value
        names = {tag: str(target).rpartition("/")[2] for tag, target in variants.items()}
        return {**value, "mapping": {tag: f"#/$defs/{self.definitions.get(name, name)}" for tag, name in names.items()}}

    def check_types(self, path: Path, value: str | list[Any]) -> None:
        for name in value if isinstance(value, list) else [value]:
            if name not in _TYPES:
                guess = did_you_mean(str(name), _TYPES)
                help_ = f"did you mean `{guess}`?" if guess else None
                new = None if isinstance(value, list) else guess
                raise self.wrong(path, f"unknown JSON Schema type `{name}`", help_, new=new)

    def reference(self, path: Path, schema: Schema) -> Schema:
        target = schema.get("$ref")
        if not isinstance(target, str):
            return {}
        place = (*path, "$ref")
        found = self.resources.find(path, target)
        if found is not None:
            return {"$ref": f"#/$defs/{self.part(found)}"}
        document, _, pointer = target.partition("#")
        if document:
            return {"$ref": f"#/$defs/{self.in_file(place, document, pointer)}"}
        name = pointer.rpartition("/")[2]
        if pointer in (f"/$defs/{name}", f"/definitions/{name}", f"/types/{name}") and self.in_workflow:
            self.result.references.append((name, self.place(place).span))
            return {"$ref": f"#/$defs/{name}"}
        raise self.wrong(
            place,
            f"cannot resolve `{target}`",
            "`$ref` must be `#/$defs/NAME` (in this schema, or a declared type) or a file of the project",
        )

    def part(self, path: Path) -> str:
        """The type of a part of this document."""
        if not path and self.owner:
            if self.file and self.owner not in self.result.hoisted:
                # It allows any value.
                self.result.hoisted[self.owner] = {}
                self.share(self.owner)
            return self.owner
        if len(path) == 2 and path[0] in DEFINITIONS and path[1] in self.definitions:  # noqa: PLR2004 - keyword and name
            return self.definitions[str(path[1])]
        if path not in self.parts:
            words = "".join(pascal_case(str(part)) for part in path if part not in DEFINITIONS)
            made = f"{self.owner}{words or 'Definition'}"
            while made in self.result.hoisted or made in self.definitions.values():
                made += "2"
            self.parts[path] = made
            self.result.hoisted[made] = {}
            self.result.hoisted[made] = self.hoisted(path or ("",), self.resources.at(path))
            if self.file:
                self.share(made)
        return self.parts[path]

    def in_file(self, path: Path, document: str, pointer: str) -> str:
        """The type of a schema in another file, named relative to the file of this document."""
        if ":" in document:
            raise self.wrong(path, "flowgen does not fetch schemas from the network", "keep a copy in the project")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(self.file), document))
        inner = self.result.documents.get(file) or self.read_file(path, file, document)
        found = inner.resources.find((), f"#{pointer}")
        if found is None:
            raise self.wrong(path, f"`{document}` does not define `{pointer}`")
        return inner.part(found)

    def read_file(self, path: Path, file: str, document: str) -> _Document:
        text = self.reading.read_file(file)
        if text is None:
            raise self.wrong(path, f"`{document}` can't be read", "it must be a file inside the project")
        if len(text) > LIMITS.characters:
            raise self.wrong(path, f"`{document}` has {len(text):,} characters; the limit is {LIMITS.characters:,}")
        schema = self.parse(path, document, text)
        if not isinstance(schema, dict):
            raise self.wrong(path, f"`{document}` is not a schema: expected a mapping")
        stem = pascal_case(document.rpartition("/")[2].partition(".")[0])
        name = f"{self.prefix}{stem}"
        if any(other.owner == name for other in self.result.documents.values()):
            raise self.wrong(path, f"two files result in the same type `{name}`", "rename one of them")
        inner = _Document(name, schema, self.place(path), self.reading, self.result, file, self.prefix)
        self.result.documents[file] = inner
        self.result.hoisted[name] = {}
        self.result.hoisted[name] = whole = inner.converted()
        # A file with only `$defs` does not define a type itself.
        if whole.keys() - NOTES:
            inner.share(name)
        else:
            del self.result.hoisted[name]
        for made in inner.definitions.values():
            inner.share(made)
        return inner

    def share(self, made: str) -> None:
        """All workflows that use this file share the type `made`."""
        file = posixpath.normpath(posixpath.join(posixpath.dirname(self.reading.source), self.file))
        self.result.shared[made] = Shared(file, made.removeprefix(self.prefix))

    def parse(self, path: Path, document: str, text: str) -> Any:
        if not document.endswith((".yaml", ".yml")):
            try:
                schema = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
            except (ValueError, RecursionError) as error:
                raise self.wrong(path, f"`{document}` is not JSON: {error}") from None
            if not is_shallow(schema):
                raise self.wrong(path, f"`{document}` is nested deeper than {LIMITS.depth} levels")
            return schema
        sink = Sink()
        root = read(document, text, sink)
        self.reading.sink.extend(sink)
        if root is None:
            raise self.wrong(path, f"`{document}` is not YAML")
        return plain(root)

    def place(self, path: Path, *, at_key: bool = False) -> Node:
        """The node at a path; for a schema in a file, the `$ref` that names the file."""
        node = self.node
        for part in path:
            if isinstance(node, Mapping) and isinstance(part, str):
                entry = node.entry(part)
                if entry is None:
                    return node
                node = entry.key if at_key and part is path[-1] else entry.value
            elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
                node = node.items[part]
        return node

    def wrong(
        self,
        path: Path,
        message: str,
        help_: str | None = None,
        *,
        at_key: bool = False,
        new: str | None = None,
    ) -> Exception:
        inside = "" if self.in_workflow or not path else f" (at `#/{'/'.join(str(part) for part in path)}` of the file)"
        where = self.place(path, at_key=at_key)
        fix = replacing(where.span, new if self.in_workflow else None)
        return self.reading.refuse("FG109", message + inside, where, help=help_, fix=fix)


def _no_constant(name: str) -> None:
    raise ValueError(f"`{name}` is not valid JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"`{text}` is too large for a number")
    return number


def is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(LIMITS.depth):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return not any(isinstance(value, dict | list) for value in level)
