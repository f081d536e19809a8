"""Python names for fields whose names by the model generator would be wrong, for its option `aliases`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import count
from keyword import iskeyword
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from flowgen.backends.python.postprocess import alias_of

if TYPE_CHECKING:
    from flowgen.backends.python.schemas import Definitions

_BUILTIN = frozenset({"bool", "dict", "float", "int", "list", "str", "tuple"})
"""Built-in types that annotations use."""


def normalized(schemas: Mapping[str, Any]) -> dict[str, str]:
    """Names for keys that Python would normalize to another name (language reference, "Identifiers": NFKC)."""
    keys: set[str] = set()
    waiting: list[Any] = [schemas]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            keys.update(map(str, value))
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    names: dict[str, str] = {}
    for key in sorted(keys):
        name = normalize("NFKC", key)
        if name != key and name.isidentifier():
            while name in keys or iskeyword(name):
                name += "_"
            keys.add(name)
            names[key] = name
    return names


def hiding(definitions: Definitions) -> dict[str, str]:
    """Names for fields that are called like a built-in type, in models where `postprocess` writes such a type.

    Inside the class, the name would refer to the field. Keys are `MODEL.KEY`.
    """
    with_defaults = {model for model, _ in definitions.defaults}
    found: dict[str, str] = {}
    for model, schema in definitions.schemas.items():
        for part in (schema, *schema.get("allOf", ())):
            if model in with_defaults or isinstance(part.get("additionalProperties"), dict):
                keys = _BUILTIN & part.get("properties", {}).keys()
                found |= {f"{model}.{key}": f"{key}_" for key in sorted(keys)}
    return found


def disambiguate(text: str) -> dict[str, str]:
    """Names for fields whose Python name is the JSON name of another field of the model.

    A model accepts both names, so one value would be read into two fields. Keys are `MODEL.KEY`.
    """
    known: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for line in ast.parse(text).body:
        if isinstance(line, ast.ClassDef):
            # Bases come before the classes that inherit from them.
            known[line.name] = _disambiguated(line, known, names)
    return names


def _disambiguated(model: ast.ClassDef, known: Mapping[str, dict[str, str]], names: dict[str, str]) -> dict[str, str]:
    """The Python names of a class's fields by JSON name, including inherited ones. Adds changed names to `names`."""
    fields = {
        key: name for base in model.bases if isinstance(base, ast.Name) for key, name in known.get(base.id, {}).items()
    }
    inherited = {name: key for key, name in fields.items()}
    own: dict[str, str] = {}
    for line in model.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            alias = alias_of(line.annotation)
            own[line.target.id if alias is None else alias] = line.target.id
    written = set(own.values())
    taken = fields.keys() | own.keys() | inherited.keys() | written
    chosen = {}
    for key, name in own.items():
        if key in fields:
            chosen[key] = fields[key]
        elif key in written and key not in inherited:
            chosen[key] = key
        elif (name != key and name in fields.keys() | own.keys()) or name in inherited:
            chosen[key] = next(other for number in count(1) if (other := f"{name}_{number}") not in taken)
            taken.add(chosen[key])
        else:
            chosen[key] = name
    if chosen != own:
        # All fields of the class: otherwise the generator could give another field a name that is free now.
        names |= {f"{model.name}.{key}": name for key, name in chosen.items() if name != key}
    return fields | chosen
