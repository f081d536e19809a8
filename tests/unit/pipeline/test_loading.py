"""What a project around a workflow adds to its check."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.pipeline import check_paths

WITH_FUNCTION = "flowgen: 1\nname: {name}\noutput: any\nfunctions: {{go: {{}}}}\nsteps: [{{id: a, call: go}}]\n"


def found(folder: Path, text: str, settings: str = "") -> list[tuple[str, str]]:
    (folder / "workflows").mkdir()
    (folder / "workflows" / "w.yaml").write_text(text)
    (folder / "pyproject.toml").write_text(f"[tool.flowgen]\n{settings}")
    return [(one.code, one.message) for one in check_paths((), folder).diagnostics]


@pytest.mark.parametrize("name", ["email", "json", "typing", "pydantic", "boto3", "flowgen", "annotated_types"])
def test_a_package_that_would_hide_a_module(tmp_path: Path, name: str) -> None:
    """At the top of the zip, it would come before Python's own module; inside of another package it does not."""
    message = f"the package `{name}` would hide the module `{name}`, which generated code or Lambda imports"
    assert found(tmp_path, WITH_FUNCTION.format(name=name)) == [("FG107", message)]


def test_inside_of_another_package_it_hides_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, WITH_FUNCTION.format(name="email"), 'package = "shop"\n') == []


def test_without_functions_there_is_no_package(tmp_path: Path) -> None:
    assert found(tmp_path, "flowgen: 1\nname: email\noutput: any\nsteps: [{id: a, set: 1}]\n") == []


@pytest.mark.parametrize(
    "name", ["self", "cls", "names", "flow", "sink", "workflow", "key", "value", "type_", "lambda_"]
)
def test_names_of_the_users_meet_no_parameter(tmp_path: Path, name: str) -> None:
    """A step or variable that is called like a parameter of some function of flowgen's."""
    text = (
        f"flowgen: 1\nname: w\noutput: any\nsteps:\n  - {{id: {name}, set: 1}}\n"
        f"  - {{id: b, for_each: [1], as: {name}2, steps: [{{id: c, set: '${{ ${name}2 }}'}}]}}\n"
        f"  - {{id: d, for_each: [1], as: self, steps: [{{id: e, set: '${{ $self }}'}}]}}\n"
    )
    codes = {code for code, _ in found(tmp_path, text)}
    assert codes <= ({"FG218"} if name == "self" else set())  # the loop hides the step
