"""What a module's code refers to in other modules, as far as its text shows it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from flowgen.backends.artifacts import GENERATED
from flowgen.packaging.imports import absolute

WHOLE = "*"
"""A wildcard instead of a name: any name of the module."""


@dataclass(slots=True)
class References:
    """Modules and their names that code refers to, without regard to which of them exist.

    `bound` are the dotted names that local names stand for because of imports. `used` are those local names, each with
    the attribute that is used, or `WHOLE` for any other use. `dotted` are longer chains of attributes; `members` are
    the names of `from MODULE import NAME`; `stars` and `modules` are modules that are imported whole.
    """

    bound: dict[str, str] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)
    dotted: set[str] = field(default_factory=set)
    members: set[tuple[str, str]] = field(default_factory=set)
    stars: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)


def references_in(tree: ast.AST, package: str) -> References:
    """The references in a module's code. `package` is the dotted package that relative imports start from."""
    found = References()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    top = alias.name.partition(".")[0]
                    found.bound[alias.asname or top] = alias.name if alias.asname else top
                    if not alias.asname:
                        found.modules.add(alias.name)
            case ast.ImportFrom(names=names):
                module = absolute(node, package)
                for alias in names if module is not None else ():
                    if alias.name == WHOLE:
                        found.stars.add(module or "")
                    else:
                        found.bound[alias.asname or alias.name] = f"{module}.{alias.name}"
                        found.members.add((module or "", alias.name))
            case ast.Constant(value=str(text)) if f".{GENERATED}." in text:
                found.modules.add(text)
            case _:
                pass
    attributes: dict[int, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name) as value, attr=attribute) if name in found.bound:
                attributes[id(value)] = attribute
                found.dotted.add(f"{found.bound[name]}.{attribute}")
            case ast.Attribute():
                found.dotted.add(_dotted(node, found.bound))
            case _:
                pass
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in found.bound:
            attribute = attributes.get(id(node), WHOLE)
            found.used.add((node.id, WHOLE if attribute.startswith("__") else attribute))
    return found


def _dotted(node: ast.expr, bound: Mapping[str, str]) -> str:
    """The dotted name that a chain of attributes stands for, "" for any other expression."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    start = bound.get(node.id, "") if isinstance(node, ast.Name) else ""
    return ".".join([start, *reversed(names)]) if start else ""
