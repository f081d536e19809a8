"""Checks a single state: the fields of its type, their values, and their dependencies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowgen.asl.timestamps import instant
from flowgen.asl.validation import maps
from flowgen.asl.validation.choices import check_choices
from flowgen.asl.validation.handlers import check_catch, check_language_of_fields, check_retry
from flowgen.asl.validation.queries import (
    JSONATA,
    JSONPATH,
    MAX_SECONDS,
    check_assign,
    check_jsonata,
    check_nullable_path,
    check_number,
    check_payload,
    check_reference_path,
    check_result_path,
    check_static,
    check_template,
    check_text,
    check_text_expression,
    is_jsonata,
)
from flowgen.asl.validation.report import Place, Report, is_placeholder
from flowgen.asl.validation.resources import check_credentials, check_resource

_Check = Callable[[Report, Place, Any, str], None]

_OF_ANY_STATE = frozenset({"Type", "Comment", "QueryLanguage"})
_INPUT_AND_OUTPUT = ("InputPath", "OutputPath", "Output")
_FLOW = ("Assign", "Next", "End")
_RESULT = ("Parameters", "ResultSelector", "ResultPath", "Retry", "Catch")
_TOLERANCE = ("MaxConcurrency", "ToleratedFailurePercentage", "ToleratedFailureCount")

# The fields of each type, from the tables of the specification and from measurements of the service.
FIELDS: dict[str, frozenset[str]] = {
    name: _OF_ANY_STATE.union(*groups)
    for name, groups in {
        "Pass": (_INPUT_AND_OUTPUT, _FLOW, ("Parameters", "Result", "ResultPath")),
        "Task": (
            *(_INPUT_AND_OUTPUT, _FLOW, _RESULT, ("Arguments", "Resource", "Credentials")),
            *(("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")),
        ),
        "Choice": (_INPUT_AND_OUTPUT, ("Assign", "Choices", "Default")),
        "Wait": (_INPUT_AND_OUTPUT, _FLOW, ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")),
        "Succeed": (_INPUT_AND_OUTPUT,),
        "Fail": (("Error", "ErrorPath", "Cause", "CausePath"),),
        "Parallel": (_INPUT_AND_OUTPUT, _FLOW, _RESULT, ("Arguments", "Branches")),
        "Map": (
            *(_INPUT_AND_OUTPUT, _FLOW, _RESULT, maps.PROCESSORS, _TOLERANCE),
            ("Items", "ItemsPath", "ItemSelector", "ItemReader", "ItemBatcher", "ResultWriter", "Label"),
            tuple(f"{name}Path" for name in _TOLERANCE),
        ),
    }.items()
}
_REQUIRED = {"Task": "Resource", "Choice": "Choices", "Parallel": "Branches"}
_TRANSIENT = ("Task", "Pass", "Wait", "Parallel", "Map")

ONLY_OF = {
    **dict.fromkeys(
        (
            *("InputPath", "OutputPath", "Parameters", "ResultSelector", "ResultPath", "Result", "ItemsPath"),
            *("TimeoutSecondsPath", "HeartbeatSecondsPath", "SecondsPath", "TimestampPath", "ErrorPath", "CausePath"),
            *(f"{name}Path" for name in _TOLERANCE),
        ),
        JSONPATH,
    ),
    **dict.fromkeys(("Arguments", "Output", "Items"), JSONATA),
}


def check_state(report: Report, place: Place, state: Any, machine_language: str, labels: dict[str, Place]) -> None:
    """Checks a state by itself. Transitions and nested states are checked elsewhere."""
    if not report.is_object(place, state):
        return
    language = state_language(state, machine_language)
    is_downgrade = state.get("QueryLanguage") == JSONPATH and machine_language == JSONATA
    if is_downgrade:
        report.error(place, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
    if not report.required(place, state, "Type"):
        return
    kind = state["Type"]
    if not isinstance(kind, str) or kind not in FIELDS:
        report.one_of((*place, "Type"), kind, *FIELDS)
        return
    fields = {name: value for name, value in state.items() if name in FIELDS[kind]}
    report.unsupported(place, state, FIELDS[kind])
    if not is_downgrade:
        check_language_of_fields(report, place, fields, language, ONLY_OF)
    if kind in _REQUIRED:
        report.required(place, state, _REQUIRED[kind])
    for name, value in fields.items():
        if name in _CHECKS and ONLY_OF.get(name, language) == language:
            _CHECKS[name](report, (*place, name), value, language)
    if kind in _TRANSIENT:
        _check_end(report, place, state)
    _check_together(report, place, kind, state, language)
    if kind == "Map":
        maps.check_map(report, place, state, labels)


def state_language(state: dict[str, Any], machine_language: str) -> str:
    """The state's query language. The service treats every value except "JSONPath" as JSONata."""
    language = state.get("QueryLanguage", machine_language)
    return JSONPATH if language == JSONPATH else JSONATA


