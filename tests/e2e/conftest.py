"""One folder for caches, and one new project, for all tests of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.programs import Programs


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    return Programs(tmp_path_factory.mktemp("programs"))


@pytest.fixture(scope="session")
def shop(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `flowgen new shop` makes; tests only read it."""
    folder = tmp_path_factory.mktemp("work")
    programs.succeed("flowgen", "new", "shop", folder=folder)
    return folder / "shop"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `flowgen package` installs: each set of dependencies once."""
    return tmp_path_factory.mktemp("cache")
