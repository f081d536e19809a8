"""Checks the values that a run receives from outside: its input, and mocked results, against their declared types.

Values that the state machine checks itself (`validate`) are left to it, so that a run fails as in AWS.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.asl.json_text import parse
from flowgen.local.values import JSON

if TYPE_CHECKING:
    from flowgen.jsonata.evaluate import Expression
    from flowgen.model import TypeUse, Workflow
    from flowgen.model.outside import Outside

Path: TypeAlias = tuple[str | int, ...]

_PART = re.compile(r"""\.(\w+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]""")


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a value does not fit its type: the path to the part, and the reason ("expected integer, got string")."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{shown(self.path)}: {self.reason}"


def shown(path: Path) -> str:
    """A path as in messages: `$.lines[2].qty`."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


@dataclass(frozen=True, eq=False)
class Declared:
    """A declared type. `name` names it in messages; `inside` is the member of a result that has this type."""

    schema: Mapping[str, JSON]
    definitions: Mapping[str, JSON]
    name: str
    inside: str | None = None

    @cached_property
    def _check(self) -> Expression | None:
        # Loaded here, because a run without mocks needs no check.
        from flowgen.jsonata.evaluate import Expression
        from flowgen.jsonata.schema_check import schema_check

        text = schema_check(self.schema, self.definitions).of("$value")
        return None if text is None else Expression(text)

    def unfit(self, value: JSON) -> Unfit | None:
        """Why a value does not have the type; None if it has."""
        if self.inside is not None:
            if not isinstance(value, dict) or self.inside not in value:
                return None
            found = _problem(self._check, value[self.inside])
            return None if found is None else Unfit((self.inside, *found.path), found.reason)
        return _problem(self._check, value)


def _problem(check: Expression | None, value: JSON) -> Unfit | None:
    from flowgen.jsonata.aws_functions import Environment
    from flowgen.jsonata.failures import EvaluationFailure

    if check is None:
        return None
    environment = Environment(random.Random(0), lambda: 0)  # noqa: S311 - the check draws no random numbers
    try:
        found = check.evaluate({"value": value}, environment)
    except EvaluationFailure:
        return None  # the value is nested too deeply for the check
    return parsed(found) if found else None


def parsed(problem: str) -> Unfit:
    """The parts of a problem as the check describes it: `$.lines[2].qty: expected integer, got string`.

    >>> parsed("$.lines[2].qty: missing")
    Unfit(path=('lines', 2, 'qty'), reason='missing')
    """
    path: list[str | int] = []
    at = 1
    while match := _PART.match(problem, at):
        name, index, quoted = match.groups()
        try:
            path.append(int(index) if index is not None else name if name is not None else str(parse(f'"{quoted}"')))
        except ValueError:
            break  # the name of an unknown field, which is not quoted
        at = match.end()
    return Unfit(tuple(path), problem[at:].removeprefix(": "))


def declared(use: TypeUse, owner: Workflow, inside: str | None = None) -> Declared:
    """The type of a use in a workflow."""
    definitions = {name: declaration.schema for name, declaration in owner.types.items()} | dict(use.hoisted)
    return Declared(use.schema, definitions, _text(use), inside)


def _text(use: TypeUse) -> str:
    from flowgen.source import Scalar

    reference = use.schema.get("$ref")
    text = use.node.text if isinstance(use.node, Scalar) else str(reference).rpartition("/")[2] if reference else ""
    return f"the type `{text}`" if text else "its declared type"


def of_input(workflow: Workflow) -> Declared | None:
    """The type of the workflow's input; None if the workflow or its first function checks it."""
    from flowgen.model.outside import first_step_validates_input, validates_input

    if not workflow.input.schema or validates_input(workflow) or first_step_validates_input(workflow):
        return None
    return declared(workflow.input, workflow)


def shown_to_clients(workflow: Workflow) -> Declared | None:
    """The type of the workflow's input, for forms that start it; None if it has no declared type."""
    return declared(workflow.input, workflow) if workflow.input.schema else None


def of_callbacks(workflow: Workflow, others: Mapping[str, Workflow]) -> dict[str, Declared]:
    """The types of answers to task tokens, by state."""
    from flowgen.model import every_step
    from flowgen.model.outside import value_from_outside

    found = {step.id: value_from_outside(workflow, step, others) for step in every_step(workflow)}
    return {
        state: declared(outside.type, outside.owner)
        for state, outside in found.items()
        if outside is not None and outside.boundary == "callback" and outside.type.schema
    }


def of_results(workflow: Workflow, others: Mapping[str, Workflow]) -> dict[str, Declared]:
    """The types of what mocks answer, by state, and by function where all of its calls have the same type."""
    from flowgen.model import Call, every_step, undoing_name, undoing_of
    from flowgen.model.outside import validated, value_from_outside
    from flowgen.model.types import ANY

    found: dict[str, Declared] = {}
    of_function: dict[str, list[TypeUse]] = {}
    steps: list[tuple[str, Any]] = [(step.id, step) for step in every_step(workflow)]
    steps += [(undoing_name(name), undoing) for name, step in steps if (undoing := undoing_of(step)) is not None]
    for state, step in steps:
        outside = value_from_outside(workflow, step, others)
        called = step if isinstance(step, Call) and step.function in workflow.functions else None
        if outside is None and called is not None:
            use, owner = workflow.functions[called.function].output, workflow
        elif outside is not None and _is_mocked(outside) and validated(workflow, step, others) is None:
            use, owner = outside.type, outside.owner
        else:
            if called is not None:
                of_function.setdefault(called.function, []).append(ANY)
            continue
        if called is not None:
            of_function.setdefault(called.function, []).append(use)
        if use.schema:
            found[state] = declared(use, owner, _MEMBERS.get(step.kind))
    for function, uses in of_function.items():
        if uses[0].schema and _same(uses):
            found[function] = declared(uses[0], workflow)
    return found


_MEMBERS = {"http": "ResponseBody", "workflow": "Output"}
"""The member of a mocked response that has the declared type."""


def _is_mocked(outside: Outside) -> bool:
    """Whether a mock can answer with the value itself. The output of an express workflow is a string of JSON."""
    express = outside.boundary == "workflow" and outside.owner.type == "express"
    return outside.boundary != "items" and not express


def _same(uses: Iterable[TypeUse]) -> bool:
    first, *others = (use.schema for use in uses)
    return all(other == first for other in others)
