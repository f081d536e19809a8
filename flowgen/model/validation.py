"""`validate`: which values from outside the machine checks against their types at run time."""

from __future__ import annotations

from flowgen.diagnostics import did_you_mean, replacing
from flowgen.model.accepts import Schema, array
from flowgen.model.element import Reading
from flowgen.source import Node, Scalar, Sequence, kind_of

BOUNDARIES = ("input", "callback", "http", "aws", "workflow", "function", "items")
"""Where values come from outside: the input of the workflow, answers to task tokens, bodies of HTTP responses, results
of AWS services, outputs of other workflows and of functions without generated code, and the items of readers."""

Boundaries = frozenset[str]

BOUNDARIES_SCHEMA: Schema = {"anyOf": [{"type": "boolean"}, array({"enum": list(BOUNDARIES)})]}


def read_boundaries(node: Node, reading: Reading) -> Boundaries:
    """`true` (all), `false` (none), or a list of boundaries."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return frozenset(BOUNDARIES if node.value else ())
    if not isinstance(node, Sequence):
        help_ = f"the boundaries are {', '.join(BOUNDARIES)}"
        message = f"expected `true`, `false` or a list of boundaries, found {kind_of(node)}"
        raise reading.refuse("FG102", message, node, help=help_)
    for item in node.items:
        name = item.value if isinstance(item, Scalar) else None
        if name not in BOUNDARIES:
            guess = did_you_mean(str(name), BOUNDARIES)
            help_ = f"did you mean `{guess}`?" if guess else f"the boundaries are {', '.join(BOUNDARIES)}"
            text = f"`{item.text}` is not a boundary" if isinstance(item, Scalar) else "expected a boundary"
            raise reading.refuse("FG102", text, item, help=help_, fix=replacing(item.span, guess))
    return frozenset(str(item.value) for item in node.items if isinstance(item, Scalar))
