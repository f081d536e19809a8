"""The services and actions of Step Functions' AWS SDK integrations: names only, read on demand.

To update the data from the API models of the installed botocore, run `python -m flowgen.aws.sdk_actions` in the
project's folder. Source of the naming rules: developer guide, "Learning to use AWS service SDK integrations".
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

_DATA = files("flowgen.aws").joinpath("data/sdk_actions.txt.gz")

_ENDED = (
    "alexaforbusiness apptest codestar elasticinference elastictranscoder evidently finspace finspacedata "
    "honeycode iot1clickprojects iotanalytics iotevents ioteventsdata iotfleethub lookoutmetrics "
    "lookoutvision macie mobile opsworks opsworkscm panorama privatenetworks qldb qldbsession robomaker "
    "simspaceweaver sms tnb"
)
ENDED = frozenset(_ENDED.split())
"""Services on AWS's list of SDK integrations that AWS has shut down: botocore no longer has a model of them."""


@dataclass(frozen=True, slots=True)
class Services:
    """`actions` has each service's actions; `aliases` has other names of services, such as their endpoints'."""

    actions: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, str]


@cache
def sdk_services() -> Services:
    """All services: `{"sfn": ("createActivity", …), …}`, and `{"states": "sfn", …}`."""
    actions: dict[str, tuple[str, ...]] = {}
    aliases: dict[str, str] = {}
    for line in gzip.decompress(_DATA.read_bytes()).decode("utf-8").splitlines():
        names, *found = line.split(" ")
        service, *others = names.split(",")
        actions[service] = tuple(found)
        aliases |= {other: aliases.get(other, service) for other in others}
    other_names = {alias: service for alias, service in aliases.items() if alias not in actions}
    return Services(MappingProxyType(actions), MappingProxyType(other_names))


def service_name(service_id: str) -> str:
    """The name of a service in a Resource, given the `serviceId` of its API model.

    >>> service_name("Cognito Identity Provider"), service_name("Database Migration Service")
    ('cognitoidentityprovider', 'databasemigration')
    """
    return _joined(service_id).removesuffix("service")


def _joined(service_id: str) -> str:
    return service_id.lower().replace(" ", "").replace("-", "")


def _line(folder: str, model: dict[str, Any]) -> str:
    metadata, operations = model["metadata"], model["operations"]
    name = service_name(metadata["serviceId"])
    others = sorted({folder, metadata["endpointPrefix"], _joined(metadata["serviceId"])} - {name})
    actions = (
        operation[0].lower() + operation[1:]
        for operation, content in sorted(operations.items())
        if not _streams(model, content)
    )
    return " ".join((",".join((name, *others)), *actions))


def _streams(model: dict[str, Any], operation: dict[str, Any]) -> bool:
    """Whether the operation streams events, which Step Functions does not support."""
    shapes = [operation[end]["shape"] for end in ("input", "output") if end in operation]
    return any(
        model["shapes"][member["shape"]].get("eventstream", False)
        for shape in shapes
        for member in model["shapes"][shape].get("members", {}).values()
    )


def _models() -> Path:
    spec = find_spec("botocore")
    if spec is None or spec.origin is None:
        raise SystemExit("botocore is not installed")
    return Path(spec.origin).parent / "data"


def main() -> None:
    """Writes the data from the latest model of each service."""
    lines = []
    for folder in sorted(path for path in _models().iterdir() if path.is_dir()):
        versions = sorted(folder.glob("*/service-2.json.gz"))
        if versions:
            lines.append(_line(folder.name, json.loads(gzip.decompress(versions[-1].read_bytes()))))
    Path(str(_DATA)).write_bytes(gzip.compress("\n".join(sorted(lines)).encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    main()
