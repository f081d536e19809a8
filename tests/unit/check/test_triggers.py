"""Triggers: what AWS would reject of them, and whether they give the workflow's input."""

from __future__ import annotations

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_text
from tests.unit.check.marks import marked, place

HEAD = """\
flowgen: 1
name: pack_order
input: Order
types:
  Order: {fields: {id: string, total: number}}
  Loose: {fields: {id: string, note?: string, tags: "string[]", of: "Order[]", total: number}}
parameters:
  Limit: {Type: Number}
  QueueArn: {Type: String}
resources:
  Silent: {Type: "AWS::S3::Bucket"}
  Telling:
    Type: AWS::S3::Bucket
    Properties: {NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}}
  Plain: {Type: "AWS::DynamoDB::Table", Properties: {TableName: plain}}
  Streaming: {Type: "AWS::DynamoDB::Table", Properties: {StreamSpecification: {StreamViewType: KEYS_ONLY}}}
  Data: {Type: "AWS::Kinesis::Stream"}
steps: []
triggers:
  one:
"""
SCHEDULE = "{execution_id: string, attempt_number: string, schedule_arn: uri, scheduled_time: date-time}"
GIVEN = "    with: {id: a, total: 1}\n"


def found(trigger: str, head: str = HEAD) -> list[Diagnostic]:
    """What is found in a trigger, at its marks; what it does not use does not matter."""
    text, places = marked(head + trigger)
    diagnostics = [one for one in check_text(text) if one.code != "FG209"]
    shown = [f"{one.code} {place(one)} {one.message}" for one in diagnostics]
    assert [place(one) for one in diagnostics] == places, shown
    return diagnostics


def told(trigger: str, head: str = HEAD) -> list[str]:
    """The same as codes and messages."""
    return [f"{one.code} {one.message}" for one in found(trigger, head)]


@pytest.mark.parametrize(
    "trigger",
    [
        "    schedule: rate(1 day)\n" + GIVEN,
        "    schedule: cron(0/15 8-17 ? * MON-FRI *)\n    timezone: Europe/Berlin\n" + GIVEN,
        """\
    schedule: at(2030-01-01T00:00:00)
    with: {id: "${ $event.scheduled_time }", total: "${ $parameters.Limit }"}
""",
        "    event: {source: [shop]}\n    detail: Order\n",
        "    event: {source: [shop]}\n    bus: !Ref Bus\n",
        """\
    event: {detail: {total: [{numeric: [">", 0, "<=", 5]}], $or: [{id: [a]}, {id: [{prefix: b}]}]}}
    detail: Order
""",
        f"""\
    event: {{detail: {{id: [{{anything-but: [a, b]}}, {{exists: false}}, {{wildcard: a*}}, {{cidr: 10.0.0.0/8}}]}}}}
{GIVEN}""",
        '    event: {source: [shop]}\n    detail: Loose\n    with: {id: "x ${ $event.detail.id }", total: 1}\n',
        """\
    s3: !Ref Telling
    with: {id: "${ $event.detail.object.key }", total: "${ $event.detail.object.size }"}
""",
        '    s3: inbox\n    events: [created, deleted]\n    with: {id: "${ $event.detail.reason }", total: 1}\n',
        '    s3: inbox\n    events: restored\n    with: {id: "${ $event.detail.object.key }", total: 1}\n',
        "    schedule: rate(1 day)\n    with: {id: !Ref Topic, total: 1}\n",
        "    sqs: ${ $parameters.QueueArn }\n    body: Order\n    filter: {body: {id: [a]}}\n",
        "    sns: arn:aws:sns:eu-west-1:123456789012:orders\n    body: Order\n    filter: {attributes: {kind: [a]}}\n",
        "    stream: !Ref Data\n    data: Order\n",
        '    stream: !GetAtt Streaming.StreamArn\n    with: {id: "${ $event.dynamodb.NewImage.id.S }", total: 1}\n',
        '    stream: !ImportValue Stream\n    source: dynamodb\n    with: {id: "${ $event.eventName }", total: 1}\n',
        "    http: POST /orders/{id}\n    body: Order\n    auth: none\n    cors: [https://a.example.com]\n",
    ],
)
def test_it_is_well(trigger: str) -> None:
    """What AWS takes, and what fits, has no finding."""
    assert told(trigger) == []


