"""Reads the items of a distributed Map from objects in S3, from a listing of them, or from the state's data.

See "ItemReader" in the developer guide. Objects are under "bucket/key", as text or bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple, Protocol, runtime_checkable

from flowgen.asl.json_text import parse_data
from flowgen.local.csv_rows import read_rows
from flowgen.local.failures import StateFailure
from flowgen.local.parquet import MissingLibrary, parquet_rows, unzstd
from flowgen.local.values import JSON, is_number

MOST_ITEMS = 100_000_000
"""Most items of one reader."""

STATE_DATA = "STATE_DATA"
"""The source of items from the state's data."""

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_NOT_ITERABLE = "Attempting to map over non-iterable node."


class Item(NamedTuple):
    """An item with its source. `key` is its name if it is a member of an object."""

    value: JSON
    source: str
    key: str | None = None

    @property
    def input(self) -> JSON:
        """The input of a child execution without an ItemSelector."""
        return self.value if self.key is None else {"Key": self.key, "Value": self.value}

    def context(self, index: int) -> dict[str, JSON]:
        """The members of `Map.Item` (developer guide, "Context object data for Map states")."""
        key = {} if self.key is None else {"Key": self.key}
        return {"Index": index, **key, "Value": self.value, "Source": self.source}


@runtime_checkable
class Listed(Protocol):
    """Objects that can be listed by prefix, for stores too large to iterate over."""

    def under(self, prefix: str) -> list[str]:
        """The names with this prefix, sorted."""


@runtime_checkable
class Binary(Protocol):
    """Objects that may be bytes."""

    def content(self, name: str) -> bytes:
        """The bytes of an object. Raises KeyError."""


Objects = Mapping[str, str]


def reader_failure(cause: str) -> StateFailure:
    """The failure of a Map run whose items can't be read."""
    return StateFailure("States.ItemReaderFailed", cause)


def items_of(value: JSON, source: str) -> Iterator[Item] | None:
    """The elements of an array or the members of an object; None for any other value."""
    if isinstance(value, list):
        return (Item(element, source) for element in value)
    if isinstance(value, Mapping):
        return (Item(member, source, name) for name, member in value.items())
    return None


def read_items(resource: str, arguments: JSON, config: Mapping[str, JSON], most: JSON, objects: Objects) -> list[Item]:
    """The items of an ItemReader. `most` is its MaxItems; 0 and None mean all."""
    if most is not None and (not is_number(most) or most < 0):
        raise reader_failure("field MaxItems must be positive")
    limit = min(int(most or MOST_ITEMS), MOST_ITEMS)
    bucket = arguments.get("Bucket") if isinstance(arguments, Mapping) else None
    if not isinstance(bucket, str):
        raise reader_failure("The Bucket field of the ItemReader must be a string")
    if resource.endswith(":s3:listObjectsV2"):
        return list(islice(_listed(bucket, str(arguments.get("Prefix", "")), config, objects), limit))
    name = f"{bucket}/{arguments.get('Key')}"
    if config.get("ManifestType") == "ATHENA_DATA":
        return list(islice(_athena(name, config, objects), limit))
    input_type = config.get("InputType", "JSON")
    if input_type == "MANIFEST" or config.get("ManifestType") == "S3_INVENTORY":
        return list(islice(_inventory(name, objects), limit))
    return list(islice(_content(name, input_type, config, objects), limit))


def _content(name: str, input_type: JSON, config: Mapping[str, JSON], objects: Objects) -> Iterator[Item]:
    """The items in an object of this input type."""
    source = f"s3://{name}"
    if input_type == "CSV":
        return (Item(row, source) for row in _rows(_text(name, objects), config))
    if input_type == "JSONL":
        return (Item(line, source) for line in _lines(_text(name, objects)))
    if input_type == "PARQUET":
        return (Item(row, source) for row in _parquet(name, objects))
    if input_type == "JSON":
        return _json_items(_text(name, objects), config, source)
    raise reader_failure(f"Unknown input type '{input_type}': use CSV, JSON, JSONL, PARQUET or MANIFEST")


def _bytes(name: str, objects: Objects) -> bytes:
    """The bytes of an object, decompressed: "Input files support GZIP, ZSTD"."""
    try:
        content: JSON = objects.content(name) if isinstance(objects, Binary) else objects[name]
    except KeyError:
        raise reader_failure(
            "The specified key does not exist. (Service: Amazon S3; Status Code: 404; Error Code: NoSuchKey; "
            f"Key: {name.partition('/')[2]})"
        ) from None
    return content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content


