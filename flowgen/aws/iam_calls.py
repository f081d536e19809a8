"""The IAM actions of API calls that need more or others than the action of the same name, and those of jobs.

Reviewed by hand against the sources given at each table. Actions are written `service:Name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def _table(service: str, rows: str) -> dict[str, tuple[str, ...]]:
    """Reads rows such as `createMultipartUpload PutObject`: the API's action, and the IAM actions that it needs."""
    found = {}
    for row in rows.strip().splitlines():
        call, *actions = row.split()
        found[f"{service}:{call.lower()}"] = tuple(f"{service}:{action}" for action in actions)
    return found


CALLS: Mapping[str, tuple[str, ...]] = {
    # Amazon S3 user guide, "Required permissions for Amazon S3 API operations".
    **_table(
        "s3",
        """
        AbortMultipartUpload AbortMultipartUpload
        CompleteMultipartUpload PutObject
        CreateMultipartUpload PutObject
        DeleteBucketAnalyticsConfiguration PutAnalyticsConfiguration
        DeleteBucketCors PutBucketCORS
        DeleteBucketEncryption PutEncryptionConfiguration
        DeleteBucketIntelligentTieringConfiguration PutIntelligentTieringConfiguration
        DeleteBucketInventoryConfiguration PutInventoryConfiguration
        DeleteBucketLifecycle PutLifecycleConfiguration
        DeleteBucketMetricsConfiguration PutMetricsConfiguration
        DeleteBucketOwnershipControls PutBucketOwnershipControls
        DeleteBucketReplication PutReplicationConfiguration
        DeleteBucketTagging PutBucketTagging
        DeleteObjects DeleteObject
        DeletePublicAccessBlock PutBucketPublicAccessBlock
        GetBucketAccelerateConfiguration GetAccelerateConfiguration
        GetBucketAnalyticsConfiguration GetAnalyticsConfiguration
        GetBucketEncryption GetEncryptionConfiguration
        GetBucketIntelligentTieringConfiguration GetIntelligentTieringConfiguration
        GetBucketInventoryConfiguration GetInventoryConfiguration
        GetBucketLifecycle GetLifecycleConfiguration
        GetBucketLifecycleConfiguration GetLifecycleConfiguration
        GetBucketMetricsConfiguration GetMetricsConfiguration
        GetBucketNotificationConfiguration GetBucketNotification
        GetBucketReplication GetReplicationConfiguration
        GetObjectLockConfiguration GetBucketObjectLockConfiguration
        GetPublicAccessBlock GetBucketPublicAccessBlock
        HeadBucket ListBucket
        HeadObject GetObject
        ListBucketAnalyticsConfigurations GetAnalyticsConfiguration
        ListBucketIntelligentTieringConfigurations GetIntelligentTieringConfiguration
        ListBucketInventoryConfigurations GetInventoryConfiguration
        ListBucketMetricsConfigurations GetMetricsConfiguration
        ListBuckets ListAllMyBuckets
        ListMultipartUploads ListBucketMultipartUploads
        ListObjects ListBucket
        ListObjectsV2 ListBucket
        ListObjectVersions ListBucketVersions
        ListParts ListMultipartUploadParts
        PutBucketAccelerateConfiguration PutAccelerateConfiguration
        PutBucketAnalyticsConfiguration PutAnalyticsConfiguration
        PutBucketEncryption PutEncryptionConfiguration
        PutBucketIntelligentTieringConfiguration PutIntelligentTieringConfiguration
        PutBucketInventoryConfiguration PutInventoryConfiguration
        PutBucketLifecycle PutLifecycleConfiguration
        PutBucketLifecycleConfiguration PutLifecycleConfiguration
        PutBucketMetricsConfiguration PutMetricsConfiguration
        PutBucketNotificationConfiguration PutBucketNotification
        PutBucketReplication PutReplicationConfiguration
        PutObjectLockConfiguration PutBucketObjectLockConfiguration
        PutPublicAccessBlock PutBucketPublicAccessBlock
        SelectObjectContent GetObject
        UploadPart PutObject
        """,
    ),
    # Service authorization reference, of each service.
    **_table("bedrock", "Converse InvokeModel"),
    **_table("kms", "ReEncrypt ReEncryptFrom ReEncryptTo"),
    **_table("lambda", "Invoke InvokeFunction"),
    **_table("sns", "PublishBatch Publish"),
    **_table(
        "sqs",
        """
        ChangeMessageVisibilityBatch ChangeMessageVisibility
        DeleteMessageBatch DeleteMessage
        SendMessageBatch SendMessage
        """,
    ),
    # Step Functions developer guide, "IAM policies for Amazon SageMaker AI": jobs are tagged.
    **_table(
        "sagemaker",
        """
        CreateHyperParameterTuningJob CreateHyperParameterTuningJob AddTags ListTags
        CreateLabelingJob CreateLabelingJob AddTags ListTags
        CreateProcessingJob CreateProcessingJob AddTags ListTags
        CreateTrainingJob CreateTrainingJob AddTags ListTags
        CreateTransformJob CreateTransformJob AddTags ListTags
        """,
    ),
    # Step Functions developer guide, "Create and manage Amazon EMR clusters": IAM policies.
    **_table(
        "elasticmapreduce",
        """
        AddStep AddJobFlowSteps
        CancelStep CancelSteps
        CreateCluster RunJobFlow
        ModifyInstanceFleetByName ModifyInstanceFleet ListInstanceFleets
        ModifyInstanceGroupByName ModifyInstanceGroups ListInstanceGroups
        SetClusterTerminationProtection SetTerminationProtection
        TerminateCluster TerminateJobFlows
        """,
    ),
    # The same, "Create and manage Amazon EKS clusters": Kubernetes itself authorizes these.
    "eks:call": (),
    "eks:runjob": (),
}
"""IAM actions by prefix in IAM and API action in lower case."""

