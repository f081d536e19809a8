"""Checks the arguments of tasks against their contracts, and returns the types of their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowgen.check.dataflow.aws import AwsCall, aws_call
from flowgen.check.dataflow.contracts import Contracts
from flowgen.check.dataflow.execution_names import check_execution_name
from flowgen.check.dataflow.quantities import HEARTBEAT, TIMEOUT, check_quantity
from flowgen.check.dataflow.spellings import tell_spellings
from flowgen.check.dataflow.state import FlowState
from flowgen.check.dataflow.values import Teller, value_of
from flowgen.diagnostics import Label
from flowgen.model import Aws, Call, Http, RunWorkflow, Task, TypeUse, Value, Workflow
from flowgen.model.outside import validated, validates_input
from flowgen.model.steps import kind_span
from flowgen.types import TEXT_TYPE, Type, record, unknown


@dataclass(frozen=True, slots=True)
class Tasks:
    """The contracts of tasks. `others` are the workflows that this one may run."""

    workflow: Workflow
    others: Mapping[str, Workflow]
    contracts: Contracts
    teller: Teller
    calls: dict[int, AwsCall | None] = field(default_factory=dict)
    """Cache of the types of each AWS call, because loops are checked repeatedly."""

    def result(self, step: Task, known: FlowState) -> Type:
        """Checks the argument and the time limits of a task, and returns the type of its value."""
        check_quantity(step.timeout, TIMEOUT, known, self.teller, catchable=True)
        check_quantity(step.heartbeat, HEARTBEAT, known, self.teller, catchable=True)
        if not isinstance(step, Http) and step.credentials is not None:
            role = step.credentials.role
            self.teller.fit(role, role.node.span, self.value(role, known), TEXT_TYPE, "the ARN of a role", None)
        if isinstance(step, Call):
            function = self.workflow.functions[step.function]
            wanted = self.contracts.sent(function.input)
            where = Label(function.span_of("input"), f"the input of `{step.function}`")
            self.argument(step, known, wanted, f"the input of `{step.function}`", where)
            return self.contracts.result_of(function) if step.callback is None else self.contracts.sent(step.callback)
        if isinstance(step, RunWorkflow):
            return self.child(step, known)
        if isinstance(step, Http):
            for value in (step.endpoint.url, step.headers, step.query, step.body):
                if value is not None:
                    self.value(value, known)
            return self.answered(step, step.output)
        return self.service(step, known)

    def service(self, step: Aws, known: FlowState) -> Type:
        """Checks the argument of an AWS call against the API's model, and returns the type of its response."""
        action = f"{step.action.service}:{step.action.name}"
        if id(step) not in self.calls:
            self.calls[id(step)] = aws_call(step)
        call = self.calls[id(step)]
        if call is not None:
            found = record({}) if step.argument is None else self.value(step.argument, known)
            span = kind_span(step) if step.argument is None else step.span_of("with")
            self.teller.fit(step.argument, span, found, call.takes, f"the request of `{action}`", None)
            tell_spellings(self.teller, step.argument, span, found, call.takes)
        elif step.argument is not None:
            self.value(step.argument, known)
        if step.callback is not None:
            return self.contracts.sent(step.callback)
        if step.output is not None:
            return self.answered(step, step.output)
        return unknown(f"the response of `{action}` has no declared type") if call is None else call.gives

    def answered(self, step: Task, output: TypeUse) -> Type:
        """The type of a response: exactly what it declares if a check at run time enforces it."""
        checked = validated(self.workflow, step, self.others) is not None
        return self.contracts.sent(output) if checked else self.contracts.received(output)

    def argument(
        self, step: Call | RunWorkflow, known: FlowState, wanted: Type, what: str, where: Label | None
    ) -> None:
        # A function's model checks formats and lengths when it is called; a workflow does so only with `validate`.
        child = self.others.get(step.workflow) if isinstance(step, RunWorkflow) else None
        exact = isinstance(step, RunWorkflow) and (child is None or not validates_input(child))
        if step.argument is None:
            self.teller.fit(None, kind_span(step), known.before, wanted, what, where, exact=exact)
            return
        found = self.value(step.argument, known)
        self.teller.fit(step.argument, step.span_of("with"), found, wanted, what, where, exact=exact)

    def child(self, step: RunWorkflow, known: FlowState) -> Type:
        if step.execution_name is not None:
            check_execution_name(
                self.teller,
                step.execution_name,
                step.span_of("name"),
                self.value(step.execution_name, known),
                lambda part: self.value(part, known),
                "an id or `$toMillis(x)`",
            )
        other = self.others.get(step.workflow)
        if other is None:
            if step.argument is not None:
                self.value(step.argument, known)
            return unknown(f"the contract of the workflow `{step.workflow}` is not known here")
        contracts = Contracts(other)
        what = f"the input of the workflow `{step.workflow}`"
        self.argument(step, known, contracts.sent(other.input), what, declared(other, "input", what))
        if step.detached:
            return record({"ExecutionArn": TEXT_TYPE, "StartDate": TEXT_TYPE})
        return contracts.sent(other.output)

    def value(self, value: Value, known: FlowState) -> Type:
        # A failure in the arguments of a task is an error of that task, which a catch can handle.
        return value_of(value, known.variables, self.teller, catchable=True)


def declared(workflow: Workflow, key: str, text: str) -> Label | None:
    """The place of a workflow's contract."""
    value = workflow.node.get(key)
    return None if value is None else Label(value.span, text)
