"""Values of a CloudFormation template as text, with a placeholder for each value that is known only in AWS.

Source: CloudFormation user guide, "Intrinsic function reference".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = Any

_IN_SUB = re.compile(r"\$\{(!?)([^{}]*)\}")
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9]")
_DEEPEST = 60


class Unresolvable(Exception):  # noqa: N818 - the caller converts it to a diagnostic
    """An intrinsic function, or a value, from which no text can be made."""


def intrinsic(value: JSON) -> tuple[str, JSON] | None:
    """The name and argument of an intrinsic function: `("Sub", …)` of `{"Fn::Sub": …}`."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    name, argument = next(iter(value.items()))
    if name == "Ref":
        return "Ref", argument
    return (name.removeprefix("Fn::"), argument) if isinstance(name, str) and name.startswith("Fn::") else None


@dataclass(slots=True)
class Placeholders:
    """The placeholders of one definition: by their names, the values that replace them in AWS."""

    mappings: Mapping[str, JSON] = field(default_factory=dict)
    known: dict[str, JSON] = field(default_factory=dict)

    def named(self, name: str, value: JSON) -> str:
        """A placeholder for a value. Equal values have one placeholder."""
        wanted, number = name, 1
        while wanted in self.known and self.known[wanted] != value:
            number += 1
            wanted = f"{name}{number}"
        self.known[wanted] = value
        return f"${{{wanted}}}"

    def text(self, value: JSON, depth: int = 0) -> str:
        """The text of a value. Raises `Unresolvable`."""
        if depth > _DEEPEST:
            raise Unresolvable("it is nested too deeply")
        called = intrinsic(value)
        if called is None:
            if isinstance(value, str):
                return value
            if isinstance(value, bool):
                return "true" if value else "false"
            if isinstance(value, int | float):
                return json.dumps(value)
            raise Unresolvable("expected a string or an intrinsic function that returns one")
        name, argument = called
        match name:
            case "Sub":
                return self._sub(argument, depth)
            case "Join":
                return self._join(argument, depth)
            case "ToJsonString":
                return json.dumps(self.filled(argument, depth + 1), ensure_ascii=False)
            case "FindInMap":
                found = self._found_in_map(argument)
                return self.named(_name_of(value), value) if found is None else self.text(found, depth + 1)
            case _:
                return self.named(_name_of(value), value)

    def filled(self, value: JSON, depth: int = 0) -> JSON:
        """A value with a placeholder, or a string that contains some, for each intrinsic function."""
        if depth > _DEEPEST:
            raise Unresolvable("it is nested too deeply")
        if intrinsic(value) is not None:
            return self.text(value, depth + 1)
        if isinstance(value, Mapping):
            return {str(name): self.filled(member, depth + 1) for name, member in value.items()}
        if isinstance(value, list):
            return [self.filled(item, depth + 1) for item in value]
        return value

    def _sub(self, argument: JSON, depth: int) -> str:
        template, values = argument, dict[str, JSON]()
        if isinstance(argument, list) and argument and isinstance(argument[-1], Mapping):
            template, values = argument[0], dict(argument[-1])
        if isinstance(template, list) and len(template) == 1:
            template = template[0]
        if not isinstance(template, str):
            raise Unresolvable("Fn::Sub expects a string")

        def replaced(found: re.Match[str]) -> str:
            literal, name = found[1], found[2].strip()
            if literal:
                return f"${{{name}}}"
            if name in values:
                return self.text(values[name], depth + 1)
            resource, _, attribute = name.partition(".")
            reference: JSON = {"Fn::GetAtt": [resource, attribute]} if attribute else {"Ref": name}
            return self.named(_name_of(reference), reference)

        return _IN_SUB.sub(replaced, template)

    def _join(self, argument: JSON, depth: int) -> str:
        if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):  # noqa: PLR2004
            raise Unresolvable("Fn::Join expects a delimiter and a list")
        if not isinstance(argument[1], list):
            raise Unresolvable("Fn::Join of a list that is known only in AWS")
        return argument[0].join(self.text(part, depth + 1) for part in argument[1])

    def _found_in_map(self, argument: JSON) -> JSON:
        """The value in a mapping, or None if a key is known only in AWS."""
        if not isinstance(argument, list) or not all(isinstance(key, str) for key in argument):
            return None
        value: JSON = self.mappings
        for key in argument:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


def _name_of(value: JSON) -> str:
    """The name of a placeholder: `OrdersTableArn` for the attribute Arn of OrdersTable."""
    called = intrinsic(value)
    name, argument = called if called is not None else ("Value", None)
    if name == "Ref" and isinstance(argument, str):
        return argument if argument.startswith("AWS::") else _plain(argument)
    if name == "GetAtt":
        return _plain("".join(attribute_of(argument)))
    if isinstance(argument, str):
        return _plain(argument)
    if name == "FindInMap" and isinstance(argument, list) and isinstance(argument[-1], str):
        return _plain(argument[-1])
    return _plain(name)


def attribute_of(argument: JSON) -> tuple[str, str]:
    """The resource and attribute of a Fn::GetAtt."""
    if isinstance(argument, str):
        resource, _, attribute = argument.partition(".")
        return resource, attribute
    if isinstance(argument, list) and argument and all(isinstance(part, str) for part in argument):
        return argument[0], ".".join(argument[1:])
    return "", ""


def _plain(text: str) -> str:
    return _NOT_IN_NAME.sub("", text) or "Value"


def references(value: JSON) -> dict[str, None]:
    """The logical names that a value refers to, in order: of parameters, resources and pseudo parameters."""
    found: dict[str, None] = {}
    waiting = [value]
    while waiting:
        part = waiting.pop()
        called = intrinsic(part)
        if called is not None:
            name, argument = called
            if name == "Ref" and isinstance(argument, str):
                found.setdefault(argument)
            elif name == "GetAtt":
                found.setdefault(attribute_of(argument)[0])
            elif name == "Sub":
                template = argument[0] if isinstance(argument, list) and argument else argument
                if isinstance(template, str):
                    named = (match[2].strip() for match in _IN_SUB.finditer(template) if not match[1])
                    found.update(dict.fromkeys(name.partition(".")[0] for name in named))
        if isinstance(part, Mapping):
            waiting += reversed(list(part.values()))
        elif isinstance(part, list):
            waiting += reversed(part)
    return found
