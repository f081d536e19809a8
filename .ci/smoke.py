"""Installs a wheel into a new environment and uses it as somebody would on the first day.

    python .ci/smoke.py WHEEL

Needs nothing but Python and a package index, so that it runs wherever flowgen does. Exits with 0 if every command of
the tour exited with 0 and printed what the tour expects.
"""
# ruff: noqa: INP001, S603 - a script, not a package, which runs the programs that it installs

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

# Each command, and a part of what it prints.
TOUR = (
    (("new", "shop"), "made shop"),
    (("-C", "shop", "check"), "1 workflow checked"),
    (("-C", "shop", "generate", "--check"), ""),
    (("-C", "shop", "template"), "AWS::StepFunctions::StateMachine"),
    (("-C", "shop", "asl"), '"StartAt"'),
    (("-C", "shop", "run", "--input", "@inputs/ada.json"), "SUCCEEDED after 24 h"),
    (("explain", "FG201"), "unknown function"),
)


def main(wheel: Path) -> int:
    version = wheel.name.split("-")[1]
    with tempfile.TemporaryDirectory() as temporary:
        # Git Bash and macOS name the temporary folder by a link; the commands print the folder that it leads to.
        folder = Path(temporary).resolve()
        venv.create(folder / "venv", with_pip=True)
        programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", wheel.resolve()], check=True)
        for arguments, part in ((("--version",), f"flowgen {version}"), *TOUR):
            done = subprocess.run(
                [programs / "flowgen", *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            # Bytes, since text on Windows may be in another encoding: what flowgen writes to a pipe is UTF-8.
            printed = done.stdout.decode()
            command = f"flowgen {' '.join(arguments)}"
            if done.returncode != 0 or part not in printed:
                sys.stderr.write(f"{command} ended with {done.returncode}, expected 0 and {part!r}:\n{printed}\n")
                return 1
            sys.stdout.write(f"ok  {command}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
