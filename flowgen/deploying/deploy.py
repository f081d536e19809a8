"""The steps of a deployment. Every step can be interrupted, and the whole deployment run again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Any, Final

from flowgen.deploying import bucket, change_set, images, report, uploading
from flowgen.deploying.aws_errors import Refused, refusal
from flowgen.deploying.change_risks import data_at_stake, executions_at_stake
from flowgen.deploying.change_set import Change, ChangeSet
from flowgen.deploying.cloud import Cloud
from flowgen.deploying.events import POLL, Event, boundary, follow
from flowgen.deploying.package import Asset, Package
from flowgen.deploying.parameters import BUCKET, Parameter, parameters
from flowgen.deploying.person import Person
from flowgen.deploying.stack import FAILED_CREATION, Stack, delete, look_up, refuse_stuck
from flowgen.deploying.syncing import NeedsDeployment, sync
from flowgen.diagnostics import Diagnostic, Span
from flowgen.environments import Given
from flowgen.packaging.container_engine import find_engine

_QUIET: Final = 30.0
"""Seconds without events after which a message says what is still in progress."""


class Status(StrEnum):
    """How a deployment ended."""

    DEPLOYED = "deployed"
    UNCHANGED = "unchanged"
    SHOWN = "shown"
    DECLINED = "declined"
    REFUSED = "refused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    LEFT = "left"
    """The deployment continues in AWS, but flowgen stopped watching it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to deploy. `known` has parameters of workflows that are not in the package."""

    stack: str
    bucket: str | None = None
    parameters: Mapping[str, Given] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    synced: bool = False
    """Whether `flowgen sync` may have changed the stack's functions and state machines."""
    known: Collection[str] = ()
    places: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a deployment ended: the stack as it is now, and diagnostics."""

    status: Status
    stack: Stack | None = None
    changes: tuple[Change, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def deploy(package: Package, wanted: Wanted, cloud: Cloud, person: Person) -> Outcome:
    """Deploys a package, or with `dry_run` shows the changes."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        return _Deployment(package, wanted, cloud, person).reconciled()
    except Refused as refused:
        return Outcome(Status.REFUSED, diagnostics=refused.diagnostics)
    except (BotoCoreError, ClientError, ResponseParserError, Boto3Error) as error:
        return Outcome(Status.REFUSED, diagnostics=(refusal(error, cloud.profile),))
    except KeyboardInterrupt:
        return Outcome(Status.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class _Deployment:
    package: Package
    wanted: Wanted
    cloud: Cloud
    person: Person

    def reconciled(self) -> Outcome:
        """Deploys, then makes code and definitions equal to the template if `flowgen sync` may have changed them."""
        from botocore.exceptions import BotoCoreError, ClientError

        outcome = self.run()
        if self.wanted.synced and outcome.status in (Status.DEPLOYED, Status.UNCHANGED) and not self.wanted.dry_run:
            try:
                sync(self.package, self.wanted.stack, self.cloud, self.person)
            except NeedsDeployment as reason:
                self.person.say(f"cannot compare functions and state machines with the template: {reason}")
            except (BotoCoreError, ClientError) as error:  # the deployment itself succeeded
                self.person.tell((refusal(error, self.cloud.profile),))
        return outcome

    def run(self) -> Outcome:
        stack = look_up(self.cloud, self.wanted.stack)
        if stack is not None and stack.in_progress:
            self.person.say(f"stack {stack.name} is in {stack.status}: waiting until that ends")
            outcome = self._watched(stack.id, boundary(self.cloud, stack.id), ())
            if outcome.status is not Status.DEPLOYED:
                return outcome
            stack = look_up(self.cloud, self.wanted.stack)
        if stack is not None:
            refuse_stuck(self.cloud, stack)
        if stack is not None and stack.status == FAILED_CREATION:
            outcome_or_none = self._cleared(stack)
            if outcome_or_none is not None:
                return outcome_or_none
            stack = None
        uris = {image.parameter: images.expected(self.cloud, image) for image in self.package.images}
        values = self._values(stack, uris)
        if self.wanted.dry_run:
            return self._shown(stack, values)
        name = self._bucket()
        if name is not None:
            self._upload(name, self.package.assets)
            if self._is_large:
                uploading.put_template(self.cloud, name, self.package.template)
        if uris:
            values = self._values(stack, self._pushed())
        made = change_set.create(self.cloud, self.wanted.stack, stack, self._request(values))
        if made is None:
            return self._unchanged()
        try:
            self._show(made, values)
            agreed = self.person.agrees(f"Deploy this to the stack {self.wanted.stack}?")
        except (KeyboardInterrupt, Refused):
            change_set.discard(self.cloud, made)
            raise
        if not agreed:
            change_set.discard(self.cloud, made)
            return Outcome(Status.DECLINED, stack, made.changes)
        after = boundary(self.cloud, made.stack_id)
        try:
            change_set.execute(self.cloud, made)
        except KeyboardInterrupt:  # AWS may or may not have received the request
            return Outcome(Status.LEFT, changes=made.changes)
        return self._watched(made.stack_id, after, made.changes)

    def _values(self, stack: Stack | None, uris: Mapping[str, str]) -> tuple[Parameter, ...]:
        return parameters(
            self.package,
            {**self.wanted.parameters, **{name: Given(uri, "the image") for name, uri in uris.items()}},
            stack,
            self.wanted.bucket or bucket.own_name(self.cloud),
            known=self.wanted.known,
            places=self.wanted.places,
        )

    def _pushed(self) -> dict[str, str]:
        """The URIs of the images by their parameters, after pushing those that the repositories do not have."""
        engine, project = find_engine(), self.package.project
        return {
            image.parameter: images.pushed(self.cloud, project, image, engine, self.person.say)
            for image in self.package.images
        }

    @property
    def _is_large(self) -> bool:
        return len(self.package.template.encode()) > uploading.INLINE

    def _request(self, values: Iterable[Parameter]) -> dict[str, Any]:
        """The parameters of CreateChangeSet, except the stack's name."""
        name = self.wanted.bucket or bucket.own_name(self.cloud)
        request: dict[str, Any] = {
            "Parameters": [asked for parameter in values if (asked := parameter.asked()) is not None],
            "Capabilities": list(self.package.capabilities),
        }
        if self._is_large:
            request["TemplateURL"] = uploading.template_url(self.cloud, name, self.package.template)
        else:
            request["TemplateBody"] = self.package.template
        if self.wanted.tags:
            request["Tags"] = [{"Key": key, "Value": value} for key, value in self.wanted.tags.items()]
        if self.package.has_nested_stacks:
            request["IncludeNestedStacks"] = True
        return request

    def _cleared(self, stack: Stack) -> Outcome | None:
        """Deletes the empty stack that a failed creation left. Returns the outcome if that ends the deployment."""
        state = f"stack {stack.name} is in {stack.status}: its creation failed, and it is empty"
        if self.wanted.dry_run:
            self.person.say(f"{state}; a deployment would delete it, then create it again")
            return Outcome(Status.SHOWN, stack)
        self.person.say(state)
        if not self.person.agrees(f"Delete the empty stack {stack.name} and create it again?"):
            return Outcome(Status.DECLINED, stack)
        after = boundary(self.cloud, stack.id)
        try:
            delete(self.cloud, stack.id)
        except KeyboardInterrupt:
            return Outcome(Status.LEFT, stack)
        outcome = self._watched(stack.id, after, ())
        return None if outcome.status is Status.DEPLOYED else outcome

    def _bucket(self) -> str | None:
        """The bucket for code and templates, created if it is flowgen's and missing; None if none is needed."""
        if not (self.package.assets or self._is_large or BUCKET in self.package.parameters):
            return None
        given, name = self.wanted.bucket, self.wanted.bucket or bucket.own_name(self.cloud)
        there = bucket.is_there(self.cloud, name)
        if given is not None:
            if not there:
                raise Refused(bucket.missing(name))
        elif not there or not bucket.is_complete(self.cloud, name):
            bucket.make(self.cloud, name)
            self.person.say(f"created the private bucket {name} for code and templates")
        return name

    def _upload(self, name: str, assets: Sequence[Asset]) -> None:
        if not assets:
            return
        lacking = uploading.lacking(self.cloud, name, assets)
        self.person.say(report.assets(lacking, len(assets)))
        total = sum(asset.size for asset in lacking)
        progress = _Progress(total, self.person.uploaded)
        for asset in lacking:
            uploading.upload(self.cloud, name, asset, progress.moved)

    def _shown(self, stack: Stack | None, values: Sequence[Parameter]) -> Outcome:
        """Shows the changes. Templates that must be in a bucket are uploaded, and deleted afterwards."""
        name = self.wanted.bucket or bucket.own_name(self.cloud)
        templates = [asset for asset in self.package.assets if asset.is_template]
        put: list[str] = []
        if self._is_large or templates:
            if not bucket.is_there(self.cloud, name):
                self.person.say(
                    f"cannot show the changes: the template must be in a bucket, and {name} does not exist yet;"
                    " all local checks passed"
                )
                return Outcome(Status.SHOWN, stack)
            lacking = uploading.lacking(self.cloud, name, templates)
        try:
            if self._is_large or templates:
                for asset in lacking:
                    put.append(asset.key)
                    uploading.upload(self.cloud, name, asset, lambda _: None)
                if self._is_large and uploading.put_template(self.cloud, name, self.package.template):
                    put.append(uploading.template_key(self.package.template))
            made = change_set.create(self.cloud, self.wanted.stack, stack, self._request(values))
            if made is None:
                return self._unchanged()
            try:
                self._show(made, values)
            finally:
                change_set.discard(self.cloud, made)
            return Outcome(Status.SHOWN, stack, made.changes)
        finally:
            uploading.remove(self.cloud, name, put)

    def _unchanged(self) -> Outcome:
        return Outcome(Status.UNCHANGED, look_up(self.cloud, self.wanted.stack))

    def _show(self, made: ChangeSet, values: Sequence[Parameter]) -> None:
        findings = list(data_at_stake(made.changes, self.package))
        if not made.is_new:
            findings += executions_at_stake(self.cloud, made.stack_id, made.changes, self.package)
        if findings:
            self.person.tell(findings)
        where = f"{self.wanted.stack} ({self.cloud.region}, account {self.cloud.account})"
        self.person.say(f"{'new stack' if made.is_new else 'changes to stack'} {where}:")
        self.person.say(report.changes(made.changes) if made.changes else "  only tags or outputs change")
        if values:
            self.person.say("parameters:\n" + report.parameters(values))

    def _watched(self, stack_id: str, after: str, changes: tuple[Change, ...]) -> Outcome:
        """Reports a stack's events until its operation ends. The operation continues if flowgen stops watching."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            events = self._events(stack_id, after)
            stack = look_up(self.cloud, stack_id)
        except KeyboardInterrupt:
            return Outcome(Status.LEFT, changes=changes)
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            return Outcome(Status.LEFT, changes=changes, diagnostics=(refusal(error, self.cloud.profile),))
        if stack is None or stack.is_well:
            return Outcome(Status.DEPLOYED, stack, changes)
        return Outcome(Status.FAILED, stack, changes, tuple(report.failures(events, self.package)))

    def _events(self, stack_id: str, after: str) -> list[Event]:
        events: list[Event] = []
        began: dict[tuple[str, str], datetime] = {}
        quiet = 0.0
        for new in follow(self.cloud, stack_id, after):
            quiet = 0.0 if new else quiet + POLL
            for event in new:
                events.append(event)
                began.setdefault(event.resource, event.at)
                line = report.event(event, events[0].at, began[event.resource])
                if line is not None:
                    self.person.say(line)
            if quiet >= _QUIET:
                quiet = 0.0
                self.person.say(report.waiting(events))
        return events


@dataclass(slots=True)
class _Progress:
    """Adds up the progress that the threads of an upload report."""

    total: int
    report: Callable[[int, int], None]
    done: int = 0
    _lock: Lock = field(default_factory=Lock)

    def moved(self, number: int) -> None:
        with self._lock:
            self.done += number
            self.report(self.done, self.total)
