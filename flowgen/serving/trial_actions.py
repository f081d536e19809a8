"""The action TestState: one state, with a mock or the configured tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from flowgen.asl.json_text import parse, parse_data
from flowgen.local import StateTest, single_state
from flowgen.local.failures import InvalidDefinition
from flowgen.local.values import JSON, encode
from flowgen.running import Program
from flowgen.serving.api_errors import ApiError
from flowgen.serving.service import Service
from flowgen.serving.state_machines import invalid_definition

Request = Mapping[str, Any]
Response = dict[str, Any]

_PLAIN = frozenset({"errorDetails", "toleratedFailureCount", "toleratedFailurePercentage", "maxConcurrency"})
"""Members of `inspectionData` that are not JSON strings."""


async def test_state(service: Service, request: Request) -> Response:
    """Run one state. In a thread, because its task may call a handler."""
    level = request.get("inspectionLevel", "INFO")
    definition = _json(request["definition"], "definition")
    if not isinstance(definition, dict):
        raise invalid_definition("SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object")
    configuration = dict(request.get("stateConfiguration", {}))
    if "mapItemReaderData" in configuration:
        configuration["mapItemReaderData"] = _json(configuration["mapItemReaderData"], "mapItemReaderData")
    try:
        result = await asyncio.to_thread(
            single_state.test_state,
            definition,
            _input(request),
            state_name=request.get("stateName"),
            context=_optional(request, "context"),
            variables=_optional(request, "variables"),
            mock=_mock(request.get("mock")),
            configuration=configuration,
            tasks=service.settings.options_for(Program("TestState", definition)).tasks,
        )
    except InvalidDefinition as error:
        if error.message.startswith("Invalid Context"):
            raise ApiError("ValidationException", error.message) from None
        raise invalid_definition(f"SCHEMA_VALIDATION_FAILED: {error.message} at {error.pointer}") from None
    return _response(result, level)


def _mock(mock: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if mock is None:
        return None
    if "errorOutput" in mock:
        return {"error_output": mock["errorOutput"]}
    return {"result": _json(mock.get("result", "null"), "mock.result")}


def _input(request: Request) -> JSON:
    try:
        return parse_data(request.get("input", "{}"))
    except ValueError as error:
        raise ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from None


def _optional(request: Request, name: str) -> Any:
    return None if name not in request else _json(request[name], name)


def _json(text: str, name: str) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        if name == "definition":
            raise invalid_definition(f"INVALID_JSON_DESCRIPTION: {error}") from None
        raise ApiError("ValidationException", f"The value of '{name}' is not valid JSON: {error}") from None


def _response(result: StateTest, level: str) -> Response:
    response: Response = {"status": result.status}
    if result.status in {"SUCCEEDED", "CAUGHT_ERROR"}:
        response["output"] = encode(result.output)
    more = {"error": result.error, "cause": result.cause, "nextState": result.next_state}
    response |= {name: value for name, value in more.items() if value is not None}
    if level in {"DEBUG", "TRACE"}:
        response["inspectionData"] = {
            name: value if name in _PLAIN else encode(value) for name, value in result.inspection.items()
        }
    return response
