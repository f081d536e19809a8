"""Actions on state machines: create, update, delete, describe, list, validate, and their tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowgen.serving.api_errors import ApiError, no_machine
from flowgen.serving.arns import check_arn, check_name, check_role
from flowgen.serving.pages import page
from flowgen.serving.service import Service
from flowgen.serving.state_machines import INITIAL, StateMachine, problems_of, references
from flowgen.serving.versions import Started

Request = Mapping[str, Any]
Response = dict[str, Any]

_STORED = ("loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")
_DEFAULTS = {
    "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
    "tracingConfiguration": {"enabled": False},
}
_MOST_TAGS = 50
_MOST_DIAGNOSTICS = 100


def machine_of(service: Service, arn: str) -> StateMachine:
    """The current revision of the state machine with an ARN. Raises `ApiError`."""
    check_arn(arn, "stateMachine")
    if "/" in arn:
        raise ApiError("ValidationException", f"The ARN refers to a Distributed Map state: '{arn}'")
    found = service.machines.get(arn)
    if found is None:
        raise no_machine(arn)
    return found


def started_of(service: Service, arn: str) -> Started:
    """What the ARN of a state machine, a version or an alias starts. Raises `ApiError`."""
    found = service.versions.started(arn, service.random)
    return Started(machine_of(service, arn)) if found is None else found


async def create_state_machine(service: Service, request: Request) -> Response:
    """Idempotent for the same name, definition, type, logging and tracing (API reference)."""
    name = check_name(request["name"])
    check_role(request["roleArn"])
    publish = _publishes(request)
    kind = request.get("type", "STANDARD")
    configuration = _configuration(request, _DEFAULTS)
    before = service.machines.get(service.arn("stateMachine", name))
    if before is not None:
        same = (before.definition, before.type, before.configuration) == (request["definition"], kind, configuration)
        if not same:
            raise ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{before.arn}'")
        return {**_created(before), **_published(service, before, request, publish=publish)}
    tags = _tags(request.get("tags", []))
    made = service.put(name, request["roleArn"], kind, request["definition"], configuration)
    service.tags[made.arn] = tags
    return {**_created(made), **_published(service, made, request, publish=publish)}


def _created(machine: StateMachine) -> Response:
    return {"stateMachineArn": machine.arn, "creationDate": machine.created.timestamp()}


def _publishes(request: Request) -> bool:
    publish = bool(request.get("publish"))
    if request.get("versionDescription") is not None and not publish:
        raise ApiError("ValidationException", "Version description can only be set when publish is true")
    return publish


def _published(service: Service, machine: StateMachine, request: Request, *, publish: bool) -> Response:
    """The version of a request with `publish`, as a part of the response."""
    if not publish:
        return {}
    version = service.versions.publish(machine, request.get("versionDescription"), service.settings.now())
    return {"stateMachineVersionArn": version.arn}


async def update_state_machine(service: Service, request: Request) -> Response:
    before = machine_of(service, request["stateMachineArn"])
    publish = _publishes(request)
    if not any(request.get(name) is not None for name in ("definition", "roleArn", *_STORED)):
        raise ApiError(
            "MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, "
            "the TracingConfiguration or the EncryptionConfiguration must be specified",
        )  # fmt: skip
    role = request.get("roleArn") or before.role
    check_role(role)
    definition = request.get("definition") or before.definition
    made = service.put(before.name, role, before.type, definition, _configuration(request, before.configuration))
    published = _published(service, made, request, publish=publish)
    return {"updateDate": made.updated.timestamp(), **_revision(made), **published}


def _configuration(request: Request, before: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: request[name] for name in _STORED if request.get(name) is not None}
    return {**before, **given}


def _revision(machine: StateMachine) -> Response:
    return {} if machine.revision == INITIAL else {"revisionId": machine.revision}


async def delete_state_machine(service: Service, request: Request) -> Response:
    """Deletes a machine, its versions, aliases and executions at once. Deleting a missing one succeeds, as on AWS."""
    arn = request["stateMachineArn"]
    check_arn(arn, "stateMachine")
    service.machines.pop(arn, None)
    service.tags.pop(arn, None)
    service.versions.forget(arn)
    for record in [record for record in service.executions.values() if record.machine.arn == arn]:
        service.engine.stop(record, None, None)
        service.forget(record)
    return {}


async def describe_state_machine(service: Service, request: Request) -> Response:
    version = service.versions.versions.get(request["stateMachineArn"])
    machine = machine_of(service, request["stateMachineArn"]) if version is None else version.machine
    response = {
        **_described(machine, request.get("includedData")),
        "status": "ACTIVE",
        "type": machine.type,
        "creationDate": machine.created.timestamp(),
    }
    if version is not None:
        response |= {"stateMachineArn": version.arn, "creationDate": version.created.timestamp()}
        response |= {} if version.description is None else {"description": version.description}
    return response


def described_for_execution(machine: StateMachine, included: str | None) -> Response:
    """The response of DescribeStateMachineForExecution."""
    return {**_described(machine, included), "updateDate": machine.updated.timestamp()}


def _described(machine: StateMachine, included: str | None) -> Response:
    response: Response = {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "roleArn": machine.role,
        "definition": "" if included == "METADATA_ONLY" else machine.definition,
        **_revision(machine),
        **machine.configuration,
    }
    variables = references(machine.program.definition)
    return {**response, "variableReferences": variables} if variables else response


async def list_state_machines(service: Service, request: Request) -> Response:
    machines = sorted(service.machines.values(), key=lambda machine: machine.name)
    shown, more = page(machines, request, "state machines")
    return {
        "stateMachines": [
            {
                "stateMachineArn": machine.arn,
                "name": machine.name,
                "type": machine.type,
                "creationDate": machine.created.timestamp(),
            }
            for machine in shown
        ],
        **more,
    }


async def validate_definition(service: Service, request: Request) -> Response:
    """Warnings are included for `severity=WARNING` (API reference, ValidateStateMachineDefinition)."""
    del service
    problems = problems_of(request["definition"], request.get("type", "STANDARD"))
    failed = any(problem.severity == "ERROR" for problem in problems)
    if request.get("severity", "ERROR") == "ERROR":
        problems = [problem for problem in problems if problem.severity == "ERROR"]
    most = request.get("maxResults") or _MOST_DIAGNOSTICS
    diagnostics = []
    for problem in problems[:most]:
        diagnostic = {"severity": problem.severity, "code": problem.code, "message": problem.message}
        diagnostics.append(diagnostic if problem.location is None else {**diagnostic, "location": problem.location})
    return {"result": "FAIL" if failed else "OK", "diagnostics": diagnostics, "truncated": len(problems) > most}


async def tag_resource(service: Service, request: Request) -> Response:
    tags = _tagged(service, request["resourceArn"])
    added = _tags(request["tags"])
    if len(tags | added) > _MOST_TAGS:
        raise ApiError("TooManyTags", f"A resource can have at most {_MOST_TAGS} tags")
    service.tags[request["resourceArn"]] = tags | added
    return {}


async def untag_resource(service: Service, request: Request) -> Response:
    tags = _tagged(service, request["resourceArn"])
    service.tags[request["resourceArn"]] = {key: tags[key] for key in tags if key not in request["tagKeys"]}
    return {}


async def list_tags(service: Service, request: Request) -> Response:
    tags = _tagged(service, request["resourceArn"])
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


def _tagged(service: Service, arn: str) -> dict[str, str]:
    check_arn(arn, "stateMachine", "activity")
    if arn not in service.machines and arn not in service.activities:
        raise ApiError("ResourceNotFound", f"Resource not found: '{arn}'")
    return service.tags.get(arn, {})


def _tags(tags: list[dict[str, str]]) -> dict[str, str]:
    if len(tags) > _MOST_TAGS:
        raise ApiError("TooManyTags", f"A resource can have at most {_MOST_TAGS} tags")
    return {tag.get("key", ""): tag.get("value", "") for tag in tags}
