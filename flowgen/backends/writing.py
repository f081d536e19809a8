"""The only module that writes generated files: compares artifacts with the disk, then writes the differences.

In: artifacts and the project's root.
Out: a plan (changes and diagnostics), and the files.
Never: write outside the root; overwrite a user's file; write before everything is planned; leave a half-written file (a
file is written under a temporary name, then renamed).
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
from flowgen.input_files import read_file
from flowgen.up_to_date import KEPT_SCHEMAS, is_of_tools


class Action(StrEnum):
    """What to do with a file."""

    CREATE = "create"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """A change to one file.

    `text` is its new content, "" for a file to remove. `edited`: its current content was edited by hand.
    """

    path: PurePosixPath
    action: Action
    text: str = ""
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes, by path, and what prevents others (FG602)."""

    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...]


def plan(
    artifacts: Iterable[Artifact],
    root: Path,
    folders: Iterable[PurePosixPath] = (),
    whole: Iterable[PurePosixPath] = (),
) -> Plan:
    """Compare the artifacts with the project at `root` without writing anything.

    In `folders` (source folders, relative to the root), the plan removes generated files that are no longer artifacts,
    if they were made from the same workflows or from a workflow that no longer exists. In `whole`, it removes every
    generated file that is not an artifact: use this for shared files when all workflows are present.

    Raises ValueError for an artifact outside the root, which is a bug: names are checked before.
    """
    wanted = {artifact.path: artifact for artifact in artifacts}
    changes: list[Change] = []
    diagnostics: list[Diagnostic] = []
    for path, artifact in sorted(wanted.items()):
        place = _place(root, path)
        problem = _in_the_way(root, place)
        if problem:
            diagnostics.append(_finding("FG602", f"cannot write `{path}`: {problem}", None))
        elif not os.path.lexists(place):
            changes.append(Change(path, Action.CREATE, artifact.text))
        elif artifact.generated:
            _compare(artifact, place, changes, diagnostics)
    sources = {header.source for artifact in wanted.values() if (header := header_of(artifact.text))}
    common, interrupted = set(_obsolete(root, whole, wanted)), _interrupted(root, wanted)
    for path in sorted(common.union(interrupted, _obsolete(root, folders, wanted))):
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
            message = f"`{path}` is obsolete, but was edited by hand"
            diagnostics.append(_finding("FG602", message, path, help="copy what you need, then delete the file"))
    return Plan(tuple(sorted(changes, key=lambda change: change.path)), tuple(diagnostics))


def check(planned: Plan) -> list[Diagnostic]:
    """FG601 for each missing or outdated file, FG602 for each edited one."""
    return [*planned.diagnostics, *(_difference(change) for change in planned.changes)]


# See docs/explanation/decisions.md#edited-files-are-not-overwritten
def refuse(planned: Plan) -> list[Diagnostic]:
    """FG602 for each file that cannot be written, or whose manual edits the plan would overwrite."""
    return [*planned.diagnostics, *(_difference(change) for change in planned.changes if change.edited)]


def write(planned: Plan, root: Path) -> None:
    """Carry out the plan. Raises OSError for an error of the disk, without leaving a half-written file.

    A file that appeared after the plan was made is never overwritten: a stub that the user saved meanwhile stays
    unchanged, any other file raises FileExistsError.
    """
    with contextlib.ExitStack() as stack:
        ready: list[tuple[Path, Path, Change]] = []
        for change in planned.changes:
            if change.action is not Action.REMOVE:
                place = _place(root, change.path)
                place.parent.mkdir(parents=True, exist_ok=True)
                ready.append((stack.enter_context(_temporary_file(place, change.text)), place, change))
        for temporary, place, change in ready:
            with _naming(place):
                if change.action is Action.REPLACE:
                    temporary.replace(place)
                elif not _created(temporary, place) and header_of(change.text) is not None:
                    raise FileExistsError(
                        errno.EEXIST, "it was created while flowgen was generating; run the command again"
                    )
    for change in planned.changes:
        if change.action is Action.REMOVE:
            place = _place(root, change.path)
            place.unlink(missing_ok=True)
            _remove_empty(place.parent, root)


def replace_whole(place: Path, content: str | bytes) -> None:
    """Write text or bytes to a file atomically. Raises OSError.

    Follows a link to another file. Writes to a device, a pipe or `/dev/stdout` instead of replacing it.
    """
    whole = place.resolve() if place.is_symlink() else place
    if (place.exists() and not place.is_file()) or _is_of_the_system(whole) or _is_of_the_system(place):
        data = content.encode() if isinstance(content, str) else content
        with _naming(place), open(os.open(place, os.O_WRONLY | os.O_APPEND), "wb") as file:  # noqa: PTH123 - no truncation
            file.write(data)
        return
    with _temporary_file(whole, content) as temporary, _naming(place):
        temporary.replace(whole)


def _is_of_the_system(place: Path) -> bool:
    """Whether a path belongs to the system: `/dev/stdout` is a link to a file if the shell redirects it."""
    return place.parts[:2] in {("/", "dev"), ("/", "proc")}


def _created(temporary: Path, place: Path) -> bool:
    """Moves the temporary file to `place`; returns False if something is already there."""
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
    """The text of a regular file; None if it does not exist or is not UTF-8."""
    try:
        return plain_lines(read_file(path).decode())
    except (OSError, ValueError):
        return None


