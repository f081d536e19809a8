"""Decide which team looks after a ticket, and how soon."""

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
    """Decide by the words of a ticket: the team with most of its own, in doubt the general one."""
    words = re.findall(r"[a-z]+", f"{event.subject} {event.body}".lower())
    counts: dict[Team, int] = {team: sum(word in own for word in words) for team, own in WORDS.items()}
    best = max(counts.values())
    leading: list[Team] = [team for team, count in counts.items() if count == best]
    team: Team = leading[0] if best and len(leading) == 1 else "general"
    return Triage(team=team, urgent=any(word in URGENT for word in words))
