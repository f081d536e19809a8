"""Email the manager a link for each answer."""

from __future__ import annotations

import smtplib
import sys
from email.message import EmailMessage
from os import environ

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Expense, Letter
from .letters import letter


@contracts.ask_manager
def ask_manager(event: Expense, context: StepContext) -> Letter:
    """Email the manager and return: the workflow waits until somebody answers with the task token."""
    if context.task_token is None:
        raise RuntimeError("there is no task token: the step has no `callback`")
    text = letter(event.employee, event.cents, event.reason, context.task_token)
    message = EmailMessage()
    message["From"], message["To"] = "expenses@example.com", event.manager
    message["Subject"] = f"Expense of {event.employee}"
    message.set_content(text)
    if host := environ.get("SMTP_HOST"):
        with smtplib.SMTP(host) as server:
            server.send_message(message)
    else:
        print(message, file=sys.stderr)
    return Letter(to=event.manager, text=text)
