"""The validator against the service's own word, and against the test suites of public validators."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from flowgen.asl.validation import Problem, validate
from flowgen.asl.variables import variable_references
from flowgen.check.definitions import Expressions as Checked
from flowgen.jsonata.parsing import ExpressionParser, SyntaxFailure

DISAGREEMENTS = Path(__file__).parent / "validation_disagreements.toml"


class Expressions:
    """JSONata as the validator needs it."""

    def __init__(self) -> None:
        self.parser = ExpressionParser()

        self.check = Checked().check

    def references(self, text: str) -> list[str]:
        parsed = self.parser.parse(text)
        return [] if isinstance(parsed, SyntaxFailure) else [reference.name for reference in parsed.references]


@pytest.fixture(scope="module")
def expressions() -> Expressions:
    """One parser for all the definitions of this module."""
    return Expressions()


def cases_of(path: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return cases


def errors(definition: Any, machine_type: str, expressions: Expressions) -> list[Problem]:
    problems = validate(definition, machine_type=machine_type, check_expression=expressions.check)
    return [problem for problem in problems if problem.severity == "ERROR"]


def test_recorded_verdicts(conformance_dir: Path, expressions: Expressions) -> None:
    """The diagnostics are those that the service gave: code, location, words."""
    wrong = []
    for case in cases_of(conformance_dir / "validation.json"):
        definition = case["definition_text"] if case["definition"] is None else case["definition"]
        found = [
            (problem.code, problem.location, problem.message)
            for problem in errors(definition, case["machine_type"], expressions)
        ]
        expected = [
            (diagnostic["code"], diagnostic.get("location"), diagnostic["message"])
            for diagnostic in case["expected"]["diagnostics"]
        ]
        if found != expected:
            wrong.append((case["id"], expected, found))
    assert not wrong


def test_definitions_that_the_service_took_are_valid(conformance_dir: Path, expressions: Expressions) -> None:
    """Every definition that was executed is accepted."""
    refused = []
    count = 0
    for path in sorted(conformance_dir.glob("*.json")):
        for case in cases_of(path):
            definition = case.get("definition")
            if "accepted" in case["expected"] or "States" not in (definition or {}):
                continue
            count += 1
            found = errors(definition, case.get("machine_type", "STANDARD"), expressions)
            if found:
                refused.append((case["id"], found))
    assert count
    assert not refused


def test_recorded_variable_references(conformance_dir: Path, expressions: Expressions) -> None:
    """Each state refers to the variables that the service lists for it."""
    cases = cases_of(conformance_dir / "variable_references.json")
    wrong = [
        (case["id"], found)
        for case in cases
        if (found := variable_references(case["definition"], expressions.references))
        != case["expected"]["variable_references"]
    ]
    assert cases
    assert not wrong


def test_verdicts_of_public_suites(corpus_dir: Path, expressions: Expressions) -> None:
    """The verdict is that of the suite, but for the listed disagreements, each of which has its reason."""
    disagreements = {
        entry["name"]: entry["verdict"]
        for entry in tomllib.loads(DISAGREEMENTS.read_text(encoding="utf-8"))["disagreement"]
    }
    folder = corpus_dir / "validation"
    wrong, agreeing = [], []
    for entry in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        text = (folder / entry["file"]).read_text(encoding="utf-8")
        found = errors(text, "STANDARD", expressions)
        verdict = "invalid" if found else "valid"
        if verdict != disagreements.get(entry["name"], entry["expected"]):
            wrong.append((entry["name"], entry["expected"], found))
        if verdict == entry["expected"] and entry["name"] in disagreements:
            agreeing.append(entry["name"])
    assert not wrong
    assert not agreeing


def test_machines_that_people_run_get_a_verdict_with_places(corpus_dir: Path, expressions: Expressions) -> None:
    """No definition that was ever published makes the validator fail, and each problem has its line and column."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((corpus_dir / "asl").glob("*.json"))]
    problems = [problem for text in texts for problem in validate(text, check_expression=expressions.check)]
    assert texts
    assert all(problem.message and problem.line and problem.column for problem in problems if problem.pointer)
