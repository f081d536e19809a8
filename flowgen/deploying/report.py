"""A deployment as text: what would change, what happens, what failed."""

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
"""In the order in which changes are shown: what needs attention first."""

_DONE: Final = {
    "CREATE_COMPLETE": "made",
    "UPDATE_COMPLETE": "changed",
    "DELETE_COMPLETE": "removed",
    "DELETE_SKIPPED": "kept",
    "IMPORT_COMPLETE": "imported",
}
_VERBS: Final = {"CREATE": "made", "UPDATE": "changed", "DELETE": "removed", "IMPORT": "imported"}

_SHOWN: Final = 3
"""Resources that are named while they take their time."""

_NOISE: Final = re.compile(r" \((?:Service: .*|RequestToken: .*|HandlerErrorCode: .*)\)$")
_HINTS: Final = (
    (re.compile(r"(?i)already exists|AlreadyExists"), "something outside of the stack has this name"),
    (
        re.compile(r"(?i)is not authorized to perform|AccessDenied|not authorized"),
        "who deploys needs this permission, or the stack a role that has it",
    ),
    (re.compile(r"(?i)LimitExceeded|ServiceQuota|limit exceeded"), "a quota of the account is used up"),
)


def changes(found: Iterable[Change]) -> str:
    """Each change on a line, what needs attention first, and how many there are."""
    order = list(_MARKS)
    ordered = sorted(found, key=lambda change: order.index(change.action) if change.action in order else len(order))
    rows = [
        (_MARKS.get(one.action, "?"), one.action, "/".join((*one.stack, one.logical_id)), one.type, _why(one))
        for one in ordered
    ]
    lines = [f"  {line}" for line in _table(rows)]
    counts = {action: sum(change.action == action for change in ordered) for _, action, *_ in rows}
    counted = ", ".join(f"{number} to {action}" for action, number in counts.items())
    return "\n".join([*lines, counted])


def _why(change: Change) -> str:
    kept = "the old one is kept" if change.kept else ""
    because = ", ".join(change.why) if change.action != "remove" else ""
    return ": ".join(filter(None, (kept, because)))


def parameters(found: Iterable[Parameter]) -> str:
    """Each parameter on a line; secret values are masked."""
    rows = [(one.name, one.shown, f"({one.note})" if one.note else "") for one in found]
    return "\n".join(f"  {line}" for line in _table(rows))


def assets(found: Sequence[Asset], total: int) -> str:
    """How many files are uploaded."""
    if not found:
        return "all files are in the bucket already" if total > 1 else "the file is in the bucket already"
    present = total - len(found)
    there = f"; {present} {'is' if present == 1 else 'are'} there already" if present else ""
    count = f"{len(found)} file{'s' if len(found) > 1 else ''}"
    return f"uploading {count}, {size(sum(one.size for one in found))}{there}"


def size(number: int) -> str:
    """Bytes for people.

    >>> size(999), size(51_234_567)
    ('999 B', '51.2 MB')
    """
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} B"


def event(one: Event, start: datetime, began: datetime | None) -> str | None:
    """A line for an event that says something: an end, a failure, a change of course. None for the others.

    `start` is when the operation began, `began` when the work on this resource did.
    """
    passed = f"{(one.at - start).total_seconds():6.0f} s  "
    name = f"{one.logical_id} ({one.type})"
    if one.failed:
        return f"{passed}FAILED    {name}: {one.reason or one.status}"
    if one.is_of_stack:
        if one.status.endswith("ROLLBACK_IN_PROGRESS"):
            return f"{passed}rolling back the stack {one.stack}"
        return None
    if one.status not in _DONE:
        return None
    took = "" if began is None else f", {(one.at - began).total_seconds():.0f} s"
    return f"{passed}{_DONE[one.status]:8}  {name}{took}"


def failures(events: Sequence[Event], package: Package) -> Iterator[Diagnostic]:
    """FG549 for what failed, the cause first; then for what could not be undone."""
    for one in causes(events):
        if one.is_of_stack:
            yield Diagnostic("FG549", f"the stack `{one.stack}` failed: {one.reason}", None)
        else:
            yield _failure(one, package, f"could not be {_VERBS.get(one.status.partition('_')[0], 'made')}")
    for one in not_undone(events):
        yield _failure(one, package, "could not be put back as it was")


def _failure(one: Event, package: Package, what: str) -> Diagnostic:
    source = package.source(one.logical_id)
    reason = _NOISE.sub("", one.reason)
    hint = next((text for pattern, text in _HINTS if pattern.search(one.reason)), None)
    return Diagnostic(
        "FG549",
        f"`{one.logical_id}` ({one.type}) {what}",
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
    """What is still going on."""
    last = {one.resource: one for one in events if not one.is_of_stack}
    open_ = [f"{one.logical_id} ({one.type})" for one in last.values() if one.status.endswith("_IN_PROGRESS")]
    shown = ", ".join(open_[:_SHOWN]) + (f" and {len(open_) - _SHOWN} more" if len(open_) > _SHOWN else "")
    return f"          still at {shown}" if shown else "          still waiting for CloudFormation"
