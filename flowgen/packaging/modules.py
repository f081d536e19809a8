"""The modules of a project, their imports, and which of them a function's entry point needs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flowgen.diagnostics import Diagnostic, Position, Span, did_you_mean
from flowgen.packaging.imports import Import, imports_of

_LEFT_OUT = frozenset({"__pycache__", "node_modules"})
MAX_MODULE = 4_000_000
"""Maximum size in bytes of a module whose imports are read."""


@dataclass(frozen=True, slots=True, order=True)
class Module:
    """A module of the project. `file` is None for a folder without `__init__.py`; `folder` is set for packages."""

    name: str
    file: Path | None
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """An import and its file."""

    file: Path
    found: Import


@dataclass(frozen=True, slots=True)
class Needed:
    """What a function needs.

    `modules` has modules of the project, `outside` all other top-level modules with one of their imports.
    """

    modules: tuple[Module, ...]
    outside: tuple[tuple[str, Place], ...]
    missing: tuple[Place, ...]
    """Imports of modules that a package of the project does not have."""
    unread: tuple[tuple[Path, SyntaxError | OSError], ...]


@dataclass(slots=True)
class Modules:
    """The modules in a source folder; each is parsed once, on first use."""

    source: Path
    _imports: dict[Path, tuple[Import, ...] | SyntaxError] = field(default_factory=dict)

    def find(self, name: str) -> Module | None:
        """The module with a dotted name; None if the source folder has none."""
        place = self.source.joinpath(*name.split("."))
        init = place / "__init__.py"
        if init.is_file():
            return Module(name, init, place)
        file = place.with_name(f"{place.name}.py")
        if file.is_file():
            return Module(name, file)
        compiled = sorted(place.parent.glob(f"{place.name}.*.so")) if place.parent.is_dir() else []
        if compiled:
            return Module(name, compiled[0])
        return Module(name, None, place) if place.is_dir() and "." not in place.name else None

    def imports(self, module: Module) -> tuple[Import, ...]:
        """What a module imports. Raises SyntaxError, OSError."""
        if module.file is None or module.file.suffix != ".py":
            return ()
        known = self._imports.get(module.file)
        if known is None:
            known = self._imports[module.file] = self._read(module.file, module)
        if isinstance(known, SyntaxError):
            raise known
        return known

    @staticmethod
    def _read(file: Path, module: Module) -> tuple[Import, ...] | SyntaxError:
        if file.stat().st_size > MAX_MODULE:
            return SyntaxError(f"larger than {MAX_MODULE:,} bytes")
        try:
            return imports_of(file.read_bytes(), module.name, is_package=module.folder is not None)
        except SyntaxError as error:
            return error

    def needed(self, names: Iterable[str]) -> Needed:
        """What modules need, including themselves and their packages."""
        found: dict[str, Module] = {}
        outside: dict[str, Place] = {}
        missing: dict[Place, None] = {}
        unread: dict[Path, SyntaxError | OSError] = {}
        waiting = [name for name in names if self.find(name) is not None]
        while waiting:
            name = waiting.pop()
            module = self.find(name)
            if name in found or module is None:
                continue
            found[name] = module
            waiting += [name.rsplit(".", count)[0] for count in range(1, name.count(".") + 1)]
            try:
                imports = self.imports(module)
            except (SyntaxError, OSError) as error:
                unread[module.file or self.source] = error
                continue
            for found_import in imports:
                place = Place(module.file or self.source, found_import)
                inside = list(self._inside(found_import))
                waiting += inside
                top = found_import.module.partition(".")[0]
                if inside and (self.find(found_import.module) is not None):
                    continue
                root = self.find(top)
                if root is None or root.file is None:
                    self._remember(outside, top, place)
                elif not found_import.optional:
                    missing[place] = None
        return Needed(
            tuple(found[name] for name in sorted(found)),
            tuple(sorted(outside.items())),
            tuple(missing),
            tuple(unread.items()),
        )

    @staticmethod
    def _remember(outside: dict[str, Place], top: str, place: Place) -> None:
        """Keeps the first import of a module; a required import replaces an optional one."""
        known = outside.get(top)
        if known is None or (known.found.optional and not place.found.optional):
            outside[top] = place

    def _inside(self, found_import: Import) -> Iterator[str]:
        """The modules of the project that an import may load."""
        parts = found_import.module.split(".")
        for count in range(1, len(parts) + 1):
            name = ".".join(parts[:count])
            if self.find(name) is not None:
                yield name
        base = self.find(found_import.module)
        if base is None or base.folder is None:
            return
        for name in found_import.names:
            if name == "*":
                yield from (f"{found_import.module}.{module}" for module in _modules_in(base.folder))
            elif self.find(f"{found_import.module}.{name}") is not None:
                yield f"{found_import.module}.{name}"

    def everything(self) -> Iterator[Module]:
        """Every module in the source folder."""
        for folder, names, files in os.walk(self.source):
            names[:] = sorted(name for name in names if own_folder(Path(folder) / name))
            parts = Path(folder).relative_to(self.source).parts
            for file in sorted(files):
                if file.endswith(".py"):
                    stem = file.removesuffix(".py")
                    module = ".".join(parts if stem == "__init__" else (*parts, stem))
                    path = Path(folder, file)
                    yield Module(module, path, path.parent if stem == "__init__" else None)


def own_folder(folder: Path) -> bool:
    """Whether a folder may contain code of the project: not a cache, an environment or hidden."""
    return (
        folder.name not in _LEFT_OUT
        and not folder.name.startswith(".")
        and not folder.name.endswith((".egg-info", ".dist-info"))
        and not (folder / "pyvenv.cfg").is_file()
    )


def _modules_in(folder: Path) -> list[str]:
    """The names of the modules directly in a package."""
    return sorted(
        entry.stem
        for entry in folder.iterdir()
        if entry.stem.isidentifier()
        and ((entry.suffix == ".py" and entry.stem != "__init__") or (entry / "__init__.py").is_file())
    )


def place_of(file: str, found: Import) -> Span:
    return Span(file, Position(found.line, found.column), Position(found.line, found.end))


def missing_module(name: str, where: Span, modules: Modules) -> Diagnostic:
    """FG533 for a module that a package of the project does not have."""
    package, _, last = name.rpartition(".")
    names = (module.name.rpartition(".") for module in modules.everything())
    guess = did_you_mean(last, [other for parent, _, other in names if parent == package])
    help_ = f"did you mean `{package}.{guess}`?" if guess else None
    return Diagnostic("FG533", f"the project has no module `{name}`", where, help=help_)
