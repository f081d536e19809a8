"""What of a change needs somebody's attention before it is made: data that would go, executions that run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from flowgen.deploying.change_set import Change
from flowgen.deploying.cloud import Cloud
from flowgen.deploying.package import STACK, Package
from flowgen.deploying.refusals import code_of
from flowgen.diagnostics import Diagnostic

_HOLDS_DATA: Final = frozenset({
    "AWS::Backup::BackupVault",
    "AWS::Cognito::UserPool",
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBInstance",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::SDB::Domain",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::Timestream::Table",
})  # fmt: skip
"""Types whose resources hold what nobody can make again (cfn-lint's rule I3011 has nearly the same)."""

MACHINE: Final = "AWS::StepFunctions::StateMachine"
FUNCTION: Final = "AWS::Lambda::Function"
_PAGE: Final = 1000


def data_at_stake(changes: Iterable[Change], package: Package) -> Iterator[Diagnostic]:
    """FG547 for each resource with data that would go or may."""
    for change in changes:
        if change.type in _HOLDS_DATA and change.takes_away:
            verb = {"remove": "is removed", "replace": "is replaced", "may replace": "may be replaced"}[change.action]
            because = f" because {', '.join(change.why)} changes" if change.why and change.action != "remove" else ""
            source = package.source(change.logical_id)
            yield Diagnostic(
                "FG547",
                f"`{change.logical_id}` ({change.type}) {verb}{because}: the data in it goes with it",
                None if source is None else source.span,
                "" if source is None else source.what,
                help="`DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain` keep it, once they are deployed",
            )


def executions_at_stake(cloud: Cloud, stack_id: str, changes: Iterable[Change], package: Package) -> list[Diagnostic]:
    """FG548 for each machine that would go, or lose functions, while executions of it run."""
    going = {change.physical_id: change for change in changes if change.type == MACHINE and change.takes_away}
    functions = [
        change.logical_id
        for change in changes
        if change.type == FUNCTION and change.action == "remove" and not change.kept
    ]
    machines = {arn: change.logical_id for arn, change in going.items() if arn}
    if functions:
        machines = dict(_machines(cloud, stack_id)) | machines
    found = []
    for arn, logical_id in machines.items():
        running = _running(cloud, arn)
        if running is None:
            continue
        if arn in going:
            verb = {"remove": "is removed"}.get(going[arn].action, "is replaced")
            what = "they end at their next step"
        else:
            verb = f"loses {', '.join(f'`{name}`' for name in functions)}"
            what = "those that still come to a step that calls it fail there"
        source = package.source(logical_id)
        found.append(
            Diagnostic(
                "FG548",
                f"the state machine `{logical_id}` {verb} while {running.text}: {what}",
                None if source is None else source.span,
                help="let them end first: "
                + cloud.command(f"stepfunctions list-executions --status-filter RUNNING --state-machine-arn {arn}"),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class _Running:
    text: str


def _running(cloud: Cloud, arn: str) -> _Running | None:
    """How many executions of a machine run, in words; None for none, and for express ones, which nobody can list."""
    from botocore.exceptions import ClientError

    try:
        page = cloud.stepfunctions.list_executions(stateMachineArn=arn, statusFilter="RUNNING", maxResults=_PAGE)
    except ClientError as error:
        if code_of(error) in ("AccessDeniedException", "AccessDenied"):
            return _Running("it is not known whether executions of it run (states:ListExecutions is not allowed)")
        return None
    number = len(page.get("executions", ()))
    if not number:
        return None
    more = " or more" if page.get("nextToken") else ""
    return _Running("1 execution runs" if number == 1 else f"{number}{more} executions run")


def _machines(cloud: Cloud, stack_id: str) -> Iterator[tuple[str, str]]:
    """The machines of a stack and of those nested in it: their ARNs and logical ids."""
    pages = cloud.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    resources: list[Any] = [one for page in pages for one in page["StackResourceSummaries"]]
    for one in resources:
        physical_id = one.get("PhysicalResourceId", "")
        if one["ResourceType"] == MACHINE and physical_id:
            yield physical_id, one["LogicalResourceId"]
        elif one["ResourceType"] == STACK and physical_id:
            yield from _machines(cloud, physical_id)
