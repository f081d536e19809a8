"""What a step does, in a few words, for its box in a diagram."""

from __future__ import annotations

from typing import assert_never

from flowgen.model.steps import (
    Aws,
    Break,
    Call,
    Catcher,
    Continue,
    Fail,
    ForEach,
    Http,
    Raised,
    Reader,
    Repeat,
    Retrier,
    RunWorkflow,
    Step,
    Task,
    Undoable,
    Until,
    Wait,
    retriers_of,
)
from flowgen.source import Node, Scalar


def errors_text(catcher: Catcher) -> str:
    return ", ".join("any error" if name == "any" else name for name in catcher.errors)


def task_text(step: Task) -> str:
    match step:
        case Call():
            return f"call {step.function}"
        case Aws():
            return f"aws {step.action.service}:{step.action.name}{step.action.pattern}"
        case Http():
            return f"http {_key(step, 'http')}"
        case RunWorkflow():
            return f"{'start' if step.detached else 'run'} workflow {step.workflow}"
        case _:
            assert_never(step)


def step_texts(step: Step) -> tuple[str, ...]:
    """What a step does; control flow by the name of its kind."""
    match step:
        case Call() | Aws() | Http() | RunWorkflow():
            return (task_text(step),)
        case ForEach():
            return for_each_texts(step)
        case Repeat():
            return repeat_texts(step)
        case Fail():
            return (f"fail {failure_text(step)}",)
        case Wait():
            return (f"wait {wait_text(step)}",)
        case Break() | Continue():
            return (f"{step.kind} {step.target or ''}".rstrip(),)
        case _:
            return (step.kind,)


def notes(step: Step) -> tuple[str, ...]:
    """What else matters of a step: its retries, whether it waits for an answer."""
    notes = []
    if isinstance(step, Call | Aws) and step.callback is not None:
        notes.append("waits for an answer")
    if isinstance(step, Undoable) and step.pivot:
        notes.append("point of no return")
    retriers = retriers_of(step)
    if retriers:
        notes.append("; ".join(map(_retrier, retriers)))
    return tuple(notes)


def _retrier(retrier: Retrier) -> str:
    if retrier.attempts == 0:
        count = "no retries"
    else:
        count = "1 retry" if retrier.attempts == 1 else f"{retrier.attempts} retries"
    return count if retrier.errors is None else f"{count} of {', '.join(retrier.errors)}"


def for_each_texts(step: ForEach) -> tuple[str, ...]:
    items = f"items of {step.items.reader} in S3" if isinstance(step.items, Reader) else _key(step, "for_each")
    kind = "for each" if step.mode == "inline" else "distributed for each"
    once = () if step.max_concurrency is None else (f"at most {_key(step, 'max_concurrency')} at once",)
    return (f"{kind} {step.as_ + ' in ' if step.as_ else ''}{items}", *once)


def repeat_texts(step: Repeat) -> tuple[str, ...]:
    rounds = step.rounds
    if rounds.until is not None:
        until = f"repeat until {source_text(rounds.until.node)}"
    elif rounds.while_ is not None:
        until = f"repeat while {source_text(rounds.while_.node)}"
    else:
        until = "repeat"
    most = "any number of rounds" if rounds.most is None else f"at most {rounds.most} rounds"
    return (until, most if rounds.every is None else f"every {source_text(rounds.node.get('every'))}, {most}")


def failure_text(step: Fail) -> str:
    return source_text(step.raised.error.node) if isinstance(step.raised, Raised) else "with the caught error"


def wait_text(step: Wait) -> str:
    return (
        f"until {source_text(step.duration.timestamp.node)}" if isinstance(step.duration, Until) else _key(step, "wait")
    )


def _key(step: Step, key: str) -> str:
    """The value of a key of a step, as written."""
    return source_text(step.node.get(key))


def source_text(node: Node | None) -> str:
    """A scalar as written, on one line. `…` for lists and mappings."""
    return " ".join(node.text.split()) if isinstance(node, Scalar) else "…"
