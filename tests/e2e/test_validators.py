"""Other people's validators accept every state machine that is compiled from the examples and the cases."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from flowgen.pipeline import check_paths, definition

ROOT = Path(__file__).parents[2]
NODE = ROOT / "tests" / "node"

LACKS = (
    # The developer guide has these fields; statelint 3.1.0 has not.
    re.compile(
        r'Field "(InputType|CSVHeaderLocation|CSVHeaders|CSVDelimiter|ItemsPointer|MaxItems)" not allowed in '
        r".*ReaderConfig"
    ),
    re.compile(r'Field "Label" not allowed'),
    # JSONata replaces a number or a timestamp there; statelint reads the text.
    re.compile(
        r"(MaxConcurrency|MaxItems\w*|MaxInputBytesPerBatch|Tolerated\w+|Seconds|Timestamp) is "
        r'"\{% .* %\}" but should be'
    ),
)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("machines")
    files = []
    workflows = [*ROOT.glob("examples/*/workflows/*.yaml"), *ROOT.glob("tests/cases/*/*/workflow.yaml")]
    for path in sorted(workflows):
        report = check_paths((path.relative_to(ROOT).as_posix(),), ROOT)
        [loaded] = report.loaded
        name = "__".join(path.relative_to(ROOT).with_suffix(".json").parts)
        file = folder / name
        file.write_text(json.dumps(definition(loaded)), "utf-8")
        files.append(file)
    return files


@pytest.mark.needs("node")
def test_asl_validator(machines: list[Path]) -> None:
    """npm's asl-validator, which checks the schema of each state, and that transitions lead somewhere."""
    command = ["node", "validate.js", *map(str, machines)]
    found = subprocess.run(command, cwd=NODE, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in found.stdout.splitlines()]
    assert len(answers) == len(machines)
    assert [answer for answer in answers if answer["errors"]] == []


def test_statelint(machines: list[Path]) -> None:
    """PyPI's statelint, which reads the specification's own rules."""
    linter = pytest.importorskip("statelint.linter")
    problem = pytest.importorskip("statelint.problem").ProblemType
    # It wants `2.0` for `2`, which JSON does not tell apart, and an ARN where CloudFormation puts one.
    config = pytest.importorskip("statelint.config").Config({problem.FLOAT, problem.URI}, False, False)
    found = [f"{path.name}: {problem}" for path in machines for problem in linter.Linter.validate(str(path), config)]
    assert [problem for problem in found if not any(lack.search(problem) for lack in LACKS)] == []
