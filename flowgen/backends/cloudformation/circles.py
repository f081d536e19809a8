"""Resources of a template that refer to each other in a circle, which CloudFormation can't create."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowgen.backends.cloudformation.references import references
from flowgen.backends.cloudformation.units import Unit
from flowgen.diagnostics import Diagnostic
from flowgen.model.element import listed

_SUB = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}")


def circular(units: Sequence[Unit], template: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """FG526 at the reference of a workflow that closes a circle of the resources of a template."""
    resources: Mapping[str, Any] = template.get("Resources", {})
    edges = {name: _named(content, resources) for name, content in resources.items()}
    circles = _circles(edges)
    for unit in units:
        reported: set[frozenset[str]] = set()
        # What closes a circle is rather a reference to what we make than one to a resource that is written out.
        found = sorted(references(unit.workflow), key=lambda one: one.name in unit.workflow.resources)
        for reference in found:
            circle = circles.get(reference.name)
            if reference.kind != "value" or circle is None or circle in reported:
                continue
            reported.add(circle)
            names = listed(_way(edges, reference.name, circle))
            yield Diagnostic(
                "FG526",
                f"resources refer to each other in a circle through `{reference.name}`",
                reference.span,
                f"CloudFormation can't decide which of {names} to create first",
                help="write the ARN or name out with `!Sub`, from `${AWS::Region}`, `${AWS::AccountId}` and a name",
            )


def _named(content: Any, resources: Mapping[str, Any]) -> frozenset[str]:
    """The resources that another one needs to be there before it."""
    found: set[str] = set()
    waiting = [content]
    while waiting:
        match waiting.pop():
            case {"Ref": str() as name}:
                found.add(name)
            case {"Fn::GetAtt": str() as text}:
                found.add(text.partition(".")[0])
            case {"Fn::GetAtt": [str() as name, *_]}:
                found.add(name)
            case {"Fn::Sub": str() as text}:
                found.update(_SUB.findall(text))
            case {"Fn::Sub": [str() as text, dict() as values]}:
                found.update(name for name in _SUB.findall(text) if name not in values)
                waiting += values.values()
            case dict() as inner:
                after = inner.get("DependsOn") if inner is content else None
                found.update([after] if isinstance(after, str) else after or ())
                waiting += inner.values()
            case list() as items:
                waiting += items
            case _:
                pass
    return frozenset(found.intersection(resources))


def _circles(edges: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """The circle of each resource that is in one: all that it reaches and that reach it."""
    reached = {name: _reached(edges, name) for name in edges}
    return {
        name: frozenset(other for other in others if name in reached[other])
        for name, others in reached.items()
        if name in others
    }


def _reached(edges: Mapping[str, frozenset[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [*edges[start]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += edges[name]
    return found


def _way(edges: Mapping[str, frozenset[str]], start: str, circle: frozenset[str]) -> list[str]:
    """The shortest way round, from a resource back to it."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        for name in sorted(edges[way[-1]] & circle):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return sorted(circle)
