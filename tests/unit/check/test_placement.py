"""Modifiers and names in places where they mean nothing."""

from __future__ import annotations

import pytest

from tests.unit.check.marks import found, one

UNDONE = "{id: pay, call: charge, %s: {call: charge}}"


@pytest.mark.parametrize(
    "around",
    [
        "  - id: a\n    for_each: $input.lines\n    steps:\n      - {}\n",
        "  - id: a\n    repeat: {max: 3, until: $input.x}\n    steps:\n      - {}\n",
        "  - id: a\n    parallel:\n      one:\n        - {}\n",
        "  - id: a\n    repeat: {max: 3, until: $input.x}\n    steps:\n      - id: b\n        steps:\n          - {}\n",
        "  - id: a\n    call: charge\n    catch:\n      - errors: [any]\n        steps:\n          - {}\n",
    ],
)
def test_compensation_off_the_way(around: str) -> None:
    """Bodies that run more than once or apart, and handlers, have no place in the chain."""
    assert one("steps:\n" + around.replace("{}", UNDONE % "«compensate»"), "FG217").code == "FG217"


def test_compensation_in_the_workflows_handlers() -> None:
    """What runs when the work has failed already is not undone."""
    text = "catch:\n  - errors: [any]\n    steps:\n      - {}\nsteps:\n  - {id: b, call: charge}\n"
    assert one(text.replace("{}", UNDONE % "«compensate»"), "FG217").code == "FG217"
    text = (
        "handlers:\n  tell:\n    - {}\n    - {id: told, fail: $error}\nsteps:\n"
        "  - {id: b, call: charge, catch: [{errors: [any], handler: tell}]}\n"
    )
    assert one(text.replace("{}", UNDONE % "«compensate»"), "FG217").code == "FG217"


def test_compensation_of_a_whole() -> None:
    """It is allowed in groups and branches, and around a whole body."""
    text = "steps:\n" + "".join(
        (
            "  - id: a\n    steps:\n      - {}\n".replace("{}", UNDONE % "compensate"),
            "  - id: b\n    switch:\n      - when: $input.x\n        steps:\n",
            "          - {id: c, call: charge, compensate: {call: charge}}\n",
            "  - id: d\n    for_each: $input.lines\n    steps: []\n    compensate: {call: charge}\n",
        )
    )
    assert found(text, "FG217") == []


def test_compensation_of_what_handles_one() -> None:
    """The chain runs once: what runs in it is not undone."""
    undone = UNDONE.replace("pay", "again") % "«compensate»"
    compensate = f"{{call: charge, catch: [{{errors: any, steps: [{undone}]}}]}}"
    text = f"steps:\n  - {{id: a, call: charge, compensate: {compensate}}}\n"
    assert [label.text for label in one(text, "FG217").secondary] == ["in this `catch`"]


def test_skipped_needs_if() -> None:
    """`skipped` is the value of a step that `skipped` requires an `if`."""
    assert "`skipped` requires an `if`" in one("steps:\n  - {id: a, set: 1, «skipped»: 2}\n", "FG103").message
    assert found("steps:\n  - {id: a, if: $input.x, set: 1, skipped: 2}\n", "FG103") == []


@pytest.mark.parametrize(
    ("word", "meant"), [("yes", "true"), ("No", "false"), ("on", "true"), ("off", "false"), ("True", "true")]
)
def test_words_of_other_yaml(word: str, meant: str) -> None:
    """A condition that is a word of YAML 1.1 is reported with the boolean that was meant."""
    assert one(f"steps:\n  - {{id: a, if: «{word}», set: 1}}\n", "FG102").help == f"write `{meant}`"
    text = f"steps:\n  - id: a\n    repeat: {{max: 3, until: «{word}»}}\n    steps: []\n"
    assert one(text, "FG102").help == f"write `{meant}`"
    assert one(f"steps:\n  - {{id: a, switch: [{{when: «{word}», steps: []}}]}}\n", "FG102").help == f"write `{meant}`"


def test_words_as_texts() -> None:
    """As values such words are the texts that they are in YAML 1.2."""
    assert found("steps:\n  - {id: a, set: yes}\n  - {id: b, match: $a, cases: {no: [], on: []}}\n", "FG102") == []


