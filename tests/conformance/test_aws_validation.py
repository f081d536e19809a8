"""What AWS says of definitions, as others measured it: facts of the kind `validation`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flowgen.asl.validation import validate
from flowgen.check.definitions import Expressions, known_action

JSON = Any
_AGREE = 0.95
EXCEPTIONS = {
    "place-batchinput": "The States Language asks for MaxItemsPerBatch or MaxInputBytesPerBatch in an ItemBatcher; the "
    "source of the fact shows only the diagnostic that it is about.",
}


def test_facts(cases_dir: Path) -> None:
    """Every measured verdict and code is the same, and 95 of 100 facts agree to the word."""
    facts = json.loads((cases_dir / "aws_facts" / "facts.json").read_text(encoding="utf-8"))
    facts = [fact for fact in facts if fact["kind"] == "validation"]
    check = Expressions().check
    verdicts, words = [], []
    for fact in facts:
        problems = validate(fact["definition"], check_expression=check, known_action=known_action)
        found = [(one.code, one.message, one.location) for one in problems if one.severity == "ERROR"]
        expected = [(one["code"], one["message"], one.get("location")) for one in fact["aws"]["diagnostics"]]
        if fact["strength"] == "measured" and [one[0] for one in found] != [one[0] for one in expected]:
            verdicts.append((fact["id"], expected, found))
        if found != expected and fact["id"] not in EXCEPTIONS:
            words.append((fact["id"], expected, found))
    assert facts
    assert verdicts == []
    assert len(words) <= (1 - _AGREE) * len(facts), words
