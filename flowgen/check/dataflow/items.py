"""What a `for_each` reads, iterates over and writes."""

from __future__ import annotations

import functools

from flowgen.check.dataflow.contracts import Contracts
from flowgen.check.dataflow.csv_items import check_csv
from flowgen.check.dataflow.state import FlowState
from flowgen.check.dataflow.values import Teller, type_of, value_of
from flowgen.model import ForEach, Reader, Writer
from flowgen.types import TEXT_TYPE, Array, array_of, expand, unknown
from flowgen.types.algebra import join_arrays


def items_of(step: ForEach, known: FlowState, contracts: Contracts, teller: Teller) -> Array:
    """FG302, FG304: what is iterated over is an array."""
    items = step.items
    if isinstance(items, Reader):
        check_places(items, ("bucket", "key", "prefix"), known, "a reader", teller)
        item = contracts.sent(items.item)
        check_csv(items, item, teller)
        return Array((), item)
    found = type_of(items, known.variables, teller, catchable=False)
    teller.fit(items, step.span_of("for_each"), found, array_of(unknown("")), "`for_each`", None)
    arrays = expand(found).arrays
    if not arrays:
        return Array((), unknown("it is not known what is iterated over"))
    return functools.reduce(join_arrays, arrays)


def check_places(owner: Reader | Writer, keys: tuple[str, ...], known: FlowState, what: str, teller: Teller) -> None:
    """FG302: names and keys in S3 are strings."""
    for key in keys:
        value = getattr(owner, key)
        if value is not None:
            found = value_of(value, known.variables, teller, catchable=True)
            teller.fit(value, owner.span_of(key), found, TEXT_TYPE, f"the `{key}` of {what}", None)
