"""Reports changes of the project's files, or runs a command again after them (`flowgen deploy --watch`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

State = Mapping[str, tuple[int, int]]
"""Modification time in nanoseconds and size of each file by its path."""

_POLL = 1.0
_IGNORED = frozenset({"__pycache__", "build", "dist", "node_modules"})


def state_of(root: Path) -> State:
    """The files below a folder, except those that tools write and those in hidden folders and virtual environments."""
    return {path: (found.st_mtime_ns, found.st_size) for path, found in _files(root)}


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # deleted in the meantime
        return
    if any(entry.name == "pyvenv.cfg" for entry in entries):
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _IGNORED:
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            elif entry.is_file():
                yield entry.path, entry.stat()
        except OSError:
            continue


def watch(
    run: Callable[[], object], state: Callable[[], State], sleep: Callable[[float], None], say: Callable[[str], None]
) -> NoReturn:
    """Calls `run` after each change of the state, once the state has stopped changing. Ends with KeyboardInterrupt."""
    known = state()
    while True:
        say("watching for changes; press Ctrl-C to stop")
        current = state()
        while current == known:
            sleep(_POLL)
            current = state()
        while True:  # editors and generators write several files
            sleep(_POLL)
            before, current = current, state()
            if before == current:
                break
        say(f"changed: {_names(known, current)}")
        known = current
        run()


class Changes:
    """The changes of a state since the last that were reported. Ask again and again."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state
        self._known = self._last = state()

    def names(self) -> str | None:
        """The files that have changed, once they have stopped changing."""
        before, self._last = self._last, self._state()
        if self._last != before or self._last == self._known:
            return None
        names, self._known = _names(self._known, self._last), self._last
        return names


_SHOWN = 3


def _names(before: State, after: State) -> str:
    changed: Sequence[str] = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    shown = ", ".join(Path(path).name for path in changed[:_SHOWN])
    return shown if len(changed) <= _SHOWN else f"{shown} and {len(changed) - _SHOWN} more"
