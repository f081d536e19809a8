"""Prints whether every dependency has a wheel on each supported platform and Python; fails where one is missing.

    python .ci/wheels.py [EXTRA…]

Needs uv and a package index. Without an EXTRA, it covers flowgen's own dependencies and those of every extra for users.

uv evaluates environment markers for the platform that it resolves for. `pip download --platform` evaluates them for the
Python that runs it, and so overlooks what only Windows or a newer Python needs.

A target is resolved in two steps: first as an installer would, with source distributions allowed, then the versions
that this chose with wheels alone. With wheels alone from the start, uv would go back to an old version that has one.
"""
# ruff: noqa: INP001 - a script, not a package

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "pyproject.toml"
# uv's name of each platform: a manylinux number is the oldest glibc, 2.28 being that of Debian 10 and RHEL 8.
PLATFORMS = {
    "Linux x86-64, glibc": "x86_64-manylinux_2_28",
    "Linux arm64, glibc": "aarch64-manylinux_2_28",
    "Linux x86-64, musl": "x86_64-unknown-linux-musl",
    "Linux arm64, musl": "aarch64-unknown-linux-musl",
    "macOS x86-64": "x86_64-apple-darwin",
    "macOS arm64": "aarch64-apple-darwin",
    "Windows x86-64": "x86_64-pc-windows-msvc",
}
FOR_MAINTAINERS = "dev"


def main(chosen: Sequence[str]) -> int:
    program = shutil.which("uv")
    if program is None:
        sys.stderr.write("wheels.py needs uv: pip install uv\n")
        return 2
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    pythons = supported_pythons(project["classifiers"])
    extras = list(chosen) or [name for name in project["optional-dependencies"] if name != FOR_MAINTAINERS]
    targets = [(platform, python) for platform in PLATFORMS.values() for python in pythons]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda target: without_wheels(program, extras, *target), targets))
    cells = [f"{count} wheels" if not names else f"no wheel: {', '.join(names)}" for count, names in found]
    rows = [[name, *cells[at * len(pythons) : (at + 1) * len(pythons)]] for at, name in enumerate(PLATFORMS)]
    sys.stdout.write(table([f"{project['name']}[{','.join(extras)}]", *pythons], rows))
    missing = sorted({name for _, names in found for name in names})
    if missing:
        sys.stdout.write(f"\nwithout a wheel on some platform: {', '.join(missing)}\n")
    return 1 if missing else 0


def supported_pythons(classifiers: Sequence[str]) -> list[str]:
    """The minor versions, such as `3.11`, that the classifiers of the project name."""
    return re.findall(r"^Programming Language :: Python :: (3\.\d+)$", "\n".join(classifiers), re.MULTILINE)


def without_wheels(uv: str, extras: Sequence[str], platform: str, python: str) -> tuple[int, list[str]]:
    """How many packages an installation has on a platform, and the names of those without a wheel there."""
    target = ["--python-platform", platform, "--python-version", python]
    wanted = [str(PROJECT), *(f"--extra={extra}" for extra in extras)]
    resolved = compiled(uv, [*wanted, *target])
    if resolved.returncode:
        # Without a way to resolve it, there is nothing to name but uv's own message.
        raise SystemExit(f"{platform}, Python {python}: {resolved.stderr.strip()}")
    pins, missing = resolved.stdout.splitlines(), []
    while name := lacking(uv, pins, target):
        missing.append(name)
        pins = [pin for pin in pins if pin.partition("==")[0] != name]
    return len(pins) + len(missing), missing


def lacking(uv: str, pins: Sequence[str], target: Sequence[str]) -> str | None:
    """The first package without a wheel, as uv names it in its message; None where all have one."""
    done = compiled(uv, ["-", "--no-deps", "--only-binary", ":all:", *target], "\n".join(pins))
    if done.returncode == 0:
        return None
    named = re.search(r"(?:Because|And because) ([\w.-]+)==\S+ has no (?:usable )?wheels", done.stderr)
    if named is None or not any(pin.startswith(f"{named[1]}==") for pin in pins):
        raise SystemExit(done.stderr.strip())
    return named[1]


def compiled(uv: str, arguments: Sequence[str], given: str = "") -> subprocess.CompletedProcess[str]:
    command = [uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate", *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False)  # noqa: S603 - uv, with our arguments


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned."""
    lines = [header, ["---"] * len(header), *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    return "".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |\n"
        for line in lines
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
