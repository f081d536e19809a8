"""Step Functions' names for errors of AWS services: `DynamoDB.ConditionalCheckFailedException`.

SDK integrations use the SDK for Java 2.x, optimized ones version 1 (developer guide, "Learning to use AWS service SDK
integrations"; the naming rules are those of the SDK's code generator, `DefaultNamingStrategy`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from flowgen.aws.api import api_of

SDK = "aws-sdk:"
OPTIMIZED_PREFIXES = {
    "athena": "Athena",
    "batch": "Batch",
    "bedrock": "BedrockRuntime",
    "codebuild": "CodeBuild",
    "databrew": "DataBrew",
    "dynamodb": "DynamoDB",
    "ecs": "ECS",
    "eks": "EKS",
    "elasticmapreduce": "ElasticMapReduce",
    "events": "EventBridge",
    "glue": "Glue",
    "mediaconvert": "MediaConvert",
    "sagemaker": "SageMaker",
    "sns": "SNS",
    "sqs": "SQS",
    "states": "StepFunctions",
}
"""The prefixes of optimized integrations, as seen in executions."""

_COMMON = ("SdkClientException",)


@dataclass(frozen=True, slots=True)
class ErrorNames:
    """The prefix of a service's errors, and the names after the dot that the API's model lists."""

    prefix: str
    names: tuple[str, ...]


@cache
def error_names(service: str) -> ErrorNames | None:
    """The errors of a service as in a Resource (`dynamodb`, `aws-sdk:s3`); None if its prefix is unknown."""
    sdk = service.startswith(SDK)
    api = api_of(service.removeprefix(SDK))
    over_sdk = None if api is None else java_name(api.service_id)
    prefix = over_sdk if sdk else OPTIMIZED_PREFIXES.get(service)
    if prefix is None:
        return None
    shapes = () if api is None else (name for name, shape in api.shapes.items() if shape.get("exception"))
    return ErrorNames(prefix, (*sorted({exception_name(name) for name in shapes}), f"{prefix}Exception", *_COMMON))


def error_prefix(service: str, service_id: str) -> str:
    """The prefix of a service's errors at run time: `DynamoDB`; for SDK integrations the Java class's `DynamoDb`.

    `service_id` is that of the API's model, such as `DynamoDB` or `Secrets Manager`.
    """
    return (
        java_name(service_id)
        if service.startswith(SDK)
        else OPTIMIZED_PREFIXES.get(service, service_id.replace(" ", ""))
    )


def exception_name(shape: str) -> str:
    """The name of an error, given its shape in the API's model.

    >>> exception_name("NoSuchKey"), exception_name("InvalidDBClusterStateFault")
    ('NoSuchKeyException', 'InvalidDbClusterStateException')
    """
    return f"{java_name(re.sub(r'(Fault|Exception)$', '', shape))}Exception"


def java_name(text: str) -> str:
    """Pascal case with words split as in the code generator of the SDK for Java.

    >>> java_name("DynamoDB"), java_name("Secrets Manager"), java_name("SFN"), java_name("IoTAnalytics")
    ('DynamoDb', 'SecretsManager', 'Sfn', 'IoTAnalytics')
    """
    spaced = re.sub(r"[^A-Za-z0-9]+", " ", text)
    spaced = re.sub(r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 ", spaced)
    spaced = re.sub(r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 ", spaced)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z]([a-zA-Z]|[0-9]))", " ", spaced)
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", spaced)
    spaced = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", spaced)
    return "".join(word[:1].upper() + word[1:].lower() for word in spaced.split())