def _text(name: str, objects: Objects) -> str:
    content = _bytes(name, objects)
    try:
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        elif content.startswith(_ZSTD):
            content = unzstd(content)
        return content.decode("utf-8", "surrogatepass")
    except MissingLibrary as missing:
        raise reader_failure(f"The file '{name}' is compressed with zstd: {missing}") from None
    except UnicodeDecodeError:
        raise reader_failure(f"The file '{name}' is not UTF-8 text") from None
    except (OSError, EOFError, zlib.error) as error:
        raise reader_failure(f"The file '{name}' can't be decompressed: {error}") from None


def _parquet(name: str, objects: Objects) -> Iterator[JSON]:
    try:
        yield from parquet_rows(io.BytesIO(_bytes(name, objects)))
    except MissingLibrary as missing:
        raise reader_failure(f"The Parquet file '{name}' can't be read: {missing}") from None
    except (ValueError, OSError) as error:
        raise reader_failure(f"The file '{name}' is not a valid Parquet file: {error}") from None


def _json_items(text: str, config: Mapping[str, JSON], source: str) -> Iterator[Item]:
    try:
        content = parse_data(text)
    except ValueError as error:
        raise reader_failure(f"The file is not valid JSON: {error}") from None
    pointer = config.get("ItemsPointer", "")
    # A recording of 2023 shows that AWS rejects an object. The guide lists objects as items since 2025, but no
    # recording shows that AWS accepts a file that is one object, so the runner rejects it.
    items = None if isinstance(content, Mapping) and not pointer else items_of(_at_pointer(content, pointer), source)
    if items is None:
        raise reader_failure(_NOT_ITERABLE)
    return items


def _at_pointer(content: JSON, pointer: str) -> JSON:
    """The value at a JSON pointer (RFC 6901). Raises the failure of the Map run if there is none."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(content, Mapping) and name in content:
            content = content[name]
        elif isinstance(content, list) and name.isascii() and name.isdigit() and int(name) < len(content):
            content = content[int(name)]
        else:
            raise reader_failure(f"{_NOT_ITERABLE} There is no value at '{pointer}'.")
    return content


def _lines(text: str) -> Iterator[JSON]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield parse_data(line)
            except ValueError:
                raise reader_failure(f"Line {number} of the file is not valid JSON") from None


def _rows(text: str, config: Mapping[str, JSON]) -> Iterator[dict[str, str]]:
    """Rows as objects. Fields without a header are dropped, missing fields are empty strings."""
    rows = read_rows(text, _DELIMITERS.get(config.get("CSVDelimiter", "COMMA"), ","))
    headers = config.get("CSVHeaders", []) if config.get("CSVHeaderLocation") == "GIVEN" else next(rows, [])
    if len(set(headers)) != len(headers):
        raise reader_failure("CSV headers cannot contain duplicates.")
    for row in rows:
        values = [*row, *[""] * (len(headers) - len(row))]
        yield dict(zip(headers, values, strict=False))


def _athena(name: str, config: Mapping[str, JSON], objects: Objects) -> Iterator[Item]:
    """The items of the files in the manifest of an Athena UNLOAD, which has an S3 URL in each line."""
    input_type = config.get("InputType")
    if input_type not in ("CSV", "JSONL", "PARQUET"):
        raise reader_failure("The ManifestType ATHENA_DATA requires the InputType of its files: CSV, JSONL or PARQUET")
    for row in read_rows(_text(name, objects), ","):
        yield from _content(row[0].strip().removeprefix("s3://"), input_type, config, objects)


def _inventory(name: str, objects: Objects) -> Iterator[Item]:
    """The items of an S3 inventory: its manifest names CSV files without a header."""
    try:
        manifest = parse_data(_text(name, objects))
        bucket = manifest["destinationBucket"].rpartition(":")[2]
        headers = [header.strip() for header in manifest["fileSchema"].split(",")]
        keys = [file["key"] for file in manifest["files"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise reader_failure("The file is not a manifest of an S3 inventory") from None
    for key in keys:
        yield from _content(f"{bucket}/{key}", "CSV", {"CSVHeaderLocation": "GIVEN", "CSVHeaders": headers}, objects)


def _listed(bucket: str, prefix: str, config: Mapping[str, JSON], objects: Objects) -> Iterator[Item]:
    start = f"{bucket}/{prefix}"
    names = objects.under(start) if isinstance(objects, Listed) else sorted(n for n in objects if n.startswith(start))
    if config.get("Transformation") == "LOAD_AND_FLATTEN":
        for name in names:
            yield from _content(name, config.get("InputType", "JSON"), config, objects)
        return
    for name in names:
        yield Item(_listing(name.partition("/")[2], _bytes(name, objects)), f"s3://{bucket}")


def _listing(key: str, content: bytes) -> dict[str, JSON]:
    return {
        "Etag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"',
        "Key": key,
        "LastModified": 0,
        "Size": len(content),
        "StorageClass": "STANDARD",
    }
