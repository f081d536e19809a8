"""Code and definitions that are updated past CloudFormation, and made equal to the template again."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from flowgen.backends.cloudformation import to_json
from flowgen.backends.cloudformation.template.build import build_template
from flowgen.backends.cloudformation.workflow_stack import Code
from flowgen.deploying import Asset, Cloud, Package, Status, Wanted, deploy
from flowgen.deploying.syncing import NeedsDeployment, Synced, sync
from tests.unit.backends.cloudformation.support import unit
from tests.unit.deploying.aws import S3, STACK_ID, CloudFormation, Somebody, cloud, error

BASE = """\
flowgen: 1
name: shop
deployment: {{versions: {versions}}}
parameters: {{Limit: {{Type: Number, Default: 3}}}}
resources:
  Queue: {{Type: "AWS::SQS::Queue"}}
  Orders: {{Type: "AWS::DynamoDB::Table", Properties: {{KeySchema: [], AttributeDefinitions: []}}}}
functions:
  charge: {{memory: {memory}}}
steps:
  - id: charged
    call: charge
    with: {{limit: "${{ $parameters.Limit }}", text: {text}}}
  - id: sent
    aws: sqs:sendMessage
    with: {{QueueUrl: !Ref Queue, MessageBody: "${{ $parameters.Limit & 'x' }}"}}
