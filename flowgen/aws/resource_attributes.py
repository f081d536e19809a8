"""The attributes of `!GetAtt` by resource type: names only, read on demand.

To update the data from the resource schemas of the installed cfn-lint, run `python -m flowgen.aws.resource_attributes`
in the project's folder. Source: CloudFormation user guide, "Resource and property types reference".
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

_DATA = files("flowgen.aws").joinpath("data/resource_attributes.txt.gz")


def attributes_of(resource_type: str) -> frozenset[str] | None:
    """The attributes of a resource type; None if the type is unknown or can have any attribute."""
    return _attributes().get(resource_type)


@cache
def _attributes() -> Mapping[str, frozenset[str]]:
    found = {}
    for line in gzip.decompress(_DATA.read_bytes()).decode("utf-8").splitlines():
        resource_type, *names = line.split(" ")
        found[resource_type] = frozenset(names)
    return MappingProxyType(found)


def main() -> None:
    """Writes the data from cfn-lint's schemas, without types whose attributes are patterns."""
    schemas = import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    lines = []
    for resource_type in sorted(schemas.get_resource_types("us-east-1")):
        names = sorted(schemas.get_resource_schema("us-east-1", resource_type).get_atts)
        if not any("*" in name or "\\" in name for name in names):
            lines.append(" ".join((resource_type, *names)))
    Path(str(_DATA)).write_bytes(gzip.compress("\n".join(lines).encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    main()