@pytest.mark.parametrize(
    "trigger",
    [
        "schedule: rate(1 day)\n    name: nightly-${ $event.execution_id }",
        "schedule: rate(1 day)\n    name: ${ $parameters.QueueArn }-${ $event.execution_id }",
        "schedule: at(2030-01-01T00:00:00)\n    name: new_year",
        "http: POST /\n    body: Order\n    name: ${ $event.body.id }",
        "http: POST /\n    name: ${ $event.body.any[0].thing }",
    ],
)
def test_names_that_may_be_allowed(trigger: str) -> None:
    assert told(f"    {trigger}\n{GIVEN}") == []


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        ("schedule: rate(1 day)\n    name: «nightly»",
         "FG556 every start has the same name, so only the first one succeeds"),
        ("schedule: rate(1 day)\n    name: «!Ref AWS::StackName»",
         "FG556 every start has the same name, so only the first one succeeds"),
        ("http: POST /\n    name: «once»", "FG556 every start has the same name, so only the first one succeeds"),
        ("schedule: at(2030-01-01T00:00:00)\n    name: «new year»",
         "FG402 the name of an execution must not contain a space"),
        ("schedule: at(2030-01-01T00:00:00)\n    name: «" + "n" * 81 + "»",
         "FG402 the name of an execution has at most 80 characters; this one has at least 81"),
        ("schedule: at(2030-01-01T00:00:00)\n    name: «''»", "FG402 the name of an execution must not be empty"),
        ("schedule: at(2030-01-01T00:00:00)\n    name: «5»", "FG302 this is 5, expected `string`"),
        ("schedule: rate(1 day)\n    name: a-${ «$event.scheduled_time» }",
         "FG302 this is `date-time`, whose characters AWS does not allow in the name of an execution"),
        ("schedule: rate(1 day)\n    name: ${ «$event.schedule_arn» }",
         "FG302 this is `uri`, whose characters AWS does not allow in the name of an execution"),
        ("schedule: rate(1 day)\n    name: ${ «$uuid()» }",
         "FG513 EventBridge Scheduler cannot evaluate this; it only copies parts of an event"),
        ("schedule: rate(1 day)\n    name: ${ $event.«attempt» }",
         f"FG301 `{SCHEDULE}` has no field `attempt`, so this is always undefined"),
        ("http: POST /\n    name: ${ «$input».id }", "FG203 `$input` does not exist when a workflow starts"),
        ("http: POST /\n    body: Order\n    name: ${ «$event.body.total» }",
         "FG302 this is `number`, expected `string`"),
        ("http: POST /\n    body: Loose\n    name: ${ «$event.body.note» }",
         "FG515 `$event.body.note` may be missing from an event: `note` may be absent from `Loose`"),
        ("http: POST /\n    body: Order\n    name: «order-${ $event.body.id }»",
         "FG513 API Gateway can pass on the request body or a part of it, but only by itself"),
        ("http: POST /\n    body: string\n    name: ${ «$event.body» }",
         "FG513 API Gateway can pass on the request body or a part of it, but only by itself"),
        ("event: {source: [shop]}\n    «name»: x", "FG555 EventBridge cannot name the executions that it starts"),
        ("s3: inbox\n    «name»: x", "FG555 EventBridge cannot name the executions that it starts"),
        ("sqs: orders\n    «name»: x", "FG555 EventBridge Pipes cannot name the executions that it starts"),
        ("sns: orders\n    «name»: x", "FG555 EventBridge Pipes cannot name the executions that it starts"),
        ("stream: !Ref Data\n    «name»: x", "FG555 EventBridge Pipes cannot name the executions that it starts"),
    ],
)  # fmt: skip
def test_names_that_aws_rejects(trigger: str, message: str) -> None:
    assert told(f"    {trigger}\n{GIVEN}") == [message]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("«0 3 * * *»", "`0 3 * * *` is not a valid schedule"),
        ("rate(«0» days)", "`0` must be a whole number of at least 1"),
        ("rate(5 «weeks»)", "`weeks` is not a valid unit"),
        ("rate(«day»)", "a rate must be a number and a unit"),
        ("at(«tomorrow»)", "expected a time without a time zone, found `tomorrow`"),
        ("at(«2030-02-30T00:00:00»)", "`2030-02-30T00:00:00` does not exist"),
        ("cron(«0 3 * * ?»)", "a cron expression has 6 fields, found 5"),
        ("cron(«60» 3 * * ? *)", "`60` is not valid in the field minutes, which has values from 0 to 59"),
        ("cron(0 «3-x» * * ? *)", "`x` is not valid in the field hours, which has values from 0 to 23"),
        ("cron(«0/0» 3 * * ? *)", "`0` is not a valid step: write a number of at least 1 after the slash"),
        ("cron(0 3 «* * *» *)", "day of month and day of week cannot both have a value"),
        ("cron(0 3 ? * «?» *)", "day of month and day of week cannot both be `?`"),
        ("cron(0 3 «31» 2 ? *)", "this schedule never runs: February has no day 31"),
        ("cron(0 3 «31» 4,JUN ? *)", "this schedule never runs: Apr, Jun has no day 31"),
        ("cron(0 3 «29» 2 ? 2026-2027)", "this schedule never runs: none of these years has a 29 February"),
        ("cron(0 3 ? * «FRI#6» *)", "`FRI#6` is not valid in the field day of week"),
        ("cron(0 3 «L,5» * ? *)", "`L` must be the only value in the field day of month"),
        ("cron(0 3 * * ? «2030-2029»)", "the range `2030-2029` ends before it starts"),
    ],
)
def test_a_bad_schedule_is_reported_at_its_place(expression: str, message: str) -> None:
    """FG511 underlines what is wrong in the expression."""
    assert told(f"    schedule: {expression}\n{GIVEN}") == [f"FG511 {message}"]


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minute)",
        "cron(0 3 L * ? *)",
        "cron(0 3 LW * ? *)",
        "cron(0 3 L-3 * ? *)",
        "cron(0 3 15W * ? *)",
        "cron(0 22-2 ? * FRI-MON *)",
        "cron(0 3 ? * 6L *)",
        "cron(0 3 ? * FRI#2 *)",
        "cron(0 3 29 2 ? 2028)",
        "cron(*/5 0/2 1,15 JAN-MAR ? 2030-2035)",
    ],
)
def test_a_good_schedule_is_taken(expression: str) -> None:
    """All forms of the user guide."""
    assert told(f"    schedule: {expression}\n{GIVEN}") == []


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ("timezone: «Europe/Berln»", "FG511 unknown time zone `Europe/Berln`"),
        ("start: «tomorrow»", "FG511 `tomorrow` is not a valid time"),
        ('end: «"2030-13-01T00:00:00Z"»', "FG511 `2030-13-01T00:00:00Z` does not exist"),
        ("window: «10s»", "FG516 a window must be between one minute and one day"),
        ("window: «90s»", "FG516 a window must be whole minutes"),
        ("retry: {max_age: «2 days»}", "FG516 `max_age` must be between one minute and one day"),
    ],
)
def test_settings_of_a_schedule(beside: str, message: str) -> None:
    """What Scheduler would reject, each at its place."""
    assert told(f"    schedule: cron(0 3 * * ? *)\n    {beside}\n{GIVEN}") == [message]


