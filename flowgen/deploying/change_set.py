"""Change sets: what CloudFormation would do, before it does it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowgen.deploying.aws_errors import Refused, code_of, message_of
from flowgen.deploying.cloud import Cloud
from flowgen.deploying.package import STACK
from flowgen.deploying.stack import Stack, delete
from flowgen.diagnostics import Diagnostic

POLL: Final = 2.0
"""Seconds between two requests for its status."""

_UNCHANGED: Final = ("didn't contain changes", "No updates are to be performed")
_TRIES: Final = 30
"""How often to try again while an older change set with the same name is being deleted."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to a resource.

    `action` is `add`, `change`, `replace`, `may replace`, `may change`, `remove`, `import` or another action of
    CloudFormation in lower case. `why` has the properties that change. `kept` says whether a removed or replaced
    resource still exists afterwards, outside the stack. `stack` has the logical ids of the nested stacks around it.
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
        """Whether the existing resource would, or might, be deleted."""
        return self.action in ("remove", "replace", "may replace") and not self.kept


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set that is ready to execute. `is_new`: the stack exists only because of the change set."""

    id: str
    stack_id: str
    changes: tuple[Change, ...]
    is_new: bool


# See docs/explanation/decisions-stack-and-runner.md#a-deployment-is-a-change-set
def create(cloud: Cloud, name: str, stack: Stack | None, request: Mapping[str, Any]) -> ChangeSet | None:
    """Creates a change set; None if nothing would change. Raises `Refused` (FG544).

    `request` has the other parameters of CreateChangeSet. Its digest is the change set's name, so a run replaces what
    an interrupted run of the same deployment left.
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
        message = f"CloudFormation cannot create a change set for stack `{name}`"
        raise Refused(Diagnostic("FG544", message, None, notes=(reason,) if reason else ()))
    return ChangeSet(found.id, found.stack_id, tuple(_changes(cloud, found.id, ())), is_new)


def execute(cloud: Cloud, change_set: ChangeSet) -> None:
    """Starts the deployment. If it fails, new resources are deleted, including those with a retention policy."""
    cloud.cloudformation.execute_change_set(ChangeSetName=change_set.id, RetainExceptOnCreate=True)


def discard(cloud: Cloud, change_set: ChangeSet) -> None:
    """Deletes the change set, and the stack if it exists only because of it."""
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
    message = f"cannot delete an older change set of stack `{asked['StackName']}`: {asked['ChangeSetName']}"
    raise Refused(Diagnostic("FG544", message, None))


def _wait(cloud: Cloud, change_set: ChangeSet) -> Mapping[str, Any]:
    while True:
        described: Mapping[str, Any] = cloud.cloudformation.describe_change_set(ChangeSetName=change_set.id)
        if described["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            return described
        cloud.sleep(POLL)


def _changes(cloud: Cloud, change_set_id: str, inside: tuple[str, ...]) -> Iterator[Change]:
    """The changes of a change set; those of a nested stack follow the stack itself."""
    more: dict[str, str] = {}
    while True:
        page = cloud.cloudformation.describe_change_set(ChangeSetName=change_set_id, **more)
        for entry in page.get("Changes", ()):
            found = entry.get("ResourceChange")
            if found is None:
                continue
            yield _change(found, inside)
            if found["ResourceType"] == STACK and found.get("ChangeSetId"):
                yield from _changes(cloud, found["ChangeSetId"], (*inside, found["LogicalResourceId"]))
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


def _change(found: Mapping[str, Any], inside: tuple[str, ...]) -> Change:
    replacement = {"True": "replace", "Conditional": "may replace"}
    action = {
        "Add": "add",
        "Modify": replacement.get(found.get("Replacement", ""), "change"),
        "Remove": "remove",
        "Import": "import",
        # The effect of a macro or a nested stack is known only when it runs.
        "Dynamic": "may change",
        "SyncWithActual": "change",
    }.get(found["Action"], found["Action"].lower())
    return Change(
        action,
        found["LogicalResourceId"],
        found["ResourceType"],
        found.get("PhysicalResourceId", ""),
        tuple(dict.fromkeys(_causes(found))),
        "Retain" in found.get("PolicyAction", ""),
        inside,
    )


def _causes(found: Mapping[str, Any]) -> Iterator[str]:
    """The properties that change; if the resource is replaced, only those that cause the replacement."""
    targets = [detail.get("Target", {}) for detail in found.get("Details", ())]
    decisive = [target for target in targets if target.get("RequiresRecreation") not in (None, "Never")]
    for target in decisive or targets:
        yield target.get("Name") or target.get("Attribute", "")
