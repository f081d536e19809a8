"""The check in JSONata agrees with JSON Schema on the schemas and values that the generated models are tried with."""

from __future__ import annotations

import json
import random

import pytest

from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import Expression
from flowgen.jsonata.failures import EvaluationFailure
from flowgen.jsonata.schema_check import schema_check
from tests.unit.backends.python.test_agreement import DEFINITIONS, SCHEMAS, VALUES, drawn, mutations, validator_of

DIFFERENCES = {
    "a host name": "like our models, the check accepts letters other than ASCII",
    "a reference of a URI": "like our models, the check accepts characters other than ASCII",
    "a CloudEvent": "like our models, the check accepts characters other than ASCII in a URI",
    "a pattern with escapes": r"in ECMA-262, `\w` is ASCII; the library uses the patterns of Python",
    "a field of mail": "the library accepts every string with `@`",
    "a format with a bound": "the library accepts every string with `@`",
    "integers beyond 64 bits": "JavaScript has no integers beyond 53 bits",
    "tenths": "the library divides in binary: 23901.000000000004 is not a multiple of 0.1 there",
    "very small steps": "the library divides in binary: 1.00277 is not a multiple of 1e-8 there",
}
"""The schemas for which the library that judges has another verdict on some values, and why."""


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name not in DIFFERENCES])
def test_the_verdict_is_that_of_json_schema(name: str) -> None:
    check = schema_check(SCHEMAS[name], DEFINITIONS)
    text = check.of("$value")
    expression = None if text is None else Expression(text)
    environment = Environment(random.Random(0), lambda: 0)  # noqa: S311 - the check draws no random numbers
    validator = validator_of(name)
    right = drawn(name)
    compared = 0
    for value in (*VALUES, *right, *(changed for one in right for changed in mutations(one))):
        if "\\n" in json.dumps(value):
            continue  # Python's `$` also matches before a line break at the end
        try:
            problem = "" if expression is None else expression.evaluate({"value": value}, environment)
        except EvaluationFailure as failure:
            if "Stack overflow" not in str(failure):
                raise
            continue
        compared += 1
        # A keyword that is left out makes the check accept more.
        fits = problem == ""
        assert fits is validator.is_valid(value) or (fits and check.left_out), (value, problem, text)
    assert compared >= len(VALUES)
