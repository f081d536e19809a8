"""The construct `FlowgenWorkflow`."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from aws_cdk import (
    Annotations,
    CfnResource,
    Stack,
    aws_ec2,
    aws_ecr_assets,
    aws_iam,
    aws_lambda,
    aws_s3_assets,
    aws_stepfunctions,
)
from aws_cdk.cloudformation_include import CfnInclude
from constructs import Construct

from flowgen.cdk.synthesis import CODE_PARAMETERS, Synthesis, parameter_of, synthesize
from flowgen.packaging.images import PLATFORMS

_VPC_POLICY: Final = "service-role/AWSLambdaVPCAccessExecutionRole"
"""Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC"."""


class FlowgenWorkflow(Construct):  # type: ignore[misc]  # mypy runs where the CDK is not installed
    """The resources of the workflows at a path: state machines, functions, roles, log groups, alarms, triggers.

    The logical ids are those of the construct, so a stack can have several constructs, and several stacks the same
    workflow. Functions are packaged with their dependencies, except for commands of the CDK that do not need assets.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        path: str | Path = ".",
        *,
        parameters: Mapping[str, Any] | None = None,
        functions: Mapping[str, aws_lambda.IFunction] | None = None,
        environment: Mapping[str, str] | None = None,
        vpc: aws_ec2.IVpc | None = None,
        vpc_subnets: aws_ec2.SubnetSelection | None = None,
        security_groups: Sequence[aws_ec2.ISecurityGroup] | None = None,
    ) -> None:
        """Include a workflow file, or all workflows of a project directory. `path` is relative to the app.

        - `parameters`: values for parameters of the template; the others become parameters of the CDK stack
        - `functions`: existing functions by name, called as functions with `arn`; no code is packaged for them
        - `environment`: more environment variables for all packaged functions
        - `vpc`: a network for all packaged functions, with `vpc_subnets` (default: private ones) and `security_groups`
          (default: a new one that allows outgoing traffic)

        Raises WorkflowError for errors that `flowgen check` or `flowgen package` reports, and ValueError for the name
        of an unknown function or parameter.
        """
        super().__init__(scope, construct_id)
        existing = dict(functions or {})
        network = None if vpc is None else self._network(vpc, vpc_subnets, security_groups)
        stack = Stack.of(self)
        settings = [value for value in (dict(environment or {}), network) if value]
        made = synthesize(
            str(path), Path.cwd(), tuple(existing), stack.resolve(settings), packaged=stack.bundling_required
        )
        for found in made.warnings:
            if found.severity == "warning":
                Annotations.of(self).add_warning_v2(f"flowgen:{found.code}", f"{found.message} [{found.code}]")
        values = dict(parameters or {}) | {parameter_of(name): one.function_arn for name, one in existing.items()}
        self._included = self._include(made, {**self._images(made, values), **values})
        self._add_assets(made)
        packaged = self._functions_of(made, environment or {}, network)
        self.functions: Mapping[str, aws_lambda.IFunction] = MappingProxyType({**packaged, **existing})
        """The functions by name: packaged ones, and those passed to the construct."""
        machines = {
            one.workflow.name: aws_stepfunctions.StateMachine.from_state_machine_arn(
                self, f"{one.machine.machine}Reference", self.resource(one.machine.machine).ref
            )
            for one in made.stacks
        }
        self.state_machines: Mapping[str, aws_stepfunctions.IStateMachine] = MappingProxyType(machines)
        """The state machines by the names of their workflows."""
        starts = {
            one.workflow.name: self.resource(one.machine.alias if one.versioned else one.machine.machine).ref
            for one in made.stacks
        }
        self.start_arns: Mapping[str, str] = MappingProxyType(starts)
        """The ARNs that start the workflows, by name: the alias of the current version, or the state machine."""

    @property
    def state_machine(self) -> aws_stepfunctions.IStateMachine:
        """The state machine, if there is one workflow. Raises ValueError otherwise: use `state_machines`."""
        return self.state_machines[self._only("state_machines")]

    @property
    def start_arn(self) -> str:
        """The ARN that starts the workflow, if there is one. Raises ValueError otherwise: use `start_arns`."""
        return self.start_arns[self._only("start_arns")]

    def resource(self, logical_id: str) -> CfnResource:
        """A resource by its logical id in flowgen's template, such as `PlaceOrderStateMachine`."""
        return self._included.get_resource(logical_id)

    def grant_start_execution(self, identity: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allow an identity to start the workflow."""
        return self.state_machine.grant_start_execution(identity)

    def grant_read(self, identity: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allow an identity to read the executions of the workflow."""
        return self.state_machine.grant_read(identity)

    def grant_task_response(self, identity: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allow an identity to answer the callbacks of the workflow."""
        return self.state_machine.grant_task_response(identity)

    def _only(self, instead: str) -> str:
        if len(self.state_machines) != 1:
            raise ValueError(f"{self.node.path} has several workflows: use `{instead}` with one of their names")
        return next(iter(self.state_machines))

    def _network(
        self,
        vpc: aws_ec2.IVpc,
        subnets: aws_ec2.SubnetSelection | None,
        groups: Sequence[aws_ec2.ISecurityGroup] | None,
    ) -> dict[str, list[str]]:
        """The property `VpcConfig` of functions."""
        own = groups or [aws_ec2.SecurityGroup(self, "SecurityGroup", vpc=vpc)]
        selected = vpc.select_subnets() if subnets is None else vpc.select_subnets(**_selection(subnets))
        return {"SubnetIds": selected.subnet_ids, "SecurityGroupIds": [group.security_group_id for group in own]}

    def _images(self, made: Synthesis, values: Mapping[str, Any]) -> dict[str, str]:
        """The URIs of images that the CDK builds and pushes, by parameter, except those that have a value."""
        return {
            image.parameter: aws_ecr_assets.DockerImageAsset(
                self,
                f"{image.parameter}Asset",
                directory=str(image.folder),
                file=image.dockerfile,
                target=image.target,
                build_args=dict(image.args) or None,
                platform=aws_ecr_assets.Platform.custom(PLATFORMS[image.architecture]),
            ).image_uri
            for image in made.images
            if image.parameter not in values
        }

    def _include(self, made: Synthesis, values: Mapping[str, Any]) -> CfnInclude:
        declared = made.template.get("Parameters", {})
        if unknown := sorted(values.keys() - declared):
            known = ", ".join(name for name in declared if name not in CODE_PARAMETERS) or "none"
            raise ValueError(f"the template has no parameter `{unknown[0]}`; it has: {known}")
        code = {name: f"unused{name}" for name in CODE_PARAMETERS if name in declared}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "template.json"
            file.write_text(json.dumps(made.template), encoding="utf-8", newline="\n")
            return CfnInclude(
                self, "Stack", template_file=str(file), parameters={**code, **values}, preserve_logical_ids=False
            )

    def _add_assets(self, made: Synthesis) -> None:
        """Uploads the zips and definitions, and refers to them instead of the parameters."""
        for logical_id, file in made.files.items():
            asset = aws_s3_assets.Asset(self, f"{logical_id}Asset", path=str(file))
            resource = self.resource(logical_id)
            if resource.cfn_resource_type == "AWS::Lambda::Function":
                code = {"S3Bucket": asset.s3_bucket_name, "S3Key": asset.s3_object_key}
                resource.add_property_override("Code", code)
            else:
                location = {"Bucket": asset.s3_bucket_name, "Key": asset.s3_object_key}
                resource.add_property_override("DefinitionS3Location", location)

    def _functions_of(
        self, made: Synthesis, environment: Mapping[str, str], network: Mapping[str, Any] | None
    ) -> dict[str, aws_lambda.IFunction]:
        functions: dict[str, aws_lambda.IFunction] = {}
        for name, function_id, role_id in made.functions():
            function, role = self.resource(function_id), self.resource(role_id)
            for variable, value in environment.items():
                function.add_property_override(f"Environment.Variables.{variable}", value)
            own_role = aws_iam.Role.from_role_name(self, f"{role_id}Reference", role.ref)
            if network is not None:
                function.add_property_override("VpcConfig", dict(network))
                policy = aws_iam.ManagedPolicy.from_aws_managed_policy_name(_VPC_POLICY)
                role.managed_policy_arns = [*(role.managed_policy_arns or ()), policy.managed_policy_arn]
            functions[name] = aws_lambda.Function.from_function_attributes(
                self,
                f"{function_id}Reference",
                function_arn=function.get_att("Arn").to_string(),
                role=own_role,
                same_environment=True,
            )
        return functions


def _selection(subnets: aws_ec2.SubnetSelection) -> dict[str, Any]:
    """The arguments of `select_subnets`, which has no parameter for a selection."""
    names = ("availability_zones", "one_per_az", "subnet_filters", "subnet_group_name", "subnets", "subnet_type")
    return {name: value for name in names if (value := getattr(subnets, name)) is not None}
