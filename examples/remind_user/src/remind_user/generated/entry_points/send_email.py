# Made by flowgen from workflows/remind_user.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: b6025d618859655a
"""Lambda's entry point for `send_email`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...send_email import send_email as code
from ..contracts import send_email as contract
from ..models import User

_entry_point = EntryPoint("send_email", contract(code), input_type=User, output_type=User)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
