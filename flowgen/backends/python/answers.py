"""The modules that answer task tokens: of what has a `callback`, and of the tasks of activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowgen.backends.python.annotations import annotation
from flowgen.backends.python.code import called, ends, grouped
from flowgen.backends.python.text import docstring, import_block, string
from flowgen.model import Call
from flowgen.model.python_names import callbacks, error_classes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowgen.backends.python.annotations import Annotation
    from flowgen.model import Function, Workflow
    from flowgen.model.python_names import Waiting

NO_ERROR = "Never"
"""The errors of what declares none."""


def modules(workflow: Workflow) -> dict[str, str]:
    """The modules, by name, without their headers: none where nothing is answered."""
    waiting = callbacks(workflow)
    activities = {name: function for name, function in workflow.functions.items() if function.activity}
    return {
        **({"callbacks": _callbacks(workflow, waiting)} if waiting else {}),
        **({"activities": _activities(workflow, activities)} if activities else {}),
    }


def _callbacks(workflow: Workflow, waiting: Iterable[Waiting]) -> str:
    title = docstring(f"The steps of `{workflow.name}` that wait for an answer, each under its name.")
    imported: dict[str, set[str]] = {}
    parts = []
    for one in waiting:
        answer = annotation(one.answer, one.role)
        errors = _errors_of(workflow.functions[one.task.function]) if isinstance(one.task, Call) else []
        _import(imported, errors, answer)
        kind = f"task_tokens.Callback[{answer.text}, {' | '.join(errors) or NO_ERROR}]"
        made = called(f"{one.name} = {kind}", [string(one.name), answer.checked, *errors])
        parts.append(f"{made}\n{docstring(one.task.description or _where(one))}\n")
    return _module(title, imported, parts)


def _where(waiting: Waiting) -> str:
    who = f"`{waiting.name}`" if waiting.undoes is None else f"undoing `{waiting.undoes}`"
    task = waiting.task
    if isinstance(task, Call):
        return f"The answer that {who} waits for; `{task.function}` gets the token."
    return f"The answer that {who} waits for; the token goes to `{task.action.service}:{task.action.name}`."


def _activities(workflow: Workflow, activities: dict[str, Function]) -> str:
    title = docstring(f"The activities of `{workflow.name}`, for the workers that poll for their tasks.")
    imported: dict[str, set[str]] = {}
    parts = []
    for name, function in activities.items():
        takes, gives = ends(name, function)
        errors = _errors_of(function)
        _import(imported, errors, takes, gives)
        kind = f"task_tokens.Activity[{takes.text}, {gives.text}, {' | '.join(errors) or NO_ERROR}]"
        made = called(f"{name} = {kind}", [string(name), takes.checked, gives.checked, *errors])
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
