"""The changes of workflows as text, Markdown, HTML and JSON."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flowgen.pipeline.changes import Change, Detail, Kind, WorkflowChange
from flowgen.pipeline.short_texts import html_code, markdown_code

_SIGNS: dict[Kind, str] = {"added": "+", "removed": "-", "changed": "~"}
_ORDER = ("interface", "steps", "functions", "types", "errors", "settings", "permissions")
_STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; color-scheme: light dark }
code { font: 0.9em ui-monospace, monospace }
li.added::marker { content: "+ "; color: light-dark(#116329, #56d364) }
li.removed::marker { content: "- "; color: light-dark(#a40e26, #ff7b72) }
li.changed::marker { content: "~ "; color: light-dark(#7d4e00, #e3b341) }
.diagram { overflow-x: auto }
.breaking { color: light-dark(#a40e26, #ff7b72) }"""


def as_text(changes: Sequence[WorkflowChange]) -> Iterator[str]:
    """Lines for a terminal."""
    for workflow in changes:
        yield f"{workflow.name}: {workflow.kind}"
        for problem in workflow.breaking:
            yield f"  breaking: {problem}"
        for note in workflow.notes:
            yield f"  note: {note}"
        for section, members in _sections(workflow):
            yield f"  {section}"
            for change in members:
                yield f"    {_SIGNS[change.kind]} {change.name}{_inline(change)}"
                for detail in _listed(change):
                    yield f"        {_line(detail)}"


def as_markdown(changes: Sequence[WorkflowChange]) -> str:
    """Markdown for a pull request: the breaking changes first, then each workflow."""
    if not changes:
        return "No workflow changes.\n"
    lines: list[str] = []
    for workflow in changes:
        lines += [f"### `{workflow.name}`: {workflow.kind}", ""]
        lines += [f"> **Breaking:** {problem}" for problem in workflow.breaking]
        lines += [f"> **Note:** {note}" for note in workflow.notes]
        if workflow.breaking or workflow.notes:
            lines.append("")
        for section, members in _sections(workflow):
            lines += [f"**{section}**", ""]
            for change in members:
                lines.append(f"- {change.kind} {markdown_code(change.name)}{_inline(change, markdown_code)}")
                lines += [f"  - {_line(detail, markdown_code)}" for detail in _listed(change)]
            lines.append("")
    return "\n".join(lines)


def as_html(changes: Sequence[WorkflowChange], title: str, diagrams: Mapping[str, str]) -> str:
    """A page without scripts or other files. `diagrams` are the SVG images of workflows, by name."""
    body: list[str] = []
    for workflow in changes:
        body.append(f"<h2><code>{html.escape(workflow.name)}</code>: {workflow.kind}</h2>")
        body += [f'<p class="breaking">Breaking: {html.escape(problem)}</p>' for problem in workflow.breaking]
        body += [f"<p>Note: {html.escape(note)}</p>" for note in workflow.notes]
        if workflow.name in diagrams:
            body.append(f'<div class="diagram">\n{diagrams[workflow.name]}</div>')
        for section, members in _sections(workflow):
            body += [f"<h3>{section}</h3>", "<ul>"]
            for change in members:
                inner = "".join(f"<li>{_line(detail, html_code)}</li>" for detail in _listed(change))
                more = f"<ul>{inner}</ul>" if inner else ""
                body.append(
                    f'<li class="{change.kind}">{html_code(change.name)}{_inline(change, html_code)}{more}</li>'
                )
            body.append("</ul>")
    content = "\n".join(body) or "<p>No workflow changes.</p>"
    name = html.escape(title)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{name}</title>\n'
        f"<style>\n{_STYLE}\n</style>\n<h1>{name}</h1>\n{content}\n</html>\n"
    )


def as_json(changes: Sequence[WorkflowChange]) -> list[dict[str, Any]]:
    """The changes for programs."""
    return [asdict(workflow) | {"breaking": list(workflow.breaking)} for workflow in changes]


def _sections(workflow: WorkflowChange) -> Iterator[tuple[str, list[Change]]]:
    for section in _ORDER:
        members = [change for change in workflow.changes if change.section == section]
        if members:
            yield section, members


def _same(text: str) -> str:
    return text


def _inline(change: Change, shown: Any = _same) -> str:
    """The details of a change whose only detail has no path: `: before -> after`."""
    if len(change.details) != 1 or change.details[0].path:
        return ""
    return f": {_values(change.details[0], shown)}"


def _listed(change: Change) -> tuple[Detail, ...]:
    return () if _inline(change) else change.details


def _line(detail: Detail, shown: Any = _same) -> str:
    return f"{shown(detail.path)}: {_values(detail, shown)}"


def _values(detail: Detail, shown: Any) -> str:
    if detail.before is None:
        return str(shown(detail.after))
    if detail.after is None:
        return f"{shown(detail.before)} removed"
    arrow = "&rarr;" if shown is html_code else "->"
    return f"{shown(detail.before)} {arrow} {shown(detail.after)}"
