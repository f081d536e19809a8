"""The core of the language, run step by step from its model: what the reference says, with no word of states.

It was written from `docs/reference/language`, to be compared with the compiled state machine. Expressions are those
that `tests.property.workflows` writes: a name with fields, a comparison with a literal, `$exists(…) ? … : …`, `&`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowgen.model import (
    Break,
    Call,
    Catcher,
    Continue,
    Expression,
    Fail,
    ForEach,
    Group,
    Interpolation,
    ListValue,
    Literal,
    ObjectValue,
    Parallel,
    Raised,
    Reader,
    Repeat,
    Retrier,
    Return,
    Set,
    Step,
    Switch,
    Value,
    Wait,
    Workflow,
)
from flowgen.model.leaves import Duration

JSON = Any
NOTHING = object()


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `calls` are the functions called, each with its argument, in order."""

    status: str
    output: JSON
    error: str | None
    cause: str | None
    elapsed: int
    calls: tuple[tuple[str, str], ...]


@dataclass
class Answers:
    """What functions answer, call by call: a value, or the name of an error as `Failure`."""

    script: Sequence[JSON]
    calls: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, function: str, argument: JSON) -> JSON:
        answer = self.script[len(self.calls) % len(self.script)]
        self.calls.append((function, json.dumps(argument, sort_keys=True)))
        return answer


@dataclass(frozen=True)
class Failure:
    """The answer of a function that raises."""

    error: str

    @property
    def cause(self) -> str:
        return json.dumps({"errorMessage": "", "errorType": self.error})


class _Returned(Exception):  # noqa: N818 - a way out, no error
    def __init__(self, value: JSON) -> None:
        self.value = value


class _Broken(Exception):  # noqa: N818 - a way out, no error
    def __init__(self, target: str, value: JSON) -> None:
        self.target, self.value = target, value


class _Continued(_Broken):
    pass


class _Failed(Exception):  # noqa: N818 - the workflow's failure, which nothing catches
    def __init__(self, error: JSON) -> None:
        self.value = error


class _Raised(Exception):  # noqa: N818 - the workflow's failure, not the program's
    def __init__(self, error: str, cause: str, *, again: bool = False) -> None:
        self.value = {"Error": error, "Cause": cause}
        self.again = again

    def leaving(self) -> _Raised:
        """The failure outside of a machine: a Fail state, which raises again, may not have a name of AWS's."""
        error, cause = self.value["Error"], self.value["Cause"]
        return _Raised("Reraised", f"{error}: {cause}") if self.again and error.startswith("States.") else self


def evaluate(workflow: Workflow, given: JSON, answers: Answers) -> Outcome:
    """The outcome of a workflow without errors."""
    run = _Run(workflow, given, answers)
    status, output, error, cause = "SUCCEEDED", None, None, None
    try:
        output = run.sequence(workflow.steps, given)
    except _Returned as returned:
        output = returned.value
    except _Failed as failed:
        status, error, cause = "FAILED", failed.value["Error"], failed.value["Cause"]
    except _Raised as raised:
        value = raised.leaving().value
        status, error, cause = "FAILED", value["Error"], value["Cause"]
    return Outcome(status, output, error, cause, run.elapsed, tuple(answers.calls))


def _again(error: JSON) -> _Raised:
    return _Raised(error["Error"], error["Cause"], again=True)


