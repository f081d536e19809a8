"""New workflows and functions: what is added is valid, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.pipeline import check_text
from flowgen.pipeline.additions import CannotAddError, new_workflow, with_function

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/workflows/*.yaml"))


def test_a_new_workflow_is_valid() -> None:
    text = new_workflow("send_invoice", Path("/p/schemas/s.json"), Path("/p/workflows"))
    assert text.splitlines()[0] == "# yaml-language-server: $schema=../schemas/s.json"
    assert list(check_text(text)) == []
    assert new_workflow("send_invoice", None, Path("/p")) == text.partition("\n")[2]


ADDED = """\
  compose:
    description: Describe what the function does.
    input: any
    output: any
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "flowgen: 1\nname: a\n# The steps.\nsteps: []\n",
            f"flowgen: 1\nname: a\n# The steps.\nfunctions:\n{ADDED}\nsteps: []\n",
        ),
        (
            "flowgen: 1\nfunctions:\n  # first\n  one: {}  # kept\n\n# The steps.\nsteps: []",
            f"flowgen: 1\nfunctions:\n  # first\n  one: {{}}  # kept\n{ADDED}\n# The steps.\nsteps: []\n",
        ),
        ("flowgen: 1\nsteps: []\nfunctions:\n  one: {}\n", f"flowgen: 1\nsteps: []\nfunctions:\n  one: {{}}\n{ADDED}"),
        (
            "flowgen: 1\r\nsteps: []\r\n",
            f"flowgen: 1\r\nfunctions:\n{ADDED}\nsteps: []\n".replace("\r", "").replace("\n", "\r\n"),
        ),
    ],
)
def test_where_a_function_is_added(before: str, after: str) -> None:
    assert with_function(before, "compose", "a.yaml") == after


def test_a_function_keeps_the_indentation_of_the_others() -> None:
    text = with_function("flowgen: 1\nfunctions:\n    one: {}\nsteps: []\n", "two", "a.yaml")
    assert "\n    two:\n      description:" in text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_examples_stay_valid(example: Path) -> None:
    """Every line is kept, and the only new finding is that nothing calls the function yet."""
    before = example.read_text("utf-8")
    after = with_function(before, "compose", example.name)
    kept = iter(after.splitlines())
    assert all(line in kept for line in before.splitlines())
    known = {(one.code, one.message) for one in check_text(before)}
    new = [one for one in check_text(after) if (one.code, one.message) not in known]
    imports = any(severity == "error" for severity in (one.severity for one in check_text(before)))
    assert [one.code for one in new] == ([] if imports else ["FG209"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("repos: []\n", "'a.yaml' is not a workflow: it has no key `flowgen`"),
        ("- 1\n", "cannot read 'a.yaml': it is not a mapping"),
        ("flowgen: 1\nfunctions: {one: {}}\nsteps: []\n", "which is written on one line"),
        ("flowgen: 1\nfunctions:\n  compose: {}\nsteps: []\n", "'a.yaml' already has a function `compose`"),
        ("flowgen: [1\n", "cannot read 'a.yaml'"),
    ],
)
def test_what_cannot_be_added(text: str, message: str) -> None:
    with pytest.raises(CannotAddError) as refused:
        with_function(text, "compose", "a.yaml")
    assert message in str(refused.value)
