"""What the roles of a workflow's stack may do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowgen.pipeline.build import Build
from flowgen.pipeline.short_texts import short


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One action on one resource; `condition` is "" if there is none. A denied action starts with `deny `."""

    action: str
    resource: str
    condition: str = ""

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}{f' if {self.condition}' if self.condition else ''}"


def resources_of(build: Build) -> Mapping[str, Any]:
    """The resources of a workflow's template by logical ID. Empty if there can be no template."""
    from flowgen.pipeline.stacks import template

    text, _ = template((build,), "json")
    resources: Mapping[str, Any] = {} if text is None else json.loads(text)["Resources"]
    return resources


def permissions_of(resources: Mapping[str, Any]) -> Mapping[str, frozenset[Permission]]:
    """What each role of a template may do, by the logical ID of the role."""
    found: dict[str, set[Permission]] = {}
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"].get("Policies", ()):
                for statement in policy["PolicyDocument"]["Statement"]:
                    found.setdefault(name, set()).update(_statement(statement))
    return {name: frozenset(permissions) for name, permissions in found.items()}


def _statement(statement: Mapping[str, Any]) -> Iterator[Permission]:
    effect = "" if statement["Effect"] == "Allow" else "deny "
    condition = short(statement["Condition"]) if "Condition" in statement else ""
    for action in _listed(statement.get("Action", statement.get("NotAction"))):
        for resource in _listed(statement.get("Resource", "*")):
            yield Permission(f"{effect}{action}", _arn(resource), condition)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else (value,)


def _arn(value: Any) -> str:
    """An ARN as text: `!Ref A` is `A`, `!GetAtt A.Arn` is `A.Arn`."""
    match value:
        case str():
            return value
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": [*parts]}:
            return ".".join(map(str, parts))
        case {"Fn::Sub": str() as text}:
            return text
        case {"Fn::Join": [separator, [*parts]]}:
            return str(separator).join(map(_arn, parts))
        case _:
            return short(value)
