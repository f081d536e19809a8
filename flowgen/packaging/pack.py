"""The zips of a project's functions: each with what that function needs, and nothing else."""

from __future__ import annotations

import contextlib
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name

from flowgen.diagnostics import Diagnostic, Position, Sink, Span
from flowgen.packaging.distributions import Distribution, File, file_at, pins, reached
from flowgen.packaging.files import Entry, excluded, included, module_entries, unsafe
from flowgen.packaging.installing import Installer, Site
from flowgen.packaging.modules import Modules, Needed, Place, missing_module, place_of
from flowgen.packaging.provided import brought_along
from flowgen.packaging.requirements import PLAIN, Requirements, requirements
from flowgen.packaging.target import Target
from flowgen.packaging.zips import Zip
from flowgen.project import SETTINGS_FILE, Project

UNZIPPED = 250 * 1024 * 1024
"""Bytes, layers included (Lambda developer guide, "Lambda quotas", deployment package)."""
_LARGEST = 4

KEEP = f"cp build/{PLAIN} ."
"""In the project's root, with an output folder of the usual name."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A function that gets a zip. `module` is dotted, that of its entry point; `span` is where its name stands."""

    workflow: str
    function: str
    module: str
    target: Target
    span: Span


@dataclass(frozen=True, slots=True)
class Packed:
    """The zips; `requirements`, a file that would fix the versions that went in; what the project is called."""

    project: str
    zips: tuple[Zip, ...]
    requirements: str


@dataclass(slots=True)
class _Work:
    project: Project
    sink: Sink
    modules: Modules
    known: dict[Path, File] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    """Texts of the files that findings point into."""

    def file(self, entry: Entry) -> File:
        found = self.known.get(entry.path)
        if found is None:
            found = self.known[entry.path] = file_at(entry.path, entry.place)
        return found

    def name(self, file: Path) -> str:
        shown = self.project.relative(file)
        if shown not in self.shown:
            self.shown[shown] = file.read_bytes().decode("utf-8", "replace")
        return shown


def pack(
    project: Project, functions: Sequence[Deployed], installer: Installer, sink: Sink, keep: str = KEEP
) -> tuple[Packed | None, Mapping[str, str]]:
    """The zips of functions, or None where `sink` got an error (FG530-FG538); and the texts that findings point into.

    `keep` is the command that keeps the versions of this time. Raises OSError where the disk refuses.
    """
    work = _Work(project, sink, Modules(project.source_folder))
    extra = included(project, sink)
    named = [name for entry in extra.values() if (name := _module_name(entry))]
    needs = {one: work.modules.needed([one.module, *named]) for one in functions}
    for one, needed in needs.items():
        _unread(work, needed, one.target)
    wanted = requirements(project, sink)
    sites: dict[Target, Site] = {}
    for target in sorted({one.target for one in functions}):
        lines = wanted.lines(target, sink)
        if sink.failed:
            break
        site = installer.site(lines, target, project.root, complete=wanted.lock is not None, sink=sink)
        if site is not None:
            sites[target] = site
            _unlocked(work, wanted, lines, site, keep)
    if sink.failed:
        return None, work.shown
    everywhere = _everywhere(work.modules)
    made = []
    for one, needed in needs.items():
        site = sites[one.target]
        _imports(work, one, needed, site, wanted.origin)
        made.append(_zip(work, one, needed, site, everywhere, extra))
    if sink.failed:
        return None, work.shown
    fixed = pins({target: site.distributions for target, site in sites.items()})
    return Packed(wanted.project_name or project.root.name, tuple(made), fixed), work.shown


def _module_name(entry: Entry) -> str | None:
    if not entry.place.endswith(".py"):
        return None
    parts = entry.place.removesuffix(".py").split("/")
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None


def _unread(work: _Work, needed: Needed, target: Target) -> None:
    for file, error in needed.unread:
        name = work.project.relative(file)
        if isinstance(error, OSError):
            work.sink.add(Diagnostic("FG537", f"`{name}` can't be read: {error.strerror}", None))
            continue
        column = max(error.offset or 1, 1)
        place = Position(error.lineno or 1, column)
        end = Position(
            place.line, max(error.end_offset or 0, column + 1) if error.end_lineno == error.lineno else column + 1
        )
        here = ".".join(map(str, sys.version_info[:2]))
        older = sys.version_info[:2] < tuple(map(int, target.python.split(".")))
        help_ = f"if it is written for {target.runtime}, run flowgen with that Python" if older else None
        work.sink.add(
            Diagnostic(
                "FG534",
                f"`{name}` is no module that Python {here} can read: {error.msg}",
                Span(work.name(file), place, end),
                help=help_,
            )
        )


def _everywhere(modules: Modules) -> frozenset[str]:
    """The top-level names that any module of the project imports."""
    found: set[str] = set()
    for module in modules.everything():
        with contextlib.suppress(SyntaxError, OSError):
            found.update(one.module.partition(".")[0] for one in modules.imports(module))
    return frozenset(found)


