"""Write an invoice."""

from __future__ import annotations

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Payment, WriteInvoiceInput


@contracts.write_invoice
def write_invoice(event: WriteInvoiceInput, context: StepContext) -> Payment:
    """Write an invoice."""
    number = f"{context.started_at:%Y}-{event.order}"
    print(f"Invoice {number} to {event.customer.email}: please pay {event.amount / 100:.2f} within 14 days.")
    return Payment(method="invoice", reference=number)
