"""Mistakes seeded into the examples: each is found at its line before anything runs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from flowgen.diagnostics import Severity, Span
from flowgen.pipeline import check_text

EXAMPLES = Path(__file__).parents[2] / "examples"
MISTAKES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text("utf-8"))["mistake"]
MOST_MISSED = 2


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{one['in']}: {one['about']}" for one in MISTAKES])
def test_mistake_is_found(mistake: dict[str, Any]) -> None:
    """A finding points at the line that the mistake shows in; those that are missed say why."""
    name = mistake["in"]
    text = (EXAMPLES / name / "workflows" / f"{name}.yaml").read_text("utf-8")
    changes = [(mistake["old"], mistake["new"]), *([mistake["also"]] if "also" in mistake else [])]
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    lines = text.splitlines()
    where = mistake.get("where") or mistake["new"].strip().splitlines()[0]
    found = [one for one in check_text(text) if one.span is not None]
    hit = [one for one in found if _covers(one.span, where, lines)]
    shown = [f"{one.code} {one.span.start.line}: {one.message}" for one in found if one.span is not None]
    assert bool(hit) is ("missed" not in mistake), shown
    if hit and hit[0].code not in ("FG306", "FG308"):
        assert any(one.severity is Severity.ERROR for one in hit), shown


def _covers(span: Span | None, where: str, lines: list[str]) -> bool:
    """Whether a finding covers the expected line."""
    return span is not None and any(where.strip() in line for line in lines[span.start.line - 1 : span.end.line])


def test_few_are_missed() -> None:
    """At least 58 of 60 are found."""
    missed = [one["about"] for one in MISTAKES if "missed" in one]
    assert len(missed) <= MOST_MISSED
    assert len(MISTAKES) - len(missed) >= 58
