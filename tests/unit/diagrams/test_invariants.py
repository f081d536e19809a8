"""What holds for every diagram: the examples, large machines, and what people published."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flowgen.diagrams import Structure, structure_of_machine, svg
from flowgen.diagrams.drawing import Drawing, Edge, Node, Rect
from flowgen.diagrams.layout import layout
from flowgen.diagrams.structure import Box, Role
from flowgen.model import every_step
from flowgen.pipeline import Build, check_paths
from flowgen.pipeline.diagrams import structure
from tests.drawings import faults

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples").glob("*/workflows/*.yaml"))


def of_example(path: Path) -> tuple[Build, Structure]:
    [build] = check_paths((str(path),), ROOT).loaded
    return build, structure(build)


def names(machine: Mapping[str, Any]) -> Iterator[str]:
    for name, state in machine.get("States", {}).items():
        yield name
        for body in (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")):
            if isinstance(body, dict) and state["Type"] in ("Map", "Parallel"):
                yield from names(body)


def shown(drawing: Drawing) -> Counter[str]:
    return Counter(node.box.state for node in drawing.nodes if node.box is not None and node.box.state is not None)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    """Nothing overlaps or crosses, every step has a box, and a box that names a state names one of the machine."""
    build, found = of_example(path)
    drawing = layout(found)
    assert faults(drawing) == []
    steps = {node.box.step for node in drawing.nodes if node.box is not None} - {None}
    assert steps == {step.id for step in every_step(build.workflow)}
    assert set(shown(drawing)) <= set(names(build.definition))


def test_published_machines(corpus_dir: Path) -> None:
    """Each state has exactly one box, whatever the control flow, and nothing overlaps or crosses."""
    files = sorted(path for path in (corpus_dir / "asl").glob("*.json") if path.name != "index.json")
    assert len(files) > 300
    for file in files:
        machine = json.loads(file.read_text("utf-8"))
        drawing = layout(structure_of_machine(machine))
        assert faults(drawing) == [], file.name
        assert shown(drawing) == Counter(names(machine)), file.name


def test_recorded_machines(conformance_dir: Path) -> None:
    """The same for the machines that AWS ran."""
    files = sorted(conformance_dir.glob("*.json"))
    cases = [case for file in files for case in json.loads(file.read_text("utf-8"))["cases"]]
    machines = [case["definition"] for case in cases if isinstance(case.get("definition"), dict)]
    assert len(machines) > 500
    for machine in machines:
        drawing = layout(structure_of_machine(machine))
        assert faults(drawing) == []
        assert shown(drawing) == Counter(names(machine))


def sequence(length: int) -> dict[str, Any]:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "handled"}]
    states: dict[str, Any] = {
        f"s{at}": {"Type": "Task", "Resource": "r", "Catch": catch, "Next": f"s{at + 1}"} for at in range(length)
    }
    return {"StartAt": "s0", "States": {**states, f"s{length}": {"Type": "Succeed"}, "handled": {"Type": "Fail"}}}


def checks(length: int, *, joined: bool) -> dict[str, Any]:
    """Decisions one after another: each rule leads to a task, which fails or joins the end."""
    states: dict[str, Any] = {}
    for at in range(length):
        rule = {"Variable": "$.x", "NumericEquals": at, "Next": f"t{at}"}
        states[f"c{at}"] = {"Type": "Choice", "Choices": [rule], "Default": f"c{at + 1}"}
        last = {"Next": "done"} if joined else {"End": True}
        states[f"t{at}"] = {"Type": "Pass", **last}
    return {
        "StartAt": "c0",
        "States": {**states, f"c{length}": {"Type": "Pass", "Next": "done"}, "done": {"Type": "Succeed"}},
    }


def loops(length: int) -> dict[str, Any]:
    """Loops inside each other: state `b7` decides whether to start `a7` again."""
    states: dict[str, Any] = {f"a{at}": {"Type": "Pass", "Next": f"a{at + 1}"} for at in range(length)}
    states[f"a{length}"] = {"Type": "Pass", "Next": f"b{length - 1}"}
    for at in range(length):
        rule = {"Variable": "$.x", "NumericEquals": at, "Next": f"a{at}"}
        states[f"b{at}"] = {"Type": "Choice", "Choices": [rule], "Default": f"b{at - 1}" if at else "done"}
    return {"StartAt": "a0", "States": {**states, "done": {"Type": "Succeed"}}}


def jungle(length: int) -> dict[str, Any]:
    """Decisions that lead forward, backward and into the middle of loops."""
    states: dict[str, Any] = {}
    for at in range(length):
        targets = ((at * 7 + 3) % length, (at * at + 1) % length, (at * 5 + 11) % length)
        rules = [{"Variable": "$.x", "NumericEquals": to, "Next": f"s{to}"} for to in targets]
        states[f"s{at}"] = {"Type": "Choice", "Choices": rules, "Default": f"s{(at + 1) % length}"}
    return {"StartAt": "s0", "States": states}


def ladder(length: int) -> dict[str, Any]:
    """Two chains, each of whose states leads to both following ones."""
    states: dict[str, Any] = {}
    for at in range(length):
        for side in "lr":
            rule = {"Variable": "$.x", "NumericEquals": at, "Next": f"l{at + 1}"}
            states[f"{side}{at}"] = {"Type": "Choice", "Choices": [rule], "Default": f"r{at + 1}"}
    end = {"Type": "Succeed"}
    return {"StartAt": "l0", "States": {**states, f"l{length}": end, f"r{length}": end}}


def unconnected(length: int) -> dict[str, Any]:
    states = {f"s{at}": {"Type": "Pass", "Next": f"s{at // 2}"} for at in range(1, length)}
    return {"StartAt": "s0", "States": {"s0": {"Type": "Pass", "End": True}, **states}}


MADE = {
    "sequence": sequence,
    "joined checks": lambda length: checks(length, joined=True),
    "checks": lambda length: checks(length, joined=False),
    "loops": loops,
    "jungle": jungle,
    "ladder": ladder,
    "unconnected": unconnected,
}


@pytest.mark.parametrize("kind", MADE)
def test_extreme_machines(kind: str) -> None:
    """Deeply nested and irreducible control flow has a diagram, without a crossing."""
    machine = MADE[kind](91)
    drawing = layout(structure_of_machine(machine))
    assert faults(drawing) == []
    assert shown(drawing) == Counter(names(machine))


def calls(machine: Mapping[str, Any]) -> int:
    """How many functions Python calls to draw a machine."""
    count = 0

    def called(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        svg(structure_of_machine(machine))
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("kind", MADE)
def test_the_work_grows_linearly(kind: str) -> None:
    """Four times as many states take about four times as many calls."""
    assert calls(MADE[kind](800)) < 5 * calls(MADE[kind](200))


def test_the_same_bytes_for_every_hash_seed() -> None:
    """The order of sets and mappings has no effect."""
    program = (
        "from tests.unit.diagrams.test_invariants import *\n"
        "for path in EXAMPLES: print(svg(of_example(path)[1]))\n"
        "for make in MADE.values(): print(svg(structure_of_machine(make(40))))\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"</svg>") == len(EXAMPLES) + len(MADE)


def test_the_checks_find_faults() -> None:
    """`faults` reports each kind of fault in a drawing that has them all."""
    one, other = Box("one", Role.TASK), Box("other", Role.TASK)
    nodes = (Node(Rect(0, 0, 50, 50), one), Node(Rect(40, 40, 50, 80), other))
    edges = (
        Edge(((10.0, 70.0), (200.0, 70.0)), Role.TASK),
        Edge(((150.0, 10.0), (150.0, 90.0)), Role.TASK),
        Edge(((150.0, 10.0), (151.0, 90.0)), Role.TASK),
    )
    assert faults(Drawing(100, 100, nodes, (), edges)) == [
        "other is outside of the drawing",
        "a line is outside of the drawing: ((10.0, 70.0), (200.0, 70.0))",
        "a line is outside of the drawing: ((150.0, 10.0), (150.0, 90.0))",
        "a line is outside of the drawing: ((150.0, 10.0), (151.0, 90.0))",
        "one overlaps other",
        "a line crosses other",
        "two lines cross at 150.0, 70.0",
        "a line is neither horizontal nor vertical: ((150.0, 10.0), (151.0, 90.0))",
    ]