"""
PREFIX = "arn:aws:lambda:eu-west-1:111122223333:function:charge-1"
MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:Shop-1"
CHARGE = "ShopChargeFunction"


def made(folder: Path, code: str = "one", text: str = "a", memory: int = 256, *, versions: bool = True) -> Package:
    """A package of the workflow, with a zip of its function."""
    content = f"zip of {code}".encode()
    digest = hashlib.sha256(content).hexdigest()
    file = folder / f"charge-{digest[:16]}.zip"
    file.write_bytes(content)
    key = f"flowgen/{file.name}"
    stack = unit(BASE.format(text=text, memory=memory, versions=str(versions).lower()))
    stack = replace(stack, code={"charge": Code(digest, key)})
    return Package("shop", to_json(build_template([stack])), (Asset(file, key, len(content)),))


@dataclass
class World(CloudFormation):
    """A stack that was deployed from a package: functions with published versions, a state machine with an alias."""

    package: Package | None = None
    code: bytes = b""
    definitions: dict[str, str] = field(default_factory=dict)
    routed: str = ""
    updates: list[str] = field(default_factory=list)
    machine_version: int = 1
    refused: BaseException | None = None

    def deployed_from(self, package: Package) -> World:
        """What CloudFormation does."""
        self.status, self.package = "UPDATE_COMPLETE", package
        self.parameters = {"CodeBucket": "code", "Limit": "3"}
        self.resources = []
        physical = {
            "AWS::Lambda::Function": "charge-1",
            "AWS::Lambda::Version": f"{PREFIX}:7",
            "AWS::StepFunctions::StateMachine": MACHINE,
            "AWS::StepFunctions::StateMachineVersion": f"{MACHINE}:1",
            "AWS::StepFunctions::StateMachineAlias": f"{MACHINE}:live",
            "AWS::SQS::Queue": "https://sqs.eu-west-1.amazonaws.com/111122223333/queue",
        }
        for name, declared in package.content["Resources"].items():
            entry = {"LogicalResourceId": name, "ResourceType": declared["Type"], "ResourceStatus": "CREATE_COMPLETE"}
            self.resources.append({**entry, "PhysicalResourceId": physical.get(declared["Type"], name)})
        self.code = package.assets[0].path.read_bytes()
        versioned = any(one["ResourceType"] == "AWS::Lambda::Version" for one in self.resources)
        definition = package.content["Resources"]["ShopStateMachine"]["Properties"]["Definition"]
        text = json.dumps(definition).replace("${ChargeFunction}", f"{PREFIX}:7" if versioned else PREFIX)
        text = text.replace("${Limit}", "3").replace("${Queue}", physical["AWS::SQS::Queue"])
        assert "${" not in text.replace("{% ", "").replace("$${", ""), text
        self.definitions = {MACHINE: text, f"{MACHINE}:1": text}
        self.routed = f"{MACHINE}:1" if versioned else ""
        return self

    @property
    def calls_function(self) -> str:
        """The function that a new execution calls, by its ARN."""
        definition = json.loads(self.definitions[self.routed or MACHINE])
        found: str = definition["States"]["charged"]["Arguments"]["FunctionName"]
        return found

    @property
    def sends(self) -> str:
        definition = json.loads(self.definitions[self.routed or MACHINE])
        found: str = definition["States"]["charged"]["Arguments"]["Payload"]["input"]["text"]
        return found

    def get_template(self, **asked: Any) -> Any:
        assert asked == {"StackName": STACK_ID}
        assert self.package is not None
        return {"TemplateBody": self.package.content}

    # Lambda

    def get_function_configuration(self, **asked: Any) -> Any:
        if self.refused is not None:
            raise self.refused
        assert asked == {"FunctionName": "charge-1"}
        digest = base64.b64encode(hashlib.sha256(self.code).digest()).decode()
        return {"CodeSha256": digest, "LastUpdateStatus": "Successful"}

    def update_function_code(self, **asked: Any) -> None:
        assert "Publish" not in asked
        self.code = self.s3.buckets[asked["S3Bucket"]][asked["S3Key"]]
        self.updates.append("code")

    # Step Functions

    def describe_state_machine(self, **asked: Any) -> Any:
        return {"definition": self.definitions[asked["stateMachineArn"]]}

    def describe_state_machine_alias(self, **asked: Any) -> Any:
        assert asked == {"stateMachineAliasArn": f"{MACHINE}:live"}
        return {"routingConfiguration": [{"stateMachineVersionArn": self.routed, "weight": 100}]}

    def update_state_machine(self, **asked: Any) -> Any:
        self.definitions[asked["stateMachineArn"]] = asked["definition"]
        self.updates.append("definition")
        if not asked["publish"]:
            return {}
        self.machine_version += 1
        version = f"{MACHINE}:{self.machine_version}"
        self.definitions[version] = asked["definition"]
        return {"stateMachineVersionArn": version}

    def update_state_machine_alias(self, **asked: Any) -> None:
        [route] = asked["routingConfiguration"]
        self.routed = route["stateMachineVersionArn"]
        self.updates.append("alias")

    s3: S3 = field(default_factory=lambda: S3({"code": {}}))


def aws(world: World) -> Cloud:
    client: Callable[..., Any] = {"lambda": world}.__getitem__
    return replace(cloud(world, world.s3), client=client, stepfunctions=world)


def synced(world: World, package: Package) -> tuple[Synced, list[str]]:
    somebody = Somebody()
    return sync(package, "shop", aws(world), somebody), somebody.said


@pytest.mark.parametrize("versions", [True, False])
def test_code_and_definition_are_updated_once(tmp_path: Path, versions: bool) -> None:  # noqa: FBT001 - a parameter
    """New executions run both, and a second time there is nothing to do."""
    world = World().deployed_from(made(tmp_path, versions=versions))
    changed = made(tmp_path, "two", "b", versions=versions)
    done, said = synced(world, changed)

    assert done == Synced((CHARGE,), ("ShopStateMachine",))
    assert said == ["updated the code of charge-1", "updated the definition of Shop-1"]
    assert (world.code, world.sends, world.calls_function) == (b"zip of two", "b", PREFIX)
    assert synced(world, changed) == (Synced(), [])


@pytest.mark.parametrize("versions", [True, False])
def test_only_code(tmp_path: Path, versions: bool) -> None:  # noqa: FBT001 - a parameter
    """Published versions keep their code, so that the next deployment can publish one: executions call the function."""
    world = World().deployed_from(made(tmp_path, versions=versions))
    synced(world, made(tmp_path, "two", versions=versions))

    assert (world.code, world.calls_function) == (b"zip of two", PREFIX)
    assert world.updates == (["code", "definition", "alias"] if versions else ["code"])


@pytest.mark.parametrize("versions", [True, False])
def test_only_the_definition(tmp_path: Path, versions: bool) -> None:  # noqa: FBT001 - a parameter
    world = World().deployed_from(made(tmp_path, versions=versions))
    synced(world, made(tmp_path, text="b", versions=versions))

    assert world.sends == "b"
    assert world.calls_function == (f"{PREFIX}:7" if versions else PREFIX)
    assert world.updates == (["definition", "alias"] if versions else ["definition"])


@pytest.mark.parametrize("versions", [True, False])
def test_what_was_changed_back_is_as_deployed(tmp_path: Path, versions: bool) -> None:  # noqa: FBT001 - a parameter
    deployed = made(tmp_path, versions=versions)
    world = World().deployed_from(deployed)
    before = (world.code, world.sends, world.calls_function, world.routed)
    synced(world, made(tmp_path, "two", "b", versions=versions))
    synced(world, deployed)

    assert (world.code, world.sends, world.calls_function, world.routed) == before


@pytest.mark.parametrize("versions", [True, False])
def test_a_deployment_without_changes_removes_what_a_sync_left(tmp_path: Path, versions: bool) -> None:  # noqa: FBT001 - a parameter
    deployed = made(tmp_path, versions=versions)
    world = World(change_set={"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."})
    world.deployed_from(deployed)
    synced(world, made(tmp_path, "two", "b", versions=versions))
    world.s3.buckets["code"].clear()
    somebody = Somebody()
    outcome = deploy(deployed, Wanted("shop", bucket="code", synced=True), aws(world), somebody)

    assert outcome.status is Status.UNCHANGED
    assert (world.code, world.sends) == (b"zip of one", "a")
    assert somebody.said[-1] == (
        "Shop-1 runs the deployed definition again" if versions else "updated the definition of Shop-1"
    )


def test_a_deployment_that_cannot_look_is_still_a_deployment(tmp_path: Path) -> None:
    deployed = made(tmp_path)
    world = World(change_set={"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."})
    world.deployed_from(deployed)
    world.refused = error("AccessDeniedException", "no", "GetFunctionConfiguration")
    somebody = Somebody()
    outcome = deploy(deployed, Wanted("shop", bucket="code", synced=True), aws(world), somebody)

    assert outcome.status is Status.UNCHANGED
    assert [found.message for found in somebody.told] == ["access denied: AWS does not allow GetFunctionConfiguration"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"memory": 512}, f"`{CHARGE}`"),
        ({"versions": False}, "`ShopStateMachineVersion`, `ShopStateMachineAlias`"),
    ],
)
def test_other_changes_need_a_deployment(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    """Nothing is updated then, not even the code."""
    world = World().deployed_from(made(tmp_path))
    with pytest.raises(NeedsDeployment, match="only a deployment can change") as found:
        synced(world, made(tmp_path, "two", **change))
    assert what in str(found.value)
    assert world.updates == []


def test_a_value_that_only_a_deployment_knows(tmp_path: Path) -> None:
    """Such as a new reference to an attribute, whose value is in no list of resources."""
    world = World().deployed_from(made(tmp_path))
    new = made(tmp_path)
    template = json.loads(new.template)
    machine = template["Resources"]["ShopStateMachine"]["Properties"]
    for value, name in (
        ({"Fn::GetAtt": ["Queue", "QueueName"]}, "QueueName"),
        ({"Ref": "Missing"}, "Missing"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "the ARN of `Queue`"),
        ({"Fn::ImportValue": "x"}, "ImportValue"),
    ):
        machine["DefinitionSubstitutions"]["New"] = value
        with pytest.raises(NeedsDeployment, match="only a deployment knows") as found:
            synced(world, Package("shop", json.dumps(template), new.assets))
        assert name in str(found.value)
    assert world.updates == []


def test_values_that_are_known(tmp_path: Path) -> None:
    world = World().deployed_from(made(tmp_path))
    new = made(tmp_path)
    template = json.loads(new.template)
    machine = template["Resources"]["ShopStateMachine"]["Properties"]
    machine["DefinitionSubstitutions"] |= {
        "A": {"Fn::GetAtt": ["Orders", "Arn"]},
        "B": {"Fn::Sub": "${AWS::Region} ${Orders} ${Orders.Arn} ${AWS::StackName}"},
        "C": "plain",
    }
    machine["Definition"]["Comment"] = "${A}; ${B}; ${C}; ${unknown}"
    synced(world, Package("shop", json.dumps(template), new.assets))

    table = "arn:aws:dynamodb:eu-west-1:111122223333:table/Orders"
    comment = json.loads(world.definitions[world.routed])["Comment"]
    assert comment == f"{table}; eu-west-1 Orders {table} shop; plain; ${{unknown}}"


@pytest.mark.parametrize(
    ("status", "why"), [(None, "does not exist"), ("UPDATE_IN_PROGRESS", "is in UPDATE_IN_PROGRESS")]
)
def test_a_stack_that_is_not_ready(tmp_path: Path, status: str | None, why: str) -> None:
    world = World().deployed_from(made(tmp_path))
    world.status = status
    with pytest.raises(NeedsDeployment, match=f"the stack shop {why}"):
        synced(world, made(tmp_path, "two"))
