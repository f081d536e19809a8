"""The tables of docs/language.md name what the language has, no less and no more."""

from __future__ import annotations

import pytest

from flowgen.compile.retries import TRANSIENT
from flowgen.model import Defaults, Function, Retrier, Sizing, Workflow
from flowgen.model.leaves import parse_duration
from flowgen.model.steps import KINDS, StepBase
from flowgen.types import FORMATS, PRIMITIVES
from tests.unit.docs.pages import ROOT, code, table

PAGE = ROOT / "docs" / "language.md"


def _keys(heading: str) -> list[str]:
    return [word for row in table(PAGE, heading) for word in code(row[0])]


def test_top_level_keys() -> None:
    """Every key of a workflow is listed, in the order of the model, and which must be there."""
    assert _keys("Top level") == list(Workflow.keys())
    required = [code(key)[0] for key, _, otherwise in table(PAGE, "Top level") if otherwise == "an error"]
    assert required == [key for key, needed in Workflow.keys().items() if needed]


def test_keys_of_functions_and_their_sizing() -> None:
    """Every key of a function and of its sizing is listed."""
    assert sorted(_keys("Functions")) == sorted(Function.keys())
    assert _keys("Sizing") == list(Sizing.keys())


def test_keys_of_a_retry() -> None:
    """Every key of a retrier is listed, and how often it tries by itself."""
    rows = table(PAGE, "retry")
    assert [code(row[0])[0] for row in rows] == list(Retrier.keys())
    assert rows[0][2] == str(Retrier.model_fields["attempts"].default)
    assert all(error in PAGE.read_text("utf-8") for error in TRANSIENT.errors)


def test_keys_of_the_defaults() -> None:
    """Every key of `defaults` is listed."""
    text = PAGE.read_text("utf-8")
    section = text[text.index("`defaults` holds where") : text.index("### Names")]
    listed = [code(line.split("|")[1])[0] for line in section.splitlines() if line.startswith("| `")]
    assert listed == list(Defaults.keys())


def test_kinds_of_steps() -> None:
    """Every kind of step is listed, and has a section of its own."""
    assert _keys("Steps") == list(KINDS)


def test_modifiers() -> None:
    """Every modifier is listed with the kinds that it may stand beside."""
    listed = {code(row[0])[0]: "all" if row[1] == "all" else set(code(row[1])) for row in table(PAGE, "Modifiers")}
    # `else` belongs to the kind `switch`, as `steps` does to its own.
    own = {*KINDS, "id", "else"}
    common = [key for key in StepBase.keys() if key not in own]  # noqa: SIM118 - a method
    owners = {
        key: {kind for kind, step in KINDS.items() if key in step.keys()}  # noqa: SIM118 - a method
        for step in KINDS.values()
        for key in step.keys()  # noqa: SIM118 - a method
        if key not in own
    }
    assert listed == {key: "all" if key in common else kinds for key, kinds in owners.items()}


def test_notation_of_types() -> None:
    """Every primitive type and every format of a string is listed."""
    words = _keys("Type expressions")
    assert set(PRIMITIVES) <= set(words)
    assert [word for word in words if word in FORMATS] == list(FORMATS)


@pytest.mark.parametrize(("written", "seconds"), [(code(row[0])[0], row[1]) for row in table(PAGE, "Durations")])
def test_durations(written: str, seconds: str) -> None:
    """A duration of the table has as many seconds as the table says."""
    duration = parse_duration(written)
    assert duration is not None
    assert duration.seconds == int(seconds)
