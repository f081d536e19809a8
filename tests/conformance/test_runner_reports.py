"""Bug reports about other runners of state machines, rebuilt as folders (`--cases`), run here by the command line.

What a folder has decides the command: `input.asl.json` or `input.yaml`, `tasks.py`, `mocks.yaml`, `s3/`. Its
`expected.md` says what is right, `REPORTS` contains it as data.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowgen.cli.entry import flowgen

JSON = Any

REPORTS: dict[str, tuple[JSON, JSON]] = {
    "20-runtime-and-all": ({}, {"status": "FAILED", "error": "States.Runtime"}),
    "22-catch-result-null": ({"t": 1}, {"status": "SUCCEEDED", "output": {"t": 1}}),
    "23-lambda-error-names": ({}, {"status": "FAILED", "error": "ValueError"}),
    "25-format-braces": ({"v": "t"}, {"status": "SUCCEEDED", "output": {"r": '{"key":"t"}'}}),
    "27-missing-path": (
        {},
        {
            "error": "States.Runtime",
            "cause": "An error occurred while executing the state 'f' (entered at the event id #4). The JSONPath "
            "'$.ErrorX' specified for the field 'ErrorPath' could not be found in the input "
            '\'{"Error":"e","Cause":"c"}\'',
        },
    ),
    "30-dist-map-selector": (
        {"c": {"bucket": "b", "values": [1, 2]}},
        {"status": "SUCCEEDED", "output": [{"b": "b", "v": 1}, {"b": "b", "v": 2}]},
    ),
    "32-csv-doubled-quotes": (
        {},
        {"status": "SUCCEEDED", "output": [{"letters": "abc", "object": '{"MyKey":"MyValue"}'}]},
    ),
    "36-athena-manifest": ({}, {"status": "SUCCEEDED", "output": [{"x": "1"}, {"x": "2"}]}),
    "38-parallel-history": (
        {"x": "a"},
        {
            "error": "States.Runtime",
            "cause": "An error occurred while executing the state 'Fast' (entered at the event id #4). The JSONPath "
            "'$.nope' specified for the field 'm.$' could not be found in the input '{\"x\":\"a\"}'",
        },
    ),
    "39-mock-activity": ({}, {"status": "SUCCEEDED", "output": [1, None]}),
    "40-callback-timeout": ({}, {"status": "SUCCEEDED", "elapsed": 2 * 86_400}),
}
"""The input of each report, and the members of the result that it asks for."""


@pytest.mark.parametrize("name", REPORTS)
def test_report(name: str, cases_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The execution ends as the report says that it should."""
    given, expected = REPORTS[name]
    folder = shutil.copytree(cases_dir / "reports" / name, tmp_path / "report")
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(flowgen, ["run", *_arguments(folder), "--input", json.dumps(given), "--json"])
    assert result.exit_code in {0, 3}, result.output
    found = json.loads(result.stdout)
    assert {member: found.get(member) for member in expected} == expected


def _arguments(folder: Path) -> list[str]:
    """The arguments of `flowgen run` for what is in a folder."""
    definition = "input.asl.json" if (folder / "input.asl.json").exists() else "input.yaml"
    arguments = [definition]
    if (folder / "mocks.yaml").exists():
        arguments += ["--mock", "mocks.yaml"]
    if (folder / "s3").is_dir():
        arguments += ["--s3", "s3"]
    if (folder / "tasks.py").exists():
        names = re.findall(r"^def (\w+)", (folder / "tasks.py").read_text(encoding="utf-8"), re.MULTILINE)
        arguments += [part for name in names for part in ("--task", f"{name}=tasks:{name}")]
    return arguments
