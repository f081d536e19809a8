"""The modules of a project, their imports, and which of them a function's entry point needs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flowgen.diagnostics import Diagnostic, Position, Span, did_you_mean
from flowgen.input_files import read_file
from flowgen.packaging.imports import Import, imports_in, parsed
from flowgen.packaging.references import WHOLE, References, references_in
from flowgen.packaging.slices import Sliceable, sliceable

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

    `modules` has modules of the project, `outside` all other top-level modules with one of their imports. `slices` has
    the texts of generated modules of which the function needs a part, by the modules' names.
    """

    modules: tuple[Module, ...]
    outside: tuple[tuple[str, Place], ...]
    missing: tuple[Place, ...]
    """Imports of modules that a package of the project does not have."""
    unread: tuple[tuple[Path, SyntaxError | OSError], ...]
    slices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Code:
    """What is known of a module: its imports, what it refers to, and its parts if it can be sliced."""

    imports: tuple[Import, ...] = ()
    references: References = field(default_factory=References)
    sliceable: Sliceable | None = None


@dataclass(slots=True)
class Modules:
    """The modules in a source folder; each is parsed once, on first use."""

    source: Path
    _read: dict[Path, _Code | SyntaxError] = field(default_factory=dict)
    _by_name: dict[str, _Code] = field(default_factory=dict)

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
        return self.code(module).imports

    def code(self, module: Module) -> _Code:
        """What is known of a module. Raises SyntaxError, OSError."""
        if module.file is None or module.file.suffix != ".py":
            return _Code()
        known = self._read.get(module.file)
        if known is None:
            known = self._read[module.file] = _code_of(module.file, module)
        if isinstance(known, SyntaxError):
            raise known
        return known

    def _find_code(self, name: str) -> _Code:
        """The code of a module; empty if there is no such module, or it can't be read."""
        known = self._by_name.get(name)
        if known is None:
            module = self.find(name) if name else None
            try:
                known = _Code() if module is None else self.code(module)
            except (SyntaxError, OSError):
                known = _Code()
            self._by_name[name] = known
        return known

    def _sliced(self, name: str) -> str:
        """The module that can be sliced which a dotted name stands for, "" if it stands for anything else."""
        seen: set[str] = set()
        while name and name not in seen:
            seen.add(name)
            if self._find_code(name).sliceable is not None:
                return name
            owner, _, attribute = name.rpartition(".")
            name = self._find_code(owner).references.bound.get(attribute, "") if owner else ""
        return ""

    def _names_used(self, code: _Code) -> Iterator[tuple[str, str]]:
        """The names that code uses of modules that can be sliced."""
        found = code.references
        bound = {local: self._sliced(name) for local, name in found.bound.items()}
        yield from ((bound[local], name) for local, name in found.used)
        yield from found.members
        yield from ((self._sliced(name), WHOLE) for name in found.dotted if name not in found.bound.values())
        yield from ((name, WHOLE) for name in found.modules)
        for star in found.stars:
            yield star, WHOLE
            yield from ((self._sliced(name), WHOLE) for name in self._find_code(star).references.bound.values())
            base = self.find(star)
            if base is not None and base.folder is not None:
                yield from ((f"{star}.{name}", WHOLE) for name in _modules_in(base.folder))

    def needed(self, names: Iterable[str]) -> Needed:
        """What modules need, including themselves and their packages."""
        found: dict[str, Module] = {}
        outside: dict[str, Place] = {}
        missing: dict[Place, None] = {}
        unread: dict[Path, SyntaxError | OSError] = {}
        waiting = [name for name in names if self.find(name) is not None]
        used: dict[str, set[str]] = {name: {WHOLE} for name in waiting}
        done: dict[str, frozenset[str]] = {}
        while waiting:
            name = waiting.pop()
            module, wanted = self.find(name), frozenset(used.get(name, ()))
            if done.get(name) == wanted or module is None:
                continue
            done[name] = wanted
            found[name] = module
            waiting += [name.rsplit(".", count)[0] for count in range(1, name.count(".") + 1)]
            try:
                code = self.code(module)
            except (SyntaxError, OSError) as error:
                unread[module.file or self.source] = error
                continue
            if code.sliceable is None:
                imports, uses = code.imports, self._names_used(code)
            else:
                imports = code.sliceable.imports_of(wanted)
                uses = ((imported.module, inner) for imported in imports for inner in imported.names)
            for target, inner in uses:
                if self._find_code(target).sliceable is not None and inner not in used.setdefault(target, set()):
                    used[target].add(inner)
                    waiting += [target] if target in found else []
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
            {
                name: parts.text(used.get(name, ()))
                for name in sorted(found)
                if (parts := self._find_code(name).sliceable) is not None
            },
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


def _code_of(file: Path, module: Module) -> _Code | SyntaxError:
    """Raises OSError."""
    if file.stat().st_size > MAX_MODULE:
        return SyntaxError(f"larger than {MAX_MODULE:,} bytes")
    source = read_file(file, MAX_MODULE)
    package = module.name if module.folder is not None else module.name.rpartition(".")[0]
    try:
        tree = parsed(source)
        imports = imports_in(tree, source, package)
    except SyntaxError as error:
        return error
    return _Code(imports, references_in(tree, package), sliceable(source, module.name))


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
