"""Queues: for events that could not start a workflow, and between a topic and its pipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.backends.cloudformation.iam import policies
from flowgen.backends.cloudformation.intrinsics import arn_of, ref
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.triggers.ids import TriggerIds
from flowgen.model.triggers import Delivery

RETENTION = 14 * 86_400
"""Seconds that a queue keeps messages: SQS's maximum, so that somebody can look at them."""
VISIBILITY = 360
"""Seconds that a message stays hidden while a pipe, which takes up to five minutes, works on it."""
MAX_RECEIVES = 5
"""How often a pipe tries a message before it goes to the dead-letter queue."""


def dead_letters(ids: TriggerIds, *senders: Mapping[str, Any]) -> Iterator[Entry]:
    """The queue for events that could not start the workflow."""
    yield from dead_letter_queue(ids.dead_letters, ids.dead_letters_policy, *senders)


def dead_letter_queue(logical_id: str, policy_id: str, *senders: Mapping[str, Any]) -> Iterator[Entry]:
    """A queue for events that could not be delivered, and its policy."""
    yield from _queue(logical_id, policy_id, {}, *senders)


def queue(ids: TriggerIds, *senders: Mapping[str, Any]) -> Iterator[Entry]:
    """The queue that a pipe reads; messages that fail repeatedly go to the dead-letter queue."""
    redrive = {"deadLetterTargetArn": arn_of(ids.dead_letters), "maxReceiveCount": MAX_RECEIVES}
    properties = {"RedrivePolicy": redrive, "VisibilityTimeout": VISIBILITY}
    yield from _queue(ids.queue, ids.queue_policy, properties, *senders)


def _queue(logical_id: str, policy_id: str, more: Mapping[str, Any], *senders: Mapping[str, Any]) -> Iterator[Entry]:
    """A queue encrypted with SQS's own keys, and its policy."""
    properties = {"MessageRetentionPeriod": RETENTION, "SqsManagedSseEnabled": True, **more}
    yield logical_id, resource("AWS::SQS::Queue", properties)
    document = policies.queue_document(logical_id, *senders)
    yield policy_id, resource("AWS::SQS::QueuePolicy", {"Queues": [ref(logical_id)], "PolicyDocument": document})


def retry_policy(retry: Delivery | None) -> dict[str, int] | None:
    """The retries of EventBridge and EventBridge Scheduler: how often, and for how many seconds."""
    if retry is None:
        return None
    made = {} if retry.attempts is None else {"MaximumRetryAttempts": retry.attempts}
    return made if retry.max_age is None else {**made, "MaximumEventAgeInSeconds": retry.max_age.seconds}