BEYOND: Mapping[str, str] = {
    "athena:startqueryexecution": (
        "a query uses the state machine's permissions to read tables and write results, wherever those are"
    ),
    "cloudformation:createstack": "without `RoleARN`, the state machine's permissions create the stack's resources",
    "cloudformation:deletestack": "without `RoleARN`, the state machine's permissions delete the stack's resources",
    "cloudformation:updatestack": "without `RoleARN`, the state machine's permissions update the stack's resources",
    "athena:getqueryresults": "the results of a query are read from S3 with the state machine's permissions",
    "eks:createnodegroup": "EKS reads subnets and the nodes' role with the state machine's permissions",
    "emr-serverless:createapplication": "the first application of an account creates a service-linked role",
    "emr-containers:createvirtualcluster": "the first virtual cluster of an account creates a service-linked role",
    "ssm:sendcommand": "permission is also needed for the instances that receive the command",
}
"""Calls that use permissions beyond what their arguments show, and why."""

BEYOND_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "athena:startqueryexecution": (
        "glue:GetDatabase",
        "glue:GetPartitions",
        "glue:GetTable",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    ),
    "cloudformation:createstack": (),
    "cloudformation:deletestack": (),
    "cloudformation:updatestack": (),
    "athena:getqueryresults": ("s3:GetObject",),
    "eks:createnodegroup": ("ec2:DescribeSubnets", "iam:GetRole", "iam:ListAttachedRolePolicies"),
    "emr-serverless:createapplication": ("iam:CreateServiceLinkedRole",),
    "emr-containers:createvirtualcluster": ("iam:CreateServiceLinkedRole",),
    "ssm:sendcommand": ("ssm:SendCommand",),
}
"""The least that these calls need in `policies`."""


@dataclass(frozen=True, slots=True)
class Job:
    """What `.sync` needs in addition to the call: watching, stopping and being notified of the end of the job.

    `rule` is the end of the name of the rule in EventBridge that Step Functions manages.
    """

    actions: tuple[str, ...]
    rule: str | None = None


def _job(service: str, actions: str, rule: str | None = None) -> Job:
    return Job(tuple(f"{service}:{action}" for action in actions.split()), rule)


RULE_PREFIX = "StepFunctionsGetEvent"
RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")

_ATHENA = _job("athena", "GetQueryExecution StopQueryExecution")
_BUILD_BATCH = _job("codebuild", "StopBuildBatch BatchGetBuildBatches", "ForCodeBuildStartBuildBatchRule")
_SERVERLESS = "sForEMRServerlessApplicationRule"

