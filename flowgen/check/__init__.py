"""Everything about a workflow that can be known before it runs.

In: a `Workflow`. Out: diagnostics (FG2xx to FG4xx).
Never: a changed workflow, a file, an exception for what a user wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flowgen.check.contracts import check_names_in_python, check_type_names, check_types, check_unused
from flowgen.check.flow import check_order_of_errors, check_reachable
from flowgen.check.limits import check_limits
from flowgen.check.names import check_calls, check_errors, check_ids
from flowgen.check.scope import check_expressions
from flowgen.diagnostics import Diagnostic, Sink
from flowgen.model import Workflow

Check = Callable[[Workflow], Iterable[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    check_ids,
    check_calls,
    check_type_names,
    check_types,
    check_names_in_python,
    check_errors,
    check_order_of_errors,
    check_reachable,
    check_expressions,
    check_limits,
    check_unused,
)


def check(workflow: Workflow, sink: Sink) -> None:
    """Runs every check; `sink.failed` says whether the workflow can be compiled."""
    for one in CHECKS:
        sink.extend(one(workflow))


__all__ = ["CHECKS", "Check", "check"]
