"""HTTP APIs of API Gateway that start a workflow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flowgen.backends.cloudformation.iam import policies
from flowgen.backends.cloudformation.iam.arn_templates import arn
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, ref, sub
from flowgen.backends.cloudformation.log_groups import log_group
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.stack_context import StackContext
from flowgen.backends.cloudformation.static_values import reference_of
from flowgen.backends.cloudformation.text import description_of
from flowgen.backends.cloudformation.triggers.ids import TriggerIds, ids_of
from flowgen.backends.cloudformation.triggers.inputs import request_input, request_name
from flowgen.backends.cloudformation.workflow_stack import EXPRESS, WorkflowStack
from flowgen.model.triggers import Http, Jwt

RATE, BURST = 100.0, 200
"""Default requests per second and at once; AWS's default is in the thousands."""
ACCEPTED = "202"
"""The status of an answer that comes before the workflow ends."""
API_DESCRIPTION = 1024
"""Characters (API Gateway API reference, `CreateApi`)."""

# API Gateway developer guide, "Customize HTTP API access logs".
LOG_FORMAT = json.dumps(
    {
        name: f"$context.{variable}"
        for name, variable in {
            "requestId": "requestId",
            "time": "requestTime",
            "ip": "identity.sourceIp",
            "route": "routeKey",
            "status": "status",
            "responseLength": "responseLength",
            "integrationStatus": "integrationStatus",
            "integrationError": "integrationErrorMessage",
        }.items()
    },
    separators=(",", ":"),
)


def http(stack: WorkflowStack, ids: TriggerIds, name: str, trigger: Http, context: StackContext) -> Iterator[Entry]:
    """An API, or only a route of the user's API, integrated with Step Functions."""
    action = "StartSyncExecution" if stack.workflow.type == EXPRESS else "StartExecution"
    api: str | Intrinsic = ref(ids.main) if trigger.api is None else arn(reference_of(trigger.api))
    if trigger.api is None:
        yield from _api(stack, ids, name, trigger, context)
    named = {} if trigger.execution_name is None else {"Name": request_name(trigger.execution_name)}
    changes = _changes(trigger, express=stack.workflow.type == EXPRESS)
    yield (
        ids.integration,
        resource(
            "AWS::ApiGatewayV2::Integration",
            {
                "ApiId": api,
                "IntegrationType": "AWS_PROXY",
                "IntegrationSubtype": f"StepFunctions-{action}",
                "PayloadFormatVersion": "1.0",
                "CredentialsArn": arn_of(ids.role),
                "RequestParameters": {
                    "StateMachineArn": stack.start_arn,
                    "Input": request_input(stack.workflow, trigger),
                    **named,
                },
                "ResponseParameters": {"200": {"ResponseParameters": changes}} if changes else None,
            },
        ),
    )
    jwt = trigger.auth if isinstance(trigger.auth, Jwt) else None
    if jwt is not None:
        yield ids.authorizer, _authorizer(ids, api, jwt)
    yield (
        ids.route,
        resource(
            "AWS::ApiGatewayV2::Route",
            {
                "ApiId": api,
                "RouteKey": str(trigger.http),
                "Target": sub(f"integrations/${{{ids.integration}}}"),
                "AuthorizationType": "JWT"
                if jwt is not None
                else {"iam": "AWS_IAM", "none": "NONE"}[str(trigger.auth)],
                "AuthorizerId": None if jwt is None else ref(ids.authorizer),
                "AuthorizationScopes": None if jwt is None else list(jwt.scopes) or None,
            },
        ),
    )
    # API Gateway sends no source when it assumes a role for an integration, so a condition would always fail.
    trust = policies.starter_trust("apigateway.amazonaws.com")
    document = policies.starter_document(policies.start_statement(stack, f"states:{action}"))
    yield ids.role, policies.role(trust, {ids.main: document})


def _authorizer(ids: TriggerIds, api: str | Intrinsic, jwt: Jwt) -> dict[str, Any]:
    """Accepts an issuer's tokens in the header `Authorization`."""
    return resource(
        "AWS::ApiGatewayV2::Authorizer",
        {
            "ApiId": api,
            "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "Name": ids.authorizer,
            "JwtConfiguration": {"Issuer": arn(reference_of(jwt.issuer)), "Audience": list(jwt.audience)},
        },
    )


def _api(stack: WorkflowStack, ids: TriggerIds, name: str, trigger: Http, context: StackContext) -> Iterator[Entry]:
    """An API with its default stage, which deploys itself, writes access logs and limits requests."""
    throttle = trigger.throttle
    properties = {
        "Name": sub(f"${{AWS::StackName}}-{stack.workflow.name}-{name}"),
        "ProtocolType": "HTTP",
        "Description": description_of(trigger.description, API_DESCRIPTION),
        "CorsConfiguration": _cors(trigger),
    }
    yield ids.main, resource("AWS::ApiGatewayV2::Api", properties)
    yield (
        ids.stage,
        resource(
            "AWS::ApiGatewayV2::Stage",
            {
                "ApiId": ref(ids.main),
                "StageName": "$default",
                "AutoDeploy": True,
                "AccessLogSettings": {"DestinationArn": arn_of(ids.log_group), "Format": LOG_FORMAT},
                "DefaultRouteSettings": {
                    "ThrottlingRateLimit": RATE if throttle is None else throttle.rate,
                    "ThrottlingBurstLimit": BURST if throttle is None else throttle.burst,
                },
            },
        ),
    )
    yield ids.log_group, log_group(stack, context, stack.api_log_group_name(name))


def _changes(trigger: Http, *, express: bool) -> list[dict[str, str]]:
    """Changes to Step Functions' response: the trigger's, and a status for a workflow that still runs."""
    response = trigger.response
    status = None if response is None or response.status is None else str(response.status)
    status = status or (None if express else ACCEPTED)
    headers = {} if response is None else response.headers
    changes = {} if status is None else {"overwrite:statuscode": status}
    changes |= {f"overwrite:header.{name}": value for name, value in headers.items()}
    return [{"Destination": destination, "Source": source} for destination, source in changes.items()]


def _cors(trigger: Http) -> dict[str, Any] | None:
    cors = trigger.cors
    if cors is None:
        return None
    return {
        "AllowOrigins": list(cors.origins),
        "AllowMethods": ["*" if trigger.http.method == "ANY" else trigger.http.method],
        "AllowHeaders": list(cors.headers) or None,
        "AllowCredentials": True if cors.credentials else None,
        "MaxAge": None if cors.max_age is None else cors.max_age.seconds,
    }


def urls(stack: WorkflowStack) -> Iterator[tuple[str, str, Intrinsic]]:
    """For each API that the stack creates: the name of its output, the route that starts the workflow, the URL."""
    for name, trigger in stack.workflow.triggers.items():
        if isinstance(trigger, Http) and trigger.api is None:
            ids = ids_of(stack, name, trigger)
            yield f"{ids.main}Url", str(trigger.http), {"Fn::GetAtt": [ids.main, "ApiEndpoint"]}
