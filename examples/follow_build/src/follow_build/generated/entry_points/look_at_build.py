# Made by flowgen from workflows/follow_build.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: d8b5a7ffbbb29dca
"""Lambda's entry point of `look_at_build`."""

from typing import Any

from ...look_at_build import look_at_build as code
from ..contracts import look_at_build as contract
from ..models import Job
from ..runtime import EntryPoint

_entry_point = EntryPoint("look_at_build", contract(code), takes=Job, gives=Job)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
