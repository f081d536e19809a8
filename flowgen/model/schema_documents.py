"""JSON Schema documents: what a `$ref` in a document refers to, and older drafts rewritten as 2020-12.

References are those of JSON Schema 2020-12, 8.2 (Core): URIs that are resolved against the closest `$id`, with a JSON
Pointer (RFC 6901) or an anchor as their fragment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

Schema = dict[str, Any]
Path = tuple[str | int, ...]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OLD = ("draft-04", "draft-06", "draft-07")
_NO_SCHEMAS = frozenset({"enum", "const", "default", "examples", "required", "type"})
"""Keywords whose values contain no schemas."""

_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependencies", "dependentSchemas"})
"""Keywords whose values map names to schemas."""


class Resources:
    """The schemas of a document that a reference can name."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.bases: dict[Path, str] = {(): ""}
        self.resources: dict[str, Path] = {"": ()}
        self.anchors: dict[tuple[str, str], Path] = {}
        self._read(root, (), "")

    def _read(self, schema: Any, path: Path, base: str) -> None:
        if isinstance(schema, list):
            for index, item in enumerate(schema):
                self._read(item, (*path, index), base)
        if not isinstance(schema, dict):
            return
        own, anchor = schema.get("$id"), schema.get("$anchor")
        if isinstance(own, str):
            base = urldefrag(urljoin(base, own)).url
            self.bases[path] = base
            self.resources.setdefault(base, path)
        if isinstance(anchor, str):
            self.anchors[base, anchor] = path
        for keyword, value in schema.items():
            if keyword in _MAPS and isinstance(value, dict):
                for name, inner in value.items():
                    self._read(inner, (*path, keyword, name), base)
            elif keyword not in _NO_SCHEMAS:
                self._read(value, (*path, keyword), base)

    def find(self, place: Path, reference: str) -> Path | None:
        """The path of the schema that a reference at `place` names, None if it is not in this document."""
        base = next(self.bases[place[:size]] for size in range(len(place), -1, -1) if place[:size] in self.bases)
        uri, fragment = urldefrag(reference)
        uri = urljoin(base, uri) if uri else base
        start = self.resources.get(uri)
        if start is None:
            return None
        if fragment and not fragment.startswith("/"):
            return self.anchors.get((uri, fragment))
        found: Path = start
        for part in pointer_parts(fragment):
            inner = self.at(found)
            key: str | int = int(part) if isinstance(inner, list) and part.isdecimal() else part
            found = (*found, key)
        return found if _is_schema(self.at(found)) else None

    def at(self, path: Path) -> Any:
        """The part of the document at a path, None if there is none."""
        found: Any = self.root
        for part in path:
            match found:
                case dict() if part in found:
                    found = found[part]
                case list() if isinstance(part, int) and part < len(found):
                    found = found[part]
                case _:
                    return None
        return found


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def pointer_parts(pointer: str) -> Iterator[str]:
    """The keys in a JSON Pointer that is the fragment of a URI.

    >>> list(pointer_parts("/$defs/a~1b%25"))
    ['$defs', 'a/b%']
    """
    for part in pointer.split("/")[1:]:
        yield unquote(part).replace("~1", "/").replace("~0", "~")


def is_known_dialect(uri: str) -> bool:
    """Whether flowgen reads a dialect, the value of `$schema`."""
    return uri.rstrip("#") == DIALECT or is_old(uri) or "/draft/2019-09/schema" in uri


def is_old(uri: str) -> bool:
    """Whether a dialect is one of the drafts before 2019-09."""
    return any(f"json-schema.org/{draft}/schema" in uri for draft in _OLD)


def modern(schema: Any, dialect: str) -> Any:
    """A schema of an older draft as one of 2020-12 (release notes of 2019-09 and 2020-12, "Migrating")."""
    if isinstance(schema, list):
        return [modern(one, dialect) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made: Schema = {}
    for keyword, value in schema.items():
        if keyword in _MAPS and isinstance(value, dict):
            made[keyword] = {name: _modern_entry(inner, dialect) for name, inner in value.items()}
        else:
            made[keyword] = value if keyword in _NO_SCHEMAS else modern(value, dialect)
    if is_old(dialect) and isinstance(made.get("$ref"), str):
        # Keywords next to `$ref` had no effect.
        return {key: value for key, value in made.items() if key in ("$ref", "title", "description", "definitions")}
    if isinstance(made.get("items"), list):
        made["prefixItems"] = made.pop("items")
        if "additionalItems" in made:
            made["items"] = made["additionalItems"]
    made.pop("additionalItems", None)
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and limit in made:
            made[exclusive] = made.pop(limit)
    dependencies = made.pop("dependencies", None)
    if isinstance(dependencies, dict):
        lists = {name: value for name, value in dependencies.items() if isinstance(value, list)}
        schemas = {name: value for name, value in dependencies.items() if not isinstance(value, list)}
        made |= {"dependentRequired": lists} if lists else {}
        made |= {"dependentSchemas": schemas} if schemas else {}
    return made


def _modern_entry(value: Any, dialect: str) -> Any:
    """An entry of a map: a schema, or a list of names in `dependencies`."""
    return value if isinstance(value, list) else modern(value, dialect)
