"""The contracts of a workflow as types, and the places of their declarations."""

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
    """The declared types of a workflow, in their sent and their filled form.

    A field with a default may be missing in the sent form, and is present in the output of a generated function. What
    the machine fills itself is in between.
    """

    def __init__(self, workflow: Workflow, others: Mapping[str, Workflow] = _ALONE) -> None:
        schemas = {name: declared.schema for name, declared in workflow.types.items()}
        for use in _uses(workflow):
            schemas |= dict(use.hoisted)
        self.workflow = workflow
        self.children = _child_details(workflow, others)
        """The details of the child workflows' errors, by error; None: without details."""
        self._sent = Definitions(schemas, filled=False)
        self._filled = Definitions(schemas)
        self._received = Definitions(schemas, filled=False, open_=True)
        self._entered = Definitions(schemas, sent=self._sent)

    def sent(self, use: TypeUse) -> Type:
        return self._sent.type_of(use.schema)

    def filled(self, use: TypeUse) -> Type:
        return self._filled.type_of(use.schema)

    def received(self, use: TypeUse) -> Type:
        """A response that nothing validates: it has the declared fields, and may have more."""
        return self._received.type_of(use.schema)

    def entered(self, use: TypeUse) -> Type:
        """The type after the machine's entry state has filled in defaults."""
        return self._entered.type_of(use.schema)

    def result_of(self, function: Function) -> Type:
        """The type of a call's output: generated code fills in defaults, other functions do not."""
        return self.filled(function.output) if function.enveloped else self.sent(function.output)

    def approximated(self) -> Iterator[Diagnostic]:
        """FG313: keywords of a declared schema that types cannot express; only models check them, at run time."""
        for name in self.workflow.types:
            self._sent.expansion(name)
        told = set()
        for one in self._sent.approximations:
            span = self._place(one.declaration)
            if span is not None and (span, one.keyword) not in told:
                told.add((span, one.keyword))
                yield Diagnostic(
                    "FG313",
                    f"`flowgen check` ignores `{one.keyword}` in `{one.declaration.name}`: {one.reason}",
                    span,
                    help="generated models check it at run time; to select between sets of fields, use a tagged union",
                )

    def declared(self, declaration: Declaration | None) -> tuple[Label, ...]:
        """The place of a declaration, as a secondary label."""
        if declaration is None:
            return ()
        span = self._place(declaration)
        return () if span is None else (Label(span, "declared here"),)

    def _place(self, declaration: Declaration) -> Span | None:
        declared = self.workflow.types.get(declaration.name)
        if declared is not None and declaration.pointer[:1] == ("properties",):
            # The field of a base is declared there.
            owner = declared.inherited.get(str(declaration.pointer[1]))
            declared = declared if owner is None else self.workflow.types[owner]
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
    """The type of `$error` in a handler of these errors: one variant per name, which determines the details.

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
    """The details of an error on arrival. `bare` are the errors raised without details; None means any name."""
    found = _details(contracts, name)
    return [*found, None] if name in bare or None in bare else found


def _name_of(name: str) -> Type:
    """The possible values of `$error.Error` if `name` was caught: some names of Step Functions match several errors."""
    return TEXT_TYPE if name.startswith("States.") else literal(name)


def _error(name: Type, details: Sequence[Type | None]) -> Type:
    fields = {"Error": name, "Cause": TEXT_TYPE}
    there = [found for found in details if found is not None]
    if there:
        fields["details"] = optional(union(*there)) if None in details else union(*there)
    return record(fields)


def _details(contracts: Contracts, name: str) -> list[Type | None]:
    """The details that each function and child declares for an error; None if there are none."""
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
            # An error that is also raised without details may arrive without them.
            whole = None in details
            found.setdefault(error, []).extend(
                None if one is None or whole else Contracts(one.workflow).sent(one.type) for one in details
            )
    return found


def stack_types(workflow: Workflow) -> dict[str, Type]:
    """`$parameters` and `$resources`: a parameter has its declared type; the value of a resource is a string."""
    kinds = {"Number": NUMBER_TYPE}
    parameters = {
        name: array_of(TEXT_TYPE) if "List" in declared.type else kinds.get(declared.type, TEXT_TYPE)
        for name, declared in workflow.parameters.items()
    }
    # A resource is a string and also has attributes, which no type can express.
    resources = dict.fromkeys(workflow.resources, unknown("a resource's values are known only at deployment"))
    return {"parameters": record(parameters), "resources": record(resources)}
