"""Updates function code and definitions of state machines directly, past CloudFormation, for development.

The stack's template stays as it was deployed. `sync` makes functions and state machines equal to a package whose
template differs from the deployed one in code and definitions only. After a deployment, it removes what an earlier
`sync` left.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flowgen.asl.json_text import parse
from flowgen.aws.iam_resources import ARN_PREFIXES, REF_IS_ARN
from flowgen.deploying import uploading
from flowgen.deploying.cloud import Cloud
from flowgen.deploying.package import Asset, Package
from flowgen.deploying.parameters import BUCKET
from flowgen.deploying.person import Person
from flowgen.deploying.stack import Stack, look_up

_FUNCTION: Final = "AWS::Lambda::Function"
_VERSION: Final = "AWS::Lambda::Version"
_MACHINE: Final = "AWS::StepFunctions::StateMachine"
_ALIAS: Final = "AWS::StepFunctions::StateMachineAlias"
_DEFINITION: Final = ("Definition", "DefinitionString", "DefinitionS3Location", "DefinitionSubstitutions")
_POLL: Final = 1.0
_SUBSTITUTED: Final = re.compile(r"\$\{([\w.:]+)\}")


class NeedsDeployment(Exception):  # noqa: N818 - reported to the user
    """Something changed that only CloudFormation can change; the message says what."""


@dataclass(frozen=True, slots=True)
class Synced:
    """The logical ids of functions and state machines that were updated."""

    functions: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()


def sync(package: Package, name: str, cloud: Cloud, person: Person) -> Synced:
    """Updates what differs in the stack. Raises `NeedsDeployment` before any change, and botocore's errors."""
    stack = look_up(cloud, name)
    if stack is None or not stack.is_well:
        raise NeedsDeployment(f"the stack {name} {'does not exist' if stack is None else f'is in {stack.status}'}")
    return _Sync(package, stack, cloud, person).run()


