"""`flowgen run --env`, and the same for tests: where the parameters of a workflow come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen
from flowgen.testing import WorkflowError, load

SETTINGS = """\
[tool.flowgen]

[tool.flowgen.env.prod]
region = "eu-west-1"
parameters = {Limit = 500, Loud = true, Deep = "y", CarrierConnectionArn = "c"}

[tool.flowgen.env.none]

[tool.flowgen.env.wrong.parameters]
Limit = "many"
Lmit = 3
"""
WORKFLOW = """\
flowgen: 1
name: greet
input: any
output: any
parameters:
  Limit: {Type: Number, Default: 10}
  Loud: {Type: String, Default: false}
steps:
  - id: inner
    workflow: other
  - id: both
    set: {limit: "${ $parameters.Limit }", loud: "${ $parameters.Loud }", inner: "${ $inner }"}
"""
OTHER = """\
flowgen: 1
name: other
input: any
output: any
parameters:
  Limit: {Type: Number, Default: 10}
  Deep: {Type: String, Default: x}
steps:
  - {id: it, if: false, http: GET https://example.com, connection: carrier, output: any, skipped: 1}
  - {id: one, set: "${ $parameters.Deep }"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "greet.yaml").write_text(WORKFLOW)
    (tmp_path / "workflows" / "other.yaml").write_text(OTHER)
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), "run", "workflows/greet.yaml", "--json", *arguments])


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        ((), {"limit": 10, "loud": "false", "inner": "x"}),
        (("--env", "none"), {"limit": 10, "loud": "false", "inner": "x"}),
        (("--env", "prod"), {"limit": 500, "loud": "true", "inner": "y"}),
        (("--env", "prod", "-p", "Limit=7"), {"limit": 7, "loud": "true", "inner": "y"}),
    ],
)
def test_values_of_an_environment(project: Path, arguments: tuple[str, ...], output: dict[str, object]) -> None:
    """They go before defaults, in the workflows that a workflow runs too; `-p` goes before them."""
    done = run(project, *arguments)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["output"] == output


def test_an_unknown_environment(project: Path) -> None:
    """FG540, with the name that was probably meant."""
    done = run(project, "--env", "prd")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == ("error[FG540]: unknown environment `prd`\n  = help: did you mean `prod`?\n\n1 error\n")


def test_wrong_values_are_reported_at_their_line(project: Path) -> None:
    """Every one of them."""
    done = run(project, "--env", "wrong")
    assert done.exit_code == 1
    assert done.stderr == (
        "error[FG542]: parameter `Limit` must be a number\n"
        "  --> pyproject.toml:10:1\n"
        "   |\n"
        '10 | Limit = "many"\n'
        "   | ^^^^^ found `many`\n"
        "\n"
        "error[FG541]: unknown parameter `Lmit`\n"
        "  --> pyproject.toml:11:1\n"
        "   |\n"
        "11 | Lmit = 3\n"
        "   | ^^^^\n"
        "   |\n"
        "   = help: did you mean `Limit`?\n"
        "\n"
        "2 errors\n"
    )


def test_what_other_workflows_declare_is_known_without_a_template(project: Path) -> None:
    """Where none can be made, only what it would ask for by itself is not known."""
    (project / "workflows" / "third.yaml").write_text(
        "flowgen: 1\nname: third\nresources: {GreetStateMachine: {Type: AWS::S3::Bucket}}\nsteps: []\n"
    )
    assert run(project, "--env", "prod").exit_code == 1
    (project / "pyproject.toml").write_text(SETTINGS.replace(', CarrierConnectionArn = "c"', ""))
    assert run(project, "--env", "prod").exit_code == 0


def test_a_state_machine_has_no_project(project: Path) -> None:
    """`--env` with a .json file is wrong usage."""
    (project / "m.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')
    done = CliRunner().invoke(flowgen, ["-C", str(project), "run", "m.asl.json", "--env", "prod"])
    assert done.exit_code == 2
    assert "-p NAME=VALUE" in done.stderr


def test_workflows_under_test(project: Path) -> None:
    """`env` and `parameters` give the values, in this order."""
    assert load("workflows/greet.yaml", project, env="prod").run().output["limit"] == 500
    loaded = load("workflows/greet.yaml", project, env="prod", parameters={"Limit": 7, "Loud": False})
    assert loaded.run().output == {"limit": 7, "loud": "false", "inner": "y"}
    with pytest.raises(WorkflowError, match="FG542"):
        load("workflows/greet.yaml", project, env="wrong")


def test_a_state_machine_under_test(project: Path) -> None:
    """Takes parameters, and no environment."""
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${Name}", "End": True}}}
    (project / "m.asl.json").write_text(json.dumps(machine))
    assert load("m.asl.json", project, parameters={"Name": "Ada"}).run().output == "Ada"
    with pytest.raises(WorkflowError, match="environments apply only to workflows of a project"):
        load("m.asl.json", project, env="prod")
