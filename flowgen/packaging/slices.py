"""The part of a generated module that a function needs.

`contracts.py`, `models.py` and the modules of shared types hold the contracts of many functions. A function's zip gets
only the definitions that its code reaches, so that its content does not change with another function's contract.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flowgen.backends.artifacts import GENERATED, header_of
from flowgen.backends.python.runtime_modules import MODULES as RUNTIME
from flowgen.backends.python.text import import_block
from flowgen.packaging.imports import Import
from flowgen.packaging.references import WHOLE

_PROSE = frozenset({"alias", "description", "examples", "pattern", "title"})
"""Arguments of `Field` that never name a type."""

_NOT_SLICED = frozenset({*RUNTIME, GENERATED, "entry_points"})


@dataclass(frozen=True, slots=True)
class Definition:
    """Statements that define one name: their text, and the names that they refer to."""

    text: str
    refers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sliceable:
    """A generated module: its first lines, its definitions and imports by the names that they bind.

    An import is the module as written, the name in it, and the same with absolute modules for other modules to follow.
    """

    docstring: str
    definitions: Mapping[str, Definition]
    imports: Mapping[str, tuple[str, str, Import]]
    future: tuple[str, ...]

    def reached(self, names: Collection[str]) -> set[str]:
        """The names that must be in a slice with these names."""
        known = self.definitions.keys() | self.imports.keys()
        waiting = [*(known if WHOLE in names else known & set(names))]
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.definitions[name].refers & known if name in self.definitions else ()
        return found

    def imports_of(self, names: Collection[str]) -> tuple[Import, ...]:
        """The imports of the slice with these names."""
        return tuple(self.imports[name][2] for name in sorted(self.reached(names) & self.imports.keys()))

    def text(self, names: Collection[str]) -> str:
        """The module with these names, and whatever they refer to. Other definitions do not affect the text."""
        reached = self.reached(names)
        imported: dict[str, set[str]] = {"__future__": set(self.future)}
        for local in reached & self.imports.keys():
            module, name, _ = self.imports[local]
            imported.setdefault(module, set()).add(name if name == local else f"{name} as {local}")
        definitions = [one.text for name, one in self.definitions.items() if name in reached]
        return "\n\n\n".join([f"{self.docstring}\n\n{import_block(imported)}", *definitions]) + "\n"


def sliceable(source: bytes, module: str) -> Sliceable | None:
    """A module that can be sliced, None for any other: it is not generated, was edited, or needs all of its parts."""
    *package, name = module.split(".")
    if package[-1:] != [GENERATED] or name in _NOT_SLICED:
        return None
    try:
        text = source.decode("utf-8")
        header = header_of(text)
        if header is None or not header.intact:
            return None
        tree = ast.parse(header.body)
    except (ValueError, SyntaxError, RecursionError):
        return None
    return _read(tree, header.body.split("\n"), ".".join(package), text.count("\n") - header.body.count("\n"))


def _read(tree: ast.Module, lines: list[str], package: str, above: int) -> Sliceable | None:
    """`above` is how many lines the header has."""
    docstring, *statements = tree.body or [ast.Pass()]
    if not _is_text(docstring):
        return None
    imports: dict[str, tuple[str, str, Import]] = {}
    future: list[str] = []
    parts: dict[str, tuple[list[str], set[str]]] = {}
    last = None
    for statement in statements:
        match statement:
            case ast.ImportFrom(module="__future__", names=names):
                future += [alias.name for alias in names]
            case ast.ImportFrom(module=module, names=names, level=0 | 1 as level):
                absolute = f"{package}.{module}" if level and module else module or package
                end = len(lines[statement.lineno - 1]) + 1
                for alias in names:
                    found = Import(absolute, (alias.name,), statement.lineno + above, 1, end, optional=False)
                    imports[alias.asname or alias.name] = ("." * level + (module or ""), alias.name, found)
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                pass
            case _:
                last = last if _is_text(statement) else _subject(statement)
                if last is None:
                    return None
                texts, refers = parts.setdefault(last, ([], set()))
                texts.append("\n".join(lines[_first_line(statement) - 1 : statement.end_lineno]))
                refers.update(_refers(statement))
    definitions = {name: Definition("\n".join(texts), frozenset(refers)) for name, (texts, refers) in parts.items()}
    return Sliceable("\n".join(lines[: docstring.end_lineno]), definitions, imports, tuple(future))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _subject(statement: ast.stmt) -> str | None:
    """The name that a statement defines or completes."""
    match statement:
        case (
            ast.ClassDef(name=name)
            | ast.FunctionDef(name=name)
            | ast.Assign(targets=[ast.Name(id=name)])
            | ast.AnnAssign(target=ast.Name(id=name))
            | ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name))))
        ):
            return name
        case _:
            return None


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _refers(statement: ast.stmt) -> Iterator[str]:
    """The names in a statement, including those of types in quotes, but not the words of other strings."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name(id=name):
                yield name
            case ast.Constant(value=str(text)):
                yield from re.findall(r"\w+", text)
            case ast.Subscript(value=ast.Name(id="Literal")):
                yield "Literal"
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.keyword(arg=name) if name in _PROSE:
                pass
            case _:
                waiting += ast.iter_child_nodes(node)
