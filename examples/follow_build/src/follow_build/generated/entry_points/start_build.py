# Made by flowgen from workflows/follow_build.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 242cc3171bc15f76
"""Lambda's entry point for `start_build`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...start_build import start_build as code
from ..contracts import start_build as contract
from ..models import Build, Job

_entry_point = EntryPoint("start_build", contract(code), input_type=Build, output_type=Job)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
