"""Values of a CloudFormation template as Terraform expressions.

Source: CloudFormation user guide, "Intrinsic function reference"; Terraform language, "Built-in Functions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flowgen.backends.terraform.provider_schema import schema_of
from flowgen.backends.terraform.resource_table import TABLE, VERSIONS, Replacement
from flowgen.backends.terraform.syntax import Expression, Part, expression, quoted, template

STACK_NAME: Final = "stack_name"
"""The variable for `AWS::StackName`. No parameter of CloudFormation can have an underscore in its name."""

_STACK_ID: Final = "stack_id"
"""The local value for `AWS::StackId`, which templates need as an identifier that is unique and never changes."""

_NO_VALUE: Final = {"Ref": "AWS::NoValue"}
_PSEUDO: Final = {
    "AWS::AccountId": ("aws_caller_identity", "account_id"),
    "AWS::Partition": ("aws_partition", "partition"),
    "AWS::Region": ("aws_region", "region"),
    "AWS::URLSuffix": ("aws_partition", "dns_suffix"),
}
_SUBSTITUTION = re.compile(r"\$\{(!?)([^}]*)\}")
_CONDITIONS: Final = {"Fn::And": " && ", "Fn::Or": " || "}
_LISTS: Final = frozenset({"Fn::FindInMap", "Fn::GetAZs", "Fn::If", "Fn::Split"})
"""Functions that may return a list."""
_SSM = re.compile(r"AWS::SSM::Parameter::Value<(.*)>")


@dataclass(frozen=True, slots=True)
class Problem:
    """What has no counterpart in Terraform.

    `name` is its entry in a `section` of the template, such as `Resources`; `property` is the path of a property of a
    resource, "" if it is not about one.
    """

    section: str
    name: str
    message: str
    help: str
    property: str = ""


def is_list(parameter: Mapping[str, Any]) -> bool:
    """Whether the value of a parameter is a list."""
    return re.search(r"CommaDelimitedList|List<", str(parameter.get("Type"))) is not None


def is_stored(parameter: Mapping[str, Any]) -> bool:
    """Whether a parameter names a parameter of SSM, which has the value."""
    return _SSM.fullmatch(str(parameter.get("Type"))) is not None


def is_no_value(value: Any) -> bool:
    return bool(value == _NO_VALUE)


@dataclass(slots=True)
class Values:
    """Translates the values of one template, and collects what they need, and the problems found.

    `place` is the section and the name of the entry that is being translated.
    """

    source: Mapping[str, Any]
    place: tuple[str, str] = ("", "")
    data: dict[str, dict[str, Any]] = field(default_factory=dict)
    locals: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def json(self, value: Any) -> Any:
        """A value as an argument in JSON syntax: strings and keys are templates. Those without a value are omitted."""
        match value:
            case str():
                return template([value])
            case list():
                return [self.json(item) for item in value if not is_no_value(item)]
            case dict() if intrinsic(value):
                return template(self.parts(value))
            case dict():
                present = {key: inner for key, inner in value.items() if not is_no_value(inner)}
                return {template([key]): self.json(inner) for key, inner in present.items()}
            case _:
                return value

    def expression(self, value: Any) -> str:
        """A value as an expression."""
        match value:
            case str():
                return quoted([value])
            case bool():
                return "true" if value else "false"
            case None:
                return "null"
            case list():
                return f"[{', '.join(self.expression(item) for item in value if not is_no_value(item))}]"
            case dict() if intrinsic(value):
                return expression(self.parts(value))
            case dict():
                entries = (f"{quoted([key])} = {self.expression(inner)}" for key, inner in value.items())
                return f"{{ {', '.join(entries)} }}" if value else "{}"
            case _:
                return str(value)

    def parts(self, value: Any) -> list[Part]:
        """A string or intrinsic function as parts of a string."""
        if not isinstance(value, dict):
            return (
                [_text(value)] if isinstance(value, str | bool | int | float) else [Expression(self.expression(value))]
            )
        ((name, argument),) = value.items()
        match name, argument:
            case "Ref", str():
                return self._ref(argument)
            case "Fn::GetAtt", str():
                return self._attribute(*argument.partition(".")[::2])
            case "Fn::GetAtt", [str() as resource, str() as attribute]:
                return self._attribute(resource, attribute)
            case "Fn::Sub", str():
                return list(self._substituted(argument, {}))
            case "Fn::Sub", [str() as text, dict() as own]:
                return list(self._substituted(text, own))
            case "Fn::Join", [str() as delimiter, list() as items] if not any(map(self._may_be_list, items)):
                return _joined(delimiter, [self.parts(item) for item in items if not is_no_value(item)])
            case _:
                return [Expression(self._call(name, argument))]

    def condition(self, value: Any) -> str:
        """A condition as an expression that is true or false."""
        match value:
            case {"Condition": str() as name}:
                return self.named_condition(name)
            case {"Fn::Equals": [one, other]}:
                return f"{self._text_of(one)} == {self._text_of(other)}"
            case {"Fn::Not": [inner]}:
                return f"!({self.condition(inner)})"
            case {"Fn::And": [*inner]} | {"Fn::Or": [*inner]}:
                (name,) = value
                return _CONDITIONS[name].join(f"({self.condition(item)})" for item in inner)
            case _:
                self.problem(f"`{'`, `'.join(map(str, value))}` has no counterpart in a condition of Terraform")
                return "false"

    def named_condition(self, name: str) -> str:
        """The local value of a condition. A name that the template does not have never reaches an expression."""
        if name in self.source.get("Conditions", {}):
            return f"local.{condition_name(name)}"
        self.problem(f"`{name}` is not a condition of the stack")
        return "false"

    def attribute(self, logical_id: str, attribute: str, *, ending: str = "") -> list[Part]:
        """An attribute of the provider for a resource of the template, and text that follows it."""
        declared = self.source["Resources"][logical_id]
        address = f"{TABLE[declared['Type']].type}.{logical_id}"
        if "Condition" in declared:
            return [Expression(f"one({address}[*].{attribute})"), *([ending] if ending else [])]
        return [Expression(f"{address}.{attribute}"), *([ending] if ending else [])]

    def problem(self, message: str, help_: str = "", property_: str = "") -> None:
        section, name = self.place
        found = Problem(section, name, message, help_, property_)
        if found not in self.problems:
            self.problems.append(found)

    def declared_type(self, logical_id: str) -> str:
        """The type of a resource, "" if the template does not have it."""
        return str(self.source["Resources"].get(logical_id, {}).get("Type", ""))

    def published_by(self, version: Mapping[str, Any]) -> str | None:
        """The resource of the template whose version another resource is."""
        named = version.get("Properties", {}).get(VERSIONS[version["Type"]].of)
        match named:
            case {"Ref": str() as name} | {"Fn::GetAtt": [str() as name, _]} if self.declared_type(name) in TABLE:
                return name
            case _:
                return None

    def _ref(self, name: str) -> list[Part]:
        parameter = self.source.get("Parameters", {}).get(name)
        if parameter is not None:
            return [Expression(self._parameter(name, parameter))]
        if name in self.source["Resources"]:
            return self._resource(name, None)
        if name == "AWS::StackName":
            return [Expression(f"var.{STACK_NAME}")]
        if name == "AWS::NoValue":
            return [Expression("null")]
        if name in _PSEUDO:
            source, attribute = _PSEUDO[name]
            self.data.setdefault(source, {})["current"] = {}
            return [Expression(f"data.{source}.current.{attribute}")]
        if name == "AWS::StackId":
            return [Expression(self._stack_id())]
        self.problem(f"`{name}` has no counterpart in Terraform")
        return [Expression("null")]

    def _stack_id(self) -> str:
        """An identifier like a stack's ARN, whose last part is unique (CloudFormation, "Pseudo parameters")."""
        of_stack = "${AWS::AccountId}/${AWS::Region}/${AWS::StackName}"
        unique = f'uuidv5("url", {self.expression({"Fn::Sub": of_stack})})'
        arn = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/${AWS::StackName}/"
        self.locals[_STACK_ID] = template([*self.parts({"Fn::Sub": arn}), Expression(unique)])
        return f"local.{_STACK_ID}"

    def _parameter(self, name: str, parameter: Mapping[str, Any]) -> str:
        if not is_stored(parameter):
            return f"var.{name}"
        self.data.setdefault("aws_ssm_parameter", {})[name] = {"name": f"${{var.{name}}}"}
        value = f"data.aws_ssm_parameter.{name}.insecure_value"
        return f'split(",", {value})' if is_list(parameter) else value

    def _attribute(self, logical_id: str, attribute: str) -> list[Part]:
        if logical_id in self.source["Resources"]:
            return self._resource(logical_id, attribute)
        self.problem(f"`{logical_id}` is not a resource of the stack")
        return [Expression("null")]

    def _resource(self, logical_id: str, attribute: str | None) -> list[Part]:
        """What `Ref` returns for a resource, or `GetAtt` for an attribute."""
        declared = self.source["Resources"][logical_id]
        resource_type = declared["Type"]
        if (version := VERSIONS.get(resource_type)) is not None:
            owner = self.published_by(declared)
            found = version.ref if attribute is None else version.attributes.get(attribute)
            if owner is not None and found is not None:
                return self.attribute(owner, found)
        elif (replacement := TABLE.get(resource_type)) is not None:
            wanted: str | tuple[str, str] | None = replacement.ref
            if attribute is not None:
                wanted = replacement.attributes.get(attribute, _known(replacement, attribute))
            if wanted is not None:
                name, ending = wanted if isinstance(wanted, tuple) else (wanted, "")
                return self.attribute(logical_id, name, ending=ending)
        if resource_type in TABLE or resource_type in VERSIONS:
            self.problem(
                f"`{attribute}` of `{resource_type}` has no counterpart in Terraform",
                f"use another attribute of `{logical_id}`, or make the value a parameter",
            )
        return [Expression("null")]

    def _substituted(self, text: str, own: Mapping[str, Any]) -> Iterator[Part]:
        at = 0
        for found in _SUBSTITUTION.finditer(text):
            yield text[at : found.start()]
            literal, name = found[1], found[2].strip()
            if literal:
                yield f"${{{found[2]}}}"
            elif name in own:
                yield from self.parts(own[name])
            else:
                resource, dot, attribute = name.partition(".")
                yield from self._attribute(resource, attribute) if dot else self._ref(name)
            at = found.end()
        yield text[at:]

    def _may_be_list(self, value: Any) -> bool:
        """Whether an item of a list that is joined may be a list itself."""
        match value:
            case {"Ref": str() as name}:
                return is_list(self.source.get("Parameters", {}).get(name, {}))
            case dict():
                return not _LISTS.isdisjoint(value)
            case _:
                return isinstance(value, list)

    def _call(self, name: str, argument: Any) -> str:
        of = self.expression
        match name, argument:
            case "Fn::Join", [str() as delimiter, list() as items]:
                return f"join({quoted([delimiter])}, flatten({of(items)}))"
            case "Fn::Join", [delimiter, items]:
                return f"join({of(delimiter)}, {of(items)})"
            case "Fn::Split", [delimiter, text]:
                return f"split({of(delimiter)}, {of(text)})"
            case "Fn::Select", [index, items]:
                return f"{of(items)}[{int(index) if str(index).isdecimal() else of(index)}]"
            case "Fn::If", [str() as condition, yes, no]:
                return f"({self.named_condition(condition)} ? {of(yes)} : {of(no)})"
            case "Fn::FindInMap", [str() as mapping, first, second, *rest] if mapping in self.source.get(
                "Mappings", {}
            ):
                found = f"local.mapping_{mapping}[{of(first)}][{of(second)}]"
                match rest:
                    case [{"DefaultValue": default}]:
                        return f"try({found}, {of(default)})"
                    case []:
                        return found
            case "Fn::Base64", text:
                return f"base64encode({of(text)})"
            case "Fn::Length", items:
                return f"length({of(items)})"
            case "Fn::ToJsonString", content:
                return f"jsonencode({of(content)})"
            case "Fn::ImportValue", exported:
                return self._imported(self.json(exported))
            case "Fn::GetAZs", _:
                self.data.setdefault("aws_availability_zones", {})["available"] = {"state": "available"}
                return "data.aws_availability_zones.available.names"
        self.problem(f"`{name}` has no counterpart in Terraform")
        return "null"

    def _imported(self, exported: Any) -> str:
        sources = self.data.setdefault("aws_cloudformation_export", {})
        own = {"name": exported}
        key = next((key for key, other in sources.items() if other == own), f"import_{len(sources) + 1}")
        sources[key] = own
        return f"data.aws_cloudformation_export.{key}.value"

    def _text_of(self, value: Any) -> str:
        """A value of a comparison, which CloudFormation makes with strings."""
        match value:
            case {"Ref": str() as name} if self.source.get("Parameters", {}).get(name, {}).get("Type") == "Number":
                return f"tostring(var.{name})"
            case str() | bool() | int() | float():
                return quoted([_text(value)])
            case _:
                return self.expression(value)


def intrinsic(value: Any) -> bool:
    """Whether a value is an intrinsic function."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    (key,) = value
    return key == "Ref" or str(key).startswith("Fn::")


def condition_name(name: str) -> str:
    """The local value of a condition."""
    return f"condition_{name}"


def snake_case(name: str) -> str:
    """The provider's usual name for a property.

    >>> snake_case("S3Key"), snake_case("OKActions"), snake_case("SqsManagedSseEnabled")
    ('s3_key', 'ok_actions', 'sqs_managed_sse_enabled')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.replace(".", "_")).lower()


def _known(replacement: Replacement, attribute: str) -> str | None:
    name = snake_case(attribute)
    return name if name in schema_of(replacement.type).attributes else None


def _joined(delimiter: str, items: list[list[Part]]) -> list[Part]:
    made: list[Part] = []
    for index, item in enumerate(items):
        made += [delimiter, *item] if index else item
    return made or [""]


def _text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
