"""The values, expressions and types of a step, wherever they are in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from flowgen.model.steps import (
    Asl,
    Aws,
    Break,
    Call,
    Continue,
    Fail,
    ForEach,
    Group,
    Http,
    Match,
    Parallel,
    Raised,
    Reader,
    Repeat,
    Return,
    RunWorkflow,
    Set,
    Step,
    Switch,
    Until,
    Wait,
)
from flowgen.model.steps.tasks import TaskStep
from flowgen.model.types import TypeUse
from flowgen.model.values import Expression, Value, expressions_in


def values_of(step: Step) -> Iterator[Value]:
    """The values in a step itself, not in the steps inside it."""
    if step.condition is not None:
        yield step.condition
    if step.skipped is not None:
        yield step.skipped
    if isinstance(step, TaskStep):
        yield from _computed(step.timeout, step.heartbeat)
    if isinstance(step, Call | Aws | RunWorkflow) and step.credentials is not None:
        yield step.credentials.role
    match step:
        case Call(argument=argument) | Aws(argument=argument):
            yield from _present(argument)
        case RunWorkflow(argument=argument, execution_name=name):
            yield from _present(argument, name)
        case Http(endpoint=endpoint):
            yield from _present(endpoint.url, step.headers, step.query, step.body)
        case Wait(duration=Until(timestamp=timestamp)):
            yield timestamp
        case Wait(duration=Expression() as duration):
            yield duration
        case Set(value=value) | Return(value=value):
            yield value
        case Switch(rules=rules):
            yield from (rule.when for rule in rules)
        case Match(subject=subject):
            yield subject
        case ForEach():
            yield from _of_for_each(step)
        case Repeat(rounds=rounds):
            yield from _present(rounds.start, rounds.until, rounds.while_)
            yield from _computed(rounds.every)
        case Fail(raised=Raised(error=error, cause=cause)):
            yield from _present(error, cause)
        case Fail(raised=Expression() as again):
            yield again
        case Fail() | Wait() | Group() | Parallel() | Break() | Continue() | Asl():
            pass
        case _:
            assert_never(step)


def _of_for_each(step: ForEach) -> Iterator[Value]:
    if isinstance(step.items, Reader):
        yield from _present(step.items.bucket, step.items.key, step.items.prefix)
        yield from _computed(step.items.max_items)
    else:
        yield step.items
    yield from _computed(step.max_concurrency)
    if step.batch is not None:
        yield from _computed(step.batch.items, step.batch.bytes)
        yield from _present(step.batch.shared)
    if step.tolerate is not None:
        yield from _computed(step.tolerate.count, step.tolerate.percent)
    if step.writer is not None:
        yield from _present(step.writer.bucket, step.writer.prefix)


def _present(*values: Value | None) -> Iterator[Value]:
    return (value for value in values if value is not None)


def _computed(*values: object) -> Iterator[Expression]:
    """The values that are expressions, not literal numbers or durations."""
    return (value for value in values if isinstance(value, Expression))


def types_of(step: Step) -> Iterator[TypeUse]:
    """The types that a step uses."""
    match step:
        case Call(callback=use):
            found: tuple[TypeUse | None, ...] = (use,)
        case Aws(callback=use, output=output):
            found = (use, output)
        case Http(output=use) | Asl(output=use) | ForEach(items=Reader(item=use)):
            found = (use,)
        case RunWorkflow() | Wait() | Set() | Return() | Fail() | Break() | Continue():
            found = ()
        case Switch() | Match() | Parallel() | ForEach() | Repeat() | Group():
            found = ()
        case _:
            assert_never(step)
    return (use for use in found if use is not None)


def expressions_of(step: Step) -> Iterator[Expression]:
    """The expressions in a step itself, not in the steps inside it."""
    for value in values_of(step):
        yield from expressions_in(value)


def guards(expression: Expression) -> tuple[str, ...]:
    """The variables whose presence an expression tests, alone or with fields: `$exists($review.text)`."""
    tokens = expression.syntax.tokens
    return tuple(
        str(name.value)
        for called, bracket, name in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if called.kind == "variable" and called.value == "exists" and bracket.value == "(" and name.kind == "variable"
    )
