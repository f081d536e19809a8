"""What services do with the permissions of their caller: read and write S3, publish, use keys, secrets and tables.

Reviewed by hand against the sources given at each group. By prefix in IAM and API action in lower case; `service:*` is
for all calls of a service.
"""

from __future__ import annotations

from collections.abc import Mapping

_READ_OBJECTS = "s3:GetObject OBJECT=S3Object@Image,SourceImage,TargetImage,Video,Document,DocumentLocation"
_TRANSCRIBED = (
    "s3:PutObject Bucket=OutputBucketName Key=OutputKey/",
    "kms:Encrypt,kms:GenerateDataKey KeyId=OutputEncryptionKMSKeyId",
)
_MODEL_GUARDRAIL = "bedrock:ApplyGuardrail GuardrailIdentifier=GuardrailIdentifier"
_CONVERSE_GUARDRAIL = "bedrock:ApplyGuardrail GuardrailIdentifier=GuardrailConfig.GuardrailIdentifier"

_CLUSTER = "ClusterName=ClusterIdentifier DbName=Database"
_REDSHIFT_LOGIN = (
    "secretsmanager:GetSecretValue SecretId=SecretArn",
    f"redshift:GetClusterCredentials {_CLUSTER} DbUser=DbUser IF=DbUser ROLE=SecretArn",
    f"redshift:GetClusterCredentialsWithIAM {_CLUSTER} ROLE=SecretArn,DbUser",
    "redshift-serverless:GetCredentials WorkgroupId=WorkgroupName ROLE=SecretArn",
)

