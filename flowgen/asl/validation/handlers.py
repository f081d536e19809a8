"""Retry and Catch of Task, Parallel and Map states."""

from __future__ import annotations

from typing import Any

from flowgen.asl.reserved_errors import RESERVED_ERRORS
from flowgen.asl.validation.queries import (
    JSONATA,
    JSONPATH,
    check_assign,
    check_jsonata,
    check_number,
    check_result_path,
)
from flowgen.asl.validation.report import Place, Report

WILDCARD = "States.ALL"

_RETRIER = (
    "Comment",
    "ErrorEquals",
    "IntervalSeconds",
    "MaxAttempts",
    "BackoffRate",
    "MaxDelaySeconds",
    "JitterStrategy",
)
_CATCHER = ("Comment", "ErrorEquals", "Next", "Assign")
_ONLY_OF = {"ResultPath": JSONPATH, "Output": JSONATA}
# The error name of a failed HTTP task contains the status code (developer guide, "Call HTTPS APIs").
_HTTP_STATUS = "States.Http.StatusCode."
# Developer guide, "Retrying after an error": MaxDelaySeconds is less than 31622400.
_MOST_ATTEMPTS = 99_999_999
_MOST_DELAY = 31_622_399


def check_retry(report: Report, place: Place, retriers: Any, _language: str) -> None:
    """Retry: a list of retriers."""
    if not report.is_list(place, retriers, filled=False):
        return
    for at, retrier in enumerate(retriers):
        here = (*place, at)
        if not report.is_object(here, retrier):
            continue
        report.unsupported(here, retrier, _RETRIER)
        _check_errors(report, here, retrier, is_last=at == len(retriers) - 1)
        _check_policy(report, here, retrier)


def _check_policy(report: Report, place: Place, retrier: dict[str, Any]) -> None:
    if "Comment" in retrier:
        report.is_text((*place, "Comment"), retrier["Comment"])
    if "IntervalSeconds" in retrier:
        check_number(report, (*place, "IntervalSeconds"), retrier["IntervalSeconds"], least=1, most=_MOST_ATTEMPTS)
    if "MaxAttempts" in retrier:
        check_number(report, (*place, "MaxAttempts"), retrier["MaxAttempts"], most=_MOST_ATTEMPTS)
    if "BackoffRate" in retrier:
        check_number(report, (*place, "BackoffRate"), retrier["BackoffRate"], least=1, fractions=True)
    if "MaxDelaySeconds" in retrier:
        check_number(report, (*place, "MaxDelaySeconds"), retrier["MaxDelaySeconds"], least=1, most=_MOST_DELAY)
    if "JitterStrategy" in retrier:
        report.one_of((*place, "JitterStrategy"), retrier["JitterStrategy"], "NONE", "FULL")


def check_catch(report: Report, place: Place, catchers: Any, language: str) -> None:
    """Catch: a list of catchers. Their targets are checked with the other transitions."""
    if not report.is_list(place, catchers, filled=False):
        return
    for at, catcher in enumerate(catchers):
        here = (*place, at)
        if not report.is_object(here, catcher):
            continue
        report.unsupported(here, catcher, (*_CATCHER, *_ONLY_OF))
        check_language_of_fields(report, here, catcher, language, _ONLY_OF)
        _check_errors(report, here, catcher, is_last=at == len(catchers) - 1)
        report.required(here, catcher, "Next")
        if "Comment" in catcher:
            report.is_text((*here, "Comment"), catcher["Comment"])
        if "Assign" in catcher:
            check_assign(report, (*here, "Assign"), catcher["Assign"], language, caught=True)
        if "ResultPath" in catcher and language == JSONPATH:
            check_result_path(report, (*here, "ResultPath"), catcher["ResultPath"])
        if "Output" in catcher and language == JSONATA:
            check_jsonata(report, (*here, "Output"), catcher["Output"], caught=True)


def check_language_of_fields(
    report: Report, place: Place, fields: dict[str, Any], language: str, only_of: dict[str, str]
) -> None:
    """Reports each field that belongs to the other query language."""
    for name in fields:
        if only_of.get(name, language) != language:
            report.error(
                place,
                f"The QueryLanguage is set to '{language}', but field '{name}' is only supported for the "
                f"'{only_of[name]}' QueryLanguage",
            )


def _check_errors(report: Report, place: Place, handler: dict[str, Any], *, is_last: bool) -> None:
    if not report.required(place, handler, "ErrorEquals"):
        return
    here = (*place, "ErrorEquals")
    names = handler["ErrorEquals"]
    if not report.is_list(here, names):
        return
    for at, name in enumerate(names):
        if not report.is_text((*here, at), name) or name in RESERVED_ERRORS:
            continue
        if name.startswith("States.") and not name.startswith(_HTTP_STATUS):
            report.warn(
                (*here, at), f"Unknown error name '{name}': the prefix 'States.' is reserved", "UNKNOWN_ERROR_NAME"
            )
    if WILDCARD in names and (len(names) > 1 or not is_last):
        report.error(here, f"{WILDCARD} must appear alone and at end of list")
