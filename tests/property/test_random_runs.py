"""What the check says of a workflow holds in its runs.

Inputs and results of calls are random values of their types, and calls fail now and then. No run ends with an error of
types, each step's value is of the type that the check has for it, and so is the output. `FLOWGEN_RANDOM_RUNS` is the
number of runs for each workflow, `FLOWGEN_RANDOM_RUNS_FIRST` the first seed; the nightly run sets both.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.property.random_runs import subjects

RUNS = int(os.environ.get("FLOWGEN_RANDOM_RUNS", "5"))
FIRST = int(os.environ.get("FLOWGEN_RANDOM_RUNS_FIRST", "0"))
EXAMPLES = sorted(path.parent for path in (Path(__file__).parents[2] / "examples").glob("*/pyproject.toml"))


def wrong(root: Path) -> list[str]:
    """The first run of each workflow that is not as the check says."""
    runs = ((subject.one(seed) for seed in range(FIRST, FIRST + RUNS)) for subject in subjects(root))
    return [found for each in runs if (found := next((one for one in each if one is not None), None)) is not None]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_examples_run_as_checked(example: Path) -> None:
    """The projects that we show."""
    assert wrong(example) == []


def test_correct_projects_run_as_checked(cases_dir: Path) -> None:
    """Strict projects that others have written."""
    found = {path.name: wrong(path) for path in sorted((cases_dir / "types" / "correct").iterdir())}
    assert not any(found.values()), found


def test_a_run_that_is_not_as_checked_is_found(tmp_path: Path) -> None:
    """The search itself: the type of an AWS response says that `Name` is there, and here nothing guards it."""
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\nstrict = true\n", encoding="utf-8")
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "first.yaml").write_text(
        "flowgen: 1\nname: first\ninput: {fields: {n: integer}}\noutput: string\nsteps:\n"
        "  - {id: listed, aws: 's3:listBuckets'}\n"
        "  - {id: name, set: '${ $uppercase($listed.Buckets[0].Name) }'}\n",
        encoding="utf-8",
    )
    (subject,) = subjects(tmp_path)
    found = [one for seed in range(40) if (one := subject.one(seed)) is not None]
    assert found
    assert all("States.QueryEvaluationError" in one for one in found)
