# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: c7dcdfad8ec02cde
"""What the entry points of this package share: the envelope, both ends of the contract, and the step's context."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticSerializationError, from_json, to_json

if TYPE_CHECKING:
    from asyncio import Runner

T = TypeVar("T")

MOST_PROBLEMS = 10
"""How many problems a message names: it travels through the state machine, which bounds the cause of a failure."""


class ContractViolation(Exception):
    """What came in, or what was to go out, does not fit the contract. Trying again does not help."""


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


@dataclass(frozen=True)
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
    """Calls a function's code by its contract.

    `takes` and `gives` are the types of the input and the output. Called with the envelope that the state machine
    sends, `{"input": …, "context": …}`, it gives the output as JSON values, with defaults filled in. Raises what the
    code raises, and ContractViolation.
    """

    def __init__(self, name: str, code: Callable[[Any, StepContext], Any], *, takes: Any, gives: Any) -> None:
        self.name, self.code = name, code
        self.input, self.output = f"the input of `{name}`", f"the output of `{name}`"
        self.takes, self.gives = _ready(takes), _ready(gives)

    def __call__(self, envelope: Any, lambda_context: Any) -> Any:
        context = _context_of(self.name, envelope, lambda_context)
        event = read(self.input, self.takes, to_json(envelope["input"]))
        try:
            result: Any = self.code(event, context)
            if _has_to_be_awaited(result):
                result = _awaited(result)
        except DeclaredError as error:
            error.check()
            raise
        return _written(self.output, self.gives, result)


def _ready(type_: Any) -> TypeAdapter[Any]:
    """The adapter of a type. Models wait for their first use, which would be the first call."""
    model: object = type_
    if isinstance(model, type) and issubclass(model, BaseModel):
        model.model_rebuild()
    return TypeAdapter(type_)


def _has_to_be_awaited(result: object) -> bool:
    return isinstance(result, Awaitable)


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


def _context_of(name: str, envelope: Any, lambda_context: Any) -> StepContext:
    context = _object(_object(envelope).get("context"))
    if not context or "input" not in envelope:
        raise ContractViolation(
            f"`{name}` was not called by its workflow: it takes "
            '{"input": …, "context": {"execution_id": …, "execution_name": …, "started_at": …, "workflow": …, '
            '"step": …, "attempt": …}}'
        )
    made = object.__new__(StepContext)
    try:
        # A frozen dataclass sets each field by a call of its own, which takes three times as long.
        vars(made).update(
            execution_id=context["execution_id"],
            execution_name=context["execution_name"],
            started_at=datetime.fromisoformat(context["started_at"]),
            workflow=context["workflow"],
            step=context["step"],
            attempt=context["attempt"],
            iteration=tuple(context.get("iteration", ())),
            task_token=context.get("task_token"),
            lambda_context=lambda_context,
        )
    except KeyError as missing:
        raise ContractViolation(f"the context that `{name}` was called with lacks {missing}") from None
    except (TypeError, ValueError):
        raise ContractViolation(f"`started_at` in the context of `{name}` is no ISO 8601 time") from None
    return made


def _object(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    """The value's items if it is an array, else none."""
    return [*value] if isinstance(value, list) else []


def read(what: str, contract: TypeAdapter[T], text: bytes) -> T:
    """The value that `text` holds in JSON. Only JSON's own types count: "1" is no number, and 1.0 is an integer."""
    try:
        value: T = contract.validator.validate_json(text, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        problems = error
    else:
        return value
    whole = to_json(_with_integers(json.loads(text)))
    if whole != text:
        try:
            return contract.validate_json(whole, strict=True, by_alias=True, by_name=False)
        except ValidationError as error:
            problems = error
    raise _violation(what, problems, json.loads(text)) from None


def checked(what: str, contract: TypeAdapter[T], value: Any) -> T:
    """A value of the code's, written as JSON and read back, which holds it to the contract.

    Raises ContractViolation.
    """
    return read(what, contract, _text(what, contract, value))


def _text(what: str, contract: TypeAdapter[Any], value: Any) -> bytes:
    try:
        return contract.serializer.to_json(value, by_alias=True, warnings=False)
    except PydanticSerializationError as error:
        raise ContractViolation(f"{what} can't be written as JSON: {error}") from None


def _written(what: str, contract: TypeAdapter[Any], value: Any) -> Any:
    """A value of the code's as JSON values, held to the contract, with defaults filled in.

    A record that reads back as it was has nothing to fill in: its text is what goes out. Raises ContractViolation.
    """
    text = _text(what, contract, value)
    try:
        whole: Any = contract.validator.validate_json(text, strict=True, by_alias=True, by_name=False)
    except ValidationError:
        whole = read(what, contract, text)
    else:
        if isinstance(whole, BaseModel) and type(whole) is type(value) and vars(whole) == vars(value):
            return from_json(text)
    return contract.serializer.to_python(whole, mode="json", by_alias=True)


def _with_integers(value: Any) -> Any:
    """The same JSON, each number without a fraction as an integer: JSON has one type of numbers."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_with_integers(item) for item in _items(value)]
        case dict():
            return {key: _with_integers(item) for key, item in _object(value).items()}
        case _:
            return value


def _violation(what: str, error: ValidationError, value: Any) -> ContractViolation:
    problems = [
        f"{_path(problem['loc'], value, missing=problem['type'] == 'missing')}: {_told(problem)}"
        for problem in error.errors(include_url=False, include_context=False)
    ]
    more = [f"and {len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
    return ContractViolation(f"{what} breaks its contract: {'; '.join(problems[:MOST_PROBLEMS] + more)}")


def _told(problem: ErrorDetails) -> str:
    """What is wrong, without the value: it may be personal data, and messages end in logs."""
    null = problem["input"] is None and problem["type"] not in ("missing", "none_required")
    return f"{problem['msg']}, not null" if null else problem["msg"]


def _path(place: tuple[int | str, ...], value: Any, *, missing: bool) -> str:
    """Where in `value` a problem is: `$.lines[0].sku`.

    Pydantic also names the members of unions that it tried; what is not in the value is left out.
    """
    path = "$"
    for index, part in enumerate(place):
        fields, items = _object(value), _items(value)
        if part in fields:
            value = fields[str(part)]
        elif isinstance(part, int) and part < len(items):
            value = items[part]
        elif not missing or index < len(place) - 1:
            continue
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path