def test_a_rate_has_no_time_zone() -> None:
    """It would do nothing."""
    trigger = f"    schedule: rate(1 day)\n    timezone: «Europe/Berlin»\n{GIVEN}"
    assert told(trigger) == ["FG511 `timezone` has no effect on a rate"]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{source: «shop»}", "expected a list of the allowed values"),
        ("{source: !Ref «Bus»}", None),
        ("{source: «[]»}", "an empty list allows no value, so nothing matches"),
        ("«{}»", "this pattern is empty and has no effect"),
        ("{«sorce»: [shop]}", "no event has the field `sorce`, so nothing matches"),
        ("{detail: {«totl»: [1]}}", "no event has the field `totl`, so nothing matches"),
        ("{source: [{«prefx»: a}]}", "EventBridge does not support the comparison `prefx` here"),
        ("{source: [{«prefix»: a, suffix: b}]}", "EventBridge does not support the comparison `prefix` here"),
        ("{source: «{prefix: a}»}", "`prefix` must be in a list of values"),
        ("{source: [«[a]»]}", "expected a value or a comparison, found a list"),
        ("{source: [{prefix: «1»}]}", "`prefix` must be a string"),
        ("{source: [{exists: «maybe»}]}", "`exists` must be `true` or `false`"),
        ("{source: [{cidr: «10.0.0.0/40»}]}", "`10.0.0.0/40` is not a valid range of addresses"),
        ("{source: [{wildcard: «a**»}]}", "two `*` in a row are not allowed"),
        ("{source: [{anything-but: «{numeric: 1}»}]}", None),
        ('{detail: {total: [{numeric: «[">"]»}]}}', "`numeric` must be a comparison and a number, or two of each"),
        ('{detail: {total: [{numeric: «[">", 5, "<", 1]»}]}}', "no number is above 5 and below 1"),
        ("{$or: [{source: [a]}, «b»]}", "expected fields, found a string"),
        ("{detail: {id: «!Ref A»}}", "expected a list of the allowed values"),
        ("{source: [{cidr: «10»}]}", "`cidr` must be a string such as `10.0.0.0/24`"),
        ("{source: [{wildcard: «1»}]}", "`wildcard` must be a string such as `*.png`"),
        ("{source: [{anything-but: {prefix: «1»}}]}", "`prefix` must be a string or a list of strings"),
        (
            "{source: [{anything-but: «{}»}]}",
            "`anything-but` must be a value, a list of values, or a mapping such as `{prefix: a}`",
        ),
        ("{source: [{equals-ignore-case: «[a]»}]}", "`equals-ignore-case` must be a string"),
        ("{$or: «[{source: [a]}]»}", "`$or` must be a list of two or more patterns"),
        ("{detail: «[a]»}", None),
    ],
)
def test_a_bad_pattern_is_reported_at_its_place(pattern: str, message: str | None) -> None:
    """FG512 for what EventBridge rejects, and for what nothing could fit."""
    if message is None:
        pattern = pattern.replace("«", "").replace("»", "")
        told_ = [one.code for one in check_text(f"{HEAD}    event: {pattern}\n    detail: Order\n")]
        assert [code for code in told_ if code != "FG209"] in ([], ["FG512"])
        return
    assert told(f"    event: {pattern}\n    detail: Order\n") == [f"FG512 {message}"]


