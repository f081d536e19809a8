"""The entry point of validation: from JSON to a list of problems."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flowgen.asl.validation.machine import check_definition
from flowgen.asl.validation.positions import Document, JsonSyntaxError, line_and_column, read
from flowgen.asl.validation.report import SCHEMA, CheckExpression, KnownAction, Problem, Report

# The maximum of CreateStateMachine (API reference).
MAX_CHARACTERS = 1_048_576

_NOT_AN_OBJECT = "Definition must be a valid JSON object"
_SHOWN_OF_SOURCE = 500


def validate(
    definition: Any,
    *,
    machine_type: str = "STANDARD",
    check_expression: CheckExpression | None = None,
    known_action: KnownAction | None = None,
) -> list[Problem]:
    """The problems of a definition, which is valid if none of them is an ERROR.

    A string is parsed as JSON; anything else is the definition itself. `machine_type` is STANDARD or EXPRESS. Without
    `check_expression`, only the delimiters of expressions are checked; without `known_action`, the names of actions in
    SDK integrations are not checked.
    """
    report = Report(machine_type, check_expression, known_action)
    if not isinstance(definition, str):
        _check(definition, report)
        return report.problems
    if len(definition) > MAX_CHARACTERS:
        return [Problem(SCHEMA, "", f"Definition must be at most {MAX_CHARACTERS} characters long")]
    if not definition.strip():
        return [Problem(SCHEMA, "", _NOT_AN_OBJECT)]
    try:
        document = read(definition)
    except JsonSyntaxError as error:
        return [_syntax_problem(definition, error)]
    _check(document.value, report)
    problems = [_placed(problem, definition, document) for problem in report.problems]
    return [*problems, *_duplicates(definition, document)]


def _check(definition: Any, report: Report) -> None:
    if isinstance(definition, dict):
        check_definition(definition, report)
    else:
        report.problems.append(Problem(SCHEMA, "", _NOT_AN_OBJECT))


def _syntax_problem(text: str, error: JsonSyntaxError) -> Problem:
    # The service's parser reports the position after the error.
    line, column = line_and_column(text, error.end)
    hidden = len(text) - _SHOWN_OF_SOURCE
    source = f'(String)"{text[:_SHOWN_OF_SOURCE]}"' + (f"[truncated {hidden} chars]" if hidden > 0 else "")
    location = f"[Source: {source}; line: {line}, column: {column}]"
    start = line_and_column(text, error.start)
    return Problem("INVALID_JSON_DESCRIPTION", "", f"{error.message}\n at {location}", "ERROR", location, *start)


def _placed(problem: Problem, text: str, document: Document) -> Problem:
    pointer = problem.pointer
    while pointer not in document.offsets:
        pointer = pointer.rpartition("/")[0]
    line, column = line_and_column(text, document.offsets[pointer])
    return replace(problem, line=line, column=column)


def _duplicates(text: str, document: Document) -> list[Problem]:
    """Duplicate keys, of which JSON parsers silently drop all but one (RFC 8259, section 4)."""
    return [
        Problem(
            "DUPLICATE_STATE_NAME" if _names_a_state(pointer) else SCHEMA,
            pointer,
            f"Duplicate field '{pointer.rpartition('/')[2]}'",
            "ERROR",
            pointer,
            *line_and_column(text, offset),
        )
        for pointer, offset in document.duplicates
    ]


def _names_a_state(pointer: str) -> bool:
    steps = pointer.split("/")
    return len(steps) > 2 and steps[-2] == "States"  # noqa: PLR2004 - at least "", "States" and the name
