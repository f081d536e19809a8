"""A page about each workflow for people: its contract, steps, errors, triggers, permissions and alarms."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.pipeline.build import Build
from flowgen.pipeline.permissions import permissions_of, resources_of
from flowgen.pipeline.short_texts import html_code, markdown_code, short

if TYPE_CHECKING:
    from flowgen.check.dataflow.contracts import Contracts
    from flowgen.model import Step
    from flowgen.model.steps.base import Catcher
    from flowgen.model.types import TypeUse

_CONSTRAINTS = {
    "pattern": "pattern",
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
    "multipleOf": "multiple of",
    "minLength": "minimum length",
    "maxLength": "maximum length",
    "default": "default",
}
"""JSON Schema keywords of a field, and how the page names them."""
_MARKUP = re.compile(r"[\\`*\[\]<>#|]|(?<!\w)_|_(?!\w)")
"""What would be markup in Markdown. An underscore inside a word is none."""
_STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em }
:root { color-scheme: light dark }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: break-word }
table { border-collapse: collapse; width: 100% }
figure { margin: 1em 0; overflow-x: auto }
th, td { border-bottom: 1px solid; padding: 0.3em 0.8em 0.3em 0; text-align: left; vertical-align: top }
td:first-child { white-space: nowrap }"""


@dataclass(frozen=True, slots=True)
class Code:
    """Text that a page shows as code."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below a heading of the page; `note` is shown instead of a table without rows."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


Cell: TypeAlias = "str | Code | tuple[str | Code, ...]"


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one workflow. `file` is the path of the workflow file from the project's root."""

    name: str
    description: str
    file: str
    diagram: str
    """The diagram as SVG."""
    facts: tuple[tuple[str, Cell], ...]
    tables: tuple[Table, ...]


def page_of(build: Build) -> Page:
    """The page of a workflow without errors."""
    from flowgen.check.dataflow.contracts import Contracts
    from flowgen.diagrams import svg
    from flowgen.pipeline.diagrams import structure
    from flowgen.types import show

    workflow, contracts = build.workflow, Contracts(build.workflow, build.others)
    facts: list[tuple[str, Cell]] = [
        ("Input", Code(show(contracts.sent(workflow.input)))),
        ("Output", Code(show(contracts.filled(workflow.output)))),
        ("Type", workflow.type),
    ]
    if workflow.timeout is not None:
        facts.append(("Timeout", str(_yaml(workflow.node)["timeout"])))
    resources = resources_of(build)
    tables = [
        Table("Steps", ("step", "what it does", "result"), tuple(_steps(build))),
        Table("Errors", ("error", "raised by", "handled by"), tuple(_errors(build)), "No step declares an error."),
        Table("Functions", ("function", "input", "output", "errors", "about"), tuple(_functions(build, contracts))),
        *_types(build, contracts),
        Table("Triggers", ("trigger", "kind", "settings"), tuple(_triggers(build)), "Nothing starts it by itself."),
        Table("Alarms", ("alarm", "fires when"), tuple(_alarms(resources)), "It has no alarms."),
        Table("Permissions", ("role", "actions", "resources", "condition"), tuple(_permissions(resources))),
    ]
    file = build.found.project.relative(build.found.path)
    shown = tuple(table for table in tables if table.rows or table.note)
    return Page(workflow.name, workflow.description or "", file, svg(structure(build)), tuple(facts), shown)


def _yaml(node: Any) -> dict[str, Any]:
    from flowgen.source import plain

    value = plain(node)
    return value if isinstance(value, dict) else {}


def _steps(build: Build) -> Iterator[tuple[Cell, ...]]:
    from flowgen.model import every_level
    from flowgen.types import show

    types = build.dataflow.steps
    for depth, step in every_level(build.workflow):
        result = types[step.id][1] if step.id in types else None
        shown = "" if result is None or result.is_never else Code(show(result))
        yield ("\N{EM SPACE}" * depth, Code(step.id)), _what(step), shown


def _what(step: Step) -> Cell:
    """What a step does, in the words of its box in the diagram, its condition and its description."""
    from flowgen.diagrams.step_texts import notes, step_texts
    from flowgen.source import Scalar

    condition = step.node.get("if")
    parts: list[str | Code] = [Code(short(text)) for text in step_texts(step)]
    if isinstance(condition, Scalar):
        parts.append(Code(f"if {short(condition.text)}"))
    described = (f". {step.description}",) if step.description else ()
    return (*_join([*parts, *notes(step)]), *described)


