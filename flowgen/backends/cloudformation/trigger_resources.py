"""The typed face of troposphere for what starts state machines, as `resources` is for all else.

Loaded only when a template with triggers is built. Units are CloudFormation's: ages and windows in seconds, but the
window of a schedule in minutes. Raises TypeError and ValueError for a bug of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from troposphere import apigatewayv2, events, pipes, scheduler, sns, sqs

from flowgen.backends.cloudformation.intrinsics import Intrinsic
from flowgen.backends.cloudformation.resources import Declaration, _resource, _value

Text = str | Intrinsic

RETENTION = 14 * 86_400
"""How long a queue keeps what nobody takes: as long as SQS allows, for people to look."""


def _given(**properties: Any) -> dict[str, Any]:
    """The properties that are there."""
    return {name: value for name, value in properties.items() if value is not None}


def queue(*, dead_letters: Text | None = None, visibility: int | None = None) -> Declaration:
    """A queue that is encrypted with SQS's own keys; `dead_letters` takes what was received five times in vain."""
    redrive = None
    if dead_letters is not None:
        redrive = sqs.RedrivePolicy(deadLetterTargetArn=_value(dead_letters), maxReceiveCount=5)
    return _resource(
        sqs.Queue(
            None,
            MessageRetentionPeriod=RETENTION,
            SqsManagedSseEnabled=True,
            **_given(RedrivePolicy=redrive, VisibilityTimeout=visibility),
        )
    )


def queue_policy(*, queue: Text, document: Mapping[str, Any]) -> Declaration:
    return _resource(sqs.QueuePolicy(None, Queues=[_value(queue)], PolicyDocument=dict(document)))


def subscription(
    *, topic: Text, queue: Text, dead_letters: Text, filter_: Mapping[str, Any] | None, scope: str | None
) -> Declaration:
    """A topic's messages as they are into a queue."""
    return _resource(
        sns.SubscriptionResource(
            None,
            TopicArn=_value(topic),
            Protocol="sqs",
            Endpoint=_value(queue),
            # In the envelope of SNS the message would be a text in a text.
            RawMessageDelivery=True,
            RedrivePolicy={"deadLetterTargetArn": dead_letters},
            **_given(FilterPolicy=None if filter_ is None else dict(filter_), FilterPolicyScope=scope),
        )
    )


def schedule(
    *,
    description: Text | None,
    expression: str,
    timezone: str | None,
    window: int | None,
    start: str | None,
    end: str | None,
    enabled: bool,
    machine: Text,
    role: Text,
    dead_letters: Text,
    retry: Mapping[str, int] | None,
    given: Text,
) -> Declaration:
    """A schedule that starts a machine with the JSON text `given`."""
    flexible = (
        scheduler.FlexibleTimeWindow(Mode="OFF")
        if window is None
        else scheduler.FlexibleTimeWindow(Mode="FLEXIBLE", MaximumWindowInMinutes=window)
    )
    return _resource(
        scheduler.Schedule(
            None,
            ScheduleExpression=expression,
            FlexibleTimeWindow=flexible,
            State="ENABLED" if enabled else "DISABLED",
            Target=scheduler.Target(
                Arn=_value(machine),
                RoleArn=_value(role),
                DeadLetterConfig=scheduler.DeadLetterConfig(Arn=_value(dead_letters)),
                Input=_value(given),
                **_given(RetryPolicy=None if retry is None else scheduler.RetryPolicy(**retry)),
            ),
            **_given(
                Description=None if description is None else _value(description),
                ScheduleExpressionTimezone=timezone,
                StartDate=start,
                EndDate=end,
            ),
        )
    )


def rule(
    *,
    description: Text | None,
    bus: Text | None,
    pattern: Mapping[str, Any],
    enabled: bool,
    machine: Text,
    role: Text,
    dead_letters: Text,
    retry: Mapping[str, int] | None,
    given: Mapping[str, Any],
) -> Declaration:
    """A rule that starts a machine. `given` is `Input`, `InputPath` or the two parts of `InputTransformer`."""
    form = {name: _value(value) for name, value in given.items() if name in ("Input", "InputPath")}
    if "InputTemplate" in given:
        form["InputTransformer"] = events.InputTransformer(
            InputPathsMap=dict(given["InputPathsMap"]), InputTemplate=_value(given["InputTemplate"])
        )
    return _resource(
        events.Rule(
            None,
            EventPattern=dict(pattern),
            State="ENABLED" if enabled else "DISABLED",
            Targets=[
                events.Target(
                    Id="machine",
                    Arn=_value(machine),
                    RoleArn=_value(role),
                    DeadLetterConfig=events.DeadLetterConfig(Arn=_value(dead_letters)),
                    **_given(RetryPolicy=None if retry is None else events.RetryPolicy(**retry)),
                    **form,
                )
            ],
            **_given(
                Description=None if description is None else _value(description),
                EventBusName=None if bus is None else _value(bus),
            ),
        )
    )


