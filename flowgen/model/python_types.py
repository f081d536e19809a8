"""Types that are the user's Python classes: `{python: shop.models:User}`.

This module does not import the class. It reads the JSON Schema that `flowgen generate` stores in the project.
"""

from __future__ import annotations

import json
import keyword
from typing import Any

from flowgen.model.element import Reading
from flowgen.model.json_schema import (
    DEFINITIONS,
    KEYWORDS,
    SCHEMA_LISTS,
    SCHEMA_MAPS,
    SCHEMAS,
    Embedded,
    Schema,
    embed_document,
    is_shallow,
)
from flowgen.model.leaves import read_text
from flowgen.source import Node


def read_class_name(node: Node, reading: Reading) -> str:
    """A class by its module and name: `shop.models:User` (FG102)."""
    target = read_text(node, reading)
    module, _, name = target.partition(":")
    if not all(_is_identifier(part) for part in (*module.split("."), name)):
        raise reading.refuse(
            "FG102",
            f"`{target}` is not a valid reference to a class",
            node,
            help="write the module and the class: `my_package.models:User`",
        )
    return target


def _is_identifier(part: str) -> bool:
    # ASCII only, because the name is also a file name.
    return part.isidentifier() and part.isascii() and not keyword.iskeyword(part)


def embed_python(owner: str, target: str, node: Node, reading: Reading) -> Embedded:
    """The schema of a class (FG122). Definitions inside it are named after `owner`."""
    text = reading.read_python(target, node.span)
    try:
        schema = None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        schema = None
    if not isinstance(schema, dict) or not is_shallow(schema):
        raise reading.refuse(
            "FG122",
            f"the fields of `{target}` are not known yet",
            node,
            label="the project has no JSON Schema of this class",
            help="run `flowgen generate` to write it",
        )
    return embed_document(owner, known_keywords(schema), node, reading)


def known_keywords(schema: Any) -> Any:
    """The schema without unknown keywords: a class may add any keyword with any value."""
    if not isinstance(schema, dict):
        return schema
    known: Schema = {}
    for word, value in schema.items():
        kinds = KEYWORDS.get(word)
        if kinds is None or (kinds and not isinstance(value, kinds)):
            continue
        if word in (*SCHEMA_MAPS, *DEFINITIONS):
            known[word] = {name: known_keywords(inner) for name, inner in value.items()}
        elif word in SCHEMA_LISTS:
            known[word] = [known_keywords(inner) for inner in value]
        elif word in SCHEMAS:
            known[word] = known_keywords(value)
        else:
            known[word] = value
    return known
