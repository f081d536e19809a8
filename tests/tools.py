"""Programs whose dependencies clash with ours: `.ci/run` installs each in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def tool(name: str, program: str) -> Path:
    """A program of the environment that `.ci/tools/NAME.txt` describes; without it, the test is skipped."""
    found = ROOT / ".tools" / name / "bin" / program
    if not found.exists():
        pytest.skip(
            f"needs {program}: python -m venv .tools/{name} && .tools/{name}/bin/pip install -r .ci/tools/{name}.txt"
        )
    return found
