"""Fails unless two wheels have the same files with the same content: one built from the sources, one from the sdist.

python .ci/same_wheel.py WHEEL OTHER
"""
# ruff: noqa: INP001 - a script, not a package

from __future__ import annotations

import sys
import zipfile


def main(one: str, other: str) -> str | None:
    left, right = content(one), content(other)
    different = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
    if different:
        return "\n".join([f"{one} and {other} differ in {len(different)} files:", *different])
    sys.stdout.write(f"both wheels have the same {len(left)} files\n")
    return None


def content(wheel: str) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
