"""What stands before the names of AWS's errors: it depends on the kind of integration."""

from __future__ import annotations

_OPTIMIZED_PREFIXES = {
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
}


def error_prefix(service: str, service_id: str) -> str:
    """What stands before the name of a service's errors: `DynamoDB`; over the SDK the Java class's `DynamoDb`.

    `service_id` is that of the API's model, such as `DynamoDB` or `Secrets Manager`.
    """
    if not service.startswith("aws-sdk:"):
        return _OPTIMIZED_PREFIXES.get(service, service_id.replace(" ", ""))
    # Each word of the id with only its first letter as a capital, a run of capitals counting as one word.
    words: list[str] = []
    for part in service_id.replace("-", " ").split():
        word = ""
        for index, letter in enumerate(part):
            before = part[index - 1 : index]
            after = part[index + 1 : index + 2]
            if word and letter.isupper() and (before.islower() or before.isdigit() or after.islower()):
                words.append(word)
                word = ""
            word += letter
        words.append(word)
    return "".join(word[:1].upper() + word[1:].lower() for word in words)
