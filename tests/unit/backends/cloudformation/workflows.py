"""Workflows of each kind of call, and by hand what IAM is asked for when they run: `action resource context…`.

The expected requests were read from the Step Functions developer guide ("How Step Functions generates IAM policies for
integrated services") and the service authorization reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

A = "eu-west-1:111111111111"
"""Region and account."""


@dataclass(frozen=True)
class Example:
    """Workflows of one stack and what the machine of the first one asks IAM for."""

    workflows: tuple[str, ...]
    requests: str

    def asked(self) -> list[tuple[str, str, Mapping[str, str]]]:
        """Each as action, resource and context."""
        found: list[tuple[str, str, Mapping[str, str]]] = []
        for row in self.requests.strip().splitlines():
            action, resource, *context = row.split()
            found.append((action, resource, dict(pair.split("=", 1) for pair in context)))
        return found


_RESOURCES = """\
resources:
  Orders:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Inbox: {Type: AWS::S3::Bucket}
  Told: {Type: AWS::SNS::Topic}
  Jobs: {Type: AWS::SQS::Queue}
"""

_THROUGH = f"bedrock:InferenceProfileArn=arn:aws:bedrock:{A}:inference-profile/eu.amazon.nova-lite-v1:0"

SERVICES = Example(
    (
        f"""\
flowgen: 1
name: use_services
parameters:
  AuditTable: {{Type: String}}
  JobsQueueUrl: {{Type: String}}
{_RESOURCES}steps:
  - id: put
    aws: dynamodb:putItem
    with: {{TableName: !Ref Orders, Item: {{id: {{S: "${{ $input.id }}"}}}}}}
    compensate:
      aws: dynamodb:deleteItem
      with: {{TableName: !Ref Orders, Key: {{id: {{S: "${{ $input.id }}"}}}}}}
  - id: audit
    aws: dynamodb:query
    with:
      TableName: ${{ $parameters.AuditTable }}
      IndexName: by_day
      KeyConditionExpression: day = :day
  - id: both
    aws: dynamodb:transactWriteItems
    with:
      TransactItems:
        - Put: {{TableName: ledger, Item: {{id: {{S: a}}}}}}
        - ConditionCheck: {{TableName: !Ref Orders, Key: {{id: {{S: a}}}}, ConditionExpression: attribute_exists(id)}}
  - id: several
    aws: dynamodb:batchGetItem
    with: {{RequestItems: {{people: {{Keys: [{{id: {{S: a}}}}]}}, places: {{Keys: [{{id: {{S: b}}}}]}}}}}}
  - id: apart
    parallel:
      files:
        - id: listed
          aws: s3:listObjectsV2
          with: {{Bucket: !Ref Inbox, ContinuationToken?: "${{ $input.token }}"}}
        - id: head
          aws: s3:headObject
          with: {{Bucket: !Ref Inbox, Key: "orders/${{ $input.id }}.json"}}
        - id: copied
          aws: s3:copyObject
          with: {{Bucket: archive, Key: "${{ $input.id }}", CopySource: "incoming/new/${{ $input.id }}"}}
      messages:
        - id: tell
          aws: sns:publish
          with: {{TopicArn: !Ref Told, Message: hello}}
        - id: queue
          aws: sqs:sendMessage
          with: {{QueueUrl: !Ref Jobs, MessageBody: hello}}
        - id: queue_elsewhere
          aws: sqs:sendMessageBatch
          with: {{QueueUrl: !Ref JobsQueueUrl, Entries: [{{Id: a, MessageBody: b}}]}}
        - id: event
          aws: events:putEvents
          with:
            Entries:
              - {{EventBusName: shop, Source: s, DetailType: d, Detail: {{a: 1}}}}
              - {{Source: s, DetailType: d, Detail: {{a: 1}}}}
  - id: every_one
    for_each: $input.ids
    as: one
    steps:
      - id: setting
        aws: ssm:getParameter
        with: {{Name: /shop/limit}}
  - id: secret
    aws: secretsmanager:getSecretValue
    with: {{SecretId: shop/key}}
  - id: think
    aws: bedrock:invokeModel
    with: {{ModelId: eu.amazon.nova-lite-v1:0, Body: {{a: 1}}}}
  - id: look
    aws: textract:analyzeExpense
    with: {{Document: {{S3Object: {{Bucket: a, Name: b}}}}}}
  - id: invoke
    aws: lambda:invoke
    with: {{FunctionName: thumbnails, Qualifier: live, Payload: {{a: 1}}}}
