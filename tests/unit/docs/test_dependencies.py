"""docs/explanation/dependencies.md names every dependency, and where each is imported."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

from tests.unit.docs.pages import ROOT, code, table

PAGE = ROOT / "docs" / "explanation" / "dependencies.md"


def _project() -> dict[str, Any]:
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return settings


def _names(requirements: list[str]) -> list[str]:
    names = [re.match(r"[\w.-]+", requirement) for requirement in requirements]
    return sorted(name[0] for name in names if name and name[0] != "flowgen-aws")


def _listed(heading: str) -> list[str]:
    return [row[0] for row in table(PAGE, heading)]


def test_the_model_generator_is_bounded_at_a_minor_version() -> None:
    """It writes committed code, which must be the same in every developer's environment."""
    [generator] = [Requirement(one) for one in _project()["dependencies"] if one.startswith("datamodel-code-generator")]
    lowest, *ceiling = sorted(Version(bound.version) for bound in generator.specifier)
    assert {bound.operator for bound in generator.specifier} == {">=", "<"}
    assert ceiling == [Version(f"{lowest.major}.{lowest.minor + 1}")]


EXTRAS = {
    "To lint templates": "lint",
    "To read Parquet files": "parquet",
    "To ask AWS": "aws",
    "To deploy": "deploy",
    "To serve": "serve",
    "To draw inputs": "testing",
    "To use the AWS CDK": "cdk",
}
"""The headings of the extras that users may install."""


def test_every_dependency_is_listed() -> None:
    """The tables are those of pyproject.toml, each in the order of the alphabet."""
    project = _project()
    optional = project["optional-dependencies"]
    assert _listed("To use flowgen") == _names(project["dependencies"])
    assert {heading: _listed(heading) for heading in EXTRAS} == {
        heading: _names(optional[extra]) for heading, extra in EXTRAS.items()
    }
    assert _listed("To work on flowgen") == _names(optional["dev"])
    assert {*EXTRAS.values(), "dev"} == optional.keys()


def _imports() -> Iterator[tuple[str, str]]:
    """Each module of flowgen with the distributions that it imports."""
    owners = {**NOT_INSTALLED, **packages_distributions()}
    for path in sorted((ROOT / "flowgen").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                for owner in owners.get(name.partition(".")[0], []):
                    if owner != "flowgen-aws":
                        yield module, owner.lower().replace("_", "-")


NOT_INSTALLED = {"aws_cdk": ["aws-cdk-lib"], "constructs": ["constructs"]}
"""Packages of an extra that `dev` does not install."""
PARTS = {"pydantic-core": "pydantic", "botocore": "boto3"}
"""Distributions that come with another one."""


def test_each_is_imported_where_the_page_says() -> None:
    """A dependency is imported in the packages of its row, in all of them and nowhere else."""
    found: dict[str, set[str]] = {}
    for module, owner in _imports():
        found.setdefault(PARTS.get(owner, owner), set()).add(module)
    rows = [row for heading in ("To use flowgen", *EXTRAS) for row in table(PAGE, heading)]
    # The plugin is loaded by pytest, so pytest is there.
    assert found.pop("pytest") == {"flowgen.pytest_plugin"}
    assert set(found) <= {row[0] for row in rows}
    for row in rows:
        shown, modules = code(row[5]), found.get(row[0], set())
        assert all(any(f"{module}.".startswith(f"{place}.") for place in shown) for module in modules), row[0]
        assert all(any(f"{module}.".startswith(f"{place}.") for module in modules) for place in shown), row[0]
