"""Where a project says what its code needs, and what that is on a target."""

from __future__ import annotations

import hashlib
import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

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
class Requirements:
    """What a project's code needs, as it was found.

    `origin` is the file that says so, from the root, or None where nothing says anything; `texts` has it and the files
    that it includes. `settings` is the content of pyproject.toml.
    """

    root: Path
    texts: Mapping[str, str]
    origin: str | None
    settings: Mapping[str, Any]

    @property
    def lock(self) -> str | None:
        """The kind of lock that says it, by its usual name; None where none does."""
        return None if self.origin is None else _kind_of_lock(self.origin)

    @property
    def project_name(self) -> str | None:
        name = self.settings.get("project", {}).get("name")
        return name if isinstance(name, str) else None

    @property
    def span(self) -> Span | None:
        """Where the file begins to say it."""
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

    def lines(self, target: Target, sink: Sink) -> tuple[str, ...]:
        """The requirements on a target, a line each, as pip reads them (FG536)."""
        if self.origin is None:
            return ()
        try:
            if self.lock is not None:
                return read_lock(self.lock, self.text, self.settings, target)
            if self.origin != SETTINGS_FILE:
                return tuple(requirement_lines(self.origin, self.texts, self.root, target))
            declared = self.settings["project"]["dependencies"]
            return tuple(line for one in declared if (line := decided(one, target)) is not None)
        except LockError as error:
            sink.add(Diagnostic("FG536", f"`{self.origin}` can't be used: {error}", None, help=_OTHERWISE))
            return ()


_OTHERWISE = 'name another file: `requirements = "…"` under `[tool.flowgen.packaging]`'
_INCLUDED = re.compile(r"(?:-r|--requirement)[ =]?\s*(?P<name>\S+)")
_BESIDE = re.compile(r"(?P<option>-c|--constraint|-f|--find-links)[ =]?\s*(?P<name>\S+)")
"""Options of a requirements file with a path, which pip looks for beside that file."""


def _kind_of_lock(name: str) -> str | None:
    last = PurePosixPath(name).name
    if re.fullmatch(r"pylock(\.[^.]+)?\.toml", last):  # PEP 751, "File Name"
        return "pylock.toml"
    return last if last in LOCKS else None


def requirements(project: Project, sink: Sink) -> Requirements:
    """What the code of a project needs: the file that the settings name, a lock, `requirements.txt`, or its metadata.

    FG536 for a file that can't be read.
    """
    settings = _settings(project)
    named = project.packaging.requirements
    names = [named] if named is not None else [*LOCKS, PLAIN]
    for name in names:
        if named is None and not (project.root / name).is_file():
            continue
        texts = dict(_texts(project, name))
        if name not in texts:
            sink.add(Diagnostic("FG536", f"`{name}` can't be read", None, help=_OTHERWISE))
            return Requirements(project.root, {}, None, settings)
        return Requirements(project.root, texts, name, settings)
    declared = settings.get("project", {}).get("dependencies", [])
    if not declared:
        return Requirements(project.root, {}, None, settings)
    text = read_text(project.root / SETTINGS_FILE, SETTINGS_FILE, Sink()) or ""
    return Requirements(project.root, {SETTINGS_FILE: text}, SETTINGS_FILE, settings)


def _texts(project: Project, name: str, known: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """A requirements file and those that it includes, by their paths from the root."""
    path = project.root / name
    inside = path.resolve().is_relative_to(project.root)
    text = read_text(path, name, Sink()) if inside and path.is_file() else None
    if text is None:
        return
    yield name, text
    if _kind_of_lock(name) is None:
        for line in _logical_lines(text):
            found = _INCLUDED.fullmatch(line)
            if found is not None and (other := _beside(name, found["name"])) not in known | {name}:
                yield from _texts(project, other, known | {name})


def _beside(file: str, name: str) -> str:
    """The path from the root of what a file of the project names."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), name))


def _settings(project: Project) -> Mapping[str, Any]:
    text = read_text(project.root / SETTINGS_FILE, SETTINGS_FILE, Sink())
    try:
        content = tomllib.loads(text or "")
    except (tomllib.TOMLDecodeError, RecursionError):  # told as FG120 when the project was found
        return {}
    return content if _is_plain(content) else {}


def _is_plain(content: Mapping[str, Any]) -> bool:
    """Whether `[project]` has the form that its specification asks for, as far as it is read here."""
    project = content.get("project", {})
    if not isinstance(project, dict):
        return False
    declared = project.get("dependencies", [])
    return isinstance(declared, list) and all(isinstance(one, str) for one in declared)


_OWN = re.compile(r"(?:-e|--editable)?\s*(?:file:)?\.(?:\[[^\]]*\])?/?")


def requirement_lines(
    name: str, texts: Mapping[str, str], root: Path, target: Target, within: tuple[str, ...] = ()
) -> Iterator[str]:
    """The lines of a requirements file for a target, what it includes (`-r`) in their place.

    Their markers are decided here: pip would decide them for this machine. The project itself (`-e .`) is left out, and
    so is flowgen. `texts` has the files, by their paths from `root`. Raises LockError.
    """
    if name not in texts:
        raise LockError(f"`{name}`, which it includes, can't be read")
    if name in within:
        raise LockError(f"`{name}` includes itself")
    for line in _logical_lines(texts[name]):
        if included := _INCLUDED.fullmatch(line):
            yield from requirement_lines(_beside(name, included["name"]), texts, root, target, (*within, name))
        elif (option := _BESIDE.fullmatch(line)) and (path := root / _beside(name, option["name"])).exists():
            # The digest is a comment for pip; what was installed under other constraints is something else.
            mark = f"  # {hashlib.sha256(path.read_bytes()).hexdigest()}" if path.is_file() else ""
            yield f"{option['option']} {path}{mark}"
        elif _OWN.fullmatch(line):
            continue
        elif line.startswith("-"):
            yield line
        elif (one := decided(line, target)) is not None:
            yield one


def decided(line: str, target: Target) -> str | None:
    """A requirement without its marker, or None where that does not hold on a target. Raises LockError."""
    text, *options = re.split(r"\s+(?=--)", line)
    try:
        read = Requirement(text)
    except InvalidRequirement:  # a path or an address: pip's business
        return line
    if canonicalize_name(read.name) == DISTRIBUTION or not holds(str(read.marker or ""), target):
        return None
    if read.marker is not None:
        read.marker = None
        text = str(read)
    return " ".join([text, *options])


def _logical_lines(text: str) -> Iterator[str]:
    """Lines without comments, those that end in a backslash joined with the next (pip, "Requirements File Format")."""
    for line in re.sub(r"\\\r?\n\s*", " ", text).splitlines():
        stripped = re.sub(r"(^|\s+)#.*$", "", line).strip()
        if stripped:
            yield stripped
