"""Reads a configuration as Terraform would: what `terraform validate` reports without AWS, as lines of text.

The arguments come from the provider's schema, the syntax of templates from Terraform's own parser (`@cdktn/hcl2json`).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flowgen.backends.terraform.provider_schema import Argument, known_types, schema_of

NODE = Path(__file__).parents[3] / "node"
META = {"count": "number", "depends_on": "list", "lifecycle": "block"}
DATA = {
    "aws_availability_zones": {"names"},
    "aws_caller_identity": {"account_id"},
    "aws_cloudformation_export": {"value"},
    "aws_partition": {"dns_suffix", "partition"},
    "aws_region": {"region"},
    "aws_ssm_parameter": {"insecure_value"},
}
"""The provider's documentation of each data source."""
FUNCTIONS = {
    *("alltrue", "base64encode", "can", "contains", "flatten", "join", "jsonencode", "length", "lower", "one"),
    *("regex", "split", "tostring", "try", "uuidv5"),
}
"""Functions of the Terraform language that the tests have looked up there."""
_LITERAL = {"description", "default", "type"}
"""Arguments of variables and outputs that Terraform takes literally ("JSON Configuration Syntax")."""


def templates_of(content: Any, *, literal: bool = False) -> Iterator[str]:
    """All templates: strings and keys, except where Terraform takes strings literally ("JSON Configuration Syntax")."""
    match content:
        case str():
            yield content
        case dict():
            for key, inner in content.items():
                if literal and key in _LITERAL and isinstance(inner, str):
                    continue
                yield key
                yield from templates_of(inner, literal=literal)
        case list():
            for inner in content:
                yield from templates_of(inner)


def parse(templates: list[str]) -> list[dict[str, Any]]:
    command = ["node", "templates.js"]
    made = subprocess.run(command, cwd=NODE, input=json.dumps(templates), capture_output=True, text=True, check=True)
    return [json.loads(line) for line in made.stdout.splitlines()]


def schema_errors(configuration: Mapping[str, Any]) -> Iterator[str]:
    for resource_type, resources in configuration["resource"].items():
        if resource_type not in known_types():
            yield f"{resource_type} is unknown"
            continue
        for name, body in resources.items():
            own = {key: value for key, value in body.items() if key not in META}
            yield from _block_errors(f"{resource_type}.{name}", own, schema_of(resource_type).arguments)


def _block_errors(place: str, body: Any, arguments: Mapping[str, Argument]) -> Iterator[str]:
    if not isinstance(body, dict):
        yield f"{place} must be a block"
        return
    for name, value in body.items():
        if (argument := arguments.get(name)) is None:
            yield f"{place} has no argument {name}"
        else:
            yield from _value_errors(f"{place}.{name}", value, argument)
    yield from (
        f"{place} needs {name}" for name, argument in arguments.items() if argument.required and name not in body
    )


def _value_errors(place: str, value: Any, argument: Argument) -> Iterator[str]:
    is_expression = isinstance(value, str) and value.startswith("${") and value.endswith("}")
    match argument.kind:
        case "block":
            for item in value if isinstance(value, list) else [value]:
                yield from _block_errors(place, item, argument.arguments)
            if isinstance(value, list) and not argument.many and len(value) != 1:
                yield f"{place} can have one block, not {len(value)}"
        case "map":
            if not isinstance(value, dict) and not is_expression:
                yield f"{place} must be a map"
        case kind:
            if argument.many and not isinstance(value, list) and not is_expression:
                yield f"{place} must be a list"
            for item in value if isinstance(value, list) and argument.many else [value]:
                yield from _scalar_errors(place, item, kind)


def _scalar_errors(place: str, value: Any, kind: str) -> Iterator[str]:
    if isinstance(value, dict | list) or value is None:
        yield f"{place} must be a {kind}"
    elif kind == "number" and not re.fullmatch(r"-?\d+(\.\d+)?|\$\{.*\}", str(value)):
        yield f"{place} must be a number, not {value}"
    elif kind == "bool" and str(value).lower() not in ("true", "false") and "${" not in str(value):
        yield f"{place} must be a bool, not {value}"


def reference_errors(configurations: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Templates that do not parse, unknown functions, and references to what the configuration does not have."""
    found = [
        (source, template)
        for source, configuration in configurations.items()
        for section, content in configuration.items()
        if section not in ("//", "terraform")
        for template in templates_of(content, literal=section in ("variable", "output"))
    ]
    distinct = list(dict.fromkeys(template for _, template in found))
    parsed = dict(zip(distinct, parse(distinct), strict=True))
    for source, template in found:
        for problem in _template_errors(configurations[source], parsed[template]):
            yield f"{source}: {template}: {problem}"
    for source, configuration in configurations.items():
        for address in _addresses(configuration):
            resource_type, name = address.split(".")
            if name not in configuration["resource"].get(resource_type, {}):
                yield f"{source}: depends_on has {address}"


def _addresses(configuration: Mapping[str, Any]) -> Iterator[str]:
    for resources in configuration["resource"].values():
        for body in resources.values():
            yield from body.get("depends_on", ())


def _template_errors(configuration: Mapping[str, Any], parsed: Mapping[str, Any]) -> Iterator[str]:
    if "error" in parsed:
        yield parsed["error"]
        return
    yield from (f"{name} is unknown" for name in parsed["functions"] if name not in FUNCTIONS)
    for reference in parsed["references"]:
        if (problem := _reference_error(configuration, reference)) is not None:
            yield problem


def _reference_error(configuration: Mapping[str, Any], reference: str) -> str | None:
    match re.split(r"[.\[]", reference):
        case ["item", *_]:
            return None
        case ["var", name, *_]:
            return None if name in configuration["variable"] else f"no variable {name}"
        case ["local", name, *_]:
            return None if name in configuration["locals"] else f"no local value {name}"
        case ["data", source, name, attribute, *_]:
            known = name in configuration["data"].get(source, {}) and attribute in DATA[source]
            return None if known else f"no {reference}"
        case [resource_type, name, *rest] if name in configuration["resource"].get(resource_type, {}):
            attributes = schema_of(resource_type).attributes
            return None if not rest or rest[0] in attributes else f"{resource_type} has no {rest[0]}"
        case _:
            return f"no {reference}"


def cycle(configuration: Mapping[str, Any]) -> list[str] | None:
    """Resources that need each other, through local values too."""
    texts = {
        f"{kind}.{name}": json.dumps(body)
        for kind, bodies in configuration["resource"].items()
        for name, body in bodies.items()
    } | {f"local.{name}": json.dumps(content) for name, content in configuration.get("locals", {}).items()}
    needs = {
        name: {found for found in re.findall(r"\b(?:aws_\w+|local)\.\w+", text) if found in texts and found != name}
        for name, text in texts.items()
    }
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return path[path.index(name) :]
        if name not in done:
            for other in sorted(needs[name]):
                if (found := visit(other, [*path, name])) is not None:
                    return found
            done.add(name)
        return None

    return next((found for name in needs if (found := visit(name, [])) is not None), None)
