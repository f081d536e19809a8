"""Doubles: what stands for a step's call in a test, and the faults that it meets.

A double of a function is called, and its result checked, by the function's own entry point: with the models and the
context that the code gets, and held to the same contract.
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
from flowgen.local.faults import Fault as StateFault
from flowgen.local.integrations import Request, parse_service
from flowgen.local.mocks import WAITS_FOR_TOKEN
from flowgen.local.nested import starts_workflow
from flowgen.running import Program
from flowgen.running.aws_results import misspelled
from flowgen.running.causes import fault, function_cause
from flowgen.testing.answers import Answer, TaskTokens

Double: TypeAlias = Any
"""A value, an exception, `raises(…)`, `in_turn(…)`, or a callable of the input, or of the input and the context."""

Fault: TypeAlias = Any
"""What `raises` takes first, or a pair of that and the number of attempts that it befalls."""

_SERVICE_ERRORS = ("States.", "Lambda.")


@dataclass(frozen=True, slots=True)
class Raised:
    """An error in place of a result: makes the exception."""

    make: Callable[[], BaseException]


@dataclass(frozen=True, slots=True)
class InTurn:
    """A double for each call."""

    doubles: tuple[Double, ...]


def raises(error: str | type[Exception] | Exception, details: Any = None) -> Raised:
    """A double that fails.

    `error` is an exception, a class of exceptions, or a name such as `Lambda.TooManyRequestsException`; `details` is
    what the exception is made with (of a declared error its details), or the cause of an error by name.
    """
    if isinstance(error, Exception):
        # Without the frames of the last time that it was raised.
        return Raised(lambda: error.with_traceback(None))
    if isinstance(error, type):
        return Raised(error if details is None else lambda: error(details))
    cause = "" if details is None else str(details)
    if error.startswith(_SERVICE_ERRORS):
        return Raised(lambda: TaskError(error, cause))
    return Raised(lambda: type(error, (Exception,), {})(cause))


def in_turn(*doubles: Double) -> InTurn:
    """A double that is another one at each call: the first attempt, the second, and so on. There must be enough."""
    return InTurn(doubles)


class Escape(BaseException):
    """Takes a mistake of the test out of the run: no step may catch it."""

    def __init__(self, problem: BaseException) -> None:
        super().__init__(problem)
        self.problem = problem


class EntryPoint(Protocol):
    """What a generated module holds a function to its contract with (`backends/python/support/runtime.py`)."""

    def handling(self, code: Callable[[Any, Any], Any], /) -> Callable[[Any, Any], Any]:
        """What Lambda would call, with this code in place of the function's."""


@dataclass(frozen=True, slots=True)
class Callee:
    """The function that a Task state calls, by its name in the workflow. `key` is what the definition calls it."""

    function: str
    key: str
    entry_point: EntryPoint | None = None
    enveloped: bool = False


def faults_of(program: Program, given: Mapping[str, Fault]) -> dict[str, tuple[StateFault, ...]]:
    """Faults as the runner takes them."""
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
    """Raises ValueError for a name that is none of those known."""
    __tracebackhide__ = True
    for name in given:
        if name not in known:
            guess = did_you_mean(name, known)
            more = f"did you mean `{guess}`?" if guess else f"there are {', '.join(dict.fromkeys(known)) or 'none'}"
            raise ValueError(f"{argument}: nothing that is called has the name `{name}`; {more}")


@dataclass(slots=True)
class Doubles:
    """The doubles of one run, as the runner asks for them at each attempt.

    `callees` are the functions by the states that call them, `mocks` the doubles by state or by function, `answers`
    those of the answers to task tokens by state, which take the seconds that `delays` has for them.
    """

    program: Program
    callees: Mapping[str, Callee]
    mocks: Mapping[str, Double]
    answers: Mapping[str, Double] = field(default_factory=dict)
    delays: Mapping[str, float] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)

    def __call__(self, request: Request) -> Task | None:
        """What is called for an attempt; None for what the runner finds by itself."""
        callee = self.callees.get(request.state)
        name = request.state
        if name not in self.mocks and callee is not None:
            name = callee.function
        if name in self.mocks:
            # Where a task token is waited for, the double is the answer to it: what the function returns goes nowhere.
            answers = request.resource.endswith(WAITS_FOR_TOKEN)
            if callee is not None and not answers:
                return self._double(name, callee, self._current(name, self.mocks))
            return self._of_service(request, self._current(name, self.mocks))
        if request.state in self.answers and callee is None:
            # No code of ours gives the token away: the test has it from here.
            return self.answer_to(request)
        self._check(request, callee)
        return None

    def answer_to(self, request: Request) -> Task | None:
        """What answers a task token, after what gives it away was called; None where nothing does."""
        if request.state not in self.answers:
            return None
        double = self._current(request.state, self.answers)
        seconds = self.delays.get(request.state, 0.0)
        if not callable(double) or _is_exception(double):
            return Task(lambda _: _plain(_called(double, None, None)), seconds)
        token = request.token or ""
        client = TaskTokens(known=(token,))
        try:
            double(token, client)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is the test's
            raise Escape(problem) from None
        return Task(_sent(client.answers[-1]), seconds) if client.answers else Task(lambda _: None, math.inf)

    def _double(self, name: str, callee: Callee, double: Double) -> Task:
        return Task(_with_double(name, callee, double), context=True, returns=True)

    def _of_service(self, request: Request, double: Double) -> Task:
        """A double without code of ours: the members of an AWS service's result must have the service's names."""

        def result(arguments: Any) -> Any:
            value = _plain(_called(double, arguments, None))
            for problem in misspelled(request.resource, value):
                if problem.code == "FG302":
                    raise Escape(AssertionError(f"mock of `{request.state}`: {problem.message}; {problem.help}"))
            return value

        return Task(result)

    def _current(self, name: str, doubles: Mapping[str, Double]) -> Double:
        double = doubles[name]
        if not isinstance(double, InTurn):
            return double
        call = self.used[name]
        self.used[name] += 1
        if call >= len(double.doubles):
            raise Escape(AssertionError(f"`{name}` was called more often than the {call} times that it has a mock for"))
        return double.doubles[call]

    def _check(self, request: Request, callee: Callee | None) -> None:
        """Ends a run that comes to a call for which there is nothing here: that is the test's to give."""
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
        raise Escape(AssertionError(f"nothing stands for {what}, which `{name}` calls: mocks={{{name!r}: …}}"))


def _sent(answer: Answer) -> Callable[[Any], Any]:
    def give(_arguments: Any) -> Any:
        if answer.failed:
            raise TaskError(answer.error, answer.cause)
        return answer.output

    return give


def _called(double: Double, event: Any, context: Any) -> Any:
    """What the double comes to; what an `assert` in it finds is the test's, not the step's."""
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
    """The entry point of a function with a double in place of its code."""
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
                raise Escape(AssertionError(f"the mock of `{name}` does not fit: {error}")) from None
            raise

    return call


def _plain(value: Any) -> Any:
    """A value that may hold models, as JSON values."""
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value, by_alias=True)
