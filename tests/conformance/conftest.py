"""Reads the recorded cases, hands each to its test, and prints how many of each group pass."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

KNOWN_FAILURES = Path(__file__).parent / "known_failures.toml"
NOT_RUN = {"validation", "variable_references"}  # what a validator answers, not the runner


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives each test with an argument `execution_case` or `state_case` the recorded cases of that kind."""
    for argument, is_state in (("execution_case", False), ("state_case", True)):
        if argument not in metafunc.fixturenames:
            continue
        given = metafunc.config.getoption("--conformance")
        if given is None:
            skipped = pytest.param(None, marks=pytest.mark.skip(reason="needs --conformance DIR"))
            metafunc.parametrize(argument, [skipped])
            continue
        cases = [case for case in _cases(Path(given)) if (case.get("kind") == "state") == is_state]
        metafunc.parametrize(argument, cases, ids=[f"{case['group']}/{case['id']}" for case in cases])


def _cases(folder: Path) -> list[dict[str, Any]]:
    cases = []
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if path.stem not in NOT_RUN:
            cases += [{**case, "group": content["group"]} for case in content["cases"]]
    return cases


@pytest.fixture(scope="session")
def known_failures() -> dict[str, str]:
    """The reasons of the cases that are known to fail, by their ids."""
    entries = tomllib.loads(KNOWN_FAILURES.read_text(encoding="utf-8")).get("known", [])
    return {entry["id"]: entry["reason"] for entry in entries}


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Prints the figures of each group."""
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for outcome in ("passed", "failed", "xfailed"):
        for report in terminalreporter.stats.get(outcome, ()):
            group = dict(getattr(report, "user_properties", ())).get("group")
            if group is not None:
                total[group] += 1
                passed[group] += outcome == "passed"
    if total:
        terminalreporter.section("conformance with recordings of AWS Step Functions")
        for group in sorted(total):
            terminalreporter.write_line(f"{group:22} {passed[group]:4} of {total[group]:4}")
        terminalreporter.write_line(f"{'all':22} {sum(passed.values()):4} of {sum(total.values()):4}")
