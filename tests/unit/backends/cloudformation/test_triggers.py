"""What starts a machine: the resources, the input that each service makes, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flowgen.backends.cloudformation import WorkflowStack, build_template, findings, to_json, to_yaml
from tests.cfn_lint import lint
from tests.unit.backends.cloudformation.support import CloudFormation, allows, resources, unit
from tests.unit.backends.cloudformation.test_derived_permissions import _single
from tests.unit.backends.cloudformation.workflows import A

GOLDEN = Path(__file__).parent / "golden" / "start_it.yaml"

HEAD = """\
flowgen: 1
name: start_it
input: Order
types:
  Order: {fields: {id: string, total: number}}
parameters:
  Most: {Type: Number, Default: 3}
  QueueArn: {Type: String}
resources:
  Queue: {Type: "AWS::SQS::Queue", Properties: {VisibilityTimeout: 300}}
  Topic: {Type: "AWS::SNS::Topic"}
  Data: {Type: "AWS::Kinesis::Stream", Properties: {ShardCount: 1}}
  Items:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Inbox:
    Type: AWS::S3::Bucket
    Properties: {NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}}
steps: []
triggers:
"""

EVERY = (
    HEAD.replace("  QueueArn: {Type: String}\n", "")
    + """\
  nightly:
    description: Every night.
    schedule: cron(0 3 * * ? *)
    timezone: Europe/Berlin
    window: 15m
    start: "2030-01-01T00:00:00Z"
    end: "2031-01-01T00:00:00Z"
    retry: {attempts: 3, max_age: 1h}
    with: {id: "night of ${ $event.scheduled_time }", total: "${ $parameters.Most }"}
  placed:
    enabled: false
    event: {source: [shop], detail-type: [Order placed], detail: {total: [{numeric: [">", 0]}]}}
    bus: shop
    detail: Order
    retry: {attempts: 5}
  uploaded:
    s3: !Ref Inbox
    prefix: in/
    suffix: .csv
    with: {id: "${ $event.detail.object.key }", total: "${ $event.detail.object.size }"}
  told:
    sns: !Ref Topic
    body: Order
    filter: {attributes: {kind: [order]}}
  ordered:
    sqs: !Ref Queue
    body: Order
    filter: {body: {id: [!Ref Topic, "a"]}}
  written:
    stream: !Ref Data
    position: at_timestamp
    timestamp: "2030-01-01T00:00:00Z"
    data: Order
    parallel: 2
    retry: {attempts: 10, max_age: 1 day}
  changed:
    stream: !GetAtt Items.StreamArn
    position: trim_horizon
    with: {id: "${ $event.dynamodb.Keys.id.S }", total: 1}
  posted:
    description: From the shop.
    http: POST /orders
    body: Order
    auth: {jwt: {issuer: "https://login.example.com", audience: shop, scopes: orders}}
    cors: {origins: "https://shop.example.com", headers: content-type, credentials: true, max_age: 1h}
    throttle: {rate: 10, burst: 20}
    response: {status: 201, headers: {cache-control: no-store}}
  signed:
    http: ANY /all/{rest+}
    body: Order
  once_a_day:
    schedule: rate(1 day)
    name: report-${ $event.execution_id }
    with: {id: "\\"<b>\\" at ${ $event.scheduled_time }", total: 1}
  asked_once:
    http: POST /once
    body: Order
    name: ${ $event.body.id }
