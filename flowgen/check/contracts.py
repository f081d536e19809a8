"""Types, and the names that generated code uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.check.names import MOST_GUESSES, tasks, tasks_of
from flowgen.check.trigger_inputs import values_of
from flowgen.diagnostics import Diagnostic, Label, Span, did_you_mean, replacing
from flowgen.model import (
    Call,
    Retrier,
    TypeDeclaration,
    TypeUse,
    Workflow,
    every_step,
    expressions_in,
    retriers_of,
    undoing_of,
)
from flowgen.model.element import listed
from flowgen.model.expressions import expressions_of, types_of
from flowgen.model.python_names import collisions
from flowgen.model.steps import kind_span
from flowgen.model.triggers import type_uses
from flowgen.model.types import TypeReference
from flowgen.source import Mapping as Node
from flowgen.source import Node as Source
from flowgen.source import Scalar, Sequence, Tagged
from flowgen.types import FORMATS, PRIMITIVES
from flowgen.types.finite import endless_types
from flowgen.types.foreign_names import in_our_notation

Schema = dict[str, Any]


def uses_of(workflow: Workflow) -> Iterator[TypeUse]:
    """Every use of a type in the workflow."""
    yield workflow.input
    yield workflow.output
    for function in workflow.functions.values():
        yield function.input
        yield function.output
        yield from (error.details for error in function.errors if error.details is not None)
    yield from type_uses(workflow.triggers)
    for step in every_step(workflow):
        undoing = undoing_of(step)
        for one in (step,) if undoing is None else (step, undoing):
            yield from types_of(one)


def _references(workflow: Workflow) -> Iterator[TypeReference]:
    for declared in workflow.types.values():
        yield from declared.references
    for use in uses_of(workflow):
        yield from use.references


def check_type_names(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG202: uses of types that are not declared."""
    names = [*workflow.types, *PRIMITIVES, *FORMATS]
    known = [name for name, declared in workflow.types.items() if not declared.derived]
    otherwise = f"the declared types are {listed(known)}" if known else "declare it under `types`"
    unknown = (reference for reference in _references(workflow) if reference.name not in workflow.types)
    for told, reference in enumerate(unknown):
        ours = in_our_notation(reference.name)
        if reference.name.islower() and not known:
            otherwise = f"declare it under `types`; for a list of allowed strings, write `[{reference.name}, …]`"
        guess = did_you_mean(reference.name, names) if told < MOST_GUESSES and ours is None else None
        yield Diagnostic(
            "FG202",
            f"unknown type `{reference.name}`",
            reference.span,
            "not declared under `types`",
            help=f"write `{ours}`" if ours else f"did you mean `{guess}`?" if guess else otherwise,
            fix=replacing(reference.span, ours or guess),
        )


_USED = "\0used"
"""Stands for a type that is not declared; no declared type has this name."""


