"""Whoever follows a string of this project installs flowgen, and nobody else's package.

`flowgen` on PyPI is a stranger's project: an install command that names it would run that project's code.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import InvalidRequirement, Requirement

from flowgen import __version__
from flowgen.installation import DISTRIBUTION
from tests.unit.docs.pages import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FOLDERS = (".ci", ".github", "benchmarks", "cookiecutter", "docs", "examples", "flowgen")
SUFFIXES = {".cfg", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml", ""}

COMMAND = re.compile(
    r"\b(?:pip3?|pipx|uv(?: (?:pip|tool))?|poetry|pdm) (?:install|add|run|inject|wheel)\b(?P<arguments>[^\n`|&;#]*)"
    r"|\buvx\b(?P<of_uvx>[^\n`|&;#]*)"
)
FROM = re.compile(r"\s+--from[ =]['\"]?([^\s'\"]+)")
LOCAL = re.compile(r"[./$~]|-e\b|flowgen_aws-[\w.*-]+\.whl$|\{|\"?dist/")
"""The beginning of a path, a variable, or one of our wheels."""
WITH_VALUE = {"-r", "-c", "--requirement", "--wheel-dir", "--target", "--with", "--from"}

OTHERS = {
    "aws-cdk-lib": "benchmarks compare with it",
    "constructs": "a part of the CDK",
    "aws-lambda-powertools": "benchmarks compare with it",
    "docopt": "an example of a package without wheels",
    "build": "the release workflow builds with it",
    "uv": "`flowgen package` installs with it where it is there",
}
"""What the texts tell people to install that is not flowgen."""

EXTRA = re.compile(r"\bflowgen\[")
PINNED = re.compile(r"""["'\s]flowgen(?:\[[^]]*\])?\s*(?:[=~<>!]=|@ )""")


def texts() -> Iterator[tuple[str, str]]:
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))]
    for path in [*sorted(ROOT.glob("*.md")), ROOT / "pyproject.toml", *paths]:
        skipped = {"__pycache__", "build"} & {*path.parts} or any(
            part.startswith((".venv", ".tools")) for part in path.parts
        )
        if path.is_file() and path.suffix in SUFFIXES and not skipped:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8", errors="replace")


def installed(line: str) -> Iterator[str]:
    """The names of the distributions that the install commands of a line ask an index for."""
    for command in COMMAND.finditer(line):
        if command["of_uvx"] and (source := FROM.match(command["of_uvx"])):
            # What follows is the program that is run.
            if not LOCAL.match(source[1]):
                yield Requirement(source[1]).name
            continue
        lexer = shlex.shlex(command["arguments"] or command["of_uvx"] or "", posix=True, punctuation_chars="()")
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:  # an apostrophe of prose
            words = (command["arguments"] or command["of_uvx"] or "").split()
        previous = ""
        for word in words:
            if word.startswith(("(", ")")):
                break
            if not word.startswith("-") and previous not in WITH_VALUE and not LOCAL.match(word):
                try:
                    yield Requirement(word).name
                except InvalidRequirement:
                    break
            previous = word


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("pip install flowgen", ["flowgen"]),
        ("- run: python -m pip install -U 'flowgen[deploy]==1'", ["flowgen"]),
        ('(`pip install "flowgen-aws[aws]"`)', ["flowgen-aws"]),
        ("uvx flowgen check", ["flowgen", "check"]),
        ("pipx install flowgen && uv tool install flowgen", ["flowgen", "flowgen"]),
        ("pip install -e '.[dev]'", []),
        ("pip install -r requirements.txt boto3", ["boto3"]),
        ("pip install ./flowgen /a/b $HOME/x", []),
    ],
)
def test_install_commands_are_found(line: str, names: list[str]) -> None:
    assert list(installed(line)) == names


def test_install_commands_name_flowgen_aws() -> None:
    """And what else they name is listed here, with its reason."""
    found = {name: place for place, text in texts() for line in text.splitlines() for name in installed(line)}
    assert {name: place for name, place in found.items() if name not in {DISTRIBUTION, *OTHERS}} == {}
    assert DISTRIBUTION in found


def test_requirements_name_flowgen_aws() -> None:
    """In settings, in the template, in messages: no extra and no version of `flowgen`."""
    found = [place for place, text in texts() if EXTRA.search(text) or PINNED.search(text)]
    assert found == []


def test_extras_that_are_named_exist() -> None:
    named = {
        (extra.strip(), place)
        for place, text in texts()
        for group in re.findall(r"flowgen-aws\[([\w, -]+)\]", text)
        for extra in group.split(",")
    }
    assert {(extra, place) for extra, place in named if extra not in SETTINGS["optional-dependencies"]} == set()
    assert {extra for extra, _ in named} >= {"aws", "deploy", "lint", "testing"}


def test_wheels_that_are_named_have_this_version() -> None:
    found = {(version, place) for place, text in texts() for version in re.findall(r"flowgen_aws-([\w.]+)-py3", text)}
    assert {version for version, _ in found} == {__version__}, found


def test_every_project_requires_flowgen_aws() -> None:
    """The examples, too."""
    for path in (ROOT / "examples").glob("*/pyproject.toml"):
        extras = tomllib.loads(path.read_text("utf-8"))["project"]["optional-dependencies"]
        names = [Requirement(text).name for group in extras.values() for text in group]
        assert [name for name in names if name.startswith("flowgen")] == [DISTRIBUTION], path
