"""Rules of Choice states."""

from __future__ import annotations

from typing import Any

from flowgen.asl.comparison import COMPARISONS, JUNCTIONS, MAX_DEPTH, OPERATORS, TYPE_TESTS
from flowgen.asl.timestamps import instant
from flowgen.asl.validation.handlers import check_language_of_fields
from flowgen.asl.validation.queries import (
    JSONATA,
    JSONPATH,
    check_assign,
    check_jsonata,
    check_path,
    is_jsonata,
)
from flowgen.asl.validation.report import Place, Report, is_placeholder

_SELECTORS = ("And", "Or", "Not", "Variable")
_OF_ANY_RULE = ("Comment", "Next", "Assign")
_ONLY_OF = {
    **dict.fromkeys((*_SELECTORS, *sorted(OPERATORS)), JSONPATH),
    **dict.fromkeys(("Condition", "Output"), JSONATA),
}
_KINDS = {"String": "STRING", "Numeric": "NUMBER", "Boolean": "BOOLEAN", "Timestamp": "TIMESTAMP"}


def check_choices(report: Report, place: Place, rules: Any, language: str) -> None:
    """Choices: a non-empty list of rules, each with its transition."""
    if not report.is_list(place, rules):
        return
    for at, rule in enumerate(rules):
        here = (*place, at)
        if not report.is_object(here, rule):
            continue
        report.unsupported(here, rule, (*_OF_ANY_RULE, *_ONLY_OF))
        check_language_of_fields(report, here, rule, language, _ONLY_OF)
        report.required(here, rule, "Next")
        if "Comment" in rule:
            report.is_text((*here, "Comment"), rule["Comment"])
        if "Assign" in rule:
            check_assign(report, (*here, "Assign"), rule["Assign"], language)
        if language == JSONATA:
            _check_condition(report, here, rule)
        else:
            _check_test(report, here, rule, 0)


def _check_condition(report: Report, place: Place, rule: dict[str, Any]) -> None:
    if not report.required(place, rule, "Condition"):
        return
    condition = rule["Condition"]
    if isinstance(condition, str):
        check_jsonata(report, (*place, "Condition"), condition)
    if not isinstance(condition, bool) and not is_jsonata(condition) and not is_placeholder(condition):
        report.error((*place, "Condition"), "Condition must be a boolean or a JSONata string")
    if "Output" in rule:
        check_jsonata(report, (*place, "Output"), rule["Output"])


def _check_test(report: Report, place: Place, rule: dict[str, Any], depth: int) -> None:
    found = [name for name in _SELECTORS if name in rule]
    operators = [name for name in rule if name in OPERATORS]
    if len(found) != 1:
        report.error(place, f"The object must have only one of the following fields, [{', '.join(_SELECTORS)}]")
    elif found != ["Variable"] and operators:
        report.error(place, f"There should only be one of the following fields: [{', '.join((*found, *operators))}]")
    elif found == ["Variable"] and len(operators) > 1:
        report.error(place, f"There should only be one of the following fields: [{', '.join(operators)}]")
    elif found == ["Variable"] and not operators:
        report.error(place, "This object should have only one comparison operator")
    if depth > MAX_DEPTH:
        report.error(place, "The rule is too deeply nested", "TOO_DEEPLY_NESTED")
        return
    if "Variable" in rule:
        check_path(report, (*place, "Variable"), rule["Variable"])
    for name in operators:
        _check_operand(report, (*place, name), name, rule[name])
    for name in found:
        if name in JUNCTIONS:
            _check_junction(report, (*place, name), name, rule[name], depth)


def _check_junction(report: Report, place: Place, name: str, value: Any, depth: int) -> None:
    if name == "Not":
        nested = [(place, value)]
    elif report.is_list(place, value):
        nested = [((*place, at), rule) for at, rule in enumerate(value)]
    else:
        return
    for here, rule in nested:
        if report.is_object(here, rule):
            report.unsupported(here, rule, ("Comment", *_SELECTORS, *OPERATORS))
            _check_test(report, here, rule, depth + 1)


def _check_operand(report: Report, place: Place, name: str, value: Any) -> None:
    if name in TYPE_TESTS or name == "IsPresent":
        report.is_boolean(place, value)
    elif name == "StringMatches":
        report.is_text(place, value)
    elif name.endswith("Path"):
        check_path(report, place, value)
    elif is_placeholder(value):
        return
    elif name.startswith("Timestamp") and isinstance(value, str) and instant(value) is None:
        report.error(place, "String does not match RFC3339 timestamp")
    elif COMPARISONS[name][0](value) is None:
        kind = next(word for prefix, word in _KINDS.items() if name.startswith(prefix))
        report.error(place, f"Expected value of type [{kind}]")
