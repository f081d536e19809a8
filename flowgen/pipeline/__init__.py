"""Runs the phases in order: load, check, compile, emit.

In: workflow files of a project. Out: diagnostics, state machines, artifacts.
Never: click, printing, or the work of a phase.
"""

from flowgen.pipeline.loading import Loaded, Report, check_for_generation, check_paths, check_text
from flowgen.pipeline.machines import definition, handlers
from flowgen.pipeline.python import plan_python, remember
from flowgen.pipeline.stacks import package, template
from flowgen.pipeline.types import show_types, type_coverage

__all__ = [
    "Loaded",
    "Report",
    "check_for_generation",
    "check_paths",
    "check_text",
    "definition",
    "handlers",
    "package",
    "plan_python",
    "remember",
    "show_types",
    "template",
    "type_coverage",
]
