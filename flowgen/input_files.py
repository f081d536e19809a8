"""Reads files that anybody may have made: it waits for no file, and reads no more than a limit.

In: a path. Out: the bytes of the file. Never: the meaning of a file.

A path in a project may be a pipe, on which reading waits forever, or a device such as `/dev/zero`, which never ends.
"""

from __future__ import annotations

import errno
import os
import select
import stat
from pathlib import Path

MAX_BYTES = 16_000_000
"""The largest file that flowgen reads as text, in bytes."""
_CHUNK = 65_536
_PATIENCE = 1000
"""How long a named pipe may have no writer, in milliseconds."""


def read_file(path: Path, most: int = MAX_BYTES) -> bytes:
    """The content of a regular file of at most `most` bytes.

    Raises OSError if the file cannot be read, is larger, or is not a regular file.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # before it is opened: opening a device may do something
        raise _not_readable(path)
    return _content(path, most, regular=True)


def read_stream(path: Path, most: int = MAX_BYTES) -> bytes:
    """The content of a file, or of a pipe or device that the user named, such as `/dev/stdin`.

    Raises OSError as `read_file` does, and for a pipe that no program writes to.
    """
    return _content(path, most, regular=False)


def _content(path: Path, most: int, *, regular: bool) -> bytes:
    # Opening a pipe without O_NONBLOCK waits for a writer. Windows has no such pipes.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(kind) or (regular and not stat.S_ISREG(kind)):
            raise _not_readable(path)
        first = _begin(descriptor, path) if stat.S_ISFIFO(kind) else b""
        if not stat.S_ISREG(kind):
            os.set_blocking(descriptor, True)
        return _to_the_end(descriptor, first, most, path)
    finally:
        os.close(descriptor)


def _to_the_end(descriptor: int, first: bytes, most: int, path: Path) -> bytes:
    parts, length = [first], len(first)
    while part := os.read(descriptor, _CHUNK):
        parts.append(part)
        length += len(part)
        if length > most:
            raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))
    return b"".join(parts)


def _begin(pipe: int, path: Path) -> bytes:
    """The first byte of a pipe, empty if there is none yet. Raises OSError if no program has it open to write to it."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    poll.poll(_PATIENCE)
    try:
        first = os.read(pipe, 1)
    except BlockingIOError:  # it is empty, and has a writer
        return b""
    if not first:
        raise OSError(errno.EINVAL, "it is a pipe that no program writes to", str(path))
    return first


def _not_readable(path: Path) -> OSError:
    if path.is_dir():
        return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return OSError(errno.EINVAL, "it is not a regular file", str(path))
