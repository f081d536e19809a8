"""Send the next reminder."""

from __future__ import annotations

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import User
from .messages import compose
from .outbox import NoRoomError, outbox


@contracts.send_email
def send_email(event: User, context: StepContext) -> User:
    """Send the next reminder."""
    message = compose(event.name, event.email, event.times_reminded)
    try:
        outbox()(message)
    except NoRoomError as full:
        raise contracts.MailboxFull(str(full)) from full
    return event.model_copy(update={"times_reminded": event.times_reminded + 1})
