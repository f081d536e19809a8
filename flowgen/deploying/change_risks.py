"""Risks of a change that the person must see first: data that would be lost, executions that are running."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from flowgen.deploying.aws_errors import code_of
from flowgen.deploying.change_set import Change
from flowgen.deploying.cloud import Cloud
from flowgen.deploying.package import STACK, Package
from flowgen.diagnostics import Diagnostic

HOLDS_DATA: Final = frozenset({
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
"""Resource types with data that cannot be recreated (similar to cfn-lint's rule I3011)."""

MACHINE: Final = "AWS::StepFunctions::StateMachine"
FUNCTION: Final = "AWS::Lambda::Function"
_PAGE: Final = 1000


def data_at_stake(changes: Iterable[Change], package: Package) -> Iterator[Diagnostic]:
    """FG547 for each resource whose data would, or might, be lost."""
    for change in changes:
        if change.type in HOLDS_DATA and change.takes_away:
            verb = {"remove": "will be removed", "replace": "will be replaced", "may replace": "may be replaced"}[
                change.action
            ]
            because = f" because {', '.join(change.why)} changes" if change.why and change.action != "remove" else ""
            source = package.source(change.logical_id)
            yield Diagnostic(
                "FG547",
                f"`{change.logical_id}` ({change.type}) {verb}{because}, and its data lost",
                None if source is None else source.span,
                "" if source is None else source.what,
                help="to keep it, first deploy it with `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain`",
            )


def executions_at_stake(cloud: Cloud, stack_id: str, changes: Iterable[Change], package: Package) -> list[Diagnostic]:
    """FG548 for each state machine with running executions that would be removed, replaced, or lose functions."""
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
        running = running_executions(cloud, arn)
        if running is None:
            continue
        if arn in going:
            verb = {"remove": "will be removed"}.get(going[arn].action, "will be replaced")
            what = "they will stop at their next step"
        else:
            verb = f"will lose {', '.join(f'`{name}`' for name in functions)}"
            what = "they will fail at a step that calls it"
        source = package.source(logical_id)
        found.append(
            Diagnostic(
                "FG548",
                f"the state machine `{logical_id}` {verb} while {running}: {what}",
                None if source is None else source.span,
                help="wait until they end: "
                + cloud.command(f"stepfunctions list-executions --status-filter RUNNING --state-machine-arn {arn}"),
            )
        )
    return found


def running_executions(cloud: Cloud, arn: str) -> str | None:
    """How many executions are running, in words; None for none and for express workflows, which AWS does not list."""
    from botocore.exceptions import ClientError

    try:
        page = cloud.stepfunctions.list_executions(stateMachineArn=arn, statusFilter="RUNNING", maxResults=_PAGE)
    except ClientError as error:
        if code_of(error) in ("AccessDeniedException", "AccessDenied"):
            return "executions may be running (no permission for states:ListExecutions)"
        return None
    number = len(page.get("executions", ()))
    if not number:
        return None
    more = " or more" if page.get("nextToken") else ""
    return "1 execution is running" if number == 1 else f"{number}{more} executions are running"


def _machines(cloud: Cloud, stack_id: str) -> Iterator[tuple[str, str]]:
    """The state machines of a stack and its nested stacks: their ARNs and logical ids."""
    pages = cloud.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    resources: list[Any] = [resource for page in pages for resource in page["StackResourceSummaries"]]
    for resource in resources:
        physical_id = resource.get("PhysicalResourceId", "")
        if resource["ResourceType"] == MACHINE and physical_id:
            yield physical_id, resource["LogicalResourceId"]
        elif resource["ResourceType"] == STACK and physical_id:
            yield from _machines(cloud, physical_id)
