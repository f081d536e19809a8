"""Checks a workflow for errors before it runs.

In: a `Workflow`. Out: diagnostics (FG2xx to FG4xx, FG511 to FG516, FG560 to FG566). Never: changes to the workflow,
files, exceptions for a user's errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flowgen.check.contracts import check_names_in_python, check_retired, check_type_names, check_types, check_unused
from flowgen.check.credentials import check_credentials
from flowgen.check.dataflow import analyse, check_dataflow
from flowgen.check.defaults import check_defaults
from flowgen.check.depth import check_compiled_depth, check_depth, may_be_deep
from flowgen.check.errors import check_errors
from flowgen.check.execution_names import check_execution_names
from flowgen.check.existing_functions import check_existing_functions
from flowgen.check.express import check_express
from flowgen.check.flow import check_loops, check_order_of_errors, check_reachable
from flowgen.check.formats import check_formats
from flowgen.check.function_versions import check_function_versions
from flowgen.check.handlers import check_handlers, check_useless_catch
from flowgen.check.history import check_history
from flowgen.check.integrations import check_heartbeats, check_integrations, check_tokens
from flowgen.check.jumps import check_jumps
from flowgen.check.limits import check_catchers, check_definition, check_limits
from flowgen.check.maps import check_maps
from flowgen.check.names import check_calls, check_ids
from flowgen.check.outside_calls import check_outside_calls
from flowgen.check.placement import check_compensations, check_modifiers, check_shadowing
from flowgen.check.plain_texts import check_plain_texts
from flowgen.check.projects import check_children, runs_others
from flowgen.check.raw_states import check_raw_states
from flowgen.check.repetition import check_repetition
from flowgen.check.scope import check_expressions
from flowgen.check.shared_functions import check_shared_functions
from flowgen.check.triggers import check_triggers
from flowgen.check.validation import check_validation
from flowgen.diagnostics import Diagnostic, Sink
from flowgen.model import Workflow

Check = Callable[[Workflow], Iterable[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    check_ids,
    check_calls,
    check_type_names,
    check_types,
    check_defaults,
    check_formats,
    check_names_in_python,
    check_order_of_errors,
    check_jumps,
    check_handlers,
    check_useless_catch,
    check_reachable,
    check_loops,
    check_repetition,
    check_execution_names,
    check_credentials,
    check_modifiers,
    check_compensations,
    check_shadowing,
    check_expressions,
    check_plain_texts,
    check_triggers,
    check_integrations,
    check_tokens,
    check_heartbeats,
    check_express,
    check_maps,
    check_raw_states,
    check_limits,
    check_catchers,
    check_depth,
    check_history,
    check_unused,
    check_retired,
    check_existing_functions,
    check_shared_functions,
    check_outside_calls,
    check_function_versions,
    check_validation,
)


def check(workflow: Workflow, sink: Sink) -> None:
    """Runs every check; the workflow can be compiled unless `sink.failed`."""
    for one in CHECKS:
        sink.extend(one(workflow))
    if not runs_others(workflow):
        sink.extend(check_errors(workflow))


__all__ = [
    "CHECKS",
    "Check",
    "analyse",
    "check",
    "check_children",
    "check_compiled_depth",
    "check_dataflow",
    "check_definition",
    "may_be_deep",
    "runs_others",
]
