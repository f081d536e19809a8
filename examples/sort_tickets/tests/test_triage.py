"""Tickets with typical texts."""

from datetime import UTC, datetime

import pytest

from sort_tickets.generated.contracts import StepContext
from sort_tickets.generated.models import Ticket
from sort_tickets.triage import triage

CONTEXT = StepContext(
    execution_id="arn:aws:states:us-east-1:111111111111:execution:sort_tickets:one",
    execution_name="one",
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    workflow="sort_tickets",
    step="decision",
)


@pytest.mark.parametrize(
    ("subject", "body", "team", "urgent"),
    [
        ("Charged twice", "My invoice was charged twice, I want a refund.", "billing", True),
        ("Login", "An error, whatever password I type.", "technical", False),
        ("Price of the error page", "", "general", False),
        ("Hello", "How are you?", "general", False),
    ],
)
def test_triage(subject: str, body: str, team: str, *, urgent: bool) -> None:
    decided = triage(Ticket(id="1", subject=subject, body=body), CONTEXT)

    assert (decided.team, decided.urgent) == (team, urgent)
