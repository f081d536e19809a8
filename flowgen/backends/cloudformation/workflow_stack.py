"""A workflow as part of a stack, and the logical ids of its resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flowgen.backends.cloudformation.calls import Distribution, Owned, distribution_of, owners, states_of
from flowgen.backends.cloudformation.intrinsics import Intrinsic
from flowgen.model import Encryption, Function, Logging, Step, Workflow
from flowgen.model.leaves import Duration
from flowgen.model.python_names import class_name
from flowgen.model.stack_values import StackValue

ALIAS = "live"
"""The alias of a state machine, or of a function, for its current version."""

EXPRESS = "express"


@dataclass(frozen=True, slots=True)
class Code:
    """A function's code.

    `digest` is hexadecimal and changes with the code. `key` is the key of the zip file in the bucket, or None if the
    stack has a parameter for it.
    """

    digest: str
    key: str | None = None


@dataclass(frozen=True)
class WorkflowStack:
    """A workflow with everything that its part of the stack is built from.

    `definition` is its state machine as plain JSON. `handlers` has the Lambda handler of each deployed function (one
    with neither `arn` nor `activity`): `{"send_email": "shop.remind_user.generated.entry_points.send_email.handler"}`.
    """

    workflow: Workflow
    definition: Mapping[str, Any]
    handlers: Mapping[str, str]
    code: Mapping[str, Code] = field(default_factory=dict)
    """The code of each deployed function, if it is known."""
    libraries: Mapping[str, str] = field(default_factory=dict)
    """The functions that all workflows share, each with the name of the imported file that declares it."""

    @property
    def machine(self) -> MachineIds:
        return machine_ids(self.workflow.name)

    @property
    def start_arn(self) -> Intrinsic:
        """The ARN that starts the workflow: the alias if there are versions, else the state machine."""
        return {"Ref": self.machine.alias if self.versioned else self.machine.machine}

    @property
    def versioned(self) -> bool:
        """Whether state machine and functions have versions, so running executions keep theirs after a deployment."""
        deployment = self.workflow.deployment
        return deployment is None or deployment.versions

    @property
    def retention(self) -> int | None:
        """How many days logs are kept; None means forever."""
        logging = self.workflow.logging
        kept = logging.retention if isinstance(logging, Logging) else Logging.fields()["retention"].default
        return kept.seconds // 86_400 if isinstance(kept, Duration) else None

    @property
    def creates_key(self) -> bool:
        """Whether the stack contains the KMS key that encrypts the workflow's data."""
        encryption = self.workflow.encryption
        return encryption is True or (isinstance(encryption, Encryption) and encryption.key is None)

    @property
    def has_own_policy(self) -> bool:
        """Whether the role must name its own state machine, which CloudFormation creates after the role."""
        return bool(self.distributions) or self.workflow.encryption is not False

    def list_of(self, values: tuple[StackValue, ...]) -> list[StackValue] | Intrinsic:
        """Values as a list, or the one intrinsic function that returns the whole list."""
        match values:
            case [{"Ref": str() as name}] if "List" in getattr(self.workflow.parameters.get(name), "type", ""):
                return {"Ref": name}
            case [{"Fn::Split": parts}]:
                return {"Fn::Split": parts}
            case _:
                return list(values)

    def unused_ids(self) -> tuple[str, ...]:
        """The logical ids reserved for the state machine that this stack does not use."""
        ids = self.machine
        notifies = self.workflow.notifications is not None
        used = {
            ids.own_policy: self.has_own_policy,
            ids.log_group: self.workflow.logging is not False,
            ids.version: self.versioned,
            ids.alias: self.versioned,
            ids.key: self.creates_key,
            ids.notifications: notifies,
            ids.undelivered: notifies,
            ids.undelivered_policy: notifies,
            ids.dashboard: self.workflow.dashboard,
        }
        return (*(name for name, is_used in used.items() if not is_used), *ids.managed_policies())

    def log_group_name(self, function: str | None = None) -> str:
        """The name of the log group of the state machine, or of a function, for `Fn::Sub`.

        The prefix `/aws/vendedlogs/` keeps log delivery within the size limit of CloudWatch Logs' resource policy.
        """
        name = self.workflow.name
        if function is None:
            return f"/aws/vendedlogs/states/${{AWS::StackName}}/{name}"
        if function in self.libraries:
            return f"/aws/lambda/${{AWS::StackName}}/shared/{self.libraries[function]}/{function}"
        return f"/aws/lambda/${{AWS::StackName}}/{name}/{function}"

    def api_log_group_name(self, trigger: str) -> str:
        """The name of the log group of a trigger's API, for `Fn::Sub`."""
        return f"/aws/vendedlogs/apis/${{AWS::StackName}}/{self.workflow.name}/{trigger}"

    def function(self, name: str) -> FunctionIds:
        """The logical ids of a function. Those of a shared one depend on its file and name only, not on callers."""
        if name in self.libraries:
            return FunctionIds(f"Shared{class_name(self.libraries[name])}{class_name(name)}")
        return FunctionIds(f"{class_name(self.workflow.name)}{class_name(name)}")

    def activity(self, name: str) -> str:
        return f"{class_name(self.workflow.name)}{class_name(name)}Activity"

    def deployed(self) -> Iterator[tuple[str, Function]]:
        """The functions that the stack contains, in file order."""
        return (
            (name, function)
            for name, function in self.workflow.functions.items()
            if function.arn is None and not function.activity
        )

    def own_functions(self) -> Iterator[str]:
        """The deployed functions that only this workflow has."""
        return (name for name, _ in self.deployed() if name not in self.libraries)

    def retired(self) -> Iterator[str]:
        """The functions that only running executions still call."""
        return (name for name, function in self.deployed() if function.retired)

    def activities(self) -> Iterator[tuple[str, Function]]:
        """The activities that the stack contains, in file order."""
        return ((name, function) for name, function in self.workflow.functions.items() if function.activity is True)

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """The step of each state that belongs to one, by the state's name."""
        return owners(self.workflow)

    @cached_property
    def states(self) -> tuple[Owned, ...]:
        """Every state of the definition, with its step."""
        return tuple(states_of(self.definition, self.steps))

    @cached_property
    def distributions(self) -> tuple[Distribution, ...]:
        """The distributed maps of the definition."""
        return tuple(found for owned in self.states if (found := distribution_of(owned)) is not None)


