"""`flowgen equal` as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def flow(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), *arguments])


def machine(limit: int) -> dict[str, Any]:
    """A machine that sends an order above a limit."""
    return {
        "StartAt": "Large?",
        "States": {
            "Large?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.cents", "NumericGreaterThan": limit, "Next": "Send"}],
                "Default": "Done",
            },
            "Send": {"Type": "Task", "Resource": "${SendFunction}", "TimeoutSeconds": "${Limit}", "Next": "Done"},
            "Done": {"Type": "Succeed"},
        },
    }


def write(folder: Path, name: str, content: Any) -> None:
    (folder / name).write_text(json.dumps(content))


def test_nothing_differs(tmp_path: Path) -> None:
    write(tmp_path, "a.json", machine(100))
    done = flow(tmp_path, "equal", "a.json", "a.json")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "no difference in 100 executions of each state machine",
        "reached 5 of 5 states, rules and catchers of a.json",
    ]


def test_a_counterexample_is_printed_with_both_traces(tmp_path: Path) -> None:
    write(tmp_path, "a.json", machine(100))
    write(tmp_path, "b.json", machine(101))
    done = flow(tmp_path, "equal", "a.json", "b.json")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[:3] == ["different: a call differs", "", 'input {"cents":101}']
    assert '>     0.000 function SendFunction {"cents":101}' in lines[lines.index("a.json") :]
    assert ">           no further call" in lines[lines.index("b.json") :]
    result = json.loads(flow(tmp_path, "equal", "a.json", "b.json", "--json").stdout)
    assert result["difference"]["input"] == {"cents": 101}
    assert [call["call"] for call in result["difference"]["a"]["calls"]] == ["function SendFunction"]
    assert result["difference"]["b"]["calls"] == []


def test_names_of_the_second_machine_are_translated(tmp_path: Path) -> None:
    write(tmp_path, "a.json", machine(100))
    (tmp_path / "b.json").write_text(json.dumps(machine(100)).replace("SendFunction", "Send2"))
    assert flow(tmp_path, "equal", "a.json", "b.json").exit_code == 1
    assert flow(tmp_path, "equal", "a.json", "b.json", "--rename", "Send2=SendFunction").exit_code == 0


def test_an_example_is_an_input(tmp_path: Path) -> None:
    """The rule compares nothing that would lead to the input `special`."""
    write(tmp_path, "a.json", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    expression = "{% $states.input = 'special' ? 1 : $states.input %}"
    write(
        tmp_path,
        "b.json",
        {
            "StartAt": "P",
            "States": {"P": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": expression, "End": True}},
        },
    )
    write(tmp_path, "special.json", "special")
    done = flow(tmp_path, "equal", "a.json", "b.json", "--example", "special.json", "--runs", "1")
    assert done.exit_code == 1
    assert 'input "special"' in done.stdout


def test_a_workflow_equals_its_state_machine(tmp_path: Path) -> None:
    workflow = str(EXAMPLES / "place_order")
    (tmp_path / "asl.json").write_text(flow(tmp_path, "asl", workflow).stdout)
    done = flow(tmp_path, "equal", workflow, "asl.json")
    assert done.exit_code == 0, done.stdout
    assert "reached 30 of 30 states" in done.stdout


def test_mistakes_are_reported(tmp_path: Path) -> None:
    write(tmp_path, "a.json", machine(100))
    write(tmp_path, "wrong.json", {"StartAt": "A", "States": {}})
    (tmp_path / "broken.json").write_text('{"StartAt": ')
    for arguments, status, message in (
        (("a.json", "missing.json"), 2, "cannot read the state machine `missing.json`"),
        (("a.json", "wrong.json"), 1, "wrong.json"),
        (("a.json", "broken.json"), 1, "broken.json"),
        (("a.json", "a.json", "--example", "broken.json"), 2, "broken.json: this is not valid JSON"),
        (("a.json", "a.json", "--rename", "X"), 2, "write B=A"),
    ):
        done = flow(tmp_path, "equal", *arguments)
        assert done.exit_code == status, done.output
        assert message in done.output
