"""AWS's models of its APIs from botocore, read as data on demand, one service at a time.

botocore is optional (the extra `aws`). flowgen does not import it, which would take a third of a second.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flowgen.aws.sdk_actions import sdk_services

Shape = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Api:
    """The model of a service: botocore's name for it, its operations (`ListObjectsV2`) and their shapes.

    `service_id` is its name in AWS's SDKs, such as `Secrets Manager`.
    """

    name: str
    operations: Mapping[str, Shape]
    shapes: Mapping[str, Shape]
    service_id: str = ""

    def operation(self, action: str) -> Shape | None:
        """The operation for an action as Step Functions spells it: `listObjectsV2`."""
        return self.operations.get(action[:1].upper() + action[1:])


@cache
def api_of(service: str) -> Api | None:
    """The model of a service by its name in a Resource (`dynamodb`, `sfn`); None without botocore or a model."""
    folder = _data_folder()
    if folder is None:
        return None
    aliases = sdk_services().aliases
    known = aliases.get(service, service)
    names = [service, known, *sorted(alias for alias, name in aliases.items() if name == known)]
    for name in dict.fromkeys(names):
        versions = sorted((folder / name).glob("*/service-2.json.gz"))
        if versions:
            model = json.loads(gzip.decompress(versions[-1].read_bytes()))
            operations, shapes = MappingProxyType(model["operations"]), MappingProxyType(model["shapes"])
            return Api(name, operations, shapes, str(model["metadata"]["serviceId"]))
    return None


def has_models() -> bool:
    """Whether botocore's models are installed."""
    return _data_folder() is not None


@cache
def _data_folder() -> Path | None:
    spec = find_spec("botocore")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "data"
