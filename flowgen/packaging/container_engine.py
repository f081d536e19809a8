"""The program that builds and pushes container images: Docker, or one with the same command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ENGINES: Final = ("docker", "podman", "finch")
"""In the order in which they are tried."""

_LINES: Final = 6
_WIDTH: Final = 300
"""How many lines of the program's output are shown, and how many characters per line."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine by the path of its program."""

    program: str

    @property
    def name(self) -> str:
        return Path(self.program).stem

    def run(self, arguments: Sequence[str], folder: Path | None = None, given: str = "") -> tuple[int, str]:
        """Runs a command with `given` as its input; returns its status and output. Raises OSError."""
        done = subprocess.run(  # noqa: S603 - an engine with flowgen's own arguments
            [self.program, *arguments],
            cwd=folder,
            # Lambda rejects the index that BuildKit makes of an image and its attestations (Lambda developer guide,
            # "Create a Lambda function using a container image").
            env=os.environ | {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"},
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return done.returncode, done.stdout


def find_engine(which: Callable[[str], str | None] = shutil.which) -> Engine | None:
    """The first engine on PATH."""
    return next((Engine(path) for name in ENGINES if (path := which(name)) is not None), None)


def last_lines(printed: str) -> tuple[str, ...]:
    """The end of a program's output, for a diagnostic."""
    return tuple(line[:_WIDTH] for line in printed.splitlines() if line.strip())[-_LINES:]
