"""What an AWS API takes and gives, as types, from the API's own model.

A member of a response has *unknown presence*: the models mark nearly all as optional. Reading one is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowgen.asl.integrations import OPTIMIZED
from flowgen.aws.api import Api, api_of, member_name
from flowgen.model import Aws
from flowgen.types import (
    BOOLEAN_TYPE,
    INTEGER_TYPE,
    NEVER,
    NUMBER_TYPE,
    TEXT_TYPE,
    Object,
    Reference,
    Type,
    array_of,
    optional,
    record,
    union,
    unknown,
)
from flowgen.types.algebra import UNSURE

_MOST_MEMBERS = 24
_SCALARS = {
    "boolean": BOOLEAN_TYPE,
    "integer": INTEGER_TYPE,
    "long": INTEGER_TYPE,
    "float": NUMBER_TYPE,
    "double": NUMBER_TYPE,
    "bigdecimal": NUMBER_TYPE,
}


@dataclass(frozen=True, slots=True)
class AwsCall:
    """The types of a call: what goes in, and what comes back; `any` where AWS's model does not say."""

    takes: Type
    gives: Type


def aws_call(step: Aws) -> AwsCall | None:
    """The types of an `aws` step, or None where no model is there to read."""
    action = step.action
    service = action.service.removeprefix("aws-sdk:")
    optimized = not action.service.startswith("aws-sdk:") and action.name in OPTIMIZED.get(service, {})
    api = api_of(service)
    operation = None if api is None else api.operation(action.name)
    if api is None or operation is None:
        return None
    # Optimized integrations take objects where the API takes their text, such as the message of `sqs:sendMessage`.
    taken = _Shapes(api, output=False, loose=optimized and service != "dynamodb")
    given = _Shapes(api, output=True, loose=False)
    takes = taken.of(operation["input"]["shape"]) if "input" in operation else record({})
    if action.pattern:
        return AwsCall(takes, unknown(f"the result of a finished `{service}:{action.name}` has no model"))
    gives = given.of(operation["output"]["shape"]) if "output" in operation else record({})
    if optimized and service != "dynamodb":
        gives = unknown(f"what the optimized integration `{service}:{action.name}` gives differs from the API's model")
    return AwsCall(takes, gives)


class _Shapes:
    """The shapes of an API as named types. `output`: as responses have them, else as requests take them."""

    def __init__(self, api: Api, *, output: bool, loose: bool) -> None:
        self.api, self.output, self.loose = api, output, loose
        self.known: dict[str, Type] = {}

    def of(self, name: str) -> Type:
        kind = self.api.shapes[name]["type"]
        return Type(parts=(Reference(name, self),)) if kind == "structure" else self.expansion(name)

    def expansion(self, name: str) -> Type:
        found = self.known.get(name)
        if found is None:
            found = self.known[name] = self._read(name)
        return found

    def _read(self, name: str) -> Type:
        shape = self.api.shapes[name]
        if shape.get("document") or shape.get("jsonvalue"):
            return unknown("AWS takes any JSON there")
        kind = shape["type"]
        if kind == "structure":
            return self._structure(name)
        if kind == "list":
            return array_of(self.of(shape["member"]["shape"]))
        if kind == "map":
            value = self.of(shape["value"]["shape"])
            return record({}, replace(value, atoms=value.atoms | UNSURE) if self.output else value)
        if kind in _SCALARS:
            return _SCALARS[kind]
        if kind == "timestamp" and not self.output:
            return union(TEXT_TYPE, NUMBER_TYPE)
        if self.loose or (kind == "blob" and not self.output):
            return unknown("Step Functions takes any JSON there")
        members = shape.get("enum", ())
        if members and not self.output and len(members) <= _MOST_MEMBERS:
            return Type(literals=frozenset(members))
        return TEXT_TYPE

    def _structure(self, name: str) -> Type:
        shape = self.api.shapes[name]
        required = shape.get("required", ())
        fields: dict[str, Type] = {}
        for member, content in shape.get("members", {}).items():
            value = unknown("AWS takes any JSON there") if content.get("jsonvalue") else self.of(content["shape"])
            if member in required:
                fields[member_name(member)] = value
            elif self.output:
                fields[member_name(member)] = replace(value, atoms=value.atoms | UNSURE)
            else:
                fields[member_name(member)] = optional(value)
        return Type(parts=(Object(fields, NEVER, name),))
