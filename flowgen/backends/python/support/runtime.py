"""What the entry points of this package share: the envelope, both ends of the contract, and the step's context."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, dataclass_transform

from pydantic import BaseModel, TypeAdapter

from .json_values import ContractViolation, checked, fields_of, reading, writing

if TYPE_CHECKING:
    from asyncio import Runner

T = TypeVar("T")


class DeclaredError(Exception):
    """An error that the contract of a function declares: the workflow can catch it by the name of its class."""

    def check(self) -> None:
        """Raise ContractViolation if the error does not fit its declaration."""


class DetailedError(DeclaredError, Generic[T]):
    """An error with details. Its text is the details in JSON, which the state machine reads."""

    contract: TypeAdapter[T]
    """The type of the details."""

    def __init__(self, details: T) -> None:
        super().__init__(details)
        self.details = details

    def __str__(self) -> str:
        return self.contract.dump_json(self.details, by_alias=True, warnings=False).decode()

    def check(self) -> None:
        checked(f"the error `{type(self).__name__}`", self.contract, self.details)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def _frozen(class_: type[T]) -> type[T]:
    """A frozen dataclass to type checkers. One that is frozen as it runs takes twice as long to make, at each call."""
    return dataclass(unsafe_hash=True)(class_)


@_frozen
class StepContext:
    """Where in the workflow a call stands.

    `started_at` is the start of the execution, with its time zone. `attempt` counts from 1. `iteration` has a number
    for each loop around the step, from the outermost: the index of the item, or of the round, from 0. `task_token` is
    there if the step waits for an answer. `lambda_context` is what Lambda passed, None outside of it.
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
        """A text of 64 characters that names this call: the same on every attempt, and no other call has it.

        Another execution, another step, another item or round of a loop has another one, whatever the input is.
        """
        # Loaded here, since few need it, and it takes long.
        from hashlib import sha256

        return sha256(json.dumps([self.execution_id, self.step, *self.iteration]).encode()).hexdigest()

    @property
    def remaining_time(self) -> timedelta | None:
        """How long Lambda lets this call go on, None outside of Lambda."""
        if self.lambda_context is None:
            return None
        return timedelta(milliseconds=self.lambda_context.get_remaining_time_in_millis())


class EntryPoint:
    """A function's code, called by its contract.

    `takes` and `gives` are the types of the input and the output. `handle`, called with the envelope that the state
    machine sends, `{"input": …, "context": …}`, and with what Lambda tells of the call, gives the output as JSON
    values, with defaults filled in. It raises what the code raises, and ContractViolation.
    """

    def __init__(self, name: str, code: Callable[[Any, StepContext], Any], *, takes: Any, gives: Any) -> None:
        self.name, self.code = name, code
        self.takes, self.gives = _ready(takes), _ready(gives)
        self.read = reading(f"the input of `{name}`", self.takes)
        self.write = writing(f"the output of `{name}`", self.gives)
        self.handle = self.handling(code)

    def handling(self, code: Callable[[Any, StepContext], Any]) -> Callable[[Any, Any], Any]:
        """What `handle` does, for this code: all that it needs is at hand, since looking it up is part of each call."""
        name, read, write = self.name, self.read, self.write

        def handle(envelope: Any, lambda_context: Any) -> Any:
            try:
                given, context = envelope["input"], _context_of(envelope["context"], lambda_context)
            except (KeyError, TypeError, ValueError):
                raise ContractViolation(_not_called_well(name, envelope)) from None
            event = read(given)
            try:
                result: object = code(event, context)
                type_: Any = type(result)
                if _is_awaitable(type_):
                    result = _awaited(cast("Awaitable[object]", result))
            except DeclaredError as error:
                error.check()
                raise
            return write(result)

        return handle


def _ready(type_: Any) -> TypeAdapter[Any]:
    """The adapter of a type. Models wait for their first use, which would be the first call."""
    model: object = type_
    if isinstance(model, type) and issubclass(model, BaseModel):
        model.model_rebuild()
    return TypeAdapter(type_)


@lru_cache
def _is_awaitable(type_: type[object]) -> bool:
    # Whether an object is one is asked at each call, which takes longer than all types that a function gives.
    return issubclass(type_, Awaitable)


def _awaited(result: Awaitable[T]) -> T:
    """What is awaited, in the one event loop that serves all calls: what code keeps in it, such as connections, lasts.

    Lambda calls in the main thread. Elsewhere, as in a run of several workers, each call has a loop of its own.
    """

    async def main() -> T:
        return await result

    if current_thread() is main_thread():
        return _runner().run(main(), context=copy_context())
    import asyncio

    return asyncio.run(main())


@cache
def _runner() -> Runner:
    # Loaded here, since it takes longer than all the rest, and most code is not async.
    import asyncio
    import atexit

    runner = asyncio.Runner()
    atexit.register(runner.close)
    return runner


def _context_of(given: Any, lambda_context: Any) -> StepContext:
    """The context of a call as the envelope gives it. Raises KeyError, TypeError, ValueError."""
    return StepContext(
        given["execution_id"],
        given["execution_name"],
        datetime.fromisoformat(given["started_at"]),
        given["workflow"],
        given["step"],
        given["attempt"],
        tuple(given.get("iteration", ())),
        given.get("task_token"),
        lambda_context,
    )


def _not_called_well(name: str, envelope: Any) -> str:
    """What is wrong with an envelope that no context could be made of."""
    given = fields_of(fields_of(envelope).get("context"))
    if not given or "input" not in envelope:
        return (
            f"`{name}` was not called by its workflow: it takes "
            '{"input": …, "context": {"execution_id": …, "execution_name": …, "started_at": …, "workflow": …, '
            '"step": …, "attempt": …}}'
        )
    for field_ in ("execution_id", "execution_name", "started_at", "workflow", "step", "attempt"):
        if field_ not in given:
            return f"the context that `{name}` was called with lacks '{field_}'"
    try:
        datetime.fromisoformat(given["started_at"])
    except (TypeError, ValueError):
        return f"`started_at` in the context of `{name}` is no ISO 8601 time"
    return f"`iteration` in the context of `{name}` is no array"
