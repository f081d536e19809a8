"""Each case compiles to its state machine, and its runs go as a reader of the language expects."""

from __future__ import annotations

import json
from pathlib import Path

from flowgen.pipeline import definition
from tests.cases.running import described, load, outcome


def test_compiles_to_its_state_machine(case: Path, update: bool) -> None:  # noqa: FBT001 - a fixture
    """The compiled state machine is the golden one, byte for byte."""
    golden = case / "expected" / "asl.json"
    text = json.dumps(definition(load(case)), indent=2, ensure_ascii=False) + "\n"
    if update:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_has_runs(case: Path) -> None:
    """A case without a run would show only that nothing changed."""
    assert sorted(case.glob("runs/*.json"))


def test_runs_as_expected(run: Path) -> None:
    """The run ends as expected, by the way that was expected, in the virtual time that was expected."""
    written = json.loads(run.read_text(encoding="utf-8"))
    expected = written["expected"]
    assert {"status", "path"} <= expected.keys()
    execution, seen = outcome(load(run.parent.parent), written)
    assert described(execution, seen, expected) == expected