def machine_ids(workflow: str) -> MachineIds:
    """The logical ids of the state machine of a workflow, by the workflow's name."""
    return MachineIds(f"{class_name(workflow)}StateMachine")


def nested_stack_id(workflow: str) -> str:
    """The logical id of a workflow's nested stack in the project's.

    >>> nested_stack_id("place_order")
    'PlaceOrderStack'
    """
    return f"{class_name(workflow)}Stack"


@dataclass(frozen=True, slots=True)
class MachineIds:
    """Logical ids of a state machine and its resources. They start with the workflow's name, so a stack can grow.

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
        """The policy for the state machine itself, a separate resource since the role is created first."""
        return f"{self.machine}OwnPolicy"

    def managed_policy(self, number: int) -> str:
        """The policies that do not fit into the role, numbered from 1."""
        return f"{self.machine}Policy{number}"

    def managed_policies(self) -> Iterator[str]:
        """The reserved ids: as many as IAM attaches to a role."""
        return map(self.managed_policy, range(1, 10 + 1))

    @property
    def key(self) -> str:
        return f"{self.machine}Key"

    @property
    def notifications(self) -> str:
        """The rule that sends changes of status."""
        return f"{self.machine}Notifications"

    @property
    def undelivered(self) -> str:
        """The queue for changes of status that could not be sent."""
        return f"{self.notifications}DeadLetterQueue"

    @property
    def undelivered_policy(self) -> str:
        return f"{self.undelivered}Policy"

    @property
    def dashboard(self) -> str:
        return f"{self.machine}Dashboard"

    @property
    def version(self) -> str:
        return f"{self.machine}Version"

    @property
    def alias(self) -> str:
        return f"{self.machine}Alias"

    def all(self) -> tuple[str, ...]:
        own = (self.log_group, self.role, self.own_policy, self.machine, self.version, self.alias, self.key)
        observing = (self.notifications, self.undelivered, self.undelivered_policy, self.dashboard)
        return (*own, *observing, *self.managed_policies())


@dataclass(frozen=True, slots=True)
class FunctionIds:
    """Logical ids of a function and its resources.

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

    @property
    def alias(self) -> str:
        return f"{self.function}Alias"

    @property
    def image(self) -> str:
        """The parameter for the URI of an image that `flowgen deploy` builds."""
        return f"{self.function}Image"

    @property
    def url(self) -> str:
        return f"{self.function}Url"

    @property
    def answer_policy(self) -> str:
        """The policy for answering task tokens, separate because it names the state machine, which calls functions."""
        return f"{self.prefix}AnswerPolicy"

    def url_permissions(self, callers: Iterable[str]) -> Iterator[tuple[str, str, str]]:
        """The permissions of a URL: logical id, caller and action. New URLs need two per caller since October 2025."""
        for number, caller in enumerate(callers, 1):
            end = "" if number == 1 else str(number)
            yield f"{self.url}Permission{end}", caller, "lambda:InvokeFunctionUrl"
            yield f"{self.url}InvokePermission{end}", caller, "lambda:InvokeFunction"

    def version(self, mark: str) -> str:
        """The version with the code and settings that `mark` identifies."""
        return f"{self.function}Version{mark}"

    def all(self) -> tuple[str, ...]:
        """All but the version, whose id depends on the function's settings."""
        return (self.log_group, self.role, self.function)
