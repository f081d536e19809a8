"""Checks values of the query languages in fields: paths, templates, JSONata strings, variables, numbers."""

from __future__ import annotations

import math
import re
from typing import Any

from flowgen.asl.errors import QuerySyntaxError
from flowgen.asl.intrinsics import is_call
from flowgen.asl.json_text import is_number
from flowgen.asl.jsonpath import compile_path
from flowgen.asl.templates import compile_expression
from flowgen.asl.validation.report import Place, Report, filled_in, is_placeholder

JSONATA = "JSONata"
JSONPATH = "JSONPath"

# The maximum timeout or wait that the service accepts: 99,999,999 seconds (developer guide, quotas).
MAX_SECONDS = 99_999_999
MAX_NAME = 80

# "an intrinsic function expression that returns a string" (developer guide, Fail state).
_TEXT_FUNCTIONS = ("Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID")
_LOOKS_LIKE_A_QUERY = re.compile(r"\$(\$?[.\[]|\$$)|States\.[A-Za-z0-9]+\(")


def is_jsonata(value: Any) -> bool:
    """Whether it is a JSONata string: an expression between `{%` and `%}`."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def check_path(report: Report, place: Place, value: Any) -> None:
    """A Path: into the input, the context object or a variable."""
    if not report.is_text(place, value) or is_placeholder(value):
        return
    try:
        compile_path(filled_in(value))
    except QuerySyntaxError as error:
        report.error(place, f"Value must be a valid JSONPath. {error.message}")


def check_nullable_path(report: Report, place: Place, value: Any) -> None:
    """A Path, or null to discard the value."""
    if value is not None:
        check_path(report, place, value)


def check_reference_path(report: Report, place: Place, value: Any) -> None:
    """A Reference Path, which identifies a single node."""
    if not report.is_text(place, value) or is_placeholder(value):
        return
    try:
        if not compile_path(filled_in(value)).is_reference:
            report.error(
                place,
                "Value is not a Reference Path: operators are not allowed, because it must refer to a single place",
            )
    except QuerySyntaxError as error:
        report.error(place, f"Value is not a Reference Path: {error.message}")


def check_result_path(report: Report, place: Place, value: Any) -> None:
    """ResultPath: a Reference Path into the input, never into the context object or a variable; or null."""
    if value is None or is_placeholder(value):
        return
    check_reference_path(report, place, value)
    if isinstance(value, str) and re.match(r"\$[$\w]", value):
        report.error(place, "Value is not a Reference Path: ResultPath must refer to the state's input")


def check_text_expression(report: Report, place: Place, value: Any) -> None:
    """ErrorPath or CausePath: a Reference Path, or a call that returns a string."""
    if not isinstance(value, str) or not is_call(value):
        check_reference_path(report, place, value)
        return
    _check_expression(report, place, value)
    if value.removeprefix("States.").partition("(")[0] not in _TEXT_FUNCTIONS:
        names = ", ".join(_TEXT_FUNCTIONS)
        report.error(place, f"The intrinsic function must be one that returns a string: {names}")


def check_template(report: Report, place: Place, payload: Any) -> None:
    """A payload template: each field that ends in `.$` is a path or a call, and no field is given twice."""
    pending: list[tuple[Place, Any]] = [(place, payload)]
    while pending:
        here, value = pending.pop()
        if isinstance(value, dict):
            pending.extend(_template_members(report, here, value))
        elif isinstance(value, list):
            pending.extend(((*here, at), item) for at, item in enumerate(value))


def _template_members(report: Report, place: Place, members: dict[str, Any]) -> list[tuple[Place, Any]]:
    nested: list[tuple[Place, Any]] = []
    for key, value in members.items():
        here = (*place, key)
        if key.endswith(".$"):
            _check_expression(report, here, value)
            if key[:-2] in members:
                report.error(place, f"The fields '{key[:-2]}' and '{key}' both set the field '{key[:-2]}'")
        elif isinstance(value, str) and _LOOKS_LIKE_A_QUERY.match(value):
            report.warn(
                here, f"The value looks like a path or a call, but the field is not named '{key}.$'", "NO_DOLLAR"
            )
        else:
            nested.append((here, value))
    return nested


def _check_expression(report: Report, place: Place, value: Any) -> None:
    field = place[-1]
    must_be = f"The value for the field '{field}' must be a valid JSONPath or a valid intrinsic function call"
    if is_placeholder(value):
        return
    if not isinstance(value, str):
        report.error(place, must_be)
        return
    try:
        expression = compile_expression(filled_in(value), str(field))
    except QuerySyntaxError as error:
        report.error(place, f"{must_be}. {error.message}")
        return
    for flaw in expression.flaws:
        report.error(place, f"{must_be}. {flaw}")


def check_static(report: Report, place: Place, value: Any) -> None:
    """A value that looks like an expression, but is never evaluated (Result of a Pass state)."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key.endswith(".$") and isinstance(item, str) and _LOOKS_LIKE_A_QUERY.match(item):
                report.warn((*place, key), "The Result of a Pass state is not evaluated", "PASS_RESULT_IS_STATIC")


