"""`--flowgen-cov`: what the tests did not use of the workflows, over all processes of a run."""

from __future__ import annotations

import subprocess
import sys

import pytest

ONE_PATH = """
def test_a_letter(flowgen):
    flowgen().run({"name": "Ada"}, mocks={"write": "hello"}).succeeded()
"""

ALL_PATHS = """
import pytest
from flowgen.testing import in_turn, raises

@pytest.mark.parametrize("name, mock", [
    ("", "hello"),
    ("Ada", in_turn(raises("Busy"), "hello")),
    ("Ada", raises("Refused")),
    ("Ada", "later"),
])
def test_paths(flowgen, name, mock):
    flowgen().run({"name": name}, mocks={"letter": mock})
"""


def test_what_was_not_used_is_reported_with_its_line(project: pytest.Pytester) -> None:
    """One way through: the other branches, the catcher and the retrier are missed, each with its place."""
    project.makepyfile(ONE_PATH)

    result = project.runpytest("--flowgen-cov")

    result.stdout.fnmatch_lines_random(
        [
            "workflows/greet.yaml *3 of 6 *2 of 4 *0 of 1 *0 of 1 * 41%",
            "*workflows/greet.yaml:18  retrier of Busy on the function `write`",
            "*workflows/greet.yaml:23  branch `named`: when $input.name = ''",
            "*workflows/greet.yaml:25  state `nameless`",
            "*workflows/greet.yaml:31  catcher of Refused, first on `letter`",
            "*workflows/greet.yaml:33  state `refused`",
            "*workflows/greet.yaml:36  branch `later`: if",
        ]
    )
    assert result.ret == pytest.ExitCode.OK


def test_all_is_used(project: pytest.Pytester) -> None:
    """Each branch, the catcher and the retrier by one test: nothing is missed."""
    project.makepyfile(ALL_PATHS)

    result = project.runpytest("--flowgen-cov", "--flowgen-cov-fail-under=100")

    result.stdout.fnmatch_lines(["workflows/greet.yaml *6 of 6 *4 of 4 *1 of 1 *1 of 1 * 100%"])
    assert result.ret == pytest.ExitCode.OK


def test_the_processes_of_xdist_count_together(project: pytest.Pytester) -> None:
    """Tests spread over two processes use what they use in one."""
    pytest.importorskip("xdist")
    project.makepyfile(ALL_PATHS)

    result = project.runpytest("--flowgen-cov-fail-under=100", "-n2")

    result.stdout.fnmatch_lines(["workflows/greet.yaml *6 of 6 *4 of 4 *1 of 1 *1 of 1 * 100%"])
    assert result.ret == pytest.ExitCode.OK


def test_too_little_fails_the_run(project: pytest.Pytester) -> None:
    """Tests that pass, but use less than they must, fail the run."""
    project.makepyfile(ONE_PATH)

    result = project.runpytest("--flowgen-cov-fail-under=50")

    result.stdout.fnmatch_lines(["FAIL: the tests used 41.7% of the workflows; required: 50%"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_workflow_without_tests_is_reported(project: pytest.Pytester) -> None:
    """No test loads the workflow: all of it is missed."""
    project.makepyfile("def test_nothing(): pass")

    result = project.runpytest("--flowgen-cov")

    result.stdout.fnmatch_lines(["workflows/greet.yaml *0 of 6 *0 of 4 *0 of 1 *0 of 1 * 0%"])


def test_a_foreign_machine_has_the_lines_of_its_file(pytester: pytest.Pytester) -> None:
    """Of a definition in its own file every state is somebody's to test."""
    pytester.makefile(
        ".asl.json",
        machine="""{"StartAt": "A", "States": {
            "A": {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsNull": true, "Next": "B"}], "Default": "C"},
            "B": {"Type": "Pass", "End": true},
            "C": {"Type": "Pass", "End": true}}}""",
    )
    pytester.makepyfile("def test_it(flowgen): flowgen('machine.asl.json').run({'n': 1}).succeeded()")

    result = pytester.runpytest("--flowgen-cov")

    result.stdout.fnmatch_lines(
        [
            "machine.asl.json *2 of 3 *1 of 2 * 60%",
            "*machine.asl.json:2  branch `A`: choice 1",
            "*machine.asl.json:3  state `B`",
        ]
    )


def test_without_the_option_nothing_is_printed(project: pytest.Pytester) -> None:
    """A run that did not ask for a report has none."""
    project.makepyfile(ONE_PATH)

    project.runpytest().stdout.no_fnmatch_line("*greet.yaml*")


def test_the_plugin_costs_nothing_where_it_is_not_used() -> None:
    """Its import brings nothing of flowgen but the package itself."""
    program = "import sys, flowgen.pytest_plugin; print(*sorted(m for m in sys.modules if m.startswith('flowgen')))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["flowgen", "flowgen.pytest_plugin"]
