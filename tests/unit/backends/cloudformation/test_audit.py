"""What linters do not see in a template, looked for in all of ours (design's facts, "CloudFormation and linters")."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from flowgen.aws.iam import find_action
from flowgen.backends.cloudformation import stack
from tests.unit.backends.cloudformation.support import CloudFormation
from tests.unit.backends.cloudformation.test_lint import STACKS

TEMPLATES = {name: stack(made) for name, made in STACKS.items()}


def _of(template: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, declared in template["Resources"].items():
        if declared["Type"] == kind:
            yield name, declared["Properties"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_substitution_is_used(name: str) -> None:
    """No key of `DefinitionSubstitutions` is for nothing; those that stand for words stand in each other's values."""
    for machine, properties in _of(TEMPLATES[name], "AWS::StepFunctions::StateMachine"):
        written = json.dumps(properties["Definition"], ensure_ascii=False)
        for key in properties.get("DefinitionSubstitutions", {}):
            assert f"${{{key}}}" in written, (machine, key)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name not in {"hostile", "several"}])
def test_each_placeholder_is_filled(name: str) -> None:
    """Nothing that looks like a placeholder reaches Step Functions, where no text of a user looks like one."""
    for machine, _ in _of(TEMPLATES[name], "AWS::StepFunctions::StateMachine"):
        deployed = json.dumps(CloudFormation(TEMPLATES[name]).definition(machine))
        unfilled = set(re.findall(r"\$\{([A-Za-z0-9_]+)\}", deployed))
        assert unfilled <= {"refused", "Orders", "SendFunction"}, machine


@pytest.mark.parametrize("name", TEMPLATES)
def test_an_alias_routes_in_one_way(name: str) -> None:
    """CloudFormation refuses both, and neither is an alias of nothing."""
    for alias, properties in _of(TEMPLATES[name], "AWS::StepFunctions::StateMachineAlias"):
        assert len({"RoutingConfiguration", "DeploymentPreference"} & set(properties)) == 1, alias


def _statements(template: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    documents = [
        policy["PolicyDocument"]
        for _, properties in _of(template, "AWS::IAM::Role")
        for policy in properties.get("Policies", ())
    ]
    documents += [properties["PolicyDocument"] for _, properties in _of(template, "AWS::IAM::Policy")]
    for document in documents:
        yield from CloudFormation(template).resolve(document)["Statement"]


def _texts(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("name", TEMPLATES)
def test_actions_are_iams_and_resources_are_of_their_service(name: str) -> None:
    """An action that does not exist, or a resource of another service, allows nothing and nobody says so."""
    for statement in _statements(TEMPLATES[name]):
        for action in _texts(statement["Action"]):
            service, _, api = action.partition(":")
            known = find_action(service, api)
            assert known is not None or "*" in action, action
            for resource in _texts(statement["Resource"]):
                if resource.startswith("arn:"):
                    allowed = {kind.arn.split(":")[2] for kind in (known.resource_types if known else ())} | {service}
                    assert resource.split(":")[2] in allowed, (action, resource)


@pytest.mark.parametrize("name", TEMPLATES)
def test_any_resource_is_for_actions_that_know_none(name: str) -> None:
    """`*` stands where IAM takes nothing else, or under a condition that says what is meant."""
    for statement in _statements(TEMPLATES[name]):
        if statement["Resource"] != "*" or "Condition" in statement:
            continue
        for action in _texts(statement["Action"]):
            known = find_action(*action.partition(":")[::2])
            assert known is None or not known.resource_types or action in ANYWHERE, action


ANYWHERE = {
    # AWS's own documents for log delivery and networks have `*`: what is meant does not exist yet.
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
}