def test_a_pattern_has_a_size() -> None:
    """EventBridge takes 2,048 characters, pipes 4,096, and SNS much more, but no wildcard."""
    names = ", ".join(f"a{number:04}" for number in range(300))
    assert "FG512 this pattern has 2,4" in told(f"    event: «{{source: [{names}]}}»\n    detail: Order\n")[0]
    assert told(f"    sqs: orders\n    body: Order\n    filter: {{body: {{id: [{names}]}}}}\n") == []
    sns = "    sns: orders\n    body: Order\n    filter: {body: {id: [{«wildcard»: a*}]}}\n"
    assert told(sns) == ["FG512 SNS does not support the comparison `wildcard` here"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            '{id: "${ «$uppercase($event.source)» }", total: 1}',
            "FG513 EventBridge cannot evaluate this",
        ),
        ('{id: "${ «$event.detail-type» }", total: 1}', "FG513 EventBridge cannot evaluate this"),
        ('{id: "${ «$event.resources[-1]» }", total: 1}', "FG513 EventBridge cannot evaluate this"),
        ('{«id?»: "${ $event.source }", total: 1}', "FG513 a trigger cannot omit a key"),
        ('{id: "${ «$input».id }", total: 1}', "FG203 `$input` does not exist when a workflow starts"),
        ('{id: "${ $parameters.«Limt» }", total: 1}', "FG203 `Limt` is not declared under `parameters`"),
        ('{id: "${ «$resources.Telling & $event.id» }", total: 1}', "FG513 EventBridge cannot evaluate this"),
        ('{id: "${ «$resources» }", total: 1}', "FG203 `$resources` is not a value on its own"),
        ('{id: "${ $event.«sorce» }", total: 1}', "FG301"),
        (
            '{id: "${ «$event.detail.of.id» }", total: 1}',
            "FG513 EventBridge cannot select a field of every item of a list",
        ),
        ('{id: "${ «$event.detail.note» }", total: 1}', "FG515 `$event.detail.note` may be missing from an event"),
        (
            '{id: "${ «$event.detail.tags[2]» }", total: 1}',
            "FG515 `$event.detail.tags[2]` may be missing from an event",
        ),
        ('{id: "a ${ «$event.detail» }", total: 1}', "FG513 `Loose` cannot be inserted into a string"),
        ('{id: a, total: «"1"»}', 'FG514 `total` in the input from this trigger is "1"'),
        ("{id: a, «more»: 1, total: 2}", "FG514 `more` in the input from this trigger"),
        ("«{id: a}»", "FG514 `total` in the input from this trigger is missing"),
        ('{id: a, total: "${ «$event.time» }"}', "FG514 `total` in the input from this trigger is `string`"),
    ],
)
def test_what_with_can_not_say(given: str, message: str) -> None:
    """Each at the place of the value, with the reason."""
    [finding] = told(f"    event: {{source: [shop]}}\n    detail: Loose\n    with: {given}\n")
    assert finding.startswith(message)


