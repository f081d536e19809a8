"""Projects with many workflows for measurements and tests: each workflow runs the next."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

FUNCTIONS = 3
STEPS = 10


def workflow(number: int, *, last: bool) -> str:
    """A workflow of twelve steps, three functions and a table; all but the last one run the next."""
    functions = "".join(
        f"  function_{one}: {{description: Number {one}., input: Order, output: Order}}\n" for one in range(FUNCTIONS)
    )
    calls = "".join(f"  - id: step_{one}\n    call: function_{one % FUNCTIONS}\n" for one in range(STEPS))
    child = f"  - id: next\n    workflow: flow_{number + 1}\n    with: ${{ $input }}\n"
    head = dedent(f"""\
        flowgen: 1
        name: flow_{number}
        input: Order
        output: any
        types: {{Order: {{fields: {{id: string, total: number}}}}}}
        parameters: {{Stage: {{Type: String, Description: Where this runs.}}}}
        resources:
          Orders{number}:
            Type: AWS::DynamoDB::Table
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              BillingMode: PAY_PER_REQUEST
              PointInTimeRecoverySpecification: {{PointInTimeRecoveryEnabled: true}}
              AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
              KeySchema: [{{AttributeName: id, KeyType: HASH}}]
        """)
    look = dedent(f"""\
          - id: look
            aws: dynamodb:getItem
            with:
              TableName: !Ref Orders{number}
              Key: {{id: {{S: "${{ $input.id }}"}}, stage: {{S: "${{ $parameters.Stage }}"}}}}
        """)
    return f"{head}functions:\n{functions}steps:\n{calls}{indented(look)}{'' if last else child}"


def indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


def write(folder: Path, workflows: int, stacks: str = "single") -> None:
    """Creates a project with this number of workflows in a new folder."""
    (folder / "workflows").mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(f'[tool.flowgen]\npackage = "shop"\nstacks = "{stacks}"\n', encoding="utf-8")
    for number in range(workflows):
        text = workflow(number, last=number + 1 == workflows)
        (folder / "workflows" / f"flow_{number}.yaml").write_text(text, encoding="utf-8")
