"""Types and the names that generated code takes from a workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.check.names import MOST_GUESSES, tasks
from flowgen.diagnostics import Diagnostic, Label, did_you_mean
from flowgen.model import Asl, Aws, Call, ForEach, Http, Reader, TypeDeclaration, TypeUse, Workflow, every_step
from flowgen.model.element import listed
from flowgen.model.python_names import collisions
from flowgen.model.types import TypeReference
from flowgen.types import FORMATS, PRIMITIVES

Schema = dict[str, Any]


def uses_of(workflow: Workflow) -> Iterator[TypeUse]:
    """Every place of the workflow where a type is used."""
    yield workflow.input
    yield workflow.output
    for function in workflow.functions.values():
        yield function.input
        yield function.output
        yield from (error.details for error in function.errors if error.details is not None)
    for step in every_step(workflow):
        match step:
            case Call(callback=use) | Aws(callback=use) if use is not None:
                yield use
            case Http(output=use) | Asl(output=use) | ForEach(items=Reader(item=use)):
                yield use
            case _:
                pass
        if isinstance(step, Aws) and step.output is not None:
            yield step.output


def _references(workflow: Workflow) -> Iterator[TypeReference]:
    for declared in workflow.types.values():
        yield from declared.references
    for use in uses_of(workflow):
        yield from use.references


def check_type_names(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG202: every type that is named is declared."""
    names = [*workflow.types, *PRIMITIVES, *FORMATS]
    known = [name for name, declared in workflow.types.items() if not declared.derived]
    otherwise = f"the declared types are {listed(known)}" if known else "declare it under `types`"
    unknown = (reference for reference in _references(workflow) if reference.name not in workflow.types)
    for told, reference in enumerate(unknown):
        guess = did_you_mean(reference.name, names) if told < MOST_GUESSES else None
        yield Diagnostic(
            "FG202",
            f"there is no type `{reference.name}`",
            reference.span,
            "not declared under `types`",
            help=f"did you mean `{guess}`?" if guess else otherwise,
        )


def check_types(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG109: a type that is only itself, and tagged unions whose members can't be told apart."""
    for name in _only_themselves({name: declared.schema for name, declared in workflow.types.items()}):
        yield Diagnostic("FG109", f"`{name}` is nothing but itself", workflow.types[name].node.span)
    for declared in workflow.types.values():
        yield from _variants(workflow, declared)


def _only_themselves(schemas: Mapping[str, Schema]) -> list[str]:
    """The types that need themselves to say what they are: `A: B` with `B: A | null`.

    A field, an item or a map's value may be of the type that it is part of: there is data in between.
    """
    needs = {name: [other for other in _needed(schema) if other in schemas] for name, schema in schemas.items()}
    left = _leading_to_a_cycle(needs)
    needed_by: dict[str, list[str]] = {name: [] for name in left}
    for name in left:
        for other in needs[name]:
            if other in needed_by:
                needed_by[other].append(name)
    return _leading_to_a_cycle(needed_by)


def _leading_to_a_cycle(edges: Mapping[str, list[str]]) -> list[str]:
    """Takes away what leads nowhere, again and again."""
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
                f"`{variant.type}` can't be told apart: its field `{declared.tag}` is not the literal `{variant.tag}`",
                variant.span,
                secondary=(Label(member.key.span, "declared here"),),
                help=f"give it the field `{declared.tag}: [{variant.tag}]`",
            )


def check_names_in_python(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG205: types, functions and errors share the names of the generated code."""
    yield from collisions(workflow)


def check_unused(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG209: what is declared is used."""
    called = {step.function for step in tasks(workflow) if isinstance(step, Call)}
    functions = workflow.node.get("functions")
    for name, function in workflow.functions.items():
        if name not in called and function.node.origin == workflow.node.origin:
            entry = functions.entry(name) if functions is not None and hasattr(functions, "entry") else None
            span = entry.key.span if entry is not None else function.node.span
            yield Diagnostic("FG209", f"no step calls the function `{name}`", span, "never called")
    used = {reference.name for reference in _references(workflow)}
    for name, declared in workflow.types.items():
        if name not in used and not declared.derived and declared.key.origin == workflow.node.origin:
            yield Diagnostic("FG209", f"the type `{name}` is not used", declared.key.span, "never used")
