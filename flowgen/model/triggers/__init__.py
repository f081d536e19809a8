"""What starts a workflow: one class per kind of trigger.

In: the mapping under `triggers`. Out: frozen triggers by name, or diagnostics (FG1xx, FG510). Never: resolving the
names in a trigger, AWS resources.
"""

from flowgen.model.triggers.base import Batching, Delivery, NamingTrigger, TriggerBase, kind_span
from flowgen.model.triggers.http import Cors, Http, Jwt, Response, Route, Throttle
from flowgen.model.triggers.kinds import PIPED, TRIGGERS, Trigger, TriggersField, read_triggers, type_uses
from flowgen.model.triggers.pipes import Sns, SnsFilter, Sqs, Stream, StreamDelivery
from flowgen.model.triggers.rules import S3, Event, Schedule

__all__ = [
    "PIPED",
    "S3",
    "TRIGGERS",
    "Batching",
    "Cors",
    "Delivery",
    "Event",
    "Http",
    "Jwt",
    "NamingTrigger",
    "Response",
    "Route",
    "Schedule",
    "Sns",
    "SnsFilter",
    "Sqs",
    "Stream",
    "StreamDelivery",
    "Throttle",
    "Trigger",
    "TriggerBase",
    "TriggersField",
    "kind_span",
    "read_triggers",
    "type_uses",
]
