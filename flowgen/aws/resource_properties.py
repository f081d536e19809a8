"""The properties of CloudFormation resources by type, read on demand, and what is wrong with a value for one.

The types that flowgen generates have whole schemas, without descriptions. All other types have only the names of their
properties. To update the data from the resource schemas of the installed cfn-lint, run
`python -m flowgen.aws.resource_properties` in the project's folder.
Source: CloudFormation user guide, "Resource and property types reference".
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

_WITH_SNAPSHOTS: Final = frozenset({
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
})  # fmt: skip
"""CloudFormation template reference, "DeletionPolicy attribute": resources that support snapshots."""

_DATA = files("flowgen.aws").joinpath("data/resource_properties.json.gz")
_GENERATED: Final = (
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::Pipes::Pipe",
    "AWS::SNS::Subscription",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::StepFunctions::Activity",
    "AWS::StepFunctions::StateMachine",
    "AWS::StepFunctions::StateMachineAlias",
    "AWS::StepFunctions::StateMachineVersion",
)
"""The types with whole schemas. A test compares them with the resources of all examples and cases."""
_ARN: Final = "^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*(aws)?:."
_ARNS = re.compile(r"Arns?$|^PermissionsBoundary$|^(Alarm|OK|InsufficientData)Actions$")
_KEPT: Final = frozenset(
    [
        "$ref",
        "additionalProperties",
        "enum",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "pattern",
        "patternProperties",
        "properties",
        "required",
        "type",
    ]
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a path of names and list indexes in a property's value.

    `known` has the names that are allowed there, if the last name of the path is unknown.
    """

    path: tuple[str | int, ...]
    message: str
    known: tuple[str, ...] | None = None


def properties_of(resource_type: str) -> frozenset[str] | None:
    """The names of the properties that can be set; None for an unknown type."""
    found = _data().get(resource_type)
    return None if found is None else frozenset(found["properties"])


def retention_policies(resource_type: str, attribute: str) -> tuple[str, ...]:
    """The values of `DeletionPolicy` or `UpdateReplacePolicy` (template reference, articles of these names)."""
    created = ("RetainExceptOnCreate",) if attribute == "DeletionPolicy" else ()
    return ("Delete", "Retain", *created, *(("Snapshot",) if resource_type in _WITH_SNAPSHOTS else ()))


def problems(resource_type: str, name: str, value: Any) -> Iterator[Problem]:
    """What CloudFormation would reject in the value of a property; nothing for an unknown type.

    An intrinsic function is accepted everywhere. Scalars are as lenient as CloudFormation: `"5"` is a number.
    """
    schema = _data().get(resource_type)
    if schema is None:
        return
    known = schema["properties"]
    if name not in known:
        yield Problem((name,), f"`{resource_type}` has no property `{name}`", tuple(sorted(known)))
    else:
        yield from _problems(schema, known[name], value, (name,))


def required_of(resource_type: str) -> frozenset[str]:
    """The properties that a resource must have."""
    return frozenset(_data().get(resource_type, {}).get("required", ()))