CALLER_ACCESS: Mapping[str, tuple[str, ...]] = {
    # Rekognition developer guide, "Setting up your Amazon Rekognition permissions", and API reference, `S3Object`.
    "rekognition:*": (
        _READ_OBJECTS,
        "s3:PutObject Bucket=OutputConfig.S3Bucket Key=OutputConfig.S3KeyPrefix*",
        "sagemaker:StartHumanLoop FlowDefinitionArn=HumanLoopConfig.FlowDefinitionArn",
    ),
    # Textract developer guide, "Configuring Amazon Textract for asynchronous operations", and API reference,
    # `OutputConfig`: without a prefix, results are written below `textract_output`.
    "textract:*": (
        _READ_OBJECTS,
        "s3:PutObject Bucket=OutputConfig.S3Bucket Key=OutputConfig.S3Prefix|textract_output/*",
        "kms:Decrypt,kms:DescribeKey,kms:GenerateDataKey,kms:ReEncryptFrom,kms:ReEncryptTo KeyId=KMSKeyId",
        "sagemaker:StartHumanLoop FlowDefinitionArn=HumanLoopConfig.FlowDefinitionArn",
    ),
    # Transcribe developer guide, "Identity-based policies": jobs use the caller's permissions unless they have a role.
    # The caller also writes a test file into the output folder, `.write_access_check_file.temp`. An output key without
    # a slash at its end can be the name of a file or of a folder.
    "transcribe:starttranscriptionjob": (
        "s3:GetObject URI=Media.MediaFileUri ROLE=JobExecutionSettings.DataAccessRoleArn",
        *(f"{row} ROLE=JobExecutionSettings.DataAccessRoleArn" for row in _TRANSCRIBED),
    ),
    "transcribe:startmedicaltranscriptionjob": ("s3:GetObject URI=Media.MediaFileUri", *_TRANSCRIBED),
    "transcribe:startcallanalyticsjob": (
        "s3:GetObject URI=Media.MediaFileUri ROLE=DataAccessRoleArn",
        "s3:PutObject URI=OutputLocation* ROLE=DataAccessRoleArn",
    ),
    "transcribe:createvocabulary": ("s3:GetObject URI=VocabularyFileUri ROLE=DataAccessRoleArn",),
    "transcribe:updatevocabulary": ("s3:GetObject URI=VocabularyFileUri ROLE=DataAccessRoleArn",),
    "transcribe:createvocabularyfilter": ("s3:GetObject URI=VocabularyFilterFileUri ROLE=DataAccessRoleArn",),
    "transcribe:updatevocabularyfilter": ("s3:GetObject URI=VocabularyFilterFileUri ROLE=DataAccessRoleArn",),
    # Polly developer guide, "Long audio files": the caller must be able to write to the bucket and the topic.
    "polly:startspeechsynthesistask": (
        "s3:PutObject Bucket=OutputS3BucketName Key=OutputS3KeyPrefix*",
        "sns:Publish TopicArn=SnsTopicArn",
    ),
    # Step Functions developer guide, "Invoke and customize Amazon Bedrock models": `Input`, `Output`; Bedrock user
    # guide, "Set up permissions to use Amazon Bedrock Guardrails".
    "bedrock:invokemodel": ("s3:GetObject URI=Input.S3Uri", "s3:PutObject URI=Output.S3Uri", _MODEL_GUARDRAIL),
    "bedrock:converse": (_CONVERSE_GUARDRAIL,),
    # Translate calls Comprehend for its caller (API reference, `TranslateText`; developer guide, "AWS managed policies
    # for Amazon Translate").
    "translate:translatetext": ("comprehend:DetectDominantLanguage SourceLanguageCode=SourceLanguageCode==auto",),
    # Lambda API reference, `FunctionCode`, and "Service authorization reference", AWS Lambda.
    "lambda:createfunction": (
        "s3:GetObject Bucket=Code.S3Bucket Key=Code.S3Key",
        "s3:GetObjectVersion Bucket=Code.S3Bucket Key=Code.S3Key IF=Code.S3ObjectVersion",
    ),
    "lambda:updatefunctioncode": (
        "s3:GetObject Bucket=S3Bucket Key=S3Key",
        "s3:GetObjectVersion Bucket=S3Bucket Key=S3Key IF=S3ObjectVersion",
    ),
    "lambda:publishlayerversion": (
        "s3:GetObject Bucket=Content.S3Bucket Key=Content.S3Key",
        "s3:GetObjectVersion Bucket=Content.S3Bucket Key=Content.S3Key IF=Content.S3ObjectVersion",
    ),
    # SageMaker AI developer guide, "API Permissions: Actions, Permissions, and Resources Reference".
    "sagemaker:createendpointconfig": ("kms:CreateGrant KeyId=KmsKeyId",),
    "sagemaker:createhyperparametertuningjob": (
        "kms:CreateGrant KeyId=TrainingJobDefinition.ResourceConfig.VolumeKmsKeyId",
    ),
    "sagemaker:createprocessingjob": ("kms:CreateGrant KeyId=ProcessingResources.ClusterConfig.VolumeKmsKeyId",),
    "sagemaker:createtrainingjob": ("kms:CreateGrant KeyId=ResourceConfig.VolumeKmsKeyId",),
    "sagemaker:createtransformjob": ("kms:CreateGrant KeyId=TransformResources.VolumeKmsKeyId",),
    # DynamoDB developer guide, "Requesting a table export in DynamoDB".
    "dynamodb:exporttabletopointintime": (
        "s3:AbortMultipartUpload,s3:PutObject,s3:PutObjectAcl Bucket=S3Bucket Key=S3Prefix*",
        "kms:GenerateDataKey KeyId=S3SseKmsKeyId",
    ),
    # Aurora user guide, "Authorizing access to the Amazon RDS Data API".
    **dict.fromkeys(
        (
            "rds-data:batchexecutestatement",
            "rds-data:begintransaction",
            "rds-data:committransaction",
            "rds-data:executestatement",
            "rds-data:rollbacktransaction",
        ),
        ("secretsmanager:GetSecretValue SecretId=SecretArn",),
    ),
    # Redshift Data API reference, each operation: a secret, or temporary credentials for a user of the cluster, for the
    # caller's own identity, or for a workgroup.
    **dict.fromkeys(
        (
            "redshift-data:batchexecutestatement",
            "redshift-data:describetable",
            "redshift-data:executestatement",
            "redshift-data:listdatabases",
            "redshift-data:listschemas",
            "redshift-data:listtables",
        ),
        _REDSHIFT_LOGIN,
    ),
    # S3 user guide, "Specifying server-side encryption with AWS KMS".
    **dict.fromkeys(
        ("s3:putobject", "s3:copyobject", "s3:createmultipartupload"),
        ("kms:Decrypt,kms:GenerateDataKey KeyId=SSEKMSKeyId",),
    ),
    # ECS developer guide, "Grant permission to tag resources on creation".
    "ecs:runtask": (
        "ecs:TagResource Cluster=Cluster Task=Task IF=Tags",
        "ecs:TagResource Cluster=Cluster Task=Task IF=PropagateTags",
    ),
    # Batch user guide, "Tag your AWS Batch resources".
    "batch:submitjob": ("batch:TagResource JobId=JobId IF=Tags",),
    # Athena user guide, "Control access to Amazon S3 from Athena", "Configure access to databases and tables in the AWS
    # Glue Data Catalog"; Step Functions developer guide, "IAM policies for calling Amazon Athena".
    "athena:startqueryexecution": (
        "athena:GetDataCatalog DataCatalogName=QueryExecutionContext.Catalog|AwsDataCatalog",
        "glue:GetDatabase DatabaseName=QueryExecutionContext.Database",
        "glue:GetPartition,glue:GetPartitions,glue:GetTable DatabaseName=QueryExecutionContext.Database TableName=*",
        "s3:GetBucketLocation URI=ResultConfiguration.OutputLocation",
        "s3:AbortMultipartUpload,s3:ListMultipartUploadParts URI=ResultConfiguration.OutputLocation*",
        "s3:GetObject,s3:PutObject URI=ResultConfiguration.OutputLocation*",
    ),
}
"""Rows of IAM actions and the arguments of a request for them: `NAME=PATH`, where PATH is an argument of the call.

A row applies if the call has the first of these arguments. `PATH*` may continue with anything, `PATH/` is the folder of
a key, and `PATH|TEXT` has a default; `PATH==TEXT` is an argument with this value, and `*` a name that only the service
knows. `URI` is an `s3://` URI. `OBJECT=NAME@ARGUMENT,…` is an object of S3 with `Bucket`, `Name` and `Version`, at any
depth; these arguments have one if their value is known only at run time. With `IF`, a row applies only if the call has
this argument too; with `ROLE`, only if it has none of these.
"""

