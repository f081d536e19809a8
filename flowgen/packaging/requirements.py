"""Finds where a project lists its dependencies, and evaluates them for a target."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from flowgen.diagnostics import Diagnostic, Position, Sink, Span
from flowgen.installation import DISTRIBUTION
from flowgen.packaging.locks import LockError, holds, read_lock
from flowgen.packaging.target import Target
from flowgen.project import SETTINGS_FILE, Project, read_text

LOCKS = ("uv.lock", "pylock.toml", "poetry.lock")
PLAIN = "requirements.txt"


@dataclass(frozen=True, slots=True)
class Asked:
    """What to install: lines of requirements and constraints. `complete`: they include all dependencies (a lock)."""

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Requirements:
    """The dependencies of a project.

    `origin` is the file that lists them, relative to the root, or None if there is none; `texts` has that file and the
    files that it includes. `settings` is the content of pyproject.toml.
    """

    root: Path
    texts: Mapping[str, str]
    origin: str | None
    settings: Mapping[str, Any]

    @property
    def lock(self) -> str | None:
        """The kind of lock file, by its usual name; None if `origin` is not a lock file."""
        return None if self.origin is None else _kind_of_lock(self.origin)

    @property
    def project_name(self) -> str | None:
        name = self.settings.get("project", {}).get("name")
        return name if isinstance(name, str) else None

    @property
    def span(self) -> Span | None:
        """The start of the list of dependencies."""
        if self.origin is None:
            return None
        lines = self.texts[self.origin].splitlines() if self.origin == SETTINGS_FILE else []
        for number, line in enumerate(lines, 1):
            if re.match(r"dependencies\s*=", line):
                return Span(self.origin, Position(number, 1), Position(number, 1 + len("dependencies")))
        return Span(self.origin, Position(1, 1), Position(1, 2))

    @property
    def text(self) -> str:
        return "" if self.origin is None else self.texts[self.origin]

    def asked(self, target: Target, sink: Sink) -> Asked:
        """What to install for a target, in pip's syntax (FG536)."""
        if self.origin is None:
            return Asked()
        try:
            if self.lock is not None:
                return Asked(read_lock(self.lock, self.text, self.settings, target), complete=True)
            if self.origin != SETTINGS_FILE:
                entries = tuple(_entries(self.origin, self.texts, self.root, target))
                return Asked(
                    tuple(entry.line for entry in entries if not entry.constrains),
                    tuple(entry.line for entry in entries if entry.constrains),
                )
            declared = self.settings["project"]["dependencies"]
            return Asked(tuple(line for entry in declared if (line := decided(entry, target)) is not None))
        except LockError as error:
            sink.add(
                Diagnostic(
                    "FG536", f"cannot install the dependencies in `{self.origin}`: {error}", None, help=_OTHERWISE
                )
            )
            return Asked()


_OTHERWISE = 'use another file: `requirements = "…"` under `[tool.flowgen.packaging]`'
_INCLUDED = re.compile(r"(?P<option>-r|--requirement|-c|--constraint)[ =]?\s*(?P<name>\S+)")
_FOUND_IN = re.compile(r"(?P<option>-f|--find-links)[ =]?\s*(?P<name>\S+)")
_OPTION = re.compile(
    r"(?:-i|--index-url|--extra-index-url|--trusted-host)[ =]?\s*\S+"
    r"|--no-index|--pre|--prefer-binary|--require-hashes|--only-binary[ =]\s*:all:"
)
"""Options that only select wheels. Other options (`-e`, `--no-binary`) can make pip build packages."""

_HASH = re.compile(r"--hash[ =]\s*[a-z0-9_]+:[0-9a-fA-F]+")
_ARCHIVE = re.compile(r"\.(?:whl|zip|tgz|tbz|txz|tlz|tar(?:\.\w+)?)$", re.IGNORECASE)
_OF_WEB = frozenset({"http", "https"})
_ONLY_WHEELS = "flowgen installs only wheels, because building a package runs its code"


def _kind_of_lock(name: str) -> str | None:
    last = PurePosixPath(name).name
    if re.fullmatch(r"pylock(\.[^.]+)?\.toml", last):  # PEP 751, "File Name"
        return "pylock.toml"
    return last if last in LOCKS else None


def requirements(project: Project, sink: Sink) -> Requirements:
    """The dependencies of a project: from the file in the settings, a lock file, `requirements.txt`, or its metadata.

    FG536 for a file that cannot be read.
    """
    settings = _settings(project)
    named = project.packaging.requirements
    names = [named] if named is not None else [*LOCKS, PLAIN]
    for name in names:
        if named is None and not (project.root / name).is_file():
            continue
        texts = dict(_texts(project, name, set()))
        if name not in texts:
            sink.add(Diagnostic("FG536", f"cannot read `{name}`", None, help=_OTHERWISE))
            return Requirements(project.root, {}, None, settings)
        return Requirements(project.root, texts, name, settings)
    declared = settings.get("project", {}).get("dependencies", [])
    if not declared:
        return Requirements(project.root, {}, None, settings)
    text = read_text(project.root / SETTINGS_FILE, SETTINGS_FILE, Sink()) or ""
    return Requirements(project.root, {SETTINGS_FILE: text}, SETTINGS_FILE, settings)


def _texts(project: Project, name: str, known: set[str]) -> Iterator[tuple[str, str]]:
    """A requirements file and the files that it includes, by path relative to the root; each once (`known`)."""
    known.add(name)
    path = project.root / name
    inside = path.resolve().is_relative_to(project.root)
    text = read_text(path, name, Sink()) if inside and path.is_file() else None
    if text is None:
        return
    yield name, text
    if _kind_of_lock(name) is None:
        for line in _logical_lines(text):
            found = _INCLUDED.fullmatch(line)
            if found is not None and (other := _relative_to_file(name, found["name"])) not in known:
                yield from _texts(project, other, known)