def test_a_dash_is_explained() -> None:
    """`a-b` in JSONata is a subtraction, which nobody means here."""
    [finding] = found('    s3: inbox\n    with: {id: "${ «$event.detail.object.version-id» }", total: 1}\n')
    assert finding.help is not None
    assert finding.help.endswith("$event.detail.object.`version-id`")


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        ("    event: {source: [shop]}\n    detail: «Loose»\n", "FG514 "),
        ("    s3: «inbox»\n", "FG514 "),
        ("    schedule: «rate(1 day)»\n", "FG514 `id` in the input from this trigger is missing"),
        ("    sqs: «orders»\n    body: Order\n    batch: 10\n", "FG514 the input from this trigger is an array"),
        ("    sqs: orders\n    body: «string»\n", "FG514 the input from this trigger is `string`"),
        ("    http: POST /a\n    body: «Loose»\n", "FG514 "),
        (
            '    http: POST /a\n    body: Order\n    with: «{id: "${ $event.body.id }", total: 1}»\n',
            "FG513 API Gateway can pass",
        ),
        ("    http: POST /a\n    body: Order\n    with: ${ «$event» }\n", "FG513 API Gateway can pass"),
    ],
)
def test_what_does_not_fit_is_an_error_at_the_trigger(trigger: str, message: str) -> None:
    """FG514 where the payload itself does not fit, with the input as the other place."""
    [finding] = found(trigger)
    assert f"{finding.code} {finding.message}".startswith(message)
    if finding.code == "FG514":
        assert finding.secondary[0].text == "the workflow's input"


