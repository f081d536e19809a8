"""Checks mocked results of AWS services against the members of the service's responses in Step Functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from flowgen.diagnostics import did_you_mean
from flowgen.local.integrations import parse_service
from flowgen.local.values import JSON

if TYPE_CHECKING:
    from flowgen.types import Type

Path: TypeAlias = tuple[str | int, ...]

_OWN_RESULTS = frozenset({"http", "lambda", "states"})
"""Services whose results have no fixed members: a function's value, a page's body, a workflow's output."""


@dataclass(frozen=True, slots=True)
class Misspelled:
    """A member of a result that the service does not return under this name, and the `path` to it.

    `code` is FG302, or FG315 if Step Functions may know the name. `name` is the right name, if it is known.
    """

    code: str
    path: Path
    message: str
    help: str
    name: str | None


def misspelled(resource: str, result: JSON) -> Iterator[Misspelled]:
    """The wrong names in a mocked result of a task. None are found if the resource has no known response."""
    returned = _response(resource)
    return iter(()) if returned is None else _wrong_names(result, returned, ())


@lru_cache(maxsize=64)
def _response(resource: str) -> Type | None:
    service = parse_service(resource)
    if service is None or service.waits_for_token or service.type in _OWN_RESULTS:
        return None
    # Imported only for a mock of a service: a run does not need the types of AWS's APIs.
    from flowgen.check.dataflow.aws import Called, call_of

    action, dot, pattern = service.action.partition(".")
    call = call_of(Called(service.type, action, dot + pattern, ""))
    return None if call is None else call.gives


def _wrong_names(value: JSON, returned: Type, path: Path) -> Iterator[Misspelled]:
    from flowgen.jsonata.inference.missing_names import uncertain_spelling
    from flowgen.types import expand

    returned = expand(returned)
    if isinstance(value, list):
        for array in returned.arrays:
            for index, item in enumerate(value):
                yield from _wrong_names(item, array.item(), (*path, index))
    elif isinstance(value, dict):
        for found in returned.objects:
            for name, member in value.items():
                here = (*path, name)
                if name in found.spellings:
                    preferred = found.spellings[name]
                    right = None if preferred in value else preferred
                    yield Misspelled("FG315", here, *uncertain_spelling(name, preferred), right)
                elif name not in found.fields and found.rest.is_never:
                    owner = found.name or "the response"
                    help_, right = _instead(name, found.fields)
                    message = f"`{owner}` has no member `{name}`"
                    yield Misspelled("FG302", here, message, help_, None if right in value else right)
                    continue
                yield from _wrong_names(member, found.get(name), here)


def _instead(name: str, members: Iterable[str]) -> tuple[str, str | None]:
    """The help for a wrong name, and the right name if it is known."""
    known = list(members)
    right = next((spelling for spelling in known if spelling.lower() == name.lower()), None)
    if right is not None:
        return f"write `{right}`, as Step Functions spells it", right
    guess = did_you_mean(name, known)
    return f"did you mean `{guess}`?" if guess else f"its members are {', '.join(known[:12]) or 'none'}", guess
