"""What the items of a distributed Map come from: objects in S3, read as CSV, JSON, JSON Lines or manifest, or listed.

See "ItemReader" in the developer guide. The objects are texts under "bucket/key".
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from flowgen.local.failures import StateFailure
from flowgen.local.values import JSON, is_number

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_ITEMS = 100_000_000
"""Items that a reader hands on at most."""

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


@runtime_checkable
class Listed(Protocol):
    """Objects that are too many to go through, but can be listed under a prefix."""

    def under(self, prefix: str) -> list[str]:
        """The names that start so, sorted."""


def reader_failure(cause: str) -> StateFailure:
    """The failure of a Map run whose items can't be read."""
    return StateFailure("States.ItemReaderFailed", cause)


def read_items(
    resource: str, arguments: JSON, config: Mapping[str, JSON], most: JSON, objects: Mapping[str, str]
) -> list[JSON]:
    """The items that an ItemReader gives; `most` is its MaxItems, 0 or None for all."""
    if most is not None and (not is_number(most) or most < 0):
        raise reader_failure("field MaxItems must be positive")
    limit = min(int(most or MOST_ITEMS), MOST_ITEMS)
    bucket = arguments.get("Bucket") if isinstance(arguments, Mapping) else None
    if not isinstance(bucket, str):
        raise reader_failure("The Bucket field of the ItemReader must be a string")
    if resource.endswith(":s3:listObjectsV2"):
        return _listed(bucket, str(arguments.get("Prefix", "")), config, limit, objects)
    text = _object(bucket, arguments.get("Key"), objects)
    input_type = config.get("InputType", "JSON")
    if input_type == "CSV":
        return _first(_rows(text, config), limit)
    if input_type == "JSONL":
        return _first(_lines(text), limit)
    if input_type == "MANIFEST":
        return _first(_manifest(text, config, objects), limit)
    if input_type == "JSON":
        return _array(text, config, limit)
    raise reader_failure(f"The input type {input_type} can't be read here: use CSV, JSON, JSONL or MANIFEST")


def _object(bucket: str, key: JSON, objects: Mapping[str, str]) -> str:
    text = objects.get(f"{bucket}/{key}")
    if text is None:
        raise reader_failure(
            "The specified key does not exist. (Service: Amazon S3; Status Code: 404; Error Code: NoSuchKey; "
            f"Key: {key})"
        )
    return text


def _first(items: Iterator[JSON], limit: int) -> list[JSON]:
    return [item for item, _ in zip(items, range(limit), strict=False)]


def _array(text: str, config: Mapping[str, JSON], limit: int) -> list[JSON]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise reader_failure(f"The file is not valid JSON: {error}") from None
    pointer = config.get("ItemsPointer", "")
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if not isinstance(content, Mapping) or name not in content:
            raise reader_failure(f"Attempting to map over non-iterable node. Nothing is at '{pointer}'.")
        content = content[name]
    if isinstance(content, list):
        return content[:limit]
    if isinstance(content, Mapping) and "ItemsPointer" in config:
        return [{"Key": name, "Value": value} for name, value in content.items()][:limit]
    raise reader_failure("Attempting to map over non-iterable node.")


def _lines(text: str) -> Iterator[JSON]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError:
                raise reader_failure(f"Line {number} of the file is not valid JSON") from None


def _rows(text: str, config: Mapping[str, JSON]) -> Iterator[dict[str, str]]:
    """Rows as objects: fields beyond the headers are dropped, missing ones empty."""
    delimiter = _DELIMITERS.get(config.get("CSVDelimiter", "COMMA"), ",")
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    headers = config.get("CSVHeaders", []) if config.get("CSVHeaderLocation") == "GIVEN" else next(rows, [])
    if len(set(headers)) != len(headers):
        raise reader_failure("CSV headers cannot contain duplicates.")
    for row in rows:
        if row:
            values = [*row, *[""] * (len(headers) - len(row))]
            yield dict(zip(headers, values, strict=False))


def _manifest(text: str, config: Mapping[str, JSON], objects: Mapping[str, str]) -> Iterator[JSON]:
    """The items of the files that a manifest lists: of an Athena UNLOAD (URLs), or of an S3 inventory (JSON)."""
    if config.get("ManifestType") == "ATHENA_DATA":
        nested = {**config, "InputType": config.get("InputTypeOfFiles", "JSONL")}
        for url in filter(None, map(str.strip, text.splitlines())):
            bucket, _, key = url.removeprefix("s3://").partition("/")
            yield from _content(_object(bucket, key, objects), nested)
        return
    try:
        manifest = json.loads(text)
        bucket = manifest["destinationBucket"].rpartition(":")[2]
        headers = [header.strip() for header in manifest["fileSchema"].split(",")]
        keys = [file["key"] for file in manifest["files"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise reader_failure("The file is not a manifest of an S3 inventory") from None
    for key in keys:
        yield from _rows(_object(bucket, key, objects), {"CSVHeaderLocation": "GIVEN", "CSVHeaders": headers})


def _content(text: str, config: Mapping[str, JSON]) -> Iterator[JSON]:
    reader: Callable[[], Iterator[JSON]] = {
        "CSV": lambda: _rows(text, config),
        "JSONL": lambda: _lines(text),
    }.get(config["InputType"], lambda: iter(_array(text, config, MOST_ITEMS)))
    return reader()


def _listed(bucket: str, prefix: str, config: Mapping[str, JSON], limit: int, objects: Mapping[str, str]) -> list[JSON]:
    start = f"{bucket}/{prefix}"
    names = objects.under(start) if isinstance(objects, Listed) else sorted(n for n in objects if n.startswith(start))
    found = [name.partition("/")[2] for name in names]
    if config.get("Transformation") == "LOAD_AND_FLATTEN":
        loaded = {**config, "InputType": config.get("InputType", "JSON")}
        contents = (item for key in found for item in _content(objects[f"{bucket}/{key}"], loaded))
        return _first(contents, limit)
    return [_listing(key, objects[f"{bucket}/{key}"]) for key in found[:limit]]


def _listing(key: str, text: str) -> dict[str, JSON]:
    content = text.encode()
    return {
        "Etag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"',
        "Key": key,
        "LastModified": 0,
        "Size": len(content),
        "StorageClass": "STANDARD",
    }
