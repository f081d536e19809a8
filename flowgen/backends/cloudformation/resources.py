"""The typed face of troposphere, which has no types: each function gives one checked piece of a template as JSON.

Nothing else imports troposphere, and this module is loaded only when a template is built. Units are CloudFormation's:
memory in MiB, time-outs in seconds, retention in days. Raises TypeError and ValueError for a bug of ours: a property
that is missing or of a wrong type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from troposphere import AWSHelperFn, Export, Output, Parameter, awslambda, cloudformation, iam, logs, stepfunctions

from flowgen.backends.cloudformation.intrinsics import Intrinsic

Declaration: TypeAlias = dict[str, Any]
"""What stands under a logical id."""


class _Given(AWSHelperFn):  # type: ignore[misc]  # troposphere has no types
    """An intrinsic function, which troposphere takes in place of any value."""

    def __init__(self, intrinsic: Intrinsic) -> None:
        self.data = intrinsic


class _LoggingConfig(awslambda.LoggingConfig):  # type: ignore[misc]  # troposphere has no types
    """troposphere 4.11.1 took `LogFormat` away by mistake: another resource's class of the same name came over it."""

    props = {**awslambda.LoggingConfig.props, "LogFormat": (str, False)}  # noqa: RUF012 - as troposphere declares it


def _value(value: str | Intrinsic) -> Any:
    return _Given(value) if isinstance(value, dict) else value


def _resource(resource: Any) -> Declaration:
    """In the order in which people read: the type first."""
    made = resource.to_dict()
    policies = {key: made[key] for key in ("DeletionPolicy", "UpdateReplacePolicy") if key in made}
    return {"Type": made["Type"], **policies, "Properties": made["Properties"]}


def state_machine(
    *,
    kind: str,
    name: str | Intrinsic | None,
    definition: dict[str, Any],
    substitutions: Mapping[str, str | Intrinsic],
    role: str | Intrinsic,
    log_group: str | Intrinsic,
) -> Declaration:
    """A state machine of a `kind`, STANDARD or EXPRESS: traced, and every event logged without what went through."""
    destination = stepfunctions.LogDestination(
        CloudWatchLogsLogGroup=stepfunctions.CloudWatchLogsLogGroup(LogGroupArn=_value(log_group))
    )
    optional = {"DefinitionSubstitutions": dict(substitutions)} if substitutions else {}
    named = {} if name is None else {"StateMachineName": _value(name)}
    return _resource(
        stepfunctions.StateMachine(
            None,
            **named,
            StateMachineType=kind,
            RoleArn=_value(role),
            # Data in logs would be a second place to guard; executions keep it for 90 days anyway.
            LoggingConfiguration=stepfunctions.LoggingConfiguration(
                Level="ALL", IncludeExecutionData=False, Destinations=[destination]
            ),
            TracingConfiguration=stepfunctions.TracingConfiguration(Enabled=True),
            **optional,
            Definition=definition,
        )
    )


def function(
    *,
    description: str | Intrinsic,
    handler: str,
    runtime: str,
    architecture: str,
    memory: int,
    timeout: int,
    environment: Mapping[str, str | Intrinsic],
    bucket: str | Intrinsic,
    key: str | Intrinsic,
    role: str | Intrinsic,
    log_group: str | Intrinsic,
) -> Declaration:
    """A Lambda function from a zip in S3 that is traced and logs JSON."""
    described = {"Description": _value(description)} if description else {}
    optional = {"Environment": awslambda.Environment(Variables=dict(environment))} if environment else {}
    return _resource(
        awslambda.Function(
            None,
            **described,
            Runtime=runtime,
            Architectures=[architecture],
            Handler=handler,
            Code=awslambda.Code(S3Bucket=_value(bucket), S3Key=_value(key)),
            MemorySize=memory,
            Timeout=timeout,
            Role=_value(role),
            LoggingConfig=_LoggingConfig(LogFormat="JSON", LogGroup=_value(log_group)),
            TracingConfig=awslambda.TracingConfig(Mode="Active"),
            **optional,
        )
    )


def function_version(*, function: str | Intrinsic, description: str | Intrinsic | None) -> Declaration:
    """What a function's code and settings are when it is made; it outlives the template's change to another one."""
    described = {} if description is None else {"Description": _value(description)}
    return _resource(
        awslambda.Version(
            None,
            **described,
            FunctionName=_value(function),
            # A version of a deployment that failed goes away: its like could not be published again.
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )


def state_machine_version(*, machine: str | Intrinsic, revision: str | Intrinsic) -> Declaration:
    """What a machine's definition and role are when it is made."""
    return _resource(
        stepfunctions.StateMachineVersion(
            None,
            StateMachineArn=_value(machine),
            StateMachineRevisionId=_value(revision),
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
        )
    )


def state_machine_alias(*, name: str, version: str | Intrinsic) -> Declaration:
    """An alias all of whose executions run a version."""
    route = stepfunctions.RoutingConfigurationVersion(StateMachineVersionArn=_value(version), Weight=100)
    return _resource(stepfunctions.StateMachineAlias(None, Name=name, RoutingConfiguration=[route]))


def role(*, trust: Mapping[str, Any], policies: Mapping[str, Mapping[str, Any]]) -> Declaration:
    """A role that `trust` lets a service take, with policies by name."""
    return _resource(
        iam.Role(
            None,
            AssumeRolePolicyDocument=dict(trust),
            Policies=[
                iam.Policy(PolicyName=name, PolicyDocument=dict(document)) for name, document in policies.items()
            ],
        )
    )


def policy(*, name: str, document: Mapping[str, Any], role: str | Intrinsic) -> Declaration:
    """A policy of a role, apart from it."""
    return _resource(iam.PolicyType(None, PolicyName=name, PolicyDocument=dict(document), Roles=[_value(role)]))


def activity(*, name: str | Intrinsic) -> Declaration:
    return _resource(stepfunctions.Activity(None, Name=_value(name)))


def log_group(*, name: str | Intrinsic, retention: int) -> Declaration:
    return _resource(logs.LogGroup(None, LogGroupName=_value(name), RetentionInDays=retention))


def text_parameter(*, description: str, most: int | None = None) -> Declaration:
    """A parameter of at most `most` characters."""
    bounded = {} if most is None else {"MaxLength": most}
    declaration: Declaration = Parameter(None, Type="String", Description=description, **bounded).to_dict()
    return declaration


def passed_parameter(*, kind: str, hidden: bool) -> Declaration:
    """What a nested stack is given; `hidden` values are masked wherever they are shown."""
    declaration: Declaration = Parameter(None, Type=kind, **({"NoEcho": True} if hidden else {})).to_dict()
    return declaration


def nested_stack(*, url: str | Intrinsic, parameters: Mapping[str, Any], after: Sequence[str]) -> Declaration:
    """A stack in a stack, of the template at `url`, made when the resources `after` which it comes are there."""
    given = {"Parameters": dict(parameters)} if parameters else {}
    made = _resource(cloudformation.Stack(None, TemplateURL=_value(url), **given))
    return {**made, "DependsOn": sorted(set(after))} if after else made


def output(*, description: str, value: str | Intrinsic, export: str | Intrinsic) -> Declaration:
    """A value that is shown, and that other stacks may import by the name `export`."""
    declaration: Declaration = Output(
        None, Description=description, Value=_value(value), Export=Export(_value(export))
    ).to_dict()
    return declaration
