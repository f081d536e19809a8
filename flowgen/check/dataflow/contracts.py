"""The contracts of a workflow as types, and where they are declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType

from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.model import Fail, Function, Literal, Raised, RunWorkflow, Steps, TypeUse, Workflow, every_step
from flowgen.model.raised import raised_by
from flowgen.model.steps import walk
from flowgen.model.triggers import type_uses
from flowgen.source import Mapping as MappingNode
from flowgen.source import Node
from flowgen.source import Sequence as Items
from flowgen.types import (
    INTEGER_TYPE,
    NUMBER_TYPE,
    TEXT_TYPE,
    Declaration,
    Definitions,
    Type,
    array_of,
    literal,
    optional,
    record,
    union,
    unknown,
)
from flowgen.types.other_strings import other_than

_ALONE: Mapping[str, Workflow] = MappingProxyType({})


class Contracts:
    """The declared types of a workflow, in both their forms.

    A field with a default may be absent from what is sent, and is there in what a generated function gives back; what
    the machine fills itself lies between.
    """

    def __init__(self, workflow: Workflow, others: Mapping[str, Workflow] = _ALONE) -> None:
        schemas = {name: declared.schema for name, declared in workflow.types.items()}
        for use in _uses(workflow):
            schemas |= dict(use.hoisted)
        self.workflow = workflow
        self.children = _child_details(workflow, others)
        """The details of the errors of the workflows that this one waits for, by the error; None: without details."""
        self._sent = Definitions(schemas, filled=False)
        self._filled = Definitions(schemas)
        self._received = Definitions(schemas, filled=False, open_=True)
        self._entered = Definitions(schemas, sent=self._sent)

    def sent(self, use: TypeUse) -> Type:
        return self._sent.type_of(use.schema)

    def filled(self, use: TypeUse) -> Type:
        return self._filled.type_of(use.schema)

    def received(self, use: TypeUse) -> Type:
        """As a response that nothing checks: it has what is declared, and may have more."""
        return self._received.type_of(use.schema)

    def entered(self, use: TypeUse) -> Type:
        """As the machine's entry state fills what it is sent."""
        return self._entered.type_of(use.schema)

    def result_of(self, function: Function) -> Type:
        """What a call of a function gives: generated code fills defaults in, others give what they send."""
        return self.filled(function.output) if function.enveloped else self.sent(function.output)

    def approximated(self) -> Iterator[Diagnostic]:
        """FG313: what a declared schema asks for and no type can say, so that only models check it, at run time."""
        for name in self.workflow.types:
            self._sent.expansion(name)
        told = set()
        for one in self._sent.approximations:
            span = self._place(one.declaration)
            if span is not None and (span, one.keyword) not in told:
                told.add((span, one.keyword))
                yield Diagnostic(
                    "FG313",
                    f"no type says what `{one.keyword}` in `{one.declaration.name}` does: {one.reason}",
                    span,
                    help="models hold it at run time; where it decides which fields there are, a tagged union says it",
                )

    def declared(self, declaration: Declaration | None) -> tuple[Label, ...]:
        """The place of a declaration, as a secondary label."""
        if declaration is None:
            return ()
        span = self._place(declaration)
        return () if span is None else (Label(span, "declared here"),)

    def _place(self, declaration: Declaration) -> Span | None:
        declared = self.workflow.types.get(declaration.name)
        if declared is None:
            return None
        place: Node = declared.key
        node: Node = declared.node
        for part in declaration.pointer:
            key = "fields" if part == "properties" and isinstance(node, MappingNode) and node.get("fields") else part
            found: Node | None = None
            if isinstance(node, MappingNode) and isinstance(key, str):
                entry = node.entry(key) or node.entry(f"{key}?")
                found = None if entry is None else entry.value
                place = place if entry is None or key in ("fields", "properties") else entry.key
            elif isinstance(node, Items) and isinstance(key, int) and key < len(node.items):
                found = place = node.items[key]
            if found is None:
                break
            node = found
        return place.span


def _uses(workflow: Workflow) -> list[TypeUse]:
    uses = [workflow.input, workflow.output]
    for function in workflow.functions.values():
        uses += [function.input, function.output]
        uses += [error.details for error in function.errors if error.details is not None]
    return [*uses, *type_uses(workflow.triggers)]


