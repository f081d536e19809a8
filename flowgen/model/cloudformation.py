"""The CloudFormation sections of a workflow file (parameters, resources and others), passed through unchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Annotated, Any, Final

from flowgen.diagnostics import did_you_mean, replacing
from flowgen.model.accepts import TEXT, Schema, mapping
from flowgen.model.element import Read, Reading, Unread, listed
from flowgen.source import Mapping, Node, Scalar, Tagged, kind_of, plain

_LOGICAL_ID = re.compile(r"[A-Z][A-Za-z0-9]{0,254}")
PARAMETER_KEYS: Final = {
    "Type": "The type of the value: `String`, `Number`, `CommaDelimitedList`, …",
    "Description": "What the parameter is for; shown when the stack is deployed.",
    "Default": "The default value.",
    "AllowedValues": "The allowed values.",
    "AllowedPattern": "A regular expression that the value must match.",
    "ConstraintDescription": "The error message for a value that is not allowed.",
    "MinLength": "The minimum length of a `String`.",
    "MaxLength": "The maximum length of a `String`.",
    "MinValue": "The minimum of a `Number`.",
    "MaxValue": "The maximum of a `Number`.",
    "NoEcho": "Masks the value wherever the stack is displayed.",
}
"""CloudFormation user guide, "Parameters"."""

RESOURCE_KEYS: Final = {
    "Type": "The type of the resource: `AWS::DynamoDB::Table`, …",
    "Properties": "The properties, as CloudFormation documents them for this type.",
    "DependsOn": "Resources to create before this one.",
    "Condition": "Creates the resource only if this condition is true.",
    "CreationPolicy": "When CloudFormation considers the resource created.",
    "DeletionPolicy": "What happens to the resource when the stack is deleted.",
    "Metadata": "Metadata for tools.",
    "UpdatePolicy": "How CloudFormation updates the resource.",
    "UpdateReplacePolicy": "What happens to the old resource when an update replaces it.",
}
"""CloudFormation user guide, "Resource attribute reference"."""


OUTPUT_KEYS: Final = {
    "Value": "The value: a string, or a tag such as `!GetAtt Table.Arn`.",
    "Description": "Description, shown with the stack.",
    "Export": "`Name`: the name under which other stacks import the output.",
    "Condition": "Creates the output only if this condition is true.",
}
"""CloudFormation user guide, "Outputs"."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter, resource, output, condition or mapping: the node of its name, and its content in long form.

    `type` is the `Type` of a parameter or resource, "" for the others.
    """

    key: Scalar
    type: str
    content: dict[str, Any]
    node: Node


@dataclass(frozen=True, slots=True)
class Section:
    """Reads one CloudFormation section.

    `keys` maps the allowed keys of an entry to their descriptions; the first one is required. If it is empty, any key
    is allowed.
    """

    name: str
    what: str
    keys: Table[str, str]

    @property
    def accepts(self) -> Schema:
        return mapping(self._declared(), {"pattern": "^[A-Z][A-Za-z0-9]{0,254}$"})

    def _declared(self) -> Schema:
        if not self.keys:
            return {"type": ["object", "array", "string"]}
        return {
            "type": "object",
            "properties": {
                key: {"description": about, **(TEXT if key in ("Type", "Description") else {})}
                for key, about in self.keys.items()
            },
            "required": [next(iter(self.keys))],
            "additionalProperties": False,
        }

    def __call__(self, node: Node, reading: Reading) -> dict[str, Declared]:
        if not isinstance(node, Mapping):
            raise reading.refuse(
                "FG102", f"`{self.name}` must be a mapping of names to {self.what}s, not {kind_of(node)}", node
            )
        declared: dict[str, Declared] = {}
        complete = True
        for entry in node.entries:
            try:
                declared[entry.key.text] = self.one(entry.key, entry.value, reading)
            except Unread:
                complete = False
        if not complete:
            raise Unread
        return declared

    def one(self, key: Scalar, node: Node, reading: Reading) -> Declared:
        if not _LOGICAL_ID.fullmatch(key.text):
            raise reading.refuse(
                "FG107", f"`{key.text}` is not a valid {self.what} name: use PascalCase, letters and digits", key
            )
        if self.keys:
            return self._closed(key, node, reading)
        if not isinstance(node, Mapping | Tagged):
            raise reading.refuse("FG102", f"a {self.what} must be a mapping or a tag, not {kind_of(node)}", node)
        return Declared(key, "", _content(node), node)

    def _closed(self, key: Scalar, node: Node, reading: Reading) -> Declared:
        if not isinstance(node, Mapping):
            raise reading.refuse("FG102", f"a {self.what} must be a mapping, not {kind_of(node)}", node)
        for entry in node.entries:
            if entry.key.text not in self.keys:
                guess = did_you_mean(entry.key.text, self.keys)
                help_ = f"did you mean `{guess}`?" if guess else f"the keys are {listed(self.keys)}"
                message = f"unknown key `{entry.key.text}` in a CloudFormation {self.what}"
                fix = replacing(entry.key.span, guess)
                raise reading.refuse("FG101", message, entry.key, help=help_, fix=fix)
        needed = next(iter(self.keys))
        value = node.get(needed)
        if needed != "Type" and value is not None:
            return Declared(key, "", _content(node), node)
        if not isinstance(value, Scalar) or not isinstance(value.value, str):
            kind = ", a string" if needed == "Type" else ""
            raise reading.refuse("FG103", f"a {self.what} needs the key `{needed}`{kind}", value or key)
        return Declared(key, value.value, _content(node), node)


def _content(node: Node) -> dict[str, Any]:
    content = plain(node)
    if not isinstance(content, dict):
        raise TypeError(content)
    return content


ParametersField = Annotated[
    dict[str, Declared],
    Read(
        Section("parameters", "parameter", PARAMETER_KEYS),
        "CloudFormation parameters, passed through unchanged; expressions read them as `$parameters.Name`.",
    ),
]
ResourcesField = Annotated[
    dict[str, Declared],
    Read(
        Section("resources", "resource", RESOURCE_KEYS),
        "CloudFormation resources, passed through unchanged; `$resources.Name` is what `!Ref` returns.",
    ),
]
MappingsField = Annotated[
    dict[str, Declared],
    Read(Section("mappings", "mapping", {}), "CloudFormation mappings, passed through unchanged."),
]
ConditionsField = Annotated[
    dict[str, Declared],
    Read(
        Section("conditions", "condition", {}),
        "CloudFormation conditions for resources and outputs, passed through unchanged.",
    ),
]
OutputsField = Annotated[
    dict[str, Declared],
    Read(Section("outputs", "output", OUTPUT_KEYS), "CloudFormation outputs, passed through unchanged."),
]
