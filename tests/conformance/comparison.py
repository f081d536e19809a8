"""Compares what the runner did with what AWS was recorded to do, by the rules that come with the recordings.

Rules beyond those of the recordings' own README, each for a fault or a change in the recordings:

- `lambda_function_name` is a token of the recorder that its lists leave out, as is `<task_token:1>` where a result that
  holds it is played back.
- A placeholder may have swallowed the quotation mark before it (`"requestId":<request-id>"`).
- Until mid December 2024 `EvaluationFailed` followed from the event before its state, since then it follows from the
  state's entry; the two are taken for the same.
- Until mid 2024 a distributed Map's exit followed from the success of its run, since November 2024 from its start; the
  two are taken for the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = Any

_UNLISTED_TOKENS = ("lambda_function_name", "<task_token:1>")
_LEFT_OUT = {"timestamp", "inputDetails", "outputDetails", "roleArn"}
_DECODED = ("input", "output", "parameters")


@dataclass
class Comparison:
    """The volatile parts of one case; texts that stood for a token so far are remembered."""

    placeholders: list[str]
    ignored_keys: set[str]
    bound: dict[str, str] = field(default_factory=dict)

    def same(self, expected: JSON, actual: JSON) -> bool:
        """Whether the two values are equal but for what is volatile."""
        if isinstance(expected, dict) and isinstance(actual, dict):
            names = expected.keys() - self.ignored_keys
            return names == actual.keys() - self.ignored_keys and all(
                self.same(expected[name], actual[name]) for name in sorted(names)
            )
        if isinstance(expected, list) and isinstance(actual, list):
            return len(expected) == len(actual) and all(map(self.same, expected, actual))
        if isinstance(expected, str):
            return self._same_text(expected, actual)
        if isinstance(expected, bool) or isinstance(actual, bool) or expected is None or actual is None:
            return expected is actual
        return bool(expected == actual)

    def _same_text(self, expected: str, actual: JSON) -> bool:
        if expected in self.placeholders and not expected.startswith("<"):
            return True
        if not isinstance(actual, str):
            return False
        if expected.startswith("{") and actual.startswith("{"):
            told, found = self._object(expected), self._object(actual)
            if told is not None and found is not None:
                return self.same(told, found)
        return self._matches(expected, actual)

    def _object(self, text: str) -> JSON | None:
        candidates = [text]
        for token in self.placeholders:
            candidates.append(candidates[-1].replace(token, f'"{token}'))
        for candidate in candidates:
            try:
                return json.loads(candidate)
            except ValueError:
                continue
        return None

    def _matches(self, expected: str, actual: str) -> bool:
        tokens = [token for token in (*self.placeholders, *_UNLISTED_TOKENS) if token in expected]
        tokens = [token for token in tokens if token.startswith("<") or token in _UNLISTED_TOKENS]
        if not tokens:
            return expected == actual
        pattern = ""
        groups: dict[str, str] = {}
        for part in re.split(f"({'|'.join(map(re.escape, tokens))})", expected):
            if part not in tokens:
                pattern += re.escape(part)
            elif part in self.bound:
                pattern += re.escape(self.bound[part])
            elif part in groups:
                pattern += f"(?P={groups[part]})"
            else:
                groups[part] = f"g{len(groups)}"
                pattern += f"(?P<{groups[part]}>.*)"
        match = re.fullmatch(pattern, actual, re.DOTALL)
        if match is None:
            return expected == actual
        # A token that was played back stands for itself, and tells nothing of its other places.
        self.bound |= {token: match[group] for token, group in groups.items() if match[group] != token}
        return True


def flattened(history: Iterable[Mapping[str, JSON]]) -> list[dict[str, JSON]]:
    """A history in the form of GetExecutionHistory as the recordings write it: flat, with JSON texts decoded."""
    return [_flat(event) for event in history]


def _flat(event: Mapping[str, JSON]) -> dict[str, JSON]:
    flat: dict[str, JSON] = {}
    for name, value in event.items():
        if name.endswith("EventDetails"):
            flat.update(value)
        else:
            flat[name] = value
    for name in _DECODED:
        if name in flat:
            flat[name] = json.loads(flat[name])
    if "assignedVariables" in flat:
        flat["assignedVariables"] = {name: json.loads(text) for name, text in flat["assignedVariables"].items()}
    return {name: value for name, value in flat.items() if name not in _LEFT_OUT}


def with_cause_json(expected: Mapping[str, JSON], actual: dict[str, JSON]) -> dict[str, JSON]:
    """The actual values with their cause decoded where the recording has it so."""
    cause = actual.get("cause")
    if "cause_json" in expected and isinstance(cause, str):
        rest = {name: value for name, value in actual.items() if name != "cause"}
        try:
            return {**rest, "cause_json": json.loads(cause)}
        except ValueError:
            return actual
    return actual


def event_problem(expected: list[JSON], actual: list[JSON], order: str, comparison: Comparison) -> str | None:
    """What is different between two histories, or None."""
    if order == "exact":
        return _sequence_problem(_one_map_run(_after_entry(expected)), _one_map_run(actual), comparison)
    expected, actual = [_without_ids(event) for event in expected], [_without_ids(event) for event in actual]
    if order == "parallel_normalised":
        expected, actual = _without_timing(expected), _without_timing(actual)
    return _multiset_problem(expected, actual, comparison)


def _sequence_problem(expected: list[JSON], actual: list[JSON], comparison: Comparison) -> str | None:
    for told, found in zip(expected, actual, strict=False):
        shown = with_cause_json(told, found)
        if not comparison.same(told, shown):
            return f"event {told['id']}\n  expected {json.dumps(told)}\n  got      {json.dumps(shown)}"
    if len(expected) != len(actual):
        extra = [event["type"] for event in (expected if len(expected) > len(actual) else actual)]
        return f"{len(expected)} events expected, {len(actual)} found; the longer ends {extra[-3:]}"
    return None


def _multiset_problem(expected: list[JSON], actual: list[JSON], comparison: Comparison) -> str | None:
    left = list(actual)
    for told in expected:
        for index, found in enumerate(left):
            bound = dict(comparison.bound)
            if comparison.same(told, with_cause_json(told, found)):
                del left[index]
                break
            comparison.bound = bound
        else:
            return f"no event like {json.dumps(told)}\n  left: {json.dumps(left)[:2000]}"
    return f"not expected: {json.dumps(left)[:2000]}" if left else None


def _without_ids(event: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: value for name, value in event.items() if name not in {"id", "previousEventId"}}


def _without_timing(events: list[JSON]) -> list[JSON]:
    return [event for event in events if not event["type"].startswith(("ParallelState", "TaskStateAborted"))]


def _after_entry(events: list[JSON]) -> list[JSON]:
    """The events with each `EvaluationFailed` following from the entry of its state."""
    by_id = {event["id"]: event for event in events}
    result = []
    for event in events:
        before = by_id.get(event["id"] - 1, {})
        entered = before.get("type", "").endswith("StateEntered") and before.get("name") == event.get("state")
        if event["type"] == "EvaluationFailed" and entered:
            result.append({**event, "previousEventId": before["id"]})
        else:
            result.append(event)
    return result


def _one_map_run(events: list[JSON]) -> list[JSON]:
    """The events with the exit of a distributed Map following from the start of its run."""
    start_of: dict[int, int] = {}
    result = []
    for event in events:
        if event["type"] == "MapRunSucceeded":
            start_of[event["id"]] = event["previousEventId"]
        if event["type"] == "MapStateExited" and event["previousEventId"] in start_of:
            result.append({**event, "previousEventId": start_of[event["previousEventId"]]})
        else:
            result.append(event)
    return result
