"""Settings of the stack that workflows share: those of the project, and those of imported files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Annotated, ClassVar, Final

from flowgen.model.accepts import TEXT
from flowgen.model.element import Element, Field, Read, Reading
from flowgen.model.functions import Sizing
from flowgen.model.leaves import FlagField, OneOf, read_text
from flowgen.model.operations import AlarmsField, EncryptionField, LoggingField
from flowgen.model.stack_values import ArnField, Several, StackValue, TagsField
from flowgen.source import Entry, Mapping, Node, Scalar, Sequence, plain

STATUSES: Final = ("running", "succeeded", "failed", "timed_out", "aborted", "pending_redrive")
"""Step Functions developer guide, "Automating Step Functions event delivery with EventBridge"."""

_PATH = re.compile(r"/|/[!-~]{1,510}/")
_PREFIX = re.compile(r"[\w+=,.@-]{1,30}", re.ASCII)
"""IAM API reference, `CreateRole`: `Path` and `RoleName`. The rest of the name needs the other 34 characters."""


def _read_path(node: Node, reading: Reading) -> str:
    path = read_text(node, reading)
    if not _PATH.fullmatch(path):
        help_ = "write a path that starts and ends with `/`, such as `/workflows/`"
        raise reading.refuse("FG112", f"`{path}` is not a valid path of IAM", node, help=help_)
    return path


def _read_prefix(node: Node, reading: Reading) -> str:
    prefix = read_text(node, reading)
    if not _PREFIX.fullmatch(prefix):
        message = f"`{prefix}` is not a valid prefix: use at most 30 letters, digits and `+=,.@_-`"
        raise reading.refuse("FG112", message, node)
    return prefix


class Roles(Element):
    """What all generated IAM roles have in common."""

    what: ClassVar[str] = "`roles`"

    boundary: ArnField | None = Field(
        None,
        description="The ARN of the managed policy that limits the permissions of each role.",
        examples=["arn:aws:iam::123456789012:policy/developer-boundary"],
    )
    path: Annotated[str | None, Read(_read_path, accepts=TEXT)] = Field(
        None, description="The path of roles and managed policies.", examples=["/workflows/"]
    )
    prefix: Annotated[str | None, Read(_read_prefix, accepts=TEXT)] = Field(
        None,
        description="The start of each role's name, which continues with its logical id and a part of the stack's id."
        " Without it, CloudFormation chooses the names.",
        examples=["acme-"],
    )


def _read_statuses(node: Node, reading: Reading) -> tuple[str, ...]:
    read = OneOf(STATUSES)
    items = node.items if isinstance(node, Sequence) else (node,)
    return tuple(dict.fromkeys(read(item, reading) for item in items))


_TARGETS: Final = Several(arns=True, most=5)
"""EventBridge quotas: targets per rule."""


def _read_targets(node: Node, reading: Reading) -> tuple[StackValue, ...]:
    targets = _TARGETS(node, reading)
    if not targets:
        raise reading.refuse("FG112", "`targets` must have at least one ARN", node)
    return targets


class Notifications(Element):
    """Sends changes of an execution's status to targets, with a rule of EventBridge. Not for express workflows."""

    what: ClassVar[str] = "`notifications`"

    targets: Annotated[tuple[StackValue, ...], Read(_read_targets, accepts=_TARGETS.accepts)] = Field(
        description="ARNs of SNS topics, SQS queues or other targets whose resource policy lets EventBridge send.",
        examples=["arn:aws:sns:eu-west-1:123456789012:executions"],
    )
    statuses: Annotated[
        tuple[str, ...],
        Read(
            _read_statuses,
            accepts={"anyOf": [{"enum": [*STATUSES]}, {"type": "array", "items": {"enum": [*STATUSES]}}]},
        ),
    ] = Field(("failed", "timed_out", "aborted"), description="The statuses that are sent.")


