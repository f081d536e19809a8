"""Resources of a CloudFormation template as resources of Terraform's AWS provider."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flowgen.backends.terraform.blocks import DECLARE, Arguments, Block
from flowgen.backends.terraform.provider_schema import Argument, schema_of
from flowgen.backends.terraform.resource_table import TABLE, VERSIONS, Name, Part, Replacement
from flowgen.backends.terraform.syntax import template
from flowgen.backends.terraform.values import (
    STACK_NAME,
    Values,
    intrinsic,
    is_no_value,
)

MAX_STACK_NAME: Final = 23
"""Characters of the variable `stack_name`: a name that has a limit of 64 still has 40 for the resource."""

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_ATTRIBUTES: Final = (
    "Type",
    "Properties",
    "Condition",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
)
_KEPT: Final = ("Retain", "RetainExceptOnCreate", "Snapshot")


@dataclass(frozen=True, slots=True)
class Written:
    """Resources by type and name, and the documents that they encode, by the name of a local value."""

    resources: dict[str, dict[str, Arguments]] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)


def write(values: Values) -> Written:
    """All resources of the template. Problems go to `values`."""
    written = Written()
    for logical_id, declared in values.source["Resources"].items():
        values.place = ("Resources", logical_id)
        _Resource(values, written, logical_id, declared).write()
    return written


@dataclass(frozen=True, slots=True)
class _Resource:
    values: Values
    written: Written
    logical_id: str
    declared: Mapping[str, Any]

    def write(self) -> None:
        resource_type = self.declared["Type"]
        for key in self.declared.keys() - {*_ATTRIBUTES}:
            self.values.problem(f"`{key}` has no counterpart in Terraform", f"delete `{key}`", key)
        if resource_type in VERSIONS:
            if self.values.published_by(self.declared) is None:
                self.values.problem(f"`{resource_type}` must belong to a resource of the stack", DECLARE)
        elif (replacement := TABLE.get(resource_type)) is None:
            self.values.problem(f"`{resource_type}` is not a type that flowgen can write for Terraform", DECLARE)
        else:
            self._write(replacement)

    def _write(self, replacement: Replacement) -> None:
        properties = {
            name: value for name, value in self.declared.get("Properties", {}).items() if not is_no_value(value)
        }
        own = {
            name: value
            for name, value in properties.items()
            if name not in replacement.parts and name != (replacement.each or ("",))[0]
        }
        arguments = schema_of(replacement.type).arguments
        block = Block(
            self.values, self.written.documents, self.logical_id, replacement.type, replacement.rules, properties
        )
        body = block.arguments(own, arguments)
        body |= {argument: True for argument, needed in replacement.fixed.items() if needed in properties}
        if replacement.name is not None:
            body = {**_default_name(replacement.name, self.logical_id, properties, body), **body}
        if self._is_published():
            body["publish"] = True
        if replacement.each is None:
            self._add(replacement.type, self.logical_id, body, arguments)
        else:
            source, argument = replacement.each
            items = properties.get(source)
            for number, item in enumerate(items if isinstance(items, list) else ()):
                name = _numbered(self.logical_id, number)
                self._add(replacement.type, name, {argument: self.values.json(item), **body}, arguments)
            if not isinstance(items, list):
                self.values.problem(f"`{source}` must be a list for Terraform", property_=source)
        for name, part in replacement.parts.items():
            if name in properties:
                self._write_part(name, part, properties[name])

    def _write_part(self, name: str, part: Part, value: Any) -> None:
        items = value if isinstance(value, list) else [value]
        arguments = schema_of(part.type).arguments
        link = {
            argument: template(self.values.attribute(self.logical_id, attribute))
            for argument, attribute in part.link.items()
        }
        for number, item in enumerate(items):
            own_name = part_name(self.logical_id, name, number)
            block = Block(self.values, self.written.documents, own_name, part.type, part.rules, {})
            if part.item is not None:
                body = {part.item: self.values.json(item)}
            elif isinstance(item, dict) and not intrinsic(item):
                body = block.arguments(item, arguments)
            else:
                self.values.problem(f"`{name}` must be written out for Terraform, not a function of CloudFormation")
                continue
            self._add(part.type, own_name, {**link, **body}, arguments, is_part=True)

    def _add(
        self,
        resource_type: str,
        name: str,
        body: Arguments,
        arguments: Mapping[str, Argument],
        *,
        is_part: bool = False,
    ) -> None:
        missing = sorted(key for key, argument in arguments.items() if argument.required and key not in body)
        known = any(problem.name == self.logical_id for problem in self.values.problems)
        if missing and not known:
            self.values.problem(f"`{resource_type}` needs `{'`, `'.join(missing)}`", DECLARE)
        made = dict(body)
        if "Condition" in self.declared:
            made = {"count": f"${{{self.values.named_condition(self.declared['Condition'])} ? 1 : 0}}", **made}
        if not is_part:
            if waits := list(self._waits_for()):
                made["depends_on"] = waits
            if self.declared.get("DeletionPolicy") in _KEPT:
                made["lifecycle"] = {"prevent_destroy": True}
        self.written.resources.setdefault(resource_type, {})[name] = made

    def _waits_for(self) -> Iterator[str]:
        """The addresses of what must exist first: `DependsOn`, and the permissions of roles.

        CloudFormation creates a role with its policies, and services check them when they get the role.
        """
        named = self.declared.get("DependsOn", ())
        resources = self.values.source["Resources"]
        needed = [name for name in ([named] if isinstance(named, str) else named) if name in resources]
        first = dict.fromkeys(references(self.declared.get("Properties", {})))
        addresses: dict[str, None] = {}
        for name in needed:
            declared = resources[name]
            owner = self.values.published_by(declared) if declared["Type"] in VERSIONS else name
            if owner is not None and self.values.declared_type(owner) in TABLE:
                addresses[f"{TABLE[self.values.declared_type(owner)].type}.{owner}"] = None
        for name in first:
            replacement = TABLE.get(self.values.declared_type(name))
            properties = resources.get(name, {}).get("Properties", {})
            for source, part in () if replacement is None else replacement.parts.items():
                items = properties.get(source, []) if part.first else []
                for number in range(len(items) if isinstance(items, list) else 0):
                    addresses[f"{part.type}.{part_name(name, source, number)}"] = None
        yield from addresses

    def _is_published(self) -> bool:
        versions = (other for other in self.values.source["Resources"].values() if other["Type"] in VERSIONS)
        return any(self.values.published_by(version) == self.logical_id for version in versions)


def references(value: Any) -> Iterator[str]:
    """The resources and parameters that `Ref`, `GetAtt` and `Sub` in a value name."""
    match value:
        case {"Ref": str() as name} if len(value) == 1:
            yield name
        case {"Fn::GetAtt": [str() as name, *_]}:
            yield name
        case {"Fn::GetAtt": str() as name}:
            yield name.partition(".")[0]
        case {"Fn::Sub": str() as text}:
            yield from (found.partition(".")[0] for found in _PLACEHOLDER.findall(text))
        case {"Fn::Sub": [str() as text, own]}:
            yield from (found.partition(".")[0] for found in _PLACEHOLDER.findall(text))
            yield from references(own)
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def part_name(logical_id: str, name: str, number: int) -> str:
    """The name of a part of a resource."""
    return _numbered(f"{logical_id}_{name}", number)


def _numbered(name: str, number: int) -> str:
    return name if number == 0 else f"{name}_{number + 1}"


def _default_name(name: Name, logical_id: str, properties: Mapping[str, Any], body: Arguments) -> Arguments:
    """The name that a resource gets, unless it has one: that of the stack and its own, or the start of a name."""
    if name.argument in body:
        return {}
    if name.prefix is not None:
        return {name.prefix: f"${{lower(var.{STACK_NAME})}}-"}
    longest = name.limit - MAX_STACK_NAME - 1
    fifo = ".fifo" if str(properties.get("FifoQueue", properties.get("FifoTopic", ""))).lower() == "true" else ""
    own = logical_id
    if len(own) + len(fifo) > longest:
        digest = hashlib.sha256(json.dumps(own).encode()).hexdigest()[:8]
        own = f"{own[: longest - len(fifo) - 9]}-{digest}"
    return {name.argument: f"${{var.{STACK_NAME}}}-{own}{fifo}"}
