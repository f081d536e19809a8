"""The tables of docs/language.md name what the language has, no less and no more, in the words of the model."""

from __future__ import annotations

import re

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
from flowgen.model.steps import KINDS, StepBase
from flowgen.types import FORMATS, PRIMITIVES
from tests.unit.docs.pages import ROOT, code, table

PAGE = ROOT / "docs" / "language.md"
DEFINITIONS = workflow_schema()["definitions"]


def _said(cell: str) -> str:
    """What a cell says, without its links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell)


def _rows(heading: str, number: int = 0) -> dict[str, str]:
    """Key and meaning of each row of a table below a heading."""
    return {code(row[0])[0]: _said(row[1]) for row in table(PAGE, heading, number)}


def _meanings(element: type[Element]) -> dict[str, str]:
    """Each key of an element, and what the schema, and so an editor, says of it."""
    name = f"{element.kind}_step" if issubclass(element, StepBase) else element.__name__.lower()
    schema = workflow_schema() if element is Workflow else DEFINITIONS[name]
    return {key: schema["properties"][key]["markdownDescription"] for key in element.keys()}  # noqa: SIM118 - a method


def _holds(rows: dict[str, str], meanings: dict[str, str]) -> None:
    """The same keys in the same order, each with the model's own words for it."""
    assert list(rows) == list(meanings)
    assert {key: said for key, said in rows.items() if said not in meanings[key].split("\n\n")} == {}


def test_top_level_keys() -> None:
    """Every key of a workflow is listed, and which must be there."""
    _holds(_rows("Top level"), _meanings(Workflow))
    required = [code(key)[0] for key, _, otherwise in table(PAGE, "Top level") if otherwise == "an error"]
    assert required == [key for key, needed in Workflow.keys().items() if needed]


def test_keys_of_the_defaults() -> None:
    """Every key of `defaults` is listed."""
    _holds(_rows("Top level", 1), _meanings(Defaults))


def test_keys_of_functions_and_their_sizing() -> None:
    """Every key of a function and of its sizing is listed."""
    _holds(_rows("Sizing"), _meanings(Sizing))
    *own, sizing = table(PAGE, "Functions")
    meanings = {key: about for key, about in _meanings(Function).items() if key not in _meanings(Sizing)}
    _holds({code(row[0])[0]: _said(row[1]) for row in own}, meanings)
    assert code(sizing[0]) == list(_meanings(Sizing))


@pytest.mark.parametrize(
    ("heading", "number", "element"),
    [
        ("Sizing", 1, Vpc),
        ("Alarms", 0, Alarms),
        ("Alarms", 1, Alarm),
        ("Logging", 0, Logging),
        ("Encryption", 0, Encryption),
        ("Deployment", 0, Deployment),
    ],
)
def test_keys_of_what_is_in_aws(heading: str, number: int, element: type[Element]) -> None:
    """Every key that tunes the stack is listed."""
    _holds(_rows(heading, number), _meanings(element))


def test_keys_of_a_retry() -> None:
    """Every key of a retrier is listed, and how often it tries by itself."""
    _holds(_rows("retry"), _meanings(Retrier))
    assert table(PAGE, "retry")[0][2] == str(Retrier.model_fields["attempts"].default)
    assert all(error in PAGE.read_text("utf-8") for error in TRANSIENT.errors)


def test_kinds_of_steps() -> None:
    """Every kind of step is listed, with what it does."""
    rows = _rows("Steps")
    assert list(rows) == list(KINDS)
    assert {kind: DEFINITIONS[f"{kind}_step"]["markdownDescription"] for kind in KINDS} == rows


def _modifiers() -> dict[str, list[str]]:
    return {code(row[0])[0]: row for row in table(PAGE, "Modifiers")}


def test_modifiers() -> None:
    """Every modifier is listed with the kinds that it may stand beside."""
    for key, (_, on, about) in _modifiers().items():
        owners = {kind: step for kind, step in KINDS.items() if key in step.keys()}  # noqa: SIM118 - a method
        assert (set(KINDS) if on == "all" else set(code(on))) == owners.keys()
        assert {_meanings(step)[key].partition("\n\n")[0] for step in owners.values()} == {_said(about)}


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_each_kind(kind: str) -> None:
    """The section of each kind lists its keys that are no modifiers."""
    own = {key: about for key, about in _meanings(KINDS[kind]).items() if key not in {"id", *_modifiers()}}
    _holds(_rows("steps: a group" if kind == "steps" else kind), own)


@pytest.mark.parametrize(
    ("heading", "number", "element"),
    [
        ("repeat", 1, Rounds),
        ("for_each", 1, Reader),
        ("for_each", 2, Batch),
        ("for_each", 3, Writer),
        ("for_each", 4, Tolerance),
    ],
)
def test_keys_of_what_loops_hold(heading: str, number: int, element: type[Element]) -> None:
    """What stands inside `repeat` and inside the keys of a `for_each` is listed."""
    _holds(_rows(heading, number), _meanings(element))


def test_notation_of_types() -> None:
    """Every primitive type and every format of a string is listed."""
    words = [word for row in table(PAGE, "Type expressions") for word in code(row[0])]
    assert set(PRIMITIVES) <= set(words)
    assert [word for word in words if word in FORMATS] == list(FORMATS)


@pytest.mark.parametrize(("written", "seconds"), [(code(row[0])[0], row[1]) for row in table(PAGE, "Durations")])
def test_durations(written: str, seconds: str) -> None:
    """A duration of the table has as many seconds as the table says."""
    duration = parse_duration(written)
    assert duration is not None
    assert duration.seconds == int(seconds)
