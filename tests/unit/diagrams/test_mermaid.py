"""Flowcharts in Mermaid: complete, and valid whatever names contain."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flowgen.diagrams import StateRun, Status, mermaid, structure_of_machine, with_run
from tests.tools import ROOT
from tests.unit.diagrams.test_invariants import EXAMPLES, MADE, of_example

_LABEL = r'"(?:[^"#<>]|#(?!\w+;)|<br/>)*"'
_LINES = (
    r"flowchart TD",
    rf"n\d+(?:\[{_LABEL}\]|\(\[{_LABEL}\]\)|\({_LABEL}\)|\{{{_LABEL}\}})(?::::[a-z-]+)?",
    rf"subgraph n\d+\[{_LABEL}\]",
    r"direction TB",
    r"end",
    rf"n\d+ -?-?\.?->(?:\|{_LABEL}\|)? n\d+",
    r"classDef [a-z-]+ [\w#:,.\- ]+",
)
_LINE = re.compile(rf"\s*(?:{'|'.join(_LINES)})")
HOSTILE = 'a"b`c` <script>alert(1)</script> #35; end %% --> | ] ) } \\ \n \u202e & class'
NAMED = {
    "StartAt": HOSTILE,
    "States": {
        HOSTILE: {
            "Type": "Task",
            "Resource": HOSTILE,
            "Catch": [{"ErrorEquals": [HOSTILE], "Next": "x"}],
            "Next": "end",
        },
        "end": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "`y`", "States": {"`y`": {"Type": "Pass", "End": True}}},
            "End": True,
        },
        "x": {"Type": "Fail"},
    },
}


def check(chart: str) -> None:
    """Each line has one of the known forms, each line leads to a declared node, and each subgraph ends."""
    lines = chart.splitlines()
    assert [line for line in lines if not _LINE.fullmatch(line)] == []
    declared = re.findall(r"^\s*(?:subgraph )?(n\d+)[\[({]", chart, re.MULTILINE)
    assert len(declared) == len(set(declared))
    assert set(re.findall(r"(n\d+) -", chart)) | set(re.findall(r"(n\d+)$", chart, re.MULTILINE)) <= set(declared)
    assert sum("subgraph" in line for line in lines) == sum(line.strip() == "end" for line in lines)


def charts() -> dict[str, str]:
    """The flowcharts of the examples, of extreme machines, and of one with hostile names."""
    made = {name: mermaid(structure_of_machine(make(30))) for name, make in MADE.items()}
    examples = {path.stem: mermaid(of_example(path)[1]) for path in EXAMPLES}
    hostile = structure_of_machine(NAMED, HOSTILE)
    runs = {HOSTILE: StateRun(Status.CAUGHT), "x": StateRun(Status.FAILED)}
    return {**examples, **made, "hostile": mermaid(hostile), "run": mermaid(with_run(hostile, runs))}


def published(corpus: Path) -> list[Any]:
    files = sorted(path for path in (corpus / "asl").glob("*.json") if path.name != "index.json")
    return [json.loads(file.read_text("utf-8")) for file in files]


def test_every_line_is_known() -> None:
    for chart in charts().values():
        check(chart)


def test_published_machines(corpus_dir: Path) -> None:
    for machine in published(corpus_dir):
        check(mermaid(structure_of_machine(machine)))


def test_a_run_has_colors() -> None:
    """And the words of the SVG."""
    runs = {HOSTILE: StateRun(Status.CAUGHT), "x": StateRun(Status.FAILED)}
    chart = mermaid(with_run(structure_of_machine(NAMED, HOSTILE), runs))
    check(chart)
    assert re.findall(r":::(\S+)", chart) == ["caught", "failed", "not-entered", "good"]
    assert "↷ caught" in chart


@pytest.mark.needs("mermaid")
def test_mermaid_parses_them(tmp_path: Path) -> None:
    """What GitHub uses finds no error."""
    files = []
    for name, chart in charts().items():
        files.append(tmp_path / f"{name}.mmd")
        files[-1].write_text(chart, "utf-8")
    parsed = subprocess.run(
        ["node", "parse_mermaid.mjs", *map(str, files)],  # noqa: S607 - found on PATH
        cwd=ROOT / "tests" / "node",
        capture_output=True,
        text=True,
        check=True,
    )
    assert parsed.stdout == ""


def test_a_flowchart() -> None:
    """A jump is a line to its target, and the lines of a loop lead to its states."""
    machine = {
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Resource": "r",
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
                "Next": "Done?",
            },
            "Done?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.done", "BooleanEquals": True, "Next": "Tell"}],
                "Default": "Pause",
            },
            "Pause": {"Type": "Wait", "Seconds": 5, "Next": "Ask"},
            "Tell": {
                "Type": "Task",
                "Resource": "r",
                "Catch": [{"ErrorEquals": ["Busy"], "Next": "Failed"}],
                "End": True,
            },
            "Failed": {"Type": "Fail", "Error": "Bad"},
        },
    }
    assert mermaid(structure_of_machine(machine, "poll")).splitlines()[:-3] == [
        "flowchart TD",
        '  n0(["poll"])',
        '  subgraph n1["loop"]',
        "    direction TB",
        '    n2["Ask<br/>r"]',
        '    n3{"Done?<br/>choice"}',
        '    n4("Pause<br/>wait 5 s")',
        "  end",
        '  n5["Tell<br/>r"]',
        '  n6(["end"]):::good',
        '  n7(["Failed<br/>fail Bad"]):::bad',
        "  n0 --> n2",
        "  n2 --> n3",
        '  n3 -->|"else"| n4',
        "  n4 --> n2",
        "  n5 --> n6",
        '  n2 -.->|"any error"| n7',
        '  n3 -->|"$.done = true"| n5',
        '  n5 -.->|"Busy"| n7',
    ]
