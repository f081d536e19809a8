"""The examples with one mistake each: one finding, at the place of the mistake."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowgen.cli.entry import flowgen

BROKEN = Path(__file__).resolve().parent / "broken"
EXPECTED: dict[str, str] = tomllib.loads((BROKEN / "expected.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_one_finding_at_the_right_place(name: str) -> None:
    told = CliRunner().invoke(flowgen, ["-C", str(BROKEN), "check", "--format", "concise", f"{name}.yaml"])

    (line,) = told.stdout.splitlines()
    found = re.fullmatch(r"(.+):(\d+):(\d+): error\[(FG\d+)\] .+", line)
    assert found is not None, line
    assert found[1] == f"{name}.yaml"
    assert f"{found[4]}:{found[2]}:{found[3]}" == EXPECTED[name]
    assert told.exit_code == 1


def test_every_broken_file_is_tried() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in BROKEN.glob("*.yaml"))
