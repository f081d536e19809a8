"""Actions on versions and aliases of state machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowgen.serving.api_errors import ApiError, invalid_arn
from flowgen.serving.arns import check_arn
from flowgen.serving.machine_actions import machine_of
from flowgen.serving.pages import page
from flowgen.serving.service import Service
from flowgen.serving.versions import MOST_ALIASES, Alias, check_alias_name

Request = Mapping[str, Any]
Response = dict[str, Any]

_ALL = 100
"""What the weights of an alias add up to."""


async def publish_version(service: Service, request: Request) -> Response:
    """Idempotent for the same revision (API reference)."""
    machine = machine_of(service, request["stateMachineArn"])
    revision = request.get("revisionId")
    if revision not in {None, machine.revision}:
        raise ApiError(
            "ConflictException",
            f"Failed to publish the State Machine version for revision {revision}. "
            f"The current State Machine revision is {machine.revision}.",
        )
    version = service.versions.publish(machine, request.get("description"), service.settings.now())
    return {"creationDate": version.created.timestamp(), "stateMachineVersionArn": version.arn}


async def list_versions(service: Service, request: Request) -> Response:
    """The versions of a machine, the latest first."""
    arn = request["stateMachineArn"]
    check_arn(arn, "stateMachine")
    if arn not in service.machines:
        raise invalid_arn(arn)
    shown, more = page(list(service.versions.of(arn)), request, f"versions {arn}")
    listed = [{"stateMachineVersionArn": version.arn, "creationDate": version.created.timestamp()} for version in shown]
    return {"stateMachineVersions": listed, **more}


async def delete_version(service: Service, request: Request) -> Response:
    """Executions of the version continue. Deleting a missing version succeeds, as on AWS."""
    arn = request["stateMachineVersionArn"]
    check_arn(arn, "stateMachine")
    if arn in service.versions.versions:
        used = [alias.name for alias in service.versions.aliases_of(arn)]
        if used:
            raise ApiError(
                "ConflictException",
                "Version to be deleted must not be referenced by an alias. "
                f"Current list of aliases referencing this version: [{', '.join(used)}]",
            )
        del service.versions.versions[arn]
    return {}


async def create_alias(service: Service, request: Request) -> Response:
    """Idempotent for the same name, description and routing (API reference)."""
    name = request["name"]
    check_alias_name(name)
    machine_arn, routing = _routing(service, request["routingConfiguration"])
    arn, now = f"{machine_arn}:{name}", service.settings.now()
    made = Alias(arn, name, request.get("description"), routing, now, now)
    before = service.versions.aliases.get(arn)
    if before is None:
        if sum(alias.machine_arn == machine_arn for alias in service.versions.aliases.values()) >= MOST_ALIASES:
            raise ApiError("ServiceQuotaExceededException", f"A state machine can have at most {MOST_ALIASES} aliases")
        service.versions.aliases[arn] = before = made
    elif (before.description, before.routing) != (made.description, made.routing):
        raise ApiError(
            "ConflictException",
            "Failed to create alias because an alias with the same name and a different routing configuration "
            "already exists.",
        )
    return {"stateMachineAliasArn": arn, "creationDate": before.created.timestamp()}


def _routing(service: Service, items: list[dict[str, Any]]) -> tuple[str, tuple[tuple[str, int], ...]]:
    """The ARN of the machine, and the versions with their weights. Raises `ApiError`."""
    arns = [item["stateMachineVersionArn"] for item in items]
    weights = [item["weight"] for item in items]
    received = f"Received: [{', '.join(arns)}]"
    for arn in arns:
        check_arn(arn, "stateMachine")
    if len(set(arns)) < len(arns):
        raise _invalid(f"Routing configuration must contain distinct state machine version ARNs. {received}")
    if sum(weights) != _ALL:
        raise _invalid(f"Sum of routing configuration weights must equal {_ALL}. Received: {weights}")
    versions = [service.versions.versions.get(arn) for arn in arns]
    machines = {None if version is None else version.machine.arn for version in versions}
    machine = machines.pop()
    if machine is None or None in machines:
        raise _invalid(f"Routing configuration must contain state machine version ARNs. {received}")
    if machines:
        raise _invalid(f"Routing configuration must contain versions of one state machine. {received}")
    return machine, tuple(zip(arns, weights, strict=True))


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


async def update_alias(service: Service, request: Request) -> Response:
    before = _alias(service, request)
    description, items = request.get("description"), request.get("routingConfiguration")
    if description is None and items is None:
        raise _invalid("Either the description or the RoutingConfiguration must be specified")
    made = replace(before, updated=service.settings.now())
    if description is not None:
        made = replace(made, description=description)
    if items is not None:
        machine_arn, routing = _routing(service, items)
        if machine_arn != before.machine_arn:
            raise _invalid(f"Routing configuration must contain versions of '{before.machine_arn}'")
        made = replace(made, routing=routing)
    service.versions.aliases[made.arn] = made
    return {"updateDate": made.updated.timestamp()}


async def describe_alias(service: Service, request: Request) -> Response:
    alias = _alias(service, request)
    described = {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        "description": alias.description,
        "routingConfiguration": [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in alias.routing],
        "creationDate": alias.created.timestamp(),
        "updateDate": alias.updated.timestamp(),
    }
    return {name: value for name, value in described.items() if value is not None}


async def delete_alias(service: Service, request: Request) -> Response:
    del service.versions.aliases[_alias(service, request).arn]
    return {}


async def list_aliases(service: Service, request: Request) -> Response:
    """The aliases of a machine, or those that refer to a version."""
    arn = request["stateMachineArn"]
    if arn not in service.versions.versions:
        machine_of(service, arn)
    shown, more = page(list(service.versions.aliases_of(arn)), request, f"aliases {arn}")
    listed = [{"stateMachineAliasArn": alias.arn, "creationDate": alias.created.timestamp()} for alias in shown]
    return {"stateMachineAliases": listed, **more}


def _alias(service: Service, request: Request) -> Alias:
    arn = request["stateMachineAliasArn"]
    check_arn(arn, "stateMachine")
    found = service.versions.aliases.get(arn)
    if found is None:
        raise ApiError("ResourceNotFound", "Request references a resource that does not exist.")
    return found