""",
    ),
    f"""
    dynamodb:PutItem arn:aws:dynamodb:{A}:table/physical-Orders
    dynamodb:DeleteItem arn:aws:dynamodb:{A}:table/physical-Orders
    dynamodb:Query arn:aws:dynamodb:{A}:table/audit/index/by_day
    dynamodb:PutItem arn:aws:dynamodb:{A}:table/ledger
    dynamodb:ConditionCheckItem arn:aws:dynamodb:{A}:table/physical-Orders
    dynamodb:BatchGetItem arn:aws:dynamodb:{A}:table/people
    dynamodb:BatchGetItem arn:aws:dynamodb:{A}:table/places
    s3:ListBucket arn:aws:s3:::physical-Inbox
    s3:GetObject arn:aws:s3:::physical-Inbox/orders/12.json
    s3:PutObject arn:aws:s3:::archive/12
    s3:GetObject arn:aws:s3:::incoming/new/12
    sns:Publish arn:aws:sns:{A}:physical-Told
    sqs:SendMessage arn:aws:sqs:{A}:physical-Jobs
    sqs:SendMessage arn:aws:sqs:eu-west-1:222222222222:jobs
    events:PutEvents arn:aws:events:{A}:event-bus/shop
    events:PutEvents arn:aws:events:{A}:event-bus/default
    ssm:GetParameter arn:aws:ssm:{A}:parameter/shop/limit
    secretsmanager:GetSecretValue arn:aws:secretsmanager:{A}:secret:shop/key-AbCdEf
    bedrock:InvokeModel arn:aws:bedrock:{A}:inference-profile/eu.amazon.nova-lite-v1:0
    bedrock:InvokeModel arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0 {_THROUGH}
    textract:AnalyzeExpense *
    s3:GetObject arn:aws:s3:::a/b
    lambda:InvokeFunction arn:aws:lambda:{A}:function:thumbnails:live
    """,
)

_RULE = "".join(
    f"    events:{action} arn:aws:events:{A}:rule/{{}}\n" for action in ("PutTargets", "PutRule", "DescribeRule")
)


def _rule(name: str) -> str:
    return _RULE.replace("{}", name)


JOBS = Example(
    (
        """\
flowgen: 1
name: run_jobs
parameters:
  TaskDefinitionArn: {Type: String}
resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Render:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: draw
      ExecutionRoleArn: !GetAtt RenderRole.Arn
      ContainerDefinitions: [{Name: main, Image: "busybox:1", Memory: 128}]
  RenderRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}]
steps:
  - id: render
    aws: ecs:runTask.sync
    with: {Cluster: !Ref Cluster, TaskDefinition: !Ref Render}
  - id: by_parameter
    aws: ecs:runTask
    with: {TaskDefinition: !Ref TaskDefinitionArn}
    policies:
      - Effect: Allow
        Action: iam:PassRole
        Resource: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/render
        Condition: {StringEquals: {iam:PassedToService: ecs-tasks.amazonaws.com}}
  - id: convert
    aws: glue:startJobRun.sync
    with: {JobName: convert, Arguments: {"--id": "${ $input.id }"}}
  - id: build
    aws: codebuild:startBuild.sync
    with: {ProjectName: site}
  - id: counted
    aws: batch:submitJob.sync
    with: {JobName: count, JobQueue: quick, JobDefinition: "count:3"}
  - id: spark
    aws: emr-serverless:startJobRun.sync
    with:
      ApplicationId: 00app
      ExecutionRoleArn: arn:aws:iam::111111111111:role/spark
      JobDriver: {SparkSubmit: {EntryPoint: "s3://a/b.py"}}
  - id: train
    aws: sagemaker:createTrainingJob.sync
    with: {TrainingJobName: "orders-${ $input.id }", RoleArn: "arn:aws:iam::111111111111:role/train"}
  - id: cluster
    aws: elasticmapreduce:createCluster.sync
    with: {Name: nightly, ServiceRole: emr, Instances: {KeepJobFlowAliveWhenNoSteps: true}}
