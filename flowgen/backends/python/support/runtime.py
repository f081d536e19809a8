"""Entry points, contracts, declared errors, and the context of a step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from threading import current_thread, main_thread
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    Protocol,
    TypeVar,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
)

from pydantic import BaseModel, TypeAdapter

from .json_values import ContractViolation, checked, fields_of, reading, writing

if TYPE_CHECKING:
    from asyncio import Runner

__all__ = [
    "Contract",
    "ContractViolation",
    "DeclaredError",
    "DetailedError",
    "EntryPoint",
    "StepContext",
]

T = TypeVar("T")
Input_contra = TypeVar("Input_contra", contravariant=True)
Output_co = TypeVar("Output_co", covariant=True)


class DeclaredError(Exception):
    """Base class of errors that a contract declares. A workflow catches them by the name of their class."""

    def check(self) -> None:
        """Raise ContractViolation if the details break their contract."""


class DetailedError(DeclaredError, Generic[T]):
    """Base class of errors with details of type T. `str` returns the details as JSON, which the state machine reads."""

    contract: ClassVar[TypeAdapter[Any]]

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        # The bases as written: `DetailedError[Refusal]`.
        for base in cls.__dict__.get("__orig_bases__", ()):
            if get_origin(base) is DetailedError:
                cls.contract = TypeAdapter(get_args(base)[0])

    def __init__(self, details: T) -> None:
        super().__init__(details)
        self.details = details

    def __str__(self) -> str:
        return self.contract.dump_json(self.details, by_alias=True, warnings=False).decode()

    def check(self) -> None:
        checked(f"the error `{type(self).__name__}`", self.contract, self.details)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def _frozen(class_: type[T]) -> type[T]:
    """A dataclass that is frozen for type checkers only: creating a really frozen one takes twice as long."""
    return dataclass(unsafe_hash=True)(class_)


@_frozen
class StepContext:
    """The execution, the step and the attempt that a function is called in.

    `started_at` is when the execution started, with a time zone. `attempt` counts from 1. `iteration` has one number
    per loop around the step, outermost first: the index of the item or of the round, from 0. `task_token` is set if the
    step waits for an answer. `lambda_context` is Lambda's context object, None outside Lambda.
    """

    execution_id: str
    execution_name: str
    started_at: datetime
    workflow: str
    step: str
    attempt: int = 1
    iteration: tuple[int, ...] = ()
    task_token: str | None = None
    lambda_context: Any = field(default=None, repr=False, compare=False)

    @property
    def idempotency_key(self) -> str:
        """64 characters that identify this call, the same on every attempt.

        Every execution, every step, and every item or round of a loop has another key, whatever the input is.
        """
        # Loaded here, because few functions need them.
        import json
        from hashlib import sha256

        return sha256(json.dumps([self.execution_id, self.step, *self.iteration]).encode()).hexdigest()

    @property
    def remaining_time(self) -> timedelta | None:
        """The time until Lambda stops this call; None outside Lambda."""
        if self.lambda_context is None:
            return None
        return timedelta(milliseconds=self.lambda_context.get_remaining_time_in_millis())


class Contract(Protocol[Input_contra, Output_co]):
    """The code of a function, plain or async: it accepts the input and the step's context, and returns the output."""

    def __call__(self, event: Input_contra, context: StepContext, /) -> Output_co | Awaitable[Output_co]: ...


class EntryPoint:
    """A function's code behind its contract.

    Lambda calls `handle` with the envelope that the state machine sends, `{"input": …, "context": …}`, and with its own
    context object. It returns the output as JSON values, with defaults filled in. It raises ContractViolation, and
    whatever the code raises.
    """

    def __init__(
        self, name: str, code: Callable[[Any, StepContext], Any], *, input_type: Any, output_type: Any
    ) -> None:
        self.name, self.code = name, code
        self.input_type, self.output_type = _built(input_type), _built(output_type)
        self.read = reading(f"the input of `{name}`", self.input_type)
        self.write = writing(f"the output of `{name}`", self.output_type)
        self.handle = self.handling(code)

    def handling(self, code: Callable[[Any, StepContext], Any]) -> Callable[[Any, Any], Any]:
        """The handler for this code. It is a closure, because looking up attributes would be part of each call."""
        name, read, write = self.name, self.read, self.write

        def handle(envelope: Any, lambda_context: Any) -> Any:
            try:
                value, context = envelope["input"], _context_of(envelope["context"], lambda_context)
            except (KeyError, TypeError, ValueError):
                raise ContractViolation(_envelope_problem(name, envelope)) from None
            event = read(value)
            try:
                result: object = code(event, context)
                type_: Any = type(result)
                if is_awaitable(type_):
                    result = awaited(cast("Awaitable[object]", result))
            except DeclaredError as error:
                error.check()
                raise
            return write(result)

        return handle


def _built(type_: Any) -> TypeAdapter[Any]:
    """The adapter of a type. Builds models now; otherwise the first call would build them."""
    model: object = type_
    if isinstance(model, type) and issubclass(model, BaseModel):
        model.model_rebuild()
    return TypeAdapter(type_)


@lru_cache
def is_awaitable(type_: type[object]) -> bool:
    """Whether the values of a type must be awaited."""
    # Cached by type, because checking the object itself at each call is slow.
    return issubclass(type_, Awaitable)


def awaited(result: Awaitable[T]) -> T:
    """Run the coroutine in the event loop that all calls share, so that connections and the like stay open.

    Lambda calls in the main thread. In other threads, such as those of local parallel runs, each call has its own loop.
    """

    async def main() -> T:
        return await result

    if current_thread() is main_thread():
        return _runner().run(main(), context=copy_context())
    import asyncio

    return asyncio.run(main())


@cache
def _runner() -> Runner:
    # Loaded here, because it is slow to import and most code is not async.
    import asyncio
    import atexit

    runner = asyncio.Runner()
    atexit.register(runner.close)
    return runner


def _context_of(context: Any, lambda_context: Any) -> StepContext:
    """The context in an envelope. Raises KeyError, TypeError, ValueError."""
    return StepContext(
        context["execution_id"],
        context["execution_name"],
        datetime.fromisoformat(context["started_at"]),
        context["workflow"],
        context["step"],
        context["attempt"],
        tuple(context.get("iteration", ())),
        context.get("task_token"),
        lambda_context,
    )


def _envelope_problem(name: str, envelope: Any) -> str:
    """What is wrong with an envelope."""
    context = fields_of(fields_of(envelope).get("context"))
    if not context or "input" not in envelope:
        return (
            f"`{name}` was not called by its workflow: it expects "
            '{"input": …, "context": {"execution_id": …, "execution_name": …, "started_at": …, "workflow": …, '
            '"step": …, "attempt": …}}'
        )
    for field_ in ("execution_id", "execution_name", "started_at", "workflow", "step", "attempt"):
        if field_ not in context:
            return f"the context of `{name}` has no `{field_}`"
    try:
        datetime.fromisoformat(context["started_at"])
    except (TypeError, ValueError):
        return f"`started_at` in the context of `{name}` is not an ISO 8601 time"
    return f"`iteration` in the context of `{name}` is not an array"
