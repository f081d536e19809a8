"""Random runs of a project that the check passes: inputs and what calls return are checked against their types."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from flowgen.check import analyse
from flowgen.check.dataflow.aws import aws_call
from flowgen.check.dataflow.contracts import Contracts
from flowgen.local import Task
from flowgen.local.history import Event
from flowgen.local.runtime_types import Request, TaskError
from flowgen.model import Aws, Call, Http, Step, Workflow, catchers_of, every_step, undoing_of
from flowgen.pipeline import Build, check_paths
from flowgen.running.lambda_causes import function_cause
from flowgen.running.program import Program, of_workflow, step_of
from flowgen.running.runs import Options, run
from flowgen.types import Type, contains, expand, present
from tests.property.random_json import random_json

TYPE_ERRORS = frozenset({"States.QueryEvaluationError", "States.Runtime", "States.IntrinsicFailure"})
"""The errors of a state whose values are not of the types that it needs."""

_FAILURES = 0.12
"""How often a call fails."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A workflow of a project, with all that its random runs need."""

    loaded: Build
    program: Program
    contracts: Contracts
    steps: Mapping[str, Step]
    types: Mapping[str, tuple[Type, Type]]
    others: Mapping[str, Subject]

    def one(self, seed: int) -> str | None:
        """What is wrong with a run, None for one that is as the check says. The seed decides everything."""
        rng = Random(seed)  # noqa: S311 - reproducible on purpose
        workflow = self.loaded.workflow
        value = random_json(rng, self.contracts.sent(workflow.input))
        options = Options(services=(lambda request: self.answer(rng, request),), seed=seed)
        events: list[Event] = []
        outcome = run(self.program, value, options, events)
        execution = outcome.execution
        where = f"{workflow.name}, seed {seed}, input {json.dumps(value)[:500]}"
        if outcome.stopped is not None:
            return f"{where}: {outcome.stopped.message}"
        for event in events:
            wrong = self._assigned(event)
            if wrong is not None:
                return f"{where}: {wrong}"
        if execution.error in TYPE_ERRORS and not self._is_left_out(execution.cause or ""):
            return f"{where}: {execution.error}: {execution.cause}"
        if execution.status == "SUCCEEDED" and not contains(self.contracts.sent(workflow.output), execution.output):
            return f"{where}: output {json.dumps(execution.output)[:500]}"
        return None

    def _is_left_out(self, cause: str) -> bool:
        """What the check promises nothing about: numbers and texts that are too large, time."""
        return "too large" in cause or "out of range" in cause or "exceed" in cause

    def _assigned(self, event: Event) -> str | None:
        """A variable whose value is not of the type that the check has for its step."""
        for name, value in (event.details.get("assignedVariables") or {}).items():
            if name not in self.types or step_of(str(event.details.get("name", ""))) != name:
                continue
            found = present(self.types[name][1])
            if not found.is_never and not contains(found, value):
                return f"${name} is {json.dumps(value)[:300]}, and its type is {found}"
        return None

    def answer(self, rng: Random, request: Request) -> Task | None:
        """What a call returns, or how it fails."""
        name = step_of(request.state)
        step = self.steps.get(name)
        owner: Subject = self
        if step is None:
            owner = next((other for other in self.others.values() if name in other.steps), self)
            step = owner.steps[name]
        if request.state != step.id and request.state.endswith("__undo"):
            step = undoing_of(step) or step
        failures = list(owner.failures(rng, step))
        if failures and rng.random() < _FAILURES:
            error, cause = rng.choice(failures)
            return _failing(error, cause)
        return owner.returned(rng, step)

    def failures(self, rng: Random, step: Step) -> Iterator[tuple[str, str]]:
        if isinstance(step, Call):
            for error in self.loaded.workflow.functions[step.function].errors:
                details = (
                    "" if error.details is None else json.dumps(random_json(rng, self.contracts.sent(error.details)))
                )
                yield error.name, function_cause(error.name, details)
        for catcher in catchers_of(step):
            for name in catcher.errors:
                if "." in name and not name.startswith("States."):
                    yield name, "put in"
        yield "States.Timeout", "put in"

    def returned(self, rng: Random, step: Step) -> Task | None:
        contracts = self.contracts
        match step:
            case Call(callback=None):
                result = contracts.result_of(self.loaded.workflow.functions[step.function])
                return _returning(random_json(rng, result), returns=True)
            case Call(callback=callback) | Aws(callback=callback) if callback is not None:
                return _returning(random_json(rng, contracts.sent(callback)))
            case Http():
                body = random_json(rng, contracts.received(step.output))
                return _returning({"StatusCode": 200, "StatusText": "OK", "Headers": {}, "ResponseBody": body})
            case Aws(output=None):
                call = aws_call(step)
                gives = None if call is None else expand(call.gives)
                return _returning({} if gives is None or gives.is_any else random_json(rng, gives))
            case Aws(output=output) if output is not None:
                return _returning(random_json(rng, contracts.received(output)))
            case _:
                return _returning({})


def _returning(value: Any, *, returns: bool = False) -> Task:
    def function(*_: Any) -> Any:
        return value

    return Task(function, returns=returns)


def _failing(error: str, cause: str) -> Task:
    def function(*_: Any) -> Any:
        raise TaskError(error, cause)

    return Task(function)


def subjects(root: Path) -> list[Subject]:
    """The workflows of a project, which must have no finding but those of strict mode about `any` and AWS."""
    report = check_paths((), root)
    assert {one.code for one in report.diagnostics} <= {"FG311", "FG312", "FG313"}, report.diagnostics
    by_name = {one.workflow.name: one for one in report.loaded}
    found: dict[str, Subject] = {}
    for name, loaded in by_name.items():
        workflow = loaded.workflow
        # Nothing of the project's own is called.
        program = replace(of_workflow(loaded, by_name.get, _parameters(workflow)), tasks={})
        steps = {step.id: step for step in every_step(workflow)}
        types = analyse(workflow, loaded.others, strict=True).steps
        found[name] = Subject(loaded, program, Contracts(workflow), steps, types, found)
    return list(found.values())


def _parameters(workflow: Workflow) -> dict[str, str]:
    return {
        name: "5" if declared.type == "Number" else "text"
        for name, declared in workflow.parameters.items()
        if "Default" not in declared.content
    }
