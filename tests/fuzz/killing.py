"""Ends a block at its nth change on disk, as `kill -9` or a power failure would.

At the nth operation `KilledError` is raised, and at every later one too: no clean-up of the interrupted block changes
anything, and whatever it had not done stays undone. A file that is being flushed keeps half of its bytes.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_CHANGES = ("mkdir", "unlink", "remove", "replace", "rename", "rmdir", "link", "symlink", "chmod")
_NOBODY = 2**31 - 2
"""A process that does not run: temporary files of the killed block carry its number."""


class KilledError(BaseException):
    """The block was ended. Not an `Exception`, so that the block cannot handle it."""


@dataclass(slots=True)
class Changes:
    """The changes on disk that a block has made or tried, and the one at which it ends (0: none)."""

    end: int
    count: int = 0

    def one(self) -> None:
        self.count += 1
        if self.end and self.count >= self.end:
            raise KilledError


@contextmanager
def killed_at(end: int, root: Path) -> Iterator[Changes]:
    """Ends the block at change `end` below `root`, counted from 1; with 0 it only counts."""
    changes = Changes(end)

    def inside(place: Any) -> bool:
        return isinstance(place, str | os.PathLike) and Path(os.path.abspath(place)).is_relative_to(root)  # noqa: PTH100 - links stay

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            if any(inside(argument) for argument in arguments[:2]):
                changes.one()
            return function(*arguments, **more)

        return call

    def opened(place: Any, mode: str = "r", *arguments: Any, **more: Any) -> Any:
        if set(mode) & set("wax+") and inside(place):
            changes.one()
        return real_open(place, mode, *arguments, **more)

    def flushed(number: int) -> None:
        try:
            changes.one()
        except KilledError:
            os.ftruncate(number, os.fstat(number).st_size // 2)
            raise
        real_fsync(number)

    real_open, real_fsync = io.open, os.fsync
    with pytest.MonkeyPatch.context() as patched:
        for name in _CHANGES:
            patched.setattr(os, name, counted(getattr(os, name)))
        patched.setattr(os, "fsync", flushed)
        patched.setattr(io, "open", opened)
        if end:
            patched.setattr(os, "getpid", lambda: _NOBODY)
        yield changes


def tree(root: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
