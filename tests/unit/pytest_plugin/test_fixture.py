"""The fixture `flowgen`: which workflow it loads, and how a test fails that can't have one."""

from __future__ import annotations

import pytest


def test_a_workflow_by_its_file(project: pytest.Pytester) -> None:
    """The path is relative to the root folder of the tests."""
    project.makepyfile(
        """
        def test_it(flowgen):
            workflow = flowgen("workflows/greet.yaml")
            assert workflow is flowgen("workflows/greet.yaml")
            run = workflow.run({"name": "Ada"}, mocks={"write": "hello"})
            assert (workflow.name, run.output) == ("greet", "hello")
        """
    )

    project.runpytest().assert_outcomes(passed=1)


def test_a_workflow_with_errors_shows_them(project: pytest.Pytester) -> None:
    """The findings are in the failure, as `flowgen check` tells them."""
    (project.path / "workflows" / "greet.yaml").write_text("flowgen: 1\nname: greet\nsteps:\n  - id: a\n    cal: f\n")
    project.makepyfile("def test_it(flowgen): flowgen()")

    result = project.runpytest()

    result.stdout.fnmatch_lines(["error?FG104?*", "*workflows/greet.yaml:5:*"])
    result.assert_outcomes(failed=1)


def test_a_file_that_is_not_there(project: pytest.Pytester) -> None:
    """The failure names the file."""
    project.makepyfile("def test_it(flowgen): flowgen('workflows/other.yaml')")

    project.runpytest().stdout.fnmatch_lines(["*`workflows/other.yaml` does not exist*"])


def test_one_of_several_is_to_be_named(project: pytest.Pytester) -> None:
    """A folder with two workflows is none."""
    text = (project.path / "workflows" / "greet.yaml").read_text()
    (project.path / "workflows" / "other.yaml").write_text(text.replace("name: greet", "name: other"))
    project.makepyfile("def test_it(flowgen): flowgen()")

    result = project.runpytest()

    result.stdout.fnmatch_lines(["*choose one of: workflows/greet.yaml, workflows/other.yaml*"])


def test_a_failure_shows_the_trace(project: pytest.Pytester) -> None:
    """What was expected, what was, the step with its line, and each state; no line of flowgen's own code."""
    project.makepyfile(
        "def test_it(flowgen): flowgen().run({'name': ''}).succeeded()",
    )

    result = project.runpytest()

    result.stdout.fnmatch_lines(
        [
            "E*AssertionError: expected the run to succeed, but the run failed with NoName",
            "E*at `nameless` (workflows/greet.yaml:25)",
            "E*0 s  ok *named*",
            "E*0 s  failed *nameless*",
        ]
    )
    result.stdout.no_fnmatch_line("*runs.py*")


def test_an_environment_and_parameters(project: pytest.Pytester) -> None:
    """Each set of values is its own workflow."""
    text = (project.path / "workflows" / "greet.yaml").read_text()
    text = text.replace("\nsteps:\n", "\nparameters:\n  Late: {Type: String, Default: later}\nsteps:\n", 1)
    text = text.replace("if: $letter = 'later'", "if: $letter = $parameters.Late")
    (project.path / "workflows" / "greet.yaml").write_text(text)
    settings = '[tool.flowgen]\n[tool.flowgen.env.dev]\nparameters = {Late = "soon"}\n'
    (project.path / "pyproject.toml").write_text(settings)
    project.makepyfile(
        """
        def test_it(flowgen):
            def waited(**given):
                run = flowgen("workflows/greet.yaml", **given).run({"name": "Ada"}, mocks={"write": "soon"})
                return run.execution.elapsed > 0
            assert not waited()
            assert waited(env="dev")
            assert not waited(env="dev", parameters={"Late": "never"})
        """
    )

    project.runpytest().assert_outcomes(passed=1)
