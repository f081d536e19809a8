"""The program to run: a state machine, the callables of its tasks, and the positions of its states in files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowgen.diagnostics import Diagnostic, Span
from flowgen.environments import as_text, is_secret
from flowgen.local import Task
from flowgen.local.values import JSON
from flowgen.running.masking import Secrets, secrets_of
from flowgen.running.sample_values import sample

if TYPE_CHECKING:
    from flowgen.model import Function, TypeUse, Workflow
    from flowgen.pipeline import Build
    from flowgen.running.declared_types import Declared
    from flowgen.running.starting import Start

Definition = Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Called:
    """The function or workflow that a step calls: its name in the workflow, and the errors that it declares.

    Each error has a sample of its details as JSON, or None if it has no details.
    """

    name: str
    errors: Mapping[str, str | None] = field(default_factory=dict)
    express: bool = False
    """Whether it is an express workflow, which returns its failure as a result."""


@dataclass(frozen=True, slots=True)
class Program:
    """A state machine and everything that a run needs.

    `tasks` are callables by their names in the definition; `unloadable` has the reasons why others could not be loaded.
    `machines` are the workflows that it starts. `places` are the positions of states in `sources`, and `called` what
    they call, by state. `enveloped` are the functions that receive their input in an envelope.
    """

    name: str
    definition: Definition
    express: bool = False
    tasks: Mapping[str, Task] = field(default_factory=dict)
    unloadable: Mapping[str, Diagnostic] = field(default_factory=dict)
    machines: Mapping[str, Definition] = field(default_factory=dict)
    machine_names: Mapping[str, str] = field(default_factory=dict)
    """The names of the workflows in `machines`, by the same keys."""
    places: Mapping[str, Span] = field(default_factory=dict)
    called: Mapping[str, Called] = field(default_factory=dict)
    children: Mapping[str, Called] = field(default_factory=dict)
    """The workflows that states wait for, by the state's name, and their errors."""
    enveloped: frozenset[str] = frozenset()
    starts: Mapping[str, Start] = field(default_factory=dict)
    """A function for each trigger, by its name, that builds the workflow's input from an event."""
    sources: Mapping[str, str] = field(default_factory=dict)
    input: Declared | None = None
    """The type of the input, if nothing else checks it."""
    answering: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The functions that answer the task tokens of states, by state: each name with its key in `tasks`."""
    results: Mapping[str, Declared] = field(default_factory=dict)
    """The types of mocked results, by state or function, if nothing else checks them."""
    input_type: Declared | None = None
    """The type of the input, also where something else checks it."""
    callbacks: Mapping[str, Declared] = field(default_factory=dict)
    """The types of answers to task tokens, by state."""
    secrets: Secrets = field(default_factory=Secrets)
    """What reports of a run must not show."""

    def with_definition(self, definition: Definition) -> Program:
        """The program with another definition, and the same functions."""
        return replace(self, definition=definition)

    def place(self, state: str) -> Span | None:
        """The position of a state, or of the step that it was generated for."""
        return self.places.get(state) or self.places.get(step_of(state))

    def definitions(self) -> Iterator[Definition]:
        """The machine, and the machines that it starts."""
        yield self.definition
        yield from self.machines.values()

    def states(self) -> Iterator[tuple[str, Definition]]:
        """Every state of all machines, in depth-first order."""
        for definition in self.definitions():
            yield from states_of(definition)


def states_of(machine: Definition) -> Iterator[tuple[str, Definition]]:
    """Every state of a machine with its name, in depth-first order."""
    for name, state in machine.get("States", {}).items():
        yield name, state
        for inner in (state.get("ItemProcessor"), state.get("Iterator"), *state.get("Branches", ())):
            if inner is not None:
                yield from states_of(inner)


def step_of(state: str) -> str:
    """The id of the step that a state was generated for (`charge` for `charge__raise`)."""
    return state.partition("__")[0]


def of_workflow(
    loaded: Build,
    find: Callable[[str], Build | None],
    parameters: Mapping[str, str],
) -> Program:
    """The program of a workflow and of the workflows that it starts. `find` returns a workflow by its name."""
    program = _one(loaded, parameters, prefix="")
    machines: dict[str, Definition] = {}
    names: dict[str, str] = {}
    parts = [program]
    waiting = [loaded]
    while waiting:
        for name in _started(waiting.pop().workflow):
            key = _machine_key(name)
            other = None if key in machines else find(name)
            if other is None:
                continue
            part = _one(other, parameters, prefix=f"{name}.")
            machines[key], names[key] = part.definition, other.workflow.name
            parts.append(part)
            waiting.append(other)
    return replace(
        program,
        machines=machines,
        machine_names=names,
        tasks={key: task for part in parts for key, task in part.tasks.items()},
        unloadable={key: problem for part in parts for key, problem in part.unloadable.items()},
        places={key: span for part in reversed(parts) for key, span in part.places.items()},
        called={key: called for part in reversed(parts) for key, called in part.called.items()},
        children={key: child for part in reversed(parts) for key, child in part.children.items()},
        enveloped=frozenset(key for part in parts for key in part.enveloped),
        sources={key: text for part in parts for key, text in part.sources.items()},
        answering={key: found for part in reversed(parts) for key, found in part.answering.items()},
        results={key: found for part in reversed(parts) for key, found in part.results.items()},
        callbacks={key: found for part in reversed(parts) for key, found in part.callbacks.items()},
        secrets=Secrets(
            frozenset(name for part in parts for name in part.secrets.names),
            frozenset(text for part in parts for text in part.secrets.texts),
        ),
    )


def _started(workflow: Workflow) -> list[str]:
    from flowgen.model import RunWorkflow, every_step

    return [step.workflow for step in every_step(workflow) if isinstance(step, RunWorkflow)]


def _machine_key(name: str) -> str:
    from flowgen.compile.names import workflow_placeholder

    return f"${{{workflow_placeholder(name)}}}"


def _one(loaded: Build, parameters: Mapping[str, str], *, prefix: str) -> Program:
    """The program of one workflow. `prefix` distinguishes its functions from those of the workflow that starts it."""
    from flowgen.compile import existing_functions, machine_placeholders
    from flowgen.model import Call, RunWorkflow, every_step, undoing_name, undoing_of
    from flowgen.pipeline import definition, handlers
    from flowgen.running.declared_types import of_callbacks, of_input, of_results, shown_to_clients
    from flowgen.running.starting import starts

    workflow = loaded.workflow
    keys = {f"${{{key}}}": f"${{{prefix}{key}}}" for key in machine_placeholders(workflow)}
    names = {f"${{{prefix}{key}}}": name for key, name in machine_placeholders(workflow).items()}
    found, problems = handlers(loaded)
    tasks = {
        key: Task(found[name], context=True, limit=_limit(workflow, name))
        for key, name in names.items()
        if name in found
    }
    defaults = {
        name: as_text(declared.content["Default"])
        for name, declared in workflow.parameters.items()
        if "Default" in declared.content
    }
    steps = list(every_step(workflow))
    states = {step.id: step for step in steps}
    states |= {undoing_name(step.id): undoing for step in steps if (undoing := undoing_of(step)) is not None}
    values = {**defaults, **parameters}
    keys |= _named_by_parameters(workflow, values)
    return Program(
        workflow.name,
        fill(definition(loaded), values, keys),
        workflow.type == "express",
        tasks,
        {key: problems[name] for key, name in names.items() if name in problems},
        places={step.id: step.span_of("id") for step in steps},
        called={
            state: _called(workflow, step.function, workflow.functions[step.function])
            for state, step in states.items()
            if isinstance(step, Call)
        },
        children={
            state: _child(loaded.others[step.workflow], loaded.others)
            for state, step in states.items()
            if isinstance(step, RunWorkflow) and not step.detached and step.workflow in loaded.others
        },
        enveloped=frozenset(
            [key for key, name in names.items() if workflow.functions[name].enveloped]
            + [
                keys.get(key, key)
                for key, name in existing_functions(workflow).items()
                if workflow.functions[name].enveloped
            ]
        ),
        starts=starts(workflow, values),
        sources={loaded.found.shown: loaded.source.text},
        input=of_input(workflow),
        answering={
            state: {name: key for key, name in names.items() if state in workflow.functions[name].answers}
            for state in states
        },
        results=of_results(workflow, loaded.others),
        input_type=shown_to_clients(workflow),
        callbacks=of_callbacks(workflow, loaded.others),
        secrets=secrets_of(
            [workflow],
            [values[name] for name, one in workflow.parameters.items() if is_secret(one.content) and name in values],
        ),
    )


def _named_by_parameters(workflow: Workflow, values: Mapping[str, str]) -> dict[str, str]:
    """The placeholders of functions whose `arn` is a parameter with a known value, each with that value."""
    from flowgen.compile import function_placeholder

    return {
        f"${{{function_placeholder(name)}}}": values[parameter]
        for name, function in workflow.functions.items()
        if isinstance(function.arn, dict) and (parameter := str(function.arn.get("Ref"))) in values
    }


def _called(workflow: Workflow, name: str, function: Function) -> Called:
    return Called(
        name,
        {error.name: None if error.details is None else _sample(error.details, workflow) for error in function.errors},
    )


def _child(child: Workflow, others: Mapping[str, Workflow]) -> Called:
    from flowgen.model.raised import raised_by

    raised = raised_by(child, others)
    errors: dict[str, str | None] = dict.fromkeys(raised.details)
    for name in sorted(raised.detailed()):
        first = raised.details[name][0]
        errors[name] = None if first is None else _sample(first.type, first.workflow)
    return Called(child.name, errors, child.type == "express")


def _sample(details: TypeUse, workflow: Workflow) -> str:
    """A sample of an error's details, as JSON."""
    declared = {key: declaration.schema for key, declaration in workflow.types.items()}
    return json.dumps(sample(details.schema, {**declared, **dict(details.hoisted)}), ensure_ascii=False)


