"""A deployment as text: changes, progress, failures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from flowgen.deploying.change_set import Change
from flowgen.deploying.events import Event, causes, not_undone
from flowgen.deploying.package import Asset, Package
from flowgen.deploying.parameters import Parameter
from flowgen.diagnostics import Diagnostic

_MARKS: Final = {"replace": "!", "may replace": "!", "remove": "-", "change": "~", "may change": "~", "add": "+"}
"""The order in which changes are shown: the riskiest first."""

_DONE: Final = {
    "CREATE_COMPLETE": "created",
    "UPDATE_COMPLETE": "updated",
    "DELETE_COMPLETE": "deleted",
    "DELETE_SKIPPED": "kept",
    "IMPORT_COMPLETE": "imported",
}
_VERBS: Final = {"CREATE": "created", "UPDATE": "updated", "DELETE": "deleted", "IMPORT": "imported"}

_SHOWN: Final = 3
"""How many resources in progress a message names."""

_NOISE: Final = re.compile(r" \((?:Service: .*|RequestToken: .*|HandlerErrorCode: .*)\)$")
_HINTS: Final = (
    (re.compile(r"(?i)already exists|AlreadyExists"), "a resource outside the stack already has this name"),
    (
        re.compile(r"(?i)is not authorized to perform|AccessDenied|not authorized"),
        "grant this permission to whoever deploys, or to the stack's role",
    ),
    (re.compile(r"(?i)LimitExceeded|ServiceQuota|limit exceeded"), "the account has reached a quota"),
)


def changes(found: Iterable[Change]) -> str:
    """One line per change, the riskiest first, and the number of each kind."""
    order = list(_MARKS)
    ordered = sorted(found, key=lambda change: order.index(change.action) if change.action in order else len(order))
    rows = [
        (_MARKS.get(row.action, "?"), row.action, "/".join((*row.stack, row.logical_id)), row.type, _why(row))
        for row in ordered
    ]
    lines = [f"  {line}" for line in _table(rows)]
    counts = {action: sum(change.action == action for change in ordered) for _, action, *_ in rows}
    counted = ", ".join(f"{number} to {action}" for action, number in counts.items())
    return "\n".join([*lines, counted])


def _why(change: Change) -> str:
    kept = "the old resource is kept" if change.kept else ""
    because = ", ".join(change.why) if change.action != "remove" else ""
    return ": ".join(filter(None, (kept, because)))


def parameters(found: Iterable[Parameter]) -> str:
    """One line per parameter; secret values are masked."""
    rows = [(parameter.name, parameter.shown, f"({parameter.note})" if parameter.note else "") for parameter in found]
    return "\n".join(f"  {line}" for line in _table(rows))


def assets(found: Sequence[Asset], total: int) -> str:
    """How many files will be uploaded."""
    if not found:
        return "all files are already in the bucket" if total > 1 else "the file is already in the bucket"
    present = total - len(found)
    there = f"; {present} {'is' if present == 1 else 'are'} already there" if present else ""
    count = f"{len(found)} file{'s' if len(found) > 1 else ''}"
    return f"uploading {count}, {size(sum(asset.size for asset in found))}{there}"


def size(number: int) -> str:
    """A number of bytes, readable.

    >>> size(999), size(51_234_567)
    ('999 B', '51.2 MB')
    """
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} B"


def event(found: Event, start: datetime, began: datetime | None) -> str | None:
    """A line for the end of a change, a failure or the start of a rollback; None for other events.

    `start` is the start of the operation, `began` the start of the change to this resource.
    """
    passed = f"{(found.at - start).total_seconds():6.0f} s  "
    name = f"{found.logical_id} ({found.type})"
    if found.failed:
        return f"{passed}FAILED    {name}: {found.reason or found.status}"
    if found.is_of_stack:
        if found.status.endswith("ROLLBACK_IN_PROGRESS"):
            return f"{passed}rolling back stack {found.stack}"
        return None
    if found.status not in _DONE:
        return None
    took = "" if began is None else f", {(found.at - began).total_seconds():.0f} s"
    return f"{passed}{_DONE[found.status]:8}  {name}{took}"


def failures(events: Sequence[Event], package: Package) -> Iterator[Diagnostic]:
    """FG549 for each cause of the failure, then for each resource that the rollback could not restore."""
    for failed in causes(events):
        if failed.is_of_stack:
            yield Diagnostic("FG549", f"stack `{failed.stack}` failed: {failed.reason}", None)
        else:
            yield _failure(failed, package, f"could not be {_VERBS.get(failed.status.partition('_')[0], 'created')}")
    for failed in not_undone(events):
        yield _failure(failed, package, "could not be restored")


def _failure(failed: Event, package: Package, what: str) -> Diagnostic:
    source = package.source(failed.logical_id)
    reason = _NOISE.sub("", failed.reason)
    hint = next((text for pattern, text in _HINTS if pattern.search(failed.reason)), None)
    return Diagnostic(
        "FG549",
        f"`{failed.logical_id}` ({failed.type}) {what}",
        None if source is None else source.span,
        "" if source is None else source.what,
        notes=tuple(filter(None, (reason,))),
        help=hint,
    )


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def waiting(events: Iterable[Event]) -> str:
    """The changes that are still in progress."""
    last = {latest.resource: latest for latest in events if not latest.is_of_stack}
    open_ = [
        f"{latest.logical_id} ({latest.type})" for latest in last.values() if latest.status.endswith("_IN_PROGRESS")
    ]
    shown = ", ".join(open_[:_SHOWN]) + (f" and {len(open_) - _SHOWN} more" if len(open_) > _SHOWN else "")
    return f"          still in progress: {shown}" if shown else "          still waiting for CloudFormation"
