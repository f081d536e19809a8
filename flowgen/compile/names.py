"""The names that the compiler makes up. Each carries its owner's id and `__`, so that none collides with a user's."""

from __future__ import annotations

from collections.abc import Mapping

from flowgen.model import Workflow
from flowgen.model.python_names import class_name


def function_placeholder(function: str) -> str:
    """The key of a function's ARN in `DefinitionSubstitutions`: `SendEmailFunction`."""
    return f"{class_name(function)}Function"


def machine_placeholders(workflow: Workflow) -> Mapping[str, str]:
    """Each placeholder of the machine and the function that it stands for."""
    return {function_placeholder(name): name for name, function in workflow.functions.items() if function.arn is None}


def condition_state(step: str) -> str:
    return f"{step}__if"


def end_state(workflow: str) -> str:
    return f"{workflow}__end"


def input_state(workflow: str) -> str:
    return f"{workflow}__input"


def skipped_state(step: str) -> str:
    return f"{step}__skipped"


def kept_state(state: str) -> str:
    return f"{state}__kept"


def catch_state(step: str) -> str:
    return f"{step}__catch"


def raise_state(step: str) -> str:
    return f"{step}__raise"


def error_variable(step: str) -> str:
    return f"{step}__error"
