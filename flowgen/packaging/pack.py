"""Makes the zips of a project's functions, each with only what the function needs."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name

from flowgen.diagnostics import Diagnostic, Position, Sink, Span
from flowgen.environments.toml_positions import place_of as place_of_key
from flowgen.input_files import read_file
from flowgen.packaging.bytecode import Compiler, CompilingError, Python, finding
from flowgen.packaging.contents import Content, Deployed, fits, with_bytecode
from flowgen.packaging.distributions import File, file_at, pins, reached
from flowgen.packaging.files import Entry, excluded, included, kept_slice, module_entries, unsafe
from flowgen.packaging.installing import Installer, Site
from flowgen.packaging.lambda_runtime_modules import always_available
from flowgen.packaging.modules import Modules, Needed, Place, missing_module, place_of
from flowgen.packaging.requirements import PLAIN, Requirements, requirements
from flowgen.packaging.target import Target
from flowgen.packaging.zips import Zip
from flowgen.project import SETTINGS_FILE, Project

KEEP = f"cp build/{PLAIN} ."
"""The command that pins the installed versions, for the default output folder."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The zips, the name of the project, and a requirements file that pins the installed versions."""

    project: str
    zips: tuple[Zip, ...]
    requirements: str


@dataclass(slots=True)
class _Work:
    project: Project
    sink: Sink
    modules: Modules
    cache: Path
    known: dict[Path, File] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    """Texts of the files that diagnostics point into."""

    def file(self, entry: Entry) -> File:
        found = self.known.get(entry.path)
        if found is None:
            found = self.known[entry.path] = file_at(entry.path, entry.place)
        return found

    def name(self, file: Path) -> str:
        shown = self.project.relative(file)
        if shown not in self.shown:
            self.shown[shown] = read_file(file).decode("utf-8", "replace")
        return shown


def pack(
    project: Project,
    functions: Sequence[Deployed],
    installer: Installer,
    compiler: Compiler,
    sink: Sink,
    keep: str = KEEP,
) -> tuple[Packed | None, Mapping[str, str]]:
    """The zips of functions, or None after an error (FG530-FG539), and the texts that diagnostics point into.

    `keep` is the command that pins the installed versions. Raises OSError for an error of the disk, and
    `zips.ChangedError` for a module that changes meanwhile.
    """
    work = _Work(project, sink, Modules(project.source_folder), installer.cache / "modules")
    extra = included(project, sink)
    named = [name for entry in extra.values() if (name := _module_name(entry))]
    needs = {function: work.modules.needed([function.module, *named]) for function in functions}
    for function, needed in needs.items():
        _unread(work, needed, function.target)
    pythons = _pythons(work, functions, compiler)
    wanted = requirements(project, sink)
    sites: dict[Target, Site] = {}
    for target in sorted({function.target for function in functions}):
        asked = wanted.asked(target, sink)
        if sink.failed:
            break
        site = installer.site(asked, target, project.root, sink)
        if site is not None:
            sites[target] = site
            _unlocked(work, wanted, asked.requirements, site, keep)
    if sink.failed:
        return None, work.shown
    everywhere = _everywhere(work.modules)
    contents = []
    for function, needed in needs.items():
        site = sites[function.target]
        _imports(work, function, needed, site, wanted.origin)
        contents += _content(work, function, needed, site, everywhere, extra)
    if sink.failed:
        return None, work.shown
    if pythons:
        contents = _with_bytecode(work, contents, pythons, compiler)
    if sink.failed:
        return None, work.shown
    fixed = pins({target: site.distributions for target, site in sites.items()})
    made = tuple(content.zip for content in contents)
    return Packed(wanted.project_name or project.root.name, made, fixed), work.shown


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
            work.sink.add(Diagnostic("FG537", f"cannot read `{name}`: {error.strerror}", None))
            continue
        column = max(error.offset or 1, 1)
        place = Position(error.lineno or 1, column)
        end = Position(
            place.line, max(error.end_offset or 0, column + 1) if error.end_lineno == error.lineno else column + 1
        )
        here = ".".join(map(str, sys.version_info[:2]))
        older = sys.version_info[:2] < tuple(map(int, target.python.split(".")))
        help_ = f"if the code is for {target.runtime}, run flowgen with that version" if older else None
        work.sink.add(
            Diagnostic(
                "FG534",
                f"Python {here} cannot parse `{name}`: {error.msg}",
                Span(work.name(file), place, end),
                help=help_,
            )
        )


def _everywhere(modules: Modules) -> frozenset[str]:
    """The top-level names that any module of the project imports."""
    found: set[str] = set()
    for module in modules.everything():
        with contextlib.suppress(SyntaxError, OSError):
            found.update(found_import.module.partition(".")[0] for found_import in modules.imports(module))
    return frozenset(found)


