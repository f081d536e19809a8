"""Change sets: what CloudFormation would do, asked for before it is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowgen.deploying.cloud import Cloud
from flowgen.deploying.package import STACK
from flowgen.deploying.refusals import Refused, code_of, message_of
from flowgen.deploying.stack import Stack, delete
from flowgen.diagnostics import Diagnostic

POLL: Final = 2.0
"""Seconds between two looks."""

_UNCHANGED: Final = ("didn't contain changes", "No updates are to be performed")
_TRIES: Final = 30
"""Looks at whether an older change set of the same name is gone."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would be done to a resource.

    `action` is `add`, `change`, `replace`, `may replace`, `remove`, or in other words what CloudFormation has besides.
    `why` are the properties that change. `kept` is whether what is removed or replaced stays there, outside the stack.
    `stack` has the logical ids of the nested stacks that it is in.
    """

    action: str
    logical_id: str
    type: str
    physical_id: str = ""
    why: tuple[str, ...] = ()
    kept: bool = False
    stack: tuple[str, ...] = ()

    @property
    def takes_away(self) -> bool:
        """Whether the resource that is there would go, or may."""
        return self.action in ("remove", "replace", "may replace") and not self.kept


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set that can be executed. `is_new`: the stack is there for it alone."""

    id: str
    stack_id: str
    changes: tuple[Change, ...]
    is_new: bool


# See docs/explanation/decisions.md#a-deployment-is-a-change-set
def create(cloud: Cloud, name: str, stack: Stack | None, request: Mapping[str, Any]) -> ChangeSet | None:
    """Has CloudFormation compare; None where nothing would change. Raises `Refused` (FG544).

    `request` has what else CreateChangeSet takes. The change set is named for what it asks for, so that one that an
    interrupted run left is replaced.
    """
    from botocore.exceptions import ClientError

    is_new = stack is None or not stack.has_resources
    asked = {
        "StackName": name,
        "ChangeSetType": "CREATE" if is_new else "UPDATE",
        "ChangeSetName": f"flowgen-{hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:16]}",
        **request,
    }
    try:
        made = _created(cloud, asked)
    except ClientError as error:
        if any(text in message_of(error) for text in _UNCHANGED):
            return None
        raise
    found = ChangeSet(made["Id"], made["StackId"], (), is_new)
    described = _wait(cloud, found)
    if described["Status"] == "FAILED":
        discard(cloud, found)
        reason = described.get("StatusReason", "")
        if any(text in reason for text in _UNCHANGED):
            return None
        message = f"CloudFormation can't make a change set for the stack `{name}`"
        raise Refused(Diagnostic("FG544", message, None, notes=(reason,) if reason else ()))
    return ChangeSet(found.id, found.stack_id, tuple(_changes(cloud, found.id, ())), is_new)


def execute(cloud: Cloud, change_set: ChangeSet) -> None:
    """Starts the deployment. What is new goes again if it fails, also where it says that it is to be kept."""
    cloud.cloudformation.execute_change_set(ChangeSetName=change_set.id, RetainExceptOnCreate=True)


def discard(cloud: Cloud, change_set: ChangeSet) -> None:
    """Leaves nothing of it behind."""
    cloud.cloudformation.delete_change_set(ChangeSetName=change_set.id)
    if change_set.is_new:
        delete(cloud, change_set.stack_id)


def _created(cloud: Cloud, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    from botocore.exceptions import ClientError

    for _ in range(_TRIES):
        try:
            made: Mapping[str, Any] = cloud.cloudformation.create_change_set(**asked)
        except ClientError as error:
            if code_of(error) != "AlreadyExistsException":
                raise
            older = {"StackName": asked["StackName"], "ChangeSetName": asked["ChangeSetName"]}
            cloud.cloudformation.delete_change_set(**older)
            cloud.sleep(POLL)
        else:
            return made
    message = f"an older change set of the stack `{asked['StackName']}` can't be deleted: {asked['ChangeSetName']}"
    raise Refused(Diagnostic("FG544", message, None))


def _wait(cloud: Cloud, change_set: ChangeSet) -> Mapping[str, Any]:
    while True:
        described: Mapping[str, Any] = cloud.cloudformation.describe_change_set(ChangeSetName=change_set.id)
        if described["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            return described
        cloud.sleep(POLL)


def _changes(cloud: Cloud, change_set_id: str, inside: tuple[str, ...]) -> Iterator[Change]:
    """The changes of a change set, then those of the nested ones behind their stack."""
    more: dict[str, str] = {}
    while True:
        page = cloud.cloudformation.describe_change_set(ChangeSetName=change_set_id, **more)
        for entry in page.get("Changes", ()):
            told = entry.get("ResourceChange")
            if told is None:
                continue
            yield _change(told, inside)
            if told["ResourceType"] == STACK and told.get("ChangeSetId"):
                yield from _changes(cloud, told["ChangeSetId"], (*inside, told["LogicalResourceId"]))
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


def _change(told: Mapping[str, Any], inside: tuple[str, ...]) -> Change:
    replacement = {"True": "replace", "Conditional": "may replace"}
    action = {
        "Add": "add",
        "Modify": replacement.get(told.get("Replacement", ""), "change"),
        "Remove": "remove",
        "Import": "import",
        # What a macro or a nested stack comes to is known only when it runs.
        "Dynamic": "may change",
        "SyncWithActual": "change",
    }.get(told["Action"], told["Action"].lower())
    return Change(
        action,
        told["LogicalResourceId"],
        told["ResourceType"],
        told.get("PhysicalResourceId", ""),
        tuple(dict.fromkeys(_causes(told))),
        "Retain" in told.get("PolicyAction", ""),
        inside,
    )


def _causes(told: Mapping[str, Any]) -> Iterator[str]:
    """The properties that change; those that make it a new resource alone, where it becomes one."""
    targets = [detail.get("Target", {}) for detail in told.get("Details", ())]
    decisive = [target for target in targets if target.get("RequiresRecreation") not in (None, "Never")]
    for target in decisive or targets:
        yield target.get("Name") or target.get("Attribute", "")
