"""Files of sales: CSV with the columns `article`, `count`, `cents` and `total`."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class BadRowError(Exception):
    """A row that is no sale, or does not add up."""


@dataclass(frozen=True, slots=True)
class Sale:
    """A row. `total` is `count` times `cents`."""

    article: str
    count: int
    cents: int


def folder() -> Path:
    """Where the files lie: SALES_FOLDER, else the folder `sales`."""
    return Path(os.environ.get("SALES_FOLDER", "sales"))


def read(path: Path) -> Iterator[Sale]:
    """The sales of a file, in order. Raises BadRowError."""
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                sale = Sale(row["article"], int(row["count"]), int(row["cents"]))
                total = int(row["total"])
            except (KeyError, TypeError, ValueError) as error:
                raise BadRowError(f"{path.name}, line {number}: no sale") from error
            if total != sale.count * sale.cents:
                raise BadRowError(f"{path.name}, line {number}: {sale.count} x {sale.cents} is not {total}")
            yield sale
