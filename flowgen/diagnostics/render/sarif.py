"""For code scanning: a SARIF 2.1.0 log.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; the subset that GitHub supports:
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flowgen.diagnostics.explain import page
from flowgen.diagnostics.render.style import PLAIN, Style
from flowgen.diagnostics.table import CODES, Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowgen.diagnostics.model import Diagnostic, Fix, Label, Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(diagnostics: Iterable[Diagnostic], _sources: Mapping[str, str], _style: Style = PLAIN, /) -> str:
    """One run with one tool. Its rules are the codes of the findings, with their pages as help."""
    found = tuple(diagnostics)
    rules = sorted({diagnostic.code for diagnostic in found})
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "flowgen", "rules": [_rule(CODES[code]) for code in rules]}},
                # Section 3.14.27: without it columns would count UTF-16 code units.
                "columnKind": "unicodeCodePoints",
                "results": [_result(diagnostic, rules) for diagnostic in found],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _rule(code: Code) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": code.code,
        "name": "".join(word[0].upper() + word[1:] for word in code.name.replace("'", "").replace("-", " ").split()),
        "shortDescription": {"text": code.summary},
        "defaultConfiguration": {"level": code.severity},
    }
    text = page(code.code)
    return rule | ({"help": {"text": text, "markdown": text}} if text else {})


def _result(diagnostic: Diagnostic, rules: list[str]) -> dict[str, Any]:
    remarks = [*(f"note: {note}" for note in diagnostic.notes)]
    if diagnostic.help is not None:
        remarks.append(f"help: {diagnostic.help}")
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rules.index(diagnostic.code),
        "level": diagnostic.severity,
        "message": {"text": "\n".join([_headline(diagnostic), *remarks])},
    }
    if diagnostic.span is not None and diagnostic.span.file:
        result["locations"] = [{"physicalLocation": _location(diagnostic.span)}]
    if diagnostic.secondary:
        result["relatedLocations"] = [_related(index, label) for index, label in enumerate(diagnostic.secondary)]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix, diagnostic.help)]
    return result


def _headline(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.message}: {diagnostic.label}" if diagnostic.label else diagnostic.message


def _related(index: int, label: Label) -> dict[str, Any]:
    related: dict[str, Any] = {"id": index, "physicalLocation": _location(label.span)}
    return related | ({"message": {"text": label.text}} if label.text else {})


def _fix(fix: Fix, description: str | None) -> dict[str, Any]:
    files: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        files.setdefault(edit.span.file, []).append(replacement)
    changes = [
        {"artifactLocation": {"uri": _uri(file)}, "replacements": replacements} for file, replacements in files.items()
    ]
    return {"artifactChanges": changes} | ({"description": {"text": description}} if description else {})


def _location(span: Span) -> dict[str, Any]:
    return {"artifactLocation": {"uri": _uri(span.file)}, "region": _region(span)}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.start.line,
        "startColumn": span.start.column,
        "endLine": span.end.line,
        "endColumn": span.end.column,
    }


def _uri(file: str) -> str:
    """A relative path stays relative: GitHub resolves it against the repository's root."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix().encode("utf-8", "surrogatepass"))
