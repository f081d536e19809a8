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
