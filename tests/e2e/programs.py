"""The programs of this environment, as a user starts them, with a separate home folder."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
"""Not resolved: in a virtual environment the interpreter is a link, and its programs lie beside the link."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Runs programs in a folder. `scratch` takes their caches; `home` is the user's home folder."""

    scratch: Path
    home: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "home", self.scratch / "home")
        self.home.mkdir(exist_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        """The environment, without what would make a program behave differently here than for somebody else."""
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR") if name in os.environ}
        return kept | {
            "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath), os.defpath]),
            "HOME": str(self.home),
            "MYPY_CACHE_DIR": str(self.scratch / "mypy"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        }

    def run(self, *command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a program, whatever its status."""
        return subprocess.run(
            [BIN / command[0], *command[1:]],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def succeed(self, *command: str | Path, folder: Path) -> str:
        """Run a program that is to succeed; what it printed."""
        done = self.run(*command, folder=folder)
        assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
        return done.stdout