def _limit(workflow: Workflow, name: str) -> float:
    """The timeout of a function in seconds."""
    from flowgen.model.functions import DEFAULT_TIMEOUT

    function, defaults = workflow.functions[name], workflow.defaults
    shared = defaults.function if defaults is not None else None
    timeout = function.timeout or (shared.timeout if shared is not None else None)
    return float(timeout.seconds if timeout is not None else DEFAULT_TIMEOUT)


def fill(definition: Definition, values: Mapping[str, str], keys: Mapping[str, str]) -> Definition:
    """A definition in which values replace `${NAME}`, and other placeholders replace `keys`.

    For `${NAME_Encoded}`, the value is encoded as in the template's substitutions.
    """
    from flowgen.compile.substitutions import ENCODED, encoded

    if not values and not keys:
        return definition
    text = json.dumps(definition, ensure_ascii=False)
    for key, other in keys.items():
        text = text.replace(key, other)
    for name, value in values.items():
        for key, filled_in in ((name, value), (f"{name}{ENCODED}", encoded(value))):
            text = text.replace(f"${{{key}}}", json.dumps(filled_in, ensure_ascii=False)[1:-1])
    filled: Definition = json.loads(text)
    return filled


def of_definition(
    name: str, shown: str, text: str, parameters: Mapping[str, str], *, express: bool = False
) -> tuple[Program | None, list[Diagnostic]]:
    """The program of a definition in Amazon States Language (JSON or YAML), and its diagnostics (FG410, FG411)."""
    from flowgen.local.failures import InvalidDefinition
    from flowgen.local.machine import compile_machine
    from flowgen.pipeline.definitions import read_definition

    read = read_definition(shown, text, express=express)
    findings = list(read.diagnostics)
    if read.value is None:
        return None, findings
    definition = fill(read.value, parameters, {})
    try:
        compile_machine(definition)
    except InvalidDefinition as error:
        return None, [*findings, Diagnostic("FG410", error.message, read.span(error.pointer), error.pointer)]
    return Program(name, definition, express, places=read.states(), sources={shown: text}), findings
