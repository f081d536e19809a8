"""What an AWS API takes and gives, as types, from the API's own model.

A member of a response has *unknown presence*: the models mark nearly all as optional. Reading one is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flowgen.asl.integrations import OPTIMIZED
from flowgen.aws.api import Api, api_of
from flowgen.aws.member_names import api_member, sdk_spellings
from flowgen.aws.results import FINISHED, FORMS, JSON_MEMBERS, SURELY
from flowgen.aws.sdk_actions import ENDED
from flowgen.model import Aws
from flowgen.types import (
    BOOLEAN_TYPE,
    INTEGER_TYPE,
    NEVER,
    NUMBER_TYPE,
    TEXT_TYPE,
    Array,
    Declaration,
    Object,
    Origin,
    Reference,
    Type,
    expand,
    optional,
    present,
    record,
    union,
    unknown,
)
from flowgen.types.algebra import NUMERIC, UNSURE

_MOST_MEMBERS = 24
_SCALARS = {
    "boolean": BOOLEAN_TYPE,
    "integer": INTEGER_TYPE,
    "long": INTEGER_TYPE,
    "float": NUMBER_TYPE,
    "double": NUMBER_TYPE,
    "bigdecimal": NUMBER_TYPE,
}
_WORDS = {"text": TEXT_TYPE, "integer": INTEGER_TYPE, "boolean": BOOLEAN_TYPE}
_MODELS = {"bedrock:invokeModel": "bedrockruntime", "http:invoke": "apigateway"}
"""Integrations that no model of the service of their name has."""


_WRITTEN = {
    "events:putEvents": frozenset({"Detail"}),
    "sns:publish": frozenset({"Message"}),
    "sqs:sendMessage": frozenset({"MessageBody"}),
    "states:startExecution": frozenset({"Input"}),
}
"""Members for which an optimized integration takes any JSON, where the API takes its text."""


@dataclass(frozen=True, slots=True)
class AwsCall:
    """The types of a call: what goes in, and what comes back; `any` where AWS's model does not say."""

    takes: Type
    gives: Type


def aws_call(step: Aws) -> AwsCall | None:
    """The types of an `aws` step, or None where no model is there to read."""
    return call_of(Called(step.action.service, step.action.name, step.action.pattern, step.id))


@dataclass(frozen=True, slots=True)
class Called:
    """An action of an AWS service, as an `aws` step names it, and the step that calls it."""

    service: str
    name: str
    pattern: str
    step: str

    def __str__(self) -> str:
        return f"{self.service}:{self.name}{self.pattern}"


def call_of(action: Called) -> AwsCall | None:
    """The types of a call, or None where no model is there to read."""
    service = action.service.removeprefix("aws-sdk:")
    optimized = not action.service.startswith("aws-sdk:") and action.name in OPTIMIZED.get(service, {})
    if service in ENDED:
        ended = unknown(f"`{service}` is a service that AWS has ended, and no model of it is left")
        return AwsCall(ended, ended)
    name = f"{service}:{action.name}"
    api = api_of(_MODELS.get(name, service) if optimized else service)
    if api is None:
        return None
    written = _WRITTEN.get(name, frozenset()) if optimized else frozenset[str]()
    taken = _Shapes(api, action, output=False, optimized=optimized, written=written)
    given = _Shapes(api, action, output=True, optimized=optimized)
    form = FORMS.get(name) if optimized else None
    operation = api.operation(action.name)
    if form is not None:
        takes = taken.of(form.takes) if isinstance(form.takes, str) else taken.members(form.takes)
    elif operation is None:
        return None
    else:
        takes = taken.of(operation["input"]["shape"]) if "input" in operation else record({})
    if action.pattern:
        return AwsCall(takes, _finished(given, service, action.name, action.pattern))
    if form is not None:
        return AwsCall(takes, given.opened(given.members(form.gives)))
    gives = given.of(operation["output"]["shape"]) if operation and "output" in operation else record({})
    return AwsCall(takes, _optimized(given, gives, name) if optimized else gives)


def _finished(given: _Shapes, service: str, action: str, pattern: str) -> Type:
    """The description of a finished job."""
    finished = FINISHED.get((service, action))
    if finished is None:
        return unknown(f"what `{service}:{action}{pattern}` gives has no model")
    found = given.of(finished.shape) if finished.shape else given.members(finished.members)
    found = given.opened(found) if finished.open else found
    if finished.surely:
        (job,) = expand(found).objects
        fields = {**job.fields, finished.surely: present(job.fields[finished.surely])}
        found = Type(parts=(replace(job, fields=fields),))
    return given.with_json(found, f"{service}:{action}{pattern}")


def _optimized(given: _Shapes, gives: Type, name: str) -> Type:
    """What an optimized integration gives: the API's response, and what the SDK says of the call."""
    (response,) = expand(gives).objects
    extra = dict.fromkeys(_METADATA, unknown("it says how the call went over the network"))
    whole = Type(parts=(replace(response, fields={**response.fields, **extra}),))
    return given.with_json(whole, name)


