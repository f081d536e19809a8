"""Replaces placeholders by values of the right type, and names by those of the other machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowgen.asl.intrinsics import is_call
from flowgen.asl.validation.report import is_placeholder
from flowgen.comparing.decisions import digest
from flowgen.local.jsonata_query import is_expression
from flowgen.local.values import JSON

_NOT_A_NAME = re.compile(r"\W")
_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
NUMBER_FIELDS = frozenset(
    {
        "BackoffRate",
        "HeartbeatSeconds",
        "IntervalSeconds",
        "MaxAttempts",
        "MaxConcurrency",
        "MaxDelaySeconds",
        "MaxInputBytesPerBatch",
        "MaxItems",
        "MaxItemsPerBatch",
        "Seconds",
        "TimeoutSeconds",
        "ToleratedFailureCount",
        "ToleratedFailurePercentage",
    }
)
"""The fields of a state that must be numbers."""
DATA_FIELDS = frozenset(
    {
        "Arguments",
        "Assign",
        "BatchInput",
        "ItemSelector",
        "Output",
        "Parameters",
        "Result",
        "ResultSelector",
    }
)
"""The fields of a state whose members are data, with any names."""
_DATA = "data"
_PART = r"(?:\$\{[^{}]*\}|[^:$])*"
_INTEGRATION = re.compile(rf"arn:{_PART}:states:{_PART}:{_PART}:(.+)")
"""A service integration, which may name its region and account."""

_COMPARED = re.compile(r"(String|Numeric|Timestamp|Boolean)(Equals|(Less|Greater)Than(Equals)?)|Is\w+")


def filled_in(definition: Mapping[str, JSON], names: Mapping[str, str]) -> dict[str, JSON]:
    """A definition that can run. The same placeholder always has the same value.

    `names` are the new names of placeholders (`${…}`) and of whole strings.
    """
    filled: dict[str, JSON] = _filled(definition, "", names)
    return filled


def _filled(value: JSON, field: str, names: Mapping[str, str]) -> JSON:
    if isinstance(value, Mapping):
        return {name: _filled(member, _place(name, field), names) for name, member in value.items()}
    if isinstance(value, list):
        return [_filled(item, _place("", field), names) for item in value]
    if not isinstance(value, str):
        return value
    integration = _INTEGRATION.fullmatch(value) if field == "Resource" else None
    if integration is not None and not integration[1].startswith("activity:"):
        return f"arn:aws:states:::{integration[1]}"
    renamed = names.get(value) or _PLACEHOLDER.sub(lambda found: f"${{{names.get(found[1], found[1])}}}", value)
    if is_placeholder(renamed):
        return _value(field, renamed)
    # An expression with a placeholder can't be evaluated, or has another meaning.
    expression = is_expression(renamed) or (field.endswith(".$") and is_call(renamed))
    return _PLACEHOLDER.sub(lambda found: _NOT_A_NAME.sub("", found[1]) or "x", renamed) if expression else renamed


def _place(name: str, field: str) -> str:
    """The field for a member of a field: the fields of data are all the same."""
    if field not in DATA_FIELDS and not field.startswith(_DATA):
        return name
    return f"{_DATA}.$" if name.endswith(".$") else _DATA


def number_of(placeholder: str) -> int:
    """The number that a placeholder such as `${Limit}` has in a field that must be a number."""
    return 2 + int(digest(placeholder), 16) % 7


def _value(field: str, placeholder: str) -> Any:
    """The value of a placeholder in a field that does not accept every string."""
    number = number_of(placeholder)
    compared = _COMPARED.fullmatch(field)
    if field in NUMBER_FIELDS or (compared is not None and compared[1] == "Numeric"):
        return number
    if field == "Timestamp" or (compared is not None and compared[1] == "Timestamp"):
        return f"2026-01-0{number}T00:00:00Z"
    if compared is not None and compared[1] != "String":
        return number % 2 == 0
    return placeholder
