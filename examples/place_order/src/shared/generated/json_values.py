# Made by flowgen from workflows. Do not edit: `flowgen generate` writes it again.
# Digest: 27ddbb4bd5898031
"""Both ends of a contract: converts JSON to Python values and back, and validates it.

Types are those of JSON: "1" is not a number, and 1.0 is an integer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticSerializationError, to_json

from .direct import checker, reader

T = TypeVar("T")

MOST_PROBLEMS = 10
"""The number of problems in a message. Step Functions limits the size of a failure's cause."""

LONGEST_PROBLEM = 1_000
"""The maximum length of one problem in characters, including the path to the value."""

LONGEST_KEY = 24
"""The maximum length shown of the name of an unknown field."""


class ContractViolation(Exception):
    """An input, output or error breaks its contract. Retrying does not help."""


def reading(what: str, contract: TypeAdapter[Any]) -> Callable[[Any], Any]:
    """A function that validates JSON values and converts them to Python. It raises ContractViolation."""
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
    """A function that converts Python values to JSON values, validates them and fills in defaults.

    It raises ContractViolation.
    """
    made, serialized = checker(contract.core_schema), contract.serializer.to_python

    def write(value: Any) -> Any:
        try:
            # Serialized once, because a generator can be read only once.
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
    """Validate JSON values by way of their text. This result is decisive, and its messages are in terms of JSON."""
    try:
        text = to_json(value, inf_nan_mode="null")
    except PydanticSerializationError as error:
        raise _no_json(what, error) from None
    return read(what, contract, text)


def read(what: str, contract: TypeAdapter[T], text: bytes) -> T:
    """The Python value of a JSON `text`. Raises ContractViolation."""
    try:
        value: T = contract.validator.validate_json(text, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        problems = error
    else:
        return value
    # Loaded here, because valid input never needs it.
    import json

    whole = to_json(_with_integers(json.loads(text)))
    if whole != text:
        try:
            return contract.validate_json(whole, strict=True, by_alias=True, by_name=False)
        except ValidationError as error:
            problems = error
    raise _violation(what, problems, json.loads(text)) from None


def checked(what: str, contract: TypeAdapter[T], value: Any) -> T:
    """A Python value, validated by writing it as JSON and reading it back. Raises ContractViolation."""
    try:
        text = contract.serializer.to_json(value, by_alias=True, warnings=False)
    except PydanticSerializationError as error:
        raise _no_json(what, error) from None
    return read(what, contract, text)


def _no_json(what: str, error: PydanticSerializationError) -> ContractViolation:
    return ContractViolation(f"{what} can't be written as JSON: {error}")


def _with_integers(value: Any) -> Any:
    """The same JSON with every whole number as an integer: JSON has one number type."""
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
        _cut(f"{_path(problem['loc'], value, problem['type'])}: {_message(problem)}")
        for problem in error.errors(include_url=False)
    ]
    more = [f"and {len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
    return ContractViolation(f"{what} breaks its contract: {'; '.join(problems[:MOST_PROBLEMS] + more)}")


def _message(problem: ErrorDetails) -> str:
    """The message without the value, which may be personal data: messages end up in logs."""
    if problem["type"] == "union_tag_invalid":
        context = problem.get("ctx", {})
        return f"Input tag found using {context.get('discriminator')} should be {context.get('expected_tags')}"
    null = problem["input"] is None and problem["type"] not in ("missing", "none_required")
    return f"{problem['msg']}, not null" if null else problem["msg"]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_PROBLEM else f"{text[: LONGEST_PROBLEM - 1]}…"


def _path(place: tuple[int | str, ...], value: Any, kind: str) -> str:
    """The path of a problem in `value`, such as `$.lines[0].sku`.

    Pydantic's location also names the union members that it tried; these are not part of the value and are skipped. The
    name of an unknown field is data, and may be a secret: only its beginning is shown.
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
    """The fields of an object; empty for any other value."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def items_of(value: Any) -> list[Any]:
    """The items of an array; empty for any other value."""
    return [*value] if isinstance(value, list) else []
