"""`flowgen deploy`, ended at every single request to AWS: the next run deploys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flowgen.deploying import Cloud, Status, Wanted, deploy
from flowgen.deploying.package import Package
from tests.unit.deploying.aws import S3, CloudFormation, Moment, Somebody, StepFunctions, asset, error, own, package

_SETTINGS = {
    "put_public_access_block",
    "put_bucket_encryption",
    "put_bucket_policy",
    "put_bucket_lifecycle_configuration",
}
_CHANGE = {"ResourceChange": {"Action": "Add", "LogicalResourceId": "Orders", "ResourceType": "AWS::DynamoDB::Table"}}


class KilledError(BaseException):
    """The process was ended. Not an `Exception`, so that `deploy` cannot handle it."""


@dataclass
class Stacks(CloudFormation):
    """A stack that remembers its change sets and what it was made of, and goes on while nobody watches."""

    pending: dict[str, str] = field(default_factory=dict)
    """The template of each change set, by its name."""
    content: str = ""

    def tick(self, _seconds: float = 0) -> None:
        if self.life:
            moment = self.life.pop(0)
            self.status = moment.status
            self.events += moment.events

    def create_change_set(self, **asked: Any) -> Any:
        name, template = asked["ChangeSetName"], asked.get("TemplateBody") or asked["TemplateURL"]
        if name in self.pending:
            raise error("AlreadyExistsException", "", "CreateChangeSet")
        assert (asked["ChangeSetType"] == "CREATE") == (self.status in (None, "REVIEW_IN_PROGRESS")), self.status
        made = super().create_change_set(**asked)
        self.pending[name] = template
        return {**made, "Id": name}

    def describe_change_set(self, **asked: Any) -> Any:
        if self.pending[asked["ChangeSetName"]] == self.content:
            return {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."}
        return super().describe_change_set(**asked)

    def execute_change_set(self, **asked: Any) -> None:
        self.content = self.pending[asked["ChangeSetName"]]
        super().execute_change_set(**asked)
        running = str(self.status)
        self.pending.clear()  # as CloudFormation does, since they compare with a stack that is no longer there
        self.life = [
            Moment(status, [own(len(self.events), status)])
            for status in (running, running.replace("IN_PROGRESS", "COMPLETE"))
        ]

    def delete_change_set(self, **asked: Any) -> None:
        self.pending.pop(asked["ChangeSetName"], None)

    def delete_stack(self, **asked: Any) -> None:
        super().delete_stack(**asked)
        if self.status is not None:
            self.life = [Moment("DELETE_IN_PROGRESS"), Moment(None)]


class Storage(S3):
    """Buckets that are complete once the last of their settings is made, as in AWS."""

    def get_bucket_lifecycle_configuration(self, **asked: Any) -> Any:
        self.complete = {name for name, _ in self.settings} >= _SETTINGS
        return super().get_bucket_lifecycle_configuration(**asked)


@dataclass
class Requests:
    """The requests so far. At request `end` the process ends, and so does each later attempt; with 0 none does.

    `arrived`: AWS still got the request, and only its answer is lost.
    """

    end: int = 0
    arrived: bool = False
    interrupted: bool = False
    count: int = 0

    def one(self, call: Callable[[], Any]) -> Any:
        self.count += 1
        if self.end and self.interrupted and self.count == self.end:
            raise KeyboardInterrupt
        if self.end and not self.interrupted and self.count >= self.end:
            if self.arrived and self.count == self.end:
                call()
            raise KilledError
        return call()


@dataclass
class Client:
    """A client of AWS whose requests are counted."""

    real: Any
    requests: Requests

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if name == "meta":
            return found
        return lambda *arguments, **more: self.requests.one(lambda: found(*arguments, **more))


@dataclass
class World:
    """An account of AWS as one scenario finds it."""

    stacks: Stacks
    s3: Storage = field(default_factory=Storage)

    def deploy(self, made: Package, requests: Requests) -> Status:
        clients = (Client(one, requests) for one in (self.stacks, self.s3, StepFunctions()))
        cloudformation, s3, machines = clients
        cloud = Cloud("111122223333", "eu-west-1", "aws", None, cloudformation, s3, machines, self.stacks.tick)
        return deploy(made, Wanted("shop"), cloud, Somebody()).status


def new() -> World:
    return World(Stacks(changes=[_CHANGE]))


def existing() -> World:
    return World(Stacks("CREATE_COMPLETE", changes=[_CHANGE], events=[own(-1, "CREATE_COMPLETE")], content="older"))


def failed_creation() -> World:
    return World(Stacks("ROLLBACK_COMPLETE", changes=[_CHANGE], events=[own(-1, "ROLLBACK_COMPLETE")]))


@pytest.mark.parametrize("world", [new, existing, failed_creation])
@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
@pytest.mark.parametrize("how", ["lost", "arrived", "interrupted"])
def test_deploy_ended_at_every_request(world: Callable[[], World], how: str, *, large: bool, tmp_path: Path) -> None:
    """With the request lost, its answer lost, or by Ctrl-C: another run leaves what an undisturbed one does."""
    made = package(asset(tmp_path), **({"Metadata": {"long": "x" * 60_000}} if large else {}))
    undisturbed, requests = world(), Requests()
    assert undisturbed.deploy(made, requests) is Status.DEPLOYED
    assert requests.count > 10
    for end in range(1, requests.count + 1):
        here, ended = world(), Requests(end, how == "arrived", how == "interrupted")
        if how == "interrupted":
            assert here.deploy(made, ended) in (Status.INTERRUPTED, Status.LEFT)
        else:
            with pytest.raises(KilledError):
                here.deploy(made, ended)
        again = here.deploy(made, Requests())
        assert (end, again in (Status.DEPLOYED, Status.UNCHANGED)) == (end, True), again
        assert (end, here.stacks.content) == (end, undisturbed.stacks.content)
        assert (end, str(here.stacks.status).endswith(("CREATE_COMPLETE", "UPDATE_COMPLETE"))) == (end, True)
        assert (end, here.stacks.pending, here.s3.buckets) == (end, {}, undisturbed.s3.buckets)
        assert {name for name, _ in here.s3.settings} >= _SETTINGS
