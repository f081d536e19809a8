"""Reads Parquet files and zstd with pyarrow, which `flowgen-aws[parquet]` installs."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any

from flowgen.local.values import JSON


class MissingLibrary(Exception):  # noqa: N818 - a state of the installation
    """pyarrow is not installed. The message says how to install it."""

    def __init__(self) -> None:
        super().__init__("pyarrow is not installed; install it with `pip install 'flowgen-aws[parquet]'`")


def parquet_rows(file: IO[bytes]) -> Iterator[JSON]:
    """The rows of a Parquet file as JSON objects. Raises `MissingLibrary`, ValueError or OSError.

    Dates and times become ISO 8601, bytes base64, and decimals numbers.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise MissingLibrary from None
    for batch in parquet.ParquetFile(file).iter_batches():
        for row in batch.to_pylist():
            yield json.loads(json.dumps(row, default=_as_json))


def unzstd(content: bytes) -> bytes:
    """Decompress zstd. Raises `MissingLibrary` or OSError."""
    try:
        import pyarrow as pa
    except ImportError:
        raise MissingLibrary from None
    with pa.input_stream(pa.BufferReader(content), compression="zstd") as stream:
        return bytes(stream.read())


def _as_json(value: Any) -> JSON:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)