""",
    ),
    f"""
    ecs:RunTask arn:aws:ecs:{A}:task-definition/draw:7 ecs:cluster=arn:aws:ecs:{A}:cluster/physical-Cluster
    ecs:StopTask arn:aws:ecs:{A}:task/physical-Cluster/ab12
    ecs:DescribeTasks arn:aws:ecs:{A}:task/physical-Cluster/ab12
    iam:PassRole arn:aws:iam::111111111111:role/physical-RenderRole iam:PassedToService=ecs-tasks.amazonaws.com
    ecs:RunTask arn:aws:ecs:{A}:task-definition/render:12 ecs:cluster=arn:aws:ecs:{A}:cluster/default
    iam:PassRole arn:aws:iam::111111111111:role/render iam:PassedToService=ecs-tasks.amazonaws.com
    glue:StartJobRun arn:aws:glue:{A}:job/convert
    glue:GetJobRun arn:aws:glue:{A}:job/convert
    glue:GetJobRuns arn:aws:glue:{A}:job/convert
    glue:BatchStopJobRun arn:aws:glue:{A}:job/convert
    codebuild:StartBuild arn:aws:codebuild:{A}:project/site
    codebuild:StopBuild arn:aws:codebuild:{A}:project/site
    codebuild:BatchGetBuilds arn:aws:codebuild:{A}:project/site
    batch:SubmitJob arn:aws:batch:{A}:job/ab12
    batch:SubmitJob arn:aws:batch:{A}:job-queue/quick
    batch:SubmitJob arn:aws:batch:{A}:job-definition/count:3
    batch:DescribeJobs *
    batch:TerminateJob arn:aws:batch:{A}:job/ab12
    emr-serverless:StartJobRun arn:aws:emr-serverless:{A}:/applications/00app
    emr-serverless:GetJobRun arn:aws:emr-serverless:{A}:/applications/00app/jobruns/ab12
    emr-serverless:CancelJobRun arn:aws:emr-serverless:{A}:/applications/00app/jobruns/ab12
    iam:PassRole arn:aws:iam::111111111111:role/spark iam:PassedToService=emr-serverless.amazonaws.com
    sagemaker:CreateTrainingJob arn:aws:sagemaker:{A}:training-job/orders-12
    sagemaker:AddTags arn:aws:sagemaker:{A}:training-job/orders-12
    sagemaker:ListTags arn:aws:sagemaker:{A}:training-job/orders-12
    sagemaker:DescribeTrainingJob arn:aws:sagemaker:{A}:training-job/orders-12
    sagemaker:StopTrainingJob arn:aws:sagemaker:{A}:training-job/orders-12
    iam:PassRole arn:aws:iam::111111111111:role/train iam:PassedToService=sagemaker.amazonaws.com
    elasticmapreduce:RunJobFlow *
    elasticmapreduce:DescribeCluster arn:aws:elasticmapreduce:{A}:cluster/j-1
    elasticmapreduce:TerminateJobFlows arn:aws:elasticmapreduce:{A}:cluster/j-1
    iam:PassRole arn:aws:iam::111111111111:role/emr
"""
    + _rule("StepFunctionsGetEventsForECSTaskRule")
    + _rule("StepFunctionsGetEventForCodeBuildStartBuildRule")
    + _rule("StepFunctionsGetEventsForBatchJobsRule")
    + _rule("StepFunctionsGetEventsForEMRServerlessJobRule")
    + _rule("StepFunctionsGetEventsForSageMakerTrainingJobsRule")
    + _rule("StepFunctionsGetEventForEMRRunJobFlowRule"),
)

_CHILD = "flowgen: 1\nname: {}\ntype: {}\nsteps:\n  - id: pause\n    wait: 1s\n"

NESTED = Example(
    (
        """\
