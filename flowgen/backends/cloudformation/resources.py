"""The typed face of troposphere, which has no types: each function gives one checked piece of a template as JSON.

Nothing else imports troposphere, and this module is loaded only when a template is built. Units are CloudFormation's:
memory in MiB, time-outs in seconds, retention in days. Raises TypeError and ValueError for a bug of ours: a property
that is missing or of a wrong type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from troposphere import (
    AWSHelperFn,
    Export,
    Output,
    Parameter,
    awslambda,
    cloudformation,
    cloudwatch,
    iam,
    kms,
    logs,
    stepfunctions,
)

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


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key by its ARN, and for how many seconds Step Functions uses a data key of it."""

    arn: str | Intrinsic
    reuse: int | None = None


@dataclass(frozen=True, slots=True)
class Preference:
    """A gradual deployment: of a `kind`, CANARY or LINEAR, `interval` in minutes, watched by alarms' names."""

    kind: str
    percent: int
    interval: int
    alarms: Sequence[str | Intrinsic]


Values: TypeAlias = Sequence[str | Intrinsic] | Intrinsic
"""A list, or an intrinsic function that gives one."""


def _values(values: Values) -> Any:
    return _Given(values) if isinstance(values, dict) else [_value(value) for value in values]


# The types of generated resources that have tags, as a list of keys and values or as a mapping (CloudFormation's
# resource provider schemas).
_LISTED = frozenset(
    {
        "AWS::CloudWatch::Alarm",
        "AWS::Events::Rule",
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::SQS::Queue",
        "AWS::StepFunctions::Activity",
        "AWS::StepFunctions::StateMachine",
    }
)
_MAPPED = frozenset({"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage", "AWS::Pipes::Pipe"})


def tagged(declaration: Declaration, tags: Mapping[str, str | Intrinsic]) -> Declaration:
    """A declaration with tags, where its type can have some."""
    made: Any = None
    if tags and declaration["Type"] in _LISTED:
        made = [{"Key": key, "Value": value} for key, value in tags.items()]
    elif tags and declaration["Type"] in _MAPPED:
        made = dict(tags)
    return declaration if made is None else {**declaration, "Properties": {**declaration["Properties"], "Tags": made}}


def _encrypted(key: Key | None) -> dict[str, Any]:
    if key is None:
        return {}
    reuse = {} if key.reuse is None else {"KmsDataKeyReusePeriodSeconds": key.reuse}
    made = stepfunctions.EncryptionConfiguration(Type="CUSTOMER_MANAGED_KMS_KEY", KmsKeyId=_value(key.arn), **reuse)
    return {"EncryptionConfiguration": made}


def _value(value: str | Intrinsic) -> Any:
    return _Given(value) if isinstance(value, dict) else value


def _resource(resource: Any) -> Declaration:
    """In the order in which people read: the type first."""
    made = resource.to_dict()
    policies = {key: made[key] for key in ("DependsOn", "DeletionPolicy", "UpdateReplacePolicy") if key in made}
    return {"Type": made["Type"], **policies, "Properties": made["Properties"]}


def state_machine(
    *,
    kind: str,
    name: str | Intrinsic | None,
    definition: dict[str, Any],
    substitutions: Mapping[str, str | Intrinsic],
    role: str | Intrinsic,
    log_group: str | Intrinsic | None,
    level: str,
    data: bool,
    traced: bool,
    key: Key | None,
) -> Declaration:
    """A state machine of a `kind`, STANDARD or EXPRESS.

    Where there is a log group, events of a `level` (ALL, ERROR, FATAL) are logged, with `data` what went through too.
    """
    logged = {"LoggingConfiguration": stepfunctions.LoggingConfiguration(Level="OFF")}
    if log_group is not None:
        group = stepfunctions.CloudWatchLogsLogGroup(LogGroupArn=_value(log_group))
        destination = stepfunctions.LogDestination(CloudWatchLogsLogGroup=group)
        logged["LoggingConfiguration"] = stepfunctions.LoggingConfiguration(
            Level=level, IncludeExecutionData=data, Destinations=[destination]
        )
    optional = {"DefinitionSubstitutions": dict(substitutions)} if substitutions else {}
    named = {} if name is None else {"StateMachineName": _value(name)}
    return _resource(
        stepfunctions.StateMachine(
            None,
            **named,
            StateMachineType=kind,
            RoleArn=_value(role),
            **logged,
            TracingConfiguration=stepfunctions.TracingConfiguration(Enabled=traced),
            **_encrypted(key),
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
    storage: int | None,
    concurrency: int | None,
    layers: Values,
    subnets: Values | None,
    security_groups: Values | None,
    traced: bool,
    encrypted_with: str | Intrinsic | None,
) -> Declaration:
    """A Lambda function from a zip in S3 that logs JSON. `encrypted_with` is the key of its environment."""
    more: dict[str, Any] = {}
    if storage is not None:
        more["EphemeralStorage"] = awslambda.EphemeralStorage(Size=storage)
    if concurrency is not None:
        more["ReservedConcurrentExecutions"] = concurrency
    if layers:
        more["Layers"] = _values(layers)
    if subnets is not None and security_groups is not None:
        network = awslambda.VPCConfig(SubnetIds=_values(subnets), SecurityGroupIds=_values(security_groups))
        more["VpcConfig"] = network
    if encrypted_with is not None:
        more["KmsKeyArn"] = _value(encrypted_with)
    described = {"Description": _value(description)} if description else {}
    variables = {name: _value(value) for name, value in environment.items()}
    optional = {"Environment": awslambda.Environment(Variables=variables)} if variables else {}
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
            # A function passes a trace on in any case; Active begins one of its own.
            TracingConfig=awslambda.TracingConfig(Mode="Active" if traced else "PassThrough"),
            **optional,
            **more,
        )
    )


