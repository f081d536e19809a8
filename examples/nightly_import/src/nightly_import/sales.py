"""Sales files: CSV with the columns `article`, `count`, `cents` and `total`."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class BadRowError(Exception):
    """A row that is not a sale, or whose total is wrong."""


@dataclass(frozen=True, slots=True)
class Sale:
    """A row. `total` is `count` times `cents`."""

    article: str
    count: int
    cents: int


def folder() -> Path:
    """The folder with the files: SALES_FOLDER, or `sales` by default."""
    return Path(os.environ.get("SALES_FOLDER", "sales"))


def read(path: Path) -> Iterator[Sale]:
    """The sales in a file, in order. Raises BadRowError."""
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                sale = Sale(row["article"], int(row["count"]), int(row["cents"]))
                total = int(row["total"])
            except (KeyError, TypeError, ValueError) as error:
                raise BadRowError(f"{path.name}, line {number}: not a sale") from error
            if total != sale.count * sale.cents:
                raise BadRowError(f"{path.name}, line {number}: {sale.count} x {sale.cents} is not {total}")
            yield sale
