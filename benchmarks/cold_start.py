"""Cold starts of a packaged function with and without bytecode: a process imports the entry point and calls it once.

`python -m benchmarks.cold_start`, in the project folder; pip needs an index. Only the content of the zip and Python's
standard library are available, and as in Lambda, nothing is written next to the code.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from benchmarks.timing import Command, interleaved, table

EXAMPLE = Path(__file__).parents[1] / "examples" / "place_order"
FUNCTION = "charge_card"
EVENT = {
    "input": {"order": "A-1001", "amount": 100, "card": {"token": "tok_visa", "holder": "ADA LOVELACE"}},
    "context": {
        "execution_id": "arn:aws:states:eu-west-1:111111111111:execution:place_order:1",
        "execution_name": "1",
        "started_at": "2026-11-29T10:00:00Z",
        "workflow": "place_order",
        "step": "charge",
        "attempt": 0,
    },
}
START = """import sys
sys.path.insert(0, sys.argv[1])
from place_order.generated.entry_points import {function}
{function}.handler({event!r}, None)
"""
MACHINE = {"aarch64": "arm64"}.get(platform.machine(), "x86_64")


def packaged(project: Path, *, bytecode: bool) -> Path:
    """The zip of the function, for this machine's Python."""
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", "build", ".flowgen"))
    workflow = project / "workflows" / "place_order.yaml"
    runtime = f"runtime: python{sys.version_info.major}.{sys.version_info.minor}\n    architecture: {MACHINE}"
    workflow.write_text(
        workflow.read_text("utf-8").replace("  function:\n", f"  function:\n    {runtime}\n", 1), "utf-8"
    )
    with (project / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n[tool.flowgen.packaging]\nbytecode = {json.dumps(bytecode)}\n")
    for command in ("generate", "package"):
        subprocess.run([sys.executable, "-m", "flowgen", "-q", command], cwd=project, check=True)
    return next((project / "build" / "assets").glob(f"place_order-{FUNCTION}-*.zip"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=31)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "start.py"
        script.write_text(START.format(function=FUNCTION, event=EVENT), "utf-8")
        commands = {}
        for title, bytecode in (("without bytecode", False), ("with bytecode", True)):
            zipped = packaged(folder / f"project-{bytecode}", bytecode=bytecode)
            task = folder / f"task-{bytecode}"
            with zipfile.ZipFile(zipped) as archive:
                archive.extractall(task)
                unzipped = sum(info.file_size for info in archive.infolist())
            print(f"{title}: {zipped.stat().st_size:,} bytes, {unzipped:,} unzipped")
            commands[title] = Command([sys.executable, "-I", "-S", "-B", script, task], folder)
        commands["Python alone"] = Command([sys.executable, "-I", "-S", "-B", "-c", ""], folder)
        print(table(interleaved(commands, runs)))


if __name__ == "__main__":
    main()