def test_same_case_twice() -> None:
    """Two texts may be one number; a boolean is none."""
    text = "steps:\n  - id: a\n    match: $input.n\n    cases:\n      1: []\n      true: []\n      «1.0»: []\n"
    assert [label.text for label in one(text, "FG002").secondary] == ["first here"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("  - {id: line, set: 1}\n  - {id: a, for_each: $input.l, as: «line», steps: []}\n", "this step's value"),
        (
            (
                "  - id: a\n    for_each: $input.l\n    as: line\n    steps:\n"
                "      - {id: b, for_each: $line, as: «line», steps: []}\n"
            ),
            "this loop's variable",
        ),
        (
            (
                "  - id: a\n    repeat: {max: 2, as: page, until: $page = 1}\n    steps:\n      - {id: c, set: 1}\n"
                "  - {id: b, for_each: $input.l, as: «page», steps: []}\n"
            ),
            "this loop's variable",
        ),
        (
            (
                "  - id: a\n    repeat: {max: 2, as: page, until: $page = 1}\n    steps:\n      - id: b\n"
                "        repeat: {max: 2, as: «page», until: $page = 1}\n        steps:\n          - {id: c, set: 1}\n"
            ),
            "this loop's variable",
        ),
        (
            (
                "  - id: a\n    for_each: $input.l\n    steps:\n      - id: b\n"
                "        repeat: {max: 2, as: «page», until: $page = 1}\n        steps:\n          - {id: c, set: 1}\n"
                "  - id: d\n    repeat: {max: 2, as: page, until: $page = 1}\n    steps:\n      - {id: e, set: 1}\n"
            ),
            "this loop's variable",
        ),
    ],
)
def test_shadowing(text: str, what: str) -> None:
    """A variable of an outer scope can't be named again within, wherever in that scope it is assigned."""
    assert [label.text for label in one("steps:\n" + text, "FG218").secondary] == [what]


def test_names_used_again() -> None:
    """Loops next to each other may use the same name."""
    text = "steps:\n" + "".join(
        f"  - id: {name}\n    for_each: $input.l\n    as: line\n    steps: []\n" for name in ("a", "b")
    )
    text += "".join(
        f"  - id: {name}\n    repeat: {{max: 2, as: page, until: $page = 1}}\n    steps: [{{id: {name}s, set: 1}}]\n"
        for name in ("c", "d")
    )
    assert found(text, "FG218") == []


PIVOT = "{id: pay, call: charge, «pivot»: true}"


@pytest.mark.parametrize(
    "around",
    [
        "  - {id: pay, call: charge, if: $input.x, «pivot»: true}\n",
        "  - {id: pay, call: charge, compensate: {call: charge}, «pivot»: true}\n",
        "  - {id: pay, call: charge, catch: [{errors: [any], steps: [{id: b, set: 1}]}], «pivot»: true}\n",
        f"  - id: a\n    if: $input.x\n    steps:\n      - {PIVOT}\n",
        f"  - id: a\n    steps:\n      - {PIVOT}\n    catch: [{{errors: [any], steps: [{{id: b, set: 1}}]}}]\n",
        f"  - id: a\n    switch:\n      - when: $input.x\n        steps:\n          - {PIVOT}\n",
        f"  - id: a\n    parallel:\n      one:\n        - {PIVOT}\n",
        f"  - id: a\n    for_each: $input.lines\n    steps:\n      - {PIVOT}\n",
        f"  - id: a\n    repeat: {{max: 3, until: $input.x}}\n    steps:\n      - {PIVOT}\n",
        f"  - id: a\n    call: charge\n    catch:\n      - errors: [any]\n        steps:\n          - {PIVOT}\n",
    ],
)
def test_a_pivot_is_completed_on_every_path(around: str) -> None:
    """Where the workflow may continue without it, it is unknown whether the steps before it may be undone."""
    assert one("steps:\n" + around, "FG217").code == "FG217"


@pytest.mark.parametrize(
    "around",
    [
        "  - {id: pay, call: charge, pivot: true}\n",
        "  - id: a\n    steps:\n      - {id: pay, call: charge, pivot: true}\n",
        "  - {id: pay, call: charge, catch: [{errors: [any], steps: [{id: b, fail: {error: No}}]}], pivot: true}\n",
        "  - {id: a, parallel: {one: [{id: b, call: charge}]}, pivot: true}\n",
    ],
)
def test_a_pivot_of_the_main_sequence(around: str) -> None:
    assert found("steps:\n" + around, "FG217") == []