def test_a_batch_is_a_list() -> None:
    """With `batch` the input is a list, and its items can't be lists themselves."""
    head = HEAD.replace("input: Order", "input: Order[]")
    assert told("    sqs: orders\n    body: Order\n    batch: {size: 100, window: 5s}\n", head) == []
    nested = HEAD.replace("input: Order", "input: any[]")
    [finding] = told("    sqs: orders\n    batch: 10\n    with: «[1]»\n", nested)
    assert finding.startswith("FG513 records of a batch cannot be lists")


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        ("    s3: !Ref «Silent»\n" + GIVEN, None),
        ("    stream: «!Ref Plain»\n" + GIVEN, "FG516 the table `Plain` has no stream"),
        ("    stream: «!ImportValue Stream»\n" + GIVEN, "FG516 can't tell which service this stream belongs to"),
        (
            "    stream: !Ref Streaming\n    source: dynamodb\n    data: «Order»\n" + GIVEN,
            "FG516 records of a table have no",
        ),
        (
            "    stream: !Ref Data\n    position: «at_timestamp»\n    data: Order\n",
            "FG516 `at_timestamp` needs a `timestamp`",
        ),
        (
            '    stream: !Ref Data\n    data: Order\n    timestamp: «"2030-01-01T00:00:00Z"»\n',
            "FG516 `timestamp` has no effect",
        ),
        (
            "    stream: !Ref Data\n    data: Order\n    retry: {max_age: «8 days»}\n",
            "FG516 `max_age` must be between one minute and one week",
        ),
        (
            '    stream: !Ref Data\n    data: Order\n    position: at_timestamp\n    timestamp: «"now"»\n',
            "FG511 `now` is",
        ),
        ("    sns: «orders.fifo»\n    body: Order\n", "FG516 a FIFO topic only sends to FIFO queues"),
        ("    sns: orders\n    body: Order\n    filter: «{}»\n", "FG516 a filter of a topic can have either"),
        (
            '    http: POST /a\n    body: Order\n    api: !Ref Api\n    cors: «"*"»\n',
            "FG516 `cors` has no effect on your own API",
        ),
        ("    http: POST /a\n    body: Order\n    cors: «example.com»\n", "FG516 `example.com` is not a valid origin"),
        (
            '    http: POST /a\n    body: Order\n    cors: «{origins: "*", credentials: true}»\n',
            "FG516 browsers do not send cookies if every origin is allowed",
        ),
        (
            '    http: POST /a\n    body: Order\n    cors: {origins: "*", max_age: «2 days»}\n',
            "FG516 `max_age` can be at most a day",
        ),
    ],
)
def test_what_would_start_nothing(trigger: str, message: str | None) -> None:
    """FG516: AWS would reject it, or nothing would ever happen."""
    if message is None:
        [finding] = told(trigger.replace("!Ref «Silent»", "«!Ref Silent»"))
        assert finding == "FG516 the bucket `Silent` does not send events to EventBridge"
        return
    [finding] = told(trigger)
    assert finding.startswith(message)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ("«100»", "FG516 a batch of more than 10 messages needs a `window` of at least one second"),
        ("{size: 5, window: «10m»}", "FG516 the `window` of a batch can be at most five minutes"),
    ],
)
def test_batches_of_messages(batch: str, message: str) -> None:
    """What pipes reject."""
    head = HEAD.replace("input: Order", "input: Order[]")
    assert told(f"    sqs: orders\n    body: Order\n    batch: {batch}\n", head) == [message]


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        ("    «schedul»: rate(1 day)\n", "FG510 `schedul` is not a kind of trigger"),
        ("    schedule: rate(1 day)\n    «sqs»: orders\n", "FG510 this trigger has two kinds, `schedule` and `sqs`"),
        ("    «with»: {}\n", "FG510 this trigger has no kind"),
        ("    «nothing»\n", "FG102 a trigger must be a mapping with a kind, not a string"),
        ("    sqs: «12»\n", "FG102 expected a resource, found a number"),
        ("    sqs: «${ $event.queue }»\n", "FG102 the stack needs this resource at deployment"),
        ("    event: «[a]»\n", "FG102 a pattern must be a mapping of fields to allowed values, not a list"),
        ("    s3: a\n    events: «[]»\n", "FG102 the list of events is empty"),
        ("    s3: a\n    events: «create»\n", "FG102 "),
        ("    sqs: a\n    filter: «[]»\n", "FG102 the list of patterns is empty"),
        ("    sqs: a\n    batch: «0»\n", "FG112 "),
        ("    http: «/orders»\n", "FG102 `/orders` is not a valid route"),
        ("    http: «POST orders»\n", "FG102 `orders` is not a valid path of a route"),
        ("    http: «POST /{all+}/a»\n", "FG102 `{all+}` matches the rest of the path and must be the last segment"),
        ("    http: POST /a\n    auth: «jwt»\n", "FG103 `jwt` needs the keys `issuer` and `audience`"),
        ("    http: POST /a\n    auth: «key»\n", "FG102 "),
        (
            "    http: POST /a\n    cors: «!Ref Origin»\n",
            "FG102 `cors` must be a list of origins or a mapping, not `!Ref`",
        ),
        (
            "    http: POST /a\n    response: {headers: «[]»}\n",
            "FG102 `headers` must be a mapping of strings, not a list",
        ),
    ],
)
def test_the_shape_of_a_trigger(trigger: str, message: str) -> None:
    """FG1xx and FG510, before anything else is looked at."""
    [finding] = told(trigger)
    assert finding.startswith(message)