def _errors(build: Build) -> Iterator[tuple[Cell, ...]]:
    """Each error with the steps that raise it and the nearest `catch` around each."""
    from flowgen.model.raised import errors_of_step
    from flowgen.model.steps.base import ANY_ERROR

    found: dict[str, list[tuple[str, str]]] = {}
    for step, around in _with_catches(build):
        for name in errors_of_step(step, build.workflow):
            handler = next(
                (owner for owner, catcher in around if name in catcher.errors or ANY_ERROR in catcher.errors), None
            )
            found.setdefault(name, []).append((step.id, handler or ""))
    for name, places in sorted(found.items()):
        yield (
            Code(name),
            _codes(place for place, _ in places),
            tuple(_join([f"the catch of {one}" if one else "nobody" for one in dict.fromkeys(h for _, h in places)])),
        )


def _codes(names: Iterable[str]) -> Cell:
    return tuple(_join([Code(name) for name in dict.fromkeys(names)]))


def _join(parts: Sequence[str | Code]) -> Iterator[str | Code]:
    for number, part in enumerate(parts):
        if number:
            yield ", "
        yield part


def _with_catches(build: Build) -> Iterator[tuple[Step, tuple[tuple[str, Catcher], ...]]]:
    """Every step with the catches around it, the nearest first, each with the name of its owner."""
    from flowgen.model.steps.kinds import catchers_at, catchers_of, own_bodies

    workflow = build.workflow
    outer = tuple(("the workflow", catcher) for catcher in workflow.catch)
    waiting = [(workflow.steps, outer)]
    waiting += [(catcher.steps, ()) for catcher in workflow.catch if catcher.steps is not None]
    waiting += [(handler.steps, ()) for handler in workflow.handlers.values()]
    while waiting:
        steps, around = waiting.pop()
        for step in steps:
            inside = (*((step.id, catcher) for catcher in catchers_of(step)), *around)
            yield step, inside
            waiting += [(body, inside) for body in own_bodies(step)]
            waiting += [(catcher.steps, around) for catcher in catchers_at(step) if catcher.steps is not None]


def _functions(build: Build, contracts: Contracts) -> Iterator[tuple[Cell, ...]]:
    from flowgen.types import show

    for name, function in build.workflow.functions.items():
        yield (
            Code(name),
            Code(show(contracts.sent(function.input))),
            Code(show(contracts.result_of(function))),
            _codes(error.name for error in function.errors),
            function.description or "",
        )


def _types(build: Build, contracts: Contracts) -> Iterator[Table]:
    """A table for each declared record, and one for the other types."""
    from flowgen.model.types import TypeUse
    from flowgen.types import show

    others: list[tuple[Cell, ...]] = []
    uses: dict[str, TypeUse] = {}
    for name, declared in build.workflow.types.items():
        uses[name] = TypeUse(declared.schema, None)
        if "properties" in declared.schema:
            rows = tuple(_fields(declared.schema, contracts))
            yield Table(f"Type {name}", ("field", "type", "required", "about"), rows)
        else:
            schema = {key: value for key, value in declared.schema.items() if key != "description"}
            shown = show(contracts.sent(uses[name]))
            text = shown if shown != name else short(schema)
            others.append((Code(name), Code(text), str(declared.schema.get("description", ""))))
    if others:
        yield Table("Other types", ("type", "values", "about"), tuple(others))


def _fields(schema: Mapping[str, Any], contracts: Contracts) -> Iterator[tuple[Cell, ...]]:
    from flowgen.model.types import TypeUse
    from flowgen.types import show

    for name, inner in schema["properties"].items():
        limits = [f"{label} {short(inner[key])}" for key, label in _CONSTRAINTS.items() if key in inner]
        about = str(inner.get("description", ""))
        yield (
            Code(name),
            Code(show(contracts.sent(TypeUse(inner, None)))),
            "yes" if name in schema.get("required", ()) else "no",
            "; ".join(filter(None, (about, *limits))),
        )


