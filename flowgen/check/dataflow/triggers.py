"""The type of the input from each trigger, checked against the workflow's input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from flowgen.aws.event_shapes import (
    bus_event,
    kinesis_record,
    queue_record,
    request_event,
    s3_event,
    schedule_event,
    table_record,
)
from flowgen.check.dataflow.contracts import Contracts, stack_types
from flowgen.check.dataflow.execution_names import check_execution_name
from flowgen.check.dataflow.values import Teller, place_in, place_of, type_of_expression
from flowgen.check.event_patterns import PIPE, POLICY, RULE, check_pattern
from flowgen.check.trigger_inputs import name_of
from flowgen.diagnostics import Label, Span
from flowgen.jsonata.inference import Variables
from flowgen.model import Expression, Interpolation, Intrinsic, ListValue, Literal, ObjectValue, TypeUse, Value
from flowgen.model.triggers import S3, Event, Http, Schedule, Sns, Sqs, Stream, Trigger, kind_span
from flowgen.model.triggers.paths import EventPath, event_path, json_path
from flowgen.model.triggers.payloads import payload, stream_source
from flowgen.model.triggers.rules import S3_EVENTS
from flowgen.source import Node, Sequence
from flowgen.types import (
    NUMBER_TYPE,
    TEXT_TYPE,
    MismatchKind,
    Type,
    array_of,
    assign,
    expand,
    literal,
    present,
    record,
    show,
    show_path,
    tuple_of,
    union,
    unknown,
)
from flowgen.types.algebra import NOTHING
from flowgen.types.mismatch import Doubt


def event_type(trigger: Trigger, contracts: Contracts) -> Type:
    """The type of `$event`."""

    def declared(use: TypeUse | None, otherwise: Type) -> Type:
        return otherwise if use is None else contracts.sent(use)

    match trigger:
        case Schedule():
            return schedule_event()
        case Event(detail=detail):
            return bus_event(declared(detail, unknown("the `detail` of the event has no declared type")))
        case S3(events=events):
            return s3_event(tuple(S3_EVENTS[name] for name in events))
        case Sqs(body=body) | Sns(body=body):
            return queue_record(declared(body, unknown("the `body` of the message has no declared type")))
        case Stream(data=data):
            source = stream_source(contracts.workflow, trigger)
            return _stream_type(source, declared(data, unknown("the `data` of the record has no declared type")))
        case Http(body=body):
            return request_event(declared(body, unknown("the `body` of the request has no declared type")))
        case _:
            assert_never(trigger)


def _stream_type(source: str | None, data: Type) -> Type:
    match source:
        case "dynamodb":
            return table_record()
        case "kinesis":
            return kinesis_record(data)
        case _:
            return unknown("the service of the stream is not known")


def check_starts(contracts: Contracts, teller: Teller) -> None:
    """FG301, FG512, FG514, FG515 and FG516 of every trigger."""
    for trigger in contracts.workflow.triggers.values():
        event = event_type(trigger, contracts)
        _patterns(trigger, event, teller)
        if isinstance(trigger, Stream) and stream_source(contracts.workflow, trigger) is None:
            help_ = "write `source: kinesis` or `source: dynamodb`"
            teller.tell("FG516", "can't tell which service this stream belongs to", kind_span(trigger), help_=help_)
            continue
        if (
            isinstance(trigger, Stream)
            and stream_source(contracts.workflow, trigger) == "dynamodb"
            and trigger.data is not None
        ):
            message = "records of a table have no `data`: they have `$event.dynamodb`"
            teller.tell("FG516", message, trigger.span_of("data"))
        _Start(trigger, event, contracts, teller).check()


def _patterns(trigger: Trigger, event: Type, teller: Teller) -> None:
    if isinstance(trigger, Event):
        node = trigger.node.get("event")
        found = check_pattern(node, RULE, event) if node is not None else ()
        teller.found.extend(found)
    elif isinstance(trigger, Sqs | Stream):
        node = trigger.node.get("filter")
        for item in node.items if isinstance(node, Sequence) else () if node is None else (node,):
            teller.found.extend(check_pattern(item, PIPE, event))
    elif isinstance(trigger, Sns) and trigger.filter is not None:
        body = trigger.filter.node.get("body")
        of_body = expand(event).objects[0].fields["body"]
        parts: tuple[tuple[Node | None, Type | None], ...] = (
            (body, of_body),
            (trigger.filter.node.get("attributes"), None),
        )
        for node, type_ in parts:
            if node is not None:
                teller.found.extend(check_pattern(node, POLICY, type_))


_PAYLOAD_TYPES = ("detail", "body", "data")
"""The keys that declare the type of a trigger's payload."""


