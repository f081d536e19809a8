"""Distributed Map: child executions, readers, batches, tolerated failures, and results in S3."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.local import Execution, execute

JSON = Any
ECHO = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
READER = {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "b", "Key": "k"}}


def run(data: JSON = None, objects: dict[str, str] | None = None, body: JSON = None, **fields: JSON) -> Execution:
    processor = {**(body or ECHO), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    state = {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}
    definition = {"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": state}}
    return execute(definition, data, s3_objects=objects)


def read(text: str, **config: JSON) -> Execution:
    return run(objects={"b/k": text}, ItemReader={**READER, "ReaderConfig": config})


def failing_over(limit: int) -> JSON:
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": f"{{% $states.input > {limit} %}}", "Next": "F"}],
        "Default": "P",
    }
    return {
        "StartAt": "C",
        "States": {"C": choice, "F": {"Type": "Fail", "Error": "Large"}, "P": {"Type": "Pass", "End": True}},
    }


def test_children_are_their_own_executions() -> None:
    """A child has its own input and name in its context, and sees no outer variable."""
    body = {
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Pass",
                "Output": {
                    "input": "{% $states.context.Execution.Input %}",
                    "machine": "{% $states.context.StateMachine.Name %}",
                    "outer": "{% $exists($x) %}",
                },
                "End": True,
            }
        },
    }
    processor = {**body, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "M"},
        "M": {"Type": "Map", "Label": "lines", "ItemProcessor": processor, "End": True},
    }
    output = execute({"QueryLanguage": "JSONata", "StartAt": "A", "States": states}, ["a"]).output
    assert output == [{"input": "a", "machine": "StateMachine/lines", "outer": False}]


@pytest.mark.parametrize(
    ("text", "config", "items"),
    [
        ("[1, 2, 3]", {"InputType": "JSON"}, [1, 2, 3]),
        ("[1, 2, 3]", {"InputType": "JSON", "MaxItems": 2}, [1, 2]),
        ('{"a": {"b": [1]}}', {"InputType": "JSON", "ItemsPointer": "/a/b"}, [1]),
        ('{"n": 1}\n\n{"n": 2}\n', {"InputType": "JSONL"}, [{"n": 1}, {"n": 2}]),
        (
            "x,y\n1,2\n3\n",
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            [{"x": "1", "y": "2"}, {"x": "3", "y": ""}],
        ),
        (
            "1|2|3\n",
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x", "y"], "CSVDelimiter": "PIPE"},
            [{"x": "1", "y": "2"}],
        ),
        ('x\n"a,b\nc"\n', {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, [{"x": "a,b\nc"}]),
        ("", {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, []),
    ],
)
def test_readers(text: str, config: JSON, items: list[JSON]) -> None:
    """Objects are read as JSON, JSON Lines and CSV."""
    assert read(text, **config).output == items


@pytest.mark.parametrize(
    ("text", "config", "cause"),
    [
        ("{", {"InputType": "JSON"}, "not valid JSON"),
        ('"text"', {"InputType": "JSON"}, "Attempting to map over non-iterable node."),
        ("{\n", {"InputType": "JSONL"}, "Line 1 of the file is not valid JSON"),
        (
            "a,a\n1,2\n",
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "CSV headers cannot contain duplicates.",
        ),
        ("[]", {"InputType": "PARQUET"}, "is not a valid Parquet file"),
        ("[NaN]", {"InputType": "JSON"}, "not valid JSON"),
        ("[" * 100_000, {"InputType": "JSON"}, "not valid JSON"),
        ('{"a": [1]}', {"InputType": "JSON", "ItemsPointer": "/a/1"}, "There is no value at '/a/1'"),
        ("[]", {"InputType": "XML"}, "Unknown input type 'XML'"),
        ("s3://b/x", {"InputType": "JSON", "ManifestType": "ATHENA_DATA"}, "requires the InputType of its files"),
        ("[]", {"InputType": "JSON", "MaxItems": -1}, "field MaxItems must be positive"),
    ],
)
def test_what_cannot_be_read_fails_the_run(text: str, config: JSON, cause: str) -> None:
    """The Map run fails with the reader's error."""
    execution = read(text, **config)
    assert execution.error == "States.ItemReaderFailed"
    assert cause in (execution.cause or "")


def test_a_missing_object_fails_the_run() -> None:
    """An object that is not there is the reader's error too."""
    execution = run(objects={}, ItemReader={**READER, "ReaderConfig": {"InputType": "JSON"}})
    assert execution.error == "States.ItemReaderFailed"


def test_objects_are_listed() -> None:
    """A listing gives the keys under a prefix, or what is in the objects."""
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": "b", "Prefix": "in/"}}
    objects = {"b/in/2": "[3]", "b/in/1": "[1, 2]", "b/out/1": "[9]"}
    listed = run(objects=objects, ItemReader=reader).output
    assert [(item["Key"], item["Size"]) for item in listed] == [("in/1", 6), ("in/2", 3)]
    config = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
    assert run(objects=objects, ItemReader={**reader, "ReaderConfig": config}).output == [1, 2, 3]


