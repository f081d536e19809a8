"""Fails unless the wheel named on the command line holds every file that flowgen reads when it is installed."""
# ruff: noqa: INP001 - a script, no package

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Folder of the project → folder of the wheel, as `[tool.hatch.build.targets.wheel]` has them.
SHIPPED = {
    "cookiecutter": "flowgen/_resources/cookiecutter",
    "schemas": "flowgen/_resources/schemas",
    "flowgen/diagnostics/explain": "flowgen/diagnostics/explain",
    "flowgen/viewer/assets": "flowgen/viewer/assets",
}


def main(wheel: str) -> str | None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"flowgen/py.typed"}
    for folder, target in SHIPPED.items():
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        if not files:
            return f"{folder} is empty: there is nothing to ship"
        wanted |= {f"{target}/{path.relative_to(ROOT / folder).as_posix()}" for path in files}
    missing = sorted(wanted - held)
    if missing:
        return "\n".join([f"{Path(wheel).name} lacks {len(missing)} files:", *missing])
    sys.stdout.write(f"{Path(wheel).name} holds all {len(wanted)} resource files\n")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
