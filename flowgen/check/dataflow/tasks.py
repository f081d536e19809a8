"""What goes into a task, held against its contract, and the type of what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowgen.check.dataflow.aws import AwsCall, aws_call
from flowgen.check.dataflow.contracts import Contracts
from flowgen.check.dataflow.spellings import tell_spellings
from flowgen.check.dataflow.state import FlowState
from flowgen.check.dataflow.values import Teller, value_of
from flowgen.diagnostics import Label
from flowgen.model import Aws, Call, Http, RunWorkflow, Task, Value, Workflow
from flowgen.model.steps import kind_span
from flowgen.types import TEXT_TYPE, Type, record, unknown


@dataclass(frozen=True, slots=True)
class Tasks:
    """The contracts that tasks are held against. `others` are the workflows that this one may run."""

    workflow: Workflow
    others: Mapping[str, Workflow]
    contracts: Contracts
    teller: Teller
    calls: dict[int, AwsCall | None] = field(default_factory=dict)
    """What is known of each AWS call, which a loop looks at again."""

    def result(self, step: Task, known: FlowState) -> Type:
        """Checks what goes into a task; the type of its value."""
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
            return self.contracts.received(step.output)
        return self.service(step, known)

    def service(self, step: Aws, known: FlowState) -> Type:
        """What goes into an AWS call, held against the API's own model; the type of its response."""
        action = f"{step.action.service}:{step.action.name}"
        if id(step) not in self.calls:
            self.calls[id(step)] = aws_call(step)
        call = self.calls[id(step)]
        if call is not None:
            found = record({}) if step.argument is None else self.value(step.argument, known)
            span = kind_span(step) if step.argument is None else step.span_of("with")
            self.teller.fit(step.argument, span, found, call.takes, f"what `{action}` takes", None)
            tell_spellings(self.teller, step.argument, span, found, call.takes)
        elif step.argument is not None:
            self.value(step.argument, known)
        if step.callback is not None:
            return self.contracts.sent(step.callback)
        if step.output is not None:
            return self.contracts.received(step.output)
        return unknown(f"the response of `{action}` has no declared type") if call is None else call.gives

    def argument(
        self, step: Call | RunWorkflow, known: FlowState, wanted: Type, what: str, where: Label | None
    ) -> None:
        # The model of a function checks formats and lengths when it is called; a workflow takes what it is sent.
        exact = isinstance(step, RunWorkflow)
        if step.argument is None:
            self.teller.fit(None, kind_span(step), known.before, wanted, what, where, exact=exact)
            return
        found = self.value(step.argument, known)
        self.teller.fit(step.argument, step.span_of("with"), found, wanted, what, where, exact=exact)

    def child(self, step: RunWorkflow, known: FlowState) -> Type:
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
        # What fails in the arguments of a task is that task's error, which a catch can take.
        return value_of(value, known.variables, self.teller, catchable=True)


def declared(workflow: Workflow, key: str, text: str) -> Label | None:
    """Where a contract of a workflow stands."""
    value = workflow.node.get(key)
    return None if value is None else Label(value.span, text)
