# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: b6f598a7fe6dab81
"""JSON values held to a contract: what comes in is made what the code takes, what goes out is made of what it gives.

Only JSON's own types count: "1" is no number, and 1.0 is an integer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticSerializationError, to_json

from .direct import checker, reader

T = TypeVar("T")

MOST_PROBLEMS = 10
"""How many problems a message names: it travels through the state machine, which bounds the cause of a failure."""

LONGEST_PROBLEM = 1_000
"""Characters of one of them, the keys of the value on the way to it included."""

LONGEST_KEY = 24
"""Characters of the name of a field that no type declares."""


class ContractViolation(Exception):
    """What came in, or what was to go out, does not fit the contract. Trying again does not help."""


def reading(what: str, contract: TypeAdapter[Any]) -> Callable[[Any], Any]:
    """What holds JSON values to a contract, and makes of them what the code takes. It raises ContractViolation."""
    made = reader(contract.core_schema)
    if made is None:
        return lambda value: _read_as_text(what, contract, value)
    direct = made.validate_python

    def read_directly(value: Any) -> Any:
        try:
            return direct(value)
        except ValidationError:
            return _read_as_text(what, contract, value)

    return read_directly


def writing(what: str, contract: TypeAdapter[Any]) -> Callable[[Any], Any]:
    """What makes JSON values of what code gives, holds them to the contract, and fills defaults in.

    It raises ContractViolation.
    """
    made, serialized = checker(contract.core_schema), contract.serializer.to_python

    def write(value: Any) -> Any:
        try:
            # Written once: what gives its items one after the other has none left for a second time.
            written = serialized(value, mode="json", by_alias=True, warnings=False)
        except PydanticSerializationError as error:
            raise _no_json(what, error) from None
        if made is not None:
            try:
                made.validate_python(written)
            except ValidationError:
                pass
            else:
                return written
        whole = _read_as_text(what, contract, written)
        return serialized(whole, mode="json", by_alias=True)

    return write


def _read_as_text(what: str, contract: TypeAdapter[Any], value: Any) -> Any:
    """The value that JSON values hold. This decides, and tells what is wrong in JSON's terms."""
    try:
        text = to_json(value, inf_nan_mode="null")
    except PydanticSerializationError as error:
        raise _no_json(what, error) from None
    return read(what, contract, text)


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
    try:
        text = contract.serializer.to_json(value, by_alias=True, warnings=False)
    except PydanticSerializationError as error:
        raise _no_json(what, error) from None
    return read(what, contract, text)


def _no_json(what: str, error: PydanticSerializationError) -> ContractViolation:
    return ContractViolation(f"{what} can't be written as JSON: {error}")


def _with_integers(value: Any) -> Any:
    """The same JSON, each number without a fraction as an integer: JSON has one type of numbers."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_with_integers(item) for item in items_of(value)]
        case dict():
            return {key: _with_integers(item) for key, item in fields_of(value).items()}
        case _:
            return value


def _violation(what: str, error: ValidationError, value: Any) -> ContractViolation:
    problems = [
        _cut(f"{_path(problem['loc'], value, problem['type'])}: {_told(problem)}")
        for problem in error.errors(include_url=False)
    ]
    more = [f"and {len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
    return ContractViolation(f"{what} breaks its contract: {'; '.join(problems[:MOST_PROBLEMS] + more)}")


def _told(problem: ErrorDetails) -> str:
    """What is wrong, without the value: it may be personal data, and messages end in logs."""
    if problem["type"] == "union_tag_invalid":
        context = problem.get("ctx", {})
        return f"Input tag found using {context.get('discriminator')} should be {context.get('expected_tags')}"
    null = problem["input"] is None and problem["type"] not in ("missing", "none_required")
    return f"{problem['msg']}, not null" if null else problem["msg"]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_PROBLEM else f"{text[: LONGEST_PROBLEM - 1]}…"


def _path(place: tuple[int | str, ...], value: Any, kind: str) -> str:
    """Where in `value` a problem of a kind is: `$.lines[0].sku`.

    Pydantic also names the members of unions that it tried; what is not in the value is left out. The name of a field
    that no type declares is data, and may be a secret: only its beginning is shown.
    """
    path = "$"
    for index, part in enumerate(place):
        fields, items = fields_of(value), items_of(value)
        if part in fields:
            value = fields[str(part)]
        elif isinstance(part, int) and part < len(items):
            value = items[part]
        elif kind != "missing" or index < len(place) - 1:
            continue
        shown = str(part)
        if kind == "extra_forbidden" and index == len(place) - 1 and len(shown) > LONGEST_KEY:
            shown = f"{shown[: LONGEST_KEY - 1]}…"
        path += f"[{shown}]" if isinstance(part, int) else f".{shown}"
    return path


def fields_of(value: Any) -> dict[str, Any]:
    """The value's fields if it is an object, else none."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def items_of(value: Any) -> list[Any]:
    """The value's items if it is an array, else none."""
    return [*value] if isinstance(value, list) else []
