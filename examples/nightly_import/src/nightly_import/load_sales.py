"""Add the day's sales to the totals."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import File, Loaded
from .sales import read


@contracts.load_sales
def load_sales(event: File, context: StepContext) -> Loaded:
    """Write the day's count of each article next to the file. Loading the file again changes nothing."""
    path = Path(event.path)
    counts: Counter[str] = Counter()
    cents = 0
    for sale in read(path):
        counts[sale.article] += sale.count
        cents += sale.count * sale.cents
    path.with_suffix(".json").write_text(json.dumps(dict(sorted(counts.items()))), encoding="utf-8")
    return Loaded(rows=event.rows, cents=cents)