def _problems(root: Schema, schema: Schema, value: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    if _is_intrinsic(value):
        return
    kinds = _listed(schema.get("type", ()))
    kind = next((kind for kind in kinds if _is(kind, value)), None)
    if kinds and kind is None:
        expected = " or ".join(_KINDS[kind] for kind in kinds)
        yield Problem(path, f"`{_shown(path)}` must be {expected}, not {_kind(value)}")
        return
    match value:
        case dict():
            yield from _object_problems(root, schema, value, path)
        case list():
            bounds = _bounds(schema, "minItems", "maxItems", len(value), "items")
            yield from (Problem(path, f"`{_shown(path)}` {bound}") for bound in bounds)
            for index, item in enumerate(value):
                yield from _problems(root, schema.get("items", {}), item, (*path, index))
        case _:
            yield from (Problem(path, f"`{_shown(path)}` {problem}") for problem in _scalar_problems(schema, value))


def _object_problems(
    root: Schema, schema: Schema, value: Mapping[str, Any], path: tuple[str | int, ...]
) -> Iterator[Problem]:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, inner in value.items():
        if name in known:
            yield from _problems(root, known[name], inner, (*path, name))
        elif (
            matching := next((one for pattern, one in patterns.items() if re.search(pattern, name)), None)
        ) is not None:
            yield from _problems(root, matching, inner, (*path, name))
        elif schema.get("additionalProperties", True) is False and (known or patterns):
            if known:
                yield Problem((*path, name), f"`{_shown(path)}` has no property `{name}`", tuple(sorted(known)))
            else:
                rule = " or ".join(f"`{pattern}`" for pattern in patterns)
                yield Problem(path, f"the name `{name}` in `{_shown(path)}` must match {rule}")
    for name in schema.get("required", ()):
        if name not in value:
            yield Problem(path, f"`{_shown(path)}` needs the property `{name}`")


def _scalar_problems(schema: Schema, value: Any) -> Iterator[str]:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "enum" in schema and text not in map(str, schema["enum"]) and value not in schema["enum"]:
        yield f"must be {' or '.join(f'`{one}`' for one in schema['enum'][:_MOST_SHOWN])}, not `{text}`"
        return
    kinds = _listed(schema.get("type", ()))
    if {"integer", "number"} & {*kinds} and "string" not in kinds:
        yield from _bounds(schema, "minimum", "maximum", float(text), "")
    if "string" in kinds and not text.startswith("{{resolve:"):
        if _matches(schema.get("pattern"), text):
            yield from _bounds(schema, "minLength", "maxLength", len(text), "characters")
        else:
            yield f"must be an ARN, not `{text}`" if schema["pattern"] == _ARN else f"must match `{schema['pattern']}`"


_MOST_SHOWN: Final = 12
_LONGEST: Final = 512
"""Longer values are not matched with patterns, some of which take quadratic time."""


def _matches(pattern: str | None, text: str) -> bool:
    """Whether a pattern is in a string. A pattern that only Java supports is left to CloudFormation."""
    if pattern is None or len(text) > _LONGEST:
        return True
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True


def _bounds(schema: Schema, least: str, most: str, size: float, unit: str) -> Iterator[str]:
    verb = "must have" if unit else "must be"
    if least in schema and size < schema[least]:
        yield f"{verb} at least {schema[least]:,} {unit}".rstrip()
    if most in schema and size > schema[most]:
        yield f"{verb} at most {schema[most]:,} {unit}".rstrip()


_KINDS: Final = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "a string",
}
_WHOLE = re.compile(r"[-+]?\d{1,40}")
_NUMBER = re.compile(r"[-+]?\d{1,40}(\.\d{1,40})?([eE][-+]?\d{1,2})?")


def _is(kind: str, value: Any) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "integer" | "number":
            pattern = _WHOLE if kind == "integer" else _NUMBER
            return not isinstance(value, bool | list | dict) and pattern.fullmatch(str(value)) is not None
        case _:
            return isinstance(value, str | bool | int | float)


def _kind(value: Any) -> str:
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case None:
            return "null"
        case _:
            return f"`{value}`"


def _listed(kinds: Any) -> tuple[str, ...]:
    return (kinds,) if isinstance(kinds, str) else tuple(kinds)


def _shown(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))


def _is_intrinsic(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).partition("::")[0] in ("Ref", "Fn")


@cache
def _data() -> Mapping[str, Any]:
    content: dict[str, Any] = json.loads(gzip.decompress(_DATA.read_bytes()))
    return content


def _kept(schema: Any, *, named: bool = False) -> Any:
    """A schema without descriptions and combinations; `named` if its keys are names of properties."""
    match schema:
        case dict() if named:
            return {name: _with_arns(name, _kept(inner)) for name, inner in schema.items()}
        case dict():
            inner = ("properties", "patternProperties")
            return {key: _kept(value, named=key in inner) for key, value in schema.items() if key in _KEPT}
        case list():
            return [_kept(item) for item in schema]
        case _:
            return schema


def _with_arns(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a property that must be an ARN, or a list of ARNs, which AWS's schemas leave to the name."""
    if not _ARNS.search(name):
        return schema
    if isinstance(schema.get("items"), dict):
        return {**schema, "items": {"pattern": _ARN, **schema["items"]}}
    return {"pattern": _ARN, **schema} if schema.get("type") == "string" else schema


def _schema(resource_type: str, written: Mapping[str, Any]) -> Schema:
    parts = (pointer.split("/") for pointer in written.get("readOnlyProperties", ()))
    read_only = {path[2] for path in parts if len(path) == len(("", "properties", "name"))}
    names = sorted(name for name in written["properties"] if name not in read_only)
    if resource_type not in _GENERATED:
        return {"properties": {name: {} for name in names}}
    made = _kept(written)
    definitions = _kept(written.get("definitions", {}), named=True)
    return {**made, "properties": {name: made["properties"][name] for name in names}, "definitions": definitions}


def main() -> None:
    """Writes the data from cfn-lint's schemas."""
    manager = import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    found = {
        resource_type: _schema(resource_type, manager.get_resource_schema("us-east-1", resource_type).schema)
        for resource_type in sorted(manager.get_resource_types("us-east-1"))
    }
    text = json.dumps(found, separators=(",", ":"), sort_keys=True)
    Path(str(_DATA)).write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    main()
