"""The documentation in a schema as documentation of models: titles, descriptions, examples, deprecations.

A deprecation is part of the description. `Field(deprecated=…)` would make pydantic warn at every read of the field,
even when it serializes a model, although receivers must read a deprecated field as long as anyone sends it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from flowgen.backends.python.text import literal, prose

Schema = dict[str, Any]

DEPRECATED = "Deprecated."
ROOM = 80
"""Characters for examples; those that do not fit are omitted."""


def of_field(name: str, schema: Any) -> Schema:
    """The documentation of a field, or of a type that is not a class, as JSON Schema for the model generator."""
    title, description = _title(name, schema), _description(schema)
    examples = list(_examples(schema))
    return {
        **({"title": title} if title and not description.startswith(title) else {}),
        **({"description": description} if description else {}),
        **({"examples": examples} if examples else {}),
    }


def of_class(name: str, schema: Any) -> Schema:
    """The documentation of a class, for its docstring. Examples of whole records are omitted."""
    title, description = _title(name, schema), _description(schema)
    if title and not description.startswith(title):
        description = f"{title}\n\n{description}"
    return {"description": description.strip()} if description else {}


def _title(name: str, schema: Any) -> str:
    """The title, unless it only repeats the name, as many tools write it."""
    title = " ".join(prose(str(_get(schema, "title"))).split())
    return "" if _letters(title) == _letters(name) else title


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _description(schema: Any) -> str:
    description = prose(str(_get(schema, "description")))
    if _get(schema, "deprecated") is not True:
        return description
    return description if description.lower().startswith("deprecated") else f"{DEPRECATED} {description}".strip()


def _examples(schema: Any) -> Iterator[Any]:
    room = ROOM
    for example in _get(schema, "examples") or ():
        room -= len(literal(example)) + 2 if _finite(example) else 0
        if room < 0:
            return
        if _finite(example):
            yield example


def _finite(value: Any) -> bool:
    """Whether Python can write a value as a literal."""
    match value:
        case dict():
            return all(map(_finite, value.values()))
        case list():
            return all(map(_finite, value))
        case float():
            return math.isfinite(value)
        case _:
            return True


def _get(schema: Any, keyword: str) -> Any:
    return schema.get(keyword, "") if isinstance(schema, dict) else ""
