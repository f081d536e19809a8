"""A program that behaves like `docker` as far as flowgen uses it, and records its calls."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_PROGRAM = """#!{python}
import json, os, sys
state = {state!r}
given = sys.stdin.read()
with open(state + "/calls.jsonl", "a") as calls:
    attestations = os.environ.get("BUILDX_NO_DEFAULT_ATTESTATIONS")
    calls.write(json.dumps([sys.argv[1:], os.getcwd(), given, attestations]) + "\\n")
options = dict(part.split("=", 1) for part in sys.argv if part.startswith("--") and "=" in part)
fails = {fails!r}
if sys.argv[1] in fails:
    print("first line\\n" + fails[sys.argv[1]])
    sys.exit(1)
if "--iidfile" in options:
    with open(options["--iidfile"], "w") as file:
        file.write("sha256:" + {digit!r} * 64)
if sys.argv[1] == "push":
    with open(state + "/pushed", "a") as file:
        file.write(sys.argv[2] + "\\n")
"""


def install(folder: Path, name: str = "docker", digit: str = "a", fails: dict[str, str] | None = None) -> Path:
    """Writes the program into `folder`, which a test puts on PATH; returns the path of the program."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    text = _PROGRAM.format(python=sys.executable, state=str(folder), digit=digit, fails=fails or {})
    program.write_text(text, "utf-8")
    program.chmod(0o755)
    return program


def calls(folder: Path) -> list[Any]:
    """The arguments, the folder, the input and the environment variable of each call."""
    file = folder / "calls.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
