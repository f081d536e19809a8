"""The table of codes. A code never changes its meaning, and the number of a removed code is never reused.

FG0xx: YAML. FG1xx: structure and settings. FG2xx: names and flow. FG3xx: types. FG4xx: AWS's limits and ASL. FG5xx:
infrastructure. FG6xx: generated files. FG7xx: runs. FG8xx: imports. FG9xx: bugs in flowgen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowgen.diagnostics.rows import ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping


class Severity(StrEnum):
    """An error ends the command after the current phase; a warning or a note never does."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding. `name` titles its page; `summary` is one sentence that is true of all its findings."""

    code: str
    name: str
    summary: str
    severity: Severity = Severity.ERROR
    stops: bool = False
    """Whether later phases cannot run after such an error, so that an ignore comment cannot suppress it."""


CODES: Mapping[str, Code] = MappingProxyType(
    {code: Code(code, name, summary, Severity(severity), stops) for code, name, summary, severity, stops in ROWS}
)
"""Every code that a diagnostic may have, in ascending order."""
