"""Where flowgen was installed from, and what is reported for a broken installation."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from flowgen import __version__, installation
from tests.tools import old_pythons

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


class Installed:
    """The metadata of a distribution with this `direct_url.json`."""

    def __init__(self, recorded: Any) -> None:
        self.recorded = recorded

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self.recorded is None else json.dumps(self.recorded)


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        (None, f"=={__version__}"),
        ({"url": "FOLDER", "dir_info": {}}, " @ FOLDER"),
        ({"url": "FOLDER", "dir_info": {"editable": True}}, " @ FOLDER"),
        ({"url": "FOLDER/deleted", "dir_info": {}}, f"=={__version__}"),
        ({"url": "FOLDER/deleted.whl", "archive_info": {"hash": "sha256=aa"}}, f"=={__version__}"),
        ({"url": "FOLDER", "dir_info": {}, "subdirectory": "tools"}, " @ FOLDER#subdirectory=tools"),
        ({"url": "https://host.example/a.whl", "archive_info": {}}, " @ https://host.example/a.whl"),
        (
            {
                "url": "https://host.example/a.git",
                "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": "0123abc"},
                "subdirectory": "tools",
            },
            " @ git+https://host.example/a.git@0123abc#subdirectory=tools",
        ),
    ],
)
def test_where_flowgen_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorded: Any, expected: str
) -> None:
    """A requirement of what PEP 610 records installs the same again."""
    (tmp_path / "a b").mkdir()
    folder = (tmp_path / "a b").as_uri()
    recorded = json.loads(json.dumps(recorded).replace("FOLDER", folder))
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _name: Installed(recorded))

    found = installation.source()

    assert found == expected.replace("FOLDER", folder)
    assert Requirement(f"flowgen-aws{found}").name == "flowgen-aws"


def test_flowgen_that_nothing_installed_is_its_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    def distribution(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)

    assert installation.source() == f" @ {ROOT.as_uri()}"


def test_the_distribution_is_the_one_of_pyproject() -> None:
    assert PROJECT["name"] == installation.DISTRIBUTION


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ModuleNotFoundError("No module named 'yaml'", name="yaml"), "`yaml`.*pip install --force-reinstall"),
        (ImportError("x.so: wrong\n ELF class", name="core._core"), r"`core`.*\(x.so: wrong ELF class\).*pip install"),
        (ImportError("no wheel"), "a package.*pip install --force-reinstall"),
        (ModuleNotFoundError("No module named '_bz2'", name="_bz2"), "built without `_bz2`.*another build of Python"),
        (ModuleNotFoundError("No module named 'flowgen.x'", name="flowgen.x"), None),
        (ImportError("cannot import name 'x' from 'flowgen'", name="flowgen"), None),
    ],
    ids=str,
)
def test_what_cannot_be_imported(error: ImportError, told: str | None) -> None:
    """One line for what is missing in the environment; flowgen's own modules are for a report of a bug."""
    message = installation.cannot_import(error)

    assert (message is None) is (told is None)
    assert message is None or (re.search(told or "", message) and "\n" not in message)


WITHOUT = """
import json, sys
modules, commands = map(json.loads, sys.argv[1:])
sys.modules.update(dict.fromkeys(modules))  # an import of None fails
from flowgen.cli import main
for command in commands:
    sys.argv[1:] = command
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""
"""Runs commands one after another, until one fails, where some modules can't be imported."""

EXAMPLES = ROOT / "examples"
COMMANDS = (
    ("-C", str(EXAMPLES / "place_order"), "check"),
    ("-C", str(EXAMPLES / "run_report"), "template"),
    ("-C", "FOLDER", "new", "shop", "--no-input"),
    # After `new`: a handler that cannot import pydantic is a failure of the handler.
    ("-C", str(EXAMPLES / "place_order"), "run", ".", "--input", "@inputs/paid_by_card.json"),
    ("-C", "FOLDER/shop", "package"),
)
OWNERS = importlib.metadata.packages_distributions()
MODULES = {
    str(name): [module for module, owners in OWNERS.items() if name in map(canonicalize_name, owners)]
    for name in (canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"])
}


@pytest.mark.parametrize("dependency", MODULES)
def test_a_package_that_is_missing(dependency: str, tmp_path: Path) -> None:
    """Whichever it is, the first command that needs it says in one line what to type, and ends with status 2."""
    commands = [["-q", *(argument.replace("FOLDER", str(tmp_path)) for argument in command)] for command in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(MODULES[dependency]), json.dumps(commands)],
        capture_output=True,
        text=True,
        check=False,
    )
    [line] = done.stderr.splitlines()
    found = re.match("Error: flowgen cannot import `(.*)` with Python", line)
    assert found is not None, line
    assert (found[1] in MODULES[dependency], done.returncode) == (True, 2)


OLD = """
import runpy, sys
sys.version_info, sys.version = (3, 10, 4), "3.10.4 (main)"
runpy.run_module("flowgen", run_name="__main__")
"""


def test_an_old_python() -> None:
    """A line, before anything else is imported."""
    done = subprocess.run([sys.executable, "-c", OLD], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(
        "Error: flowgen requires Python 3.11 or newer, and this is Python 3.10.4: create a virtual env"
    )


@pytest.mark.needs("old-python")
@pytest.mark.parametrize(
    "start", [["-m", "flowgen"], ["-c", "from flowgen.cli import main; main()"]], ids=["-m", "command"]
)
def test_real_old_pythons(start: list[str]) -> None:
    """They can parse what runs before the check."""
    for python in old_pythons():
        done = subprocess.run([python, "-B", *start], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), (python, done.stderr)
        assert done.stderr.startswith("Error: flowgen requires Python 3.11 or newer")
