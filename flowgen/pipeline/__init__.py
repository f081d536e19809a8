"""The way from a file to what comes of it: load, check, compile, emit. The order of the phases is the architecture.

In: workflow files of a project. Out: diagnostics, state machines, artifacts.
Never: click, printing; what a phase does is that phase's.
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
