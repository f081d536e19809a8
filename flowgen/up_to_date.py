"""Whether a project still is as `flowgen generate` last saw it, told without a look at what anything means.

In: a project's root; the texts of the files that were read. Out: a state, kept in the project's `.flowgen`, and whether
it still holds. Never: an import that takes time; a yes where anything differs that generating looks at.

A state is a digest: of this flowgen and Python, of what is installed, the settings, every file that was read, which
workflows there are, and all the files that generating writes, compares or looks for code in.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from stat import S_ISREG

FOLDER = ".flowgen"
_FILE = "generate.json"
_SETTINGS = "pyproject.toml"
KEPT_SCHEMAS = "schemas/generated"
"""Where the JSON Schemas of classes are that are types."""
KEPT_DIAGRAMS = "docs/generated/diagrams"
"""Where the diagrams of workflows are, if the project's settings ask for them."""
_SUFFIXES = (".yaml", ".yml")
COMPILED = (".pyc", ".pyd", ".so")
"""Modules without source code."""
_MAX_BYTES = 16_000_000
_FLOWGEN = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class State:
    """What a project was like. `inputs` are the files that were read, `workflows` and `source` folders of the root."""

    workflows: str
    source: str
    inputs: tuple[str, ...]
    digest: str


class _UnknownError(Exception):
    """Something can't be read, or is of a kind that only the full way can judge."""


def take(root: Path, workflows: PurePosixPath, source: PurePosixPath, read: Mapping[str, str]) -> State | None:
    """The state of a project of which these texts were read, by their paths from `root`.

    None if it is unreliable: a file has changed since it was read, or a link is involved.
    """
    inputs = tuple(sorted(read))
    try:
        if any(_bytes(root, name).decode("utf-8-sig") != text for name, text in read.items()):
            return None
        if not read.keys() >= set(_listed(root, workflows.as_posix())):
            return None
        digest = _digest(root, workflows.as_posix(), source.as_posix(), inputs)
    except (OSError, ValueError, _UnknownError):
        return None
    return State(workflows.as_posix(), source.as_posix(), inputs, digest)


def keep(state: State, root: Path) -> None:
    """Puts a state into the project; where the disk refuses, the next run takes the full way, and nothing else."""
    folder = root / FOLDER
    content = {"workflows": state.workflows, "source": state.source, "inputs": state.inputs, "digest": state.digest}
    temporary = folder / f".{_FILE}.{os.getpid()}.tmp"
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():
            return
        ignoring = folder / ".gitignore"
        if not ignoring.exists():
            ignoring.write_text("*\n", encoding="utf-8", newline="\n")
        try:
            with temporary.open("x", encoding="utf-8", newline="\n") as file:
                json.dump(content, file)
            temporary.replace(folder / _FILE)
        finally:
            temporary.unlink(missing_ok=True)


# See docs/explanation/decisions.md#unchanged-projects-are-recognized-by-a-digest
def is_up_to_date(folder: Path) -> bool:
    """Whether this folder is a project whose kept state still holds."""
    try:
        root = folder.resolve()
        match json.loads(_bytes(root, f"{FOLDER}/{_FILE}")):
            case {"workflows": str(workflows), "source": str(source), "inputs": [*inputs], "digest": str(digest)}:
                return _digest(root, workflows, source, [str(name) for name in inputs]) == digest
            case _:
                return False
    except (OSError, ValueError, RecursionError, _UnknownError):
        return False


def is_of_tools(folder: Path) -> bool:
    """Whether a folder holds what tools keep in a project, and nothing else."""
    known = folder.name.startswith(".") or folder.name in {"__pycache__", "node_modules"}
    return known or (folder / "pyvenv.cfg").is_file()


def _digest(root: Path, workflows: str, source: str, inputs: Iterable[str]) -> str:
    files = {*inputs, *_listed(root, workflows), *_looked_at(root, source)}
    files.update(*(_looked_at(root, kept) for kept in (KEPT_SCHEMAS, KEPT_DIAGRAMS)))
    whole = hashlib.sha256()
    for part in (*_program(), str(root), workflows, source):
        whole.update(f"{part}\0".encode(errors="surrogateescape"))
    for name in (_SETTINGS, *sorted(files)):
        whole.update(f"{name}\0".encode(errors="surrogateescape"))
        whole.update(hashlib.sha256(_bytes(root, name)).digest())
    return whole.hexdigest()


def _program() -> Iterator[str]:
    """This Python, this flowgen (its sources too, for who works on them), and when something was last installed."""
    yield sys.version
    for parent, folders, files in os.walk(_FLOWGEN):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            seen = os.stat(os.path.join(parent, name))  # noqa: PTH116, PTH118 - a path object each takes longer than all
            yield f"{parent}/{name} {seen.st_size} {seen.st_mtime_ns}"
    for place in sys.path:
        if place.endswith("-packages") and os.path.isdir(place):  # noqa: PTH112 - as above
            yield f"{place} {Path(place).stat().st_mtime_ns}"


def _listed(root: Path, workflows: str) -> Iterator[str]:
    """The workflow files of a project, from its root."""
    for entry in os.scandir(_inside(root, workflows)):
        if entry.name.endswith(_SUFFIXES) and entry.is_file():
            yield (PurePosixPath(workflows) / entry.name).as_posix()


def _looked_at(root: Path, top: str) -> Iterator[str]:
    """The files below `top` that generating could look at: modules, and whatever is in folders named `generated`."""
    for parent, folders, files in os.walk(_inside(root, top)):
        folders[:] = [name for name in folders if not is_of_tools(Path(parent) / name)]
        place = Path(parent).relative_to(root)
        if any((root / place / name).is_symlink() for name in folders):
            raise _UnknownError
        generated = "generated" in place.parts
        yield from ((place / name).as_posix() for name in files if generated or name.endswith((".py", *COMPILED)))


def _inside(root: Path, name: str) -> Path:
    """A place in the project that no link leads to."""
    place = root / name
    if place.resolve() != place:
        raise _UnknownError
    return place


def _bytes(root: Path, name: str) -> bytes:
    seen = _inside(root, name).stat()
    if not S_ISREG(seen.st_mode) or seen.st_size > _MAX_BYTES:
        raise _UnknownError
    return (root / name).read_bytes()