"""
)


def started(trigger: str, kind: str = "standard", top: str = "Order") -> WorkflowStack:
    """A workflow with one trigger."""
    head = HEAD.replace("input: Order", f"type: {kind}\ninput: {top}")
    return unit(f"{head}  one:\n{trigger}")


def the(made: WorkflowStack, kind: str) -> dict[str, Any]:
    """The properties of the one resource of a type, resolved."""
    template = build_template([made])
    [properties] = resources(template, kind).values()
    found: dict[str, Any] = CloudFormation(template).resolve(properties)
    return found


def test_the_template_is_the_golden_one_and_well(update: bool) -> None:  # noqa: FBT001 - a fixture
    """Every kind with all that it may have; cfn-lint has nothing to say."""
    made = [unit(EVERY)]
    template = build_template(made)
    if update:
        GOLDEN.write_text(to_yaml(template), encoding="utf-8")

    assert findings(made) == []
    assert GOLDEN.read_text(encoding="utf-8") == to_yaml(template)
    assert lint(to_yaml(template)) == []
    assert lint(to_json(template)) == []


def test_the_count_is_that_of_the_template() -> None:
    """What is announced to the checks of names and numbers is what there is."""
    from flowgen.backends.cloudformation.triggers.ids import all_ids

    made = unit(EVERY)
    announced = {id_ for name, trigger in made.workflow.triggers.items() for id_ in all_ids(made, name, trigger)}

    without = {*build_template([unit(EVERY.partition("triggers:\n")[0])])["Resources"]}
    assert announced == build_template([made])["Resources"].keys() - without


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("", {"InputPath": "$.detail"}),
        ("with: ${ $event }", {}),
        ("with: ${ $event.detail }", {"InputPath": "$.detail"}),
        ("with: {id: a, total: 1}", {"Input": '{"id":"a","total":1}'}),
        (
            'with: {id: "a <b> \\"c\\" ${ $parameters.Most }", total: 1}',
            {"Input": '{"id":"a \\u003cb\\u003e \\"c\\" given:Most","total":1}'},
        ),
        (
            'with: {id: "${ $event.id } of ${ $event.`detail-type` }", total: "${ $event.detail.id }"}',
            {
                "InputTransformer": {
                    "InputPathsMap": {"id": "$.id", "detail-type": "$.detail-type", "detail-id": "$.detail.id"},
                    "InputTemplate": '{"id":"<id> of <detail-type>","total":<detail-id>}',
                }
            },
        ),
        (
            'with: {id: !Ref Topic, total: ["${ $event }", "${ $event.resources[0] }", null, true]}',
            {
                "InputTransformer": {
                    "InputPathsMap": {"resources-0": "$.resources[0]"},
                    "InputTemplate": f'{{"id":"arn:aws:sns:{A}:physical-Topic",'
                    '"total":[<aws.events.event.json>,<resources-0>,null,true]}',
                }
            },
        ),
    ],
)
def test_the_input_that_a_rule_makes(given: str, wanted: dict[str, Any]) -> None:
    """A path alone is `InputPath`, a constant `Input`, and only what is between them is a template."""
    beside = f"    {given}\n" if given else ""
    rule = the(started(f"    event: {{source: [shop]}}\n{beside}", top="any"), "AWS::Events::Rule")

    [target] = rule["Targets"]
    assert {key: target[key] for key in target if key.startswith("Input")} == wanted


@pytest.mark.parametrize(
    ("trigger", "wanted"),
    [
        ("sqs: !Ref Queue", '{"start_it__record":<$.body>}'),
        ("sqs: !Ref Queue\n    batch: 2", '{"start_it__records":<$.body>}'),
        ('sqs: !Ref Queue\n    with: "x ${ $event.messageId }"', '{"start_it__record":"x <$.messageId>"}'),
        ("sqs: !Ref Queue\n    with: ${ $event }", '{"start_it__record":<aws.pipes.event.json>}'),
        ("stream: !Ref Data", '{"start_it__record":<$.data>}'),
        ("stream: !GetAtt Items.StreamArn", '{"start_it__record":<$.dynamodb>}'),
        ("stream: !Ref Data\n    with: [1, {a: b}]", '{"start_it__record":[1,{"a":"b"}]}'),
    ],
)
def test_the_input_that_a_pipe_makes(trigger: str, wanted: str) -> None:
    """Under a key, since a pipe would make a string of what is alone."""
    pipe = the(started(f"    {trigger}\n", top="any"), "AWS::Pipes::Pipe")

    assert pipe["TargetParameters"]["InputTemplate"] == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("", "{}"),
        (
            "with: ${ $event }",
            json.dumps(
                {
                    "schedule_arn": "<aws.scheduler.schedule-arn>",
                    "scheduled_time": "<aws.scheduler.scheduled-time>",
                    "execution_id": "<aws.scheduler.execution-id>",
                    "attempt_number": "<aws.scheduler.attempt-number>",
                },
                separators=(",", ":"),
            ),
        ),
        (
            'with: {id: "${ $event.scheduled_time }", total: "${ $parameters.Most }", by: !Sub "${AWS::StackName}"}',
            '{"id":"<aws.scheduler.scheduled-time>","total":given:Most,"by":"test-stack"}',
        ),
    ],
)
def test_the_input_that_a_schedule_makes(given: str, wanted: str) -> None:
    """Scheduler puts texts in for its attributes."""
    beside = f"    {given}\n" if given else ""
    schedule = the(started(f"    schedule: rate(1 day)\n{beside}", top="any"), "AWS::Scheduler::Schedule")

    assert schedule["Target"]["Input"] == wanted


@pytest.mark.parametrize(
    ("name", "given", "named", "wanted"),
    [
        ("a-${ $event.execution_id }", "", "a-<aws.scheduler.execution-id>", {}),
        ("${ $event.execution_id }", "with: {id: 'a \"b\" <c>\\', total: 1}", "<aws.scheduler.execution-id>",
         {"id": 'a "b" <c>\\', "total": 1}),
        ("n-${ $parameters.Most }.${ $event.attempt_number }", 'with: {id: "at ${ $event.scheduled_time }"}',
         "n-given:Most.<aws.scheduler.attempt-number>", {"id": "at <aws.scheduler.scheduled-time>"}),
        ("${ $event.execution_id }", "with: !Sub '${AWS::StackName}'", "<aws.scheduler.execution-id>", "test-stack"),
    ],
)  # fmt: skip
def test_the_request_of_a_schedule_with_a_name(name: str, given: str, named: str, wanted: Any) -> None:
    """The universal target sends a request of StartExecution, whose input is JSON in a string."""
    trigger = f"    schedule: rate(1 day)\n    name: {name}\n" + (f"    {given}\n" if given else "")
    target = the(started(trigger, top="any"), "AWS::Scheduler::Schedule")["Target"]
    request = json.loads(target["Input"])

    assert target["Arn"] == "arn:aws:scheduler:::aws-sdk:sfn:startExecution"
    assert {**request, "Input": json.loads(request["Input"])} == {
        "StateMachineArn": f"arn:aws:states:{A}:stateMachine:physical-StartItStateMachine:live",
        "Name": named,
        "Input": wanted,
    }


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("${ $event.body.id }", "$request.body.id"),
        ("${ $event.body.orders[0].id }", "$request.body.orders[0].id"),
        ("once", "once"),
        ("once-${ $parameters.QueueArn }", "once-given-queue"),
        ("!Sub 'once-${AWS::StackName}'", "once-test-stack"),
    ],
)
@pytest.mark.parametrize("kind", ["standard", "express"])
def test_the_name_that_an_api_sends(name: str, wanted: str, kind: str) -> None:
    trigger = f"    http: POST /a\n    name: {name}\n"
    sent = the(started(trigger, kind, top="any"), "AWS::ApiGatewayV2::Integration")["RequestParameters"]

    assert sent["Name"] == wanted.replace("given-queue", f"arn:aws:sqs:{A}:given-queue")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("", "$request.body"),
        ("with: ${ $event.body.order }", "$request.body.order"),
        ('with: {id: "$request.body $${x}", total: 1}', '{"id":"\\u0024request.body \\u0024{x}","total":1}'),
    ],
)
def test_the_input_that_an_api_makes(given: str, wanted: str) -> None:
    """The body or a part of it; none of our text is read as a variable."""
    beside = f"    {given}\n" if given else ""
    integration = the(started(f"    http: POST /a\n{beside}", top="any"), "AWS::ApiGatewayV2::Integration")

    assert integration["RequestParameters"]["Input"] == wanted


@pytest.mark.parametrize(
    ("trigger", "source"),
    [
        ("sqs: !Ref Queue", f"arn:aws:sqs:{A}:physical-Queue"),
        ("sqs: !GetAtt Queue.Arn", f"arn:aws:sqs:{A}:physical-Queue"),
        ("sqs: orders", f"arn:aws:sqs:{A}:orders"),
        ("sqs: arn:aws:sqs:eu-west-1:123456789012:orders", "arn:aws:sqs:eu-west-1:123456789012:orders"),
        ("sqs: ${ $parameters.QueueArn }", f"arn:aws:sqs:{A}:given-queue"),
        ("sqs: !ImportValue shop-QueueArn", f"arn:aws:sqs:{A}:imported-queue"),
        ("sqs: !Sub 'arn:aws:sqs:${AWS::Region}:1:a'", "arn:aws:sqs:eu-west-1:1:a"),
        ("stream: ${ $resources.Data.Arn }", f"arn:aws:kinesis:{A}:stream/physical-Data"),
        ("stream: orders\n    source: kinesis", f"arn:aws:kinesis:{A}:stream/orders"),
        ("stream: !Ref Items", f"arn:aws:dynamodb:{A}:table/physical-Items/stream/2030-01-01T00:00:00.000"),
    ],
)
def test_a_source_is_what_the_reference_names(trigger: str, source: str) -> None:
    """A resource of the file, an ARN, a name, an import; its role reads that and no other."""
    made = started(f"    {trigger}\n", top="any")
    pipe, template = the(made, "AWS::Pipes::Pipe"), build_template([made])
    policy = CloudFormation(template).resolve(template["Resources"]["StartItOnePipeRole"]["Properties"]["Policies"][0])

    assert pipe["Source"] == source
    assert policy["PolicyDocument"]["Statement"][0]["Resource"] == source


MACHINE = f"arn:aws:states:{A}:stateMachine:physical-StartItStateMachine"
LIVE = {"states:StateMachineQualifier": "live"}
START = ("states:StartExecution", MACHINE, LIVE)


def queue(name: str) -> str:
    return f"arn:aws:sqs:{A}:physical-StartIt{name}"


def _reads(service: str, source: str, *actions: str) -> list[tuple[str, str, Mapping[str, str]]]:
    return [(f"{service}:{action}", source, {}) for action in actions]


_RECEIVES = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator")
DONE: dict[str, list[tuple[str, str, Mapping[str, str]]]] = {
    "StartItNightlyScheduleRole": [START, ("sqs:SendMessage", queue("NightlyDeadLetterQueue"), {})],
    "StartItPlacedRuleRole": [START],
    "StartItUploadedRuleRole": [START],
    "StartItToldPipeRole": [START, *_reads("sqs", queue("ToldQueue"), *_RECEIVES)],
    "StartItOrderedPipeRole": [START, *_reads("sqs", f"arn:aws:sqs:{A}:physical-Queue", *_RECEIVES)],
    "StartItWrittenPipeRole": [
        START,
        ("sqs:SendMessage", queue("WrittenDeadLetterQueue"), {}),
        *_reads(
            "kinesis", f"arn:aws:kinesis:{A}:stream/physical-Data", *_STREAM, "DescribeStreamSummary", "ListShards"
        ),
    ],
    "StartItChangedPipeRole": [
        START,
        ("sqs:SendMessage", queue("ChangedDeadLetterQueue"), {}),
        *_reads("dynamodb", f"arn:aws:dynamodb:{A}:table/physical-Items/stream/2030-01-01T00:00:00.000", *_STREAM),
    ],
    "StartItPostedApiRole": [START],
    "StartItSignedApiRole": [START],
    "StartItOnceADayScheduleRole": [START, ("sqs:SendMessage", queue("OnceADayDeadLetterQueue"), {})],
    "StartItAskedOnceApiRole": [START],
}
"""By hand, what each role is used for; sources: EventBridge user guide, "Event source permissions"."""


@pytest.mark.parametrize("role", DONE)
def test_a_role_allows_what_is_done_and_nothing_else(role: str) -> None:
    """The simulation of IAM: each request is allowed, and each action on each resource is used."""
    template = build_template([unit(EVERY)])
    policies = CloudFormation(template).resolve(template["Resources"][role]["Properties"]["Policies"])
    statements = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    single = [one for statement in statements for one in _single(statement)]

    assert [done for done in DONE[role] if not any(allows(one, *done) for one in statements)] == []
    assert [one for one in single if not any(allows(one, *done) for done in DONE[role])] == []
    assert not any(allows(one, START[0], MACHINE, {}) for one in statements), "only through the alias"
    assert not any("*" in str(one["Resource"]) for one in statements)


def test_every_role_is_looked_at() -> None:
    """Those of the triggers are all in the table above."""
    roles = resources(build_template([unit(EVERY)]), "AWS::IAM::Role")
    assert roles.keys() - DONE.keys() == {"StartItStateMachineRole"}


def test_only_the_service_takes_a_role_and_only_for_this_account() -> None:
    """The confused deputy: account and source are conditions; API Gateway names none."""
    template = build_template([unit(EVERY)])
    source = "arn:aws:{0}:eu-west-1:111111111111:{1}"
    wanted = {
        "Schedule": ("scheduler.amazonaws.com", source.format("scheduler", "schedule-group/default")),
        "Rule": ("events.amazonaws.com", source.format("events", "rule/*")),
        "Pipe": ("pipes.amazonaws.com", source.format("pipes", "pipe/*")),
        "Api": ("apigateway.amazonaws.com", None),
    }
    for role in DONE:
        [trust] = CloudFormation(template).resolve(
            template["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        )
        service, arn = next(one for part, one in wanted.items() if role.endswith(f"{part}Role"))
        condition = {
            "StringEquals": {"aws:SourceAccount": "111111111111"},
            "ArnLike": {"aws:SourceArn": arn},
        }
        assert trust["Principal"] == {"Service": service}
        assert trust.get("Condition") == (None if arn is None else condition)


def test_queues_are_encrypted_and_take_no_plain_connection() -> None:
    """Each generated queue has a policy that denies it; EventBridge and SNS may send from one source only."""
    template = build_template([unit(EVERY)])
    ours = {name for name in resources(template, "AWS::SQS::Queue") if name.startswith("StartIt")}
    policies = CloudFormation(template).resolve(resources(template, "AWS::SQS::QueuePolicy"))
    allowed: dict[str, dict[str, Any]] = {}
    for name in sorted(ours):
        assert template["Resources"][name]["Properties"]["SqsManagedSseEnabled"] is True
        *senders, deny = policies[f"{name}Policy"]["PolicyDocument"]["Statement"]
        assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "sqs:*")
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        allowed[name] = {one["Principal"]["Service"]: one["Condition"]["ArnEquals"]["aws:SourceArn"] for one in senders}

    topic, rule = f"arn:aws:sns:{A}:physical-Topic", f"arn:aws:events:{A}:rule/physical-StartIt"
    assert allowed == {
        "StartItNightlyDeadLetterQueue": {},
        "StartItPlacedDeadLetterQueue": {"events.amazonaws.com": f"{rule}PlacedRule"},
        "StartItUploadedDeadLetterQueue": {"events.amazonaws.com": f"{rule}UploadedRule"},
        "StartItToldDeadLetterQueue": {"sns.amazonaws.com": topic},
        "StartItToldQueue": {"sns.amazonaws.com": topic},
        "StartItWrittenDeadLetterQueue": {},
        "StartItChangedDeadLetterQueue": {},
        "StartItOnceADayDeadLetterQueue": {},
    }


@pytest.mark.parametrize(
    ("beside", "key"),
    [
        ("", None),
        ("prefix: in/", {"prefix": "in/"}),
        ("suffix: .csv", {"suffix": ".csv"}),
        ('prefix: "a*\\\\"\n    suffix: .csv', {"wildcard": "a\\*\\\\*.csv"}),
    ],
)
@pytest.mark.parametrize("bucket", ["!Ref Inbox", "!GetAtt Inbox.Arn", "arn:aws:s3:::physical-Inbox", "physical-Inbox"])
def test_the_pattern_of_a_bucket(bucket: str, beside: str, key: dict[str, str] | None) -> None:
    """The bucket by its name; prefix and suffix together are one comparison, since of a list one is enough."""
    more = f"    {beside}\n" if beside else ""
    made = started(f"    s3: {bucket}\n    events: [created, tags_added]\n{more}", top="any")

    detail = {"bucket": {"name": ["physical-Inbox"]}} | ({} if key is None else {"object": {"key": [key]}})
    assert the(made, "AWS::Events::Rule")["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Tags Added"],
        "detail": detail,
    }


def test_an_express_workflow_is_waited_for() -> None:
    """A pipe and an API start it synchronously, with the permission that this takes; rules do not."""
    pipe = started("    sqs: !Ref Queue\n", kind="express", top="any")
    assert the(pipe, "AWS::Pipes::Pipe")["TargetParameters"]["StepFunctionStateMachineParameters"] == {
        "InvocationType": "REQUEST_RESPONSE"
    }
    http = started("    http: POST /a\n", kind="express", top="any")
    integration = the(http, "AWS::ApiGatewayV2::Integration")
    assert integration["IntegrationSubtype"] == "StepFunctions-StartSyncExecution"
    assert "ResponseParameters" not in integration
    for made in (pipe, http):
        roles = resources(build_template([made]), "AWS::IAM::Role")
        [role] = [properties for name, properties in roles.items() if "One" in name]
        assert "states:StartSyncExecution" in json.dumps(role["Policies"])
        assert '"states:StartExecution"' not in json.dumps(role["Policies"])
    rule = started("    event: {source: [a]}\n", kind="express", top="any")
    assert '"states:StartExecution"' in json.dumps(resources(build_template([rule]), "AWS::IAM::Role"))


def test_an_api_of_the_users_gets_a_route() -> None:
    """Nothing else of it is ours, and its URL is not an output."""
    template = build_template([started("    http: GET /\n    api: !ImportValue shop-Api\n    auth: none\n", top="any")])

    assert [name for name in template["Resources"] if "One" in name] == [
        "StartItOneApiIntegration",
        "StartItOneApiRoute",
        "StartItOneApiRole",
    ]
    assert template["Resources"]["StartItOneApiRoute"]["Properties"]["AuthorizationType"] == "NONE"
    assert not any("Url" in name for name in template["Outputs"])


def test_browsers_of_every_origin_and_every_method() -> None:
    """CORS as short as it can be said; a filter without values of CloudFormation is a plain text."""
    made = started("    http: ANY /a\n    cors: '*'\n", top="any")
    assert the(made, "AWS::ApiGatewayV2::Api")["CorsConfiguration"] == {"AllowOrigins": ["*"], "AllowMethods": ["*"]}
    assert findings([started("    http: GET /\n    api: a1b2\n", top="any")]) == []
    pipe = the(started("    sqs: orders\n    filter: {body: {id: [a]}}\n", top="any"), "AWS::Pipes::Pipe")
    assert pipe["SourceParameters"]["FilterCriteria"] == {"Filters": [{"Pattern": '{"body":{"id":["a"]}}'}]}


def test_names_that_collide() -> None:
    """FG501 at the trigger's name."""
    made = unit(
        f"{HEAD}  a_b: {{schedule: rate(1 day), with: {{id: a, total: 1}}}}\n"
        "  ab: {schedule: rate(1 day), with: {id: a, total: 1}}\n".replace("  ab:", "  a_b_:")
    )

    assert [one.code for one in findings([made])] == ["FG501"]


