"""Test doubles for the calls of steps, and injected errors.

The double of a function is called through the function's entry point: it receives the same models and context as the
real code, and its result is checked against the same contract.
"""

from __future__ import annotations

import inspect
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from flowgen.diagnostics import did_you_mean
from flowgen.local import Task, TaskError
from flowgen.local.child_executions import starts_workflow
from flowgen.local.faults import Fault as StateFault
from flowgen.local.integrations import WAITS_FOR_TOKEN, parse_service
from flowgen.local.runtime_types import Request
from flowgen.local.task_tokens import TaskTokens, answering_with
from flowgen.running import Program
from flowgen.running.aws_results import misspelled
from flowgen.running.lambda_causes import fault, function_cause

Double: TypeAlias = Any
"""A value, an exception, `raises(…)`, `in_turn(…)`, or a callable of the input, or of the input and the context."""

Fault: TypeAlias = Any
"""The first argument of `raises`, or a pair of it and the number of attempts that fail."""

_SERVICE_ERRORS = ("States.", "Lambda.")


@dataclass(frozen=True, slots=True)
class Raised:
    """An error instead of a result; `make` creates the exception."""

    make: Callable[[], BaseException]


@dataclass(frozen=True, slots=True)
class InTurn:
    """One double per call."""

    doubles: tuple[Double, ...]


def raises(error: str | type[Exception] | Exception, details: Any = None) -> Raised:
    """A double that fails.

    `error` is an exception, an exception class, or a name such as `Lambda.TooManyRequestsException`. `details` is the
    argument of the exception class (for a declared error, its details), or the cause of a named error.
    """
    if isinstance(error, Exception):
        # Drop the frames of an earlier `raise`.
        return Raised(lambda: error.with_traceback(None))
    if isinstance(error, type):
        return Raised(error if details is None else lambda: error(details))
    cause = "" if details is None else str(details)
    if error.startswith(_SERVICE_ERRORS):
        return Raised(lambda: TaskError(error, cause))
    return Raised(lambda: type(error, (Exception,), {})(cause))


def in_turn(*doubles: Double) -> InTurn:
    """A double that uses the next of `doubles` for each attempt. The run fails if there are more attempts."""
    return InTurn(doubles)


class Escape(BaseException):
    """Carries an error in the test out of the run, so that no step can catch it."""

    def __init__(self, problem: BaseException) -> None:
        super().__init__(problem)
        self.problem = problem


class EntryPoint(Protocol):
    """What generated modules use to enforce a function's contract (`backends/python/support/runtime.py`)."""

    def handling(self, code: Callable[[Any, Any], Any], /) -> Callable[[Any, Any], Any]:
        """The callable for Lambda, with `code` instead of the function's own code."""


@dataclass(frozen=True, slots=True)
class Callee:
    """The function that a Task state calls: its name in the workflow, and its `key` in the definition."""

    function: str
    key: str
    entry_point: EntryPoint | None = None
    enveloped: bool = False


def faults_of(program: Program, given: Mapping[str, Fault]) -> dict[str, tuple[StateFault, ...]]:
    """The injected errors in the format of the runner."""
    return {state: (_fault(program, state, wanted),) for state, wanted in given.items()}


def _fault(program: Program, state: str, wanted: Fault) -> StateFault:
    error, times = wanted if isinstance(wanted, tuple) else (wanted, None)
    if isinstance(error, str):
        return fault(program, state, error, times)
    exception = (error if isinstance(error, Raised) else raises(error)).make()
    if isinstance(exception, TaskError):
        return StateFault(exception.error, times, exception.cause)
    name = type(exception).__name__
    return StateFault(name, times, function_cause(name, str(exception)))


def check_names(given: Mapping[str, Any], known: list[str], argument: str) -> None:
    """Raises ValueError for an unknown name."""
    __tracebackhide__ = True
    for name in given:
        if name not in known:
            guess = did_you_mean(name, known)
            names = ", ".join(dict.fromkeys(known)) or "none"
            more = f"did you mean `{guess}`?" if guess else f"the known names are: {names}"
            raise ValueError(f"{argument}: unknown step or function `{name}`; {more}")


