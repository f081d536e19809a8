"""Calls of single services to emulators, such as `sam local start-lambda` for Lambda."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowgen.local import Task
from flowgen.local.integrations import parse_service
from flowgen.local.runtime_types import Request
from flowgen.running.aws import Aws
from flowgen.running.aws_names import botocore_service

PREFIX = "AWS_ENDPOINT_URL_"
"""The environment variables of the AWS SDKs: this, and the service's id, as in AWS_ENDPOINT_URL_LAMBDA."""

STEP_FUNCTIONS = "SFN"


def from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The endpoints by service id. That of Step Functions is left out: clients use it to reach this server."""
    urls = {name.removeprefix(PREFIX): url for name, url in environment.items() if name.startswith(PREFIX) and url}
    return {service: url for service, url in urls.items() if service != STEP_FUNCTIONS}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What answers the calls of these services: a connection for each service id, such as LAMBDA."""

    connections: Mapping[str, Aws]
    _ids: dict[str, str | None] = field(default_factory=dict)

    def answer(self, request: Request) -> Task | None:
        """The callable for a request, or None if its service has no endpoint here."""
        service = parse_service(request.resource)
        if service is None:
            found = "LAMBDA" if ":function:" in request.resource else None
        elif service.is_invocation:
            found = "LAMBDA"
        else:
            found = self._id(service.type)
        connection = None if found is None else self.connections.get(found)
        return None if connection is None else connection.answer(request)

    def _id(self, service: str) -> str | None:
        """The id of a service by its name in the definition, such as DYNAMODB for `dynamodb`."""
        if service not in self._ids:
            self._ids[service] = self._looked_up(service)
        return self._ids[service]

    def _looked_up(self, service: str) -> str | None:
        import botocore.session

        session = botocore.session.get_session()
        name = botocore_service(service, session.get_available_services())
        if name is None:
            return None
        service_id: str = session.get_service_model(name).service_id
        return service_id.upper().replace(" ", "_").replace("-", "_")
