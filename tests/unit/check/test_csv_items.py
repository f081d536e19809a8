"""Fields of the items that are read from CSV."""

from __future__ import annotations

import pytest

from flowgen.pipeline import check_text

TEXT = """\
flowgen: 1
name: import_lines
types:
  Line: {fields: {sku: string, kind: [a, b], note?: string, day: date, %s}}
steps:
  - id: lines
    for_each: {reader: %s, bucket: b, key: k, item: %s}
    mode: distributed
    steps: []
"""


@pytest.mark.parametrize(
    ("field", "reader", "item", "messages"),
    [
        ("count: integer", "csv", "Line", ["`count` is declared as `integer`, but CSV columns are strings"]),
        ("open: boolean?", "csv", "Line", ["`open` is declared as `boolean | null`, but CSV columns are strings"]),
        ("rows: 'string[]'", "csv", "Line", ["`rows` is declared as `string[]`, but CSV columns are strings"]),
        ("count: string", "csv", "Line", []),
        ("count: string | integer", "csv", "Line", []),
        ("count: any", "csv", "Line", []),
        ("count: integer", "jsonl", "Line", []),
        ("count: integer", "csv", "string", ["an item of a CSV file is an object of strings, not `string`"]),
        ("count: integer", "csv", "any", []),
    ],
)
def test_columns_are_strings(field: str, reader: str, item: str, messages: list[str]) -> None:
    found = [one for one in check_text(TEXT % (field, reader, item)) if one.code == "FG302"]

    assert [one.message for one in found] == messages
    assert all(one.span is not None and one.span.start.line == 7 for one in found)


@pytest.mark.parametrize(
    ("field", "reader", "item", "messages"),
    [
        ("count: integer", "csv", "Line", []),
        ("count: 'integer?'", "csv", "Line", []),
        ("count: [1, 2]", "csv", "Line", []),
        ("open?: boolean", "csv", "Line", []),
        ("count: integer", "manifest", "Line", []),
        ("rows: 'string[]'", "csv", "Line", ["`rows` is declared as `string[]`, but CSV columns are strings"]),
        ("count: integer", "csv", "'string[]'", ["an item of a CSV file is an object of strings, not `string[]`"]),
    ],
)
def test_converted_columns_can_be_numbers_and_booleans(field: str, reader: str, item: str, messages: list[str]) -> None:
    found = check_text(TEXT.replace("item: %s}", "item: %s, convert: true}") % (field, reader, item))

    assert [one.message for one in found if one.code == "FG302"] == messages


def test_a_reader_of_other_files_converts_nothing() -> None:
    found = check_text(TEXT.replace("item: %s}", "item: %s, convert: true}") % ("count: integer", "jsonl", "Line"))

    assert [(one.code, one.message) for one in found if one.code == "FG408"] == [
        ("FG408", "`reader: jsonl` does not support `convert`")
    ]


def test_a_number_in_a_csv_file_gets_convert_as_its_help() -> None:
    (found,) = [one for one in check_text(TEXT % ("count: integer", "csv", "Line")) if one.code == "FG302"]

    assert found.help == "add `convert: true` to the reader, or declare it as `string`"
