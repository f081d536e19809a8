"""What calls of AWS give: jobs that have ended, integrations of another form, members that may be missing."""

from __future__ import annotations

import pytest

from flowgen.check.dataflow import Dataflow, analyse
from flowgen.diagnostics import Diagnostic, Sink
from flowgen.model import read_workflow
from flowgen.source import read
from flowgen.types import show
from tests.unit.check.marks import marked, place

pytest.importorskip("botocore")

HEAD = "flowgen: 1\nname: jobs\ninput: {fields: {id: string, note: string?, limit: integer?}}\noutput: any\n"
LOADED = "  - id: loaded\n    aws: %s\n    with: {TableName: t, Key: {id: {S: x}}}\n"


def looked_at(steps: str, *, strict: bool = False) -> Dataflow:
    sink = Sink()
    root = read("w.yaml", HEAD + "steps:\n" + steps, sink)
    workflow = None if root is None else read_workflow(root, sink)
    assert workflow is not None
    return analyse(workflow, {}, strict=strict)


def found(steps: str, *, strict: bool = False) -> list[Diagnostic]:
    return list(looked_at(steps, strict=strict).diagnostics)


def a_call(action: str, argument: str, read: str) -> str:
    return f"  - {{id: a, aws: '{action}', with: {argument}}}\n  - {{id: b, set: '${{ {read} }}'}}\n"


@pytest.mark.parametrize(
    ("action", "argument", "read", "expected"),
    [
        (
            "athena:startQueryExecution.sync",
            "{QueryString: x}",
            "$a.QueryExecution.Status.State",
            '"CANCELLED" | "FAILED" | "QUEUED" | "RUNNING" | "SUCCEEDED"',
        ),
        ("batch:submitJob.sync", "{JobName: a, JobQueue: a, JobDefinition: a}", "$a.Container.ExitCode", "integer"),
        ("codebuild:startBuild.sync", "{ProjectName: a}", "$a.Build.Arn", "string"),
        ("ecs:runTask.sync", "{TaskDefinition: a}", "$a.Containers[0].Name", "string"),
        ("eks:createCluster.sync", "{Name: a, RoleArn: a, ResourcesVpcConfig: {}}", "$a.Cluster.Endpoint", "string"),
        (
            "elasticmapreduce:addStep.sync",
            "{ClusterId: a, Step: {Name: a, HadoopJarStep: {Jar: a}}}",
            "$a.Step.Id",
            "string",
        ),
        ("elasticmapreduce:createCluster", "{Name: a, Instances: {}}", "$a.ClusterId", "string"),
        ("emr-serverless:startApplication.sync", "{ApplicationId: a}", "$a.ApplicationId", "string"),
        ("glue:startJobRun.sync", "{JobName: a}", "$a.ExecutionTime", "integer"),
        ("states:startExecution.sync", "{StateMachineArn: a}", "$a.Output", "string"),
        ("states:startExecution.sync:2", "{StateMachineArn: a}", "$a.Output.x", "any"),
        ("lambda:invoke", "{FunctionName: a, Payload: {x: 1}}", "$a.StatusCode", "integer"),
        ("lambda:invoke", "{FunctionName: a, Payload: {x: 1}}", "$a.Payload.x", "any"),
        ("sqs:sendMessage", "{QueueUrl: a, MessageBody: {x: 1}}", "$a.MessageId", "string"),
        ("sns:publish", "{TopicArn: a, Message: {x: 1}}", "$a.SdkHttpMetadata.HttpStatusCode", "any"),
        ("apigateway:invoke", "{ApiEndpoint: a, Method: GET}", "$a.StatusCode", "integer"),
        ("bedrock:invokeModel", "{ModelId: a, Body: {x: 1}}", "$a.Body.completion", "any"),
        ("eks:runJob.sync", "{ClusterName: a, CertificateAuthority: a, Endpoint: a, Job: {}}", "$a.logs.pods", "any"),
        ("http:invoke", "{ApiEndpoint: a, Method: GET}", "$a.StatusCode", "integer"),
        ("aws-sdk:qldb:describeLedger", "{Name: a}", "$a.State", "any"),
        ("aws-sdk:sns:publish", "{TopicArn: a, Message: x}", "$a.MessageId", "string"),
    ],
)
def test_type_of_what_a_call_gives(action: str, argument: str, read: str, expected: str) -> None:
    """A finished job is described, in Step Functions' spelling; optimized integrations have their own members."""
    result = looked_at(a_call(action, argument, read))
    assert [f"{one.code} {one.message}" for one in result.diagnostics] == []
    assert show(result.steps["b"][1]) == expected


@pytest.mark.parametrize(
    ("action", "argument", "read", "told"),
    [
        ("glue:startJobRun.sync", "{JobName: a}", "$a.State", "FG301: `JobRun` has no field `State`"),
        ("glue:startJobRun", "{JobName: a}", "$a.JobRunState", "FG301: `StartJobRunResponse` has no field"),
        ("aws-sdk:sns:publish", "{TopicArn: a, Message: {x: 1}}", "1", "FG302: `Message` is an object"),
        ("apigateway:invoke", "{ApiEndpoint: a, Method: FETCH}", "1", 'FG302: `Method` is "FETCH"'),
        (
            "bedrock:invokeModel",
            "{ModelId: a, Acept: a}",
            "1",
            "FG302: `Acept` is not a field of `bedrock:invokeModel`",
        ),
        ("elasticmapreduce:addStep", "{ClusterId: a, Step: {Name: a}}", "1", "FG302: `Step.HadoopJarStep` is missing"),
        ("states:startExecution.sync", "{StateMachineArn: a}", "$a.Output.x", "FG301: `string` has no fields"),
    ],
)
def test_what_no_call_takes_or_gives(action: str, argument: str, read: str, told: str) -> None:
    """Told as for any other contract."""
    [finding] = found(a_call(action, argument, read))
    assert f"{finding.code}: {finding.message}".startswith(told)


