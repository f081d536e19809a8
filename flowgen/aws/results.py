"""Inputs and outputs of AWS calls that differ from the operation of the same name: finished jobs, special forms.

Shapes are named as in AWS's models (botocore). Sources: developer guide, "Integrating services" and the
page of each service; recordings of AWS; published state machines that read the results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NO_MEMBERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Finished:
    """The output of `.sync`: the members of a `shape` of the service's model, or `members`, each with its shape.

    A member whose name ends in `?` is optional.
    `open`: there may be more members, so an unknown name is not an error.
    """

    shape: str = ""
    members: Mapping[str, str] = field(default_factory=lambda: _NO_MEMBERS)
    open: bool = False
    surely: str = ""
    """A member that only finished jobs have."""


def _wrapped(name: str, *, open_: bool = False) -> Finished:
    return Finished(members={name: name}, open=open_)


_EMR_CLUSTER = Finished(members={"ClusterId?": "ClusterId", "Cluster?": "Cluster"}, open=True)
_SERVERLESS_APPLICATION = Finished("Application", open=True)

FINISHED: Mapping[tuple[str, str], Finished] = {
    ("athena", "startQueryExecution"): _wrapped("QueryExecution"),
    ("batch", "submitJob"): Finished("JobDetail"),
    ("bedrock", "createModelCustomizationJob"): Finished("GetModelCustomizationJobResponse", open=True),
    ("codebuild", "retryBuildBatch"): _wrapped("BuildBatch"),
    ("codebuild", "startBuild"): _wrapped("Build"),
    ("codebuild", "startBuildBatch"): _wrapped("BuildBatch"),
    ("databrew", "startJobRun"): Finished("DescribeJobRunResponse", open=True),
    ("ecs", "runTask"): Finished("Task"),
    ("eks", "createCluster"): _wrapped("Cluster"),
    ("eks", "createFargateProfile"): _wrapped("FargateProfile"),
    ("eks", "createNodegroup"): _wrapped("Nodegroup"),
    ("eks", "deleteCluster"): _wrapped("Cluster"),
    ("eks", "deleteFargateProfile"): _wrapped("FargateProfile"),
    ("eks", "deleteNodegroup"): _wrapped("Nodegroup"),
    ("elasticmapreduce", "addStep"): Finished(members={"StepId?": "StepId", "Step": "Step"}, open=True),
    ("elasticmapreduce", "createCluster"): _EMR_CLUSTER,
    ("elasticmapreduce", "terminateCluster"): _EMR_CLUSTER,
    ("emr-containers", "deleteVirtualCluster"): Finished("VirtualCluster", open=True),
    ("emr-containers", "startJobRun"): Finished("JobRun", open=True),
    ("emr-serverless", "cancelJobRun"): Finished("JobRun", open=True),
    ("emr-serverless", "createApplication"): _SERVERLESS_APPLICATION,
    ("emr-serverless", "deleteApplication"): _SERVERLESS_APPLICATION,
    ("emr-serverless", "startApplication"): _SERVERLESS_APPLICATION,
    ("emr-serverless", "startJobRun"): Finished("JobRun", open=True),
    ("emr-serverless", "stopApplication"): _SERVERLESS_APPLICATION,
    ("glue", "startJobRun"): Finished("JobRun"),
    ("mediaconvert", "createJob"): _wrapped("Job", open_=True),
    ("sagemaker", "createHyperParameterTuningJob"): Finished("DescribeHyperParameterTuningJobResponse"),
    ("sagemaker", "createLabelingJob"): Finished("DescribeLabelingJobResponse"),
    ("sagemaker", "createProcessingJob"): Finished("DescribeProcessingJobResponse"),
    ("sagemaker", "createTrainingJob"): Finished("DescribeTrainingJobResponse"),
    ("sagemaker", "createTransformJob"): Finished("DescribeTransformJobResponse"),
    ("states", "startExecution"): Finished("DescribeExecutionOutput", surely="Output"),
}
"""The jobs that Step Functions waits for. `eks:runJob` returns Kubernetes' answer, which has no model."""

JSON_MEMBERS: Mapping[str, frozenset[str]] = {
    "lambda:invoke": frozenset({"Payload"}),
    "states:startExecution.sync:2": frozenset({"Input", "Output"}),
}
"""Members that the integration parses as JSON, while the API has a string."""


@dataclass(frozen=True, slots=True)
class Form:
    """The members of the input, or the shape that has them, and the members of the output.

    Each is `text`, `integer`, `boolean`, `json`, alternative upper-case strings, or a shape of the service's model. A
    name that ends in `?` is optional. The output may have more members.
    """

    takes: Mapping[str, str] | str
    gives: Mapping[str, str]


_KUBERNETES = {"ClusterName": "text", "CertificateAuthority": "text", "Endpoint": "text"}
_HTTP_RESPONSE = {"Headers?": "json", "ResponseBody?": "json", "StatusCode": "integer", "StatusText?": "text"}
_METHOD = "GET POST PUT DELETE PATCH HEAD OPTIONS"