def test_triggers_are_a_mapping() -> None:
    """And their names are names."""
    text = "flowgen: 1\nname: a\nsteps: []\ntriggers: [a]\n"
    assert [one.message for one in check_text(text)] == [
        "`triggers` must be a mapping of names to triggers, not a list"
    ]
    [finding] = check_text("flowgen: 1\nname: a\nsteps: []\ntriggers:\n  OnTime: {schedule: rate(1 day)}\n")
    assert (finding.code, finding.help) == ("FG107", "did you mean `on_time`?")


def test_strict_mode_reports_any() -> None:
    """FG311: an undeclared payload hides whether it fits."""
    from flowgen.check import check_dataflow
    from tests.unit.backends.cloudformation.support import workflow

    made = workflow(HEAD + "    event: {source: [shop]}\n")
    findings = [one for one in check_dataflow(made, {}, strict=True) if "detail" in one.message]
    assert [one.code for one in findings] == ["FG311"]
    assert "the `detail` of the event has no declared type" in findings[0].message


def test_a_fifo_queue_gives_ten_messages() -> None:
    """Whatever the window."""
    head = HEAD.replace("input: Order", "input: Order[]")
    trigger = "    sqs: orders.fifo\n    body: Order\n    batch: «{size: 20, window: 5s}»\n"
    assert told(trigger, head) == ["FG516 a FIFO queue returns at most 10 messages at once"]
    assert told(trigger.replace("20", "10").replace("«", "").replace("»", ""), head) == []


def test_a_schedule_has_a_length() -> None:
    """AWS takes 256 characters."""
    minutes = ",".join(str(minute % 60) for minute in range(120))
    [finding] = told(f"    schedule: «cron({minutes} 3 * * ? *)»\n{GIVEN}")
    assert finding == "FG511 a schedule can have at most 256 characters"


@pytest.mark.parametrize(
    ("trigger", "service"),
    [
        ("schedule: rate(1 day)", "EventBridge Scheduler"),
        ("s3: inbox", "EventBridge"),
        ("stream: !Ref Data", "EventBridge Pipes"),
        ("http: POST /a", "API Gateway"),
    ],
)
def test_who_can_not_compute_is_named(trigger: str, service: str) -> None:
    """By the name that people know it by."""
    [finding] = told(f'    {trigger}\n    with: {{id: "${{ «$now()» }}", total: 1}}\n')
    assert finding == f"FG513 {service} cannot evaluate this; it only copies parts of an event"


def test_what_names_a_resource_is_not_computed() -> None:
    """A reference alone, whose value CloudFormation knows."""
    [finding] = told("    sqs: ${ «$parameters.QueueArn & 'x'» }\n    body: Order\n")
    assert finding == "FG513 the name of a resource cannot be computed"


def test_what_a_bucket_says_by_a_condition_is_not_looked_into() -> None:
    """`!If` may give the configuration or not."""
    head = HEAD.replace(
        "  Silent: {Type",
        "  Maybe: {Type: 'AWS::S3::Bucket', Properties: {NotificationConfiguration: !Ref A}}\n  Silent: {Type",
    )
    assert told("    s3: !Ref Maybe\n" + GIVEN, head) == []


def test_what_a_table_gives_may_be_handed_on_whole() -> None:
    """Its keys and images are of no known type."""
    head = HEAD.replace("input: Order", "input: object")
    assert told("    stream: !Ref Streaming\n", head) == []
    assert told('    stream: !Ref Streaming\n    with: {first: "${ $event.dynamodb.Keys.list[0] }"}\n', head) == []