def reader(root: Path) -> Callable[[PurePosixPath], str | None]:
    """A function that returns the text of a file by its path relative to `root`, or None."""

    def read(path: PurePosixPath) -> str | None:
        return read_text(root / path)

    return read


def _place(root: Path, path: PurePosixPath) -> Path:
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{path} is not inside the project")
    return root.joinpath(*path.parts)


def _in_the_way(root: Path, place: Path) -> str | None:
    """Why `place` cannot be written, in words; None if it can."""
    if not place.parent.resolve().is_relative_to(root.resolve()):
        return "a link in its path points outside the project"
    for folder in place.relative_to(root).parents:
        if (root / folder).exists() and not (root / folder).is_dir():
            return f"`{folder.as_posix()}` is a file"
    return "a folder has this name" if place.is_dir() else None


def _compare(artifact: Artifact, place: Path, changes: list[Change], diagnostics: list[Diagnostic]) -> None:
    text = None if place.is_symlink() else read_text(place)
    header = None if text is None else header_of(text)
    if text is None or header is None:
        message = f"`{artifact.path}` is in the way of a generated file"
        of_user = text is not None or place.is_symlink()
        help_ = f"{'flowgen did not generate it' if of_user else 'flowgen cannot read it'}: move or delete it"
        diagnostics.append(_finding("FG602", message, artifact.path, help=help_))
    elif plain_lines(text) != artifact.text:
        changes.append(Change(artifact.path, Action.REPLACE, artifact.text, edited=not header.intact))


def _obsolete(
    root: Path, folders: Iterable[PurePosixPath], wanted: Mapping[PurePosixPath, Artifact]
) -> list[PurePosixPath]:
    """The files in folders named `generated` that are not artifacts."""
    found: set[PurePosixPath] = set()
    for folder in folders:
        for parent, names, files in os.walk(_place(root, folder) if folder.parts else root):
            names[:] = [name for name in names if not is_of_tools(Path(parent) / name)]
            place = PurePosixPath(Path(parent).relative_to(root).as_posix())
            if GENERATED in place.parts:
                found.update(place / name for name in files if not (root / place / name).is_symlink())
    return sorted(found - wanted.keys())


def _interrupted(root: Path, wanted: Mapping[PurePosixPath, Artifact]) -> set[PurePosixPath]:
    """The temporary files of artifacts whose process was killed."""
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
    again, of_class = "run `flowgen generate`", change.path.is_relative_to(KEPT_SCHEMAS)
    match change.action:
        case Action.CREATE:
            return _finding("FG601", f"`{change.path}` is missing", None, help=again)
        case Action.REMOVE:
            what = "a class that is no longer a type" if of_class else "something that the workflow no longer has"
            message = f"`{change.path}` was generated for {what}"
            return _finding("FG601", message, change.path, help="run `flowgen generate` to remove it")
        case Action.REPLACE if change.edited:
            message = f"`{change.path}` was edited by hand"
            help_ = "copy what you need, then run `flowgen generate --overwrite`"
            return _finding("FG602", message, change.path, help=help_)
        case Action.REPLACE:
            header = header_of(change.text) if of_class else None
            what = "the workflow" if header is None else f"the class `{header.source}`"
            return _finding("FG601", f"`{change.path}` does not match {what}", change.path, help=again)
        case _:
            assert_never(change.action)


def _finding(code: str, message: str, path: PurePosixPath | None, help: str | None = None) -> Diagnostic:  # noqa: A002 - the name of the field
    start = Position(1, 1)
    return Diagnostic(code, message, Span(path.as_posix(), start, start) if path else None, help=help)


_TEMPORARY = re.compile(r"\.(?P<name>.+)\.(?P<process>\d+)\.tmp")


@contextlib.contextmanager
def _temporary_file(place: Path, content: str | bytes) -> Iterator[Path]:
    """A temporary file next to `place` with `content`, flushed to disk; removed at the end."""
    temporary = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    with _naming(place):
        temporary.unlink(missing_ok=True)
    try:
        with _naming(place):
            with temporary.open("xb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            if place.exists():
                shutil.copymode(place, temporary)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def is_left_behind(name: str) -> bool:
    """Whether a name is that of a temporary file whose process has ended."""
    found = _TEMPORARY.fullmatch(name)
    return found is not None and not _is_running(int(found["process"]))


def remove_abandoned(folder: Path) -> None:
    """Removes temporary files of killed processes from one of flowgen's folders. Raises OSError."""
    for path in folder.iterdir():
        if is_left_behind(path.name):
            path.unlink(missing_ok=True)


def _is_abandoned(path: Path) -> bool:
    """Whether it is the temporary file of a generated file whose process has ended."""
    if not is_left_behind(path.name):
        return False
    text = read_text(path)
    return not text or header_of(text) is not None


def _is_running(process: int) -> bool:
    """Whether a process exists, as far as that can be found out without sending it a signal."""
    if process == os.getpid():
        return True
    if os.name == "nt":  # `os.kill` would end the process
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # another user's process
        return True
    return True


@contextlib.contextmanager
def _naming(place: Path) -> Iterator[None]:
    """Makes errors of the disk name the file itself instead of its temporary file."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root:
        try:
            folder.rmdir()
        except OSError:  # not empty
            return
        folder = folder.parent
