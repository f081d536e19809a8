"""The template: every workflow's machine, functions, roles and log groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flowgen.backends.cloudformation import permissions
from flowgen.backends.cloudformation.definition import place
from flowgen.backends.cloudformation.intrinsics import arn_of, literal, ref, sub
from flowgen.backends.cloudformation.sizing import settings
from flowgen.backends.cloudformation.units import Unit
from flowgen.model import Function

CODE_BUCKET = "CodeBucket"
CODE_KEY = "CodeKey"
RETENTION = 30
"""How long logs are kept, in days."""

TEMPLATE_DESCRIPTION = 1024
"""Bytes of UTF-8 (CloudFormation user guide, "Understand CloudFormation quotas")."""
FUNCTION_DESCRIPTION = 256
"""Characters, which are Java's: units of UTF-16 (Lambda API reference, `CreateFunction`)."""

Entry = tuple[str, dict[str, Any]]


def stack(units: Sequence[Unit]) -> dict[str, Any]:
    """The template of some workflows as JSON data. `findings` told nothing of them.

    Raises ValueError for what `findings` tells as FG501: two resources of one logical id.
    """
    from flowgen.backends.cloudformation import resources

    template: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09", "Description": _description(units)}
    if any(True for unit in units for _ in unit.deployed()):
        template["Parameters"] = {
            CODE_BUCKET: resources.text_parameter(
                description="The S3 bucket that holds the functions' code, in the region of the stack."
            ),
            CODE_KEY: resources.text_parameter(
                description="The key in that bucket of the zip file with the functions' code."
            ),
        }
    template["Resources"] = _distinct(entry for unit in units for entry in _unit(unit))
    template["Outputs"] = {
        f"{unit.machine.machine}Arn": resources.output(
            description=f"The ARN of the state machine of {unit.workflow.name}.",
            value=arn_of(unit.machine.machine),
            export=sub(f"${{AWS::StackName}}-{unit.machine.machine}Arn"),
        )
        for unit in units
    }
    return template


def _distinct(entries: Iterator[Entry]) -> dict[str, Any]:
    declared: dict[str, Any] = {}
    for logical_id, declaration in entries:
        if logical_id in declared:
            raise ValueError(logical_id)
        declared[logical_id] = declaration
    return declared


def _unit(unit: Unit) -> Iterator[Entry]:
    yield from _machine(unit)
    for name, function in unit.deployed():
        yield from _function(unit, name, function)


def _machine(unit: Unit) -> Iterator[Entry]:
    from flowgen.backends.cloudformation import resources

    ids, workflow, placed = unit.machine, unit.workflow, place(unit)
    arns = {name: arn for name in placed.invoked if (arn := workflow.functions[name].arn) is not None}
    ours = [unit.function(name).function for name in placed.invoked if name not in arns]
    yield (
        ids.machine,
        resources.state_machine(
            definition=placed.definition,
            substitutions=placed.substitutions,
            role=arn_of(ids.role),
            log_group=arn_of(ids.log_group),
        ),
    )
    yield (
        ids.role,
        resources.role(
            trust=permissions.machine_trust(),
            policy=ids.machine,
            document=permissions.machine_document(ours, tuple(dict.fromkeys(arns.values()))),
        ),
    )
    # Under /aws/vendedlogs/, log delivery does not run into the size limit of CloudWatch Logs' resource policy.
    name = f"/aws/vendedlogs/states/${{AWS::StackName}}/{workflow.name}"
    yield ids.log_group, resources.log_group(name=sub(name), retention=RETENTION)


def _function(unit: Unit, name: str, function: Function) -> Iterator[Entry]:
    from flowgen.backends.cloudformation import resources

    ids, sizing = unit.function(name), settings(unit.workflow, function)
    yield (
        ids.function,
        resources.function(
            description=literal(_prose(function.description or "", 2 * FUNCTION_DESCRIPTION, "utf-16-le")),
            handler=unit.handlers[name],
            runtime=sizing.runtime,
            architecture=sizing.architecture,
            memory=sizing.memory,
            timeout=sizing.timeout,
            environment={name: literal(text) for name, text in sizing.environment.items()},
            bucket=ref(CODE_BUCKET),
            key=ref(CODE_KEY),
            role=arn_of(ids.role),
            log_group=ref(ids.log_group),
        ),
    )
    yield (
        ids.role,
        resources.role(
            trust=permissions.function_trust(),
            policy=ids.function,
            document=permissions.function_document(ids.log_group),
        ),
    )
    group = f"/aws/lambda/${{AWS::StackName}}/{unit.workflow.name}/{name}"
    yield ids.log_group, resources.log_group(name=sub(group), retention=RETENTION)


def _description(units: Sequence[Unit]) -> str:
    own = (units[0].workflow.description or "").strip() if len(units) == 1 else ""
    text = own or f"Step Functions: {', '.join(unit.workflow.name for unit in units)}."
    return _prose(text.replace("${", "$ {"), TEMPLATE_DESCRIPTION, "utf-8")


def _prose(text: str, limit: int, encoding: str) -> str:
    """A description, cut to `limit` bytes: the whole one stands in the definition's comment and in the generated code.

    CloudFormation would look up what `{{resolve:…}}` names, and a description means no such thing.
    """
    text = text.strip().replace("{{resolve:", "{ {resolve:")
    if len(text.encode(encoding)) <= limit:
        return text
    rest = limit - len("…".encode(encoding))
    return text.encode(encoding)[:rest].decode(encoding, "ignore").rstrip() + "…"
