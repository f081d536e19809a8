"""Functions of imported files: each is one function of the project, whichever workflows call it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowgen.model.functions import Function
    from flowgen.model.workflow import Workflow


# See docs/explanation/decisions-stack-and-runner.md#functions-of-imported-files-are-shared
def library_of(workflow: Workflow, function: Function) -> str | None:
    """The file that declares a function with generated code, relative to the workflow's folder.

    None for a function that the workflow declares itself, and for activities and functions with `arn`.
    """
    own, file = workflow.node.origin.file, function.node.origin.file
    if own == file or function.arn is not None or function.activity:
        return None
    return posixpath.relpath(file, posixpath.dirname(own) or ".")


def shared_functions(workflow: Workflow) -> dict[str, str]:
    """The shared functions of a workflow, each with the file that declares it, relative to the workflow's folder."""
    found = ((name, library_of(workflow, function)) for name, function in workflow.functions.items())
    return {name: file for name, file in found if file is not None}


def without_shared(workflow: Workflow) -> Workflow:
    """The workflow as its own Python package sees it: the code of shared functions is elsewhere, as with `arn`.

    The functions are still there, because an answer to a task token can raise their errors.
    """
    shared = shared_functions(workflow)
    if not shared:
        return workflow
    functions = {
        name: function.replace(arn=shared[name], python=None, handler=None) if name in shared else function
        for name, function in workflow.functions.items()
    }
    return workflow.replace(functions=functions)


def library_workflow(workflow: Workflow, file: str, name: str) -> Workflow:
    """The functions of an imported file as a workflow called `name`, for which the same Python is generated."""
    from flowgen.model.types import ANY

    functions = {
        function: workflow.functions[function] for function, path in shared_functions(workflow).items() if path == file
    }
    return workflow.replace(
        node=next(iter(functions.values())).node,
        name=name,
        description=None,
        functions=functions,
        types={known: declared for known, declared in workflow.types.items() if declared.shared is not None},
        input=ANY,
        output=ANY,
        steps=(),
        catch=(),
        handlers={},
        triggers={},
    )
