"""Fails unless a tag, the files built from it and the changelog name the same version.

    python .ci/check_tag.py TAG DIST

TAG is `v` and a version. DIST is a folder with one wheel and one source distribution: the version in their names is the
one that would be published, wherever the project keeps it.
"""
# ruff: noqa: INP001 - a script, not a package

from __future__ import annotations

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def problem(tag: str, dist: Path, changelog: str) -> str | None:
    """What keeps a tag from being released, in one line."""
    wheels, sources = [path.name for path in dist.glob("*.whl")], [path.name for path in dist.glob("*.tar.gz")]
    versions = {*(name.split("-")[1] for name in wheels), *(name[:-7].rpartition("-")[2] for name in sources)}
    if (len(wheels), len(sources), len(versions)) != (1, 1, 1):
        found = ", ".join(sorted([*wheels, *sources])) or "nothing"
        return f"{dist} must hold one wheel and one source distribution of the same version, found {found}"
    [version] = versions
    if tag != f"v{version}":
        return f"the tag is {tag}, but the version is {version}: tag v{version}, or change the version and build again"
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        return f"CHANGELOG.md has no section for {version}: rename 'Unreleased' to '## [{version}] - YYYY-MM-DD'"
    return None


if __name__ == "__main__":
    sys.exit(problem(sys.argv[1], Path(sys.argv[2]), CHANGELOG.read_text("utf-8")))
