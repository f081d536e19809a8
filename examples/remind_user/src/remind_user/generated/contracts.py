# Made by flowgen from workflows/remind_user.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 04d6e744afbabd10
"""Contracts of `remind_user`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar, final

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, DeclaredError, StepContext

from .models import User

__all__ = ["ContractViolation", "MailboxFull", "SendEmailHandler", "StepContext", "send_email"]


@final
class MailboxFull(DeclaredError):
    """Raised by `send_email`."""


SendEmailHandler: TypeAlias = _Contract[User, User]
_SendEmail = TypeVar("_SendEmail", bound=SendEmailHandler)


def send_email(handler: _SendEmail) -> _SendEmail:
    """Send the next reminder."""
    return handler
