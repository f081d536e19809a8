"""Choose the team for a ticket, and whether it is urgent."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Ticket, Triage

Team: TypeAlias = Literal["billing", "technical", "general"]

WORDS: dict[Team, frozenset[str]] = {
    "billing": frozenset({"invoice", "payment", "refund", "charge", "charged", "price"}),
    "technical": frozenset({"error", "crash", "crashes", "login", "password", "slow", "down"}),
}
URGENT = frozenset({"urgent", "immediately", "down", "stolen", "twice"})


@contracts.triage
def triage(event: Ticket, context: StepContext) -> Triage:
    """Choose the team with the most keywords in the ticket, or the general team in a tie."""
    words = re.findall(r"[a-z]+", f"{event.subject} {event.body}".lower())
    counts: dict[Team, int] = {team: sum(word in own for word in words) for team, own in WORDS.items()}
    best = max(counts.values())
    leading: list[Team] = [team for team, count in counts.items() if count == best]
    team: Team = leading[0] if best and len(leading) == 1 else "general"
    return Triage(team=team, urgent=any(word in URGENT for word in words))
