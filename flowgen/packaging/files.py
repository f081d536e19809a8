"""The project's own files for a function's zip, and their paths in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from errno import ELOOP
from pathlib import Path, PurePosixPath

from flowgen.backends.writing import replace_whole
from flowgen.diagnostics import Diagnostic, Sink
from flowgen.packaging.modules import Module, own_folder
from flowgen.project import SETTINGS_FILE, Project

_LOOP = "the link points to itself"
_NOT_AT_RUN_TIME = frozenset({".py", ".pyc", ".pyo", ".pyi"})
"""Suffixes of files that are not data: modules are found by imports, the others are not needed at run time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file on disk and its path in the zip, with `/`."""

    place: str
    path: Path


def module_entries(modules: Iterable[Module], source: Path) -> Iterator[Entry]:
    """The files of modules, and the data files in their packages."""
    for module in modules:
        if module.file is not None:
            yield _entry(module.file, source)
        if module.folder is not None:
            yield from (_entry(path, source) for path in _data(module.folder))


def kept_slice(place: str, text: str, cache: Path) -> Entry:
    """A module of which a zip has only a part, in the folder `cache`, by its content. Raises OSError."""
    path = cache / f"{hashlib.sha256(f'{place} {text}'.encode()).hexdigest()}.py"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        replace_whole(path, text)
    return Entry(place, path)


def included(project: Project, sink: Sink) -> dict[str, Entry]:
    """The files that match `include`, by path in the zip. FG538 for a pattern without a match."""
    found: dict[str, Entry] = {}
    for pattern in project.packaging.include:
        try:
            paths = [path for path in sorted(project.root.glob(pattern)) if path.is_file()]
        except ValueError:  # `**` next to other characters, before Python 3.13
            paths = []
        if not paths:
            message = f"no file matches `{pattern}` in `include`"
            sink.add(
                Diagnostic("FG538", message, None, help=f"patterns are relative to the folder of `{SETTINGS_FILE}`")
            )
        for path in paths:
            inside = path.is_relative_to(project.source_folder)
            entry = _entry(path, project.source_folder if inside else project.root)
            found[entry.place] = entry
    return found


def excluded(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """`exclude` as a regular expression for paths in the zip; None if it is empty."""
    parts = [_expression(pattern) for pattern in patterns]
    return re.compile("|".join(parts)) if parts else None


def _expression(pattern: str) -> str:
    """`**` matches any folders, `*` and `?` match within a name; a pattern for a folder matches everything in it.

    >>> bool(re.fullmatch(_expression("botocore/data/ec2*/**"), "botocore/data/ec2/2016-11-15/service-2.json.gz"))
    True
    """
    text = pattern.removesuffix("/") + "/**" if pattern.endswith("/") else pattern
    out = []
    for part in re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", text):
        match part:
            case "**/":
                out.append(r"(?:[^/]+/)*")
            case "/**":
                out.append(r"/.*")
            case "**":
                out.append(r".*")
            case "*":
                out.append(r"[^/]*")
            case "?":
                out.append(r"[^/]")
            case _:
                out.append(re.escape(part))
    return f"(?:{''.join(out)})"


def _entry(path: Path, base: Path) -> Entry:
    return Entry(PurePosixPath(path.relative_to(base).as_posix()).as_posix(), path)


def _data(folder: Path) -> Iterator[Path]:
    """The data files of a package: files that are not Python, also in folders that are not packages."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "py.typed":
            continue
        if path.is_dir() and not path.is_symlink():
            if own_folder(path) and not _has_python(path):
                yield from _data(path)
        elif path.suffix not in _NOT_AT_RUN_TIME:
            yield path


def _has_python(folder: Path) -> bool:
    return any(path.suffix == ".py" for path in list(folder.iterdir()))


def unsafe(entry: Entry, root: Path) -> str | None:
    """Why a file cannot go into a zip, in words; None if it can.

    A link may point to another file of the project. Links to folders are not followed, since they can form loops.
    """
    if not entry.place.isprintable() or any("\ud800" <= character <= "\udfff" for character in entry.place):
        return "its name has characters that are not UTF-8, or control characters"
    try:
        real = entry.path.resolve(strict=True)
    except OSError as error:
        return _LOOP if error.errno == ELOOP else error.strerror or "it cannot be read"
    except RuntimeError:  # a loop of links, before Python 3.13
        return _LOOP
    if not real.is_relative_to(root):
        return "the link points outside the project"
    if real.is_dir():
        return "it is a link to a folder, and flowgen does not follow these"
    return None if real.is_file() else "it is not a regular file"
