"""What the items of a distributed Map come from: objects in S3, read or listed, and the state's own data.

See "ItemReader" in the developer guide. The objects are under "bucket/key", as text or as bytes.
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
"""Items that a reader hands on at most."""

STATE_DATA = "STATE_DATA"
"""The source of items that are data of the state."""

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_NOT_ITERABLE = "Attempting to map over non-iterable node."


class Item(NamedTuple):
    """An item, and what its context tells of it: the member of the object that it is, and where it was read from."""

    value: JSON
    source: str
    key: str | None = None

    @property
    def input(self) -> JSON:
        """What a child execution gets when nothing selects from the item."""
        return self.value if self.key is None else {"Key": self.key, "Value": self.value}

    def context(self, index: int) -> dict[str, JSON]:
        """The members of `Map.Item` (developer guide, "Context object data for Map states")."""
        key = {} if self.key is None else {"Key": self.key}
        return {"Index": index, **key, "Value": self.value, "Source": self.source}


@runtime_checkable
class Listed(Protocol):
    """Objects that are too many to go through, but can be listed under a prefix."""

    def under(self, prefix: str) -> list[str]:
        """The names that start so, sorted."""


@runtime_checkable
class Binary(Protocol):
    """Objects that need not be texts."""

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
    """The items that an ItemReader gives; `most` is its MaxItems, 0 or None for all."""
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
    """The items in an object of a type."""
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
    # A recording of 2023 shows that an object is refused. The guide lists objects as items since 2025; as long as no
    # recording shows that AWS accepts a whole file that is one, a run here does not either.
    items = None if isinstance(content, Mapping) and not pointer else items_of(_at_pointer(content, pointer), source)
    if items is None:
        raise reader_failure(_NOT_ITERABLE)
    return items


def _at_pointer(content: JSON, pointer: str) -> JSON:
    """What a JSON pointer (RFC 6901) leads to."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(content, Mapping) and name in content:
            content = content[name]
        elif isinstance(content, list) and name.isascii() and name.isdigit() and int(name) < len(content):
            content = content[int(name)]
        else:
            raise reader_failure(f"{_NOT_ITERABLE} Nothing is at '{pointer}'.")
    return content


def _lines(text: str) -> Iterator[JSON]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield parse_data(line)
            except ValueError:
                raise reader_failure(f"Line {number} of the file is not valid JSON") from None


def _rows(text: str, config: Mapping[str, JSON]) -> Iterator[dict[str, str]]:
    """Rows as objects: fields beyond the headers are dropped, missing ones empty."""
    rows = read_rows(text, _DELIMITERS.get(config.get("CSVDelimiter", "COMMA"), ","))
    headers = config.get("CSVHeaders", []) if config.get("CSVHeaderLocation") == "GIVEN" else next(rows, [])
    if len(set(headers)) != len(headers):
        raise reader_failure("CSV headers cannot contain duplicates.")
    for row in rows:
        values = [*row, *[""] * (len(headers) - len(row))]
        yield dict(zip(headers, values, strict=False))


def _athena(name: str, config: Mapping[str, JSON], objects: Objects) -> Iterator[Item]:
    """The items of the files that the manifest of an Athena UNLOAD lists, one URL in S3 a line."""
    input_type = config.get("InputType")
    if input_type not in ("CSV", "JSONL", "PARQUET"):
        raise reader_failure("The ManifestType ATHENA_DATA needs the InputType of its files: CSV, JSONL or PARQUET")
    for row in read_rows(_text(name, objects), ","):
        yield from _content(row[0].strip().removeprefix("s3://"), input_type, config, objects)


def _inventory(name: str, objects: Objects) -> Iterator[Item]:
    """The items of the lists of an S3 inventory's manifest, which are CSV files without a header."""
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
