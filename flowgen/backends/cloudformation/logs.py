"""The log groups of a workflow's machine, functions and APIs."""

from __future__ import annotations

from typing import Any

from flowgen.backends.cloudformation.intrinsics import sub
from flowgen.backends.cloudformation.surroundings import Surroundings
from flowgen.backends.cloudformation.units import Unit


def log_group(unit: Unit, around: Surroundings, name: str) -> dict[str, Any]:
    """A log group of that name, which is for `Fn::Sub`."""
    from flowgen.backends.cloudformation import resources

    return resources.log_group(name=sub(name), retention=unit.retention, key=around.keys.get(unit.workflow.name))
