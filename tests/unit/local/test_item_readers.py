"""Where the items of a distributed Map come from, by the rules of the developer guide ("ItemReader")."""

from __future__ import annotations

import gzip
import io
import json
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from flowgen.local import Execution, execute
from flowgen.local.csv_rows import read_rows

JSON = Any

PAGE_EXAMPLE = (
    'abc,123,"This string contains commas, a double quotation marks (""), and a newline (\n)",'
    '{""MyKey"":""MyValue""},"[1,2,3]"\n'
)
"""The example of the page "How Step Functions parses input CSV files"."""


def run(items: JSON = None, objects: JSON = None, **fields: JSON) -> Execution:
    """A distributed Map whose children give what they get; by default over its input."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P",
        "States": {"P": {"Type": "Pass", "End": True}},
    }
    state = {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}
    return execute({"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": state}}, items, s3_objects=objects)


def read(objects: JSON, key: str = "k", **config: JSON) -> JSON:
    """The items of the object `k` in the bucket `b`."""
    arguments = {"Bucket": "b", "Key": key}
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config, "Arguments": arguments}
    execution = run(None, objects, ItemReader=reader)
    assert execution.status == "SUCCEEDED", execution.cause
    return execution.output


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            PAGE_EXAMPLE,
            [
                [
                    "abc",
                    "123",
                    'This string contains commas, a double quotation marks ("), and a newline (\n)',
                    '{"MyKey":"MyValue"}',
                    "[1,2,3]",
                ]
            ],
        ),
        (
            "path,size\nC:\\\\Program Files\\\\MyApp.exe,6534512",
            [["path", "size"], [r"C:\Program Files\MyApp.exe", "6534512"]],
        ),
        ("C:\\temp,1", [["C:temp", "1"]]),
        ("a\\,b,c", [["a,b", "c"]]),
        ('say \\"hi\\",c', [['say "hi"', "c"]]),
        ('"say \\"hi\\"",c', [['say "hi"', "c"]]),
        ('"a\\\\",c', [["a\\", "c"]]),
        ('"a""b",c', [['a"b', "c"]]),
        ('""a"",c', [['"a"', "c"]]),
        ('"""a""",c', [['"a"', "c"]]),
        ('a,"",b', [["a", "", "b"]]),
        ('"","",""', [["", "", ""]]),
        ('5" pipe,c', [['5" pipe', "c"]]),
        ('"a,\r\nb",c\r\nd,e\r', [["a,\nb", "c"], ["d", "e"]]),
        ("a,\n\n,b", [["a", ""], ["", "b"]]),
        ('"never closed,\nend', [["never closed,\nend"]]),
        ("", []),
    ],
)
def test_csv(text: str, rows: list[list[str]]) -> None:
    """Quotation marks and backslashes as the page says."""
    assert list(read_rows(text, ",")) == rows


@given(st.lists(st.lists(st.text(), min_size=1), min_size=1), st.sampled_from(",|; \t"))
def test_quoted_csv_comes_back(rows: list[list[str]], delimiter: str) -> None:
    """What is quoted, with its quotation marks repeated and its backslashes doubled, is read as it was."""
    rows = [[field.replace("\r\n", "\n").replace("\r", "\n") for field in row] for row in rows]

    def quoted(field: str) -> str:
        escaped = field.replace("\\", "\\\\").replace('"', '""')
        return f'"{escaped}"'

    text = "\n".join(delimiter.join(map(quoted, row)) for row in rows)
    assert list(read_rows(text, delimiter)) == rows


@given(st.text(alphabet='ab,"\\\n\r'))
def test_any_csv_is_read(text: str) -> None:
    """No text is rejected, and none gives a field that it does not hold."""
    for row in read_rows(text, ","):
        assert row
        assert sum(map(len, row)) <= len(text)


@pytest.mark.parametrize(
    ("delimiter", "text"), [("PIPE", "a|b,c"), ("SEMICOLON", "a;b,c"), ("TAB", "a\tb,c"), ("SPACE", "a b,c")]
)
def test_delimiters(delimiter: str, text: str) -> None:
    """Another delimiter makes the comma a character like any other."""
    config: JSON = {
        "InputType": "CSV",
        "CSVHeaderLocation": "GIVEN",
        "CSVHeaders": ["x", "y"],
        "CSVDelimiter": delimiter,
    }
    assert read({"b/k": text}, **config) == [{"x": "a", "y": "b,c"}]


def test_an_object_of_the_state_has_its_members_as_items() -> None:
    """By default and by `Items`; the context of an item has its key and its source."""
    members = {"a": 1, "b": {"x": 2}}
    listed = [{"Key": "a", "Value": 1}, {"Key": "b", "Value": {"x": 2}}]
    assert run(members).output == listed
    assert run({"in": members}, Items="{% $states.input.in %}").output == listed
    assert run(None, Items={"a": "{% 1 %}", "b": {"x": 2}}).output == listed
    assert run(members, ItemSelector="{% $states.context.Map.Item %}").output == [
        {"Index": 0, "Key": "a", "Value": 1, "Source": "STATE_DATA"},
        {"Index": 1, "Key": "b", "Value": {"x": 2}, "Source": "STATE_DATA"},
    ]


def test_an_inline_map_takes_no_object() -> None:
    """Only a distributed Map iterates over members."""
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    states = {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}
    assert execute({"StartAt": "M", "States": states}, {"a": 1}).error == "States.Runtime"


def test_json_files() -> None:
    """An array, or what a pointer leads to; a file that is one object is rejected, as a recording of 2023 shows."""
    nested = json.dumps({"a/b": [{"~": {"x": 1}}, [5, 6]]})
    for config in {"InputType": "JSON"}, {"InputType": "JSON", "ItemsPointer": ""}:
        with pytest.raises(AssertionError, match="Attempting to map over non-iterable node"):
            read({"b/k": '{"x": 1}'}, **config)
    assert read({"b/k": nested}, InputType="JSON", ItemsPointer="/a~1b/0/~0") == [{"Key": "x", "Value": 1}]
    assert read({"b/k": nested}, InputType="JSON", ItemsPointer="/a~1b/1") == [5, 6]


def test_lines_end_with_line_feeds_only() -> None:
    """Other separators of Unicode may be in a JSON string."""
    assert read({"b/k": '{"x": "a\u2028b\x85c"}\r\n[1]\n'}, InputType="JSONL") == [{"x": "a\u2028b\x85c"}, [1]]


def zstd(content: bytes) -> bytes:
    target = pa.BufferOutputStream()
    with pa.CompressedOutputStream(target, "zstd") as stream:
        stream.write(content)
    return bytes(target.getvalue())


@pytest.mark.parametrize("pack", [gzip.compress, zstd, bytes])
def test_compressed_files(pack: Any) -> None:
    """GZIP and ZSTD are recognized by their content."""
    assert read({"b/k": pack(b"[1, 2]")}, InputType="JSON") == [1, 2]


def table(**columns: JSON) -> bytes:
    target = io.BytesIO()
    parquet.write_table(pa.table(columns), target)
    return target.getvalue()


def test_parquet() -> None:
    """A row is an object; what JSON lacks is text, a decimal a number."""
    content = table(
        n=[1, 2**62], d=[date(2026, 1, 2), None], m=[Decimal("1.50"), Decimal("2.00")], b=[b"\x00", b""], l=[[1], []]
    )
    assert read({"b/k": content}, InputType="PARQUET") == [
        {"n": 1, "d": "2026-01-02", "m": 1.5, "b": "AA==", "l": [1]},
        {"n": 2**62, "d": None, "m": 2, "b": "", "l": []},
    ]


def test_parquet_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure says what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    arguments = {"Bucket": "b", "Key": "k"}
    for config, content in (({"InputType": "PARQUET"}, b"PAR1"), ({"InputType": "JSON"}, b"\x28\xb5\x2f\xfd")):
        reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config, "Arguments": arguments}
        execution = run(None, {"b/k": content}, ItemReader=reader)
        assert execution.error == "States.ItemReaderFailed"
        assert "pip install 'flowgen-aws[parquet]'" in (execution.cause or "")


@pytest.mark.parametrize(
    ("config", "first", "items"),
    [
        ({"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x"]}, "1\n2\n", [{"x": "1"}, {"x": "2"}]),
        ({"InputType": "JSONL"}, gzip.compress(b'{"x": 1}\n{"x": 2}\n', mtime=0), [{"x": 1}, {"x": 2}]),
        ({"InputType": "PARQUET"}, table(x=[1, 2]), [{"x": 1}, {"x": 2}]),
    ],
)
def test_athena_manifests(config: JSON, first: JSON, items: JSON) -> None:
    """The files that an UNLOAD query wrote, all of one type, in the order of the manifest."""
    objects = {"b/k": "s3://c/out/1\ns3://c/out/2\n", "c/out/1": first, "c/out/2": first}
    assert read(objects, ManifestType="ATHENA_DATA", **config) == [*items, *items]


def test_inventory_manifests() -> None:
    """The compressed lists of an S3 inventory, with the manifest's schema as headers; by either way to name it."""
    manifest = {
        "destinationBucket": "arn:aws:s3:::c",
        "fileSchema": "Bucket, Key",
        "files": [{"key": "data/1.csv.gz"}],
    }
    objects = {"b/k": json.dumps(manifest), "c/data/1.csv.gz": gzip.compress(b'"shop","a b"\n', mtime=0)}
    for config in ({"InputType": "MANIFEST"}, {"ManifestType": "S3_INVENTORY"}):
        assert read(objects, **config) == [{"Bucket": "shop", "Key": "a b"}]


def test_sources() -> None:
    """A listing has the bucket, what is read the object."""
    objects = {"b/in/1": "[7]", "b/in/2": "[8]"}
    arguments = {"Bucket": "b", "Prefix": "in/"}
    selector = "{% $states.context.Map.Item.Source %}"
    listing = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": arguments}
    assert run(None, objects, ItemReader=listing, ItemSelector=selector).output == ["s3://b", "s3://b"]
    flat = {**listing, "ReaderConfig": {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}}
    assert run(None, objects, ItemReader=flat).output == [7, 8]
    assert run(None, objects, ItemReader=flat, ItemSelector=selector).output == ["s3://b/in/1", "s3://b/in/2"]
