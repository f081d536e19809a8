"""`repeat` as a person would write it: `until`, `every`, `first: wait`."""

from __future__ import annotations

from typing import Any

Step = dict[str, Any]


def repeat_of(label: str, steps: list[Step]) -> Step:
    """A loop over steps, which a `break` leaves or a condition after the last of them."""
    rounds: Step = {}
    first, *rest = steps or [{}]
    last = steps[-1] if steps else {}
    if _is_interval(first) and rest:
        rounds = {"every": first["wait"], "first": "wait"}
        steps = rest
    elif len(steps) > 1 and _is_interval(last):
        rounds = {"every": last["wait"]}
        steps = steps[:-1]
    until = _until(label, steps[-1]) if len(steps) > 1 else None
    if until is not None:
        rounds["until"] = until
        steps = steps[:-1]
    return {"id": label, "repeat": {**rounds, "max": "unlimited"}, "steps": steps}


def _is_interval(step: Step) -> bool:
    return step.keys() == {"id", "wait"} and isinstance(step["wait"], str) and "${" not in step["wait"]


def _until(label: str, step: Step) -> str | None:
    return step["if"] if step.keys() == {"id", "if", "break"} and step["break"] == label else None
