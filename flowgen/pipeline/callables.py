"""Checks that the callables named by functions (`python: shop.mail:send`) exist and fit, by parsing the code.

Nothing is imported. What only running the code would show is not checked: modules of installed packages, names from
`from x import *` or from code that changes its own module, and inherited attributes.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flowgen.backends.artifacts import GENERATED, SHARED_PACKAGE
from flowgen.diagnostics import Diagnostic, did_you_mean
from flowgen.input_files import read_file
from flowgen.model import Workflow
from flowgen.model.shared_functions import shared_functions
from flowgen.pipeline.signatures import misfit
from flowgen.project import Project
from flowgen.up_to_date import COMPILED

_Bound = Mapping[str, list[ast.AST]]
"""The names that code binds, each with the nodes that bind it."""

_INIT = "__init__.py"
_EVERYTHING = "*"

_CHANGING = frozenset({"exec", "globals", "locals", "setattr", "vars"})
"""Functions that may bind a name that is not in the code."""

_CHANGED = frozenset({"__dict__", "modules"})
"""Attributes through which code accesses the names of a module, or replaces the module (`sys.modules`)."""


@dataclass(frozen=True, slots=True)
class _Missing:
    """A message about the missing part, and the target that was probably meant."""

    message: str
    meant: str | None = None


@dataclass(frozen=True, slots=True)
class _Code:
    """The function that a target names, and its module."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    module: ast.Module
    in_class: bool


@dataclass(frozen=True, slots=True)
class _Module:
    tree: ast.Module
    bound: _Bound


class Callables:
    """The modules of projects, each read when a function first names it."""

    def __init__(self) -> None:
        self._known: dict[Path, _Module | None] = {}

    def problems(
        self, workflow: Workflow, project: Project, others: Callable[[], Iterable[Workflow]]
    ) -> Iterator[Diagnostic]:
        """FG603 for each function whose `python` or `handler` does not exist, or can't be called with its contract.

        `others` returns the workflows of the project, because their stubs may be named before they are generated.
        """
        for name, function in workflow.functions.items():
            target = function.existing_code
            if target is None:
                continue
            try:
                found = self._find(target, workflow, project)
            except OSError:  # a name that no file can have, a folder that can't be looked into
                continue
            where, label = (
                function.span_of("python" if function.handler is None else "handler"),
                f"the code of `{name}`",
            )
            if isinstance(found, _Code):
                problem = misfit(
                    function, found.node, in_class=found.in_class, types=workflow.types, module=found.module
                )
                if problem is not None:
                    yield Diagnostic("FG603", problem.message, where, label, help=problem.help)
            elif found is not None and not _is_made(target, (workflow, *others()), project):
                help_ = f"did you mean `{found.meant}`?" if found.meant else None
                yield Diagnostic("FG603", found.message, where, label, help=help_)

    def _find(self, target: str, workflow: Workflow, project: Project) -> _Missing | _Code | None:
        """The missing part of `target`, or its code; None if it exists in another form or cannot be determined."""
        module, _, attributes = target.partition(":")
        folder, parts = project.source_folder, module.split(".")
        for index, part in enumerate(parts):
            place, file = folder / part, folder / f"{part}.py"
            # A folder without `__init__.py` is whole only inside a package, or where generating puts one.
            whole = index > 0 or part == project.package_of(workflow.name).partition(".")[0]
            name = ".".join(parts[: index + 1])
            if (place / _INIT).is_file():
                folder = place
            elif file.is_file():
                if name == module:
                    return self._unbound(file, module, attributes, project)
                return _Missing(f"there is no module `{module}` in `{project.source}`: `{name}` is not a package")
            elif whole and place.is_dir():
                folder = place
            elif index == 0 or self._may_have(folder, part, project):
                return None
            else:
                guess = did_you_mean(part, _modules_in(folder))
                meant = ".".join([*parts[:index], guess, *parts[index + 1 :]]) if guess else None
                message = f"there is no module `{name}` in `{project.source}`"
                return _Missing(message, f"{meant}:{attributes}" if meant else None)
        if _is_module(folder, attributes.partition(".")[0]):
            return None
        return self._unbound(folder / _INIT, module, attributes, project)

    def _may_have(self, package: Path, name: str, project: Project) -> bool:
        """Whether a package may have a module without source code there: a compiled one, or from its own `__path__`."""
        init = self._module(package / _INIT, project) if (package / _INIT).exists() else None
        compiled = any(found.suffix in COMPILED for found in package.glob(f"{name}.*"))
        return compiled or (init is not None and "__path__" in init.bound)

    def _unbound(self, file: Path, module: str, attributes: str, project: Project) -> _Missing | _Code | None:
        read = self._module(file, project)
        if read is None:
            return None
        bound, owner = read.bound, ""
        for name in attributes.split("."):
            nodes = bound.get(name)
            if nodes is None:
                if not _is_all(read, name, in_class=bool(owner)):
                    return None
                guess = did_you_mean(name, bound)
                rest = attributes.removeprefix(f"{owner}{name}")
                what = f"`{owner[:-1]}` in `{module}`" if owner else f"`{module}`"
                return _Missing(f"{what} has no `{name}`", f"{module}:{owner}{guess}{rest}" if guess else None)
            match nodes:
                case [ast.ClassDef(bases=[], keywords=[], decorator_list=[], body=body)]:
                    bound, owner = _bound(body), f"{owner}{name}."
                case [ast.FunctionDef() | ast.AsyncFunctionDef() as node] if f"{owner}{name}" == attributes:
                    return _Code(node, read.tree, in_class=bool(owner))
                case _:
                    return None
        return None

    def _module(self, file: Path, project: Project) -> _Module | None:
        """A module's code; None if it cannot be read, or if it is a link to outside the source folder."""
        if file not in self._known:
            inside = file.resolve().is_relative_to(project.source_folder.resolve())
            self._known[file] = _parsed(file) if inside else None
        return self._known[file]


