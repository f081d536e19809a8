"""Parquet files and zstd, read with pyarrow, which is installed with `flowgen-aws[parquet]`."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any

from flowgen.local.values import JSON


class MissingLibrary(Exception):  # noqa: N818 - a state of the installation
    """What reads these files is not installed; the message says how to install it."""

    def __init__(self) -> None:
        super().__init__("pyarrow is not installed; install it with `pip install 'flowgen-aws[parquet]'`")


def parquet_rows(file: IO[bytes]) -> Iterator[JSON]:
    """The rows of a Parquet file as JSON objects. Raises `MissingLibrary`, ValueError or OSError.

    Dates and times are ISO 8601, bytes base64; a decimal is a number.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise MissingLibrary from None
    for batch in parquet.ParquetFile(file).iter_batches():
        for row in batch.to_pylist():
            yield json.loads(json.dumps(row, default=_as_json))


def unzstd(content: bytes) -> bytes:
    """Decompresses zstd. Raises `MissingLibrary` or OSError."""
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