def _relative_to_file(file: str, name: str) -> str:
    """The path, relative to the root, of a name in a file of the project."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), name))


def project_name(project: Project) -> str:
    """The name of a project: that of its distribution, or that of its folder."""
    table = _settings(project).get("project", {})
    name = table.get("name") if isinstance(table, Mapping) else None
    return name if isinstance(name, str) else project.root.name


def _settings(project: Project) -> Mapping[str, Any]:
    text = read_text(project.root / SETTINGS_FILE, SETTINGS_FILE, Sink())
    try:
        content = tomllib.loads(text or "")
    except (ValueError, RecursionError):  # reported as FG120 when the project was found
        return {}
    return content if _is_plain(content) else {}


def _is_plain(content: Mapping[str, Any]) -> bool:
    """Whether `[project]` follows its specification, as far as flowgen reads it."""
    project = content.get("project", {})
    if not isinstance(project, dict):
        return False
    declared = project.get("dependencies", [])
    return isinstance(declared, list) and all(isinstance(line, str) for line in declared)


_OWN = re.compile(r"(?:-e|--editable)?\s*(?:file:)?\.(?:\[[^\]]*\])?/?")


@dataclass(frozen=True, slots=True)
class _Entry:
    line: str
    constrains: bool


def _entries(
    name: str,
    texts: Mapping[str, str],
    root: Path,
    target: Target,
    within: tuple[str, ...] = (),
    *,
    constrains: bool = False,
    done: set[tuple[str, bool]] | None = None,
) -> Iterator[_Entry]:
    """The lines of a requirements file for a target, including those of the files that it includes (`-r`, `-c`).

    Markers are evaluated here, since pip would evaluate them for this machine. The project itself (`-e .`) and flowgen
    are left out. `texts` has the files by path relative to `root`. A file that is included again (`done`) adds nothing.
    Raises LockError.
    """
    done = set() if done is None else done
    if name not in texts:
        raise LockError(f"cannot read `{name}`, which it includes")
    if name in within:
        raise LockError(f"`{name}` includes itself")
    if (name, constrains) in done:
        return
    done.add((name, constrains))
    for line in _logical_lines(texts[name]):
        if included := _INCLUDED.fullmatch(line):
            other, inner = _relative_to_file(name, included["name"]), included["option"] in {"-c", "--constraint"}
            yield from _entries(other, texts, root, target, (*within, name), constrains=constrains or inner, done=done)
        elif _OWN.fullmatch(line):
            continue
        elif line.startswith("-"):
            if constrains or not (_OPTION.fullmatch(line) or _FOUND_IN.fullmatch(line)):
                raise LockError(f"option not allowed: `{line}`. {_ONLY_WHEELS}")
            yield _Entry(_found_in(name, line, root), constrains=False)
        elif (requirement := decided(line, target, root)) is not None:
            yield _Entry(requirement, constrains)


def _found_in(name: str, line: str, root: Path) -> str:
    """An option; pip resolves the folder of `--find-links` relative to the file with the option."""
    option = _FOUND_IN.fullmatch(line)
    if option is None or not (path := root / _relative_to_file(name, option["name"])).exists():
        return line
    return f"{option['option']} {path}"


def decided(line: str, target: Target, root: Path | None = None) -> str | None:
    """A requirement without its marker; None if the marker does not match the target.

    Raises LockError for anything except a wheel or a package from an index, such as a folder, a source archive or a
    repository. `root` is the folder for relative paths; None if paths are not allowed.
    """
    # pip treats everything after the first word that starts with `-` as options.
    text, *options = re.split(r"\s+(?=-)", line)
    for option in options:
        if not _HASH.fullmatch(option):
            raise LockError(f"option not allowed after a requirement: `{option}` in `{line}`. {_ONLY_WHEELS}")
    try:
        read = Requirement(text)
    except InvalidRequirement:
        read = None
    if read is None or _ARCHIVE.search(
        read.name
    ):  # the name of a file can look like the name of a package, and pip prefers the file
        if not _is_wheel(text, root):
            raise LockError(f"`{line}` is not the name of a package or a wheel. {_ONLY_WHEELS}")
        return line
    if canonicalize_name(read.name) == DISTRIBUTION or not holds(str(read.marker or ""), target):
        return None
    if read.url is not None and not _is_wheel(read.url, None):
        raise LockError(f"`{read.name}` comes from `{read.url}`, which is not the address of a wheel. {_ONLY_WHEELS}")
    if read.marker is not None:
        read.marker = None
        text = str(read)
    return " ".join([text, *options])


def _is_wheel(text: str, root: Path | None) -> bool:
    """Whether a string is the URL of a wheel, or the path of one in `root`."""
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    if address.scheme in _OF_WEB:
        return address.path.endswith(".whl") and not re.search(r"\s", text)
    # pip expands `${NAME}`, which changes the path.
    return root is not None and text.endswith(".whl") and "${" not in text and (root / text).is_file()


def _logical_lines(text: str) -> Iterator[str]:
    """Lines without comments, with continuation lines joined (pip, "Requirements File Format")."""
    for line in re.sub(r"\\\r?\n\s*", " ", text).splitlines():
        stripped = re.sub(r"(^|\s+)#.*$", "", line).strip()
        if stripped:
            yield stripped