def test_an_output_with_the_name_of_the_url_of_an_api() -> None:
    """FG501, like any other output that is generated."""
    outputs = "outputs: {StartItOneApiUrl: {Value: x}}\nsteps: []"
    made = unit(f"{HEAD.replace('steps: []', outputs).replace('input: Order', 'input: any')}  one: {{http: GET /a}}\n")

    assert [(one.code, one.span.start.line if one.span else 0) for one in findings([made])] == [
        ("FG501", made.workflow.outputs["StartItOneApiUrl"].key.span.start.line)
    ]


@pytest.mark.parametrize(
    ("trigger", "kind", "limit"),
    [
        ("schedule: rate(1 day)\n    with: {id: a, total: 1}", "AWS::Scheduler::Schedule", 512),
        ("event: {source: [a]}", "AWS::Events::Rule", 512),
        ("sqs: orders", "AWS::Pipes::Pipe", 512),
        ("http: POST /a", "AWS::ApiGatewayV2::Api", 1024),
    ],
)
def test_a_description_has_the_length_that_aws_allows(trigger: str, kind: str, limit: int) -> None:
    """Characters, as the API references of the four services count them."""
    fits, over = (
        the(started(f"    {trigger}\n    description: {'a' * size}\n", top="any"), kind)["Description"]
        for size in (limit, limit + 1)
    )
    assert (fits, over) == ("a" * limit, "a" * (limit - 1) + "…")


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        ('event: {source: [a]}\n    with: {a: "${ $event.id }", b: %s}', "the input has 8,2"),
        ("sqs: !Ref Queue\n    with: {a: %s}", "the input has 8,2"),
    ],
)
def test_an_input_that_is_too_large(trigger: str, message: str) -> None:
    """FG402 for EventBridge's 8,192 characters."""
    made = started(f"    {trigger % ('x' * 8_192)}\n", top="any")

    [finding] = findings([made])
    assert (finding.code, finding.message[: len(message)]) == ("FG402", message)


def test_a_rule_takes_a_hundred_parts() -> None:
    """FG402 from 101 on, and for a path of more than 256 characters."""
    many = ", ".join(f'"${{ $event.detail.a{number} }}"' for number in range(101))
    long = "b" * 260

    assert [
        one.message for one in findings([started(f"    event: {{source: [a]}}\n    with: [{many}]\n", top="any")])
    ] == ["the input uses 101 parts of the event; EventBridge allows 100"]
    made = started(f'    event: {{source: [a]}}\n    with: ["${{ $event.detail.{long} }}", 1]\n', top="any")
    assert [one.message for one in findings([made])] == ["the path has 269 characters; EventBridge allows 256"]
