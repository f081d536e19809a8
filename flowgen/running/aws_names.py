"""Maps Step Functions' names of AWS services to botocore's."""

from __future__ import annotations

from collections.abc import Iterable

from flowgen.aws.sdk_actions import sdk_services

_OTHERS = {"apigateway": None, "bedrock": "bedrock-runtime"}
"""Integrations whose API has a different name; None if the integration is not an API call."""


def botocore_service(service: str, available: Iterable[str]) -> str | None:
    """Botocore's name of a service, such as `stepfunctions` for `aws-sdk:sfn`; None if there is none."""
    if service in _OTHERS:
        return _OTHERS[service]
    name = service.removeprefix("aws-sdk:").lower()
    aliases = sdk_services().aliases
    known = aliases.get(name, name)
    there = set(available)
    return next(
        (
            spelling
            for spelling in (name, known, *aliases)
            if spelling in there and aliases.get(spelling, spelling) == known
        ),
        None,
    )