flowgen: 1
name: run_others
steps:
  - id: here
    workflow: helper
  - id: elsewhere
    workflow: child
  - id: left_alone
    workflow: later
    detached: true
""",
        _CHILD.format("helper", "standard"),
        _CHILD.format("later", "standard"),
    ),
    f"""
    states:StartExecution arn:aws:states:{A}:stateMachine:physical-HelperStateMachine states:StateMachineQualifier=live
    states:DescribeExecution arn:aws:states:{A}:execution:physical-HelperStateMachine:ab12
    states:StopExecution arn:aws:states:{A}:execution:physical-HelperStateMachine:ab12
    states:StartExecution arn:aws:states:{A}:stateMachine:child-elsewhere
    states:DescribeExecution arn:aws:states:{A}:execution:child-elsewhere:ab12
    states:StopExecution arn:aws:states:{A}:execution:child-elsewhere:ab12
    states:StartExecution arn:aws:states:{A}:stateMachine:physical-LaterStateMachine states:StateMachineQualifier=live
"""
    + _rule("StepFunctionsGetEventsForStepFunctionsExecutionRule"),
)

RECURSIVE = Example(
    (
        """\
flowgen: 1
name: go_on
steps:
  - id: again
    workflow: go_on
    detached: true
""",
    ),
    f"    states:StartExecution arn:aws:states:{A}:stateMachine:test-stack-go_on states:StateMachineQualifier=live\n",
)

DISTRIBUTED = Example(
    (
        f"""\
flowgen: 1
name: import_rows
{_RESOURCES}steps:
  - id: files
    for_each: {{reader: objects, bucket: !Ref Inbox, prefix: new/}}
    as: file
    mode: distributed
    max_concurrency: 10
    writer: {{bucket: !Ref Inbox, prefix: done}}
    label: files
    steps:
      - id: rows
        for_each: {{reader: csv, bucket: !Ref Inbox, key: "${{ $file.Key }}"}}
        as: row
        mode: distributed
        steps:
          - id: keep
            aws: dynamodb:putItem
            with: {{TableName: !Ref Orders, Item: {{id: {{S: "${{ $row.id }}"}}}}}}
""",
    ),
    f"""
    states:StartExecution arn:aws:states:{A}:stateMachine:physical-ImportRowsStateMachine
    states:DescribeExecution arn:aws:states:{A}:execution:physical-ImportRowsStateMachine:ab12
    states:RedriveExecution arn:aws:states:{A}:execution:physical-ImportRowsStateMachine/files:ab12
    states:RedriveExecution arn:aws:states:{A}:execution:physical-ImportRowsStateMachine/1-2-3:ab12
    s3:ListBucket arn:aws:s3:::physical-Inbox s3:prefix=new/
    s3:GetObject arn:aws:s3:::physical-Inbox/new/1.csv
    s3:PutObject arn:aws:s3:::physical-Inbox/done/1/SUCCEEDED_0.json
    s3:GetObject arn:aws:s3:::physical-Inbox/done/1/SUCCEEDED_0.json
    s3:ListMultipartUploadParts arn:aws:s3:::physical-Inbox/done/1/SUCCEEDED_0.json
    s3:AbortMultipartUpload arn:aws:s3:::physical-Inbox/done/1/SUCCEEDED_0.json
    dynamodb:PutItem arn:aws:dynamodb:{A}:table/physical-Orders
    """,
)

HTTP = Example(
    (
        """\
flowgen: 1
name: call_apis
resources:
  PaymentsConnection:
    Type: AWS::Events::Connection
    Properties:
      AuthorizationType: API_KEY
      AuthParameters: {ApiKeyAuthParameters: {ApiKeyName: key, ApiKeyValue: "{{resolve:secretsmanager:payments}}"}}
