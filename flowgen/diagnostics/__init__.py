"""What flowgen has to say about a user's files, as values.

In: findings of every later stage. Out: the same findings, silenced where the user asked for it (`ignore`), as text
for people and machines (`render`), and explained one code at a time (`explain`).
Never: raise for a user's mistake, read or write the disk (but the shipped pages of `explain`), print, or import
anything outside the standard library: every package imports this one, and `flowgen --help` must stay light.
"""

from flowgen.diagnostics.model import Diagnostic, Fix, Label, Position, Sink, Span
from flowgen.diagnostics.suggest import did_you_mean
from flowgen.diagnostics.table import CODES, Code, Severity

__all__ = [
    "CODES",
    "Code",
    "Diagnostic",
    "Fix",
    "Label",
    "Position",
    "Severity",
    "Sink",
    "Span",
    "did_you_mean",
]
