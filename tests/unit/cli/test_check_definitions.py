"""`flowgen check` and `flowgen run` with state machines in Amazon States Language, as JSON and YAML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowgen.cli import entry

JSON = Any
STATE_YAML = """\
QueryLanguage: JSONata
StartAt: A
States:
  A:
    Type: Pass
    Output:
      v: "{% EXPRESSION %}"
    End: true
"""


def machine(expression: str, **more: JSON) -> JSON:
    state = {"Type": "Pass", "Output": {"v": f"{{% {expression} %}}"}, "End": True, **more}
    return {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}


def flowgen(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(entry.flowgen, ["-C", str(folder), *arguments], catch_exceptions=False)


def test_yaml_is_checked_at_its_places(tmp_path: Path) -> None:
    """A finding is at the key in the YAML file, with the words of AWS."""
    (tmp_path / "m.asl.yaml").write_text(STATE_YAML.replace("EXPRESSION", "phone"), encoding="utf-8")
    result = flowgen(tmp_path, "check", "m.asl.yaml", "--format", "concise")
    assert result.output == ("m.asl.yaml:7:7: error[FG410] Reference to 'phone' at the top level is not supported.\n")
    assert result.exit_code == 1


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github"])
def test_json_is_checked_in_all_formats(tmp_path: Path, form: str) -> None:
    """Each format has the finding."""
    (tmp_path / "m.json").write_text(json.dumps(machine("$states.errorOutput"), indent=2), encoding="utf-8")
    result = flowgen(tmp_path, "check", "m.json", "--format", form)
    assert "Field '$states.errorOutput' does not exist." in result.output
    assert result.exit_code == 1


def test_a_valid_machine_next_to_a_workflow(tmp_path: Path) -> None:
    """Both are checked and counted."""
    (tmp_path / "m.json").write_text(json.dumps(machine("1")), encoding="utf-8")
    (tmp_path / "w.yaml").write_text("flowgen: 1\nname: w\nsteps: [{id: a, set: 1}]\n", encoding="utf-8")
    result = flowgen(tmp_path, "check", "m.json", "w.yaml")
    assert (result.exit_code, result.output) == (0, "1 workflow and 1 state machine checked, no problems found\n")


def test_unknown_action_of_the_sdk(tmp_path: Path) -> None:
    """AWS creates no state machine with an action that the service does not have."""
    resource = "arn:aws:states:::aws-sdk:s3:listBukets"
    task = {"Type": "Task", "Resource": resource, "End": True}
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": task}}
    (tmp_path / "m.json").write_text(json.dumps(definition), encoding="utf-8")
    result = flowgen(tmp_path, "check", "m.json")
    assert f"The resource provided {resource} is not recognized." in result.output
    task["Resource"] = "arn:aws:states:::aws-sdk:s3:listBuckets"
    (tmp_path / "m.json").write_text(json.dumps(definition), encoding="utf-8")
    assert flowgen(tmp_path, "check", "m.json").exit_code == 0


def test_express_machine(tmp_path: Path) -> None:
    """`--express` checks what only standard workflows may do."""
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": task}}
    (tmp_path / "m.json").write_text(json.dumps(definition), encoding="utf-8")
    assert flowgen(tmp_path, "check", "m.json").exit_code == 0
    assert "Express state machine does not support" in flowgen(tmp_path, "check", "m.json", "--express").output


def test_yaml_runs(tmp_path: Path) -> None:
    """`flowgen run` takes a state machine in YAML."""
    (tmp_path / "m.yaml").write_text(STATE_YAML.replace("EXPRESSION", "$states.input.n + 1"), encoding="utf-8")
    result = flowgen(tmp_path, "run", "m.yaml", "-i", '{"n": 1}', "--json")
    assert json.loads(result.stdout)["output"] == {"v": 2}


def test_broken_yaml(tmp_path: Path) -> None:
    """What YAML itself finds is reported."""
    (tmp_path / "m.yaml").write_text("StartAt: A\nStates: {A: {Type: Succeed}\n", encoding="utf-8")
    result = flowgen(tmp_path, "check", "m.yaml")
    assert "error[FG001]" in result.output
    assert result.exit_code == 1
