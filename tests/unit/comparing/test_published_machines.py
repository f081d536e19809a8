"""State machines that people published: each equals itself, and a changed one is found out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowgen.comparing import compare
from flowgen.local.failures import InvalidDefinition

IN_ORDER = ("asl-features-template",)
"""A machine that selects all members of an object with `*`, so that the order of keys is its behavior."""


@pytest.fixture(scope="module")
def machines(corpus_dir: Path) -> list[tuple[str, dict[str, Any]]]:
    files = sorted((corpus_dir / "asl").glob("*.json"))
    read = [(file.name, json.loads(file.read_text("utf-8"))) for file in files]
    return [(name, machine) for name, machine in read if "States" in machine]


def _reversed(value: Any) -> Any:
    """The value with the keys of all objects in reverse order."""
    if isinstance(value, dict):
        return {name: _reversed(member) for name, member in reversed(value.items())}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def test_each_machine_equals_itself_in_another_order_of_keys(machines: list[tuple[str, dict[str, Any]]]) -> None:
    different, compared = [], 0
    for name, machine in machines:
        try:
            found = compare(machine, _reversed(machine), runs=6)
        except InvalidDefinition:
            continue
        compared += 1
        if not found.equal and not any(part in name for part in IN_ORDER):
            different.append(name)
    assert different == []
    assert compared > 0.9 * len(machines)


def _literals(machine: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """The strings that Choices at the top level compare with."""
    for state in machine["States"].values():
        for rule in state.get("Choices", ()):
            if isinstance(rule.get("StringEquals"), str):
                yield rule, "StringEquals"


def test_a_changed_literal_is_found(machines: list[tuple[str, dict[str, Any]]]) -> None:
    """The first rule of each machine: 30 executions reach nine of ten."""
    found = changed = 0
    for _, machine in machines:
        other = json.loads(json.dumps(machine))
        place = next(_literals(other), None)
        if place is None:
            continue
        rule, name = place
        rule[name] += " changed"
        try:
            found += not compare(machine, other, runs=30).equal
        except InvalidDefinition:
            continue
        changed += 1
    assert changed > 20
    assert found >= 0.9 * changed
