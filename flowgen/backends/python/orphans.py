"""Code whose function, or whose workflow, no longer exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowgen.backends.artifacts import GENERATED
from flowgen.diagnostics import Diagnostic, Position, Span, did_you_mean

if TYPE_CHECKING:
    from flowgen.model import Workflow

_IMPORT = re.compile(rf"^from \.{GENERATED}(?:\.\w+)* import ", re.MULTILINE)

Use = ast.Attribute | ast.ImportFrom
"""Where code refers to a contract: `contracts.pay`, or `from .generated.contracts import pay`."""


def orphans(
    workflow: Workflow, files: Mapping[PurePosixPath, str], moved: Mapping[str, PurePosixPath] = MappingProxyType({})
) -> list[Diagnostic]:
    """FG604 for the modules of a workflow's package whose function no longer exists.

    `files` has the texts of the modules in that package, by path; they are not changed. `moved` has the functions whose
    code is in another package, by name, with the path of their module.
    """
    functions = [
        name for name, function in workflow.functions.items() if function.arn is None and function.existing_code is None
    ]
    used = {path: _contracts(path, text) for path, text in sorted(files.items())}
    written = {name for path, names in used.items() if "NotImplementedError" not in files[path] for name in names}
    unwritten = [name for name in functions if name not in written]
    gone = {name for path, names in used.items() for name in names if not _is_of(workflow, name, path)}
    found = []
    for path, names in used.items():
        for name, use in names.items():
            if _is_of(workflow, name, path):
                continue
            only = unwritten[0] if len(unwritten) == len(gone) == 1 else None
            guess = did_you_mean(name, unwritten) or only
            found.append(
                Diagnostic(
                    "FG604",
                    f"`{path}` has the code of `{name}`, which is not a function of the workflow",
                    _span(path, use),
                    help=f"move it to `{moved[name]}`: the function is shared"
                    if name in moved
                    else f"was it renamed to `{guess}`?"
                    if guess
                    else "remove the file, or declare the function",
                )
            )
    return found


def abandoned(files: Mapping[PurePosixPath, str]) -> list[Diagnostic]:
    """FG604 for modules that import generated code from a package without any: their workflow no longer exists."""
    found = []
    for path, text in sorted(files.items()):
        match = _IMPORT.search(text)
        if match:
            line = text.count("\n", 0, match.start()) + 1
            span = Span(path.as_posix(), Position(line, 1), Position(line, len(match[0])))
            message = f"`{path}` has the code of a workflow that no longer exists"
            help_ = "was the workflow renamed? move the file to its package, or remove it"
            found.append(Diagnostic("FG604", message, span, help=help_))
    return found


def _is_of(workflow: Workflow, name: str, path: PurePosixPath) -> bool:
    """Whether a module may have the code of a function: none may if its existing code is in another module."""
    function = workflow.functions.get(name)
    if function is None or function.arn is not None:
        return False
    if function.existing_code is None:
        return True
    module = PurePosixPath(*function.existing_code.partition(":")[0].split("."))
    return path.with_suffix("").parts[-len(module.parts) :] == module.parts


def _contracts(path: PurePosixPath, text: str) -> dict[str, Use]:
    """The functions whose contracts a module uses, each with the first use."""
    if GENERATED not in text:
        return {}
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return {}
    found: dict[str, Use] = {}
    for name, use in _named(tree, path):
        # Names of classes start with a capital: errors, and types of handlers.
        if name[:1].islower():
            found.setdefault(name, use)
    return found


def _named(tree: ast.Module, path: PurePosixPath) -> Iterator[tuple[str, Use]]:
    modules: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=names) if _is_generated(node, path, GENERATED):
                modules.update(one.asname or one.name for one in names if one.name == "contracts")
            case ast.ImportFrom(names=names) if _is_generated(node, path, f"{GENERATED}.contracts"):
                yield from ((one.name, node) for one in names)
            case _:
                pass
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield node.attr, node


def _is_generated(statement: ast.ImportFrom, path: PurePosixPath, name: str) -> bool:
    """Whether an import is from a generated module of the package of `path`."""
    if statement.level:
        return statement.level == 1 and statement.module == name
    package, dot, inner = (statement.module or "").rpartition(f".{name}")
    parts = tuple(package.split("."))
    return bool(dot) and not inner and path.parent.parts[-len(parts) :] == parts


def _span(path: PurePosixPath, use: Use) -> Span:
    start, end = use.col_offset + 1, (use.end_col_offset or 0) + 1
    return Span(path.as_posix(), Position(use.lineno, start), Position(use.end_lineno or use.lineno, end))