def _triggers(build: Build) -> Iterator[tuple[Cell, ...]]:
    for name, trigger in build.workflow.triggers.items():
        settings = _yaml(trigger.node)
        value = settings.pop(trigger.kind, None)
        rest = [Code(f"{key}: {short(one)}") for key, one in settings.items()]
        yield (Code(name), trigger.kind, tuple(_join([Code(short(value)), *rest])))


def _alarms(resources: Mapping[str, Any]) -> Iterator[tuple[Cell, ...]]:
    for name, resource in sorted(resources.items()):
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            settings = resource["Properties"]
            yield Code(name), str(settings.get("AlarmDescription", settings.get("MetricName", "")))


def _permissions(resources: Mapping[str, Any]) -> Iterator[tuple[Cell, ...]]:
    """The permissions of each role: a row for each set of actions, with the resources on which all are allowed."""
    for role, permissions in sorted(permissions_of(resources).items()):
        actions: dict[tuple[str, str], list[str]] = {}
        for one in sorted(permissions):
            actions.setdefault((one.resource, one.condition), []).append(one.action)
        rows: dict[tuple[tuple[str, ...], str], list[str]] = {}
        for (resource, condition), allowed in sorted(actions.items()):
            rows.setdefault((tuple(allowed), condition), []).append(resource)
        for (allowed_, condition), on in rows.items():
            yield Code(role), _codes(allowed_), _codes(on), Code(condition)


def as_markdown(page: Page, picture: str | None) -> str:
    """The page as Markdown. Text of the workflow cannot become markup. `picture` is the name of the diagram's file."""
    lines = [f"# {_md(page.name)}", ""]
    if page.description:
        lines += [_md(page.description), ""]
    lines += [f"- {name}: {_md(value)}" for name, value in page.facts]
    lines += [f"- File: {_md(Code(page.file))}", ""]
    if picture is not None:
        lines += [f"![Diagram of {_md(page.name)}]({picture})", ""]
    for table in page.tables:
        lines += [f"## {_md(table.title)}", ""]
        if table.rows:
            lines += [f"| {' | '.join(table.header)} |", f"|{' --- |' * len(table.header)}"]
            lines += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in table.rows]
        else:
            lines.append(table.note)
        lines.append("")
    return "\n".join(lines)


def _cell(cell: Cell) -> str:
    """A cell of a table, where a bar ends the cell even in code."""
    return re.sub(r"(?<!\\)\|", r"\\|", _md(cell))


def _md(cell: Cell) -> str:
    match cell:
        case Code(text):
            return markdown_code(text) if text else ""
        case str():
            flat = " ".join(cell.split()) if cell.strip() else cell
            return _MARKUP.sub(r"\\\g<0>", flat)
        case _:
            return "".join(map(_inner_md, cell))


def _inner_md(part: str | Code) -> str:
    """A part of a cell: spaces around it count."""
    if isinstance(part, Code):
        return _md(part)
    return f"{' ' * part.startswith(' ')}{_md(part.strip(' '))}{' ' * (part.endswith(' ') and bool(part.strip(' ')))}"


def as_html(page: Page) -> str:
    """The page as HTML, without scripts or other files."""
    title = html.escape(page.name)
    lines = [
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">',
        f"<title>{title}</title>\n<style>\n{_STYLE}\n</style>\n<h1>{title}</h1>",
    ]
    if page.description:
        lines.append(f"<p>{html.escape(page.description)}</p>")
    facts = "".join(f"<li>{name}: {_ht(value)}</li>" for name, value in page.facts)
    lines.append(f"<ul>{facts}<li>File: {html_code(page.file)}</li></ul>")
    lines.append(f"<figure>\n{page.diagram.rstrip()}\n</figure>")
    for table in page.tables:
        lines.append(f"<h2>{html.escape(table.title)}</h2>")
        if table.rows:
            head = "".join(f"<th>{name}</th>" for name in table.header)
            lines.append(f"<table>\n<tr>{head}</tr>")
            lines += [f"<tr>{''.join(f'<td>{_ht(cell)}</td>' for cell in row)}</tr>" for row in table.rows]
            lines.append("</table>")
        else:
            lines.append(f"<p>{table.note}</p>")
    return "\n".join([*lines, "</html>\n"])


def _ht(cell: Cell) -> str:
    match cell:
        case Code(text):
            return html_code(text) if text else ""
        case str():
            return html.escape(cell)
        case _:
            return "".join(map(_ht, cell))