_TIME = Type(formats=frozenset({"date-time"}))


def context_type() -> Type:
    """The context object (developer guide, "Accessing execution data from the Context object")."""
    execution = record(
        {
            "Id": TEXT_TYPE,
            "Input": unknown("the context object does not know the type of the input; `$input` does"),
            "Name": TEXT_TYPE,
            "RoleArn": TEXT_TYPE,
            "StartTime": _TIME,
            "RedriveCount": INTEGER_TYPE,
            "RedriveTime": optional(_TIME),
        }
    )
    state = record({"EnteredTime": _TIME, "Name": TEXT_TYPE, "RetryCount": INTEGER_TYPE})
    machine = record({"Id": TEXT_TYPE, "Name": TEXT_TYPE})
    return record(
        {"Execution": execution, "State": state, "StateMachine": machine, "Task": record({"Token": TEXT_TYPE})}
    )


def error_type(contracts: Contracts, errors: tuple[str, ...], bodies: Sequence[Steps] = ()) -> Type:
    """What a handler of these errors gets as `$error`: a variant for each name, so that a name tells the details.

    `bodies` are the steps inside the step with the handler: a `fail` among them raises its error without details.
    """
    raised = [step.raised for body in bodies for step in walk(body) if isinstance(step, Fail)]
    bare = {str(one.error.value) if isinstance(one.error, Literal) else None for one in raised if type(one) is Raised}
    if "any" in errors or "States.ALL" in errors:
        functions = contracts.workflow.functions.values()
        names = [*(error.name for function in functions for error in function.errors), *contracts.children]
        declared = [name for name in dict.fromkeys(names) if any(_details(contracts, name))]
        if not declared:
            return _error(TEXT_TYPE, ())
        known = [_error(literal(name), _raised_with(contracts, name, bare)) for name in declared]
        return union(*known, _error(other_than(declared), ()))
    return union(*(_error(_name_of(name), _raised_with(contracts, name, bare)) for name in errors))


def _raised_with(contracts: Contracts, name: str, bare: AbstractSet[str | None]) -> list[Type | None]:
    """The details that an error arrives with. `bare` are the errors raised without any; None stands for any name."""
    found = _details(contracts, name)
    return [*found, None] if name in bare or None in bare else found


def _name_of(name: str) -> Type:
    """`$error.Error` where `name` was caught: some names of Step Functions' own stand for several."""
    return TEXT_TYPE if name.startswith("States.") else literal(name)


def _error(name: Type, details: Sequence[Type | None]) -> Type:
    fields = {"Error": name, "Cause": TEXT_TYPE}
    there = [found for found in details if found is not None]
    if there:
        fields["details"] = optional(union(*there)) if None in details else union(*there)
    return record(fields)


def _details(contracts: Contracts, name: str) -> list[Type | None]:
    """The details that each function and each child has for an error, None where there are none."""
    found = [function.error(name) for function in contracts.workflow.functions.values()]
    own = [None if error.details is None else contracts.sent(error.details) for error in found if error is not None]
    return [*own, *contracts.children.get(name, ())]


def _child_details(workflow: Workflow, others: Mapping[str, Workflow]) -> dict[str, list[Type | None]]:
    found: dict[str, list[Type | None]] = {}
    names = dict.fromkeys(
        step.workflow for step in every_step(workflow) if isinstance(step, RunWorkflow) and not step.detached
    )
    for raised in (raised_by(others[name], others) for name in names if name in others):
        for error, details in raised.details.items():
            # An error that is raised without details too arrives without any.
            whole = None in details
            found.setdefault(error, []).extend(
                None if one is None or whole else Contracts(one.workflow).sent(one.type) for one in details
            )
    return found


def stack_types(workflow: Workflow) -> dict[str, Type]:
    """`$parameters` and `$resources`: typed by the parameter; what a resource gives is a text."""
    kinds = {"Number": NUMBER_TYPE}
    parameters = {
        name: array_of(TEXT_TYPE) if "List" in declared.type else kinds.get(declared.type, TEXT_TYPE)
        for name, declared in workflow.parameters.items()
    }
    # A resource is a text by itself, and has texts as attributes: both can't be said of one value.
    resources = dict.fromkeys(workflow.resources, unknown("a resource's values are known when the stack is deployed"))
    return {"parameters": record(parameters), "resources": record(resources)}