ENCRYPTED_BY: Mapping[str, str] = {
    "AWS::DynamoDB::Table": "SSESpecification.KMSMasterKeyId",
    "AWS::Kinesis::Stream": "StreamEncryption.KeyId",
    "AWS::S3::Bucket": (
        "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID"
    ),
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}
"""The property of a CloudFormation resource that names its KMS key (CloudFormation's resource reference)."""

_WRITE = ("kms:Decrypt", "kms:GenerateDataKey")

USE_OF_KEYS: Mapping[str, tuple[str, ...]] = {
    "kinesis:GetRecords": ("kms:Decrypt",),
    "kinesis:PutRecord": ("kms:GenerateDataKey",),
    "kinesis:PutRecords": ("kms:GenerateDataKey",),
    "s3:GetObject": ("kms:Decrypt",),
    "s3:GetObjectVersion": ("kms:Decrypt",),
    "s3:PutObject": _WRITE,
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
    "secretsmanager:PutSecretValue": _WRITE,
    "secretsmanager:UpdateSecret": _WRITE,
    "sns:Publish": _WRITE,
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "sqs:SendMessage": _WRITE,
    **dict.fromkeys(
        (
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
        ),
        ("kms:Decrypt",),
    ),
}
"""What an action on an encrypted resource needs for the resource's key.

Kinesis developer guide, "Permissions to use user-generated KMS keys"; S3 user guide, "Using server-side encryption with
AWS KMS keys"; Secrets Manager user guide, "Permissions for the KMS key"; SNS developer guide, "Managing encryption keys
and costs"; SQS developer guide, "Key management"; DynamoDB: KMS developer guide, "How Amazon DynamoDB uses
AWS KMS", where the principal of `Decrypt` is who accesses the table, and DynamoDB itself generates data keys.
"""