def test_a_string_that_may_be_json() -> None:
    """The output of a `.sync` call is a string; the help says how to parse it."""
    [finding] = found(a_call("states:startExecution.sync", "{StateMachineArn: a}", "$a.Output.total"))
    assert finding.help == "if the string is JSON, write `$parse(x).total`"


def test_a_status_that_there_is_not() -> None:
    """The model says which values a member has."""
    [finding] = found(a_call("glue:startJobRun.sync", "{JobName: a}", '$a.JobRunState = "SUCCEDED"'))
    assert (finding.code, finding.help) == ("FG306", 'did you mean "SUCCEEDED"?')


@pytest.mark.parametrize(
    "use",
    [
        "set: '${ «$loaded.Item».name.S }'",
        "set: {a: '${ «$loaded.Item».name.S }', b: '${ «$loaded.Item».id.S }'}",
        "set: {a?: '${ $loaded.Item.name.S }'}",
        "set: 'it is ${ «$loaded.Item».name.S\u0020}'",
        "set: '${ \"it is \" & «$loaded.Item.name.S» }'",
        "set: '${ $exists($loaded.Item.name.S) ? $loaded.Item.name.S : \"\" }'",
        "set: 1, if: $exists($loaded.Item)",
        "set: 1, if: «$loaded.Item».stock.BOOL",
        "match: «$loaded.Item».name.S, cases: {a: []}, else: []",
        "for_each: «$loaded.Item».name.L, steps: []",
        "wait: '${ $length(«$loaded.Item».name.S) }'",
        "aws: 'sns:publish', with: {TopicArn: a, Message: x, Subject: '${ «$loaded.Item».name.S }'}",
        "set: '${ [$loaded.Item.name.SS] }'",
        "set: '${ $loaded.SdkHttpMetadata }'",
        "set: '${ $exists($loaded.Item.tags.L[0].S) ? $loaded.Item.tags.L[0].S : \"\" }'",
        "set: '${ $number($exists($loaded.Item.n.N) ? $loaded.Item.n.N : 0) }'",
        "set: '${ «$loaded.Item».tags.SS^($)[0] }'",
        "set: '${ «$loaded.Item».tags.SS[0] }'",
    ],
)
def test_strict_mode_tells_what_a_response_may_lack(use: str) -> None:
    """Told at the call, with the places where it must be there; a guard, a `?` key or an array needs nothing."""
    steps, places = marked("steps:\n" + LOADED % "«dynamodb:getItem»" + f"  - {{id: b, {use}}}\n")
    steps, head = steps.removeprefix("steps:\n"), HEAD.count("\n")
    told = found(steps, strict=True)
    uses = [(line + head, start, end) for line, start, _, end in places[1:]]
    assert [one.code for one in told] == ["FG312"] * bool(uses)
    if told:
        assert told[0].message == ("the response of `dynamodb:getItem` may lack `Item`, which is read without a guard")
        assert place(told[0])[0] == places[0][0] + head
        labels = [(at.span.start.line, at.span.start.column, at.span.end.column) for at in told[0].secondary]
        assert labels == uses
    assert found(steps) == []


def test_declared_responses_are_trusted() -> None:
    """`output` says what is there, and a member that AWS's documentation promises needs no guard."""
    declared = "  - {id: a, aws: 's3:getObject', with: {Bucket: a, Key: b}, output: {fields: {Body: string}}}\n"
    assert found(declared + "  - {id: b, set: '${ $a.Body }'}\n", strict=True) == []
    promised = "  - {id: a, aws: 'sqs:sendMessage', with: {QueueUrl: a, MessageBody: b}}\n"
    assert found(promised + "  - {id: b, set: '${ $a.MessageId }'}\n", strict=True) == []


def test_several_members_and_the_previous_value() -> None:
    """One finding for a call, whatever of it is needed; a response that is passed on whole counts, too."""
    steps = (
        LOADED % "dynamodb:getItem"
        + "  - {id: b, set: '${ $loaded.Item.name.S & $loaded.ConsumedCapacity.TableName }'}\n"
    )
    [finding] = found(steps, strict=True)
    assert "may lack `Item` and `ConsumedCapacity`, which" in finding.message
    assert [label.text for label in finding.secondary] == ["needs `Item`", "needs `ConsumedCapacity`"]
    wanted = "{type: object, properties: {Item: {type: object}}, required: [Item]}"
    head = f"functions:\n  f: {{input: {wanted}, output: string}}\n"
    [finding] = found(LOADED % "aws-sdk:dynamodb:getItem" + "  - {id: b, call: f}\n" + head, strict=True)
    assert (finding.code, [label.text for label in finding.secondary]) == ("FG312", ["needs `Item`"])


def test_a_key_that_null_leaves_out() -> None:
    """What goes to AWS has no null: a key `?` is left out then. A function gets its null."""
    arguments = "{Bucket: b, Prefix%s: '${ $input.note }', MaxKeys?: '${ $input.limit }'}"
    steps = f"  - {{id: a, aws: 's3:listObjectsV2', with: {arguments}}}\n"
    assert found(steps % "?") == []
    [finding] = found(steps % "")
    assert finding.message == "`Prefix` may be null, expected `string`"
    query = "  - {id: a, http: GET https://a.example/, connection: c, query: {note?: '${ $input.note }'}}\n"
    assert found(query) == []
    functions = "functions:\n  f: {input: {fields: {note?: string}}, output: string}\n"
    [finding] = found("  - {id: a, call: f, with: {note?: '${ $input.note }'}}\n" + functions)
    assert finding.message == "`note` may be null, expected `string`"