def _parsed(file: Path) -> _Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what the code has in its texts; it is not for who checks a workflow
            tree = ast.parse(read_file(file))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _Module(tree, _bound(tree.body))


def _bound(body: Iterable[ast.AST]) -> _Bound:
    """The names that code binds in its own scope, on any path through it."""
    found: dict[str, list[ast.AST]] = {}
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        inner = ast.iter_child_nodes(node)
        name: str | None = None
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                # What it is decorated with, and its defaults, belong to the scope around it.
                name, inner = node.name, (child for child in inner if not isinstance(child, ast.stmt))
            case ast.Name(ctx=ast.Store()):
                name = node.id
            case ast.alias():
                name = node.asname or node.name.partition(".")[0]
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar():
                name = node.name
            case ast.MatchMapping():
                name = node.rest
        if name is not None:
            found.setdefault(name, []).append(node)
        waiting += inner
    return found


def _is_all(module: _Module, name: str, *, in_class: bool) -> bool:
    """Whether a name that is not bound in its scope cannot exist for other reasons."""
    if in_class and hasattr(type, name):
        return False
    if _EVERYTHING in module.bound or "__getattr__" in module.bound or name.startswith("__"):
        return False
    for node in ast.walk(module.tree):
        match node:
            case ast.Global() if name in node.names:
                return False
            case ast.Name() if node.id in _CHANGING:
                return False
            case ast.Attribute() if node.attr in _CHANGED or (node.attr == name and isinstance(node.ctx, ast.Store)):
                return False
    return True


def _is_made(target: str, workflows: Iterable[Workflow], project: Project) -> bool:
    """Whether `flowgen generate` creates a module, so that it may be missing before."""
    from flowgen.backends.python.modules import module_name

    module = target.partition(":")[0]
    if GENERATED in module.split("."):
        return True
    for workflow in workflows:
        package, shared = project.package_of(workflow.name), shared_functions(workflow)
        libraries = {name: f"{project.package_of(SHARED_PACKAGE)}.{module_name(file)}" for name, file in shared.items()}
        stubs = {
            f"{libraries.get(name, package)}.{name}"
            for name, function in workflow.functions.items()
            if function.existing_code is None
        }
        if module in stubs and not project.source_folder.joinpath(*module.split(".")).with_suffix(".py").exists():
            return True
    return False


def _modules_in(folder: Path) -> list[str]:
    return sorted({place.stem for place in folder.iterdir() if _is_module(folder, place.stem)} - {"__init__"})


def _is_module(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").is_file() or (folder / name / _INIT).is_file()