def function_version(
    *, function: str | Intrinsic, description: str | Intrinsic | None, always_kept: bool
) -> Declaration:
    """What a function's code and settings are when it is made; it outlives the template's change to another one."""
    described = {} if description is None else {"Description": _value(description)}
    return _resource(
        awslambda.Version(
            None,
            **described,
            FunctionName=_value(function),
            # A version of a deployment that failed goes away: its like could not be published again.
            DeletionPolicy="Retain" if always_kept else "RetainExceptOnCreate",
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


def state_machine_alias(
    *, name: str, version: str | Intrinsic, preference: Preference | None, after: Sequence[str]
) -> Declaration:
    """An alias whose executions run a version: all at once, or as `preference` says. It is made `after` others."""
    if preference is None:
        route = stepfunctions.RoutingConfigurationVersion(StateMachineVersionArn=_value(version), Weight=100)
        taken: dict[str, Any] = {"RoutingConfiguration": [route]}
    else:
        watched = {"Alarms": [_value(alarm) for alarm in preference.alarms]} if preference.alarms else {}
        gradual = stepfunctions.DeploymentPreference(
            StateMachineVersionArn=_value(version),
            Type=preference.kind,
            Percentage=preference.percent,
            Interval=preference.interval,
            **watched,
        )
        taken = {"DeploymentPreference": gradual}
    ordered = {"DependsOn": list(after)} if after else {}
    return _resource(stepfunctions.StateMachineAlias(None, Name=name, **taken, **ordered))


def alarm(
    *,
    description: str,
    namespace: str,
    metric: str,
    dimensions: Mapping[str, str | Intrinsic],
    threshold: int,
    period: int,
    periods: int,
    actions: Values,
    ok_actions: Values,
) -> Declaration:
    """An alarm of a sum over a `period` of seconds that is at its threshold or above, `periods` times in a row."""
    told = {"AlarmActions": _values(actions)} if actions else {}
    told |= {"OKActions": _values(ok_actions)} if ok_actions else {}
    return _resource(
        cloudwatch.Alarm(
            None,
            AlarmDescription=description,
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[
                cloudwatch.MetricDimension(Name=name, Value=_value(value)) for name, value in dimensions.items()
            ],
            Statistic="Sum",
            Period=period,
            EvaluationPeriods=periods,
            Threshold=threshold,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            # Nothing is reported while nothing runs.
            TreatMissingData="notBreaching",
            **told,
        )
    )


def key(*, description: str, policy: Mapping[str, Any]) -> Declaration:
    """A key that is made anew each year. It outlives its stack, since what it encrypted can be read with it alone."""
    return _resource(
        kms.Key(
            None,
            Description=description,
            EnableKeyRotation=True,
            KeyPolicy=dict(policy),
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
        )
    )


def role(
    *,
    trust: Mapping[str, Any],
    policies: Mapping[str, Mapping[str, Any]],
    managed: Sequence[Intrinsic] = (),
) -> Declaration:
    """A role that `trust` lets a service take, with policies by name, and `managed` ones by their ARNs."""
    return _resource(
        iam.Role(
            None,
            **({"ManagedPolicyArns": _values(managed)} if managed else {}),
            AssumeRolePolicyDocument=dict(trust),
            Policies=[
                iam.Policy(PolicyName=name, PolicyDocument=dict(document)) for name, document in policies.items()
            ],
        )
    )


def policy(*, name: str, document: Mapping[str, Any], role: str | Intrinsic) -> Declaration:
    """A policy of a role, apart from it."""
    return _resource(iam.PolicyType(None, PolicyName=name, PolicyDocument=dict(document), Roles=[_value(role)]))


def managed_policy(*, description: str, document: Mapping[str, Any]) -> Declaration:
    """A policy that roles name."""
    return _resource(iam.ManagedPolicy(None, Description=description, PolicyDocument=dict(document)))


def activity(*, name: str | Intrinsic, key: Key | None) -> Declaration:
    return _resource(stepfunctions.Activity(None, Name=_value(name), **_encrypted(key)))


def log_group(
    *,
    name: str | Intrinsic,
    retention: int | None,
    key: str | Intrinsic | None,
) -> Declaration:
    """A log group that keeps logs for `retention` days, for ever where it is None."""
    optional: dict[str, Any] = {} if retention is None else {"RetentionInDays": retention}
    if key is not None:
        optional["KmsKeyId"] = _value(key)
    return _resource(logs.LogGroup(None, LogGroupName=_value(name), **optional))


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
