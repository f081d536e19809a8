from collections.abc import Callable
from pathlib import Path

import pytest
from flowgen.local import Execution
from flowgen.pipeline import check_paths, run_workflow

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture
def run() -> Callable[[object], Execution]:
    """Runs the workflow as it ships, with this project's code; time is skipped."""
    report = check_paths((), PROJECT)
    assert not report.failed, report.diagnostics
    (workflow,) = report.loaded

    def run(value: object) -> Execution:
        execution = run_workflow(workflow, value)
        assert isinstance(execution, Execution), execution
        return execution

    return run