def check_types(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG109: infinitely recursive types, and tagged unions whose members cannot be distinguished."""
    schemas = {name: declared.schema for name, declared in workflow.types.items()}
    themselves = _only_themselves(schemas)
    for name in themselves:
        yield Diagnostic("FG109", f"type `{name}` is defined only in terms of itself", workflow.types[name].node.span)
    endless = endless_types(schemas)
    for name in _in_circles({name: list(one.needs) for name, one in endless.items()}):
        if name not in themselves:
            yield _endless(workflow.types[name], name, endless[name].field)
    for declared in workflow.types.values():
        yield from _variants(workflow, declared)
    for use in uses_of(workflow):
        inside = {**schemas, **dict(use.hoisted)}
        if use.hoisted and endless_types({**inside, _USED: use.schema}).get(_USED) is not None and use.node is not None:
            yield Diagnostic(
                "FG109",
                "this type contains itself, so no value can have it",
                use.node.span,
                help="make a field optional, or a list",
            )


def _only_themselves(schemas: Mapping[str, Schema]) -> list[str]:
    """The types that are defined in terms of themselves: `A: B` with `B: A | null`.

    The fields, items and values of a type may use the type itself, because they are nested data.
    """
    return _in_circles(
        {name: [other for other in _needed(schema) if other in schemas] for name, schema in schemas.items()}
    )


def _in_circles(needs: Mapping[str, list[str]]) -> list[str]:
    """The names that depend on themselves, directly or indirectly, and those on a path between two of them."""
    left = _leading_to_a_cycle(needs)
    needed_by: dict[str, list[str]] = {name: [] for name in left}
    for name in left:
        for other in needs[name]:
            if other in needed_by:
                needed_by[other].append(name)
    return _leading_to_a_cycle(needed_by)


def _leading_to_a_cycle(edges: Mapping[str, list[str]]) -> list[str]:
    """Repeatedly removes names without dependencies."""
    back: dict[str, list[str]] = {name: [] for name in edges}
    for name, others in edges.items():
        for other in others:
            back[other].append(name)
    open_ends = {name: len(others) for name, others in edges.items()}
    done = [name for name, count in open_ends.items() if not count]
    while done:
        for name in back[done.pop()]:
            open_ends[name] -= 1
            if not open_ends[name]:
                done.append(name)
    return [name for name, count in open_ends.items() if count]


def _needed(schema: Schema) -> Iterator[str]:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield reference.rpartition("/")[2]
    for keyword in ("anyOf", "oneOf", "allOf"):
        for option in schema.get(keyword, ()):
            if isinstance(option, dict):
                yield from _needed(option)


def _endless(declared: TypeDeclaration, name: str, field: str | None) -> Diagnostic:
    fields = declared.node.get("fields") if isinstance(declared.node, Node) else None
    entry = fields.entry(field) if isinstance(fields, Node) and field is not None else None
    return Diagnostic(
        "FG109",
        f"type `{name}` always contains another `{name}`, so no value can have it",
        declared.key.span if entry is None else entry.value.span,
        help=f"make `{field}` optional (`{field}?:`), or a list (`[]`)"
        if field
        else "make a field optional, or a list",
    )


def _variants(workflow: Workflow, declared: TypeDeclaration) -> Iterator[Diagnostic]:
    for variant in declared.variants:
        member = workflow.types.get(variant.type)
        if member is None:
            continue
        tag = member.schema.get("properties", {}).get(declared.tag, {})
        if (
            not isinstance(tag, dict)
            or tag.get("const") != variant.tag
            or declared.tag not in member.schema.get("required", ())
        ):
            yield Diagnostic(
                "FG109",
                f"`{variant.type}` needs the literal `{variant.tag}` in its field `{declared.tag}`",
                variant.span,
                secondary=(Label(member.key.span, "declared here"),),
                help=f"add the field `{declared.tag}: [{variant.tag}]`",
            )


def check_names_in_python(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG205: collisions between types, functions and errors in generated code."""
    yield from collisions(workflow)


def check_unused(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG209: declarations that the file does not use. An unknown name may be a misspelling of one of them."""
    called = {step.function for step in tasks(workflow) if isinstance(step, Call)}
    if called <= workflow.functions.keys():
        for name, function in workflow.functions.items():
            unused = name not in called and not function.retired and not function.called_from_outside
            if unused and function.node.origin == workflow.node.origin:
                span = _key_span(workflow, "functions", name) or function.node.span
                message = f"no step calls the function `{name}`"
                yield Diagnostic("FG209", message, span, "never called", help=_CALLED_FROM_OUTSIDE)
    used = {reference.name for reference in _references(workflow)}
    if used <= workflow.types.keys():
        for name, declared in workflow.types.items():
            if name not in used and not declared.derived and declared.key.origin == workflow.node.origin:
                yield Diagnostic("FG209", f"the type `{name}` is not used", declared.key.span, "never used")
    applied = {id(one) for retry in _retries(workflow) for one in retry or ()}
    for name, retry in workflow.retries.items():
        if retry and retry[0].node.origin == workflow.node.origin and id(retry[0]) not in applied:
            span = _key_span(workflow, "retries", name) or retry[0].node.span
            yield Diagnostic("FG209", f"no `retry` names `{name}`", span, "never used")
    named = _named_in_stack(workflow) if workflow.parameters else set()
    for name, parameter in workflow.parameters.items():
        if name not in named and parameter.key.origin == workflow.node.origin:
            yield Diagnostic("FG209", f"the parameter `{name}` is not used", parameter.key.span, "never used")


_CALLED_FROM_OUTSIDE = "remove it; if something else calls it, write `url`, `answers` or `standalone: true`"


def _retries(workflow: Workflow) -> Iterator[tuple[Retrier, ...] | None]:
    """Every `retry` in the workflow."""
    if workflow.defaults is not None:
        yield from (workflow.defaults.retry, *(defaults.retry for _, defaults in workflow.defaults.of_kinds()))
    yield from (function.retry for function in workflow.functions.values())
    for step in every_step(workflow):
        undoing = undoing_of(step)
        yield from (retriers_of(one) for one in (step, undoing) if one is not None)


def check_retired(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG504: retired functions that a step calls, or that are not deployed with the workflow."""
    for step in tasks(workflow):
        if not isinstance(step, Call):
            continue
        function = workflow.functions.get(step.function)
        if function is not None and function.retired:
            yield Diagnostic(
                "FG504",
                f"this step calls the retired function `{step.function}`",
                kind_span(step),
                secondary=(Label(function.span_of("retired"), "retired here"),),
                help="remove `retired`, or call another function",
            )
    for name, function in workflow.functions.items():
        if function.retired and (function.arn is not None or function.activity):
            yield Diagnostic(
                "FG504",
                f"`{name}` is not deployed with the workflow and cannot be retired",
                function.span_of("retired"),
                help="remove the function: running executions can still call it",
            )


def _key_span(workflow: Workflow, section: str, name: str) -> Span | None:
    written = workflow.node.get(section)
    entry = written.entry(name) if isinstance(written, Node) else None
    return None if entry is None else entry.key.span


def _named_in_stack(workflow: Workflow) -> set[str]:
    """The parameters that expressions and CloudFormation functions use."""
    names = {
        reference.path[0]
        for step in every_step(workflow)
        for one in (step, *tasks_of(step))
        for expression in expressions_of(one)
        for reference in expression.syntax.references
        if reference.name == "parameters" and reference.path
    }
    names |= {
        reference.path[0]
        for trigger in workflow.triggers.values()
        for value in values_of(trigger)
        for expression in expressions_in(value)
        for reference in expression.syntax.references
        if reference.name == "parameters" and reference.path
    }
    nodes: list[Source] = [workflow.node]
    while nodes:
        node = nodes.pop()
        match node:
            case Node(entries=entries):
                nodes += [entry.value for entry in entries]
            case Sequence(items=items):
                nodes += items
            case Tagged(value=value):
                names |= _words(value)
                nodes.append(value)
            case _:
                pass
    return names | {word for declared in workflow.resources.values() for word in _texts(declared.content)}


def _words(node: Source) -> set[str]:
    """The names in the string of a tag: `!Ref Table`, `!Sub "${Table}-${AWS::Region}"`."""
    return set(re.findall(r"[A-Za-z0-9]+", node.text)) if isinstance(node, Scalar) else set()


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield from re.findall(r"[A-Za-z0-9]+", content)
    elif isinstance(content, dict | list):
        for value in content.values() if isinstance(content, dict) else content:
            yield from _texts(value)
