"""The imports of a Python module, found without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MISSES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
"""Exceptions whose handler makes an import optional."""

_OF_A_MACHINE = frozenset({"version_info", "platform", "system"})
"""Names in conditions on the Python version or operating system: one of the branches never runs on Lambda."""

_IMPORTERS = frozenset({"import_module", "__import__"})


@dataclass(frozen=True, slots=True)
class Import:
    """One import: `module` is absolute and dotted; `names` are those of a `from` import (including `*`).

    `line`, `column` and `end` count from 1, columns in characters. `optional`: the module may be missing, because the
    code catches the failure, or depends on the Python version or operating system.
    """

    module: str
    names: tuple[str, ...]
    line: int
    column: int
    end: int
    optional: bool


def imports_of(source: bytes, module: str, *, is_package: bool) -> tuple[Import, ...]:
    """The imports of a module in order, including those inside functions, except under `if TYPE_CHECKING:`.

    Raises SyntaxError for code that Python cannot parse.
    """
    return imports_in(parsed(source), source, module if is_package else module.rpartition(".")[0])


def parsed(source: bytes) -> ast.Module:
    """The syntax tree of a module. Raises SyntaxError, also for null bytes and code that is nested too deeply."""
    try:
        return ast.parse(source)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or "it is nested too deeply") from error


def imports_in(tree: ast.Module, source: bytes, package: str) -> tuple[Import, ...]:
    """As `imports_of`, for a tree and its source. `package` is where relative imports start. Raises SyntaxError."""
    lines = source.decode("utf-8", "replace").splitlines()
    try:
        return tuple(_found(tree.body, package, lines, optional=False))
    except RecursionError as error:
        raise SyntaxError("nested too deeply") from error


def _found(nodes: Iterable[ast.AST], package: str, lines: list[str], *, optional: bool) -> Iterator[Import]:
    for node in nodes:
        match node:
            case ast.Import():
                for alias in node.names:
                    yield _import(alias.name, (), node, lines, optional=optional)
            case ast.ImportFrom():
                module = absolute(node, package)
                if module is not None:
                    yield _import(module, tuple(alias.name for alias in node.names), node, lines, optional=optional)
            case ast.If(test=test) if _name(test) == "TYPE_CHECKING":
                yield from _found(node.orelse, package, lines, optional=optional)
            case ast.If(test=test) if any(_name(part) in _OF_A_MACHINE for part in ast.walk(test)):
                yield from _found([*node.body, *node.orelse], package, lines, optional=True)
            case ast.With(items=items) if any(_suppresses(item.context_expr) for item in items):
                yield from _found(node.body, package, lines, optional=True)
            case ast.Try() | ast.TryStar():
                caught = optional or any(_lets_miss(handler) for handler in node.handlers)
                yield from _found(node.body, package, lines, optional=caught)
                # The fallback is optional only if an outer handler makes it so.
                others = [
                    *(statement for handler in node.handlers for statement in handler.body),
                    *node.orelse,
                    *node.finalbody,
                ]
                yield from _found(others, package, lines, optional=optional)
            case ast.Call(func=func, args=[ast.Constant(value=str() as name), *_]) if _name(func) in _IMPORTERS:
                if not name.startswith(".") and all(part.isidentifier() for part in name.split(".")):
                    yield _import(name, (), node, lines, optional=optional)
            case _:
                yield from _found(ast.iter_child_nodes(node), package, lines, optional=optional)


def _import(
    module: str, names: tuple[str, ...], node: ast.stmt | ast.expr, lines: list[str], *, optional: bool
) -> Import:
    line = lines[node.lineno - 1] if node.lineno <= len(lines) else ""
    start = len(line.encode()[: node.col_offset].decode("utf-8", "replace"))
    one_line = node.end_lineno == node.lineno and node.end_col_offset is not None
    end = len(line.encode()[: node.end_col_offset].decode("utf-8", "replace")) if one_line else len(line.rstrip())
    return Import(module, names, node.lineno, start + 1, max(end, start + 1) + 1, optional)


def absolute(node: ast.ImportFrom, package: str) -> str | None:
    """The module of a `from` import; None for a relative import beyond the top level, which fails in Python too."""
    if not node.level:
        return node.module
    parts = package.split(".") if package else []
    if node.level > len(parts):
        return None
    return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _lets_miss(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_name(type_) in _MISSES for type_ in types)


def _suppresses(context: ast.expr) -> bool:
    """Whether a context manager is `contextlib.suppress` for failing imports."""
    match context:
        case ast.Call(func=func, args=args) if _name(func) == "suppress":
            return any(_name(argument) in _MISSES for argument in args)
        case _:
            return False