JOBS: Mapping[str, Job] = {
    "athena:startqueryexecution": _ATHENA,
    "batch:submitjob": _job("batch", "DescribeJobs TerminateJob", "sForBatchJobsRule"),
    "bedrock:createmodelcustomizationjob": _job("bedrock", "GetModelCustomizationJob StopModelCustomizationJob"),
    "codebuild:startbuild": _job("codebuild", "StopBuild BatchGetBuilds", "ForCodeBuildStartBuildRule"),
    "codebuild:startbuildbatch": _BUILD_BATCH,
    "codebuild:retrybuildbatch": _BUILD_BATCH,
    "databrew:startjobrun": _job("databrew", "ListJobRuns StopJobRun"),
    "ecs:runtask": _job("ecs", "StopTask DescribeTasks", "sForECSTaskRule"),
    "eks:createcluster": _job("eks", "DescribeCluster DeleteCluster"),
    "eks:deletecluster": _job("eks", "DescribeCluster"),
    "eks:createnodegroup": _job("eks", "DescribeNodegroup DeleteNodegroup"),
    "eks:deletenodegroup": _job("eks", "DescribeNodegroup"),
    "eks:createfargateprofile": _job("eks", "DescribeFargateProfile DeleteFargateProfile"),
    "eks:deletefargateprofile": _job("eks", "DescribeFargateProfile"),
    "eks:runjob": Job(()),
    "elasticmapreduce:createcluster": _job(
        "elasticmapreduce", "DescribeCluster TerminateJobFlows", "ForEMRRunJobFlowRule"
    ),
    "elasticmapreduce:terminatecluster": _job("elasticmapreduce", "DescribeCluster", "ForEMRTerminateJobFlowsRule"),
    "elasticmapreduce:addstep": _job("elasticmapreduce", "DescribeStep CancelSteps", "ForEMRAddJobFlowStepsRule"),
    "emr-containers:deletevirtualcluster": _job("emr-containers", "DescribeVirtualCluster"),
    "emr-containers:startjobrun": _job("emr-containers", "DescribeJobRun CancelJobRun"),
    "emr-serverless:createapplication": _job("emr-serverless", "GetApplication DeleteApplication", _SERVERLESS),
    "emr-serverless:startapplication": _job("emr-serverless", "GetApplication StopApplication", _SERVERLESS),
    "emr-serverless:stopapplication": _job("emr-serverless", "GetApplication", _SERVERLESS),
    "emr-serverless:deleteapplication": _job("emr-serverless", "GetApplication", _SERVERLESS),
    "emr-serverless:startjobrun": _job("emr-serverless", "GetJobRun CancelJobRun", "sForEMRServerlessJobRule"),
    "emr-serverless:canceljobrun": _job("emr-serverless", "GetJobRun", "sForEMRServerlessJobRule"),
    "glue:startjobrun": _job("glue", "GetJobRun GetJobRuns BatchStopJobRun"),
    "mediaconvert:createjob": _job("mediaconvert", "GetJob CancelJob", "sForMediaConvertJobRule"),
    "sagemaker:createhyperparametertuningjob": _job(
        "sagemaker", "DescribeHyperParameterTuningJob StopHyperParameterTuningJob", "sForSageMakerTuningJobsRule"
    ),
    "sagemaker:createlabelingjob": _job("sagemaker", "DescribeLabelingJob StopLabelingJob"),
    "sagemaker:createprocessingjob": _job(
        "sagemaker", "DescribeProcessingJob StopProcessingJob", "sForSageMakerProcessingJobsRule"
    ),
    "sagemaker:createtrainingjob": _job(
        "sagemaker", "DescribeTrainingJob StopTrainingJob", "sForSageMakerTrainingJobsRule"
    ),
    "sagemaker:createtransformjob": _job(
        "sagemaker", "DescribeTransformJob StopTransformJob", "sForSageMakerTransformJobsRule"
    ),
    "states:startexecution": _job("states", "DescribeExecution StopExecution", "sForStepFunctionsExecutionRule"),
}
"""Step Functions developer guide, "How Step Functions generates IAM policies for integrated services", of each service.

By the prefix in IAM and the integration's action in lower case.
"""

PASSED_TO: Mapping[str, str] = {
    "bedrock": "bedrock.amazonaws.com",
    "ecs": "ecs-tasks.amazonaws.com",
    "eks": "eks.amazonaws.com",
    "emr-serverless": "emr-serverless.amazonaws.com",
    "glue": "glue.amazonaws.com",
    "mediaconvert": "mediaconvert.amazonaws.com",
    "sagemaker": "sagemaker.amazonaws.com",
    "scheduler": "scheduler.amazonaws.com",
    "states": "states.amazonaws.com",
}
"""The services to which roles in arguments are passed: the condition `iam:PassedToService`."""
