"""The names that the compiler generates. Each contains its owner's id and `__`, so that none collides with a user's."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flowgen.model import Function, Workflow, every_step
from flowgen.model.python_names import class_name
from flowgen.model.steps import undoing_name


def function_placeholder(function: str, *, activity: bool = False) -> str:
    """The key of a function's ARN in `DefinitionSubstitutions`: `SendEmailFunction`."""
    return f"{class_name(function)}{'Activity' if activity else 'Function'}"


def workflow_placeholder(workflow: str) -> str:
    """The key of another workflow's ARN: `InvoiceCustomerStateMachine`."""
    return f"{class_name(workflow)}StateMachine"


def connection_placeholder(connection: str) -> str:
    """The key of the ARN of a connection that `http` uses: `CarrierConnection`."""
    return f"{class_name(connection)}Connection"


def machine_placeholders(workflow: Workflow) -> Mapping[str, str]:
    """The placeholders of the machine for functions with generated code, each with its function."""
    return {
        function_placeholder(name): name
        for name, function in workflow.functions.items()
        if function.arn is None and not function.activity
    }


def existing_functions(workflow: Workflow) -> Mapping[str, str]:
    """What the machine calls for functions with `arn`, each with its function: a name, an ARN or a placeholder."""
    return {
        called_as(name, function): name for name, function in workflow.functions.items() if function.arn is not None
    }


def called_as(name: str, function: Function) -> str:
    """`FunctionName` in a call of a function: what `arn` says, or a placeholder that the template replaces."""
    return function.arn if isinstance(function.arn, str) else f"${{{function_placeholder(name)}}}"


def workflow_owner(workflow: Workflow) -> str:
    """The owner of the workflow's own states and variables: its name, or a longer name if a step has that name."""
    ids = {step.id for step in every_step(workflow)}
    owner = workflow.name
    while any(re.fullmatch(rf"{owner}(?:_\d+)?", one) for one in ids):
        owner += "_flow"
    return owner


def condition_state(step: str) -> str:
    return f"{step}__if"


def end_state(scope: str) -> str:
    return f"{scope}__end"


def input_state(workflow: str) -> str:
    return f"{workflow}__input"


def record_key(workflow: str, *, batched: bool) -> str:
    """The key under which a pipe passes its record or records."""
    return f"{workflow}__{'records' if batched else 'record'}"


def skipped_state(step: str) -> str:
    return f"{step}__skipped"


def kept_state(state: str) -> str:
    return f"{state}__kept"


def start_state(step: str) -> str:
    """The state before a step. The body of the step starts with `body_state`; both can exist."""
    return f"{step}__start"


def body_state(body: str) -> str:
    """The entry state of a separate body. `start_state` is the state before the step itself; a step can have both."""
    return f"{body}__body"


def catch_state(step: str) -> str:
    return f"{step}__catch"


def raise_state(step: str) -> str:
    return f"{step}__raise"


def status_state(step: str) -> str:
    return f"{step}__status"


def wait_state(step: str) -> str:
    return f"{step}__every"


def limit_state(step: str) -> str:
    return f"{step}__limit"


def no_case_state(step: str) -> str:
    return f"{step}__no_case"


def check_state(owner: str) -> str:
    """The state that checks a value from outside."""
    return f"{owner}__check"


def violation_state(owner: str) -> str:
    return f"{owner}__violation"


def violation_variable(owner: str) -> str:
    """The problem of a value from outside; an empty string if it fits."""
    return f"{owner}__problem"


def finally_state(step: str) -> str:
    return f"{step}__finally"


def return_state(step: str) -> str:
    return f"{step}__return"


def error_variable(owner: str) -> str:
    return f"{owner}__error"


def count_variable(step: str) -> str:
    return f"{step}__count"


def index_variable(step: str) -> str:
    return f"{step}__index"


def outcome_variable(step: str) -> str:
    return f"{step}__outcome"


def value_variable(step: str) -> str:
    return f"{step}__value"


def undo_state(step: str) -> str:
    return undoing_name(step)


def undo_guard_state(step: str) -> str:
    return f"{step}__undo_if"


def pivot_guard_state(step: str) -> str:
    return f"{step}__pivot"


def undone_state(workflow: str) -> str:
    return f"{workflow}__undone"