_NUMERIC = {"dynamodb": "NumberAttributeValue"}
"""Shapes of texts that are numbers."""

_METADATA = ("SdkHttpMetadata", "SdkResponseMetadata")


class _Shapes:
    """The shapes of an API as named types. `output`: as responses have them, else as requests take them."""

    def __init__(
        self, api: Api, called: Called, *, output: bool, optimized: bool, written: frozenset[str] = frozenset()
    ) -> None:
        self.api, self.called, self.output, self.optimized, self.written = api, called, output, optimized, written
        self.action = str(called)
        self.known: dict[str, Type] = {}

    def of(self, name: str) -> Type:
        kind = self.api.shapes[name]["type"]
        return Type(parts=(Reference(name, self),)) if kind == "structure" else self.expansion(name)

    def expansion(self, name: str) -> Type:
        found = self.known.get(name)
        if found is None:
            found = self.known[name] = self._read(name)
        return found

    def unsure(self, value: Type, what: str) -> Type:
        """`value` as a part of a response that AWS's model calls optional."""
        return replace(value, atoms=value.atoms | UNSURE, absent=self.why(what))

    def why(self, what: str) -> Origin:
        text = f"AWS does not say that {what} is always in what `{self.action}` gives"
        return Origin(text, declaration=Declaration(self.called.step, (what,)))

    def members(self, members: Mapping[str, str]) -> Type:
        """An object of members as `Form` has them."""
        fields: dict[str, Type] = {}
        for member, kind in members.items():
            name = member.removesuffix("?")
            value = self._word(kind)
            absent = name != member
            fields[name] = value if not absent else self.unsure(value, f"`{name}`") if self.output else optional(value)
        return Type(parts=(Object(fields, NEVER, self.action),))

    def _word(self, kind: str) -> Type:
        if kind == "json":
            return unknown(f"`{self.action}` takes any JSON there" if not self.output else "it is any JSON")
        if kind in _WORDS:
            return _WORDS[kind]
        return Type(literals=frozenset(kind.split())) if kind.isupper() else self.of(kind)

    def opened(self, type_: Type) -> Type:
        """`type_`, which may have members of which nothing is known."""
        (found,) = expand(type_).objects
        rest = unknown(f"nothing is known of that member of what `{self.action}` gives")
        return Type(parts=(replace(found, rest=replace(rest, atoms=rest.atoms | UNSURE)),))

    def with_json(self, type_: Type, name: str) -> Type:
        """`type_`, with the members that the integration reads as JSON."""
        members = JSON_MEMBERS.get(name)
        if not members:
            return type_
        (found,) = expand(type_).objects
        told = {member: unknown(f"`{member}` of what `{name}` gives is any JSON") for member in sorted(members)}
        fields = {member: replace(told[member], atoms=told[member].atoms | UNSURE) for member in told}
        return Type(parts=(replace(found, fields={**found.fields, **fields}),))

    def _read(self, name: str) -> Type:
        shape = self.api.shapes[name]
        if shape.get("document") or shape.get("jsonvalue"):
            return unknown("AWS takes any JSON there")
        kind = shape["type"]
        if kind == "structure":
            return self._structure(name)
        if kind == "list":
            item = self.of(shape["member"]["shape"])
            return Type(parts=(Array((), item, unsure=self.why("an item") if self.output else None),))
        if kind == "map":
            value = self.of(shape["value"]["shape"])
            return record({}, self.unsure(value, "a key") if self.output else value)
        if kind in _SCALARS:
            return _SCALARS[kind]
        if kind == "timestamp" and not self.output:
            return union(TEXT_TYPE, NUMBER_TYPE)
        if kind == "blob" and not self.output:
            return unknown("Step Functions takes any JSON there")
        if self.output and name == _NUMERIC.get(self.api.name):
            return Type(formats=frozenset({NUMERIC}))
        members = shape.get("enum", ())
        return Type(literals=frozenset(members)) if 0 < len(members) <= _MOST_MEMBERS else TEXT_TYPE

    def _structure(self, name: str) -> Type:
        shape = self.api.shapes[name]
        required = shape.get("required", ())
        surely = SURELY.get(self.api.name, {}).get(name, "").split() if self.output else ()
        fields: dict[str, Type] = {}
        uncertain: dict[str, str] = {}
        for member, content in shape.get("members", {}).items():
            anything = content.get("jsonvalue") or api_member(member) in self.written
            value = unknown("AWS takes any JSON there") if anything else self.of(content["shape"])
            spellings = (api_member(member),) if self.optimized else sdk_spellings(self.api.name, name, member)
            known = len(spellings) == 1 and (member in required or api_member(member) in surely)
            uncertain |= dict.fromkeys(spellings[1:], spellings[0])
            for spelled in spellings:
                if known:
                    fields[spelled] = value
                else:
                    fields[spelled] = self.unsure(value, f"`{spelled}`") if self.output else optional(value)
        return Type(parts=(Object(fields, NEVER, name, spellings=uncertain),))
