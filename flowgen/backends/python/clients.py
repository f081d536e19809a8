"""The module with which Python code starts a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowgen.backends.python.annotations import Annotation, annotation
from flowgen.backends.python.code import called, grouped
from flowgen.backends.python.runtime_modules import EXECUTIONS
from flowgen.backends.python.text import docstring, import_block, string

if TYPE_CHECKING:
    from flowgen.model import TypeUse, Workflow

CLIENT = "client"
"""The name of the module."""

_ANY = Annotation("Any", "Any", frozenset({("typing", "Any")}), frozenset({("typing", "Any")}))


def module(workflow: Workflow, runtime: str) -> str:
    """The module, without its header: `start_NAME`, or `run_NAME` for an express workflow."""
    kind, verb = ("Run", "Runs") if workflow.type == "express" else ("Start", "Starts")
    name = f"{kind.lower()}_{workflow.name}"
    input_, output = (_type(use, runtime) for use in (workflow.input, workflow.output))
    # No type has a name with `_`, so this one collides with none.
    imported: dict[str, set[str]] = {f"{runtime}.{EXECUTIONS}": {f"{kind} as _{kind}"}}
    for used in (input_, output):
        for home, names in grouped(used.names | used.checked_names).items():
            imported.setdefault(home, set()).update(names)
    start = f"{name} = _{kind}[{input_.text}, {output.text}]"
    made = called(start, [string(workflow.name), input_.checked, output.checked])
    about = docstring(workflow.description or f"{verb} `{workflow.name}`.")
    title = docstring(f"{verb} `{workflow.name}` from Python code.")
    return f"{title}\n\n{import_block(imported)}\n\n{made}\n{about}\n"


def _type(use: TypeUse, runtime: str) -> Annotation:
    """The annotation of a type. An inline schema has no class, so any value is accepted."""
    return _ANY if use.expression is None else annotation(use, "", runtime)
