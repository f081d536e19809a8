"""JSON texts from outside are read by `json_text.parse`, which raises only ValueError."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

import flowgen
from flowgen.asl.json_text import parse
from flowgen.asl.validation.positions import JsonSyntaxError, read
from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import compile_expression
from flowgen.local import execute

PRODUCT = Path(flowgen.__file__).parent

WITHOUT_PARSE = {
    "asl/json_text.py": "`parse` itself",
    "asl/validation/positions.py": "limits the depth itself",
    "types/notation.py": "a layer below `parse`; catches RecursionError",
    "jsonata/aws_functions.py": "a package that may not import `parse`; catches RecursionError",
    "jsonata/evaluate.py": "what the evaluator wrote",
    "installation.py": "metadata that the installer wrote",
    "model/python_types.py": "catches RecursionError",
    "model/json_schema.py": "catches RecursionError",
    "user_types/schema_cache.py": "catches RecursionError",
    "user_types/program.py": "what flowgen wrote",
    "user_types/describe.py": "what flowgen's program wrote",
    "up_to_date.py": "catches RecursionError; loaded before anything else",
    "packaging/compile_modules.py": "what flowgen wrote; runs in another Python",
    "packaging/distributions.py": "what `to_json` wrote",
    "aws/api.py": "data that botocore ships",
    "aws/resource_properties.py": "data that flowgen ships",
    "aws/sdk_actions.py": "data that botocore ships",
    "backends/python/support/json_values.py": "copied into projects; handlers' own values",
    "backends/python/support/lambda_handlers.py": "copied into projects; what `json.dumps` wrote",
    "cli/project_template.py": "data that flowgen ships",
    "backends/terraform/provider_schema.py": "data that flowgen ships",
    "cdk/synthesis.py": "what flowgen wrote",
    "comparing/execution.py": "what `json.dumps` wrote",
    "pipeline/packages.py": "what flowgen wrote",
    "pipeline/permissions.py": "what flowgen wrote",
    "serving/persistence.py": "what flowgen wrote",
    "serving/store.py": "what flowgen wrote",
    "running/environment.py": "what flowgen wrote",
    "running/program.py": "what flowgen wrote",
    "local/parquet.py": "what `json.dumps` wrote",
    "local/tasks.py": "what `encode` wrote",
}


def readers() -> Iterator[str]:
    """The modules that call the standard library's reader of JSON."""
    for path in sorted(PRODUCT.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        attributes = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "json"
        }
        if attributes & {"loads", "load", "JSONDecoder"}:
            yield path.relative_to(PRODUCT).as_posix()


def test_all_other_modules_use_parse() -> None:
    assert set(readers()) == set(WITHOUT_PARSE)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 200_000,
        "9" * 400,
        "9" * 5000,
        f"-{'9' * 400}",
        "1e999",
        "-1e999",
        "NaN",
        "Infinity",
        "-Infinity",
        "",
        '"\x00"',
        "{",
    ],
    ids=lambda text: text[:12],
)
def test_parse_raises_only_value_errors(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


@pytest.mark.parametrize("digits", [309, 400, 5000])
def test_numbers_beyond_a_double_do_not_end_an_evaluation_with_a_bug(digits: int) -> None:
    """`$parse` reads them as infinite, and an infinite number leaves as a string, as `1e308 * 10` does on AWS."""
    environment = Environment(Random(1), lambda: 0)  # noqa: S311 - reproducible on purpose
    found = compile_expression("$parse($text)").evaluate({"text": f"[{'9' * digits}]"}, environment)
    assert found == ["Infinity"]


@pytest.mark.parametrize("value", [10**400, -(10**400), [10**400], {"a": 10**4000}])
def test_a_handler_that_returns_a_number_beyond_a_double_fails_its_step(value: object) -> None:
    machine = {
        "StartAt": "A",
        "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:::function:f", "End": True}},
    }
    execution = execute(machine, {}, tasks={"f": lambda _: value})
    assert execution.error == "Runtime.MarshalError"
    assert "is too large" in (execution.cause or "")


@pytest.mark.parametrize(
    "text", ["9" * 400, "9" * 5000, "1e999", "[1, -1e999]", '{"a": 1e400}'], ids=lambda text: text[:12]
)
def test_a_definition_with_a_number_beyond_a_double_is_not_read(text: str) -> None:
    with pytest.raises(JsonSyntaxError, match="too large"):
        read(text)