@dataclass(slots=True)
class _Sync:
    package: Package
    stack: Stack
    cloud: Cloud
    person: Person
    found: dict[str, str] = field(default_factory=dict)
    """The physical ids of the stack's resources."""

    @property
    def resources(self) -> Mapping[str, Any]:
        declared: Mapping[str, Any] = self.package.content["Resources"]
        return declared

    def run(self) -> Synced:
        deployed = self.cloud.cloudformation.get_template(StackName=self.stack.id)["TemplateBody"]
        deployed = parse(deployed) if isinstance(deployed, str) else deployed
        self.found = _physical_ids(self.cloud, self.stack.id)
        changed = ", ".join(f"`{name}`" for name in _beyond_code(deployed, self.package.content))
        if changed or self.package.has_nested_stacks:
            raise NeedsDeployment(f"only a deployment can change {changed or 'nested stacks'}")
        old = deployed["Resources"]
        definitions = {
            name: self._definition(declared)
            for name, declared in self.resources.items()
            if declared["Type"] == _MACHINE and (declared != old[name] or self._alias_of(name) is None)
        }
        functions = tuple(name for name in self.resources if self._update_code(name))
        machines = [name for name, definition in definitions.items() if self._update_definition(name, definition)]
        machines += [name for name in self.resources if name not in definitions and self._route_to_stack(name)]
        return Synced(functions, tuple(machines))

    # functions

    def _update_code(self, name: str) -> bool:
        """Updates a function's code if it differs; the versions that are published stay as they are."""
        declared = self.resources[name]
        key = declared.get("Properties", {}).get("Code", {}).get("S3Key") if declared["Type"] == _FUNCTION else None
        asset = next((one for one in self.package.assets if one.key == key), None)
        if asset is None:
            return False
        functions, physical = self.cloud.client("lambda"), self.found[name]
        digest = base64.b64encode(hashlib.sha256(asset.path.read_bytes()).digest()).decode()
        if functions.get_function_configuration(FunctionName=physical)["CodeSha256"] == digest:
            return False
        bucket = self._upload(asset)
        functions.update_function_code(FunctionName=physical, S3Bucket=bucket, S3Key=asset.key)
        while functions.get_function_configuration(FunctionName=physical).get("LastUpdateStatus") == "InProgress":
            self.cloud.sleep(_POLL)
        self.person.say(f"updated the code of {physical}")
        return True

    def _upload(self, asset: Asset) -> str:
        bucket = self.stack.parameters[BUCKET]
        for lacking in uploading.lacking(self.cloud, bucket, (asset,)):
            uploading.upload(self.cloud, bucket, lacking, lambda _: None)
        return bucket

    # state machines

    def _alias_of(self, machine: str) -> str | None:
        """The logical id of a state machine's alias, if the stack publishes versions."""
        alias = f"{machine}Alias"
        return alias if self.resources.get(alias, {}).get("Type") == _ALIAS else None

    def _update_definition(self, name: str, definition: Any) -> bool:
        machines, arn, alias = self.cloud.stepfunctions, self.found[name], self._alias_of(name)
        current = arn if alias is None else self._routed(alias)
        if parse(machines.describe_state_machine(stateMachineArn=current)["definition"]) == definition:
            return False
        text = json.dumps(definition, ensure_ascii=False)
        updated = machines.update_state_machine(stateMachineArn=arn, definition=text, publish=alias is not None)
        if alias is not None:
            self._route(alias, updated["stateMachineVersionArn"])
        self.person.say(f"updated the definition of {arn.rpartition(':')[2]}")
        return True

    def _route_to_stack(self, name: str) -> bool:
        """Routes a state machine's alias to the version in the stack again; its definition is the deployed one."""
        alias = self._alias_of(name) if self.resources[name]["Type"] == _MACHINE else None
        if alias is None:
            return False
        version = self.found[f"{name}Version"]
        if self._routed(alias) == version:
            return False
        self._route(alias, version)
        self.person.say(f"{self.found[name].rpartition(':')[2]} runs the deployed definition again")
        return True

    def _routed(self, alias: str) -> str:
        found = self.cloud.stepfunctions.describe_state_machine_alias(stateMachineAliasArn=self.found[alias])
        return str(found["routingConfiguration"][0]["stateMachineVersionArn"])

    def _route(self, alias: str, version: str) -> None:
        routing = [{"stateMachineVersionArn": version, "weight": 100}]
        self.cloud.stepfunctions.update_state_machine_alias(
            stateMachineAliasArn=self.found[alias], routingConfiguration=routing
        )

    def _definition(self, declared: Mapping[str, Any]) -> Any:
        """The definition with values for its substitutions. Raises NeedsDeployment if one is not known here."""
        properties = declared["Properties"]
        values = {key: self._value(value) for key, value in properties.get("DefinitionSubstitutions", {}).items()}
        key = properties.get("DefinitionS3Location", {}).get("Key")
        if key is not None:
            asset = next(one for one in self.package.assets if one.key == key)
            definition: Any = parse(asset.path.read_text("utf-8"))
        else:
            definition = properties.get("Definition", properties.get("DefinitionString"))
            definition = parse(definition) if isinstance(definition, str) else definition
        return _filled(definition, values)

    def _value(self, value: Any) -> str:
        """A value of the template, as CloudFormation resolves it."""
        match value:
            case {"Ref": str() as name}:
                return self._of_name(name)
            case {"Fn::GetAtt": [str() as name, "Arn"]}:
                return self._arn(name)
            case {"Fn::Sub": str() as text}:
                return _SUBSTITUTED.sub(lambda found: self._of_name(found[1]), text)
            case str():
                return value
            case _:
                raise NeedsDeployment(f"only a deployment knows the value of {json.dumps(value)}")

    def _of_name(self, name: str) -> str:
        cloud = self.cloud
        pseudo = {
            "AWS::Region": cloud.region,
            "AWS::AccountId": cloud.account,
            "AWS::Partition": cloud.partition,
            "AWS::StackName": self.stack.name,
            "AWS::StackId": self.stack.id,
        }
        if name.endswith(".Arn"):
            return self._arn(name.removesuffix(".Arn"))
        declared = self.resources.get(name, {})
        if declared.get("Type") == _VERSION and name not in self.found:
            # A version that CloudFormation has not published: the function itself has this code.
            return self._arn(declared["Properties"]["FunctionName"]["Ref"])
        masked = self.package.parameters.get(name, {}).get("NoEcho")
        known = {**({} if masked else self.stack.parameters), **self.found, **pseudo}
        if name not in known:
            raise NeedsDeployment(f"only a deployment knows the value of `{name}`")
        return known[name]

    def _arn(self, name: str) -> str:
        kind, physical = self.resources.get(name, {}).get("Type", ""), self.found.get(name)
        if physical is None or not (kind in ARN_PREFIXES or kind in REF_IS_ARN or physical.startswith("arn:")):
            raise NeedsDeployment(f"only a deployment knows the ARN of `{name}`")
        if physical.startswith("arn:"):
            return physical
        cloud = self.cloud
        prefix = ARN_PREFIXES[kind].replace("${Partition}", cloud.partition).replace("${Region}", cloud.region)
        return f"{prefix.replace('${Account}', cloud.account)}{physical}"


def _physical_ids(cloud: Cloud, stack: str) -> dict[str, str]:
    pages = cloud.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    listed = (one for page in pages for one in page["StackResourceSummaries"])
    return {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for one in listed
        if one.get("PhysicalResourceId") and not one.get("ResourceStatus", "").startswith("DELETE_")
    }


def _beyond_code(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """The sections and resources that differ in more than code and definitions."""
    for section in {**old, **new}:
        if section != "Resources" and old.get(section) != new.get(section):
            yield section
    before, after = old.get("Resources", {}), new["Resources"]
    for name in {**before, **after}:
        one, other = before.get(name), after.get(name)
        if _VERSION not in ((one or {}).get("Type"), (other or {}).get("Type")) and _rest(one) != _rest(other):
            yield name


def _rest(declared: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A resource without its code or definition."""
    if declared is None or declared["Type"] not in (_FUNCTION, _MACHINE):
        return declared
    left_out = ("Code",) if declared["Type"] == _FUNCTION else _DEFINITION
    kept = {key: value for key, value in declared["Properties"].items() if key not in left_out}
    return {**declared, "Properties": kept}


def _filled(definition: Any, values: Mapping[str, str]) -> Any:
    match definition:
        case str():
            return _SUBSTITUTED.sub(lambda found: values.get(found[1], found[0]), definition)
        case list():
            return [_filled(item, values) for item in definition]
        case dict():
            return {_filled(key, values): _filled(item, values) for key, item in definition.items()}
        case _:
            return definition
