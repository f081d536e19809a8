# Made by flowgen from workflows/remind_user.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: b2da194fd5a77cb0
"""Lambda's entry point of `send_email`."""

from typing import Any

from ...send_email import send_email as code
from ..contracts import send_email as contract
from ..models import User
from ..runtime import EntryPoint

_entry_point = EntryPoint("send_email", contract(code), takes=User, gives=User)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
