"""Random state machines, with any control flow: nothing overlaps or crosses, and every state is there once."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowgen.diagrams import mermaid, structure_of_machine
from flowgen.diagrams.layout import layout
from tests.drawings import faults
from tests.unit.diagrams.test_invariants import names, shown
from tests.unit.diagrams.test_mermaid import check

KINDS = ("Task", "Choice", "Pass", "Wait", "Succeed", "Fail", "Map", "Parallel")


@st.composite
def machines(draw: st.DrawFn, depth: int = 2, prefix: str = "s") -> dict[str, Any]:
    """A definition; transitions lead anywhere, a few of them to no state."""
    known = [f"{prefix}{at}" for at in range(draw(st.integers(1, 6)))]
    targets = st.sampled_from([*known, "nowhere"])
    states: dict[str, Any] = {}
    for name in known:
        kind = draw(st.sampled_from(KINDS if depth else KINDS[:6]))
        state: dict[str, Any] = {"Type": kind}
        if kind == "Choice":
            rules = draw(st.lists(targets, max_size=3))
            state["Choices"] = [{"Variable": "$.x", "NumericEquals": at, "Next": to} for at, to in enumerate(rules)]
            state |= draw(st.one_of(st.just({}), st.builds(lambda to: {"Default": to}, targets)))
        elif kind not in ("Succeed", "Fail"):
            state |= draw(st.one_of(st.just({"End": True}), st.builds(lambda to: {"Next": to}, targets)))
        if kind in ("Task", "Map", "Parallel"):
            handlers = draw(st.lists(targets, max_size=2))
            state["Catch"] = [{"ErrorEquals": [f"E{at}"], "Next": to} for at, to in enumerate(handlers)]
        if kind == "Map":
            state["ItemProcessor"] = draw(machines(depth - 1, f"{name}."))
        elif kind == "Parallel":
            branches = range(draw(st.integers(1, 3)))
            state["Branches"] = [draw(machines(depth - 1, f"{name}.{at}.")) for at in branches]
        states[name] = state
    return {"StartAt": known[0], "States": states}


@given(machines())
def test_random_machines(machine: dict[str, Any]) -> None:
    structure = structure_of_machine(machine)
    drawing = layout(structure)
    assert faults(drawing) == []
    assert shown(drawing) == Counter(names(machine))
    check(mermaid(structure))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)
FIELDS = (
    "Type",
    "Next",
    "End",
    "Choices",
    "Default",
    "Catch",
    "Retry",
    "Branches",
    "ItemProcessor",
    "Resource",
    "Seconds",
)


@given(
    st.one_of(
        JSON.filter(lambda value: isinstance(value, dict)),
        st.fixed_dictionaries(
            {
                "StartAt": JSON,
                "States": st.dictionaries(
                    st.text(max_size=4),
                    st.one_of(
                        JSON,
                        st.dictionaries(st.sampled_from(FIELDS), st.one_of(JSON, st.sampled_from(KINDS)), max_size=6),
                    ),
                    max_size=4,
                ),
            }
        ),
    )
)
def test_anything_instead_of_a_machine(value: dict[str, Any]) -> None:
    """Fields of wrong types are left out."""
    structure = structure_of_machine(value)
    assert faults(layout(structure)) == []
    check(mermaid(structure))
