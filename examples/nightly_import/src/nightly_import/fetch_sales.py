"""Find the day's file."""

from __future__ import annotations

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import File, Night
from .sales import folder


@contracts.fetch_sales
def fetch_sales(event: Night, context: StepContext) -> File:
    """Find the day's file, which the shops send by midnight, or a little later."""
    path = folder() / f"{event.at.date()}.csv"
    if not path.is_file():
        raise contracts.FileMissing(f"there is no {path.name} yet")
    with path.open(encoding="utf-8") as file:
        return File(path=str(path), rows=sum(1 for _ in file) - 1)