class _Run:
    def __init__(self, workflow: Workflow, given: JSON, answers: Answers) -> None:
        self.workflow, self.given, self.answers = workflow, given, answers
        self.values: dict[str, JSON] = {}
        self.errors: list[JSON] = []
        self.elapsed = 0

    def sequence(self, steps: Sequence[Step], value: JSON) -> JSON:
        for step in steps:
            value = self.step(step, value)
        return value

    def step(self, step: Step, before: JSON) -> JSON:
        if step.condition is not None and not self.value(step.condition):
            if step.skipped is None:
                return before
            self.values[step.id] = self.value(step.skipped)
            return self.values[step.id]
        value, has_value = self.kind(step, before)
        if has_value:
            self.values[step.id] = value
        return value

    def kind(self, step: Step, before: JSON) -> tuple[JSON, bool]:
        match step:
            case Set(value=value):
                return self.value(value), True
            case Wait(duration=Duration(seconds=seconds)):
                self.elapsed += seconds
                return before, True
            case Call():
                return self.caught(step.catch, lambda: self.call(step, before)), True
            case Group(finally_=last):
                return self.ended(
                    last, lambda: self.caught(step.catch, lambda: self.sequence(step.steps, before))
                ), True
            case ForEach():
                return self.caught(step.catch, lambda: self.for_each(step)), True
            case Parallel(branches=branches):
                return self.caught(step.catch, lambda: self.parallel(branches, before)), True
            case Repeat():
                return self.caught(step.catch, lambda: self.repeat(step, before)), True
            case Break(target=str() as target):
                raise _Broken(target, before)
            case Continue(target=str() as target):
                raise _Continued(target, before)
            case Switch():
                for rule in step.rules:
                    if self.value(rule.when):
                        return self.sequence(rule.steps, before), True
                if step.otherwise is not None:
                    return self.sequence(step.otherwise, before), True
                return before, False
            case Return(value=value):
                raise _Returned(self.value(value))
            case Fail(raised=Raised(error=error, cause=cause)):
                raise _Raised(self.value(error), "" if cause is None else self.value(cause))
            case Fail():
                raise _again(self.errors[-1])
            case _:
                raise NotImplementedError(step.kind)

    def for_each(self, step: ForEach) -> JSON:
        try:
            return self.bodies(step)
        except _Raised:
            if step.mode == "distributed":
                # Developer guide, "Setting failure thresholds for Distributed Map states"; by default none may fail.
                name, cause = "States.ExceedToleratedFailureThreshold", "threshold was exceeded"
                raise _Raised(name, f"The specified tolerated failure {cause}") from None
            raise

    def bodies(self, step: ForEach) -> JSON:
        items = self.value(step.items) if not isinstance(step.items, Reader) else NOTHING
        assert isinstance(items, list)
        if step.batch is None:
            return [self.apart(step.steps, item, {step.as_: item, "index": at}) for at, item in enumerate(items)]
        size, shared = step.batch.items, step.batch.shared
        size = self.value(size) if isinstance(size, Expression) else size
        assert isinstance(size, int)
        own: dict[str | None, JSON] = {} if shared is None else {"batch": self.value(shared)}
        batches = [items[at : at + size] for at in range(0, len(items), size)]
        return [self.apart(step.steps, batch, {step.as_: batch} | own) for batch in batches]

    def parallel(self, branches: Mapping[str, Sequence[Step]], before: JSON) -> JSON:
        started = self.elapsed
        ended, values = [], {}
        for name, steps in branches.items():
            self.elapsed = started
            values[name] = self.apart(steps, before, {})
            ended.append(self.elapsed)
        self.elapsed = max(ended)
        return values

    def apart(self, steps: Sequence[Step], before: JSON, names: Mapping[str | None, JSON]) -> JSON:
        """A body that sees the values around it, and leaves them as they were."""
        outer = self.values
        self.values = outer | {name: value for name, value in names.items() if name is not None}
        try:
            return self.sequence(steps, before)
        except _Raised as raised:
            raise raised.leaving() from None
        finally:
            self.values = outer

    def repeat(self, step: Repeat, before: JSON) -> JSON:
        rounds, value, count = step.rounds, before, 0
        if rounds.start is not None:
            value = self.value(rounds.start)
        while True:
            if rounds.as_ is not None:
                self.values[rounds.as_] = value
            if rounds.while_ is not None and not self.value(rounds.while_):
                return value
            if rounds.while_ is not None and count == rounds.most:
                raise _Raised("RepeatLimitExceeded", f"{step.id} ended after {rounds.most} rounds")
            try:
                value = self.sequence(step.steps, value)
            except _Broken as broken:
                if broken.target != step.id:
                    raise
                if not isinstance(broken, _Continued):
                    return broken.value
                value = broken.value
            count += 1
            if rounds.until is not None and self.value(rounds.until):
                return value
            if rounds.while_ is None and count == rounds.most:
                raise _Raised("RepeatLimitExceeded", f"{step.id} ended after {rounds.most} rounds")
            every = rounds.every
            if every is not None:
                self.elapsed += self.value(every) if isinstance(every, Expression) else every.seconds

    def caught(self, catch: tuple[Catcher, ...], work: Any) -> JSON:
        try:
            return work()
        except _Raised as raised:
            error, again = raised.value, raised.again
        for catcher in catch:
            if "any" in catcher.errors or error["Error"] in catcher.errors:
                self.errors.append(error)
                try:
                    if catcher.handler is not None:
                        self.shared(self.workflow.handlers[catcher.handler].steps, error)
                    return self.sequence(catcher.steps or (), error)
                finally:
                    self.errors.pop()
        raise _Raised(error["Error"], error["Cause"], again=again)

    def ended(self, last: tuple[Step, ...] | None, work: Callable[[], JSON]) -> JSON:
        """A group whose last steps run however it ends."""
        if last is None:
            return work()
        try:
            value = work()
        except _Raised as raised:
            self.sequence(last, None)
            raise _again(raised.value) from None
        except (_Returned, _Broken):
            self.sequence(last, None)
            raise
        self.sequence(last, None)
        return value

    def shared(self, steps: Sequence[Step], error: JSON) -> None:
        """A handler that several catches share: it is outside of all groups, and each of its paths ends."""
        try:
            self.sequence(steps, error)
        except _Raised as raised:
            raise _Failed(raised.leaving().value) from None

    def call(self, step: Call, before: JSON) -> JSON:
        argument = before if step.argument is None else self.value(step.argument)
        retriers = step.retry if step.retry is not None else ()
        used = [0] * len(retriers)
        while True:
            answer = self.answers.answer(step.function, argument)
            if not isinstance(answer, Failure):
                return answer
            wait = self.wait_before_retry(step, retriers, used, answer.error)
            if wait is None:
                raise _Raised(answer.error, answer.cause)
            self.elapsed += wait

    def wait_before_retry(self, step: Call, retriers: tuple[Retrier, ...], used: list[int], error: str) -> int | None:
        declared = {one.name for one in self.workflow.functions[step.function].errors}
        for index, retrier in enumerate(retriers):
            if retrier.errors is None and error in declared:
                return None
            if retrier.errors is None or error in retrier.errors or "any" in retrier.errors:
                if used[index] == retrier.attempts:
                    return None
                used[index] += 1
                first = 1 if retrier.interval is None else retrier.interval.seconds
                backoff = 2 if retrier.backoff is None else int(retrier.backoff)
                longest = None if retrier.max_interval is None else retrier.max_interval.seconds
                wait: int = first * backoff ** (used[index] - 1)
                return wait if longest is None else min(wait, longest)
        return None

    def value(self, value: Value) -> JSON:
        found = self.maybe(value)
        assert found is not NOTHING
        return found

    def maybe(self, value: Value) -> JSON:
        match value:
            case Literal(value=literal):
                return literal
            case Expression(text=text):
                return self.expression(text.strip())
            case Interpolation(parts=parts):
                return "".join(part if isinstance(part, str) else _text(self.value(part)) for part in parts)
            case ListValue(items=items):
                return [self.value(item) for item in items]
            case ObjectValue(members=members):
                pairs = [(member, self.maybe(member.value)) for member in members]
                return {member.key: found for member, found in pairs if not (member.optional and found is NOTHING)}
            case _:
                raise NotImplementedError(value)

    def expression(self, text: str) -> JSON:
        if text in ("true", "false"):
            return text == "true"
        if re.fullmatch(r"-?\d+", text):
            return int(text)
        if guarded := re.fullmatch(r"\$exists\((\$\w+)\) \? \1 : (.+)", text):
            found = self.expression(guarded[1])
            return json.loads(guarded[2]) if found is NOTHING else found
        if compared := re.fullmatch(r"(\$[\w.]+) = (-?\d+)", text):
            found = self.expression(compared[1])
            return isinstance(found, int) and not isinstance(found, bool) and found == int(compared[2])
        if joined := re.fullmatch(r"(\$[\w.]+) & '(\w*)'", text):
            return _text(self.expression(joined[1])) + joined[2]
        name, *fields = text.removeprefix("$").split(".")
        found = self.variable(name)
        for one in fields:
            found = found.get(one, NOTHING) if isinstance(found, Mapping) else NOTHING
        return found

    def variable(self, name: str) -> JSON:
        if name == "input":
            return self.given
        if name == "error":
            return self.errors[-1]
        return self.values.get(name, NOTHING)


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value)
