"""Writes a page for each failed test that ran workflows: `pytest --flowgen-report DIR`."""

from __future__ import annotations

import hashlib
import re
from collections import deque
from pathlib import Path

from flowgen.testing.runs import Run
from flowgen.viewer import Recorded, report_page, run_document

MOST_RUNS = 20
"""Runs of one test in its report: the last ones, for tests with hundreds of generated inputs."""

_LONGEST_NAME = 120


class Reports:
    """The runs of the current test, and the folder for reports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs: deque[Run] = deque(maxlen=MOST_RUNS)

    def start_test(self) -> None:
        """Forget the runs of the previous test."""
        self._runs.clear()

    def record(self, run: Run) -> None:
        """Add a run to the current test."""
        self._runs.append(run)

    def write(self, test: str) -> Path | None:
        """Write the report of the current test, and return its path; None if the test ran no workflow.

        `test` is pytest's node id. Raises OSError.
        """
        if not self._runs:
            return None
        several = len(self._runs) > 1
        recorded = [
            Recorded(run.program, run.execution, run.inside, f"{run.program.name}, run {number}" if several else None)
            for number, run in enumerate(self._runs, 1)
        ]
        path = self.folder / f"{file_name(test)}.html"
        path.write_text(report_page(run_document(test, recorded)), "utf-8", newline="\n")
        return path


def file_name(test: str) -> str:
    """A name of a file for a test, on every platform. A hash distinguishes tests whose names would be the same.

    >>> file_name("tests/test_order.py::test_paid")
    'tests-test_order.py-test_paid'
    """
    plain = re.sub(r"::|[/\\]", "-", test)
    name = re.sub(r"[^\w.-]+", "-", plain, flags=re.ASCII).strip("-.")
    if name == plain and len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME].rstrip('-.')}-{hashlib.sha256(test.encode('utf-8', 'replace')).hexdigest()[:8]}"
