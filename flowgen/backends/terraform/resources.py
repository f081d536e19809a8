"""Resources of a CloudFormation template as resources of Terraform's AWS provider."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flowgen.backends.terraform.provider_schema import Argument, schema_of
from flowgen.backends.terraform.resource_table import TABLE, VERSIONS, As, Name, Part, Replacement, Rule
from flowgen.backends.terraform.syntax import template
from flowgen.backends.terraform.values import (
    STACK_NAME,
    Values,
    condition_name,
    intrinsic,
    is_no_value,
    snake_case,
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
_DECLARE: Final = "declare it in Terraform, and pass its ARN or name as a parameter"

Arguments = dict[str, Any]


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
                self.values.problem(f"`{resource_type}` must belong to a resource of the stack", _DECLARE)
        elif (replacement := TABLE.get(resource_type)) is None:
            self.values.problem(f"`{resource_type}` is not a type that flowgen can write for Terraform", _DECLARE)
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
        block = _Block(self.values, self.written, self.logical_id, replacement.type, replacement.rules, properties)
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
            for number, item in enumerate(properties.get(source, ())):
                name = _numbered(self.logical_id, number)
                self._add(replacement.type, name, {argument: self.values.json(item), **body}, arguments)
            if not isinstance(properties.get(source), list):
                self.values.problem(f"`{source}` must be a list of resources for Terraform")
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
            block = _Block(self.values, self.written, own_name, part.type, part.rules, {})
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
            self.values.problem(f"`{resource_type}` needs `{'`, `'.join(missing)}`", _DECLARE)
        made = dict(body)
        if "Condition" in self.declared:
            made = {"count": f"${{local.{condition_name(self.declared['Condition'])} ? 1 : 0}}", **made}
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
        needed = [named] if isinstance(named, str) else list(named)
        first = dict.fromkeys(references(self.declared.get("Properties", {})))
        addresses: dict[str, None] = {}
        for name in needed:
            declared = self.values.source["Resources"][name]
            owner = self.values.published_by(declared) if declared["Type"] in VERSIONS else name
            if owner is not None and self.values.declared_type(owner) in TABLE:
                addresses[f"{TABLE[self.values.declared_type(owner)].type}.{owner}"] = None
        for name in first:
            replacement = TABLE.get(self.values.declared_type(name))
            properties = self.values.source["Resources"].get(name, {}).get("Properties", {})
            for source, part in () if replacement is None else replacement.parts.items():
                items = properties.get(source, []) if part.first else []
                for number in range(len(items) if isinstance(items, list) else 0):
                    addresses[f"{part.type}.{part_name(name, source, number)}"] = None
        yield from addresses

    def _is_published(self) -> bool:
        versions = (other for other in self.values.source["Resources"].values() if other["Type"] in VERSIONS)
        return any(self.values.published_by(version) == self.logical_id for version in versions)


@dataclass(frozen=True, slots=True)
class _Block:
    """The arguments of a resource or of a part of it. `name` is that of the resource, for its documents."""

    values: Values
    written: Written
    name: str
    resource_type: str
    rules: Mapping[str, Rule]
    properties: Mapping[str, Any]

    def arguments(self, value: Mapping[str, Any], arguments: Mapping[str, Argument], path: str = "") -> Arguments:
        made: Arguments = {}
        for name, inner in value.items():
            if not is_no_value(inner):
                made |= self._property(f"{path}.{name}" if path else name, inner, arguments)
        return made

    def _property(self, path: str, value: Any, arguments: Mapping[str, Argument]) -> Arguments:
        name = path.rpartition(".")[2]
        rule = self.rules.get(path, snake_case(name))
        match rule:
            case None:
                return {}
            case "":
                items = value if isinstance(value, list) else [value]
                made: Arguments = {}
                for item in items:
                    if not isinstance(item, dict) or intrinsic(item):
                        return self._unknown(path)
                    made |= self.arguments(item, arguments, path)
                return made
            case As(argument=argument, form=form):
                return self._in_form(form, argument, value)
            case str():
                if name == "Tags" and isinstance(value, list):
                    return {"tags": self._pairs(value, "Key")}
                argument_ = arguments.get(rule)
                return self._unknown(path) if argument_ is None else {rule: self._value(path, value, argument_)}
        raise AssertionError(rule)

    def _value(self, path: str, value: Any, argument: Argument) -> Any:
        if argument.kind != "block":
            plain = isinstance(value, dict) and not intrinsic(value) and argument.kind != "map"
            if plain or (isinstance(value, list) and not argument.many):
                self._unknown(path)
            return self.values.json(value)
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) and not intrinsic(item) for item in items):
            self._unknown(path)
            return None
        made = [self.arguments(item, argument.arguments, path) for item in items]
        for block in made:
            required = {name for name, inner in argument.arguments.items() if inner.required}
            if missing := sorted(required - block.keys()):
                self.values.problem(f"`{path}` needs `{'`, `'.join(missing)}` for Terraform", _DECLARE)
        return made if isinstance(value, list) else made[0]

    def _in_form(self, form: str, argument: str, value: Any) -> Arguments:
        match form:
            case "json":
                return {argument: self._document(argument, self.values.json(value))}
            case "definition":
                return {argument: self._document(argument, self._definition(value))}
            case "pairs":
                return {argument: self._pairs(value, "Name")}
            case "status":
                return {argument: {"status": self.values.json(value)}}
            case "keys":
                kinds = {"HASH": "hash_key", "RANGE": "range_key"}
                return {kinds[key["KeyType"]]: self.values.json(key["AttributeName"]) for key in value}
            case "responses":
                return {
                    argument: [
                        {"status_code": status, "mappings": self._mappings(response)}
                        for status, response in value.items()
                    ]
                }
            case "function":
                return self._function(argument, value)
        raise AssertionError(form)

    def _pairs(self, value: Sequence[Mapping[str, Any]], key: str) -> Arguments:
        return {template(self.values.parts(item[key])): self.values.json(item["Value"]) for item in value}

    def _mappings(self, response: Mapping[str, Any]) -> Arguments:
        return {
            template([item["Destination"]]): self.values.json(item["Source"]) for item in response["ResponseParameters"]
        }

    def _function(self, argument: str, value: Any) -> Arguments:
        match value:
            case {"Ref": str() as name} if self.values.declared_type(name) == "AWS::Lambda::Alias":
                function, alias = (self.values.attribute(name, key) for key in ("function_name", "name"))
                return {argument: template(function), "qualifier": template(alias)}
            case _:
                return {argument: self.values.json(value)}

    def _document(self, argument: str, content: Any) -> str:
        name = f"{self.name}_{argument}"
        self.written.documents[name] = content
        return f"${{jsonencode(local.{name})}}"

    def _definition(self, value: Any) -> Any:
        """A definition in which the provider inserts what CloudFormation's handler would, in keys and strings."""
        inserted = self.properties.get("DefinitionSubstitutions", {})
        match value:
            case str():
                return template(self._filled(value, inserted))
            case list():
                return [self._definition(item) for item in value]
            case dict():
                return {template(self._filled(key, inserted)): self._definition(item) for key, item in value.items()}
            case _:
                return value

    def _filled(self, text: str, inserted: Mapping[str, Any]) -> Iterator[Any]:
        at = 0
        for found in _PLACEHOLDER.finditer(text):
            if found[1] in inserted:
                yield text[at : found.start()]
                yield from self.values.parts(inserted[found[1]])
                at = found.end()
        yield text[at:]

    def _unknown(self, path: str) -> Arguments:
        self.values.problem(
            f"`{path}` has no counterpart in `{self.resource_type}` of Terraform",
            f"leave out `{path.partition('.')[0]}`, or deploy with CloudFormation",
            path,
        )
        return {}


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
