"""See how far the build is."""

from __future__ import annotations

from .builder import builder
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Job


@contracts.look_at_build
def look_at_build(event: Job, context: StepContext) -> Job:
    """See how far the build is; one that failed is an error, so that the workflow need not look for it."""
    found = builder().look(event.id)
    if found["status"] == "failed":
        raise contracts.BuildFailed(f"the build {event.id} failed")
    return Job.model_validate(found)