@dataclass(slots=True)
class Doubles:
    """The doubles of one run. The runner requests one for each attempt.

    `callees` are the called functions by state, `mocks` the doubles by state or function, and `answers` the doubles for
    task token results by state, which take the number of seconds in `delays`.
    """

    program: Program
    callees: Mapping[str, Callee]
    mocks: Mapping[str, Double]
    answers: Mapping[str, Double] = field(default_factory=dict)
    delays: Mapping[str, float] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)

    def __call__(self, request: Request) -> Task | None:
        """The callable for an attempt; None to use the default."""
        callee = self.callees.get(request.state)
        name = request.state
        if name not in self.mocks and callee is not None:
            name = callee.function
        if name in self.mocks:
            # With a task token, the double is the token's result, because the function's return value is ignored.
            answers = request.resource.endswith(WAITS_FOR_TOKEN)
            if callee is not None and not answers:
                return self._double(request.state, name, callee, self._current(name, self.mocks))
            return self._of_service(request, self._current(name, self.mocks))
        if request.state in self.answers and callee is None:
            # No project code passes on the token, so the test receives it here.
            return self.answer_to(request)
        self._check(request, callee)
        return None

    def answer_to(self, request: Request) -> Task | None:
        """The callable that returns a task token, to be called after the step's own call; None if there is none."""
        if request.state not in self.answers:
            return None
        double = self._current(request.state, self.answers)
        seconds = self.delays.get(request.state, 0.0)
        if not callable(double) or _is_exception(double):
            return Task(lambda _: self._fitting(request.state, _plain(_called(double, None, None)), "answer"), seconds)
        token = request.token or ""
        client = TaskTokens(known=(token,))
        try:
            with answering_with(client):
                double(token, client)
        except Exception as problem:  # noqa: BLE001 - any exception is an error in the test
            raise Escape(problem) from None
        return client.answers[-1].task(seconds) if client.answers else Task(lambda _: None, math.inf)

    def _double(self, state: str, name: str, callee: Callee, double: Double) -> Task:
        call = _with_double(name, callee, double)
        if callee.entry_point is not None:
            return Task(call, context=True, returns=True)
        return Task(
            lambda payload, context: self._fitting(state, call(payload, context), "mock"), context=True, returns=True
        )

    def _of_service(self, request: Request, double: Double) -> Task:
        """A double without project code: the members of an AWS service's result must have the service's names."""

        def result(arguments: Any) -> Any:
            value = _plain(_called(double, arguments, None))
            for problem in misspelled(request.resource, value):
                if problem.code == "FG302":
                    raise Escape(AssertionError(f"mock of `{request.state}`: {problem.message}; {problem.help}"))
            return self._fitting(request.state, value, "mock")

        return Task(result)

    def _fitting(self, state: str, value: Any, what: str) -> Any:
        """A mocked result, which must have the declared type unless the workflow itself checks it."""
        declared = self.program.results.get(state)
        unfit = None if declared is None else declared.unfit(value)
        if unfit is not None and declared is not None:
            raise Escape(AssertionError(f"{what} of `{state}` does not have {declared.name}: {unfit}"))
        return value

    def _current(self, name: str, doubles: Mapping[str, Double]) -> Double:
        double = doubles[name]
        if not isinstance(double, InTurn):
            return double
        call = self.used[name]
        self.used[name] += 1
        if call >= len(double.doubles):
            raise Escape(
                AssertionError(f"`{name}` has only {call} mock{'s' if call != 1 else ''}, but was called again")
            )
        return double.doubles[call]

    def _check(self, request: Request, callee: Callee | None) -> None:
        """Ends the run at a call that has neither code nor a mock."""
        problem = None if callee is None else self.program.unloadable.get(callee.key)
        if problem is not None:
            raise Escape(AssertionError(f"{problem.message}: {problem.help}"))
        if callee is not None and callee.key in self.program.tasks:
            return
        service = parse_service(request.resource)
        if service is not None and (
            service.action.startswith("sendTask")
            or (self.program.machines and starts_workflow(service.type, service.action))
        ):
            return
        what = f"the function `{callee.function}`" if callee is not None else f"`{request.resource}`"
        name = request.state
        raise Escape(AssertionError(f"`{name}` calls {what}, which has no mock: add mocks={{{name!r}: …}}"))


def _called(double: Double, event: Any, context: Any) -> Any:
    """The result of the double. A failed `assert` in it fails the test, not the step."""
    if _is_exception(double):
        double = raises(double)
    if isinstance(double, Raised):
        raise double.make()
    if not callable(double):
        return double
    try:
        return double(event, context) if _takes_two(double) else double(event)
    except AssertionError as problem:
        raise Escape(problem) from None


def _is_exception(double: Double) -> bool:
    return isinstance(double, Exception) or (isinstance(double, type) and issubclass(double, Exception))


def _takes_two(double: Callable[..., Any]) -> bool:
    try:
        inspect.signature(double).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True


def _with_double(name: str, callee: Callee, double: Double) -> Callable[[Any, Any], Any]:
    """The entry point of a function with a double instead of its code."""
    if callee.entry_point is None:
        return lambda payload, context: _plain(
            _called(double, payload["input"] if callee.enveloped else payload, context)
        )
    own: list[BaseException | None] = []

    def code(event: Any, context: Any) -> Any:
        try:
            result = _called(double, event, context)
        except BaseException as error:
            own.append(error)
            raise
        own.append(None)
        return result

    handle = callee.entry_point.handling(code)

    def call(payload: Any, context: Any) -> Any:
        try:
            return handle(payload, context)
        except Exception as error:
            if own and own[-1] is not error:
                raise Escape(AssertionError(f"the mock of `{name}` violates the contract: {error}")) from None
            raise

    return call


def _plain(value: Any) -> Any:
    """A value that may contain models, as JSON."""
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value, by_alias=True)
