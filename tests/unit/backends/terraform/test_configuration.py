"""Terraform would accept the configuration of every example and case, and it has all of the stack."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from flowgen.backends.terraform.resource_table import TABLE, VERSIONS
from flowgen.pipeline import check_paths, template, terraform
from tests.unit.backends.terraform.configurations import cycle, reference_errors, schema_errors

ROOT = Path(__file__).parents[4]
SOURCES = [
    *(path.parent.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("examples/*/workflows"))),
    *(path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("tests/cases/*/*/workflow.yaml"))),
]
WITHOUT_COUNTERPART = {"tests/cases/stack/in_aws/workflow.yaml": ["`DeploymentPreference`"]}
"""Cases with something that Terraform does not have."""


@functools.cache
def _made(source: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The CloudFormation template and the Terraform configuration of a source, if it can be deployed."""
    builds = check_paths((source,), ROOT).loaded
    stack, _ = template(builds, "json")
    if stack is None:
        return None
    text, problems = terraform(builds)
    if source in WITHOUT_COUNTERPART:
        errors = [found.message.split()[0] for found in problems if found.severity == "error"]
        assert (text, errors) == (None, WITHOUT_COUNTERPART[source])
        return None
    assert text is not None, problems
    return json.loads(stack), json.loads(text)


@pytest.mark.parametrize("source", SOURCES)
def test_terraform_would_accept_the_configuration(source: str) -> None:
    """Its arguments, and its graph. It has every resource, output and parameter of the stack."""
    if (made := _made(source)) is None:
        return
    stack, configuration = made
    assert list(schema_errors(configuration)) == []
    assert cycle(configuration) is None
    for logical_id, declared in stack["Resources"].items():
        if declared["Type"] not in VERSIONS:
            assert logical_id in configuration["resource"][TABLE[declared["Type"]].type]
    published = [declared for declared in stack["Resources"].values() if declared["Type"] in VERSIONS]
    bodies = [body for resources in configuration["resource"].values() for body in resources.values()]
    assert len([body for body in bodies if body.get("publish")]) == len(published)
    assert configuration.get("output", {}).keys() == stack.get("Outputs", {}).keys()
    assert configuration["variable"].keys() == {"stack_name", *stack.get("Parameters", {})}


@pytest.mark.needs("hcl2json")
def test_terraforms_parser_accepts_the_expressions() -> None:
    """And they refer to what their configuration has. One process for all: it takes a second to start."""
    configurations = {source: made[1] for source in SOURCES if (made := _made(source)) is not None}
    assert len(configurations) > len(SOURCES) * 0.8
    assert list(reference_errors(configurations)) == []


def test_the_same_bytes() -> None:
    builds = check_paths(("examples/place_order",), ROOT).loaded
    assert terraform(builds) == terraform(builds)
