"""Masks secrets in values that are shown: passwords and tokens by their names and types, and values of parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowgen.diagnostics.passwords import without_passwords
from flowgen.local import Execution
from flowgen.local.history import Event
from flowgen.local.values import JSON
from flowgen.model import Workflow

MASK: Final = "****"

_LEAST: Final = 6
"""Characters of a secret that is masked inside of other strings. Shorter ones would mask ordinary words."""

_DEEPEST: Final = 200

_NAME: Final = re.compile(
    r"(?i)(.*[_-])?(passwords?|passwd|passphrase|secrets?([_-](string|binary|value))?|(api|access|private|secret)[_-]?keys?|authorization|cookie"
    r"|credentials?|tokens?)"
)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is secret: members with these names, and these strings anywhere."""

    names: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def is_secret(self, name: str) -> bool:
        """Whether a member with this name holds a secret."""
        return name in self.names or _NAME.fullmatch(_CAMEL.sub("_", name)) is not None


def secrets_of(workflows: Iterable[Workflow], texts: Iterable[str] = (), unread: Iterable[str] = ()) -> Secrets:
    """The secrets that types declare: fields with `format: password` or `writeOnly: true`.

    `unread` are the texts of workflows that cannot be read.
    """
    names = {
        name for workflow in workflows for declared in workflow.types.values() for name in _secret(declared.schema)
    }
    names = names.union(*map(secret_names_in, unread))
    return Secrets(frozenset(names), frozenset(text for text in texts if len(text) >= _LEAST))


_MARKED: Final = re.compile(r"""format["']?:\s*["']?password|writeOnly["']?:\s*true""")
_OPENS: Final = re.compile(r"""([\w-]+)\??["']?:\s*(?=[{\n#])""")


def secret_names_in(text: str) -> frozenset[str]:
    r"""The fields that the text of a file declares as secret, for a file that cannot be read as YAML.

    >>> sorted(secret_names_in("fields:\n  card: {type: string, format: password}\n  pin:\n    writeOnly: true"))
    ['card', 'pin']
    """
    found = (list(_OPENS.finditer(text, 0, marked.start())) for marked in _MARKED.finditer(text))
    return frozenset(opened[-1][1] for opened in found if opened)


def _secret(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        fields = schema.get("properties")
        if isinstance(fields, Mapping):
            for name, field in fields.items():
                if isinstance(field, Mapping) and (field.get("format") == "password" or field.get("writeOnly") is True):
                    yield name
        for inner in schema.values():
            yield from _secret(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from _secret(inner)


def mask_events(events: Iterable[Event], secrets: Secrets) -> tuple[Event, ...]:
    """The events with masked details. A secret is masked in all of them, for example in the message of an error."""
    events = tuple(events)
    found = {text for event in events for text in _found(event.details, secrets)}
    whole = Secrets(secrets.names, secrets.texts | found)
    return tuple(event._replace(details=mask(event.details, whole)) for event in events)


def mask_execution(
    found: Execution, inside: Mapping[str, Iterable[Event]], secrets: Secrets
) -> tuple[Execution, dict[str, list[Event]]]:
    """An execution and the events of its children, by ARN, with masked secrets."""
    # All events at once: a parent shows the secrets of its children, and the other way round.
    children = {arn: list(events) for arn, events in inside.items()}
    everything = mask_events([*found.events, *(event for events in children.values() for event in events)], secrets)
    own, rest = everything[: len(found.events)], iter(everything[len(found.events) :])
    ended = own[-1].details if own and found.status != "RUNNING" else {}
    shown = Execution(
        found.status,
        ended.get("output", mask(found.output, secrets)),
        found.error,
        ended.get("cause", mask(found.cause, secrets)),
        found.elapsed,
        found.start,
        own,
    )
    return shown, {arn: [next(rest) for _ in events] for arn, events in children.items()}


def mask(value: Any, secrets: Secrets, depth: int = 0) -> Any:
    """A JSON value with masked secrets. What is nested deeper than 200 levels is masked as a whole."""
    if isinstance(value, str):
        return _masked(value, secrets)
    if depth > _DEEPEST and isinstance(value, Mapping | list):
        return MASK
    if isinstance(value, Mapping):
        return {
            _masked(name, secrets): MASK
            if _holds(inner) and secrets.is_secret(name)
            else mask(inner, secrets, depth + 1)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [mask(inner, secrets, depth + 1) for inner in value]
    return value


def _masked(text: str, secrets: Secrets) -> str:
    # The longest first, because one secret may contain another.
    for secret in sorted(secrets.texts, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, MASK)
    return without_passwords(text)


def _holds(value: JSON) -> bool:
    """Whether a value can be a secret itself. Objects are masked member by member; null, true and false are shown."""
    return isinstance(value, str | list) or (isinstance(value, int | float) and not isinstance(value, bool))


def _found(value: Any, secrets: Secrets, depth: int = 0) -> Iterator[str]:
    """The strings of members that hold secrets."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if secrets.is_secret(name):
                yield from (text for text in _strings(inner, depth) if len(text) >= _LEAST)
            else:
                yield from _found(inner, secrets, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner, secrets, depth + 1)


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth <= _DEEPEST:
        for inner in value:
            yield from _strings(inner, depth + 1)
