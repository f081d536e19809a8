"""The email to a manager, with a link for each answer."""

from __future__ import annotations

import os
from urllib.parse import urlencode


def letter(employee: str, cents: int, reason: str, token: str) -> str:
    """The text, with a link for each answer. `answer_page` serves ANSWERS_URL."""
    base = os.environ.get("ANSWERS_URL", "https://expenses.example.com/answer")
    links = {answer: f"{base}?{urlencode({'decision': answer, 'token': token})}" for answer in ("approved", "refused")}
    return (
        f"{employee} asks for {cents // 100}.{cents % 100:02} EUR: {reason}\n\n"
        f"Pay it: {links['approved']}\nRefuse it: {links['refused']}\n"
    )