def _check_end(report: Report, place: Place, state: dict[str, Any]) -> None:
    if "End" in state and not report.is_boolean((*place, "End"), state["End"]):
        return
    if state.get("End") is True and "Next" in state:
        report.error(place, "There should only be one of the following fields: [Next, End]")
    elif state.get("End") is not True and "Next" not in state:
        report.error(place, "This object should have only one of the following fields: [Next, End]")


def _check_together(report: Report, place: Place, kind: str, state: dict[str, Any], language: str) -> None:
    if kind == "Task":
        report.exclusive(place, state, "TimeoutSeconds", "TimeoutSecondsPath")
        report.exclusive(place, state, "HeartbeatSeconds", "HeartbeatSecondsPath")
        limits = (state.get("TimeoutSeconds"), state.get("HeartbeatSeconds"))
        if isinstance(limits[0], int) and isinstance(limits[1], int) and limits[1] >= limits[0]:
            report.error((*place, "HeartbeatSeconds"), "HeartbeatSeconds must be smaller than TimeoutSeconds")
        if "Credentials" in state:
            check_credentials(report, (*place, "Credentials"), state["Credentials"], state.get("Resource"))
    elif kind == "Wait":
        names = ("Seconds", "Timestamp")
        paths = ("SecondsPath", "TimestampPath") if language == JSONPATH else ()
        report.exactly_one(place, state, *names, *paths)
    elif kind == "Fail":
        report.exclusive(place, state, "Error", "ErrorPath")
        report.exclusive(place, state, "Cause", "CausePath")


def _check_timestamp(report: Report, place: Place, value: Any, language: str) -> None:
    if language == JSONATA and is_jsonata(value):
        check_jsonata(report, place, value)
    elif report.is_text(place, value) and not is_placeholder(value) and instant(value) is None:
        report.error(place, "String does not match RFC3339 timestamp")


def _check_comment(report: Report, place: Place, value: Any, _language: str) -> None:
    report.is_text(place, value)


def _check_query_language(report: Report, place: Place, value: Any, _language: str) -> None:
    report.one_of(place, value, JSONPATH, JSONATA)


def _check_selector(report: Report, place: Place, value: Any, _language: str) -> None:
    if report.is_object(place, value):
        check_template(report, place, value)


def _in_jsonpath(check: Callable[[Report, Place, Any], None]) -> _Check:
    return lambda report, place, value, _language: check(report, place, value)


def _number(*, least: float, most: float = MAX_SECONDS, fractions: bool = False) -> _Check:
    return lambda report, place, value, language: check_number(
        report, place, value, language, least=least, most=most, fractions=fractions
    )


_PATH_OF_A_VALUE = _in_jsonpath(check_reference_path)

_CHECKS: dict[str, _Check] = {
    "Comment": _check_comment,
    "QueryLanguage": _check_query_language,
    "InputPath": _in_jsonpath(check_nullable_path),
    "OutputPath": _in_jsonpath(check_nullable_path),
    "ResultPath": _in_jsonpath(check_result_path),
    "Parameters": _in_jsonpath(check_template),
    "ResultSelector": _check_selector,
    "Result": _in_jsonpath(check_static),
    "Arguments": _in_jsonpath(check_jsonata),
    "Output": _in_jsonpath(check_jsonata),
    "Assign": check_assign,
    "Retry": check_retry,
    "Catch": check_catch,
    "Resource": _in_jsonpath(check_resource),
    "Credentials": check_payload,
    "TimeoutSeconds": _number(least=1),
    "HeartbeatSeconds": _number(least=1),
    "TimeoutSecondsPath": _PATH_OF_A_VALUE,
    "HeartbeatSecondsPath": _PATH_OF_A_VALUE,
    "Choices": check_choices,
    "Seconds": _number(least=0),
    "SecondsPath": _PATH_OF_A_VALUE,
    "Timestamp": _check_timestamp,
    "TimestampPath": _PATH_OF_A_VALUE,
    "Error": check_text,
    "Cause": check_text,
    "ErrorPath": _in_jsonpath(check_text_expression),
    "CausePath": _in_jsonpath(check_text_expression),
    "Items": maps.check_items,
    "ItemsPath": _PATH_OF_A_VALUE,
    "ItemSelector": check_payload,
    "ItemReader": maps.check_item_reader,
    "ItemBatcher": maps.check_item_batcher,
    "ResultWriter": maps.check_result_writer,
    "MaxConcurrency": _number(least=0),
    "MaxConcurrencyPath": _PATH_OF_A_VALUE,
    "ToleratedFailureCount": _number(least=0),
    "ToleratedFailureCountPath": _PATH_OF_A_VALUE,
    "ToleratedFailurePercentage": _number(least=0, most=100, fractions=True),
    "ToleratedFailurePercentagePath": _PATH_OF_A_VALUE,
}
