"""Options and markers of the whole test run: where recordings are, what a test needs, which tests are slow."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# Where a test imports jsonata-python by itself, the library raises the recursion limit for all tests after it; here the
# first import is ours, which puts it back.
import flowgen.jsonata.grammar  # noqa: F401 - see above
from tests.tools import missing

# A busy machine is not a failure: no test asserts a time, those of hypothesis included.
settings.register_profile("flowgen", deadline=None)
settings.load_profile("flowgen")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--conformance`, `--corpus`, `--cases`, `--slow` and `--update`."""
    group = parser.getgroup("flowgen")
    group.addoption("--conformance", metavar="DIR", help="folder with recordings of what AWS Step Functions did")
    group.addoption("--corpus", metavar="DIR", help="folder with definitions and expressions that people published")
    group.addoption("--cases", metavar="DIR", help="folder with measured facts, bug reports and seeded mistakes")
    group.addoption("--slow", action="store_true", help="run the tests marked `slow` too")
    group.addoption("--update", action="store_true", help="rewrite the golden files instead of comparing with them")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips slow tests, and those that need what is not installed, before any of their fixtures is set up."""
    if item.get_closest_marker("slow") is not None and not item.config.getoption("--slow"):
        pytest.skip("slow: run pytest --slow")
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            reason = missing(name)
            if reason is not None:
                pytest.skip(reason)


@pytest.fixture
def conformance_dir(request: pytest.FixtureRequest) -> Path:
    """The folder of recordings; tests that need it are skipped without `--conformance`."""
    return _folder(request, "conformance")


@pytest.fixture
def corpus_dir(request: pytest.FixtureRequest) -> Path:
    """The folder of corpora; tests that need it are skipped without `--corpus`."""
    return _folder(request, "corpus")


@pytest.fixture(scope="session")
def cases_dir(request: pytest.FixtureRequest) -> Path:
    """The folder of cases found in the field; tests that need it are skipped without `--cases`."""
    return _folder(request, "cases")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written again."""
    return bool(request.config.getoption("--update"))


def _folder(request: pytest.FixtureRequest, option: str) -> Path:
    given = request.config.getoption(f"--{option}")
    if given is None:
        pytest.skip(f"needs --{option} DIR")
    return Path(given).resolve()
