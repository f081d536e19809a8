"""Existing Lambda handlers behind a contract."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, cast

from .json_values import ContractViolation
from .runtime import EntryPoint, StepContext, awaited, is_awaitable

__all__ = ["HandlerEntryPoint"]


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
