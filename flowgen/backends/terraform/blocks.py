"""Properties of a CloudFormation resource as arguments and blocks of a resource of Terraform's provider."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from flowgen.backends.terraform.provider_schema import Argument
from flowgen.backends.terraform.resource_table import As, Rule
from flowgen.backends.terraform.syntax import Part, template
from flowgen.backends.terraform.values import Values, intrinsic, is_no_value, snake_case

DECLARE: Final = "declare it in Terraform, and pass its ARN or name as a parameter"

Arguments: TypeAlias = dict[str, Any]
"""The arguments of a resource or block in JSON syntax."""

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_HELP: Final = {"DeploymentPreference": "delete `deployment`: Terraform cannot move executions step by step"}
"""What to do about properties that a workflow sets under a different name."""
_KEYS: Final = {"HASH": "hash_key", "RANGE": "range_key"}


@dataclass(frozen=True, slots=True)
class Block:
    """The arguments of a resource or of a part of it.

    `name` is that of the resource; local values with the `documents` that it encodes start with it. `properties` are
    those of the CloudFormation resource.
    """

    values: Values
    documents: dict[str, Any]
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
            case As():
                return self._in_form(path, rule, value)
            case str():
                if path == "Tags" and isinstance(value, list) and _have(value, "Key", "Value"):
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
        fits = argument.many or len(items) == 1
        if not fits or not all(isinstance(item, dict) and not intrinsic(item) for item in items):
            self._unknown(path)
            return None
        made = [self.arguments(item, argument.arguments, path) for item in items]
        for block in made:
            required = {name for name, inner in argument.arguments.items() if inner.required}
            if missing := sorted(required - block.keys()):
                self.values.problem(f"`{path}` needs `{'`, `'.join(missing)}` for Terraform", DECLARE)
        return made if isinstance(value, list) else made[0]

    def _in_form(self, path: str, rule: As, value: Any) -> Arguments:
        argument = rule.argument
        match rule.form, value:
            case "json", _:
                return {argument: self._document(argument, self.values.json(value))}
            case "definition", _:
                return {argument: self._document(argument, self._definition(value))}
            case "status", _:
                return {argument: {"status": self.values.json(value)}}
            case "function", _:
                return self._function(argument, value)
            case "pairs", [*items] if _have(items, "Name", "Value"):
                return {argument: self._pairs(items, "Name")}
            case "keys", [*items] if all(key in _KEYS for key in _each(items, "KeyType")):
                return {_KEYS[key["KeyType"]]: self.values.json(key.get("AttributeName")) for key in items}
            case "responses", dict() if not intrinsic(value) and all(map(_is_response, value.values())):
                answers = value.items()
                return {argument: [{"status_code": status, "mappings": self._mappings(one)} for status, one in answers]}
            case _:
                return self._unknown(path)

    def _pairs(self, items: Sequence[Mapping[str, Any]], key: str) -> Arguments:
        return {template(self.values.parts(item[key])): self.values.json(item["Value"]) for item in items}

    def _mappings(self, response: Mapping[str, Any]) -> Arguments:
        items = response["ResponseParameters"]
        return {template(self.values.parts(item["Destination"])): self.values.json(item["Source"]) for item in items}

    def _function(self, argument: str, value: Any) -> Arguments:
        match value:
            case {"Ref": str() as name} if self.values.declared_type(name) == "AWS::Lambda::Alias":
                function, alias = (self.values.attribute(name, key) for key in ("function_name", "name"))
                return {argument: template(function), "qualifier": template(alias)}
            case _:
                return {argument: self.values.json(value)}

    def _document(self, argument: str, content: Any) -> str:
        name = f"{self.name}_{argument}"
        self.documents[name] = content
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

    def _filled(self, text: str, inserted: Mapping[str, Any]) -> Iterator[Part]:
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
            _HELP.get(path, f"leave out `{path.partition('.')[0]}`, or deploy with CloudFormation"),
            path,
        )
        return {}


def _have(items: Sequence[Any], *names: str) -> bool:
    """Whether all items are mappings with these names."""
    return all(isinstance(item, dict) and not intrinsic(item) and {*names} <= item.keys() for item in items)


def _each(items: Sequence[Any], name: str) -> Iterator[Any]:
    """The strings that items have under a name, None for an item without one."""
    for item in items:
        found = item.get(name) if isinstance(item, dict) else None
        yield found if isinstance(found, str) else None


def _is_response(response: Any) -> bool:
    items = response.get("ResponseParameters") if isinstance(response, dict) else None
    return isinstance(items, list) and _have(items, "Destination", "Source")
