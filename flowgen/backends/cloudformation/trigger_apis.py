"""HTTP APIs that start a workflow's machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flowgen.backends.cloudformation import permissions
from flowgen.backends.cloudformation.arn_text import arn
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, literal, ref, sub
from flowgen.backends.cloudformation.known import Known, tree_of
from flowgen.backends.cloudformation.logs import log_group
from flowgen.backends.cloudformation.machines import start_arn, start_statement
from flowgen.backends.cloudformation.surroundings import Surroundings
from flowgen.backends.cloudformation.text import prose
from flowgen.backends.cloudformation.trigger_ids import TriggerIds, ids_of
from flowgen.backends.cloudformation.trigger_inputs import request_input
from flowgen.backends.cloudformation.units import Unit
from flowgen.model import Value
from flowgen.model.triggers import Cors, Http, Jwt

RATE, BURST = 100.0, 200
"""Requests per second and at once where the workflow says nothing: AWS would take thousands."""
ACCEPTED = "202"
"""What a caller gets of a workflow that goes on after the answer."""

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


def http(
    unit: Unit, ids: TriggerIds, name: str, trigger: Http, around: Surroundings
) -> Iterator[tuple[str, dict[str, Any]]]:
    """An API, or a route of one that is the user's own, with an integration with Step Functions."""
    from flowgen.backends.cloudformation import resources, trigger_resources

    express = unit.workflow.type == "express"
    action = "StartSyncExecution" if express else "StartExecution"
    api: str | Intrinsic = ref(ids.main) if trigger.api is None else _reference(trigger.api)
    if trigger.api is None:
        yield from _api(unit, ids, name, trigger, around)
    yield (
        ids.integration,
        trigger_resources.http_integration(
            api=api,
            role=arn_of(ids.role),
            subtype=f"StepFunctions-{action}",
            request={"StateMachineArn": start_arn(unit), "Input": request_input(unit.workflow, trigger)},
            response=_changes(trigger, express=express),
        ),
    )
    jwt = trigger.auth if isinstance(trigger.auth, Jwt) else None
    if jwt is not None:
        issuer = _reference(jwt.issuer)
        yield (
            ids.authorizer,
            trigger_resources.http_authorizer(api=api, name=ids.authorizer, issuer=issuer, audience=jwt.audience),
        )
    yield (
        ids.route,
        trigger_resources.http_route(
            api=api,
            key=str(trigger.http),
            target=sub(f"integrations/${{{ids.integration}}}"),
            kind="JWT" if jwt is not None else {"iam": "AWS_IAM", "none": "NONE"}[str(trigger.auth)],
            authorizer=None if jwt is None else ref(ids.authorizer),
            scopes=() if jwt is None else jwt.scopes,
        ),
    )
    # API Gateway names no source when it takes a role for an integration, so there is no condition to hold it to.
    trust = permissions.starter_trust("apigateway.amazonaws.com")
    document = permissions.starter_document(start_statement(unit, f"states:{action}"))
    yield ids.role, resources.role(trust=trust, policies={ids.main: document})


def _api(
    unit: Unit, ids: TriggerIds, name: str, trigger: Http, around: Surroundings
) -> Iterator[tuple[str, dict[str, Any]]]:
    from flowgen.backends.cloudformation import trigger_resources

    throttle = trigger.throttle
    description = None if trigger.description is None else literal(prose(trigger.description, 1024, "utf-16-le"))
    named = sub(f"${{AWS::StackName}}-{unit.workflow.name}-{name}")
    yield ids.main, trigger_resources.http_api(name=named, description=description, cors=_cors(trigger))
    yield (
        ids.stage,
        trigger_resources.http_stage(
            api=ref(ids.main),
            log_group=arn_of(ids.log_group),
            log_format=LOG_FORMAT,
            rate=RATE if throttle is None else throttle.rate,
            burst=BURST if throttle is None else throttle.burst,
        ),
    )
    yield ids.log_group, log_group(unit, around, unit.api_log_group_name(name))


def _changes(trigger: Http, *, express: bool) -> list[tuple[str, str]]:
    """What is changed of Step Functions' answer; a workflow that goes on is accepted, not done."""
    response = trigger.response
    status = None if response is None or response.status is None else str(response.status)
    status = status or (None if express else ACCEPTED)
    headers = {} if response is None else response.headers
    return [
        *([] if status is None else [("overwrite:statuscode", status)]),
        *((f"overwrite:header.{name}", value) for name, value in headers.items()),
    ]


def _cors(trigger: Http) -> dict[str, Any] | None:
    cors: Cors | None = trigger.cors
    if cors is None:
        return None
    made: dict[str, Any] = {"AllowOrigins": list(cors.origins), "AllowMethods": [_method(trigger)]}
    if cors.headers:
        made["AllowHeaders"] = list(cors.headers)
    if cors.credentials:
        made["AllowCredentials"] = True
    if cors.max_age is not None:
        made["MaxAge"] = cors.max_age.seconds
    return made


def _method(trigger: Http) -> str:
    return "*" if trigger.http.method == "ANY" else trigger.http.method


def _reference(value: Value) -> str | Intrinsic:
    found = tree_of(value)
    if not isinstance(found, Known):
        raise TypeError(value)
    return arn(found)


def urls(unit: Unit) -> Iterator[tuple[str, str, Intrinsic]]:
    """Of each API of the stack's own: the logical id of its URL's output, what starts there, and the URL."""
    for name, trigger in unit.workflow.triggers.items():
        if isinstance(trigger, Http) and trigger.api is None:
            ids = ids_of(unit, name, trigger)
            yield f"{ids.main}Url", str(trigger.http), {"Fn::GetAtt": [ids.main, "ApiEndpoint"]}
