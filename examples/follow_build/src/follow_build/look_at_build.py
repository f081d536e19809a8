"""Fetch the status of a build."""

from __future__ import annotations

from .builder import builder
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Job


@contracts.look_at_build
def look_at_build(event: Job, context: StepContext) -> Job:
    """Fetch the status of a build. Raises BuildFailed, so that the workflow does not have to check for failure."""
    found = builder().look(event.id)
    if found["status"] == "failed":
        raise contracts.BuildFailed(f"the build {event.id} failed")
    return Job.model_validate(found)
