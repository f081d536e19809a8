"""Expressions whose outcome others measured on AWS, each as the Output of one Pass state.

The source of each fact is in `aws_facts/facts.json`. The verdict, value and error must be those of AWS, and so must the
words of the cause, apart from the exceptions listed here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flowgen.local import compile_machine, execute

OTHER_WORDS: dict[str, str] = {}
"""Facts with the outcome of AWS in other words, and why."""


class Measured(NamedTuple):
    """What AWS did with an expression, and what the runner did."""

    id: str
    aws: dict[str, Any]
    status: str
    value: Any
    error: str | None
    tail: str


@pytest.fixture(scope="module")
def measured(cases_dir: Path) -> list[Measured]:
    facts = json.loads((cases_dir / "aws_facts" / "facts.json").read_text(encoding="utf-8"))
    return [run(fact) for fact in facts if fact["kind"] == "expression"]


def run(fact: dict[str, Any]) -> Measured:
    state = {"Type": "Pass", "Output": {"r": f"{{% {fact['expression']} %}}"}, "End": True}
    machine = compile_machine({"QueryLanguage": "JSONata", "StartAt": "E", "States": {"E": state}})
    execution = execute(machine, fact.get("input"))
    value = None if execution.output is None else execution.output["r"]
    # The cause without the words before it that all causes share.
    tail = (execution.cause or "").partition(" specified for the field 'Output/r' ")[2]
    return Measured(fact["id"], fact["aws"], execution.status, value, execution.error, tail)


def test_each_expression_has_the_outcome_of_aws(measured: list[Measured]) -> None:
    differences = {one.id: difference(one) for one in measured}

    assert {name: found for name, found in differences.items() if found} == {}
    assert len(measured) > 50


def test_causes_are_worded_as_on_aws(measured: list[Measured]) -> None:
    worded = [one for one in measured if "tail" in one.aws]

    different = {one.id for one in worded if one.tail != one.aws["tail"]}
    assert different == OTHER_WORDS.keys() & {one.id for one in worded}
    assert len(different) * 20 <= len(worded)


def difference(one: Measured) -> str:
    """How the outcome differs from that on AWS, apart from the words of the cause; empty where it does not."""
    aws = one.aws
    if one.status != aws["status"]:
        return f"{one.status}: {one.tail or one.value}"
    if "output" in aws and json.dumps(one.value) != json.dumps(aws["output"]):
        return f"{one.value!r}, and on AWS {aws['output']!r}"
    if "type" in aws and type(one.value).__name__ != aws["type"]:
        return f"a {type(one.value).__name__}, and on AWS a {aws['type']}"
    if one.error != aws.get("error", one.error):
        return f"{one.error}, and on AWS {aws['error']}"
    return "" if aws.get("code", "") in one.tail else f"{one.tail}, and on AWS {aws['code']}"
