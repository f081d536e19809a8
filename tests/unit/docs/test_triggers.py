"""docs/reference/triggers.md has the keys of triggers, in the words of the model."""

from __future__ import annotations

import re

import pytest

from flowgen.model import Element
from flowgen.model.schema import workflow_schema
from flowgen.model.triggers import (
    TRIGGERS,
    Batching,
    Cors,
    Delivery,
    Jwt,
    Response,
    SnsFilter,
    StreamDelivery,
    Throttle,
    TriggerBase,
)
from tests.unit.docs.pages import ROOT, code, hold_table, table

PAGE = ROOT / "docs" / "reference" / "triggers.md"
DEFINITIONS = workflow_schema()["definitions"]


def _hold(heading: str, number: int, meanings: dict[str, str], *, update: bool) -> None:
    """The same keys, each with the model's own words for it."""
    known = {code(row[0])[0]: row for row in table(PAGE, heading, number)}
    rows = []
    for key, meaning in meanings.items():
        name, said = known.get(key, [f"`{key}`", ""])
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", said)
        rows.append([name, said if plain == meaning else meaning])
    hold_table(PAGE, heading, number, rows, update=update)


def _meanings(name: str, keys: list[str]) -> dict[str, str]:
    """Each key, and the first paragraph of what an editor says about it."""
    properties = DEFINITIONS[name]["properties"]
    return {key: properties[key]["markdownDescription"].partition("\n\n")[0] for key in keys}


def test_kinds_of_triggers(update: bool) -> None:  # noqa: FBT001 - a fixture
    """Every kind is listed, with what it does, and the keys that all of them share."""
    kinds = {kind: _meanings(f"{kind}_trigger", [kind])[kind] for kind in TRIGGERS}
    _hold("Triggers", 0, kinds, update=update)
    _hold("Triggers", 1, _meanings("schedule_trigger", list(TriggerBase.keys())), update=update)


@pytest.mark.parametrize("kind", TRIGGERS)
def test_keys_of_each_kind(kind: str, update: bool) -> None:  # noqa: FBT001 - a fixture
    """The section of a kind lists its own keys."""
    own = [key for key in TRIGGERS[kind].keys() if key not in TriggerBase.keys()]  # noqa: SIM118 - a method
    _hold(kind, 0, _meanings(f"{kind}_trigger", own), update=update)


@pytest.mark.parametrize(
    ("heading", "number", "element"),
    [
        ("When an execution cannot start", 0, Delivery),
        ("sqs", 1, Batching),
        ("sns", 1, SnsFilter),
        ("stream", 1, StreamDelivery),
        ("http", 1, Jwt),
        ("http", 2, Cors),
        ("http", 3, Throttle),
        ("http", 4, Response),
    ],
)
def test_keys_of_what_triggers_hold(heading: str, number: int, element: type[Element], update: bool) -> None:  # noqa: FBT001 - a fixture
    """Mappings inside of triggers have their own tables."""
    _hold(heading, number, _meanings(element.__name__.lower(), list(element.keys())), update=update)
