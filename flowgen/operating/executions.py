"""Executions in AWS: starting, finding, listing, stopping and redriving them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from flowgen.deploying import Cloud, Refused
from flowgen.deploying.aws_errors import code_of, message_of
from flowgen.diagnostics import Diagnostic, did_you_mean
from flowgen.local.values import JSON
from flowgen.operating.machines import Machine
from flowgen.operating.names import execution_arn, execution_name

LAST: Final = "last"
"""Names the execution that was started last."""

ENDED: Final = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
STATUSES: Final = ("RUNNING", *ENDED, "PENDING_REDRIVE")
FAILED: Final = ("FAILED", "TIMED_OUT")
"""The statuses of executions that failed by themselves: somebody stopped those that are ABORTED."""

_SYNCHRONOUS: Final = 320
"""Seconds to wait for an express execution, which runs for at most five minutes."""

_FIRST_POLL: Final = 0.5
_SLOWEST_POLL: Final = 5.0
_KNOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Execution:
    """An execution as AWS describes it. `not_redrivable` is the reason; "" if it can be redriven, None if unknown.

    In lists, `output`, `error`, `cause` and `not_redrivable` are None.
    """

    arn: str
    name: str
    workflow: str
    status: str
    started: datetime
    ended: datetime | None = None
    output: JSON = None
    error: str | None = None
    cause: str | None = None
    not_redrivable: str | None = None

    @property
    def failed(self) -> bool:
        return self.status in ENDED and self.status != "SUCCEEDED"


@dataclass(frozen=True, slots=True)
class Query:
    """Which executions to list: the most recent `limit` with a status, started since then, that failed with `error`."""

    limit: int
    status: str | None = None
    since: datetime | None = None
    error: str | None = None


def start(cloud: Cloud, machine: Machine, name: str, value: JSON) -> Execution:
    """Starts an execution. The same name and input return the same execution while it runs (FG705 otherwise).

    The name is required, so that the SDK can repeat a request whose response was lost.
    """
    from botocore.exceptions import ClientError

    text = json.dumps(value, ensure_ascii=False)
    try:
        started = cloud.stepfunctions.start_execution(stateMachineArn=machine.start, name=name, input=text)
    except ClientError as error:
        if code_of(error) == "ExecutionAlreadyExists":
            message = f"an execution named `{name}` already exists"
            help_ = f"look at it with `flowgen show {name}`, or choose another name; AWS keeps names for 90 days"
            raise Refused(Diagnostic("FG705", message, None, help=help_)) from None
        raise
    return Execution(started["executionArn"], name, machine.workflow, "RUNNING", started["startDate"])


def start_and_wait(cloud: Cloud, machine: Machine, name: str, value: JSON) -> Execution:
    """Runs an express workflow and waits for its result. A lost response is not repeated: that would run it twice."""
    # The API has the host `sync-states.REGION.amazonaws.com`. An emulator at its own address has only one host.
    has_prefix = ".amazonaws." in cloud.stepfunctions.meta.endpoint_url
    client = cloud.client(
        "stepfunctions",
        read_timeout=_SYNCHRONOUS,
        retries={"total_max_attempts": 1},
        inject_host_prefix=has_prefix,
    )
    text = json.dumps(value, ensure_ascii=False)
    ended = client.start_sync_execution(stateMachineArn=machine.start, name=name, input=text)
    return Execution(
        ended["executionArn"],
        name,
        machine.workflow,
        ended["status"],
        ended["startDate"],
        ended.get("stopDate"),
        _json(ended.get("output")),
        ended.get("error"),
        ended.get("cause"),
    )


def wait(cloud: Cloud, execution: Execution, running: Callable[[], None] = lambda: None) -> Execution:
    """The execution when it has ended; polls AWS, at first often. Calls `running` before each wait."""
    pause = _FIRST_POLL
    while True:
        found = describe(cloud, execution.arn, execution.workflow)
        if found.status in ENDED:
            return found
        running()
        cloud.sleep(pause)
        pause = min(pause * 1.5, _SLOWEST_POLL)


def describe(cloud: Cloud, arn: str, workflow: str) -> Execution:
    """An execution by its ARN. Raises `Refused` (FG704) if it does not exist."""
    from botocore.exceptions import ClientError

    try:
        found = cloud.stepfunctions.describe_execution(executionArn=arn)
    except ClientError as error:
        if code_of(error) in ("ExecutionDoesNotExist", "InvalidArn"):
            help_ = "list the existing ones with `flowgen list`; AWS keeps executions for 90 days after they end"
            raise Refused(Diagnostic("FG704", f"the execution `{arn}` does not exist", None, help=help_)) from None
        raise
    redrivable = {"REDRIVABLE": "", "NOT_REDRIVABLE": found.get("redriveStatusReason", "AWS does not allow it")}
    return Execution(
        found["executionArn"],
        found.get("name", arn.rpartition(":")[2]),
        workflow,
        found["status"],
        found["startDate"],
        found.get("stopDate"),
        _json(found.get("output")),
        found.get("error"),
        found.get("cause"),
        redrivable.get(found.get("redriveStatus", ""), found.get("redriveStatusReason")),
    )


def find(cloud: Cloud, machines: Sequence[Machine], text: str) -> tuple[Execution, Machine | None]:
    """The execution that an ARN, a name or `last` means, and its workflow if that is known.

    Raises `Refused` (FG704) if it does not exist, and `NotValid`.
    """
    arn = execution_arn(text)
    if arn is not None:
        owner = next((one for one in machines if one.arn.rpartition(":")[2] == arn.machine), None)
        if arn.express:
            raise Refused(_express(owner.workflow if owner else arn.machine))
        return describe(cloud, text, owner.workflow if owner else arn.machine), owner
    standard = [machine for machine in machines if not machine.express]
    if not standard:
        raise Refused(_express(machines[0].workflow))
    if text == LAST:
        return _last(cloud, standard)
    name = execution_name(text)
    for machine in standard:
        try:
            return describe(cloud, machine.execution(name), machine.workflow), machine
        except Refused:
            continue
    raise Refused(_unknown(cloud, standard, name))


def _express(workflow: str) -> Diagnostic:
    message = f"AWS keeps no list of the executions of `{workflow}`, an express workflow"
    return Diagnostic("FG704", message, None, help="read its logs with `flowgen logs`")


def _last(cloud: Cloud, machines: Iterable[Machine]) -> tuple[Execution, Machine]:
    newest = [(found, machine) for machine in machines for found in listed(cloud, machine, Query(1))]
    if not newest:
        help_ = "start one with `flowgen start`"
        raise Refused(Diagnostic("FG704", "the workflow has no executions yet", None, help=help_))
    found, machine = max(newest, key=lambda pair: pair[0].started)
    return describe(cloud, found.arn, machine.workflow), machine


def _unknown(cloud: Cloud, machines: Iterable[Machine], name: str) -> Diagnostic:
    known = [execution.name for machine in machines for execution in listed(cloud, machine, Query(_KNOWN))]
    guess = did_you_mean(name, known)
    help_ = f"did you mean `{guess}`?" if guess else "list the existing ones with `flowgen list`"
    return Diagnostic("FG704", f"unknown execution `{name}`", None, help=help_)


def listed(cloud: Cloud, machine: Machine, query: Query) -> list[Execution]:
    """The executions that a query selects, the newest first. With `query.error`, they have their error.

    Raises `Refused` (FG704) for express workflows.
    """
    if machine.express:
        raise Refused(_express(machine.workflow))
    found: list[Execution] = []
    for execution in _newest_first(cloud, machine, query.status, query.limit if query.error is None else None):
        if query.since is not None and execution.started < query.since:
            break
        if query.error is not None:
            if not execution.failed:
                continue
            execution = describe(cloud, execution.arn, machine.workflow)  # noqa: PLW2901 - the same with its error
            if execution.error != query.error:
                continue
        found.append(execution)
        if len(found) >= query.limit:
            break
    return found


def with_error(cloud: Cloud, execution: Execution) -> Execution:
    """The execution with its error if it failed."""
    return describe(cloud, execution.arn, execution.workflow) if execution.failed else execution


def failed_since(cloud: Cloud, machine: Machine, since: datetime, error: str | None) -> list[Execution]:
    """The executions that failed since a moment, with any error or the given one, the oldest failure first."""
    found = [
        describe(cloud, execution.arn, machine.workflow)
        for status in FAILED
        for execution in _newest_first(cloud, machine, status, None)
        # They are in the order of their starts: an old one may have failed a moment ago.
        if execution.ended is not None and execution.ended >= since
    ]
    chosen = [execution for execution in found if error is None or execution.error == error]
    return sorted(chosen, key=lambda execution: execution.ended or execution.started)


def stop(cloud: Cloud, execution: Execution, error: str | None, cause: str | None) -> Execution:
    """Stops a running execution. Raises `Refused` (FG705) if it has ended."""
    if execution.status in ENDED:
        message = f"the execution `{execution.name}` has already ended: {execution.status}"
        raise Refused(Diagnostic("FG705", message, None))
    more = {name: text for name, text in (("error", error), ("cause", cause)) if text is not None}
    ended = cloud.stepfunctions.stop_execution(executionArn=execution.arn, **more)
    return replace(execution, status="ABORTED", ended=ended["stopDate"], error=error, cause=cause)


def redrive(cloud: Cloud, execution: Execution, token: str) -> Execution:
    """Redrives an execution from the step that failed. Raises `Refused` (FG705) if AWS does not allow it.

    `token` makes the request idempotent: the SDK can repeat it.
    """
    from botocore.exceptions import ClientError

    if execution.status == "SUCCEEDED" or execution.status not in ENDED:
        raise Refused(_not_redrivable(execution, f"its status is {execution.status}"))
    if execution.not_redrivable:
        raise Refused(_not_redrivable(execution, execution.not_redrivable))
    try:
        cloud.stepfunctions.redrive_execution(executionArn=execution.arn, clientToken=token)
    except ClientError as error:
        if code_of(error) in ("ExecutionNotRedrivable", "ValidationException"):
            raise Refused(_not_redrivable(execution, message_of(error))) from None
        raise
    return replace(execution, status="RUNNING", ended=None, error=None, cause=None)


def _not_redrivable(execution: Execution, why: str) -> Diagnostic:
    help_ = "a redrive needs a failed execution of a standard workflow that ended at most 14 days ago"
    message = f"the execution `{execution.name}` cannot be redriven"
    return Diagnostic("FG705", message, None, notes=(why,), help=help_)


def _newest_first(cloud: Cloud, machine: Machine, status: str | None, limit: int | None) -> Iterator[Execution]:
    asked: dict[str, Any] = {"stateMachineArn": machine.arn}
    if status is not None:
        asked["statusFilter"] = status
    if limit is not None:
        asked["PaginationConfig"] = {"PageSize": min(limit, 1000)}
    for page in cloud.stepfunctions.get_paginator("list_executions").paginate(**asked):
        for one in page["executions"]:
            yield Execution(
                one["executionArn"], one["name"], machine.workflow, one["status"], one["startDate"], one.get("stopDate")
            )


def _json(text: str | None) -> JSON:
    if text is None:
        return None
    from flowgen.asl.json_text import parse

    try:
        return parse(text)
    except ValueError:
        return text
