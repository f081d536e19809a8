"""Limits a long list of findings for people to the first ones, and a count of the rest.

JSON and SARIF, which programs read, contain all findings.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from flowgen.diagnostics.table import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowgen.diagnostics.model import Diagnostic

MOST = 200
"""The maximum number of findings to show."""


def first(found: Sequence[Diagnostic]) -> Sequence[Diagnostic]:
    """At most `MOST` of the findings, in their order. If there are more, errors are preferred to warnings and notes."""
    if len(found) <= MOST:
        return found
    ranked = (index for severity in Severity for index, one in enumerate(found) if one.severity is severity)
    return [found[index] for index in sorted(islice(ranked, MOST))]


def the_rest(found: Sequence[Diagnostic]) -> list[str]:
    """A line with the number of findings that `first` omits, if any."""
    left = len(found) - MOST
    return [] if left <= 0 else [f"{left:,} more not shown: use `--format json` or `--format sarif` to see all"]
