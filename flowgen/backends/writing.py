"""The one writer: compares what should be on disk with what is, and then puts it there.

In: artifacts and the project's root. Out: a plan (changes and diagnostics), and the files.
Never: write outside the root, or over a file that is the user's. Everything is planned before the first file is
written; a file is written whole next to its place, then renamed to it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import assert_never

from flowgen.backends.artifacts import GENERATED, Artifact, header_of, plain_lines
from flowgen.diagnostics import Diagnostic, Position, Span
from flowgen.unchanged import KEPT_SCHEMAS, is_of_tools


class Action(StrEnum):
    """What is to be done to a file."""

    CREATE = "create"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do to a file.

    `text` is what it is to hold, "" for one to remove. `edited`: what it holds now was edited by hand.
    """

    path: PurePosixPath
    action: Action
    text: str = ""
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, by path, and what stands in the way of it (FG602)."""

    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...]


def plan(
    artifacts: Iterable[Artifact],
    root: Path,
    folders: Iterable[PurePosixPath] = (),
    whole: Iterable[PurePosixPath] = (),
) -> Plan:
    """Compare the artifacts with the project at `root`; nothing is written.

    In `folders` (relative to the root: the project's source folders), generated files that are no artifact any more are
    removed, if they were made from the same workflows or from one that is gone. In `whole`, all are removed that are no
    artifact: for what workflows have in common, when all of them are there.

    Raises ValueError for an artifact that lies outside of the root: names are checked long before, so it is a bug.
    """
    wanted = {artifact.path: artifact for artifact in artifacts}
    changes: list[Change] = []
    diagnostics: list[Diagnostic] = []
    for path, artifact in sorted(wanted.items()):
        place = _place(root, path)
        problem = _in_the_way(root, place)
        if problem:
            diagnostics.append(_finding("FG602", f"`{path}` can't be written: {problem}", None))
        elif not os.path.lexists(place):
            changes.append(Change(path, Action.CREATE, artifact.text))
        elif artifact.generated:
            _compare(artifact, place, changes, diagnostics)
    sources = {header.source for artifact in wanted.values() if (header := header_of(artifact.text))}
    common, interrupted = set(_left_over(root, whole, wanted)), _interrupted(root, wanted)
    for path in sorted(common.union(interrupted, _left_over(root, folders, wanted))):
        if path in interrupted or _is_abandoned(root / path):
            changes.append(Change(path, Action.REMOVE))
            continue
        text = read_text(root / path)
        header = header_of(text) if text is not None else None
        if header is None:
            continue
        if path not in common and header.source not in sources and (root / header.source).exists():
            continue
        if header.intact:
            changes.append(Change(path, Action.REMOVE))
        else:
            message = f"`{path}` is not needed any more, and was edited by hand"
            diagnostics.append(_finding("FG602", message, path, help="move what you need out of it, and remove it"))
    return Plan(tuple(sorted(changes, key=lambda change: change.path)), tuple(diagnostics))


def check(planned: Plan) -> list[Diagnostic]:
    """What differs from the artifacts, as findings: FG601 for missing and stale files, FG602 for edited ones."""
    return [*planned.diagnostics, *(_difference(change) for change in planned.changes)]


# See docs/explanation/decisions.md#edited-files-are-not-overwritten
def refuse(planned: Plan) -> list[Diagnostic]:
    """What the plan would lose, as findings (FG602), beside what stands in its way: files that were edited by hand."""
    return [*planned.diagnostics, *(_difference(change) for change in planned.changes if change.edited)]


def write(planned: Plan, root: Path) -> None:
    """Carry the plan out. Raises OSError if the disk refuses; then no file is left half written.

    A file that appeared after the plan was made is never overwritten: a stub that the user saved meanwhile stays as it
    is, and FileExistsError is raised for any other file.
    """
    with contextlib.ExitStack() as stack:
        ready: list[tuple[Path, Path, Change]] = []
        for change in planned.changes:
            if change.action is not Action.REMOVE:
                place = _place(root, change.path)
                place.parent.mkdir(parents=True, exist_ok=True)
                ready.append((stack.enter_context(_written_beside(place, change.text)), place, change))
        for temporary, place, change in ready:
            with _told_of(place):
                if change.action is Action.REPLACE:
                    temporary.replace(place)
                elif not _created(temporary, place) and header_of(change.text) is not None:
                    raise FileExistsError(
                        errno.EEXIST, "it appeared while flowgen was generating; run the command again"
                    )
    for change in planned.changes:
        if change.action is Action.REMOVE:
            place = _place(root, change.path)
            place.unlink(missing_ok=True)
            _remove_empty(place.parent, root)


def replace_whole(place: Path, content: str | bytes) -> None:
    """Put a text, or bytes, into one file, whole or not at all. Raises OSError.

    Where a link leads to another file, that file gets the content. A device, a pipe or `/dev/stdout` is opened and
    written to, never replaced.
    """
    whole = place.resolve() if place.is_symlink() else place
    if (place.exists() and not place.is_file()) or _is_of_the_system(whole) or _is_of_the_system(place):
        data = content.encode() if isinstance(content, str) else content
        with _told_of(place), open(os.open(place, os.O_WRONLY | os.O_APPEND), "wb") as file:  # noqa: PTH123 - no truncation
            file.write(data)
        return
    with _written_beside(whole, content) as temporary, _told_of(place):
        temporary.replace(whole)


def _is_of_the_system(place: Path) -> bool:
    """Whether a path belongs to the system: `/dev/stdout` leads to a file where the shell redirected it to one."""
    return place.parts[:2] in {("/", "dev"), ("/", "proc")}


def _created(temporary: Path, place: Path) -> bool:
    """Whether the temporary file now is at `place`; not if something is there already."""
    try:
        os.link(temporary, place)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if os.path.lexists(place):
            return False
        temporary.replace(place)
    return True


def read_text(path: Path) -> str | None:
    """The text of a file, or None where there is none, or none in UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def reader(root: Path) -> Callable[[PurePosixPath], str | None]:
    """What backends look at the project's files with: the text at a path relative to `root`, or None."""

    def read(path: PurePosixPath) -> str | None:
        return read_text(root / path)

    return read


def _place(root: Path, path: PurePosixPath) -> Path:
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{path} is no place inside a project")
    return root.joinpath(*path.parts)


def _in_the_way(root: Path, place: Path) -> str | None:
    """What keeps `place` from being written, in words."""
    if not place.parent.resolve().is_relative_to(root.resolve()):
        return "a link on the way leads out of the project"
    for folder in place.relative_to(root).parents:
        if (root / folder).exists() and not (root / folder).is_dir():
            return f"`{folder.as_posix()}` is a file"
    return "a folder has its name" if place.is_dir() else None


def _compare(artifact: Artifact, place: Path, changes: list[Change], diagnostics: list[Diagnostic]) -> None:
    text = None if place.is_symlink() else read_text(place)
    header = None if text is None else header_of(text)
    if text is None or header is None:
        message = f"`{artifact.path}` is where a generated file belongs, and flowgen did not make it"
        diagnostics.append(_finding("FG602", message, artifact.path, help="move it, or remove it"))
    elif plain_lines(text) != artifact.text:
        changes.append(Change(artifact.path, Action.REPLACE, artifact.text, edited=not header.intact))


def _left_over(
    root: Path, folders: Iterable[PurePosixPath], wanted: Mapping[PurePosixPath, Artifact]
) -> list[PurePosixPath]:
    """The files in folders named `generated` that no artifact is for."""
    found: set[PurePosixPath] = set()
    for folder in folders:
        for parent, names, files in os.walk(_place(root, folder) if folder.parts else root):
            names[:] = [name for name in names if not is_of_tools(Path(parent) / name)]
            place = PurePosixPath(Path(parent).relative_to(root).as_posix())
            if GENERATED in place.parts:
                found.update(place / name for name in files if not (root / place / name).is_symlink())
    return sorted(found - wanted.keys())


def _interrupted(root: Path, wanted: Mapping[PurePosixPath, Artifact]) -> set[PurePosixPath]:
    """The temporary files of artifacts whose process was killed, whatever part of the text they hold."""
    found: set[PurePosixPath] = set()
    for folder in {path.parent for path in wanted}:
        place = _place(root, folder) if folder.parts else root
        if not place.is_dir() or not place.resolve().is_relative_to(root.resolve()):
            continue
        for name in os.listdir(place):  # noqa: PTH208 - names are enough
            temporary = _TEMPORARY.fullmatch(name)
            if temporary and folder / temporary["name"] in wanted and not _is_running(int(temporary["process"])):
                found.add(folder / name)
    return found


def _difference(change: Change) -> Diagnostic:
    again, of_class = "`flowgen generate` writes it", change.path.is_relative_to(KEPT_SCHEMAS)
    match change.action:
        case Action.CREATE:
            return _finding("FG601", f"`{change.path}` is missing", None, help=again)
        case Action.REMOVE:
            what = (
                "a class that is no type any more" if of_class else "something that the workflow does not have any more"
            )
            message = f"`{change.path}` was generated for {what}"
            return _finding("FG601", message, change.path, help="`flowgen generate` removes it")
        case Action.REPLACE if change.edited:
            message = f"`{change.path}` was edited by hand"
            help_ = "move what you need out of it; `flowgen generate --overwrite` writes it again"
            return _finding("FG602", message, change.path, help=help_)
        case Action.REPLACE:
            header = header_of(change.text) if of_class else None
            what = "the workflow" if header is None else f"the class `{header.source}`"
            return _finding("FG601", f"`{change.path}` does not match {what}", change.path, help=again)
        case _:
            assert_never(change.action)


def _finding(code: str, message: str, path: PurePosixPath | None, help: str | None = None) -> Diagnostic:  # noqa: A002 - the field's name
    start = Position(1, 1)
    return Diagnostic(code, message, Span(path.as_posix(), start, start) if path else None, help=help)


_TEMPORARY = re.compile(r"\.(?P<name>.+)\.(?P<process>\d+)\.tmp")


@contextlib.contextmanager
def _written_beside(place: Path, content: str | bytes) -> Iterator[Path]:
    """A file in the folder of `place` that holds `content`, also after a power failure; removed at the end."""
    temporary = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    with _told_of(place):
        temporary.unlink(missing_ok=True)
    try:
        with _told_of(place):
            with temporary.open("xb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            if place.exists():
                shutil.copymode(place, temporary)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def remove_abandoned(folder: Path) -> None:
    """Removes the temporary files that a kill or a power failure left in a folder of flowgen's. Raises OSError."""
    for path in folder.iterdir():
        found = _TEMPORARY.fullmatch(path.name)
        if found is not None and not _is_running(int(found["process"])):
            path.unlink(missing_ok=True)


def _is_abandoned(path: Path) -> bool:
    """Whether it is a temporary file next to generated files whose process has ended."""
    found = _TEMPORARY.fullmatch(path.name)
    if found is None or _is_running(int(found["process"])):
        return False
    text = read_text(path)
    return not text or header_of(text) is not None


def _is_running(process: int) -> bool:
    """Whether a process is there, as far as can be found out without sending it anything."""
    if process == os.getpid():
        return True
    if os.name == "nt":  # `os.kill` would end it
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it is somebody else's
        return True
    return True


@contextlib.contextmanager
def _told_of(place: Path) -> Iterator[None]:
    """An error of the disk names the file that was to be written, and not the one beside it that nobody knows of."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root:
        try:
            folder.rmdir()
        except OSError:  # it is not empty
            return
        folder = folder.parent
