"""The names that generated Python takes from a workflow, and whether two of them collide."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.model.workflow import Workflow
from flowgen.source import Mapping, Node

RESERVED_CLASSES = frozenset(
    {"BaseModel", "ContractViolation", "Protocol", "RootModel", "StepContext", "TypeAdapter", "Any", "Enum", "Field"}
)
"""Names that generated modules use themselves."""


def class_name(name: str) -> str:
    """The class that a name in snake_case becomes.

    >>> class_name("send_email")
    'SendEmail'
    """
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def collisions(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG205 for names that come out as one class: a type `SendEmail` and a function `send_email`."""
    taken: dict[str, tuple[str, Span]] = {}
    for name, what, span in _classes(workflow):
        if name in RESERVED_CLASSES:
            yield Diagnostic("FG205", f"{what} comes out as `{name}`, a name that generated code uses itself", span)
            continue
        first = taken.setdefault(name, (what, span))
        if first[1] != span:
            yield Diagnostic(
                "FG205",
                f"{what} and {first[0]} both come out as `{name}` in generated code",
                span,
                "the second",
                secondary=(Label(first[1], "the first"),),
                help="rename one of them",
            )


def _classes(workflow: Workflow) -> Iterator[tuple[str, str, Span]]:
    for name, declared in workflow.types.items():
        yield name, f"the type `{name}`", declared.key.span
    for name, function in workflow.functions.items():
        span = _key(workflow.node.get("functions"), name, function.node)
        yield class_name(name), f"the function `{name}`", span
        if function.input.expression is None:
            yield f"{class_name(name)}Input", f"the input of `{name}`", function.span_of("input")
        if function.output.expression is None:
            yield f"{class_name(name)}Output", f"the output of `{name}`", function.span_of("output")
    seen: set[str] = set()
    for name, function in workflow.functions.items():
        for error in function.errors:
            if error.name not in seen:
                seen.add(error.name)
                yield error.name, f"the error `{error.name}` of `{name}`", error.node.span


def _key(owner: Node | None, name: str, otherwise: Node) -> Span:
    entry = owner.entry(name) if isinstance(owner, Mapping) else None
    return otherwise.span if entry is None else entry.key.span
