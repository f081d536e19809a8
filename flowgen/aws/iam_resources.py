"""The arguments that name the resources of calls, reviewed by hand for the resource types that workflows use most.

For other types, it is the argument with the name of the variable in the ARN (`TableName`), or with one of the usual
suffixes (`StateMachineArn`, `ClusterId`); `flowgen.aws.iam` has the types.
"""

from __future__ import annotations

from collections.abc import Mapping

ANY = "*"

ARGUMENTS: Mapping[str, str] = {
    "athena:workgroup": "WorkGroupName=WorkGroup",
    "autoscaling:autoscalinggroup": "GroupId=* GroupFriendlyName=AutoScalingGroupName",
    "batch:job": "JobId=JobId",
    "batch:job-definition": "JobDefinitionName=JobDefinition",
    "batch:job-queue": "JobQueueName=JobQueue",
    "cloudformation:stack": "StackName=StackName Id=*",
    "cloudformation:stackset": "StackSetName=StackSetName Id=*",
    "codepipeline:pipeline": "PipelineName=Name,PipelineName",
    "databrew:job": "ResourceId=Name",
    "ec2:instance": "InstanceId=InstanceIds,InstanceId",
    "ecs:service": "ClusterName=Cluster ServiceName=Service,ServiceName",
    "ecs:task-definition": "TaskDefinitionFamilyName=TaskDefinition TaskDefinitionRevisionNumber=*",
    "ecs:task": "ClusterName=Cluster TaskId=Task",
    "eks:cluster": "ClusterName=ClusterName,Name",
    "eks:fargateprofile": "ClusterName=ClusterName FargateProfileName=FargateProfileName UUID=*",
    "eks:nodegroup": "ClusterName=ClusterName NodegroupName=NodegroupName UUID=*",
    "elasticmapreduce:cluster": "ClusterId=ClusterId,JobFlowId",
    "emr-containers:virtualcluster": "VirtualClusterId=VirtualClusterId,Id",
    "events:event-bus": "EventBusName=EventBusName",
    "events:rule-on-custom-event-bus": "EventBusName=EventBusName RuleName=Name,Rule",
    "events:rule-on-default-event-bus": "RuleName=Name,Rule",
    "fis:experiment-template": "Id=ExperimentTemplateId",
    "glue:crawler": "CrawlerName=Name,CrawlerName",
    "glue:database": "DatabaseName=DatabaseName,Name,DatabaseInput.Name",
    "glue:table": "DatabaseName=DatabaseName TableName=TableName,Name,TableInput.Name",
    "glue:trigger": "TriggerName=Name",
    "glue:workflow": "WorkflowName=Name",
    "iot:topic": "TopicName=Topic",
    "mediaconvert:queue": "QueueName=Queue",
    "mediaconvert:jobtemplate": "JobTemplateName=JobTemplate",
    "rds:cluster": "DbClusterInstanceName=DBClusterIdentifier",
    "rds:cluster-snapshot": "ClusterSnapshotName=DBClusterSnapshotIdentifier",
    "rds:db": "DbInstanceName=DBInstanceIdentifier",
    "rds:snapshot": "SnapshotName=DBSnapshotIdentifier",
    "rds-data:cluster": "DbClusterInstanceName=ResourceArn",
    "redshift:dbname": "ClusterName=ClusterName DbName=DbName",
    "redshift-data:cluster": "ClusterName=ClusterIdentifier",
    "s3:bucket": "BucketName=Bucket",
    "s3:object": "BucketName=Bucket ObjectName=Key~",
    "sagemaker:hyper-parameter-tuning-job": "HyperParameterTuningJobName=HyperParameterTuningJobName~",
    "sagemaker:labeling-job": "LabelingJobName=LabelingJobName~",
    "sagemaker:processing-job": "ProcessingJobName=ProcessingJobName~",
    "sagemaker:training-job": "TrainingJobName=TrainingJobName~",
    "sagemaker:transform-job": "TransformJobName=TransformJobName~",
    "scheduler:schedule": "GroupName=GroupName ScheduleName=Name~",
    "sns:topic": "TopicName=TopicArn,TargetArn",
    "sqs:queue": "QueueName=QueueUrl",
    "ssm:automation-execution": "AutomationExecutionId=AutomationExecutionId",
    "ssm:document": "DocumentName=DocumentName,Name",
    "ssm:parameter": "ParameterNameWithoutLeadingSlash=Name,Names",
    "transcribe:transcriptionjob": "JobName=TranscriptionJobName",
}
"""By `service:type`: `VARIABLE=ARGUMENT`, or several alternative arguments; dots lead into objects.

`*` means a name that AWS generates. `~` marks data within a known resource, or a name that the call itself chooses.
Such an argument may be an expression: the grant covers its known beginning.
"""

ALTERNATIVES = frozenset({"redshift-data"})
"""Services whose calls name a resource of one type, although IAM's reference requires all types."""

