"""State machines as workflow files: read, import, check, report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowgen.diagnostics import Diagnostic
from flowgen.diagnostics.table import CODES
from flowgen.pipeline.definitions import Definition, read_definition
from flowgen.pipeline.loading import check_text

if TYPE_CHECKING:
    from flowgen.comparing import Comparison
    from flowgen.importing.normal_form import Note
    from flowgen.importing.workflow import Imported, Values

CANNOT_IMPORT = "FG810"
LEFT_AS_ASL = "FG811"
DIFFERS = "FG812"
BEHAVES_DIFFERENTLY = "FG813"


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The text of a workflow, or None if the file cannot be imported, with the findings and the report in Markdown."""

    name: str
    text: str | None
    diagnostics: tuple[Diagnostic, ...]
    report: str = ""
    accepted: tuple[str, ...] = field(default=())
    """What the check of the workflow found that is as in the state machine."""
    verified: str = ""
    """The result of running the state machine and the workflow side by side; "" if they did not run."""
    comparison: Comparison | None = None
    """Has the counterexample, if they behave differently."""
    values: Values | None = None
    """What the state machine has where the workflow has parameters and connections."""


def import_file(shown: str, text: str, name: str, *, express: bool = False, runs: int = 0) -> ImportedFile:
    """The workflow called `name` of a state machine in a file. `shown` is the file's name in messages.

    The state machine and the workflow run side by side `runs` times. If they behave differently, the result has no text
    but a counterexample (FG813).
    """
    from flowgen.importing.expressions import CannotExpressError
    from flowgen.importing.normal_form import CannotNormalize, normalize
    from flowgen.importing.workflow import import_machine

    definition = read_definition(shown, text, express=express)
    if definition.value is None:
        return ImportedFile(name, None, definition.diagnostics)
    places, place = definition.states(), None
    try:
        normal = normalize(definition.value)
        made = import_machine(normal.definition, name)
    except CannotNormalize as stopped:
        place, reason = places.get(stopped.note.state), str(stopped)
    except CannotExpressError as stopped:
        reason = str(stopped)
    else:
        return _verified(_imported(shown, text, definition, made, normal.notes), definition, runs)
    found = Diagnostic(CANNOT_IMPORT, f"cannot import the state machine: {reason}", place or definition.span(""))
    return ImportedFile(name, None, (*definition.diagnostics, found))


def _verified(imported: ImportedFile, definition: Definition, runs: int) -> ImportedFile:
    if not runs or imported.text is None or definition.value is None:
        return imported
    from flowgen.pipeline.verifying import verify

    found = verify(definition.value, imported.text, imported.values, runs=runs)
    if isinstance(found, str):
        return replace(imported, verified=f"not verified: {found}")
    if found.difference is not None:
        message = "the workflow would behave differently from the state machine"
        different = Diagnostic(BEHAVES_DIFFERENTLY, message, definition.span(""))
        return replace(imported, text=None, diagnostics=(*imported.diagnostics, different), comparison=found)
    reached = f"{found.reached} of {found.parts} states and rules were reached"
    text = f"behaves like the state machine in {found.runs} executions; {reached}"
    return replace(imported, verified=text, report=f"{imported.report}\n## Verified\n\nThe workflow {text}.\n")


def _imported(shown: str, text: str, definition: Definition, made: Imported, normal: tuple[Note, ...]) -> ImportedFile:
    places = definition.states()
    whole = definition.span("")
    left = [
        Diagnostic(LEFT_AS_ASL, f"`{state}` stays an `asl` step: {reason}", places.get(state.partition(": ")[0], whole))
        for state, reason in made.left.items()
    ]
    differing = dict.fromkeys((*made.notes, *((note.state, note.text) for note in normal)))
    notes = [Diagnostic(DIFFERS, f"`{state}`: {note}", places.get(state, whole)) for state, note in differing]
    checked, accepted = _accepted(made.text, made.name)
    report = _report(shown, text, definition, checked, made.renamed, (*notes, *left), accepted)
    return ImportedFile(
        made.name, checked, (*definition.diagnostics, *notes, *left), report, accepted, values=made.values
    )


def _accepted(text: str, name: str) -> tuple[str, tuple[str, ...]]:
    """The text with comments that ignore errors which are those of the state machine, and these errors.

    A state machine may read a field that may be absent, and fail then. The workflow does the same.
    """
    found: dict[int, list[Diagnostic]] = {}
    for diagnostic in check_text(text, f"{name}.yaml"):
        if diagnostic.span is not None and diagnostic.severity == "error" and not CODES[diagnostic.code].stops:
            found.setdefault(diagnostic.span.start.line, []).append(diagnostic)
    lines = text.split("\n")
    for line, diagnostics in found.items():
        codes = ", ".join(sorted({one.code for one in diagnostics}))
        lines[line - 1] += f"  # flowgen: ignore[{codes}] as in the state machine"
    accepted = tuple(f"{one.code}: {one.message}" for _, several in sorted(found.items()) for one in several)
    return "\n".join(lines), accepted


def _report(
    shown: str,
    source: str,
    definition: Definition,
    text: str,
    renamed: object,
    findings: Iterable[Diagnostic],
    accepted: tuple[str, ...],
) -> str:
    before, after = len(source.splitlines()), len(text.splitlines())
    states = len(definition.states())
    rows = [
        f"# Import of {shown}",
        "",
        "| | state machine | workflow |",
        "| --- | --- | --- |",
        f"| lines | {before} | {after} |",
        f"| states, steps | {states} | {text.count('- id: ')} |",
    ]
    rows += _section("Differences", (one.message for one in findings if one.code == DIFFERS))
    rows += _section("Left as `asl`", (one.message for one in findings if one.code == LEFT_AS_ASL))
    rows += _section("Findings of the check", accepted)
    names = renamed if isinstance(renamed, dict) else {}
    rows += _section("Renamed", (f"`{state}` is now `{step}`" for state, step in names.items()))
    return "\n".join(rows) + "\n"


def _section(title: str, items: Iterable[str]) -> Iterator[str]:
    listed = [f"- {item}" for item in items]
    if listed:
        yield from ("", f"## {title}", "", *listed)
