"""A whole configuration: settings, variables, data sources, local values, resources and outputs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flowgen.backends.terraform.provider_schema import PROVIDER
from flowgen.backends.terraform.resource_table import OBJECT
from flowgen.backends.terraform.resources import MAX_STACK_NAME, write
from flowgen.backends.terraform.syntax import template
from flowgen.backends.terraform.values import STACK_NAME, Problem, Values, condition_name, is_list, is_stored

_NOT_IN_RE2 = re.compile(r"\(\?[=!<]|\\[1-9]|[*+?}]\+")
"""What a pattern of Java may contain, and one of Terraform may not (RE2 syntax)."""

_NUMBERS: Final = ("MinLength", "MaxLength", "MinValue", "MaxValue")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Configuration:
    """A configuration in Terraform's JSON syntax. It is not valid if there are problems."""

    content: dict[str, Any]
    problems: Sequence[Problem]


def convert(source: Mapping[str, Any], files: Mapping[str, str] | None = None) -> Configuration:
    """The configuration that creates what a CloudFormation template would, which is JSON data with long forms.

    `files` has the paths of zips with the code of functions, relative to the configuration, by their keys in the
    bucket: Terraform uploads them. Without a path, the code must already be there.
    """
    values = Values(source)
    variables = dict(_variables(values))
    conditions = dict(_conditions(values))
    mappings = {f"mapping_{name}": values.json(content) for name, content in source.get("Mappings", {}).items()}
    written = write(values)
    outputs = dict(_outputs(values))
    uploads = dict(_uploads(written.resources.get("aws_lambda_function", {}), files or {}))
    major, minor, _ = PROVIDER.split(".")
    sections = {
        "//": source.get("Description", ""),
        "terraform": {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": f"~> {major}.{minor}"}},
        },
        "variable": {STACK_NAME: _stack_name(), **variables},
        "data": {kind: dict(sorted(found.items())) for kind, found in sorted(values.data.items())},
        "locals": {**values.locals, **conditions, **mappings, **written.documents},
        "resource": {**written.resources, **({OBJECT: uploads} if uploads else {})},
        "output": outputs,
    }
    return Configuration({name: content for name, content in sections.items() if content}, tuple(values.problems))


def _uploads(functions: dict[str, dict[str, Any]], files: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects for the code of functions, which then refer to them instead of a key."""
    for name, body in functions.items():
        key = body.get("s3_key", "")
        if key in files:
            own = f"{name}_Code"
            functions[name] = {**body, "s3_key": f"${{{OBJECT}.{own}.key}}"}
            yield own, {"bucket": body["s3_bucket"], "key": key, "source": f"${{path.module}}/{files[key]}"}


def to_text(configuration: Configuration) -> str:
    """JSON, indented by two spaces, with a final newline."""
    return json.dumps(configuration.content, indent=2, ensure_ascii=False) + "\n"


def _stack_name() -> dict[str, Any]:
    pattern = f"^[a-zA-Z][a-zA-Z0-9-]{{0,{MAX_STACK_NAME - 1}}}$"
    return {
        "type": "string",
        "description": "The start of the names of all resources.",
        "validation": {
            "condition": f'${{can(regex("{pattern}", var.{STACK_NAME}))}}',
            "error_message": f"Use at most {MAX_STACK_NAME} letters, digits and hyphens, and start with a letter.",
        },
    }


def _variables(values: Values) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, parameter in values.source.get("Parameters", {}).items():
        values.place = ("Parameters", name)
        made: dict[str, Any] = {"type": _type(parameter)}
        if "Description" in parameter:
            made["description"] = parameter["Description"]
        if "Default" in parameter:
            made["default"] = _default(parameter)
        if str(parameter.get("NoEcho", "")).lower() == "true":
            made["sensitive"] = True
        if checks := list(_validations(values, name, parameter)):
            made["validation"] = checks
        yield name, made


def _type(parameter: Mapping[str, Any]) -> str:
    if is_list(parameter) and not is_stored(parameter):
        return "list(number)" if "Number" in str(parameter["Type"]) else "list(string)"
    return "number" if parameter.get("Type") == "Number" else "string"


def _default(parameter: Mapping[str, Any]) -> Any:
    default = parameter["Default"]
    if is_list(parameter) and not is_stored(parameter):
        return [item.strip() for item in str(default).split(",")] if str(default) else []
    return str(default).lower() if isinstance(default, bool) else default


def _validations(values: Values, name: str, parameter: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    value = "item" if is_list(parameter) else f"var.{name}"
    number = _type(parameter) in ("number", "list(number)")
    checks: dict[str, Callable[[Any], str]] = {
        "AllowedValues": lambda allowed: f"contains({_listed(values, allowed, number=number)}, {value})",
        "AllowedPattern": lambda pattern: f"can(regex({values.expression(f'^(?:{pattern})$')}, {value}))",
        "MinLength": lambda least: f"length({value}) >= {least}",
        "MaxLength": lambda most: f"length({value}) <= {most}",
        "MinValue": lambda least: f"{value} >= {least}",
        "MaxValue": lambda most: f"{value} <= {most}",
    }
    for key, check in checks.items():
        limit = parameter.get(key)
        if key in _NUMBERS and not _NUMBER.fullmatch(str(limit)):
            continue
        if limit is None or (key == "AllowedPattern" and _NOT_IN_RE2.search(str(limit))) or is_stored(parameter):
            continue
        condition = check(limit)
        if is_list(parameter):
            condition = f"alltrue([for item in var.{name} : {condition}])"
        message = parameter.get("ConstraintDescription", f"{name} does not match {key}: {limit}.")
        yield {"condition": f"${{{condition}}}", "error_message": template([str(message)])}


def _listed(values: Values, allowed: Sequence[Any], *, number: bool) -> str:
    return values.expression([item if number else _default({"Default": item}) for item in allowed])


def _conditions(values: Values) -> Iterator[tuple[str, str]]:
    for name, content in values.source.get("Conditions", {}).items():
        values.place = ("Conditions", name)
        yield condition_name(name), f"${{{values.condition(content)}}}"


def _outputs(values: Values) -> Iterator[tuple[str, dict[str, Any]]]:
    secret = {
        name
        for name, parameter in values.source.get("Parameters", {}).items()
        if str(parameter.get("NoEcho", "")).lower() == "true"
    }
    for name, output in values.source.get("Outputs", {}).items():
        values.place = ("Outputs", name)
        value = values.json(output["Value"])
        if "Condition" in output:
            value = f"${{{values.named_condition(output['Condition'])} ? {values.expression(output['Value'])} : null}}"
        made: dict[str, Any] = {"description": output["Description"]} if "Description" in output else {}
        made["value"] = value
        if secret & set(re.findall(r"var\.(\w+)", str(value))):
            made["sensitive"] = True
        yield name, made
