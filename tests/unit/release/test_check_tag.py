"""`.ci/check_tag.py`: what keeps a tag from being released is said in one line."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT

SCRIPT = ROOT / ".ci" / "check_tag.py"
problem = runpy.run_path(str(SCRIPT))["problem"]
BUILT = ("flowgen_aws-1.2.3-py3-none-any.whl", "flowgen_aws-1.2.3.tar.gz")
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2027-01-31\n\n- Something.\n"


def _dist(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).touch()
    return folder


def test_a_tag_that_fits_is_released(tmp_path: Path) -> None:
    assert problem("v1.2.3", _dist(tmp_path, *BUILT), CHANGELOG) is None


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2.4", "v1.2", "v1.2.3.post1", "release-1.2.3", ""])
def test_a_tag_that_is_not_the_version(tag: str, tmp_path: Path) -> None:
    said = problem(tag, _dist(tmp_path, *BUILT), CHANGELOG)
    assert said == f"the tag is {tag}, but the version is 1.2.3: tag v1.2.3, or change the version and build again"


@pytest.mark.parametrize(
    "heading", ["## [Unreleased]", "## [1.2.3]", "## [1.2.30] - 2027-01-31", "## [1x2.3] - 2027-01-31"]
)
def test_a_changelog_without_the_version(heading: str, tmp_path: Path) -> None:
    """The section needs a date as well."""
    said = problem("v1.2.3", _dist(tmp_path, *BUILT), f"# Changelog\n\n{heading}\n")
    assert said == "CHANGELOG.md has no section for 1.2.3: rename 'Unreleased' to '## [1.2.3] - YYYY-MM-DD'"


@pytest.mark.parametrize(
    "names", [(), BUILT[:1], BUILT[1:], (*BUILT, "flowgen_aws-1.2.4.tar.gz"), (BUILT[0], "flowgen_aws-1.2.4.tar.gz")]
)
def test_files_that_are_not_of_one_version(names: tuple[str, ...], tmp_path: Path) -> None:
    said = problem("v1.2.3", _dist(tmp_path, *names), CHANGELOG)
    found = ", ".join(sorted(names)) or "nothing"
    assert said == f"{tmp_path} must hold one wheel and one source distribution of the same version, found {found}"


def test_the_script_fails_with_one_line(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "v9", str(_dist(tmp_path, *BUILT))]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [problem("v9", tmp_path, CHANGELOG)]
    assert done.stdout == ""
