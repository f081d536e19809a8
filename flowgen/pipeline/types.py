"""What is known of the types in workflows, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowgen.pipeline.loading import Loaded


def show_types(loaded: Iterable[Loaded]) -> Iterator[str]:
    """Each step of workflows with the type of what goes into it and of what comes out, as the file has them."""
    from flowgen.check import analyse
    from flowgen.model import every_level
    from flowgen.types import show

    for one in loaded:
        types = analyse(one.workflow, one.others).steps
        steps = [
            ("  " * depth + step.id, types[step.id]) for depth, step in every_level(one.workflow) if step.id in types
        ]
        yield f"{one.workflow.name}:"
        width = max((len(name) for name, _ in steps), default=0)
        for name, (taken, given) in steps:
            yield f"  {name:{width}}  {show(taken)} -> {show(given)}"


def type_coverage(loaded: Iterable[Loaded]) -> Iterator[str]:
    """The share of the expressions of workflows whose type is fully known, and the places of the others, with why."""
    from flowgen.check import analyse

    for one in loaded:
        expressions = analyse(one.workflow, one.others).expressions
        unknown = {span: why for span, why in expressions.items() if why is not None}
        share = 100 * (len(expressions) - len(unknown)) // len(expressions) if expressions else 100
        yield f"{one.workflow.name}: the types of {share} % of {len(expressions)} expressions are fully known"
        for span, why in sorted(unknown.items()):
            yield f"  {span.file}:{span.start.line}:{span.start.column}: {why}"
