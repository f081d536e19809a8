"""The pure functions against what the service did: machines of Pass, Choice, Succeed and Fail states, walked here."""

from __future__ import annotations

import json
import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from flowgen.asl import jsonpath
from flowgen.asl.comparison import compile_rule
from flowgen.asl.errors import QueryFailure
from flowgen.asl.jsonpath import compile_path
from flowgen.asl.templates import compile_expression, compile_template

if TYPE_CHECKING:
    from pathlib import Path

FILES = ("choice", "intrinsic_functions", "pass_and_paths", "context_object", "variables")
WALKABLE = {"Pass", "Choice", "Succeed", "Fail"}


def cases(folder: Path, name: str) -> list[dict[str, Any]]:
    recorded = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["cases"]
    return [case for case in recorded if is_walkable(case)]


def is_walkable(case: dict[str, Any]) -> bool:
    definition = case["definition"]
    states = definition["States"].values()
    return (
        "JSONata" not in {definition.get("QueryLanguage"), *(state.get("QueryLanguage") for state in states)}
        and {state["Type"] for state in states} <= WALKABLE
    )


class Walk:
    """One execution of such a machine."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.states = case["definition"]["States"]
        self.start = case["definition"]["StartAt"]
        self.input = case["input"]
        self.variables: dict[str, Any] = {}
        self.random = Random(0)  # noqa: S311 - no secret is drawn
        self.context = {
            "Execution": {
                "Id": "arn:aws:states:us-east-1:111111111111:execution:machine:run",
                "Input": case["input"],
                "Name": "run",
                "RoleArn": "snf_role_arn",
                "StartTime": "",
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": "arn:aws:states:us-east-1:111111111111:stateMachine:machine", "Name": "machine"},
        }

    def run(self) -> dict[str, Any]:
        name, data = self.start, self.input
        try:
            while True:
                state = self.states[name]
                self.context["State"] = {"Name": name, "EnteredTime": ""}
                if state["Type"] == "Fail":
                    return self.fail(state, data)
                if state["Type"] == "Choice":
                    name = self.choose(state, self.read(state, "InputPath", data))
                    continue
                data = self.passed(state, data)
                if state["Type"] == "Succeed" or state.get("End"):
                    return {"status": "SUCCEEDED", "output": data}
                name = state["Next"]
        except QueryFailure as failure:
            return {"status": "FAILED", "error": failure.error, "cause": failure.cause}

    def read(self, state: dict[str, Any], field: str, data: Any) -> Any:
        if field not in state:
            return data
        return compile_path(state[field]).read(data, self.variables, self.context)

    def passed(self, state: dict[str, Any], raw: Any) -> Any:
        data = self.read(state, "InputPath", raw)
        result = state.get("Result", data)
        if "Parameters" in state:
            result = self.fill(state["Parameters"], data)
        assigned = self.fill(state.get("Assign", {}), result)
        if "ResultPath" in state:
            path = state["ResultPath"]
            result = raw if path is None else jsonpath.write(compile_path(path), raw, result)
        output = self.read(state, "OutputPath", result)
        self.variables = {**self.variables, **assigned}
        return output

    def fill(self, payload: Any, data: Any) -> Any:
        return compile_template(payload).evaluate(data, self.variables, self.context, self.random)

    def choose(self, state: dict[str, Any], data: Any) -> str:
        holding = (rule for rule in state["Choices"] if compile_rule(rule).holds(data, self.variables, self.context))
        chosen = next(holding, {**state, "Next": state.get("Default")})
        self.variables = {**self.variables, **self.fill(chosen.get("Assign", {}), data)}
        return str(chosen["Next"])

    def fail(self, state: dict[str, Any], data: Any) -> dict[str, Any]:
        told: dict[str, Any] = {"status": "FAILED"}
        for key, field in (("error", "Error"), ("cause", "Cause")):
            if field in state:
                told[key] = state[field]
            elif f"{field}Path" in state:
                expression = compile_expression(state[f"{field}Path"], f"{field}Path")
                told[key] = expression.evaluate(data, self.variables, self.context, self.random)
        return told


def matches(expected: Any, actual: Any, placeholders: list[str]) -> bool:
    if isinstance(expected, str) and any(token in expected for token in placeholders):
        # A token without brackets stands for any whole value, one with brackets for any text.
        pattern = re.escape(expected)
        for token in placeholders:
            pattern = pattern.replace(re.escape(token), ".*")
        return expected in placeholders or (
            isinstance(actual, str) and re.fullmatch(pattern, actual, re.DOTALL) is not None
        )
    if isinstance(expected, dict):
        return (
            isinstance(actual, dict)
            and expected.keys() == actual.keys()
            and all(matches(value, actual[key], placeholders) for key, value in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(expected) == len(actual)
            and all(matches(left, right, placeholders) for left, right in zip(expected, actual, strict=True))
        )
    return expected == actual and isinstance(expected, bool) is isinstance(actual, bool)


@pytest.mark.parametrize("name", FILES)
def test_recorded_machines_do_as_the_service_did(conformance_dir: Path, name: str) -> None:
    """Status, output, error and cause of every walkable machine are the recorded ones."""
    wrong = []
    walked = cases(conformance_dir, name)
    for case in walked:
        told = Walk(case).run()
        expected = {
            key: case["expected"][key] for key in ("status", "output", "error", "cause") if key in case["expected"]
        }
        if "cause" in expected:
            expected["cause"] = re.sub(
                r"^An error occurred .*?\(entered at the event id #\d+\)\. ", "", expected["cause"]
            )
        if not matches(expected, told, case["volatile"]["placeholders"]):
            wrong.append((case["id"], expected, told))
    assert walked
    assert not wrong
