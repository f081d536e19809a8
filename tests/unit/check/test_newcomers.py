"""Mistakes of people who know other languages: the help says what to type."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from flowgen.pipeline import check_text

MISTAKES: list[dict[str, str]] = tomllib.loads(Path(__file__).with_name("newcomers.toml").read_text("utf-8"))["mistake"]
WORKFLOW = """\
flowgen: 1
name: shop
input:
  fields:
    id: string
    count: integer
    list: integer[]
    open: boolean
    day: date-time
    note?: string
    field: {type}
types:
  Item: {{fields: {{id: string}}}}
functions:
  work: {{input: Item, output: Item}}
steps:
  - id: tried
    {step}
"""


@pytest.mark.parametrize("mistake", MISTAKES, ids=[one["help"] for one in MISTAKES])
def test_help_says_what_to_type(mistake: dict[str, str]) -> None:
    """The first finding is about the mistake, and there is no other without help."""
    expression = mistake.get("expression")
    step = mistake.get("step") or f"set: {json.dumps(f'${{ {expression} }}' if expression else 1, ensure_ascii=False)}"
    field = mistake.get("type", "string")
    text = WORKFLOW.format(type=json.dumps(field), step=step)

    found = [one for one in check_text(text) if one.code != "FG209"]

    assert [one.help for one in found][:1] == [mistake["help"]], [(one.code, one.message, one.help) for one in found]
    assert all(one.help for one in found)


@pytest.mark.parametrize("written", ["[a, b]?", "[a, b] = a", "List[Item]"])
def test_types_without_quotes_are_not_yaml(written: str) -> None:
    [found] = check_text(WORKFLOW.format(type=written, step="set: 1"))

    quoted = [one["help"] for one in MISTAKES if one.get("type") == written]
    assert found.help in (*quoted, 'write `"Item[]"`')


def test_a_record_without_fields() -> None:
    text = WORKFLOW.replace("Item: {{fields: {{id: string}}}}", "Item: {{id: string, size: integer}}")
    [found] = [one for one in check_text(text.format(type="string", step="set: 1")) if one.code == "FG109"]

    assert found.help == "put the fields of a type under `fields`: write `{fields: {id: …, size: …}}`"
