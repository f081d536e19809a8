"""Extracts the workflow's input from the records of EventBridge Pipes.

A pipe starts an execution with a list of records, even for a single one, and cannot pass on the body of a message by
itself, only inside an object (EventBridge user guide, "Amazon EventBridge Pipes batching and concurrency" and "Amazon
EventBridge Pipes input transformation", implicit body data parsing). So pipes wrap the input under a reserved key, and
an entry state unwraps it. Other ways of starting the workflow are not affected.
"""

from __future__ import annotations

from flowgen.compile.names import record_key
from flowgen.jsonata.literals import quoted
from flowgen.model import Workflow
from flowgen.model.triggers import PIPED


def unwrapped(workflow: Workflow) -> str | None:
    """The JSONata that extracts the input from `$states.input`, or None if no trigger wraps it."""
    batched = {trigger.batch is not None for trigger in workflow.triggers.values() if isinstance(trigger, PIPED)}
    if not batched:
        return None
    given = "$states.input"
    expression = given
    for many in sorted(batched, reverse=True):
        key = quoted(record_key(workflow.name, batched=many))
        # `$lookup` returns the value unchanged; a path would unwrap a list with one item.
        taken = (
            f"[$map({given}, function($record) {{ $lookup($record, {key}) }})]"
            if many
            else f"$lookup({given}[0], {key})"
        )
        expression = f"{key} in $keys({given}[0]) ? {taken} : {expression}"
    return f"({expression})"
