"""CHANGELOG.md and the version are in step, and the version is in one place."""

from __future__ import annotations

import re
import tomllib

from packaging.version import Version

from flowgen import __version__
from tests.unit.docs.pages import ROOT

HEADINGS = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_the_newest_release_is_the_version() -> None:
    """Changes go under "Unreleased"; releases come after it, with a date, the newest first."""
    unreleased, *headings = HEADINGS
    assert unreleased == "[Unreleased]"
    releases = [re.fullmatch(r"\[(\S+)\] - \d{4}-\d{2}-\d{2}", heading) for heading in headings]
    assert None not in releases
    versions = [Version(release[1]) for release in releases if release]
    assert versions == sorted(versions, reverse=True)
    assert versions[:1] in ([], [Version(__version__)])


def test_the_version_is_in_one_place() -> None:
    """hatchling reads it from the package, without an import."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" not in settings["project"]
    assert settings["project"]["dynamic"] == ["version"]
    assert settings["tool"]["hatch"]["version"] == {"path": "flowgen/__init__.py"}
    assert re.findall(
        r'^__version__ = "(.*)"$', (ROOT / "flowgen" / "__init__.py").read_text("utf-8"), re.MULTILINE
    ) == [__version__]
