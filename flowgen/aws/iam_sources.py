"""The AWS pages that state which permissions an integration needs."""

from __future__ import annotations

from collections.abc import Mapping

_DOCS = "https://docs.aws.amazon.com"

SOURCES: Mapping[str, str] = {
    service: f"{_DOCS}/step-functions/latest/dg/{page}.html"
    for service, page in {
        "apigateway": "connect-api-gateway",
        "athena": "connect-athena",
        "batch": "connect-batch",
        "bedrock": "connect-bedrock",
        "codebuild": "connect-codebuild",
        "databrew": "connect-databrew",
        "dynamodb": "connect-ddb",
        "ecs": "connect-ecs",
        "eks": "connect-eks",
        "elasticmapreduce": "connect-emr",
        "emr-containers": "emr-eks-iam",
        "emr-serverless": "connect-emr-serverless",
        "events": "connect-eventbridge",
        "glue": "connect-glue",
        "http": "call-https-apis",
        "lambda": "connect-lambda",
        "mediaconvert": "connect-mediaconvert",
        "sagemaker": "connect-sagemaker",
        "sns": "connect-sns",
        "sqs": "connect-sqs",
        "states": "connect-stepfunctions",
    }.items()
}
"""The page of each optimized integration in the Step Functions developer guide, with its IAM policies."""

ACCESS_SOURCES: Mapping[str, str] = {
    service: f"{_DOCS}/{page}.html"
    for service, page in {
        "athena": "athena/latest/ug/fine-grained-access-to-glue-resources",
        "batch": "batch/latest/userguide/using-tags",
        "bedrock": "bedrock/latest/userguide/inference-profiles-prereq",
        "dynamodb": "amazondynamodb/latest/developerguide/S3DataExport_Requesting",
        "ecs": "AmazonECS/latest/developerguide/supported-iam-actions-tagging",
        "lambda": "service-authorization/latest/reference/list_awslambda",
        "polly": "polly/latest/dg/asynchronous",
        "rds-data": "AmazonRDS/latest/AuroraUserGuide/data-api.access",
        "redshift-data": "redshift/latest/mgmt/data-api-access",
        "rekognition": "rekognition/latest/dg/security_iam_service-with-iam",
        "s3": "AmazonS3/latest/userguide/UsingKMSEncryption",
        "sagemaker": "sagemaker/latest/dg/api-permissions-reference",
        "textract": "textract/latest/dg/async",
        "transcribe": "transcribe/latest/dg/security_iam_id-based-policy-examples",
        "translate": "translate/latest/dg/security-iam-awsmanpol",
    }.items()
}
"""The page about what each service does with its caller's permissions (`flowgen.aws.iam_caller_access`)."""