class Shared(Element):
    """Settings that a workflow may leave to an imported file or to the project."""

    alarms: AlarmsField = Field(True, description="Alarms for failed executions; on unless it is `false`.")
    logging: LoggingField = Field(True, description="Logs of executions; on unless it is `false`.")
    tracing: FlagField = Field(True, description="Traces executions and functions with AWS X-Ray.")
    encryption: EncryptionField = Field(
        False, description="Encrypts executions, logs and environment variables with a customer managed key."
    )
    roles: Roles | None = Field(None, description="A permissions boundary, path and name prefix for all roles.")
    notifications: Notifications | None = Field(
        None, description="Sends changes of an execution's status to SNS, SQS and others."
    )
    dashboard: FlagField = Field(False, description="Adds a CloudWatch dashboard for each workflow.")
    tags: TagsField = Field(default_factory=dict, description="Tags for all resources that support them.")


class StackSettings(Shared):
    """The table `[tool.flowgen.stack]`: settings of all workflows of a project, unless a workflow has its own."""

    what: ClassVar[str] = "`[tool.flowgen.stack]`"

    function: Sizing | None = Field(None, description="The Lambda settings of every function.")


_MERGED: Final = frozenset(
    (
        "alarms",
        "logging",
        "roles",
        "notifications",
        "tags",
        "defaults",
        "function",
        "environment",
        "aws",
        "http",
        "workflow",
    )
)
"""Mappings of independent settings. Any other value is one setting."""
_NOT_EXPRESS: Final = (("alarms", "aborted"), ("alarms", "throttled"), ("notifications",))
"""Settings that have no effect on express workflows, and are errors only in the file of such a workflow."""

Claim = Callable[[Scalar, Scalar], None]


def of_library(node: Mapping) -> Mapping:
    """The settings in an imported file."""
    keys = (*(key.name for key in Shared.fields().values()), "defaults")
    return replace(node, entries=tuple(entry for entry in node.entries if entry.key.text in keys))


def of_project(node: Mapping) -> Mapping:
    """The settings in `[tool.flowgen.stack]`, under the keys of a workflow file."""
    entries = []
    for entry in node.entries:
        if entry.key.text == "function":
            key = replace(entry.key, text="defaults", value="defaults")
            entries.append(Entry(key, replace(node, entries=(entry,))))
        else:
            entries.append(entry)
    return replace(node, entries=tuple(entries))


def with_settings(root: Mapping, settings: Mapping, claimed: Claim | None = None) -> Mapping:
    """A workflow's node with the settings that it leaves out.

    `claimed` gets the keys of a setting that both have with different values; without it, the workflow's applies.
    """
    kind = root.get("type")
    if isinstance(kind, Scalar) and kind.value == "express":
        for path in _NOT_EXPRESS:
            settings = _without(settings, path)
    return _merged(root, settings, claimed)


def _merged(own: Mapping, other: Mapping, claimed: Claim | None) -> Mapping:
    entries = {entry.key.text: entry for entry in own.entries}
    for entry in other.entries:
        name = entry.key.text
        known = entries.setdefault(name, entry)
        if isinstance(known.value, Mapping) and isinstance(entry.value, Mapping) and name in _MERGED:
            entries[name] = Entry(known.key, _merged(known.value, entry.value, claimed))
        elif claimed is not None and plain(known.value) != plain(entry.value):
            claimed(known.key, entry.key)
    return replace(own, entries=tuple(entries.values()))


def _without(node: Mapping, path: tuple[str, ...]) -> Mapping:
    return replace(node, entries=tuple(_left(node, path)))


def _left(node: Mapping, path: tuple[str, ...]) -> Iterator[Entry]:
    for entry in node.entries:
        if entry.key.text != path[0]:
            yield entry
        elif path[1:]:
            inner = entry.value
            yield Entry(entry.key, _without(inner, path[1:]) if isinstance(inner, Mapping) else inner)
