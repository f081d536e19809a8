"""Findings about a user's files, as values.

In: findings of every later stage. Out: the same findings without the ignored ones (`ignore`), as text for people and
machines (`render`), as edits that fix them (`edits`), and a page for each code (`explain`).
Never: raise for a user's mistake, read or write files (except the installed pages of `explain`), print, or import
anything outside the standard library: every package imports this one, and `flowgen --help` must stay fast.
"""

from flowgen.diagnostics.model import Diagnostic, Edit, Fix, Label, Position, Sink, Span
from flowgen.diagnostics.suggest import did_you_mean, replacing
from flowgen.diagnostics.table import CODES, Code, Severity

__all__ = [
    "CODES",
    "Code",
    "Diagnostic",
    "Edit",
    "Fix",
    "Label",
    "Position",
    "Severity",
    "Sink",
    "Span",
    "did_you_mean",
    "replacing",
]
