"""Runs the README's set-up commands as a newcomer does: in a copy of the checkout, with no tool but Python and git.

Usage: python3 .ci/fresh.py FOLDER, where FOLDER does not exist yet. The copy has every file that git does not ignore,
so that it includes changes that are not committed. Exits with the status of the first command that fails.
"""
# ruff: noqa: INP001, S603, S607 - a script, no package, that starts programs of the machine

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = {"python3": sys.executable, "git": shutil.which("git")}
HIDDEN = ("PYTEST_ADDOPTS", "PYTHONPATH", "VIRTUAL_ENV")
"""Variables that would change what the commands do. Others stay: they may say where pip finds its package index."""


def commands() -> list[str]:
    """The README's two set-up commands: the first runs the example, the second the tests."""
    found = re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    if len(found) != 2:  # noqa: PLR2004 - see the docstring
        raise SystemExit(f"expected two set-up commands in README.md, found {len(found)}")
    return found


def copy(folder: Path) -> None:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)


def environment(folder: Path) -> dict[str, str]:
    """The environment with a PATH of nothing but Python and git.

    They are scripts that start the real programs, because links can mislead Python about where its library is.
    """
    folder.mkdir()
    for name, program in PROGRAMS.items():
        if program is None:
            raise SystemExit(f"{name} is not installed")
        (folder / name).write_text(f'#!/bin/sh\nexec {shlex.quote(program)} "$@"\n')
        (folder / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    return {**kept, "PATH": str(folder)}


def main() -> int:
    folder = Path(sys.argv[1])
    clone = folder / "flowgen"
    clone.mkdir(parents=True)
    copy(clone)
    given = environment(folder / "path")
    for command in commands():
        print(f"$ {command}", flush=True)  # noqa: T201 - this is a program
        status = subprocess.run(["/bin/sh", "-c", command], cwd=clone, env=given, check=False).returncode
        if status != 0:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
