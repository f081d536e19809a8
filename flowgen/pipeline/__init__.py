"""From workflow files to results: read, check, compile, emit.

In: workflow files of a project. Out: diagnostics, state machines, artifacts.
Never: click, printing, a phase that runs twice for a workflow.

`build` has the phases of one workflow. `loading` checks the workflows that a command names, and the other modules make
something of the result.
"""

from flowgen.pipeline.build import Build
from flowgen.pipeline.loading import (
    Readable,
    Report,
    Unread,
    check_for_generation,
    check_paths,
    check_project,
    check_text,
    read_paths,
)
from flowgen.pipeline.machines import definition, handlers
from flowgen.pipeline.packages import image_builds, package
from flowgen.pipeline.python import plan_python, remember
from flowgen.pipeline.stacks import explain, stack_template, template, terraform, units_of, with_existing
from flowgen.pipeline.types import show_types, type_coverage

__all__ = [
    "Build",
    "Readable",
    "Report",
    "Unread",
    "check_for_generation",
    "check_paths",
    "check_project",
    "check_text",
    "definition",
    "explain",
    "handlers",
    "image_builds",
    "package",
    "plan_python",
    "read_paths",
    "remember",
    "show_types",
    "stack_template",
    "template",
    "terraform",
    "type_coverage",
    "units_of",
    "with_existing",
]
