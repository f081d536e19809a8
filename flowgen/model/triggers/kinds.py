"""All kinds of triggers, and reading a trigger by its key."""

from __future__ import annotations

from typing import Annotated, TypeAlias, assert_never

from flowgen.diagnostics import did_you_mean, replacing
from flowgen.model.accepts import mapping, ref
from flowgen.model.element import Read, Reading, Unread, labelled, listed
from flowgen.model.leaves import NAME, check_name
from flowgen.model.triggers.http import Http
from flowgen.model.triggers.pipes import Sns, Sqs, Stream
from flowgen.model.triggers.rules import S3, Event, Schedule
from flowgen.model.types import TypeUse
from flowgen.source import Mapping, Node, kind_of

Trigger: TypeAlias = Schedule | Event | S3 | Sns | Sqs | Stream | Http

_CLASSES: tuple[type[Trigger], ...] = (Schedule, Event, S3, Sns, Sqs, Stream, Http)
TRIGGERS: dict[str, type[Trigger]] = {trigger.kind: trigger for trigger in _CLASSES}
"""Every kind by its key."""
PIPED = (Sns, Sqs, Stream)
"""The kinds that use EventBridge Pipes, which passes lists of records."""


def read_triggers(node: Node, reading: Reading) -> dict[str, Trigger]:
    """Triggers by name (FG102, FG107, FG510)."""
    if not isinstance(node, Mapping):
        raise reading.refuse(
            "FG102",
            f"`triggers` must be a mapping of names to triggers, not {kind_of(node)}",
            node,
            help="write `nightly: {schedule: cron(0 3 * * ? *)}`",
        )
    triggers: dict[str, Trigger] = {}
    complete = True
    for entry in node.entries:
        try:
            name = check_name(entry.key, reading)
        except Unread:
            complete = False
            continue
        trigger = _read_trigger(entry.value, reading)
        if trigger is None:
            complete = False
        else:
            triggers[name] = trigger
    if not complete:
        raise Unread
    return triggers


def _read_trigger(node: Node, reading: Reading) -> Trigger | None:
    if not isinstance(node, Mapping):
        reading.tell("FG102", f"a trigger must be a mapping with a kind, not {kind_of(node)}", node)
        return None
    found = [entry.key for entry in node.entries if entry.key.text in TRIGGERS]
    if len(found) > 1:
        reading.tell(
            "FG510",
            f"this trigger has two kinds, `{found[0].text}` and `{found[1].text}`",
            found[1],
            label="a second kind",
            secondary=labelled(found[0], "the first kind"),
            help="split it into two triggers",
        )
        return None
    if not found:
        _no_kind(node, reading)
        return None
    return TRIGGERS[found[0].text].read(node, reading)


def _no_kind(node: Mapping, reading: Reading) -> None:
    known = {key for trigger in _CLASSES for key in trigger.keys()}  # noqa: SIM118 - a method
    strange = [entry.key for entry in node.entries if entry.key.text not in known]
    where = strange[0] if strange else (node.entries[0].key if node.entries else node)
    near = ((key, guess) for key in strange if (guess := did_you_mean(key.text, TRIGGERS)))
    where, guess = next(near, (where, None))
    reading.tell(
        "FG510",
        f"`{getattr(where, 'text', '')}` is not a kind of trigger" if strange else "this trigger has no kind",
        where,
        help=f"did you mean `{guess}`?" if guess else f"the kinds are {listed(TRIGGERS)}",
        fix=replacing(where.span, guess),
    )


TriggersField = Annotated[
    dict[str, Trigger], Read(read_triggers, "What starts the workflow, by name.", accepts=mapping(ref("trigger"), NAME))
]


def type_uses(triggers: dict[str, Trigger]) -> list[TypeUse]:
    """The types declared for the content of events."""
    found: list[TypeUse | None] = []
    for trigger in triggers.values():
        match trigger:
            case Event(detail=use) | Sqs(body=use) | Sns(body=use) | Http(body=use) | Stream(data=use):
                found.append(use)
            case Schedule() | S3():
                pass
            case _:
                assert_never(trigger)
    return [use for use in found if use is not None]
