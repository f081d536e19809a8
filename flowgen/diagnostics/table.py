"""The table of codes. A code never changes its meaning and is never used again once it is gone.

FG0xx YAML, FG1xx shape and settings, FG2xx names and flow, FG3xx types, FG4xx AWS's limits and ASL, FG5xx
infrastructure, FG6xx generated files, FG7xx runs, FG9xx a bug in flowgen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING


class Severity(StrEnum):
    """How bad a finding is: an error stops the phase, a warning never does."""

    ERROR = "error"
    WARNING = "warning"


if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding. `name` heads its page; `summary` is one sentence that holds for every finding of the kind."""

    code: str
    name: str
    summary: str
    severity: Severity = Severity.ERROR
    stops: bool = False
    """Whether there is no workflow to go on with, so that the finding can't be silenced."""


_ROWS = (
    # YAML
    Code("FG001", "YAML syntax", "The file is not well-formed YAML.", stops=True),
    Code("FG002", "duplicate key", "The same key stands twice in one mapping.", stops=True),
    Code("FG003", "unsupported YAML", "The file uses a part of YAML that a workflow may not use.", stops=True),
    Code("FG004", "empty value", "A key has no value.", stops=True),
    Code("FG005", "unreadable file", "The file can't be read as UTF-8 text.", stops=True),
    Code(
        "FG006",
        "not JSON",
        "A value has no counterpart in JSON, which is all that Step Functions passes on.",
        stops=True,
    ),
    # Shape and settings
    Code("FG101", "unknown key", "A mapping has a key that does not belong there.", stops=True),
    Code("FG102", "wrong kind of value", "A value is of another kind than its key asks for.", stops=True),
    Code("FG103", "missing key", "A mapping lacks a key that it must have.", stops=True),
    Code("FG104", "no step kind", "A step has no key that says what it does.", stops=True),
    Code("FG105", "several step kinds", "A step has more than one key that says what it does.", stops=True),
    Code("FG106", "bad duration", "A text is not a duration.", stops=True),
    Code("FG107", "bad name", "A name can't be used as one.", stops=True),
    Code("FG108", "bad type expression", "A text is not a type expression.", stops=True),
    Code("FG109", "bad JSON Schema", "A type is not a valid JSON Schema.", stops=True),
    Code("FG110", "bad expression", "The text in `${ }` is not a JSONata expression.", stops=True),
    Code(
        "FG111",
        "unsupported language version",
        "`flowgen:` asks for a version of the language that is not known.",
        stops=True,
    ),
    Code("FG112", "value out of range", "A value is too small, too large or too long.", stops=True),
    Code("FG113", "misplaced modifier", "A modifier stands beside a step kind that it does not belong to.", stops=True),
    Code("FG120", "bad setting", "A setting under `[tool.flowgen]` is unknown or has a wrong value.", stops=True),
    Code("FG121", "no workflow found", "No workflow file is where it was looked for.", stops=True),
    # Names and flow
    Code("FG201", "unknown function", "A step calls a function that is not declared.", stops=True),
    Code("FG202", "unknown type", "A type is named that is not declared.", stops=True),
    Code("FG203", "unknown variable", "An expression names a step or variable that is not in scope there."),
    Code("FG204", "duplicate step id", "Two steps have the same id.", stops=True),
    Code("FG205", "name collision", "Two names become the same name in generated code.", stops=True),
    Code("FG206", "unreachable step", "No path leads to a step.", Severity.WARNING),
    Code(
        "FG207", "error that can't be raised", "A `catch` or `retry` names an error that nothing in its reach raises."
    ),
    Code("FG208", "possibly unassigned", "An expression names a step that may not have run."),
    Code("FG209", "unused declaration", "A function or type is declared and never used.", Severity.WARNING),
    Code("FG210", "catch-all not last", "An entry of `catch` or `retry` can't be reached behind one that takes all."),
    Code("FG240", "unknown workflow", "A step runs a workflow that the project does not have.", stops=True),
    Code("FG290", "useless ignore", "An ignore comment silences nothing, or can't be read.", Severity.WARNING),
    # AWS's limits and ASL
    Code("FG401", "name too long for AWS", "A name is longer than AWS allows."),
    Code("FG402", "AWS limit", "The workflow is over one of AWS's limits."),
    Code("FG403", "accidental expression", "Step Functions would take a literal text for an expression.", stops=True),
    Code("FG410", "invalid state machine", "Step Functions would not take a state machine.", stops=True),
    Code(
        "FG411",
        "doubtful state machine",
        "A state machine is valid, but hardly meant so.",
        Severity.WARNING,
        stops=True,
    ),
    # Infrastructure
    Code("FG501", "resource name collision", "Two resources of the stack would have the same name.", stops=True),
    # Generated files
    Code("FG601", "stale generated file", "A generated file is missing or does not match the workflow.", stops=True),
    Code(
        "FG602",
        "edited generated file",
        "A generated file was edited by hand, or is not flowgen's to replace.",
        stops=True,
    ),
    Code("FG603", "handler not loadable", "A function's handler can't be imported.", stops=True),
    Code("FG604", "orphaned handler", "A handler belongs to no function of the workflow.", Severity.WARNING),
    # Runs
    Code("FG701", "nothing to call", "A step calls something that nothing stands for in this run.", stops=True),
    Code("FG702", "mock of nothing", "A file of mocks names something that is never called.", stops=True),
    # A bug in flowgen
    Code("FG901", "bug in flowgen", "flowgen failed in a way that no input should make it fail.", stops=True),
)

CODES: Mapping[str, Code] = MappingProxyType({row.code: row for row in _ROWS})
"""Every code that a diagnostic may carry, in order."""
