"""Limits a long list of findings for people: the first ones, and how many are left out.

JSON and SARIF, which programs read, have all of them.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from flowgen.diagnostics.table import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowgen.diagnostics.model import Diagnostic

MOST = 200
"""Findings that are shown. Whoever fixes more runs the command again anyway."""


def first(found: Sequence[Diagnostic]) -> Sequence[Diagnostic]:
    """At most `MOST` of the findings, in their order. Where some are left out, errors precede warnings and notes."""
    if len(found) <= MOST:
        return found
    ranked = (index for severity in Severity for index, one in enumerate(found) if one.severity is severity)
    return [found[index] for index in sorted(islice(ranked, MOST))]


def the_rest(found: Sequence[Diagnostic]) -> list[str]:
    """The line that says how many findings `first` leaves out; none where it leaves out none."""
    left = len(found) - MOST
    return [] if left <= 0 else [f"{left:,} more not shown: use `--format json` or `--format sarif` to see all"]
