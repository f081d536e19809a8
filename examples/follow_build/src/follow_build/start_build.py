"""Start a build of a revision."""

from __future__ import annotations

from .builder import builder
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Build, Job


@contracts.start_build
def start_build(event: Build, context: StepContext) -> Job:
    """Start a build of a revision."""
    return Job.model_validate(builder().start(event.repository, event.revision))
