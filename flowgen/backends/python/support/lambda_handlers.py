"""Functions that receive Lambda's own event and context: existing handlers, and functions called from outside."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, Protocol, Required, TypedDict, TypeVar, cast

from .json_values import ContractViolation
from .runtime import DeclaredError, EntryPoint, StepContext, awaited, is_awaitable

__all__ = [
    "EventContract",
    "EventEntryPoint",
    "EventHandlerEntryPoint",
    "HandlerEntryPoint",
    "LambdaContext",
    "UrlRequest",
    "UrlResponse",
]

Input_contra = TypeVar("Input_contra", contravariant=True)
Output_co = TypeVar("Output_co", covariant=True)


class LambdaContext(Protocol):
    """The attributes of Lambda's context object that most code needs; Lambda's own object has more."""

    @property
    def function_name(self) -> str: ...

    @property
    def invoked_function_arn(self) -> str: ...

    @property
    def aws_request_id(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


class UrlRequest(TypedDict, total=False):
    """An HTTP request to a function URL (Lambda developer guide, "Invoking Lambda function URLs": request payload).

    `requestContext["http"]` has the `method`, `path` and `sourceIp`. The body is base64 if `isBase64Encoded`. Lambda
    leaves out what a request does not have.
    """

    version: str
    rawPath: str
    rawQueryString: str
    cookies: list[str]
    headers: dict[str, str]
    queryStringParameters: dict[str, str]
    requestContext: Required[dict[str, Any]]
    body: str
    isBase64Encoded: bool


class UrlResponse(TypedDict, total=False):
    """The response of a function URL (the same page: response payload). The status is 200 unless it is set."""

    statusCode: int
    headers: dict[str, str]
    cookies: list[str]
    body: str
    isBase64Encoded: bool


class EventContract(Protocol[Input_contra, Output_co]):
    """The code of a function that is called from outside its workflow, with an event and Lambda's context."""

    def __call__(self, event: Input_contra, context: LambdaContext, /) -> Output_co | Awaitable[Output_co]: ...


class EventEntryPoint(EntryPoint):
    """A function that is called from outside its workflow. Its input is Lambda's event itself."""

    def handling(self, code: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        read, write = self.read, self.write

        def handle(event: Any, lambda_context: Any) -> Any:
            value = read(event)
            try:
                result: object = code(value, lambda_context)
                type_: Any = type(result)
                if is_awaitable(type_):
                    result = awaited(cast("Awaitable[object]", result))
            except DeclaredError as error:
                error.check()
                raise
            return write(result)

        return handle


class EventHandlerEntryPoint(EventEntryPoint):
    """The same for a handler written for Lambda, which receives the event as JSON values."""

    def handling(self, code: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        name, to_json = self.name, self.input_type.serializer.to_python

        def called(event: Any, context: Any) -> Any:
            result: object = code(to_json(event, mode="json", by_alias=True), context)
            type_: Any = type(result)
            if is_awaitable(type_):
                result = awaited(cast("Awaitable[object]", result))
            return _as_lambda_returns(name, result)

        return super().handling(called)


class HandlerEntryPoint(EntryPoint):
    """A handler written for Lambda, behind a contract.

    It receives the input as JSON values with defaults filled in, and Lambda's context object. Lambda's rules make JSON
    of its result: a `Decimal` becomes a number.
    """

    def handling(self, code: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        name, to_json = self.name, self.input_type.serializer.to_python

        def called(event: Any, context: StepContext) -> Any:
            result: object = code(to_json(event, mode="json", by_alias=True), context.lambda_context)
            type_: Any = type(result)
            if is_awaitable(type_):
                result = awaited(cast("Awaitable[object]", result))
            return _as_lambda_returns(name, result)

        return super().handling(called)


def _as_lambda_returns(name: str, result: object) -> Any:
    """The JSON values that Lambda's runtime makes of a result. Raises ContractViolation."""

    def number(value: object) -> float:
        if isinstance(value, Decimal):
            return float(value)
        raise TypeError(f"a value of type {type(value).__name__} is not JSON")

    try:
        return json.loads(json.dumps(result, default=number))
    except (TypeError, ValueError) as error:
        raise ContractViolation(f"the output of `{name}` can't be written as JSON: {error}") from None