@dataclass(slots=True)
class _Start:
    """Checks one trigger."""

    trigger: Trigger
    event: Type
    contracts: Contracts
    teller: Teller
    failed: bool = False

    def check(self) -> None:
        trigger, contracts = self.trigger, self.contracts
        name = name_of(trigger)
        if name is not None:
            self.name(name)
            self.failed = False
        argument = trigger.argument
        if argument is None:
            payload_type = next((key for key in _PAYLOAD_TYPES if trigger.node.get(key) is not None), None)
            found, span = self.left_out(), kind_span(trigger) if payload_type is None else trigger.span_of(payload_type)
        else:
            found, span = self.type_of(argument), place_of(argument)
        batch = None if isinstance(trigger, Schedule | Event | S3 | Http) else trigger.batch
        if self.failed:
            return
        if batch is not None and expand(found).arrays:
            message = "records of a batch cannot be lists: a batch with one record would be confused with its list"
            self.teller.tell("FG513", message, span, help_="wrap it: `with: {items: ${ … }}`")
            return
        if batch is not None:
            found = array_of(found, 1, batch.size)
        self.fit(argument, span, found, contracts.sent(contracts.workflow.input), batched=batch is not None)

    def name(self, name: Value) -> None:
        found = self.type_of(name)
        if not self.failed:
            example = "`$event.execution_id`" if isinstance(self.trigger, Schedule) else "an id"
            check_execution_name(self.teller, name, self.trigger.span_of("name"), found, self.part, example)

    def part(self, expression: Expression) -> Type:
        path = event_path(expression)
        found = None if path is None else self.at(path)
        return TEXT_TYPE if found is None else found

    def left_out(self) -> Type:
        path = payload(self.contracts.workflow, self.trigger)
        found = record({}) if path is None else self.at(path)
        return union() if found is None else found

    def at(self, path: EventPath) -> Type | None:
        """The type at a path; None if a name would apply to an array."""
        found = self.event
        for part in path:
            whole = expand(found)
            if isinstance(part, int):
                arrays = [array.at(part) for array in whole.arrays]
                found = union(*arrays) if arrays else unknown("its type is not known")
            elif whole.arrays:
                return None
            elif whole.is_any:
                found = whole
            else:
                found = union(*(object_.get(part) for object_ in whole.objects))
        return found

    def type_of(self, value: Value, *, in_text: bool = False) -> Type:
        match value:
            case Expression():
                return self.expression(value, in_text=in_text)
            case Literal(value=scalar):
                return literal(scalar)
            case Interpolation(parts=parts):
                for part in parts:
                    if isinstance(part, Expression):
                        self.type_of(part, in_text=True)
                return TEXT_TYPE
            case ListValue(items=items):
                return tuple_of(*(self.type_of(item) for item in items))
            case ObjectValue(members=members):
                return record({member.key: self.type_of(member.value) for member in members})
            case Intrinsic():
                return TEXT_TYPE
            case _:
                assert_never(value)

    def expression(self, value: Expression, *, in_text: bool) -> Type:
        path = event_path(value)
        if path is None:
            return self.of_stack(value)
        before = len(self.teller.found)
        found = type_of_expression(value, Variables({"event": self.event}), self.teller, catchable=True)
        self.failed = self.failed or len(self.teller.found) > before
        if self.failed:
            return found
        exact = self.at(path)
        if exact is None:
            self.tell("FG513", f"{self.trigger.service} cannot select a field of every item of a list", value, None)
            return found
        if exact.atoms & NOTHING:
            why = f": {exact.absent.text}" if exact.absent is not None and exact.absent.text else ""
            message = f"`{json_path(path).replace('$', '$event', 1)}` may be missing from an event{why}"
            help_ = "pass on the enclosing object, and test for the field in the workflow"
            self.tell("FG515", message, value, help_)
        if in_text and expand(exact).parts:
            help_ = "a string can contain strings, numbers and booleans"
            self.tell("FG513", f"`{show(exact)}` cannot be inserted into a string", value, help_)
        return present(exact)

    def tell(self, code: str, message: str, value: Value, help_: str | None) -> None:
        self.failed = True
        self.teller.tell(code, message, place_of(value), help_=help_)

    def of_stack(self, value: Expression) -> Type:
        """The value from CloudFormation: a number for a numeric parameter, otherwise a string."""
        known = stack_types(self.contracts.workflow)["parameters"]
        for reference in value.syntax.references:
            if reference.name == "parameters" and reference.path:
                found = expand(known).objects[0].fields.get(reference.path[0])
                if found is not None and assign(found, NUMBER_TYPE) is None:
                    return NUMBER_TYPE
        return TEXT_TYPE

    def fit(self, argument: Value | None, span: Span, found: Type, wanted: Type, *, batched: bool) -> None:
        """FG514, and FG311 in strict mode."""
        doubts: list[Doubt] = []
        mismatch = assign(found, wanted, doubts)
        if mismatch is None:
            self.teller.doubt(argument, span, doubts, "the workflow's input")
            return
        workflow = self.contracts.workflow
        declared = workflow.node.get("input")
        secondary: tuple[Label, ...] = () if declared is None else (Label(declared.span, "the workflow's input"),)
        secondary += tuple(label for label in self.contracts.declared(mismatch.declaration) if label not in secondary)
        path = show_path(mismatch.path)
        subject = f"`{path}` in the input from this trigger" if path else "the input from this trigger"
        help_ = mismatch.help
        if argument is None:
            help_ = _how(self.trigger, self.event) if help_ is None else help_
        if batched and not path and mismatch.kind is MismatchKind.KIND:
            help_ = "a `batch` starts one execution with a list: remove it, or declare the input as a list"
            span = kind_span(self.trigger) if argument is None else span
        place = span if argument is None else place_in(argument, mismatch, span)
        self.teller.tell(
            "FG514",
            f"{subject} {mismatch.message}",
            place,
            "does not fit the workflow's input",
            secondary=secondary,
            help_=help_,
        )


def _how(trigger: Trigger, event: Type) -> str:
    """The help if the payload does not fit."""
    names = [name for object_ in expand(event).objects for name in object_.fields]
    if isinstance(trigger, Http):
        return "declare the type of the request body: `body: TYPE`"
    return (
        f"map the event to the input: `with: {{name: ${{ $event.{names[0]} }}}}`"
        if names
        else "map the event to the input with `with`"
    )
