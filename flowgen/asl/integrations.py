"""The optimized service integrations of Step Functions (developer guide, "Integrating services")."""

from __future__ import annotations

from collections.abc import Mapping

OPTIMIZED: Mapping[str, Mapping[str, str]] = {
    service: dict(api.partition("/")[::2] for api in apis.split())
    for service, apis in {
        "apigateway": "invoke/t",
        "athena": "startQueryExecution/s stopQueryExecution getQueryExecution getQueryResults",
        "batch": "submitJob/s terminateJob",
        "bedrock": "invokeModel createModelCustomizationJob/s",
        "codebuild": (
            "startBuild/s stopBuild batchDeleteBuilds batchGetReports startBuildBatch/s stopBuildBatch "
            "retryBuildBatch/s deleteBuildBatch"
        ),
        "databrew": "startJobRun/s",
        "dynamodb": "getItem putItem updateItem deleteItem",
        "ecs": "runTask/st",
        "eks": (
            "createCluster/s deleteCluster/s createNodegroup/s deleteNodegroup/s createFargateProfile/s "
            "deleteFargateProfile/s runJob/s call"
        ),
        "elasticmapreduce": (
            "createCluster/s setClusterTerminationProtection terminateCluster/s addStep/s cancelStep "
            "modifyInstanceFleetByName modifyInstanceGroupByName"
        ),
        "emr-containers": "createVirtualCluster deleteVirtualCluster/s startJobRun/s",
        "emr-serverless": (
            "createApplication/s startApplication/s stopApplication/s deleteApplication/s startJobRun/s cancelJobRun/s"
        ),
        "events": "putEvents/t",
        "glue": "startJobRun/s",
        "http": "invoke",
        "lambda": "invoke/t",
        "mediaconvert": "createJob/s",
        "sagemaker": (
            "createEndpoint createEndpointConfig createHyperParameterTuningJob/s createLabelingJob/s createModel "
            "createProcessingJob/s createTrainingJob/s createTransformJob/s updateEndpoint"
        ),
        "sns": "publish/t",
        "sqs": "sendMessage/t",
        "states": "startExecution/s2t",
    }.items()
}
"""The actions of each service, each followed by the patterns that it supports in addition to a plain call.

s is `.sync`, 2 is `.sync:2`, t is `.waitForTaskToken`.
"""