FORMS: Mapping[str, Form] = {
    "apigateway:invoke": Form(
        {
            "ApiEndpoint": "text",
            "Method": _METHOD,
            "Headers?": "json",
            "Stage?": "text",
            "Path?": "text",
            "QueryParameters?": "json",
            "RequestBody?": "json",
            "AllowNullValues?": "boolean",
            "AuthType?": "NO_AUTH IAM_ROLE RESOURCE_POLICY",
        },
        _HTTP_RESPONSE,
    ),
    "bedrock:invokeModel": Form(
        {
            "ModelId": "text",
            "Accept?": "text",
            "Body?": "json",
            "ContentType?": "text",
            "Input?": "json",
            "Output?": "json",
            "Trace?": "text",
            "GuardrailIdentifier?": "text",
            "GuardrailVersion?": "text",
            "PerformanceConfigLatency?": "text",
        },
        {"Body?": "json", "ContentType?": "text", "Output?": "json"},
    ),
    "eks:call": Form(
        {
            **_KUBERNETES,
            "Method": _METHOD,
            "Path": "text",
            "QueryParameters?": "json",
            "RequestBody?": "json",
        },
        _HTTP_RESPONSE,
    ),
    "eks:runJob": Form({**_KUBERNETES, "Namespace?": "text", "Job": "json", "LogOptions?": "json"}, {}),
    "elasticmapreduce:addStep": Form(
        {"ClusterId": "text", "Step": "StepConfig", "ExecutionRoleArn?": "text"},
        {"StepId": "text"},
    ),
    "elasticmapreduce:cancelStep": Form(
        {"ClusterId": "text", "StepId": "text", "StepCancellationOption?": "text"},
        {"CancelStepsInfo": "CancelStepsInfo"},
    ),
    "elasticmapreduce:createCluster": Form("RunJobFlowInput", {"ClusterId": "text", "ClusterArn?": "text"}),
    "elasticmapreduce:modifyInstanceFleetByName": Form(
        {"ClusterId": "text", "InstanceFleetName": "text", "InstanceFleet": "json"},
        {},
    ),
    "elasticmapreduce:modifyInstanceGroupByName": Form(
        {"ClusterId": "text", "InstanceGroupName": "text", "InstanceGroup": "json"},
        {},
    ),
    "elasticmapreduce:setClusterTerminationProtection": Form(
        {"ClusterId": "text", "TerminationProtected": "boolean"}, {}
    ),
    "elasticmapreduce:terminateCluster": Form({"ClusterId": "text"}, {}),
    "http:invoke": Form(
        {
            "ApiEndpoint": "text",
            "Method": _METHOD,
            "Authentication?": "json",
            "InvocationConfig?": "json",
            "Headers?": "json",
            "QueryParameters?": "json",
            "RequestBody?": "json",
            "Transform?": "json",
        },
        _HTTP_RESPONSE,
    ),
}
"""Optimized integrations with a special form (developer guide, the page of each service)."""

SURELY: Mapping[str, Mapping[str, str]] = {
    "athena": {
        "GetQueryExecutionOutput": "QueryExecution",
        "GetQueryResultsOutput": "ResultSet",
        "QueryExecution": "QueryExecutionId Query Status",
        "ResultSet": "Rows",
        "Row": "Data",
        "QueryExecutionStatus": "State SubmissionDateTime",
        "StartQueryExecutionOutput": "QueryExecutionId",
    },
    "codebuild": {
        "Build": "Id Arn BuildNumber BuildStatus BuildComplete CurrentPhase ProjectName StartTime",
        "BuildBatch": "Id Arn BuildBatchStatus BuildBatchNumber Complete CurrentPhase ProjectName StartTime",
        "StartBuildBatchOutput": "BuildBatch",
        "StartBuildOutput": "Build",
        "StopBuildOutput": "Build",
    },
    "dynamodb": {"QueryOutput": "Count ScannedCount", "ScanOutput": "Count ScannedCount"},
    "ecs": {
        "Container": "ContainerArn Name LastStatus",
        "RunTaskResponse": "Tasks Failures",
        "Task": "TaskArn TaskDefinitionArn ClusterArn Containers CreatedAt DesiredStatus LastStatus",
    },
    "eks": {
        "Cluster": "Name Arn Status Version RoleArn CreatedAt",
        "CreateClusterResponse": "Cluster",
        "DescribeClusterResponse": "Cluster",
    },
    "emr": {"Cluster": "Id Name Status", "Step": "Id Name Status"},
    "events": {"PutEventsResponse": "FailedEntryCount Entries"},
    "glue": {"JobRun": "Id Attempt JobName JobRunState StartedOn", "StartJobRunResponse": "JobRunId"},
    "lambda": {"InvocationResponse": "StatusCode"},
    "s3": {
        "ListObjectsV2Output": "IsTruncated KeyCount MaxKeys Name",
        "Object": "ETag Key LastModified Size",
        "PutObjectOutput": "ETag",
    },
    "secretsmanager": {"GetSecretValueResponse": "ARN Name VersionId"},
    "sns": {"PublishResponse": "MessageId"},
    "sqs": {"SendMessageResult": "MD5OfMessageBody MessageId"},
    "ssm": {"GetParameterResult": "Parameter", "Parameter": "ARN Name Type Value Version"},
    "stepfunctions": {"DescribeExecutionOutput": "Name Input"},
}
"""Members of responses that AWS documents as always present, though its models declare them optional.

By botocore's name of the service, and shape.
"""
