# Made by flowgen from workflows/follow_build.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: cbe5a608fa1a9a0f
"""Lambda's entry point of `start_build`."""

from typing import Any

from ...start_build import start_build as code
from ..contracts import start_build as contract
from ..models import Build, Job
from ..runtime import EntryPoint

_entry_point = EntryPoint("start_build", contract(code), takes=Build, gives=Job)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
