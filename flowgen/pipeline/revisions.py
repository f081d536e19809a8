"""A project as it was at a revision of its git repository."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePosixPath

_SUFFIXES = (".yaml", ".yml", ".toml", ".json", ".py")
"""The files that a check reads: workflows and what they import, settings, stored schemas, Python callables."""
_REGULAR = ("100644", "100755")
_MAX_FILE = 4 * 1024 * 1024


class RevisionError(Exception):
    """Why the files of a revision cannot be read, as a message for the user."""


def extract(folder: Path, revision: str, into: Path) -> Path:
    """Writes the files below `folder` at `revision` into another folder, and returns that folder.

    `revision` is anything that `git rev-parse` accepts. Only regular files that a check may read are written: links and
    large files of a repository have no effect, nor have attributes such as `export-ignore`. Raises RevisionError and
    OSError.
    """
    unknown = f"the repository has no revision `{revision}`"
    _git(folder, "rev-parse", "--show-toplevel")
    wanted = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = _git(folder, *wanted, failure=unknown).decode().strip()
    listed = _git(folder, "ls-tree", "-r", "-z", "-l", commit)
    names: list[tuple[str, PurePosixPath]] = []
    for entry in filter(None, listed.split(b"\0")):
        head, _, name = entry.partition(b"\t")
        mode, _, identity, size = head.decode().split()
        path = PurePosixPath(name.decode(errors="surrogateescape"))
        if mode in _REGULAR and path.suffix in _SUFFIXES and ".." not in path.parts and int(size) <= _MAX_FILE:
            names.append((identity, path))
    contents = _git(folder, "cat-file", "--batch", given="".join(f"{identity}\n" for identity, _ in names).encode())
    start = 0
    for _, path in names:
        head_end = contents.index(b"\n", start)
        end = head_end + 1 + int(contents[start:head_end].split()[2])
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(contents[head_end + 1 : end])
        start = end + 1
    return into


def _git(folder: Path, *arguments: str, given: bytes = b"", failure: str = "") -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False)  # noqa: S603 - git
    except FileNotFoundError:
        raise RevisionError("git is not installed, or not on PATH") from None
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise RevisionError(failure or f"git cannot read the repository: {reason}")
    return done.stdout
