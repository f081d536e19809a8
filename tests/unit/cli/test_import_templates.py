"""`flowgen import` of templates."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen

TEMPLATE = """
Resources:
  OrderMachine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: order.asl.yaml
  PauseMachine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition: {StartAt: W, States: {W: {Type: Wait, Seconds: 5, End: true}}}
"""
ORDER = """
Comment:
StartAt: Send
States:
  Send:
    Type: Task
    Resource: arn:aws:states:::sqs:sendMessage
    Parameters: {QueueUrl: queue, MessageBody.$: $.order}
    End: true
"""


def flow(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), *arguments])


def test_each_state_machine_of_a_template_becomes_a_workflow(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "order.asl.yaml").write_text(ORDER.replace("Comment:\n", ""))
    done = flow(tmp_path, "import", "template.yaml", "-o", "workflows")
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "workflows").iterdir()) == [
        "order_machine.yaml",
        "pause_machine.yaml",
    ]
    assert "aws: sqs:sendMessage" in (tmp_path / "workflows" / "order_machine.yaml").read_text()


def test_problems_of_a_template_are_reported_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    done = flow(tmp_path, "import", "template.yaml")
    assert done.exit_code == 1
    assert "error[FG833]" in done.output
    assert "template.yaml:6" in done.output
    assert "wait: 5s" in done.output
    (tmp_path / "empty.json").write_text(json.dumps({"Resources": {}}))
    assert "error[FG830]" in flow(tmp_path, "import", "empty.json").output