def test_an_inventory_is_read() -> None:
    """A manifest of an S3 inventory gives the rows of its files."""
    manifest = {
        "destinationBucket": "arn:aws:s3:::b",
        "fileSchema": "Bucket, Key",
        "files": [{"key": "f1"}, {"key": "f2"}],
    }
    objects = {"b/k": json.dumps(manifest), "b/f1": "x,1\n", "b/f2": "x,2\n"}
    execution = run(objects=objects, ItemReader={**READER, "ReaderConfig": {"InputType": "MANIFEST"}})
    assert execution.output == [{"Bucket": "x", "Key": "1"}, {"Bucket": "x", "Key": "2"}]


@pytest.mark.parametrize(
    ("batcher", "batches"),
    [
        ({"MaxItemsPerBatch": 2}, [[1, 2], [3, 4], [5]]),
        ({"MaxInputBytesPerBatch": 6}, [[1, 2, 3], [4, 5]]),
        ({"MaxItemsPerBatch": 2, "MaxInputBytesPerBatch": 2}, [[1], [2], [3], [4], [5]]),
        ({}, [[1, 2, 3, 4, 5]]),
    ],
)
def test_batches(batcher: JSON, batches: list[JSON]) -> None:
    """Batches are within their number of items and of bytes."""
    execution = run([1, 2, 3, 4, 5], ItemBatcher={**batcher, "BatchInput": {"n": "{% $count($states.input) %}"}})
    assert execution.output == [{"BatchInput": {"n": 5}, "Items": batch} for batch in batches]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "FAILED"),
        ({"ToleratedFailureCount": 2}, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49.9}, "FAILED"),
        ({"ToleratedFailureCount": 9, "ToleratedFailurePercentage": 10}, "FAILED"),
    ],
)
def test_failures_are_tolerated_up_to_a_threshold(fields: JSON, status: str) -> None:
    """Two of four children fail; the run fails when that is more than either threshold."""
    execution = run([1, 2, 3, 4], body=failing_over(2), **fields)
    assert execution.status == status
    if status == "SUCCEEDED":
        assert execution.output == [1, 2]
    else:
        assert execution.error == "States.ExceedToleratedFailureThreshold"


def test_results_are_written() -> None:
    """The writer leaves a manifest, the results and the failures, and tells where."""
    objects: dict[str, str] = {}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "b", "Prefix": "out"}}
    output = run([1, 5], objects, failing_over(2), ResultWriter=writer, ToleratedFailureCount=1).output
    manifest = json.loads(objects[f"b/{output['ResultWriterDetails']['Key']}"])
    files = manifest["ResultFiles"]
    assert manifest["MapRunArn"] == output["MapRunArn"]
    assert [len(files[status]) for status in ("SUCCEEDED", "FAILED", "PENDING")] == [1, 1, 0]
    succeeded = json.loads(objects[f"b/{files['SUCCEEDED'][0]['Key']}"])
    failed = json.loads(objects[f"b/{files['FAILED'][0]['Key']}"])
    assert [(entry["Status"], entry["Output"]) for entry in succeeded] == [("SUCCEEDED", "1")]
    assert [(entry["Status"], entry["Error"]) for entry in failed] == [("FAILED", "Large")]


@pytest.mark.parametrize(("transformation", "expected"), [("COMPACT", [[1], [2, 3]]), ("FLATTEN", [1, 2, 3])])
def test_results_are_reshaped(transformation: str, expected: JSON) -> None:
    """A writer without a place only reshapes the result."""
    writer = {"WriterConfig": {"Transformation": transformation}}
    assert run([[1], [2, 3]], ResultWriter=writer).output == expected


def test_children_run_at_the_same_time() -> None:
    """The concurrency of a Map run is honoured in virtual time."""
    body = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}}
    assert run(list(range(10)), body=body).elapsed == 1
    assert run(list(range(10)), body=body, MaxConcurrency=4).elapsed == 3


@pytest.mark.parametrize(
    ("mode", "fields", "cause"),
    [
        ("INLINE", {"MaxConcurrency": "{% -1 %}"}, "MaxConcurrency cannot be negative."),
        ("DISTRIBUTED", {"MaxConcurrency": "{% -1 %}"}, "MaxConcurrency cannot be negative."),
        ("DISTRIBUTED", {"ToleratedFailureCount": "{% -1 %}"}, "ToleratedFailureCount cannot be negative."),
        ("DISTRIBUTED", {"ItemBatcher": {"MaxItemsPerBatch": "{% -1 %}"}}, "MaxItemsPerBatch must be positive."),
        ("DISTRIBUTED", {"ItemBatcher": {"MaxItemsPerBatch": "{% 0 %}"}}, "MaxItemsPerBatch must be positive."),
        (
            "DISTRIBUTED",
            {"ItemBatcher": {"MaxInputBytesPerBatch": "{% 0 %}"}},
            "MaxInputBytesPerBatch must be positive.",
        ),
    ],
)
def test_counts_that_are_too_small_fail(mode: str, fields: JSON, cause: str) -> None:
    """A count that an expression computes is checked as a literal one is; none makes the run wait forever."""
    processor = {
        **ECHO,
        "ProcessorConfig": {"Mode": mode, **({"ExecutionType": "EXPRESS"} if mode != "INLINE" else {})},
    }
    state = {"Type": "Map", "Items": [1, 2], "ItemProcessor": processor, "End": True, **fields}
    found = execute({"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": state}})
    assert (found.status, found.error) == ("FAILED", "States.Runtime")
    assert found.cause is not None
    assert found.cause.endswith(cause)