def pipe(
    *,
    description: Text | None,
    enabled: bool,
    source: Text,
    kind: str,
    parameters: Mapping[str, Any],
    dead_letters: Text | None,
    filters: Sequence[Text],
    machine: Text,
    role: Text,
    synchronous: bool,
    given: Text,
) -> Declaration:
    """A pipe from a source of a `kind` (`sqs`, `kinesis`, `dynamodb`) to a machine; `given` is its template."""
    name, of_kind = {
        "sqs": ("SqsQueueParameters", pipes.PipeSourceSqsQueueParameters),
        "kinesis": ("KinesisStreamParameters", pipes.PipeSourceKinesisStreamParameters),
        "dynamodb": ("DynamoDBStreamParameters", pipes.PipeSourceDynamoDBStreamParameters),
    }[kind]
    failed = None if dead_letters is None else pipes.DeadLetterConfig(Arn=_value(dead_letters))
    criteria = pipes.FilterCriteria(Filters=[pipes.Filter(Pattern=_value(one)) for one in filters]) if filters else None
    return _resource(
        pipes.Pipe(
            None,
            DesiredState="RUNNING" if enabled else "STOPPED",
            RoleArn=_value(role),
            Source=_value(source),
            SourceParameters=pipes.PipeSourceParameters(
                **{name: of_kind(**parameters, **_given(DeadLetterConfig=failed))}, **_given(FilterCriteria=criteria)
            ),
            Target=_value(machine),
            TargetParameters=pipes.PipeTargetParameters(
                InputTemplate=_value(given),
                StepFunctionStateMachineParameters=pipes.PipeTargetStateMachineParameters(
                    InvocationType="REQUEST_RESPONSE" if synchronous else "FIRE_AND_FORGET"
                ),
            ),
            **_given(Description=None if description is None else _value(description)),
        )
    )


def http_api(*, name: Text, description: Text | None, cors: Mapping[str, Any] | None) -> Declaration:
    return _resource(
        apigatewayv2.Api(
            None,
            Name=_value(name),
            ProtocolType="HTTP",
            **_given(
                Description=None if description is None else _value(description),
                CorsConfiguration=None if cors is None else apigatewayv2.Cors(**cors),
            ),
        )
    )


def http_stage(*, api: Text, log_group: Text, log_format: str, rate: float, burst: int) -> Declaration:
    """The default stage of an API: deployed by itself, logged, throttled."""
    return _resource(
        apigatewayv2.Stage(
            None,
            ApiId=_value(api),
            StageName="$default",
            AutoDeploy=True,
            AccessLogSettings=apigatewayv2.AccessLogSettings(DestinationArn=_value(log_group), Format=log_format),
            DefaultRouteSettings=apigatewayv2.RouteSettings(ThrottlingRateLimit=rate, ThrottlingBurstLimit=burst),
        )
    )


def http_integration(
    *, api: Text, role: Text, subtype: str, request: Mapping[str, Text], response: Sequence[tuple[str, str]]
) -> Declaration:
    """An integration with Step Functions. `response` are changes of its answer: what, and what it becomes."""
    changes = [
        apigatewayv2.ResponseParameter(Destination=destination, Source=source) for destination, source in response
    ]
    answer = {"200": apigatewayv2.ResponseParameterMap(ResponseParameters=changes)} if changes else None
    return _resource(
        apigatewayv2.Integration(
            None,
            ApiId=_value(api),
            IntegrationType="AWS_PROXY",
            IntegrationSubtype=subtype,
            PayloadFormatVersion="1.0",
            CredentialsArn=_value(role),
            RequestParameters=dict(request),
            **_given(ResponseParameters=answer),
        )
    )


def http_authorizer(*, api: Text, name: str, issuer: Text, audience: Sequence[str]) -> Declaration:
    """Tokens of an issuer in the header `Authorization`."""
    return _resource(
        apigatewayv2.Authorizer(
            None,
            ApiId=_value(api),
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            Name=name,
            JwtConfiguration=apigatewayv2.JWTConfiguration(Issuer=_value(issuer), Audience=list(audience)),
        )
    )


def http_route(
    *, api: Text, key: str, target: Text, kind: str, authorizer: Text | None, scopes: Sequence[str]
) -> Declaration:
    """A route; `kind` is how callers are told apart: NONE, AWS_IAM or JWT."""
    return _resource(
        apigatewayv2.Route(
            None,
            ApiId=_value(api),
            RouteKey=key,
            Target=_value(target),
            AuthorizationType=kind,
            **_given(
                AuthorizerId=None if authorizer is None else _value(authorizer),
                AuthorizationScopes=list(scopes) or None,
            ),
        )
    )
