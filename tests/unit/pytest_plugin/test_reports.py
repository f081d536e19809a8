"""`--flowgen-report DIR`: a page for each failed test that ran workflows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from flowgen.testing.reports import MOST_RUNS, file_name

TESTS = """
import pytest

def test_passes(flowgen):
    flowgen().run({"name": "Ada"}, mocks={"write": "hello"}).succeeded()

def test_without_workflow():
    assert False

@pytest.mark.parametrize("name", ["a/b", "a-b"])
def test_fails(flowgen, name):
    flowgen().run({"name": name}, mocks={"write": "hello"})
    flowgen().run({"name": ""}).succeeded()

def test_without_mock(flowgen):
    flowgen().run({"name": "Ada"})

def test_of_many_runs(flowgen):
    for number in range(30):
        flowgen().run({"name": f"n{number}"}, mocks={"write": "hello"})
    assert False
"""


def document(page: Path) -> Any:
    """The run document in a page."""
    found = re.search(r'<script type="application/json" id="document">(.*?)</script>', page.read_text("utf-8"))
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize("processes", [(), ("-n2",)])
def test_failed_tests_have_a_page(project: pytest.Pytester, processes: tuple[str, ...]) -> None:
    """Not those that pass or run no workflow. Each page has the runs of its own test."""
    project.makepyfile(test_it=TESTS)

    result = project.runpytest("--flowgen-report", "out/pages", *processes)

    result.assert_outcomes(passed=1, failed=5)
    pages = {page.name: document(page) for page in (project.path / "out" / "pages").iterdir()}
    names = {re.sub(r"-[0-9a-f]{8}\.html$", ".html", name) for name in pages}
    assert names == {
        "test_it.py-test_fails-a-b.html",
        "test_it.py-test_without_mock.html",
        "test_it.py-test_of_many_runs.html",
    }
    assert len(pages) == 4
    statuses = {found["title"]: [run["status"] for run in found["runs"]] for found in pages.values()}
    assert statuses == {
        "test_it.py::test_fails[a/b]": ["SUCCEEDED", "FAILED"],
        "test_it.py::test_fails[a-b]": ["SUCCEEDED", "FAILED"],
        "test_it.py::test_without_mock": ["ABORTED"],
        "test_it.py::test_of_many_runs": ["SUCCEEDED"] * MOST_RUNS,
    }
    broken = pages["test_it.py-test_without_mock.html"]["runs"][0]
    assert broken["error"] == "AssertionError"
    assert [event["type"] for event in broken["events"]][-1] == "TaskScheduled"
    result.stdout.fnmatch_lines(["*flowgen report*", "*test_it.py-test_without_mock.html"])


def test_a_folder_that_can_not_be_created_is_reported(project: pytest.Pytester) -> None:
    project.makepyfile(test_it=TESTS)
    (project.path / "file").write_text("")

    result = project.runpytest("--flowgen-report", "file/pages")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--flowgen-report: cannot create *pages: Not a directory*"])


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("tests/test_a.py::TestB::test_c", "tests-test_a.py-TestB-test_c"),
        ("test_a.py::test_c[x]", r"test_a\.py-test_c-x-[0-9a-f]{8}"),
        ("test_a.py::test_c[../../ä:*?]", r"test_a\.py-test_c-[0-9a-f]{8}"),
        (f"test_a.py::test_c[{'x' * 300}]", r"test_a\.py-test_c-x{103}-[0-9a-f]{8}"),
    ],
)
def test_names_of_files(test: str, expected: str) -> None:
    assert re.fullmatch(expected, file_name(test)), file_name(test)
