"""The check of a value in JSONata has the verdict of JSON Schema."""

from __future__ import annotations

import json
import random
import subprocess
from typing import Any

import jsonschema
import pytest

from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import Expression
from flowgen.jsonata.literals import regex
from flowgen.jsonata.schema_check import schema_check
from tests.tools import NODE_MODULES
from tests.unit.jsonata.schema_cases import Cases

SEEDS = 300


def problem(schema: Any, value: Any, definitions: dict[str, Any] | None = None) -> str:
    """The problem that the check finds in a value; empty if it fits."""
    expression = schema_check(schema, definitions or {}).of("$states.input")
    if expression is None:
        return ""
    environment = Environment(random.Random(0), lambda: 0)  # noqa: S311 - the check draws no random numbers
    found = Expression(expression).evaluate({"states": {"input": value}}, environment)
    assert isinstance(found, str)
    return found


def fits(case: Cases, value: Any) -> bool:
    whole = {"$ref": "#/$defs/Whole", "$defs": {**case.definitions, "Whole": case.schema}}
    return bool(jsonschema.Draft202012Validator(whole).is_valid(value))


@pytest.mark.parametrize("start", range(0, SEEDS, 50))
def test_random_schemas_and_values_get_the_verdict_of_json_schema(start: int) -> None:
    for seed in range(start, start + 50):
        case = Cases(seed)
        for value in case.values:
            found = problem(case.schema, value, case.definitions)
            assert (found == "") is fits(case, value), (seed, case.schema, value, found)


@pytest.mark.needs("node")
def test_the_reference_implementation_agrees() -> None:
    requests: list[dict[str, Any]] = []
    expected: list[str] = []
    for seed in range(SEEDS):
        case = Cases(seed)
        expression = schema_check(case.schema, case.definitions).of("$value")
        for value in case.values if expression is not None else ():
            requests.append({"expression": expression, "bindings": {"value": value}})
            expected.append(problem(case.schema, value, case.definitions))
    lines = "".join(f"{json.dumps(request)}\n" for request in requests)
    command = ["node", str(NODE_MODULES.parent / "evaluate.js")]
    answered = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout
    found = [json.loads(line) for line in answered.splitlines()]
    assert len(found) == len(expected) > SEEDS
    for request, answer, text in zip(requests, found, expected, strict=True):
        assert answer == {"value": text}, request


LINE = {
    "type": "object",
    "properties": {"sku": {"type": "string"}, "qty": {"type": "integer", "minimum": 1}, "due": {"format": "date"}},
    "required": ["sku", "qty"],
    "additionalProperties": False,
}
ORDER = {
    "type": "object",
    "properties": {"lines": {"type": "array", "items": LINE, "minItems": 1}},
    "required": ["lines"],
}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"lines": [{"sku": "a", "qty": 2}]}, ""),
        ({"lines": [{"sku": "a", "qty": 2}, {"sku": "a", "qty": "2"}]}, "$.lines[1].qty: expected integer, got string"),
        ({"lines": [{"sku": "a", "qty": 1.5}]}, "$.lines[0].qty: expected integer, got a fraction"),
        ({"lines": [{"sku": "a", "qty": 0}]}, "$.lines[0].qty: expected at least 1"),
        ({"lines": [{"sku": "a"}]}, "$.lines[0].qty: missing"),
        ({"lines": [{"sku": "a", "qty": 1, "note": "x"}]}, "$.lines[0].note: not allowed"),
        ({"lines": [{"sku": "a", "qty": 1, "due": "2027-02-29"}]}, "$.lines[0].due: expected date"),
        ({"lines": []}, "$.lines: expected at least 1 item"),
        ({"lines": {}}, "$.lines: expected array, got object"),
        ([], "$: expected object, got array"),
    ],
)
def test_a_problem_names_the_place_and_the_reason(value: Any, message: str) -> None:
    assert problem(ORDER, value) == message


