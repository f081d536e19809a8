"""docs/triggers.md names what the language has of triggers, in the words of the model."""

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
from tests.unit.docs.pages import ROOT, code, table

PAGE = ROOT / "docs" / "triggers.md"
DEFINITIONS = workflow_schema()["definitions"]


def _rows(heading: str, number: int = 0) -> dict[str, str]:
    """Key and meaning of each row of a table below a heading."""
    return {code(row[0])[0]: re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", row[1]) for row in table(PAGE, heading, number)}


def _meanings(name: str, keys: list[str]) -> dict[str, str]:
    """Each key, and the first paragraph of what an editor says of it."""
    properties = DEFINITIONS[name]["properties"]
    return {key: properties[key]["markdownDescription"].partition("\n\n")[0] for key in keys}


def test_kinds_of_triggers() -> None:
    """Every kind is listed, with what it does, and what may stand beside all of them."""
    assert _rows("Triggers") == {kind: _meanings(f"{kind}_trigger", [kind])[kind] for kind in TRIGGERS}
    assert _rows("Triggers", 1) == _meanings("schedule_trigger", list(TriggerBase.keys()))


@pytest.mark.parametrize("kind", TRIGGERS)
def test_keys_of_each_kind(kind: str) -> None:
    """The section of a kind lists its own keys."""
    own = [key for key in TRIGGERS[kind].keys() if key not in TriggerBase.keys()]  # noqa: SIM118 - a method
    assert _rows(kind) == _meanings(f"{kind}_trigger", own)


@pytest.mark.parametrize(
    ("heading", "number", "element"),
    [
        ("When it fails", 0, Delivery),
        ("sqs", 1, Batching),
        ("sns", 1, SnsFilter),
        ("stream", 1, StreamDelivery),
        ("http", 1, Jwt),
        ("http", 2, Cors),
        ("http", 3, Throttle),
        ("http", 4, Response),
    ],
)
def test_keys_of_what_triggers_hold(heading: str, number: int, element: type[Element]) -> None:
    """Mappings inside of triggers have tables of their own."""
    assert _rows(heading, number) == _meanings(element.__name__.lower(), list(element.keys()))