def _imports(work: _Work, function: Deployed, needed: Needed, site: Site, origin: str | None) -> None:
    """FG533 for each imported module that cannot be found."""
    for place in needed.missing:
        work.sink.add(missing_module(place.found.module, _where(work, function, place), work.modules))
    tops = {top for found in site.distributions for top in found.tops}
    provided = {name.replace("-", "_") for name in work.project.packaging.provided}
    for top, place in needed.outside:
        if place.found.optional or top in tops or top in provided or always_available(top):
            continue
        where = f"`{origin}`" if origin else f"the `dependencies` of `{SETTINGS_FILE}`"
        work.sink.add(
            Diagnostic(
                "FG533",
                f"cannot find module `{top}` in the project or its dependencies",
                _where(work, function, place),
                f"not in `{work.project.source}`, and not in any package that {where} {'lists' if origin else 'list'}",
                help=f"add the package that contains `{top}` to the dependencies; if a layer contains it, add that to"
                " `provided` under `[tool.flowgen.packaging]`",
            )
        )


def _where(work: _Work, function: Deployed, place: Place) -> Span:
    """The span of an import; for one in the generated entry point, the span of the function's name."""
    entry_point = work.modules.find(function.module)
    if entry_point is not None and entry_point.file == place.file:
        return function.span
    return place_of(work.name(place.file), place.found)


def _unlocked(work: _Work, wanted: Requirements, lines: Sequence[str], site: Site, keep: str) -> None:
    """FG532 for packages that were installed without a pinned version."""
    pinned = {canonicalize_name(found[0]) for line in lines if (found := re.match(r"[\w.-]+(?=.*(?:==|@))", line))}
    loose = [distribution.name for distribution in site.distributions if distribution.name not in pinned]
    if not loose:
        return
    work.shown.update(wanted.texts)
    more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
    # The user's requirements file must not be overwritten.
    plain = wanted.origin != SETTINGS_FILE
    work.sink.add(
        Diagnostic(
            "FG532",
            f"`{loose[0]}`{more} {'are' if more else 'is'} not pinned to a version",
            wanted.span,
            "packaging again may install another version",
            help=f"pin the versions there: `{PLAIN}` in the output folder has the installed ones"
            if plain
            else f"pin the installed versions with `{keep}`, or use a lock file of uv or Poetry",
        )
    )


def _content(
    work: _Work, function: Deployed, needed: Needed, site: Site, everywhere: frozenset[str], extra: dict[str, Entry]
) -> list[Content]:
    """The contents of a function's zip; empty if it is too large."""
    left_out = excluded(work.project.packaging.exclude)
    outside = {top for top, _ in needed.outside}
    provided = {canonicalize_name(name) for name in work.project.packaging.provided}
    distributions = reached(site.distributions, function.target, outside, everywhere - outside, provided)
    files: dict[str, File] = {}
    paths: dict[str, Path] = {}
    owners: dict[str, str] = {}
    for owner, file in ((each.name, file) for each in distributions for file in each.files):
        if left_out is None or not left_out.fullmatch(file.place):
            files[file.place], paths[file.place] = file, site.folder / file.place
            owners[file.place] = owner
    own = {entry.place: entry for entry in module_entries(needed.modules, work.project.source_folder)} | extra
    slices = {
        entry.place: needed.slices[module.name]
        for module in needed.modules
        if module.name in needed.slices
        for entry in module_entries([module], work.project.source_folder)
    }
    for place, entry in sorted(own.items()):
        if left_out is not None and left_out.fullmatch(place):
            continue
        problem = unsafe(entry, work.project.root)
        if problem is not None:
            name = entry.path.relative_to(work.project.root).as_posix()
            message = f"cannot package `{name}`: {problem}"
            work.sink.add(Diagnostic("FG537", message, None, help=f'leave it out with `exclude = ["{place}"]`'))
            continue
        if place in slices:
            own[place] = kept_slice(place, slices[place], work.cache)
        paths[place] = own[place].path
        files[place] = File(place, 0, "", paths[place].stat().st_size)
        owners.pop(place, None)
    content = Content(function, files, paths, owners)
    if not fits(content, work.sink):
        return []
    for place, entry in own.items():
        if place in files:
            files[place] = work.file(entry)
    return [content]


def _pythons(work: _Work, functions: Sequence[Deployed], compiler: Compiler) -> Mapping[str, Python]:
    """The interpreter of each runtime, if the settings request bytecode (FG539)."""
    pythons: dict[str, Python] = {}
    if work.project.packaging.bytecode:
        for runtime in sorted({function.target.runtime for function in functions}):
            try:
                pythons[runtime] = compiler.python(runtime)
            except CompilingError as error:
                first = next(function for function in functions if function.target.runtime == runtime)
                work.sink.add(finding(error, _asked_for(work), (runtime, first.span)))
    return pythons


def _asked_for(work: _Work) -> Span | None:
    """The span of the setting that requests bytecode."""
    name = work.name(work.project.root / SETTINGS_FILE)
    return place_of_key(work.shown[name], ("tool", "flowgen", "packaging", "bytecode"), name)


def _with_bytecode(
    work: _Work, contents: Sequence[Content], pythons: Mapping[str, Python], compiler: Compiler
) -> list[Content]:
    """The contents with bytecode that are still within Lambda's limit (FG539)."""
    left_out = excluded(work.project.packaging.exclude)
    try:
        made = with_bytecode(contents, pythons, compiler, left_out)
    except CompilingError as error:
        work.sink.add(finding(error, _asked_for(work)))
        return []
    return [content for content in made if fits(content, work.sink)]
