"""The arguments and attributes of the resource types of Terraform's AWS provider that flowgen writes.

To update the data, run `npm pack @cdktn/provider-aws`, unpack the archive, and run
`python -m flowgen.backends.terraform.provider_schema package` in the project's folder. The package is generated from
the provider's own schema (`terraform providers schema -json`); `PROVIDER` is the version of the provider in its
`package.json`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

PROVIDER: Final = "6.66.0"
"""The version of the provider that the data describes."""

_DATA = files("flowgen.backends.terraform").joinpath("provider_schema.json")


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a resource or block: a value, or a block or object that has arguments.

    `many` is true for lists, sets and repeated blocks. `kind` is `string`, `number`, `bool`, `map` or `block`.
    """

    kind: str
    many: bool
    required: bool
    arguments: Mapping[str, Argument]


@dataclass(frozen=True, slots=True)
class ResourceSchema:
    """What a resource accepts, and the names of all its attributes, which expressions can read."""

    arguments: Mapping[str, Argument]
    attributes: frozenset[str]


@cache
def schema_of(resource_type: str) -> ResourceSchema:
    """The schema of a resource type, such as `aws_sqs_queue`. Raises KeyError for a type that flowgen never writes."""
    found = _data()[resource_type]
    arguments = {name: _argument(content) for name, content in found["arguments"].items()}
    return ResourceSchema(arguments, frozenset((*arguments, *found["computed"])))


def known_types() -> frozenset[str]:
    """The resource types that the data describes."""
    return frozenset(_data())


def _argument(content: Any) -> Argument:
    if isinstance(content, str):
        return Argument(content.strip("!*"), "*" in content, "!" in content, {})
    nested = {name: _argument(inner) for name, inner in content.items() if name}
    return Argument("block", "*" in content[""], "!" in content[""], nested)


@cache
def _data() -> Mapping[str, Any]:
    content: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return content


_MEMBER = re.compile(r"/\*\*((?:(?!\*/).)*)\*/\s*readonly (\w+)(\??): ([^;]+);", re.DOTALL)
_INTERFACE = re.compile(r"export interface (\w+)(?: extends [^{]+)? \{\n(.*?)\n\}", re.DOTALL)
_ARGUMENT_NAME = re.compile(r"#(\w+) \w+#\w+\}")
_COMPUTED = re.compile(r"return (?:cdktn\.Fn\.\w+\()?this\.get\w+Attribute\('(\w+)'\)")


def read_package(package: Path, resource_types: Iterator[str]) -> dict[str, Any]:
    """The data of resource types from an unpacked `@cdktn/provider-aws`.

    Each argument is its type with `!` if it is required and `*` if it is a list or set; a block has these marks under
    the empty key. Raises OSError for a missing file, and StopIteration for a package in another form.
    """
    return {resource_type: _read(package, resource_type) for resource_type in sorted(resource_types)}


def _read(package: Path, resource_type: str) -> dict[str, Any]:
    folder = package / "lib" / resource_type.removeprefix("aws_").replace("_", "-")
    types = (folder / "index.d.ts").read_text(encoding="utf-8")
    interfaces = dict(_INTERFACE.findall(types))
    config = next(name for name in interfaces if f"interface {name} extends cdktn.TerraformMetaArguments" in types)
    script = (folder / "index.js").read_text(encoding="utf-8")
    own = script[script.rindex(f"class {config.removesuffix('Config')} extends") :]
    arguments = _members(config, interfaces, ())
    return {"arguments": arguments, "computed": [*sorted({*_COMPUTED.findall(own)} - arguments.keys() - {"id"}), "id"]}


def _members(name: str, interfaces: Mapping[str, str], outer: tuple[str, ...]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for documentation, _, optional, written in _MEMBER.findall(interfaces[name]):
        found = _ARGUMENT_NAME.search(documentation)
        if found is None or found[1] in ("id", "timeouts"):
            continue
        kind = written.replace(" | cdktn.IResolvable", "").strip()
        base = kind.removesuffix("[]")
        marks = ("" if optional else "!") + ("*" if kind.endswith("[]") else "")
        if base in interfaces and base not in outer:
            members[found[1]] = {"": marks, **_members(base, interfaces, (*outer, base))}
        else:
            members[found[1]] = _kind(base) + marks
    return dict(sorted(members.items()))


def _kind(written: str) -> str:
    if written.startswith("{"):
        return "map"
    return {"number": "number", "boolean": "bool"}.get(written, "string")


def main() -> None:
    """Writes the data from an unpacked package."""
    from flowgen.backends.terraform.resource_table import resource_types

    made = read_package(Path(sys.argv[1]), iter(resource_types()))
    Path(str(_DATA)).write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
