# Made by flowgen from workflows/follow_build.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: badda62922dd4b97
"""Lambda's entry point for `look_at_build`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...look_at_build import look_at_build as code
from ..contracts import look_at_build as contract
from ..models import Job

_entry_point = EntryPoint("look_at_build", contract(code), input_type=Job, output_type=Job)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
