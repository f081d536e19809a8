"""What AWS would refuse in the stack, told at the workflow's lines before a template is built."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from flowgen.backends.cloudformation.sizing import setting_span, settings
from flowgen.backends.cloudformation.units import Unit
from flowgen.diagnostics import Diagnostic, Label, Sink, Span
from flowgen.model import Function
from flowgen.source import Mapping

# Lambda developer guide, "Lambda quotas", and API reference, `CreateFunction`.
MEMORY = range(128, 10_240 + 1)
TIMEOUT = range(1, 900 + 1)
ENVIRONMENT = 4096
HANDLER = 128
# Lambda developer guide, "Working with Lambda environment variables": reserved environment variables.
RESERVED_VARIABLES = frozenset({
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
})  # fmt: skip
RESOURCES = 500
"""A template's (CloudFormation user guide, "Understand CloudFormation quotas")."""


def findings(units: Sequence[Unit]) -> list[Diagnostic]:
    """Collisions of names and limits that are exceeded, sorted by place; empty when `stack` may build the template."""
    sink = Sink()
    sink.extend(_collisions(units))
    for unit in units:
        for name, function in unit.deployed():
            sink.extend(_function(unit, name, function))
    sink.extend(_count(units))
    return list(sink)


def _collisions(units: Sequence[Unit]) -> Iterator[Diagnostic]:
    owners: dict[str, tuple[str, Span]] = {}
    told = set()
    for what, span, logical_ids in _owners(units):
        for logical_id in logical_ids:
            other, where = owners.setdefault(logical_id, (what, span))
            if where != span and (where, span) not in told:
                told.add((where, span))
                yield Diagnostic(
                    "FG501",
                    f"{what} and {other} would both be `{logical_id}` in the stack",
                    span,
                    secondary=(Label(where, f"also `{logical_id}`"),),
                    help="rename one of them",
                )


def _owners(units: Sequence[Unit]) -> Iterator[tuple[str, Span, tuple[str, ...]]]:
    """Who has resources: what it is in words, where its name stands, the logical ids."""
    for unit in units:
        name = unit.workflow.name
        yield f"the machine of `{name}`", unit.workflow.span_of("name"), unit.machine.all()
    for unit in units:
        for name, _ in unit.deployed():
            what = f"the function `{name}` of `{unit.workflow.name}`"
            yield what, _name_span(unit, name), unit.function(name).all()


def _name_span(unit: Unit, function: str) -> Span:
    """Where a function's name stands."""
    declared = unit.workflow.node.get("functions")
    entry = declared.entry(function) if isinstance(declared, Mapping) else None
    return unit.workflow.functions[function].node.span if entry is None else entry.key.span


def _function(unit: Unit, name: str, function: Function) -> Iterator[Diagnostic]:
    made = settings(unit.workflow, function)

    def where(key: str) -> Span:
        return setting_span(unit.workflow, function, key)

    if made.memory not in MEMORY:
        yield Diagnostic(
            "FG402", f"Lambda gives a function {MEMORY[0]} to {MEMORY[-1]:,} MiB of memory", where("memory")
        )
    if made.timeout not in TIMEOUT:
        yield Diagnostic(
            "FG402",
            f"a Lambda function may run for 1 second to 15 minutes, not {made.timeout:,} seconds",
            where("timeout"),
            help="a longer wait belongs into the workflow: a `wait` step costs nothing",
        )
    size = len(json.dumps(made.environment, ensure_ascii=False, separators=(",", ":")).encode())
    if size > ENVIRONMENT:
        yield Diagnostic(
            "FG402",
            f"the environment of a Lambda function may have {ENVIRONMENT:,} bytes; here it has {size:,}",
            where("environment"),
            help="keep what is large in a file of the code, or in the Parameter Store",
        )
    for variable in made.environment:
        if variable in RESERVED_VARIABLES:
            yield _variable(unit, function, variable, "Lambda keeps it for itself")
    if list(made.environment) == ["Ref"]:
        yield _variable(unit, function, "Ref", "CloudFormation would take it for a reference")
    handler = unit.handlers[name]
    if len(handler) > HANDLER:
        yield Diagnostic(
            "FG401",
            f"the handler of `{name}`, `{handler}`, has {len(handler)} characters; Lambda allows {HANDLER}",
            _name_span(unit, name),
            help="shorten the name of the function, of the workflow or of the package",
        )


def _variable(unit: Unit, function: Function, name: str, reason: str) -> Diagnostic:
    own = function.node.get("environment")
    entry = own.entry(name) if isinstance(own, Mapping) else None
    at = setting_span(unit.workflow, function, "environment") if entry is None else entry.key.span
    return Diagnostic("FG107", f"no environment variable can be called `{name}`: {reason}", at)


def _count(units: Sequence[Unit]) -> Iterator[Diagnostic]:
    count = sum(
        len(unit.machine.all()) + sum(len(unit.function(name).all()) for name, _ in unit.deployed()) for unit in units
    )
    if count > RESOURCES:
        yield Diagnostic(
            "FG402",
            f"the stack would have {count:,} resources; CloudFormation allows {RESOURCES}",
            units[-1].workflow.span_of("name"),
            help="make several stacks: give `flowgen template` fewer workflows at a time",
        )
