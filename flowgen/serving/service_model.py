"""Checks requests against the model of the Step Functions API that botocore contains."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from flowgen.serving.api_errors import ApiError

TARGET = "AWSStepFunctions."
"""The start of the header `X-Amz-Target` (`targetPrefix` in the model)."""

_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


class NoModel(Exception):  # noqa: N818 - reported as wrong usage
    """botocore is not installed."""


@cache
def service_model() -> Any:
    """The `ServiceModel` of Step Functions. Raises `NoModel`."""
    try:
        from botocore.loaders import Loader
        from botocore.model import ServiceModel
    except ImportError:
        raise NoModel from None
    return ServiceModel(Loader().load_service_model("stepfunctions", "service-2"))


def check(action: str, request: Any) -> None:
    """Check a request. Raises `ApiError`: SerializationException for wrong types, else ValidationException."""
    if not isinstance(request, dict):
        raise ApiError("SerializationException", "Start of structure or map found where not expected.")
    problems = list(_problems(service_model().operation_model(action).input_shape, request, ""))
    if problems:
        count = f"{len(problems)} validation error{'' if len(problems) == 1 else 's'} detected: "
        raise ApiError("ValidationException", count + "; ".join(problems))


def _has_type(value: Any, name: str) -> bool:
    return isinstance(value, _JSON_TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _problems(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not _has_type(value, shape.type_name):
        found, wanted = _json_name(value), shape.type_name.capitalize()
        raise ApiError("SerializationException", f"{found} can not be converted to {_article(wanted)} {wanted}")
    match shape.type_name:
        case "structure":
            for name in shape.required_members:
                if value.get(name) is None:
                    yield f"Value null at '{_joined(path, name)}' failed to satisfy constraint: Member must not be null"
            for name, member in shape.members.items():
                if value.get(name) is not None:
                    yield from _problems(member, value[name], _joined(path, name))
        case "list":
            yield from _size(shape, len(value), "[...]", path, "length")
            for number, item in enumerate(value, 1):
                yield from _problems(shape.member, item, f"{path}.{number}.member")
        case "string":
            shown = "**" if shape.metadata.get("sensitive") else value
            yield from _size(shape, len(value), f"'{shown}'", path, "length")
            allowed = shape.metadata.get("enum")
            if allowed and value not in allowed:
                yield (
                    f"Value '{value}' at '{path}' failed to satisfy constraint: "
                    f"Member must satisfy enum value set: [{', '.join(allowed)}]"
                )
        case "integer" | "long" | "float" | "double":
            yield from _size(shape, value, f"'{value}'", path, "value")


def _size(shape: Any, size: float, shown: str, path: str, what: str) -> Iterator[str]:
    for key, wrong, words in (("min", size < shape.metadata.get("min", size), "greater"),
                              ("max", size > shape.metadata.get("max", size), "less")):  # fmt: skip
        if wrong:
            yield (
                f"Value {shown[:200]} at '{path}' failed to satisfy constraint: "
                f"Member must have {what} {words} than or equal to {shape.metadata[key]}"
            )


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _json_name(value: Any) -> str:
    match value:
        case bool():
            return "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            return "STRING_VALUE"
        case int() | float():
            return "NUMBER_VALUE"
        case list():
            return "START_ARRAY"
        case _:
            return "START_OBJECT"


def _article(word: str) -> str:
    return "an" if word[0] in "AEIOU" else "a"
