"""The scripts' model of a run agrees with the trace; differences of values; durations."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flowgen.local.clock import in_words
from flowgen.local.visits import build_tree, walk
from flowgen.viewer import run_document
from flowgen.viewer.page import ASSETS
from tests.unit.viewer.conftest import recorded

NODE = shutil.which("node") or "node"
pytestmark = pytest.mark.needs("node")


def evaluated(tmp_path: Path, module: str, expression: str, data: Any = None) -> Any:
    """The value of an expression with the exports of a module (`m`) and `data`."""
    for file in ASSETS.glob("*.js"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    program = (
        f'import * as m from "./{module}"; import {{readFileSync}} from "node:fs";'
        f"const data = JSON.parse(readFileSync(0, 'utf-8')); console.log(JSON.stringify({expression}));"
    )
    (tmp_path / "main.js").write_text(program)
    done = subprocess.run(
        [NODE, "main.js"], cwd=tmp_path, input=json.dumps(data), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("value", [{"lines": ["a", "b"]}, {"lines": ["a", "bad", "c"]}, {"declined": True}])
def test_visits_are_those_of_the_trace(tmp_path: Path, value: Any) -> None:
    one = recorded(value)
    expected = [
        (visit.name, visit.began, visit.ended, len(visit.tries), visit.caught)
        for visit in walk(build_tree(one.execution.events))
    ]
    document = run_document("shop", [one])
    script = "m.readRun(data, 0).visits.map(v => [v.name, v.began, v.ended, v.attempts.length, v.caught])"
    found = evaluated(tmp_path, "run_model.js", script, document)
    assert sorted(map(tuple, found), key=repr) == sorted(expected, key=repr)


def test_status_at_each_event(tmp_path: Path, failed: dict[str, Any]) -> None:
    """Of one visit over time, and of the others at the end."""
    script = """(() => {
      const run = m.readRun(data, 0), at = (name, label) => run.visits.find(v => v.name === name && v.label === label);
      const end = run.events.length, now = run.events.map((_, i) => m.statusOf(run, at("charge", ""), i + 1));
      return [now.filter((s, i) => s !== now[i - 1]), m.statusOf(run, at("lines", ""), end),
        m.statusOf(run, at("lines", ""), end - 1), m.statusOf(run, at("broken", "#1"), end)];
    })()"""
    found = evaluated(tmp_path, "run_model.js", script, failed)
    assert found == [["waiting", "running", "succeeded"], "failed", "running", "failed"]


def test_variables_of_a_visit(tmp_path: Path, succeeded: dict[str, Any]) -> None:
    """Those that the states before it assigned; the variables of an item are not those of another item."""
    script = """(() => {
      const run = m.readRun(data, 0);
      return run.visits.map(v => [v.name, v.label, Object.fromEntries(
        [...m.variablesBefore(run, v)].map(([name, index]) => [name, data.values[index]]))]);
    })()"""
    found = evaluated(tmp_path, "run_model.js", script, succeeded)
    outer = {"paid": 5, "seen": [1]}
    assert [found[0], found[1], found[3], found[7]] == [
        ["charge", "", {}],
        ["pause", "", outer],
        ["line", "#0", outer],
        ["check", "#1", {**outer, "own": "b"}],
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1, 1, []),
        ({"a": 1, "b": [1, {"c": 2}]}, {"b": [1, {"c": 3}, 4]},
         [[".a", 1, None], [".b[1].c", 2, 3], [".b[2]", None, 4]]),
        ({"a b": None}, {"a b": False}, [['["a b"]', None, False]]),
        ([], {}, [["$", [], {}]]),
        ({"__proto__": 1, "constructor": 1}, {}, [[".__proto__", 1, None], [".constructor", 1, None]]),
    ],
)  # fmt: skip
def test_changes(tmp_path: Path, before: Any, after: Any, expected: Any) -> None:
    script = "m.changes(...data).map(c => [c.path, c.before ?? null, c.after ?? null])"
    assert evaluated(tmp_path, "changes.js", script, [before, after]) == expected


def test_changes_of_hostile_values_end(tmp_path: Path) -> None:
    """Values that are nested deeply, and thousands of changes."""
    deep = "(v => { for (let i = 0; i < 5000; i += 1) v = [v]; return v; })"
    script = f"[m.changes({deep}(1), {deep}(2)).length, m.changes(Array(9999).fill(1), Array(9999).fill(2)).length]"
    assert evaluated(tmp_path, "changes.js", script) == [1, 500]


def test_durations_are_those_of_the_trace(tmp_path: Path) -> None:
    seconds = [0, 0.25, 1, 59.9994, 60, 90, 3600, 3661, 86400, 93600, 172800, 273600.4]
    assert evaluated(tmp_path, "time.js", "data.map(m.inWords)", seconds) == list(map(in_words, seconds))
