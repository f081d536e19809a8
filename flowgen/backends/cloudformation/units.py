"""What a stack is made of, and the logical ids of its resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowgen.model import Function, Workflow
from flowgen.model.python_names import class_name


@dataclass(frozen=True, slots=True)
class Unit:
    """A workflow as it goes into a stack.

    `definition` is its state machine as plain JSON. `handlers` gives the Lambda handler of each function that is
    deployed (those without `arn`): `{"send_email": "shop.remind_user.generated.entry_points.send_email.handler"}`.
    """

    workflow: Workflow
    definition: Mapping[str, Any]
    handlers: Mapping[str, str]

    @property
    def machine(self) -> MachineIds:
        return MachineIds(f"{class_name(self.workflow.name)}StateMachine")

    def function(self, name: str) -> FunctionIds:
        return FunctionIds(f"{class_name(self.workflow.name)}{class_name(name)}")

    def deployed(self) -> Iterator[tuple[str, Function]]:
        """The functions that the stack brings along, in the order of the file."""
        return ((name, function) for name, function in self.workflow.functions.items() if function.arn is None)


@dataclass(frozen=True, slots=True)
class MachineIds:
    """Logical ids of a state machine and what it needs. They start with the workflow's name, so that a stack may grow.

    >>> MachineIds("RemindUserStateMachine").role
    'RemindUserStateMachineRole'
    """

    machine: str

    @property
    def role(self) -> str:
        return f"{self.machine}Role"

    @property
    def log_group(self) -> str:
        return f"{self.machine}LogGroup"

    def all(self) -> tuple[str, ...]:
        return (self.log_group, self.role, self.machine)


@dataclass(frozen=True, slots=True)
class FunctionIds:
    """Logical ids of a function and what it needs.

    >>> FunctionIds("RemindUserSendEmail").function
    'RemindUserSendEmailFunction'
    """

    prefix: str

    @property
    def function(self) -> str:
        return f"{self.prefix}Function"

    @property
    def role(self) -> str:
        return f"{self.prefix}Role"

    @property
    def log_group(self) -> str:
        return f"{self.prefix}LogGroup"

    def all(self) -> tuple[str, ...]:
        return (self.log_group, self.role, self.function)
