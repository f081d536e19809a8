"""Functions of imported files, which all workflows share: their contracts must not depend on one workflow."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.diagnostics import Diagnostic, Label
from flowgen.model import Workflow
from flowgen.model.shared_functions import shared_functions


def check_shared_functions(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG605: a type of the workflow itself in the contract of a function that all workflows share."""
    for name in shared_functions(workflow):
        function = workflow.functions[name]
        details = (error.details for error in function.errors if error.details is not None)
        waiting = [reference for use in (function.input, function.output, *details) for reference in use.references]
        seen: set[str] = set()
        while waiting:
            reference = waiting.pop(0)
            declared = workflow.types.get(reference.name)
            if declared is None or reference.name in seen:
                continue
            seen.add(reference.name)
            if declared.shared is None:
                yield Diagnostic(
                    "FG605",
                    f"the shared function `{name}` depends on the type `{reference.name}` of one workflow",
                    reference.span,
                    secondary=(Label(declared.key.span, "declared here"),),
                    help="declare the type in the file of the function, or in a file that it imports",
                )
            waiting += declared.references
