"""Formats of strings that nothing enforces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowgen.diagnostics import Diagnostic
from flowgen.model import Workflow
from flowgen.types.notation import FORMATS

_ANNOTATIONS = frozenset({"int32", "int64", "float", "double", "byte", "binary", "password"})
"""Formats of OpenAPI, which only document a value."""

_VALUES = frozenset({"enum", "const", "default", "examples"})
"""Keywords whose values contain no schemas."""


def check_formats(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG313 at each type with an unknown `format`, which JSON Schema treats as an annotation."""
    classes = {id(declared.key) for declared in workflow.types.values() if declared.python is not None}
    for name, declared in workflow.types.items():
        if id(declared.key) in classes:
            continue
        for unknown in sorted({*_formats(declared.schema)} - {*FORMATS} - _ANNOTATIONS):
            message = f"nothing enforces `format: {unknown}` in `{name}`"
            help_ = "use `pattern`, or a format of JSON Schema"
            yield Diagnostic("FG313", message, declared.key.span, label="has an unknown format", help=help_)


def _formats(schema: Any) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            if isinstance(part.get("format"), str):
                yield part["format"]
            waiting += (value for keyword, value in part.items() if keyword not in _VALUES)
