"""What a stack is made of, and the logical ids of its resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flowgen.backends.cloudformation.calls import Distribution, Owned, distribution_of, owners, states_of
from flowgen.model import Function, Step, Workflow
from flowgen.model.python_names import class_name

ALIAS = "live"
"""The name of the alias of a state machine, through which it is started."""

RETENTION = 30
"""How long logs are kept, in days."""


@dataclass(frozen=True, slots=True)
class Code:
    """A function's code.

    `digest` is hexadecimal, and another one whenever the code is; `key` is the place of its zip file in the bucket, or
    None where the stack has a parameter for it.
    """

    digest: str
    key: str | None = None


@dataclass(frozen=True)
class Unit:
    """A workflow as it goes into a stack.

    `definition` is its state machine as plain JSON. `handlers` gives the Lambda handler of each function that is
    deployed, which has neither `arn` nor `activity`:
    `{"send_email": "shop.remind_user.generated.entry_points.send_email.handler"}`.
    """

    workflow: Workflow
    definition: Mapping[str, Any]
    handlers: Mapping[str, str]
    code: Mapping[str, Code] = field(default_factory=dict)
    """Of each deployed function whose code is known."""

    @property
    def machine(self) -> MachineIds:
        return machine_ids(self.workflow.name)

    @property
    def versioned(self) -> bool:
        """Whether machine and functions have versions, so that executions in flight keep what they began with."""
        return True

    def function(self, name: str) -> FunctionIds:
        return FunctionIds(f"{class_name(self.workflow.name)}{class_name(name)}")

    def activity(self, name: str) -> str:
        return f"{class_name(self.workflow.name)}{class_name(name)}Activity"

    def deployed(self) -> Iterator[tuple[str, Function]]:
        """The functions that the stack brings along, in the order of the file."""
        return (
            (name, function)
            for name, function in self.workflow.functions.items()
            if function.arn is None and not function.activity
        )

    def activities(self) -> Iterator[tuple[str, Function]]:
        """The activities, in the order of the file."""
        return ((name, function) for name, function in self.workflow.functions.items() if function.activity)

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """The step of each state that has one, by the state's name."""
        return owners(self.workflow)

    @cached_property
    def states(self) -> tuple[Owned, ...]:
        """Every state of the definition, and its step."""
        return tuple(states_of(self.definition, self.steps))

    @cached_property
    def distributions(self) -> tuple[Distribution, ...]:
        """The distributed maps of the definition."""
        return tuple(found for owned in self.states if (found := distribution_of(owned)) is not None)


def machine_ids(workflow: str) -> MachineIds:
    """The logical ids of the machine of a workflow, by its name."""
    return MachineIds(f"{class_name(workflow)}StateMachine")


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

    @property
    def own_policy(self) -> str:
        """What the machine may do to itself: apart from the role, which must be there before the machine."""
        return f"{self.machine}OwnPolicy"

    @property
    def version(self) -> str:
        return f"{self.machine}Version"

    @property
    def alias(self) -> str:
        return f"{self.machine}Alias"

    def all(self) -> tuple[str, ...]:
        return (self.log_group, self.role, self.own_policy, self.machine, self.version, self.alias)


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

    def version(self, mark: str) -> str:
        """The version whose code and settings `mark` stands for."""
        return f"{self.function}Version{mark}"

    def all(self) -> tuple[str, ...]:
        """All but the version, whose id only its function's settings tell."""
        return (self.log_group, self.role, self.function)
