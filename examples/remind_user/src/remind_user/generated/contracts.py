# Made by flowgen from workflows/remind_user.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: d758b24735c394e0
"""What the functions of `remind_user` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar, final

from .json_values import ContractViolation
from .models import User
from .runtime import DeclaredError, StepContext

__all__ = [
    "ContractViolation",
    "MailboxFull",
    "SendEmailHandler",
    "StepContext",
    "send_email",
]


@final
class MailboxFull(DeclaredError):
    """Raised by `send_email`."""


class SendEmailHandler(Protocol):
    """Send the next reminder."""

    def __call__(self, event: User, context: StepContext, /) -> User | Awaitable[User]: ...


_SendEmail = TypeVar("_SendEmail", bound=SendEmailHandler)


def send_email(handler: _SendEmail) -> _SendEmail:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
