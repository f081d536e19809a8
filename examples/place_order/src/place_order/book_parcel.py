"""Book a parcel with a carrier."""

from __future__ import annotations

from .carriers import service_for, tracking_number
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import BookParcelInput, Parcel


@contracts.book_parcel
def book_parcel(event: BookParcelInput, context: StepContext) -> Parcel:
    """Book a parcel with a carrier."""
    service = service_for(event.customer.country, express=event.express)
    return Parcel(carrier=service.carrier, tracking=tracking_number(service, event.reservation.id), days=service.days)
