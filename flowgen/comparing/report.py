"""The result of a comparison as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flowgen.comparing.comparison import Comparison, Difference
from flowgen.comparing.execution import Trace
from flowgen.diagnostics.render.display import visible
from flowgen.local.values import JSON, encode

Style = Callable[[str, str], str]

_LONGEST = 400
"""Most characters of one value."""

_KINDS = {
    "calls": "a call differs",
    "time": "a call happens at another time",
    "objects": "other objects are read or written",
    "status": "the status differs",
    "output": "the output differs",
    "error": "the error differs",
    "cause": "the cause of the error differs",
    "elapsed": "the execution takes another time",
}


def as_text(found: Comparison, names: tuple[str, str], style: Style | None = None) -> str:
    """The result with the names of both machines, and both traces of a counterexample."""
    decorate = style or (lambda text, _role: text)
    if found.difference is not None:
        lines = [f"{decorate('different', 'failed')}: {_KINDS[found.difference.kind]}", ""]
        return "\n".join([*lines, *_difference(found.difference, names, decorate)])
    lines = [
        f"{decorate('no difference', 'ok')} in {_counted(found.runs, 'execution')} of each state machine",
        f"reached {found.reached} of {found.parts} states, rules and catchers of {names[0]}",
    ]
    if found.unreached:
        lines.append(f"not reached: {', '.join(visible(name) for name in found.unreached)}")
    if found.cut:
        lines.append(f"{_counted(found.cut, 'execution')} cut off after too many steps, and compared up to there")
    if found.evaluation:
        note = (
            f"note: in {_counted(len(found.evaluation), 'execution')}, {names[0]} fails because its own definition "
            f"cannot process the data, and {names[1]} behaves differently after that. Use --strict to report this as a "
            "difference. The first one:"
        )
        lines += [note, "", *_difference(found.evaluation[0], names, decorate)]
    return "\n".join(lines)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _difference(difference: Difference, names: tuple[str, str], decorate: Style) -> Iterator[str]:
    yield f"{decorate('input', 'name')} {_short(difference.input)}"
    for name, trace in zip(names, (difference.left, difference.right), strict=True):
        yield ""
        yield decorate(name, "name")
        yield from _trace(trace, difference, decorate)


def _trace(trace: Trace, difference: Difference, decorate: Style) -> Iterator[str]:
    for index, call in enumerate(trace.calls):
        mark = ">" if index == difference.at else " "
        yield f"{mark} {decorate(f'{call.time:9.3f}', 'time')} {visible(call.key)} {_short(call.arguments)}"
        yield f"              {visible(call.outcome[:_LONGEST])}"
    if difference.at == len(trace.calls):
        yield f">           {decorate('no further call', 'note')}"
    if difference.kind == "objects":
        yield from (f"  {visible(entry[:_LONGEST])}" for entry in trace.objects)
    if trace.cut:
        yield f"  {decorate('cut off', 'note')}"
        return
    role = "ok" if trace.status == "SUCCEEDED" else "failed"
    result = _short(trace.output) if trace.status == "SUCCEEDED" else visible(trace.error or "")
    cause = f": {visible(trace.cause[:_LONGEST])}" if trace.cause else ""
    mark = " " if difference.at is not None else ">"
    yield f"{mark} {decorate(f'{trace.elapsed:9.3f}', 'time')} {decorate(trace.status, role)} {result}{cause}".rstrip()


def _short(value: JSON) -> str:
    text = visible(encode(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def as_json(found: Comparison) -> dict[str, JSON]:
    """The result as a JSON object."""
    return {
        "equal": found.equal,
        "runs": found.runs,
        "seed": found.seed,
        "reached": found.reached,
        "parts": found.parts,
        "unreached": list(found.unreached),
        "cut": found.cut,
        "difference": None if found.difference is None else _as_json(found.difference),
        "evaluation": [_as_json(difference) for difference in found.evaluation],
    }


def _as_json(difference: Difference) -> dict[str, JSON]:
    return {
        "kind": difference.kind,
        "call": difference.at,
        "input": difference.input,
        "a": _trace_as_json(difference.left),
        "b": _trace_as_json(difference.right),
    }


def _trace_as_json(trace: Trace) -> dict[str, JSON]:
    found: dict[str, JSON] = {
        "calls": [
            {"time": round(call.time, 3), "call": call.key, "arguments": call.arguments, "outcome": call.outcome}
            for call in trace.calls
        ],
        "status": trace.status,
        "elapsed": round(trace.elapsed, 3),
    }
    if trace.status == "SUCCEEDED":
        found["output"] = trace.output
    failure = {"error": trace.error, "cause": trace.cause}
    return found | {name: text for name, text in failure.items() if text is not None}
