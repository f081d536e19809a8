"""For programs: all parts of a diagnostic, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flowgen.diagnostics.model import Diagnostic, Fix, Span
from flowgen.diagnostics.render.style import PLAIN, Style
from flowgen.diagnostics.table import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def render(diagnostics: Iterable[Diagnostic], _sources: Mapping[str, str], _style: Style = PLAIN, /) -> str:
    """`{"diagnostics": […], "errors": n, "warnings": n, "notes": n}`.

    Every key is always present; positions are those of the model.
    """
    found = tuple(diagnostics)
    document = {
        "diagnostics": [_finding(diagnostic) for diagnostic in found],
        "errors": sum(diagnostic.severity is Severity.ERROR for diagnostic in found),
        "warnings": sum(diagnostic.severity is Severity.WARNING for diagnostic in found),
        "notes": sum(diagnostic.severity is Severity.NOTE for diagnostic in found),
    }
    # ASCII only: YAML can escape a lone surrogate, which UTF-8 cannot encode.
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _finding(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "span": _span(diagnostic.span) if diagnostic.span else None,
        "label": diagnostic.label,
        "secondary": [{"span": _span(label.span), "text": label.text} for label in diagnostic.secondary],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
        "fix": _fix(diagnostic.fix) if diagnostic.fix else None,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {"edits": [{"span": _span(edit.span), "text": edit.text} for edit in fix.edits]}


def _span(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "start": {"line": span.start.line, "column": span.start.column},
        "end": {"line": span.end.line, "column": span.end.column},
    }
