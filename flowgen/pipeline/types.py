"""The types in workflows as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowgen.pipeline.build import Build


def show_types(builds: Iterable[Build]) -> Iterator[str]:
    """Each step of workflows with its input type and its output type, in the order of the file."""
    from flowgen.model import every_level
    from flowgen.types import show

    for build in builds:
        types = build.dataflow.steps
        steps = [
            ("  " * depth + step.id, types[step.id]) for depth, step in every_level(build.workflow) if step.id in types
        ]
        yield f"{build.workflow.name}:"
        width = max((len(name) for name, _ in steps), default=0)
        for name, (before, after) in steps:
            yield f"  {name:{width}}  {show(before)} -> {show(after)}"


def type_coverage(builds: Iterable[Build]) -> Iterator[str]:
    """The share of the expressions of workflows whose type is fully known, and where and why others are not."""
    for build in builds:
        expressions = build.dataflow.expressions
        unknown = {span: why for span, why in expressions.items() if why is not None}
        share = 100 * (len(expressions) - len(unknown)) // len(expressions) if expressions else 100
        yield f"{build.workflow.name}: the types of {share} % of {len(expressions)} expressions are fully known"
        for span, why in sorted(unknown.items()):
            yield f"  {span.file}:{span.start.line}:{span.start.column}: {why}"
