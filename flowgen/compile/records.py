"""Taking the input out of what EventBridge Pipes hands over.

A pipe starts an execution with a list of records, also of one, and can't hand a message's body on as it is, but only
within an object (EventBridge user guide, "Amazon EventBridge Pipes batching and concurrency" and "Amazon EventBridge
Pipes input transformation", implicit body data parsing). So pipes wrap what they take under a key of ours, and an entry
state takes it out again. Whoever starts the workflow otherwise knows nothing of this.
"""

from __future__ import annotations

from flowgen.compile.names import record_key
from flowgen.compile.templates import quoted
from flowgen.model import Workflow
from flowgen.model.triggers import PIPED


def unwrapped(workflow: Workflow) -> str | None:
    """The JSONata of the input out of `$states.input`, or None where no trigger wraps it."""
    batched = {trigger.batch is not None for trigger in workflow.triggers.values() if isinstance(trigger, PIPED)}
    if not batched:
        return None
    given = "$states.input"
    expression = given
    for many in sorted(batched, reverse=True):
        key = quoted(record_key(workflow.name, batched=many))
        # `$lookup` gives what is there; a path would take a list of one apart.
        taken = (
            f"[$map({given}, function($record) {{ $lookup($record, {key}) }})]"
            if many
            else f"$lookup({given}[0], {key})"
        )
        expression = f"{key} in $keys({given}[0]) ? {taken} : {expression}"
    return f"({expression})"
