"""Plain strings that look like expressions (FG314): which ones, and the text to write instead."""

from __future__ import annotations

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_text

HEAD = """\
flowgen: 1
name: shop
input: {fields: {id: string, note?: string}}
steps:
  - {id: order, set: {total: 1}}
"""


def looks_like(step: str) -> list[Diagnostic]:
    return [one for one in check_text(f"{HEAD}  - id: sent\n    {step}\n") if one.code == "FG314"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$input.id", "${ $input.id }"),
        ("$input", "${ $input }"),
        ("$order.total", "${ $order.total }"),
        ("$misspelt", "${ $misspelt }"),
        ("$misspelt.total", "${ $misspelt.total }"),
        ("$.id", "${ $input.id }"),
        ("$$.Execution.Id", "${ $context.Execution.Id }"),
        ("$input['id']", "${ $input.id }"),
        ("$input.note or 'none'", "${ $exists($input.note) ? $input.note : 'none' }"),
        ("$count($order)", "${ $count($order) }"),
        ("https://shop.example/$input.id/items", "https://shop.example/${ $input.id }/items"),
        ("order $input.id of ${ $order.total }", "order ${ $input.id } of ${ $order.total }"),
        ("'{{ input.id }}'", "${ $input.id }"),
        ("'{{ $input.id }}'", "${ $input.id }"),
        ("'Hello {{ order.total }}!'", "Hello ${ $order.total }!"),
        ("'{{ total }}'", "${ $total }"),
    ],
)
def test_braces_are_missing(written: str, meant: str) -> None:
    [found] = looks_like(f"set:\n      total: {written}")

    assert found.help == f'write `"{meant}"`'


@pytest.mark.parametrize(("written", "meant"), [("True", "true"), ("False", "false"), ("None", "null")])
def test_words_of_other_languages(written: str, meant: str) -> None:
    [found] = looks_like(f"set: {{total: {written}}}")

    assert found.help == f'write `{meant}`, or "{written}" for the string'
    assert looks_like(f"set: {{total: '{written}'}}") == []


@pytest.mark.parametrize(
    ("pair", "help_"),
    [
        ('"id.$": "$.id"', 'write `id: "${ $input.id }"`'),
        ('"id.$": "$$.Execution.Name"', 'write `id: "${ $context.Execution.Name }"`'),
        ('"id.$": "States.UUID()"', 'name the key `id`, and write `"${ $uuid() }"`'),
        ("id: States.UUID()", 'write `"${ $uuid() }"`'),
    ],
)
def test_json_path_of_step_functions(pair: str, help_: str) -> None:
    [found] = looks_like(f"set: {{{pair}}}")

    assert found.help == help_


@pytest.mark.parametrize(
    "step",
    [
        "fail: {error: Bad, cause: «$input.id»}",
        "http: GET https://shop.example/«$input.id»\n    connection: shop",
        "http: POST https://shop.example\n    connection: shop\n    body: {id: «$input.id»}",
        "aws: dynamodb:getItem\n    with: {TableName: orders, Key: {id: {S: «$input.id»}}}",
        "return: «$input.id»",
        "if: $input.id = 'a'\n    set: 1\n    skipped: «$input.id»",
        "for_each: $input.id\n    steps: [{id: inner, set: «$input.id»}]",
    ],
)
def test_everywhere_a_value_is_sent(step: str) -> None:
    before, _, _ = step.partition("«")
    [found] = looks_like(step.replace("«", "").replace("»", ""))

    assert found.span is not None
    assert found.span.start.line == 7 + before.count("\n")
    assert found.span.start.column == len(before.rpartition("\n")[2]) + (1 if "\n" in before else 5)


@pytest.mark.parametrize(
    "text",
    [
        "costs $5",
        "$HOME",
        "/usr/$HOME/bin",
        "a$input.id",
        "echo $index",
        "'{{resolve:ssm:/shop/key}}'",
        "NO",
        "~",
        "on",
        "null",
        "Dear {{name}}",
        "$${ $input.id }",
    ],
)
def test_strings_that_stay(text: str) -> None:
    assert looks_like(f"set:\n      total: {text}") == []


def test_paths_that_aws_reads_stay() -> None:
    assert looks_like("set: {InputPath: $.detail, InputPathsMap: {id: $.detail.id}}") == []