def check_jsonata(report: Report, place: Place, value: Any, *, caught: bool = False) -> None:
    """A JSON value in which every string may be a JSONata string. `caught`: it is part of a catcher."""
    pending: list[tuple[Place, Any]] = [(place, value)]
    while pending:
        here, item = pending.pop()
        if isinstance(item, dict):
            pending.extend(((*here, key), member) for key, member in item.items())
        elif isinstance(item, list):
            pending.extend(((*here, at), member) for at, member in enumerate(item))
        elif isinstance(item, str):
            _check_jsonata_string(report, here, item, caught=caught)


def _check_jsonata_string(report: Report, place: Place, text: str, *, caught: bool = False) -> None:
    if text.startswith("{%") is not text.endswith("%}") or text == "{%}":
        report.error(place, "JSONata string must start with {% and end with %}")
    elif is_jsonata(text) and report.check_expression is not None:
        # Use a variable as the placeholder, because a name would refer to the input.
        for code, message in report.check_expression(filled_in(text[2:-2], "$x"), caught):
            report.error(place, message, code)


def check_payload(report: Report, place: Place, value: Any, language: str) -> None:
    """A payload in the state's query language: a payload template, or a value with JSONata strings in it."""
    if language == JSONATA:
        check_jsonata(report, place, value)
    else:
        check_template(report, place, value)


def check_assign(report: Report, place: Place, value: Any, language: str, *, caught: bool = False) -> None:
    """Assign: an object whose fields name variables."""
    if not report.is_object(place, value):
        return
    for key in value:
        name = key.removesuffix(".$") if language == JSONPATH else key
        if name == "states":
            report.error((*place, key), "Cannot assign to reserved variable '$states'.", "RESERVED_VARIABLE_NAME")
        elif not name.isidentifier() or name.startswith("_"):
            words = f"Invalid variable name '{name}': the variable name contains invalid characters."
            report.error((*place, key), words, "INVALID_VARIABLE_NAME")
        elif len(name) > MAX_NAME:
            words = f"Invalid variable name '{name}': the variable name is longer than {MAX_NAME} characters."
            report.error((*place, key), words, "INVALID_VARIABLE_NAME")
    if caught and language == JSONATA:
        check_jsonata(report, place, value, caught=True)
    else:
        check_payload(report, place, value, language)


def check_number(
    report: Report,
    place: Place,
    value: Any,
    language: str = JSONPATH,
    *,
    least: float = 0,
    most: float = math.inf,
    fractions: bool = False,
) -> None:
    """A number in a range, an integer unless fractions are allowed, or a JSONata expression for one."""
    if is_placeholder(value):
        return
    if language == JSONATA and isinstance(value, str) and ("{%" in value or "%}" in value):
        _check_jsonata_string(report, place, value)
    elif not is_number(value) or not (fractions or float(value).is_integer()):
        report.error(place, f"Expected value of type [{'NUMBER' if fractions else 'INTEGER'}]")
    elif value < least:
        report.error(place, f"Value is below the minimum of {least:g}")
    elif value > most:
        report.error(place, f"Value is above the maximum of {most:.0f}")


def check_text(report: Report, place: Place, value: Any, language: str) -> None:
    """A string, or a JSONata expression for one. A path in it is probably meant for the field `…Path`."""
    if not report.is_text(place, value):
        return
    if language == JSONATA:
        _check_jsonata_string(report, place, value)
    elif _LOOKS_LIKE_A_QUERY.match(value):
        report.warn(place, f"The value looks like a path, but the field is not named '{place[-1]}Path'", "NO_PATH")
