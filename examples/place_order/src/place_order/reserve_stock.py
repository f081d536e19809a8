"""Reserve the goods."""

from __future__ import annotations

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Reservation, ReserveStockInput, Shortage
from .warehouse import MissingError, warehouse


@contracts.reserve_stock
def reserve_stock(event: ReserveStockInput, context: StepContext) -> Reservation:
    """Reserve all of the goods, or none."""
    try:
        warehouse().reserve(event.order, ((line.sku, line.quantity) for line in event.lines))
    except MissingError as missing:
        shortage = Shortage(sku=missing.sku, wanted=missing.wanted, available=missing.available)
        raise contracts.OutOfStock(shortage) from missing
    return Reservation(id=event.order, lines=event.lines)
