"""The tables of docs/reference/language have the keys of the language, in the words of the model.

`pytest tests/unit/docs --update` writes the words of the model into the tables.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowgen.compile.retries import TRANSIENT
from flowgen.model import (
    Alarm,
    Alarms,
    Batch,
    Defaults,
    Deployment,
    Element,
    Encryption,
    Function,
    Logging,
    Reader,
    Retrier,
    Rounds,
    Sizing,
    Tolerance,
    Vpc,
    Workflow,
    Writer,
)
from flowgen.model.leaves import parse_duration
from flowgen.model.schema import workflow_schema
from flowgen.model.stack_settings import Notifications, Roles
from flowgen.model.steps import KINDS, StepBase
from flowgen.types import FORMATS, PRIMITIVES
from tests.unit.docs.pages import ROOT, code, headings, hold_table, table

CHAPTERS = sorted((ROOT / "docs" / "reference" / "language").glob("*.md"))
DEFINITIONS = workflow_schema()["definitions"]


def _page(heading: str) -> Path:
    """The chapter that has a heading."""
    [page] = [page for page in CHAPTERS if heading in headings(page)]
    return page


def _table(heading: str, number: int = 0) -> list[list[str]]:
    return table(_page(heading), heading, number)


def _plain(cell: str) -> str:
    """A cell's words without its links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell)


def _meanings(element: type[Element]) -> dict[str, str]:
    """Each key of an element, and what the schema, and so an editor, says about it."""
    name = f"{element.kind}_step" if issubclass(element, StepBase) else element.__name__.lower()
    schema = workflow_schema() if element is Workflow else DEFINITIONS[name]
    return {key: schema["properties"][key]["markdownDescription"] for key in element.keys()}  # noqa: SIM118 - a method


def _hold(heading: str, number: int, meanings: dict[str, str], *, update: bool, rest: int = 0) -> None:
    """The same keys in the same order, each with the model's own words for it. `rest` rows are about other keys."""
    shown = _table(heading, number)
    own, others = (shown[:-rest], shown[-rest:]) if rest else (shown, [])
    known = {code(row[0])[0]: row for row in own}
    width = len(shown[0])
    rows = []
    for key, meaning in meanings.items():
        row = known.get(key, [f"`{key}`", *[""] * (width - 1)])
        said = row[1] if _plain(row[1]) in meaning.split("\n\n") else meaning.partition("\n\n")[0]
        rows.append([row[0], said, *row[2:]])
    hold_table(_page(heading), heading, number, [*rows, *others], update=update)


def test_top_level_keys(update: bool) -> None:  # noqa: FBT001 - a fixture
    """Every key of a workflow is listed, and which are required."""
    _hold("Top level", 0, _meanings(Workflow), update=update)
    required = [code(key)[0] for key, _, otherwise in _table("Top level") if otherwise == "required"]
    assert required == [key for key, needed in Workflow.keys().items() if needed]


def test_keys_of_functions_and_their_sizing(update: bool) -> None:  # noqa: FBT001 - a fixture
    """Every key of a function is listed; those of its sizing share a row."""
    sizing = _meanings(Sizing)
    meanings = {key: about for key, about in _meanings(Function).items() if key not in sizing}
    _hold("Functions", 0, meanings, update=update, rest=1)
    assert code(_table("Functions")[-1][0]) == list(sizing)


@pytest.mark.parametrize(
    ("heading", "number", "element"),
    [
        ("Top level", 1, Defaults),
        ("Lambda settings", 0, Sizing),
        ("Lambda settings", 1, Vpc),
        ("retry", 0, Retrier),
        ("repeat", 1, Rounds),
        ("Distributed", 0, Reader),
        ("Distributed", 1, Batch),
        ("Distributed", 2, Writer),
        ("Distributed", 3, Tolerance),
        ("Alarms", 0, Alarms),
        ("Alarms", 1, Alarm),
        ("Logging", 0, Logging),
        ("Encryption", 0, Encryption),
        ("Roles", 0, Roles),
        ("Notifications", 0, Notifications),
        ("Deployment", 0, Deployment),
    ],
)
def test_keys_of_mappings(heading: str, number: int, element: type[Element], update: bool) -> None:  # noqa: FBT001 - a fixture
    """Every key of a mapping inside of functions, steps and settings of the stack is listed."""
    _hold(heading, number, _meanings(element), update=update)


def test_retry_names_its_defaults() -> None:
    assert _table("retry")[0][2] == str(Retrier.fields()["attempts"].default)
    assert all(error in _page("retry").read_text("utf-8") for error in TRANSIENT.errors)


def test_kinds_of_steps(update: bool) -> None:  # noqa: FBT001 - a fixture
    """Every kind of step is listed, with what it does."""
    _hold(
        "Steps",
        0,
        {kind: DEFINITIONS[f"{kind}_step"]["markdownDescription"] for kind in KINDS},
        update=update,
    )


def _modifiers() -> dict[str, list[str]]:
    return {code(row[0])[0]: row for row in _table("Modifiers")}


def test_modifiers(update: bool) -> None:  # noqa: FBT001 - a fixture
    """Every modifier is listed with the kinds that it can be combined with."""
    rows = []
    for key, (name, on, about) in _modifiers().items():
        owners = {kind: step for kind, step in KINDS.items() if key in step.keys()}  # noqa: SIM118 - a method
        assert (set(KINDS) if on == "all" else set(code(on))) == owners.keys()
        [meaning] = {_meanings(step)[key].partition("\n\n")[0] for step in owners.values()}
        rows.append([name, on, about if _plain(about) == meaning else meaning])
    hold_table(_page("Modifiers"), "Modifiers", 0, rows, update=update)


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_each_kind(kind: str, update: bool) -> None:  # noqa: FBT001 - a fixture
    """The section of each kind lists its keys that are not modifiers."""
    own = {key: about for key, about in _meanings(KINDS[kind]).items() if key not in {"id", *_modifiers()}}
    _hold("steps: a group" if kind == "steps" else kind, 0, own, update=update)


def test_notation_of_types() -> None:
    """Every primitive type and every format of a string is listed."""
    words = [word for row in _table("Type expressions") for word in code(row[0])]
    assert set(PRIMITIVES) <= set(words)
    assert [word for word in words if word in FORMATS] == list(FORMATS)


def test_durations() -> None:
    """A duration of the table has as many seconds as the table says."""
    rows = _table("Durations")
    durations = {code(row[0])[0]: parse_duration(code(row[0])[0]) for row in rows}
    assert {name: duration and duration.seconds for name, duration in durations.items()} == {
        code(name)[0]: int(seconds) for name, seconds in rows
    }
