"""CloudFormation resource types, and the resources of Terraform's AWS provider that replace them, as data.

A property without a rule has the provider's usual name, its own in snake case (`RoleArn` is `role_arn`); the provider's
schema decides whether that exists. Sources: the provider's documentation of each resource, and CloudFormation's
template reference for what `Ref` and `GetAtt` return.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class As:
    """A property that becomes `argument` in another form.

    - `json`: the document as a string
    - `definition`: a state machine's definition, with its substitutions, as a string
    - `pairs`: a list of `Name` and `Value` as a map
    - `status`: a status as a block that contains nothing else
    - `keys`: the key schema of a table as `hash_key` and `range_key`
    - `responses`: parameters of an API's responses as a list with status codes
    - `function`: a function or its alias, which is a function with a qualifier
    """

    argument: str
    form: str


Rule: TypeAlias = str | As | None
"""The argument of a property: its name, "" if its parts belong to the enclosing block, None if there is none."""


@dataclass(frozen=True, slots=True)
class Part:
    """A separate resource for a property, or for each item of a property that is a list.

    `link` has arguments that are attributes of the resource with the property. `item` is the argument of an item that
    is not a mapping. What needs the resource waits for its parts if `first` is set.
    """

    type: str
    link: Mapping[str, str]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    item: str | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """The argument for a name, which CloudFormation generates if there is none; at most `limit` characters.

    With `prefix`, the provider completes the name, in the argument `prefix`.
    """

    argument: str = "name"
    limit: int = 64
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """What replaces a CloudFormation resource.

    `ref` is the attribute for `Ref`. `attributes` are those for `GetAtt` with another name, and text that follows
    them. `each` is a property with a list, and the argument for each item, which gets a separate resource. `fixed` are
    arguments that do not depend on properties, each with the property that must exist for it.
    """

    type: str
    ref: str = "id"
    rules: Mapping[str, Rule] = field(default_factory=dict)
    attributes: Mapping[str, str | tuple[str, str]] = field(default_factory=dict)
    name: Name | None = None
    each: tuple[str, str] | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """A version that its resource publishes by itself: the property that names the resource, and its attributes."""

    of: str
    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)


_TARGET: Final[Mapping[str, Rule]] = {
    "Id": "target_id",
    "EcsParameters": "ecs_target",
    "EcsParameters.NetworkConfiguration.AwsVpcConfiguration": "",
    "InputTransformer.InputPathsMap": "input_paths",
    "KinesisParameters": "kinesis_target",
    "SqsParameters": "sqs_target",
    "HttpParameters": "http_target",
}
_INDEX_RULES: Final[Mapping[str, Rule]] = {
    ".IndexName": "name",
    ".KeySchema": As("", "keys"),
    ".Projection": "",
    ".ProvisionedThroughput": "",
    ".ProvisionedThroughput.ReadCapacityUnits": "read_capacity",
    ".ProvisionedThroughput.WriteCapacityUnits": "write_capacity",
}
_INDEX: Final[Mapping[str, Rule]] = {
    f"{kind}{path}": rule
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
    for path, rule in _INDEX_RULES.items()
}

OBJECT: Final = "aws_s3_object"
"""A file that Terraform uploads."""

VERSIONS: Final[Mapping[str, Version]] = {
    "AWS::Lambda::Version": Version("FunctionName", "qualified_arn", {"Version": "version"}),
    "AWS::StepFunctions::StateMachineVersion": Version("StateMachineArn", "state_machine_version_arn"),
}
"""Types that are an attribute of another resource with `publish`."""

TABLE: Final[Mapping[str, Replacement]] = {
    "AWS::ApiGatewayV2::Api": Replacement("aws_apigatewayv2_api", name=Name(limit=128)),
    "AWS::ApiGatewayV2::Authorizer": Replacement(
        "aws_apigatewayv2_authorizer", rules={"IdentitySource": "identity_sources"}
    ),
    "AWS::ApiGatewayV2::Integration": Replacement(
        "aws_apigatewayv2_integration",
        rules={
            "ResponseParameters": As("response_parameters", "responses"),
            "TimeoutInMillis": "timeout_milliseconds",
        },
    ),
    "AWS::ApiGatewayV2::Route": Replacement("aws_apigatewayv2_route"),
    "AWS::ApiGatewayV2::Stage": Replacement("aws_apigatewayv2_stage", rules={"StageName": "name"}),
    "AWS::CloudWatch::Alarm": Replacement(
        "aws_cloudwatch_metric_alarm",
        ref="alarm_name",
        rules={
            "Dimensions": As("dimensions", "pairs"),
            "Metrics": "metric_query",
            "Metrics.MetricStat": "metric",
            "Metrics.MetricStat.Metric": "",
            "Metrics.MetricStat.Metric.Dimensions": As("dimensions", "pairs"),
        },
        name=Name("alarm_name", 255),
    ),
    "AWS::CloudWatch::Dashboard": Replacement(
        "aws_cloudwatch_dashboard", ref="dashboard_name", name=Name("dashboard_name", 255)
    ),
    "AWS::DynamoDB::Table": Replacement(
        "aws_dynamodb_table",
        ref="name",
        rules={
            **_INDEX,
            "TableName": "name",
            "AttributeDefinitions": "attribute",
            "AttributeDefinitions.AttributeName": "name",
            "AttributeDefinitions.AttributeType": "type",
            "KeySchema": As("", "keys"),
            "GlobalSecondaryIndexes": "global_secondary_index",
            "LocalSecondaryIndexes": "local_secondary_index",
            "PointInTimeRecoverySpecification": "point_in_time_recovery",
            "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": "enabled",
            "ProvisionedThroughput": "",
            "ProvisionedThroughput.ReadCapacityUnits": "read_capacity",
            "ProvisionedThroughput.WriteCapacityUnits": "write_capacity",
            "SSESpecification": "server_side_encryption",
            "SSESpecification.SSEEnabled": "enabled",
            "SSESpecification.KMSMasterKeyId": "kms_key_arn",
            "SSESpecification.SSEType": None,
            "StreamSpecification": "",
            "StreamSpecification.StreamViewType": "stream_view_type",
            "TimeToLiveSpecification": "ttl",
        },
        name=Name(limit=255),
        fixed={"stream_enabled": "StreamSpecification"},
    ),
    "AWS::ECS::Cluster": Replacement(
        "aws_ecs_cluster",
        ref="name",
        rules={"ClusterName": "name", "ClusterSettings": "setting"},
        name=Name(limit=255),
    ),
    "AWS::Events::Connection": Replacement(
        "aws_cloudwatch_event_connection",
        ref="name",
        rules={
            "AuthParameters.ApiKeyAuthParameters": "api_key",
            "AuthParameters.ApiKeyAuthParameters.ApiKeyName": "key",
            "AuthParameters.ApiKeyAuthParameters.ApiKeyValue": "value",
            "AuthParameters.BasicAuthParameters": "basic",
            "AuthParameters.OAuthParameters": "oauth",
            "AuthParameters.OAuthParameters.ClientParameters.ClientID": "client_id",
            "AuthParameters.OAuthParameters.OAuthHttpParameters": "oauth_http_parameters",
            **{
                f"AuthParameters.{place}.{kind}Parameters": argument
                for place in ("InvocationHttpParameters", "OAuthParameters.OAuthHttpParameters")
                for kind, argument in (("Body", "body"), ("Header", "header"), ("QueryString", "query_string"))
            },
        },
        name=Name(),
    ),
    "AWS::Events::EventBus": Replacement("aws_cloudwatch_event_bus", ref="name", name=Name(limit=256)),
    "AWS::Events::Rule": Replacement(
        "aws_cloudwatch_event_rule",
        ref="name",
        rules={"EventPattern": As("event_pattern", "json")},
        name=Name(),
        parts={
            "Targets": Part(
                "aws_cloudwatch_event_target", {"rule": "name", "event_bus_name": "event_bus_name"}, _TARGET
            ),
        },
    ),
    "AWS::IAM::ManagedPolicy": Replacement(
        "aws_iam_policy",
        ref="arn",
        rules={"ManagedPolicyName": "name", "PolicyDocument": As("policy", "json")},
        attributes={"PolicyArn": "arn"},
        name=Name(limit=128),
        parts={"Roles": Part("aws_iam_role_policy_attachment", {"policy_arn": "arn"}, item="role")},
    ),
    "AWS::IAM::Policy": Replacement(
        "aws_iam_role_policy",
        rules={"PolicyName": "name", "PolicyDocument": As("policy", "json")},
        each=("Roles", "role"),
    ),
    "AWS::IAM::Role": Replacement(
        "aws_iam_role",
        ref="name",
        rules={"RoleName": "name", "AssumeRolePolicyDocument": As("assume_role_policy", "json")},
        attributes={"RoleId": "unique_id"},
        name=Name(prefix="name_prefix"),
        parts={
            "Policies": Part(
                "aws_iam_role_policy",
                {"role": "name"},
                {"PolicyName": "name", "PolicyDocument": As("policy", "json")},
                first=True,
            ),
            "ManagedPolicyArns": Part(
                "aws_iam_role_policy_attachment", {"role": "name"}, item="policy_arn", first=True
            ),
        },
    ),
    "AWS::KMS::Alias": Replacement("aws_kms_alias", ref="name", rules={"AliasName": "name"}),
    "AWS::KMS::Key": Replacement(
        "aws_kms_key",
        ref="key_id",
        rules={
            "Enabled": "is_enabled",
            "KeyPolicy": As("policy", "json"),
            "KeySpec": "customer_master_key_spec",
            "PendingWindowInDays": "deletion_window_in_days",
        },
    ),
    "AWS::Kinesis::Stream": Replacement(
        "aws_kinesis_stream",
        ref="name",
        rules={
            "RetentionPeriodHours": "retention_period",
            "StreamEncryption": "",
            "StreamEncryption.KeyId": "kms_key_id",
        },
        name=Name(limit=128),
    ),
    "AWS::Lambda::Alias": Replacement(
        "aws_lambda_alias",
        ref="arn",
        attributes={"AliasArn": "arn"},
        parts={
            "ProvisionedConcurrencyConfig": Part(
                "aws_lambda_provisioned_concurrency_config", {"function_name": "function_name", "qualifier": "name"}
            ),
        },
    ),
    "AWS::Lambda::EventInvokeConfig": Replacement("aws_lambda_function_event_invoke_config"),
    "AWS::Lambda::Function": Replacement(
        "aws_lambda_function",
        ref="function_name",
        rules={"Code": "", "FileSystemConfigs": "file_system_config"},
        name=Name("function_name"),
    ),
    "AWS::Lambda::Permission": Replacement(
        "aws_lambda_permission",
        rules={"FunctionName": As("function_name", "function"), "PrincipalOrgID": "principal_org_id"},
    ),
    "AWS::Lambda::Url": Replacement(
        "aws_lambda_function_url",
        ref="function_arn",
        rules={"AuthType": "authorization_type", "TargetFunctionArn": "function_name"},
    ),
    "AWS::Logs::LogGroup": Replacement(
        "aws_cloudwatch_log_group",
        ref="name",
        rules={"LogGroupName": "name"},
        # CloudFormation's attribute has this ending, the provider's does not.
        attributes={"Arn": ("arn", ":*")},
        name=Name(limit=512),
    ),
    "AWS::Pipes::Pipe": Replacement(
        "aws_pipes_pipe",
        ref="name",
        rules={
            "SourceParameters.DynamoDBStreamParameters": "dynamodb_stream_parameters",
            "SourceParameters.FilterCriteria.Filters": "filter",
        },
        name=Name(),
    ),
    "AWS::S3::Bucket": Replacement(
        "aws_s3_bucket",
        ref="bucket",
        rules={"BucketName": "bucket"},
        attributes={"DomainName": "bucket_domain_name", "RegionalDomainName": "bucket_regional_domain_name"},
        name=Name("bucket", prefix="bucket_prefix"),
        parts={
            "BucketEncryption": Part(
                "aws_s3_bucket_server_side_encryption_configuration",
                {"bucket": "bucket"},
                {
                    "ServerSideEncryptionConfiguration": "rule",
                    "ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault": (
                        "apply_server_side_encryption_by_default"
                    ),
                    "ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID": (
                        "kms_master_key_id"
                    ),
                    "ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm": "sse_algorithm",
                },
            ),
            "NotificationConfiguration": Part(
                "aws_s3_bucket_notification",
                {"bucket": "bucket"},
                {
                    "EventBridgeConfiguration": "",
                    "EventBridgeConfiguration.EventBridgeEnabled": "eventbridge",
                },
            ),
            "PublicAccessBlockConfiguration": Part("aws_s3_bucket_public_access_block", {"bucket": "bucket"}),
            "VersioningConfiguration": Part(
                "aws_s3_bucket_versioning",
                {"bucket": "bucket"},
                {"Status": As("versioning_configuration", "status")},
            ),
        },
    ),
    "AWS::S3::BucketPolicy": Replacement("aws_s3_bucket_policy", rules={"PolicyDocument": As("policy", "json")}),
    "AWS::SNS::Subscription": Replacement(
        "aws_sns_topic_subscription",
        ref="arn",
        rules={
            "DeliveryPolicy": As("delivery_policy", "json"),
            "FilterPolicy": As("filter_policy", "json"),
            "RedrivePolicy": As("redrive_policy", "json"),
        },
    ),
    "AWS::SNS::Topic": Replacement(
        "aws_sns_topic",
        ref="arn",
        rules={"TopicName": "name"},
        attributes={"TopicArn": "arn", "TopicName": "name"},
        name=Name(limit=256),
        parts={"Subscription": Part("aws_sns_topic_subscription", {"topic_arn": "arn"})},
    ),
    "AWS::SNS::TopicPolicy": Replacement(
        "aws_sns_topic_policy", rules={"PolicyDocument": As("policy", "json")}, each=("Topics", "arn")
    ),
    "AWS::SQS::Queue": Replacement(
        "aws_sqs_queue",
        ref="url",
        rules={
            "MaximumMessageSize": "max_message_size",
            "MessageRetentionPeriod": "message_retention_seconds",
            "QueueName": "name",
            "ReceiveMessageWaitTimeSeconds": "receive_wait_time_seconds",
            "RedriveAllowPolicy": As("redrive_allow_policy", "json"),
            "RedrivePolicy": As("redrive_policy", "json"),
            "VisibilityTimeout": "visibility_timeout_seconds",
        },
        attributes={"QueueName": "name", "QueueUrl": "url"},
        name=Name(limit=80),
    ),
    "AWS::SQS::QueuePolicy": Replacement(
        "aws_sqs_queue_policy", rules={"PolicyDocument": As("policy", "json")}, each=("Queues", "queue_url")
    ),
    "AWS::SSM::Parameter": Replacement("aws_ssm_parameter", ref="name", name=Name(limit=512)),
    "AWS::Scheduler::Schedule": Replacement("aws_scheduler_schedule", ref="name", name=Name()),
    "AWS::Scheduler::ScheduleGroup": Replacement("aws_scheduler_schedule_group", ref="name", name=Name()),
    "AWS::SecretsManager::Secret": Replacement("aws_secretsmanager_secret", ref="arn", name=Name(limit=512)),
    "AWS::StepFunctions::Activity": Replacement("aws_sfn_activity", ref="arn", name=Name(limit=80)),
    "AWS::StepFunctions::StateMachine": Replacement(
        "aws_sfn_state_machine",
        ref="arn",
        rules={
            "Definition": As("definition", "definition"),
            "DefinitionSubstitutions": None,
            "LoggingConfiguration.Destinations": "",
            "LoggingConfiguration.Destinations.CloudWatchLogsLogGroup": "",
            "LoggingConfiguration.Destinations.CloudWatchLogsLogGroup.LogGroupArn": "log_destination",
            "StateMachineName": "name",
            "StateMachineType": "type",
        },
        attributes={"StateMachineRevisionId": "revision_id"},
        name=Name(limit=80),
    ),
    "AWS::StepFunctions::StateMachineAlias": Replacement("aws_sfn_alias", ref="arn"),
}


def resource_types() -> frozenset[str]:
    """The provider's resource types that configurations contain."""
    parts = (part.type for replacement in TABLE.values() for part in replacement.parts.values())
    return frozenset((OBJECT, *(replacement.type for replacement in TABLE.values()), *parts))
