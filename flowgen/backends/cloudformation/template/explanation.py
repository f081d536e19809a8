"""The resources of a template as text: the names for overrides, and what was overridden where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from flowgen.backends.cloudformation.overrides import Overrides
from flowgen.backends.cloudformation.template.build import build_template
from flowgen.backends.cloudformation.template.override_targets import paths, resolve
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack


def explanation(stacks: Sequence[WorkflowStack]) -> str:
    """Each resource with its path, logical id and type, and the file and line of each override of it.

    `findings` must have found no error.
    """
    resources = build_template(stacks)["Resources"]
    overrides, left = resolve(stacks), dict(resources)
    parts = []
    for stack in stacks:
        named = {path: re.compile(pattern) for path, pattern in paths(stack).items()}
        own = {name: path for path, pattern in named.items() for name in resources if pattern.fullmatch(name)}
        rows = [(own[name], name, str(resources[name]["Type"])) for name in resources if name in own]
        parts.append(_part(f"workflow {stack.workflow.name}", rows, overrides))
        left = {name: declared for name, declared in left.items() if name not in own}
    if left:
        rows = [("-", name, str(declared["Type"])) for name, declared in left.items()]
        parts.append(_part("other resources", rows, overrides))
    return "\n".join(parts)


def _part(title: str, rows: Sequence[tuple[str, str, str]], overrides: Overrides) -> str:
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    lines = [title]
    for path, name, resource_type in rows:
        lines.append(f"  {path:{widths[0]}}  {name:{widths[1]}}  {resource_type}")
        lines += (f"    {line}" for line in _overridden(name, overrides))
    return "".join(f"{line}\n" for line in lines)


def _overridden(name: str, overrides: Overrides) -> Iterator[str]:
    """What overrides set on a resource. A later one replaces what an earlier one set."""
    written: Iterable[tuple[str, str]] = (
        (entry.key.text, f"{entry.key.span.file}:{entry.key.span.start.line}")
        for resolved in overrides.of(name)
        for entry in resolved.override.entries
    )
    return (f"{key} is overridden in {place}" for key, place in dict(written).items())