@pytest.mark.parametrize(
    ("format_", "right", "wrong"),
    [
        ("date-time", ["2024-02-29T23:59:59Z", "2027-01-01T00:00:00.123456789+02:00", "2016-12-31T23:59:60Z"],
         ["2027-02-29T00:00:00Z", "2027-01-01", "1800000000", "2027-01-01T00:00:60Z"]),
        ("date", ["2000-02-29", "2027-12-31"], ["0000-02-29", "0000-01-01", "1900-02-29", "2027-04-31", "20270101",
                                               "2027-01-01\n"]),
        ("time", ["00:00:00Z", "23:59:59.5-01:30"], ["24:00:00Z", "12:00:00", "12:00Z"]),
        ("duration", ["P1M", "P1Y2M3DT4H5M6S", "P3W", "PT1H", "P1Y3D", "PT1.5S", "PT0,5H"],
         ["P", "PT", "1h", "P1S", "P1DT", "PT1.5H1S", "PT1.S"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000", "x"]),
        ("ipv4", ["0.0.0.0", "255.255.255.255"], ["256.0.0.1", "1.2.3", "01.2.3.4"]),  # noqa: S104 - a value to check
        ("ipv6", ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "1::8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4",
          "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8"], ["1:2:3", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9"]),
        ("email", ["ada@example.com", "a.b+c@x.y"], ["ada", "a b@c.d", "@x", "a@-x.y"]),
        ("hostname", ["example.com", "a-b"], ["-a", "a..b", "x" * 64, ""]),
        ("json-pointer", ["", "/a/b~0c~1d", "/"], ["a", "/~2"]),
        ("relative-json-pointer", ["0#", "1/a"], ["/a", "01"]),
        ("uri-template", ["https://a.example/{id}{?q,n*}"], ["{", "{}", "a b"]),
        ("uri", ["https://example.com/a?b=c#d", "urn:a:b"], ["/a", "http://a b", "1http://x"]),
    ],
)  # fmt: skip
def test_formats(format_: str, right: list[str], wrong: list[str]) -> None:
    schema = {"type": "string", "format": format_}
    assert [problem(schema, text) for text in right] == [""] * len(right)
    assert [problem(schema, text) for text in wrong] == [f"$: expected {format_}"] * len(wrong)


def test_a_recursive_type_is_checked_at_each_level() -> None:
    tree = {
        "type": "object",
        "properties": {"size": {"type": "integer"}, "parts": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
    }
    value = {"parts": [{"parts": [{"size": 1}, {"size": "big"}]}]}
    assert (
        problem({"$ref": "#/$defs/Tree"}, value, {"Tree": tree})
        == "$.parts[0].parts[1].size: expected integer, got string"
    )


def test_a_tagged_union_is_checked_by_its_tag() -> None:
    def variant(tag: str, key: str) -> dict[str, Any]:
        fields = {"kind": {"const": tag}, key: {"type": "string"}}
        return {"type": "object", "properties": fields, "required": ["kind", key], "additionalProperties": False}

    types = {"Card": variant("card", "number"), "Bill": variant("bill", "address")}
    mapping = {"card": "#/$defs/Card", "bill": "#/$defs/Bill"}
    options = [{"$ref": target} for target in mapping.values()]
    schema = {"oneOf": options, "discriminator": {"propertyName": "kind", "mapping": mapping}}
    assert problem(schema, {"kind": "bill", "address": "x"}, types) == ""
    assert problem(schema, {"kind": "card", "address": "x"}, types) == "$.number: missing"
    assert problem(schema, {"kind": "cash"}, types) == '$.kind: expected ["card","bill"]'
    assert problem(schema, "cash", types) == "$: expected object, got string"


def test_what_jsonata_cannot_express_is_left_out() -> None:
    schema = {"type": "string", "pattern": r"^\p{Lu}"}
    assert schema_check(schema, {}).left_out == (("pattern", r"^\p{Lu}"),)
    assert schema_check({"type": "string", "format": "regex"}, {}).left_out == (("format", "regex"),)
    assert schema_check({"unevaluatedProperties": False}, {}).left_out == (("unevaluatedProperties", "false"),)


@pytest.mark.parametrize("pattern", ["(?i)a", "${x}", r"\u{61}", "(?<name>a)", "a\\"])
def test_a_pattern_that_means_something_else_in_jsonata_is_not_used(pattern: str) -> None:
    assert regex(pattern) is None


def test_an_expression_has_no_text_that_cloudformation_or_step_functions_would_read() -> None:
    schema = {"type": "object", "properties": {"${a}%}": {"type": "string", "pattern": r"\${b}|%}|{%"}}}
    expression = schema_check(schema, {}).of("$states.input") or ""
    assert not any(text in expression for text in ("${", "{%", "%}"))


def test_another_name_of_a_type_costs_no_level() -> None:
    """AWS evaluates 100 levels."""
    types: dict[str, Any] = {f"T{index}": {"$ref": f"#/$defs/T{index + 1}"} for index in range(200)}
    types["T200"] = {"type": "string"}
    assert problem({"$ref": "#/$defs/T0"}, "x", types) == ""
    assert problem({"$ref": "#/$defs/T0"}, 1, types) == "$: expected string, got number"


def test_the_size_of_a_check_is_that_of_its_schema() -> None:
    """No part of a schema is in the expression twice, however it is nested."""
    sizes = []
    for levels in (8, 16):
        schema: dict[str, Any] = {"type": "string"}
        for _ in range(levels):
            test = {"contains": schema, "minContains": 1, "maxContains": 2}
            schema = {"if": test, "then": {"maxItems": 3}, "else": {"minItems": 1}}
        sizes.append(len(schema_check(schema, {}).of("$v") or ""))
    assert sizes[1] < 3 * sizes[0]


def test_a_declared_type_that_accepts_everything_reads_no_variable() -> None:
    """Step Functions rejects variables that no state assigns."""
    text = schema_check({"$ref": "#/$defs/Guest"}, {"Guest": {}}).of("$value")
    assert text is not None
    assert "$nothing" not in text
    assert Expression(text).evaluate({"value": 1}, Environment(random.Random(0), lambda: 0)) == ""  # noqa: S311


def test_patterns_that_the_validator_cannot_read_are_left_out() -> None:
    check = schema_check({"type": "string", "pattern": "Order[]"}, {})
    assert check.left_out == (("pattern", "Order[]"),)
