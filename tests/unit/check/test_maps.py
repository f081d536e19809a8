"""`for_each`: its modes and readers."""

from __future__ import annotations

import pytest

from tests.unit.check.marks import found, one

EACH = "steps:\n  - id: a\n    for_each: %s\n    steps: []\n"


@pytest.mark.parametrize(
    "option",
    [
        "«batch»: {items: 10}",
        "«writer»: {bucket: results}",
        "«tolerate»: 5",
        "«child_type»: express",
        "«label»: each",
    ],
)
def test_options_of_the_distributed_mode(option: str) -> None:
    """They ask for child executions."""
    text = EACH % "$input.l" + f"    {option}\n"
    assert one(text, "FG408").help == "add `mode: distributed`"
    assert found(text.replace("«", "").replace("»", "") + "    mode: distributed\n", "FG408") == []


def test_reader_needs_the_distributed_mode() -> None:
    """Only a distributed map reads its items from S3."""
    text = EACH % "«{reader: objects, bucket: b}»"
    assert "a reader" in one(text, "FG408").message
    assert found(text.replace("«", "").replace("»", "") + "    mode: distributed\n", "FG408") == []


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        ("{reader: «csv», bucket: b}", "`reader: csv` needs `key`, the key of the file"),
        ("{reader: json, bucket: b, key: k, «headers»: [a]}", "`reader: json` does not support `headers`"),
        ("{reader: parquet, bucket: b, key: k, «pointer»: /a}", "`reader: parquet` does not support `pointer`"),
        ("{reader: objects, bucket: b, «key»: k}", "`reader: objects` does not support `key`"),
        ("{reader: csv, bucket: b, key: k, «prefix»: p}", "`reader: csv` does not support `prefix`"),
    ],
)
def test_reader(reader: str, message: str) -> None:
    """A file has a key, a listing a prefix."""
    assert one(EACH % reader + "    mode: distributed\n", "FG408").message == message


def test_empty_batch() -> None:
    """A batch is bounded by one of the two."""
    text = EACH % "$input.l" + "    mode: distributed\n    batch: «{with: 1}»\n"
    assert one(text, "FG408").message == "a batch needs `items` or `bytes`, its maximum size"


def test_concurrency() -> None:
    """AWS runs 40 items of an inline map at once."""
    assert one(EACH % "$input.l" + "    max_concurrency: «41»\n", "FG409").severity == "warning"
    assert found(EACH % "$input.l" + "    max_concurrency: 40\n", "FG409") == []
    assert found(EACH % "$input.l" + "    max_concurrency: 1000\n    mode: distributed\n", "FG409") == []


@pytest.mark.parametrize("label", ["a b", "a*", "a/b", "a:b", "x" * 41, '""'])
def test_label(label: str) -> None:
    """The characters and the length that AWS documents."""
    assert "label" in one(EACH % "$input.l" + f"    mode: distributed\n    label: «{label}»\n", "FG402").message


def test_label_twice() -> None:
    """A label tells one map's runs from the others'."""
    text = "steps:\n" + "".join(
        f"  - {{id: {name}, for_each: $input.l, mode: distributed, label: {label}, steps: []}}\n"
        for name, label in (("a", "same"), ("b", "«same»"))
    )
    assert [label.text for label in one(text, "FG402").secondary] == ["taken here"]


def test_index_of_a_batch() -> None:
    """Items of a batch have no index."""
    text = EACH.replace("[]", "[{id: b, set: '${ «$index» }'}]") % "$input.l" + "    mode: distributed\n"
    assert one(text + "    batch: {items: 2}\n", "FG203").code == "FG203"
    assert found(text.replace("«", "").replace("»", ""), "FG203") == []