NAME_OR_ARN: Mapping[str, str] = {
    "batch:jobqueue": "job-queue/",
    "bedrock:custommodeldeploymentidentifier": "custom-model-deployment/",
    "bedrock:flowidentifier": "flow/",
    "bedrock:guardrailidentifier": "guardrail/",
    "bedrock:inferenceprofileidentifier": "inference-profile/",
    "bedrock:jobidentifier": "model-invocation-job/",
    "bedrock:knowledgebaseid": "knowledge-base/",
    "bedrock:promptidentifier": "prompt/",
    "bedrock:provisionedmodelid": "provisioned-model/",
    "bedrock:sessionidentifier": "session/",
    "cloudformation:stackname": "stack/",
    "codebuild:projectname": "project/",
    "dynamodb:tablename": "table/",
    "ecs:cluster": "cluster/",
    "events:eventbusname": "event-bus/",
    "kms:keyid": "key/",
    "lambda:functionname": "function:",
    "lambda:layername": "layer:",
    "logs:loggroupidentifier": "log-group:",
    "mediaconvert:jobtemplate": "jobTemplates/",
    "mediaconvert:queue": "queues/",
    "rds:dbclusteridentifier": "cluster:",
    "rds:dbclustersnapshotidentifier": "cluster-snapshot:",
    "rds:dbinstanceidentifier": "db:",
    "rds:dbsnapshotidentifier": "snapshot:",
    "redshift-data:workgroupname": "workgroup/",
    "sagemaker:algorithmname": "algorithm/",
    "sagemaker:clustername": "cluster/",
    "sagemaker:featuregroupname": "feature-group/",
    "sagemaker:hubname": "hub/",
    "sagemaker:modelcardname": "model-card/",
    "sagemaker:modelpackagegroupname": "model-package-group/",
    "sagemaker:modelpackagename": "model-package/",
    "sagemaker:pipelinename": "pipeline/",
    "sagemaker:trainingplanname": "training-plan/",
    "ssm:documentname": "document/",
    "ssm:name": "document/",
}
"""Arguments whose value may be a name or an ARN, and what precedes the name in such an ARN.

Source: the API models, where the argument's documentation or pattern mentions an ARN. Arguments that end in `Arn`
accept only ARNs. `flowgen.backends.cloudformation.iam.service_arns` handles the rest, such as `FunctionName`.
"""

GIVEN: Mapping[str, str] = {
    "athena:startqueryexecution": "WorkGroup=primary",
    "batch:submitjob": "JobId=*",
    "ecs:runtask": "Cluster=default Task=*",
    "elasticmapreduce:createcluster": "ClusterId=*",
    "emr-containers:startjobrun": "JobRunId=*",
    "emr-serverless:createapplication": "ApplicationId=*",
    "emr-serverless:startjobrun": "JobRunId=*",
    "fis:startexperiment": "Id=*",
    "mediaconvert:createjob": "Queue=Default JobId=* Id=*",
    "scheduler:createschedule": "GroupName=default",
    "scheduler:deleteschedule": "GroupName=default",
    "scheduler:getschedule": "GroupName=default",
    "scheduler:updateschedule": "GroupName=default",
    "ssm:startautomationexecution": "AutomationExecutionId=*",
}
"""By call: the defaults of arguments that are left out, or `*` for what exists only after the call."""

WITHOUT_RESOURCE = frozenset(
    {
        "cloudwatch:PutMetricData",
        "polly:StartSpeechSynthesisTask",
        "polly:SynthesizeSpeech",
        "translate:TranslateText",
    }
)
"""Actions whose resources a call need not name; without one, they accept only `*`."""

NAMES_NONE_OR_ONE = frozenset({"rekognition:DetectModerationLabels"})
"""Actions that use a resource only if an argument names it, such as an adapter or `ProjectVersion`."""

ARN_PREFIXES: Mapping[str, str] = {
    "AWS::CodeBuild::Project": "arn:${Partition}:codebuild:${Region}:${Account}:project/",
    "AWS::DynamoDB::GlobalTable": "arn:${Partition}:dynamodb:${Region}:${Account}:table/",
    "AWS::DynamoDB::Table": "arn:${Partition}:dynamodb:${Region}:${Account}:table/",
    "AWS::ECS::Cluster": "arn:${Partition}:ecs:${Region}:${Account}:cluster/",
    "AWS::EKS::Cluster": "arn:${Partition}:eks:${Region}:${Account}:cluster/",
    "AWS::Events::EventBus": "arn:${Partition}:events:${Region}:${Account}:event-bus/",
    "AWS::KMS::Key": "arn:${Partition}:kms:${Region}:${Account}:key/",
    "AWS::Kinesis::Stream": "arn:${Partition}:kinesis:${Region}:${Account}:stream/",
    "AWS::KinesisFirehose::DeliveryStream": "arn:${Partition}:firehose:${Region}:${Account}:deliverystream/",
    "AWS::Lambda::Function": "arn:${Partition}:lambda:${Region}:${Account}:function:",
    "AWS::S3::Bucket": "arn:${Partition}:s3:::",
}
"""CloudFormation resources whose `Ref` is a name, and the prefix that makes it their `Arn`.

CloudFormation's resource reference, "Return values" of each.
"""

REF_IS_ARN = frozenset(
    {
        "AWS::Batch::JobDefinition",
        "AWS::Batch::JobQueue",
        "AWS::ECS::Service",
        "AWS::ECS::TaskDefinition",
        "AWS::Lambda::Alias",
        "AWS::Lambda::Version",
        "AWS::SNS::Topic",
        "AWS::SecretsManager::Secret",
        "AWS::StepFunctions::Activity",
        "AWS::StepFunctions::StateMachine",
    }
)
"""CloudFormation resources whose `Ref` is their ARN (same source)."""
