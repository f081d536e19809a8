"""What of a workflow file is CloudFormation: parameters, resources and the like, passed through as written."""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Annotated, Any, Final

from flowgen.diagnostics import did_you_mean, replacing
from flowgen.model.element import Read, Reading, Unread, listed
from flowgen.source import Mapping, Node, Scalar, Tagged, kind_of, plain

_LOGICAL_ID = re.compile(r"[A-Z][A-Za-z0-9]{0,254}")
PARAMETER_KEYS: Final = {
    "Type": "The type of its value: `String`, `Number`, `CommaDelimitedList`, …",
    "Description": "What it is for, shown to who deploys the stack.",
    "Default": "Its value where none is given.",
    "AllowedValues": "The only values that it may have.",
    "AllowedPattern": "A regular expression that its value must match.",
    "ConstraintDescription": "What is told about a value that is not allowed.",
    "MinLength": "The least number of characters of a `String`.",
    "MaxLength": "The greatest number of characters of a `String`.",
    "MinValue": "The least value of a `Number`.",
    "MaxValue": "The greatest value of a `Number`.",
    "NoEcho": "Whether its value is masked wherever the stack is shown.",
}
"""CloudFormation user guide, "Parameters"."""

RESOURCE_KEYS: Final = {
    "Type": "The type of the resource: `AWS::DynamoDB::Table`, …",
    "Properties": "Its properties, as CloudFormation documents them for its type.",
    "DependsOn": "Resources that are made before it.",
    "Condition": "The condition under which it is made.",
    "CreationPolicy": "When it counts as made.",
    "DeletionPolicy": "What becomes of it when the stack is deleted.",
    "Metadata": "Data about it, for tools.",
    "UpdatePolicy": "How it is updated.",
    "UpdateReplacePolicy": "What becomes of the old one when an update replaces it.",
}
"""CloudFormation user guide, "Resource attribute reference"."""


OUTPUT_KEYS: Final = {
    "Value": "Its value: text, or a tag such as `!GetAtt Table.Arn`.",
    "Description": "What it is, shown with the stack.",
    "Export": "`Name`: the name by which other stacks import it.",
    "Condition": "The condition under which it is there.",
}
"""CloudFormation user guide, "Outputs"."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter, resource, output, condition or mapping: its name where it stands, and all of it in long form.

    `type` is the `Type` of a parameter or a resource, "" of the others.
    """

    key: Scalar
    type: str
    content: dict[str, Any]
    node: Node


@dataclass(frozen=True, slots=True)
class Section:
    """Reads one of CloudFormation's sections.

    `keys` are those that one thing of it may have, and what each means, any where there are none; it must have the
    first of them.
    """

    name: str
    what: str
    keys: Table[str, str]

    def __call__(self, node: Node, reading: Reading) -> dict[str, Declared]:
        if not isinstance(node, Mapping):
            raise reading.refuse(
                "FG102", f"`{self.name}` is a mapping of names to {self.what}s, not {kind_of(node)}", node
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
                "FG107", f"`{key.text}` can't name a {self.what}: such names are PascalCase, letters and digits", key
            )
        if self.keys:
            return self._closed(key, node, reading)
        if not isinstance(node, Mapping | Tagged):
            raise reading.refuse("FG102", f"a {self.what} is a mapping or a tag, not {kind_of(node)}", node)
        return Declared(key, "", _content(node), node)

    def _closed(self, key: Scalar, node: Node, reading: Reading) -> Declared:
        if not isinstance(node, Mapping):
            raise reading.refuse("FG102", f"a {self.what} is a mapping, not {kind_of(node)}", node)
        for entry in node.entries:
            if entry.key.text not in self.keys:
                guess = did_you_mean(entry.key.text, self.keys)
                help_ = f"did you mean `{guess}`?" if guess else f"the keys are {listed(self.keys)}"
                message = f"CloudFormation knows no key `{entry.key.text}` in a {self.what}"
                fix = replacing(entry.key.span, guess)
                raise reading.refuse("FG101", message, entry.key, help=help_, fix=fix)
        needed = next(iter(self.keys))
        value = node.get(needed)
        if needed != "Type" and value is not None:
            return Declared(key, "", _content(node), node)
        if not isinstance(value, Scalar) or not isinstance(value.value, str):
            kind = ", a text" if needed == "Type" else ""
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
        "CloudFormation parameters, passed through as written; an expression reads one as `$parameters.Name`.",
    ),
]
ResourcesField = Annotated[
    dict[str, Declared],
    Read(
        Section("resources", "resource", RESOURCE_KEYS),
        "CloudFormation resources, passed through as written; `$resources.Name` is what `!Ref` gives for one.",
    ),
]
MappingsField = Annotated[
    dict[str, Declared],
    Read(Section("mappings", "mapping", {}), "CloudFormation mappings, passed through as written."),
]
ConditionsField = Annotated[
    dict[str, Declared],
    Read(
        Section("conditions", "condition", {}),
        "CloudFormation conditions, passed through as written, for the resources and outputs that name them.",
    ),
]
OutputsField = Annotated[
    dict[str, Declared],
    Read(Section("outputs", "output", OUTPUT_KEYS), "CloudFormation outputs, passed through as written."),
]
