"""Raw states in Amazon States Language, checked against the specification."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flowgen.check.definitions import Expressions, known_action
from flowgen.diagnostics import Diagnostic, Span
from flowgen.model import Asl, Workflow, every_step
from flowgen.source import Mapping, Node, Scalar, Sequence, Tagged

if TYPE_CHECKING:
    from flowgen.asl.validation import Problem

_FILLED_IN = "${FilledIn}"
"""The substitute for a CloudFormation tag during validation: a value that exists at deployment."""


_FIELD = re.compile(r"[Ff]ield '([^']+)'")


def check_raw_states(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG413: `asl` states that AWS rejects."""
    states = [step for step in every_step(workflow) if isinstance(step, Asl)]
    if not states:
        return
    from flowgen.asl.validation import validate

    expressions = Expressions()
    for step in states:
        state = {**_json(step.node.get("asl")), "End": True}
        machine = {"QueryLanguage": "JSONata", "StartAt": step.id, "States": {step.id: state}}
        problems = validate(
            machine,
            machine_type=workflow.type.upper(),
            check_expression=expressions.check,
            known_action=known_action,
        )
        for problem in problems:
            if problem.severity == "ERROR":
                yield Diagnostic("FG413", _message(problem), _place(step, problem))


def _message(problem: Problem) -> str:
    return problem.message[0].lower() + problem.message[1:].rstrip(".") if problem.message else problem.code


def _place(step: Asl, problem: Problem) -> Span:
    """The node at the path or name of a problem, or its nearest enclosing node."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in problem.pointer.split("/")[3:]]
    node, span = step.node.get("asl"), step.span_of("asl")
    for part in parts:
        entry = node.entry(part) if isinstance(node, Mapping) else None
        if entry is not None:
            node, span = entry.value, entry.value.span
        elif isinstance(node, Sequence) and part.isdigit() and int(part) < len(node.items):
            node = node.items[int(part)]
            span = node.span
        else:
            break
    named = _FIELD.search(problem.message)
    entry = node.entry(named[1]) if named and isinstance(node, Mapping) else None
    return span if entry is None else entry.key.span


def _json(node: Node | None) -> Any:
    match node:
        case Mapping(entries=entries):
            return {entry.key.text: _json(entry.value) for entry in entries}
        case Sequence(items=items):
            return [_json(item) for item in items]
        case Scalar(value=value):
            return value
        case Tagged():
            return _FILLED_IN
        case _:
            return {}
