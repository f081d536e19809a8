"""Modules that answer task tokens: those of steps with a `callback`, and those of activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowgen.backends.python.annotations import annotation
from flowgen.backends.python.code import called, ends, grouped
from flowgen.backends.python.models import re_exports
from flowgen.backends.python.runtime_modules import TASK_TOKENS
from flowgen.backends.python.text import docstring, import_block, string
from flowgen.model import Call
from flowgen.model.python_names import callbacks, error_classes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowgen.backends.python.annotations import Annotation
    from flowgen.model import Function, Workflow
    from flowgen.model.python_names import Waiting

NO_ERROR = "Never"
"""The error type of a task that declares no errors."""

TASK_TOKEN_NAMES = (
    *("Activity", "ActivityClient", "ActivityTask", "Callback", "InvalidToken", "TaskTimedOut", "TaskTokenClient"),
)
"""The public names of the runtime's `task_tokens`, which each package that answers task tokens re-exports."""


def modules(workflow: Workflow, runtime: str) -> dict[str, str]:
    """The modules by name, without headers; empty if the workflow has no callbacks and no activities."""
    waiting = callbacks(workflow)
    activities = {name: function for name, function in workflow.functions.items() if function.activity}
    made = {}
    if waiting:
        made["callbacks"] = _callbacks(workflow, waiting, runtime)
    if activities:
        made["activities"] = _activities(workflow, activities, runtime)
    if made:
        about = "Task tokens: how to answer them, and the errors that an answer can raise."
        made[TASK_TOKENS] = re_exports(TASK_TOKEN_NAMES, f"{runtime}.{TASK_TOKENS}", about)
    return made


def _callbacks(workflow: Workflow, waiting: Iterable[Waiting], runtime: str) -> str:
    title = docstring(f"Steps of `{workflow.name}` that wait for an answer, by name.")
    imported: dict[str, set[str]] = {}
    parts = []
    for waiting_step in waiting:
        answer = annotation(waiting_step.answer, waiting_step.role, runtime)
        errors = (
            _errors_of(workflow.functions[waiting_step.task.function]) if isinstance(waiting_step.task, Call) else []
        )
        _import(imported, errors, answer)
        kind = f"task_tokens.Callback[{answer.text}, {' | '.join(errors) or NO_ERROR}]"
        made = called(f"{waiting_step.name} = {kind}", [string(waiting_step.name), answer.checked, *errors])
        parts.append(f"{made}\n{docstring(waiting_step.task.description or _where(waiting_step))}\n")
    return _module(title, imported, parts)


def _where(waiting: Waiting) -> str:
    who = f"`{waiting.name}`" if waiting.undoes is None else f"undoing `{waiting.undoes}`"
    task = waiting.task
    if isinstance(task, Call):
        return f"The answer that {who} waits for; `{task.function}` receives the token."
    return f"The answer that {who} waits for; the token goes to `{task.action.service}:{task.action.name}`."


def _activities(workflow: Workflow, activities: dict[str, Function], runtime: str) -> str:
    title = docstring(f"Activities of `{workflow.name}`, for workers that poll for tasks.")
    imported: dict[str, set[str]] = {}
    parts = []
    for name, function in activities.items():
        input_, output = ends(name, function, runtime)
        errors = _errors_of(function)
        _import(imported, errors, input_, output)
        kind = f"task_tokens.Activity[{input_.text}, {output.text}, {' | '.join(errors) or NO_ERROR}]"
        made = called(f"{name} = {kind}", [string(name), input_.checked, output.checked, *errors])
        parts.append(f"{made}\n{docstring(function.description or f'The work of `{name}`.')}\n")
    return _module(title, imported, parts)


def _errors_of(function: Function) -> list[str]:
    return [error.name for error in error_classes(function)]


def _import(imported: dict[str, set[str]], errors: list[str], *types: Annotation) -> None:
    for used in types:
        for module, names in grouped(used.names | used.checked_names).items():
            imported.setdefault(module, set()).update(names)
    imported.setdefault(".contracts", set()).update(errors)
    if not errors:
        imported.setdefault("typing", set()).add(NO_ERROR)


def _module(title: str, imported: dict[str, set[str]], parts: list[str]) -> str:
    imports = import_block({".": {"task_tokens"}, **imported})
    return "\n".join([f"{title}\n\n{imports}\n", *parts])