steps:
  - id: label
    http: GET https://carrier.example.com/labels/${ $input.id }
    connection: carrier
  - id: pay
    http: POST https://pay.example.com/payments
    connection: payments
    body: {id: "${ $input.id }"}
  - id: gateway
    aws: apigateway:invoke
    with:
      ApiEndpoint: abc123.execute-api.eu-west-1.amazonaws.com
      Method: GET
      Stage: prod
      Path: "/orders/${ $input.id }"
      AuthType: IAM_ROLE
""",
    ),
    f"""
    states:InvokeHTTPEndpoint * states:HTTPMethod=GET states:HTTPEndpoint=https://carrier.example.com/labels/12
    states:InvokeHTTPEndpoint * states:HTTPMethod=POST states:HTTPEndpoint=https://pay.example.com/payments
    events:RetrieveConnectionCredentials arn:aws:events:{A}:connection/carrier/1-2
    events:RetrieveConnectionCredentials arn:aws:events:{A}:connection/physical-PaymentsConnection/1-2
    secretsmanager:GetSecretValue arn:aws:secretsmanager:{A}:secret:events!connection/carrier/1-2
    secretsmanager:DescribeSecret arn:aws:secretsmanager:{A}:secret:events!connection/carrier/1-2
    secretsmanager:GetSecretValue arn:aws:secretsmanager:{A}:secret:events!connection/physical-PaymentsConnection/1-2
    secretsmanager:DescribeSecret arn:aws:secretsmanager:{A}:secret:events!connection/physical-PaymentsConnection/1-2
    execute-api:Invoke arn:aws:execute-api:{A}:abc123/prod/GET/orders/12
    """,
)

ACTIVITY = Example(
    (
        """\
flowgen: 1
name: ask_people
functions:
  review: {activity: true, description: Somebody looks at it.}
steps:
  - id: look
    call: review
""",
    ),
    "",
)

ASL = Example(
    (
        """\
flowgen: 1
name: as_written
steps:
  - id: raw
    asl:
      Type: Map
      Items: "{% $states.input.items %}"
      ItemProcessor:
        StartAt: Store
        States:
          Store:
            Type: Task
            Resource: arn:aws:states:::dynamodb:putItem
            Arguments: {TableName: notes, Item: {id: {S: "${Orders}"}}}
            End: true
""",
    ),
    f"    dynamodb:PutItem arn:aws:dynamodb:{A}:table/notes\n",
)

_CASE = Path(__file__).parents[3] / "cases" / "stack" / "in_aws" / "workflow.yaml"
_FUNCTION = f"arn:aws:lambda:{A}:function:physical-StackInAws"
_KEY = f"arn:aws:kms:{A}:key/physical-StackInAwsStateMachineKey"
_MACHINE_CONTEXT = (
    f"kms:EncryptionContext:aws:states:stateMachineArn=arn:aws:states:{A}:stateMachine:physical-StackInAwsStateMachine"
)
IN_AWS = Example(
    (_CASE.read_text("utf-8"),),
    # Executions that began before there were versions call the functions themselves; the retired one is theirs alone.
    f"""
    lambda:InvokeFunction {_FUNCTION}DoubleFunction:7
    lambda:InvokeFunction {_FUNCTION}DoubleFunction
    lambda:InvokeFunction {_FUNCTION}TripleFunction:7
    lambda:InvokeFunction {_FUNCTION}TripleFunction
    kms:GenerateDataKey {_KEY} {_MACHINE_CONTEXT}
    kms:Decrypt {_KEY} {_MACHINE_CONTEXT}
    kms:GenerateDataKey {_KEY} kms:EncryptionContext:SourceArn=arn:aws:logs:{A}:*
    """,
)

EXAMPLES: Mapping[str, Example] = {
    "use_services": SERVICES,
    "run_jobs": JOBS,
    "run_others": NESTED,
    "go_on": RECURSIVE,
    "import_rows": DISTRIBUTED,
    "call_apis": HTTP,
    "ask_people": ACTIVITY,
    "as_written": ASL,
    "in_aws": IN_AWS,
}
