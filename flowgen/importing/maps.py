"""Map states as `for_each`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowgen.importing.expressions import (
    CannotExpressError,
    Naming,
    as_jsonata,
    expression_text,
    in_yaml,
    inner,
    is_expression,
    translated,
)
from flowgen.importing.graph import State
from flowgen.importing.tasks import number

_FORMATS = {"CSV": "csv", "JSON": "json", "JSONL": "jsonl", "MANIFEST": "manifest", "PARQUET": "parquet"}


def loop_keys(state: State, naming: Naming, as_: str) -> tuple[dict[str, Any], Mapping[str, str], str | None]:
    """The keys of a `for_each`; the texts of the fields of its body's input, and the text of the whole input."""
    processor = state.get("ItemProcessor") or state["Iterator"]
    config = processor.get("ProcessorConfig", {})
    distributed = config.get("Mode") == "DISTRIBUTED" or bool(
        {"ItemReader", "ItemBatcher", "ResultWriter"} & state.keys()
    )
    keys: dict[str, Any] = {}
    if "ItemReader" in state:
        keys["for_each"] = _reader(state["ItemReader"], naming)
    elif "Items" in state:
        items = state["Items"]
        keys["for_each"] = translated(inner(items), naming) if is_expression(items) else in_yaml(items, naming)
    else:
        found = naming("states", ("input",))
        if found is None:
            raise CannotExpressError("its items have no name here")
        keys["for_each"] = found[0]
    keys["as"] = as_
    if "MaxConcurrency" in state:
        keys["max_concurrency"] = number(state["MaxConcurrency"], naming)
    if distributed:
        keys["mode"] = "distributed"
        keys["child_type"] = config.get("ExecutionType", "STANDARD").lower()
        if "Label" in state:
            keys["label"] = state["Label"]
    inputs, whole = _inputs(state, naming, as_)
    if "ItemBatcher" in state:
        keys["batch"] = _batch(state["ItemBatcher"], naming)
        if "ItemSelector" in state:
            raise CannotExpressError("it selects a part of each item of its batches")
        inputs = {"Items": f"${as_}", **({"BatchInput": "$batch"} if "with" in keys["batch"] else {})}
        whole = "{" + ", ".join(f"'{key}': {text}" for key, text in inputs.items()) + "}"
    if "ResultWriter" in state:
        keys["writer"] = _writer(state["ResultWriter"], naming)
    if "ToleratedFailureCount" in state or "ToleratedFailurePercentage" in state:
        names = {"ToleratedFailureCount": "count", "ToleratedFailurePercentage": "percent"}
        keys["tolerate"] = {key: number(state[name], naming) for name, key in names.items() if name in state}
    return keys, inputs, whole


def _inputs(state: State, naming: Naming, as_: str) -> tuple[Mapping[str, str], str | None]:
    selector = state.get("ItemSelector")
    if selector is None:
        return {}, f"${as_}"

    def inside(variable: str, path: tuple[str, ...]) -> tuple[str, int] | None:
        if variable == "states" and path[:4] == ("context", "Map", "Item", "Value"):
            return f"${as_}", 4
        if variable == "states" and path[:4] == ("context", "Map", "Item", "Index"):
            return "$index", 4
        return naming(variable, path)

    whole = as_jsonata(selector, inside)
    if not isinstance(selector, Mapping):
        return {}, whole
    return {key: as_jsonata(value, inside) for key, value in selector.items()}, whole


def _reader(reader: Mapping[str, Any], naming: Naming) -> dict[str, Any]:
    resource = reader["Resource"]
    config = reader.get("ReaderConfig", {})
    arguments = reader.get("Arguments", {})
    if not isinstance(arguments, Mapping):
        raise CannotExpressError("one expression computes all arguments of its reader")
    if resource.endswith("s3:listObjectsV2"):
        made: dict[str, Any] = {"reader": "objects"}
    elif resource.endswith("s3:getObject") and config.get("InputType") in _FORMATS:
        made = {"reader": _FORMATS[config["InputType"]]}
    else:
        raise CannotExpressError(f"no reader is like `{resource}`")
    names = {"Bucket": "bucket", "Key": "key", "Prefix": "prefix"}
    unknown = arguments.keys() - names.keys()
    known = {"InputType", "MaxItems", "CSVHeaders", "CSVHeaderLocation", "CSVDelimiter", "ItemsPointer"}
    unknown |= config.keys() - known
    if unknown:
        raise CannotExpressError(f"its reader has `{min(unknown)}`")
    made |= {names[name]: in_yaml(value, naming) for name, value in arguments.items()}
    options = {"MaxItems": "max_items", "ItemsPointer": "pointer", "CSVHeaders": "headers", "CSVDelimiter": "delimiter"}
    for name, value in config.items():
        if name == "MaxItems" and value:
            made["max_items"] = number(value, naming)
        elif name in options and name != "MaxItems":
            made[options[name]] = in_yaml(value, naming)
    return made


def _batch(batcher: Mapping[str, Any], naming: Naming) -> dict[str, Any]:
    names = {"MaxItemsPerBatch": "items", "MaxInputBytesPerBatch": "bytes", "BatchInput": "with"}
    unknown = batcher.keys() - names.keys()
    if unknown:
        raise CannotExpressError(f"its batcher has `{min(unknown)}`")
    return {
        names[name]: in_yaml(value, naming) if name == "BatchInput" else number(value, naming)
        for name, value in batcher.items()
    }


def _writer(writer: Mapping[str, Any], naming: Naming) -> dict[str, Any]:
    arguments = writer.get("Arguments", {})
    if not isinstance(arguments, Mapping) or arguments.keys() - {"Bucket", "Prefix"} or "WriterConfig" in writer:
        raise CannotExpressError("its writer has options that `writer` does not have")
    return {name.lower(): in_yaml(value, naming) for name, value in arguments.items()}


__all__ = ["expression_text", "loop_keys"]
