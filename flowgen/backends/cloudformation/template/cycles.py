"""Resources that refer to each other in a cycle, which CloudFormation cannot create."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowgen.backends.cloudformation.cross_references import depended_on, references
from flowgen.backends.cloudformation.template.references import references as written_references
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.diagnostics import Diagnostic

Edges = Mapping[str, frozenset[str]]
"""The resources that each resource needs."""


def circular(stacks: Sequence[WorkflowStack], template: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """FG526 at each reference in a workflow that closes a cycle of the template's resources."""
    edges = edges_of(template.get("Resources", {}))
    cycles = _cycles(edges)
    for stack in stacks:
        reported: set[frozenset[str]] = set()
        # Report a reference to a generated resource rather than one to a resource that the user declares.
        found = sorted(written_references(stack.workflow), key=lambda found: found.name in stack.workflow.resources)
        for reference in found:
            cycle = cycles.get(reference.name)
            if reference.kind != "value" or cycle is None or cycle in reported:
                continue
            reported.add(cycle)
            circle = " → ".join(f"`{name}`" for name in (*_path(edges, reference.name, cycle), reference.name))
            yield Diagnostic(
                "FG526",
                f"circular reference between resources through `{reference.name}`",
                reference.span,
                f"each of these refers to the next: {circle}",
                help="remove this `DependsOn`, or another one of the circle"
                if reference.is_order
                else "write the ARN or name out with `!Sub`, from `${AWS::Region}`, `${AWS::AccountId}` and a name",
            )


def cycle_in(declared: Mapping[str, Any]) -> list[str]:
    """Resources that refer to each other in a cycle, starting and ending with the same one; empty if there is none."""
    edges = edges_of(declared)
    for name, cycle in _cycles(edges).items():
        return [*_path(edges, name, cycle), name]
    return []


def edges_of(declared: Mapping[str, Any]) -> Edges:
    return {
        name: frozenset({other for other, _ in references(dict(declaration))} | set(depended_on(declaration)))
        & declared.keys()
        for name, declaration in declared.items()
    }


def _cycles(edges: Edges) -> dict[str, frozenset[str]]:
    """The cycle of each resource that is in one: everything that it reaches and that reaches it."""
    reached = {name: _reached(edges, name) for name in edges}
    return {
        name: frozenset(other for other in others if name in reached[other])
        for name, others in reached.items()
        if name in others
    }


def _reached(edges: Edges, start: str) -> set[str]:
    found: set[str] = set()
    waiting = [*edges[start]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += edges[name]
    return found


def _path(edges: Edges, start: str, cycle: frozenset[str]) -> list[str]:
    """The shortest path from a resource through its cycle back to it, without the resource at the end."""
    paths = [[start]]
    seen = {start}
    for path in paths:
        for name in sorted(edges[path[-1]] & cycle):
            if name == start:
                return path
            if name not in seen:
                seen.add(name)
                paths.append([*path, name])
    return sorted(cycle)