def _imports(work: _Work, one: Deployed, needed: Needed, site: Site, origin: str | None) -> None:
    """FG533 for what is imported and nowhere to be found."""
    for place in needed.missing:
        work.sink.add(missing_module(place.found.module, _where(work, one, place), work.modules))
    tops = {top for found in site.distributions for top in found.tops}
    provided = {name.replace("-", "_") for name in work.project.packaging.provided}
    for top, place in needed.outside:
        if place.found.optional or top in tops or top in provided or brought_along(top):
            continue
        where = f"`{origin}`" if origin else f"the `dependencies` of `{SETTINGS_FILE}`"
        work.sink.add(
            Diagnostic(
                "FG533",
                f"`{top}` is imported, and neither a module of the project nor of a dependency",
                _where(work, one, place),
                f"not in `{work.project.source}`, and nothing that {where} {'names' if origin else 'name'} brings it",
                help=f"add what brings `{top}` to the dependencies; if a layer does, name it in `provided` under"
                " `[tool.flowgen.packaging]`",
            )
        )


def _where(work: _Work, one: Deployed, place: Place) -> Span:
    """Where an import stands; one of the entry point, which is generated, stands for the function's `python`."""
    entry_point = work.modules.find(one.module)
    if entry_point is not None and entry_point.file == place.file:
        return one.span
    return place_of(work.name(place.file), place.found)


def _unlocked(work: _Work, wanted: Requirements, lines: Sequence[str], site: Site, keep: str) -> None:
    """FG532 for what was installed and no line names in one version."""
    pinned = {canonicalize_name(found[0]) for line in lines if (found := re.match(r"[\w.-]+(?=.*(?:==|@))", line))}
    loose = [one.name for one in site.distributions if one.name not in pinned]
    if not loose:
        return
    work.shown.update(wanted.texts)
    more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
    # A requirements file is the user's, and not to be written over.
    plain = wanted.origin != SETTINGS_FILE
    work.sink.add(
        Diagnostic(
            "FG532",
            f"nothing fixes the version of `{loose[0]}`{more}: the same code may be packaged otherwise tomorrow",
            wanted.span,
            help=f"name the versions there; those of this time are in `{PLAIN}` of the output folder"
            if plain
            else f"`{keep}` keeps the versions of this time; or lock them, with uv or Poetry",
        )
    )


def _zip(
    work: _Work, one: Deployed, needed: Needed, site: Site, everywhere: frozenset[str], extra: dict[str, Entry]
) -> Zip:
    left_out = excluded(work.project.packaging.exclude)
    outside = {top for top, _ in needed.outside}
    provided = {canonicalize_name(name) for name in work.project.packaging.provided}
    distributions = reached(site.distributions, one.target, outside, everywhere - outside, provided)
    files: dict[str, File] = {}
    paths: dict[str, Path] = {}
    for file in (file for found in distributions for file in found.files):
        if left_out is None or not left_out.fullmatch(file.place):
            files[file.place], paths[file.place] = file, site.folder / file.place
    own = {entry.place: entry for entry in module_entries(needed.modules, work.project.source_folder)} | extra
    for place, entry in sorted(own.items()):
        if left_out is not None and left_out.fullmatch(place):
            continue
        problem = unsafe(entry, work.project.root)
        if problem is not None:
            name = entry.path.relative_to(work.project.root).as_posix()
            message = f"`{name}` can't be packaged: {problem}"
            work.sink.add(Diagnostic("FG537", message, None, help=f'`exclude = ["{place}"]` leaves it out'))
            continue
        files[place] = File(place, 0, "", entry.path.stat().st_size)
        paths[place] = entry.path
    size = sum(file.size for file in files.values())
    if size > UNZIPPED:
        work.sink.add(_too_large(one, size, files, distributions))
        return Zip(one.workflow, one.function, (), {})
    for place, entry in own.items():
        if place in files:
            files[place] = work.file(entry)
    return Zip(one.workflow, one.function, tuple(sorted(files.values())), paths)


def _too_large(
    one: Deployed, size: int, files: Mapping[str, File], distributions: Iterable[Distribution]
) -> Diagnostic:
    owners = {file.place: found.name for found in distributions for file in found.files}
    sizes: Counter[str] = Counter()
    for place, file in files.items():
        sizes[owners.get(place, place)] += file.size
    largest = ", ".join(f"`{name}` {_megabytes(count)}" for name, count in sizes.most_common(_LARGEST))
    return Diagnostic(
        "FG535",
        f"the code of `{one.function}` would have {_megabytes(size)} unzipped; Lambda allows {_megabytes(UNZIPPED)}",
        one.span,
        notes=(f"the largest parts are {largest}", "layers count too"),
        help="leave out what is not needed at run time: `exclude` under `[tool.flowgen.packaging]`",
    )


def _megabytes(size: int) -> str:
    return f"{size / (1024 * 1024):.1f} MB"
