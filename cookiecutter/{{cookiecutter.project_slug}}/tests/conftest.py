from collections.abc import Callable
from pathlib import Path

import pytest
from flowgen.local import Execution
from flowgen.pipeline import check_paths, run_workflow

PROJECT = Path(__file__).resolve().parent.parent

Run = Callable[[str, object], Execution]


@pytest.fixture
def run() -> Run:
    """Runs a workflow of this project as it ships, with this project's code; time is skipped."""

    def run(workflow: str, value: object) -> Execution:
        report = check_paths((f"workflows/{workflow}.yaml",), PROJECT)
        assert not report.failed, report.diagnostics
        execution = run_workflow(report.loaded[0], value)
        assert isinstance(execution, Execution), execution
        return execution

    return run
