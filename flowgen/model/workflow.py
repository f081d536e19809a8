"""A workflow file, whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field

from flowgen.model.cloudformation import ConditionsField, MappingsField, OutputsField, ParametersField, ResourcesField
from flowgen.model.element import Element, Read, Reading, Unread
from flowgen.model.functions import Defaults, FunctionsField
from flowgen.model.leaves import DurationField, FlagField, OneOf, PythonNameField, TextField, check_name, read_text
from flowgen.model.operations import AlarmsField, DeploymentField, EncryptionField, LoggingField
from flowgen.model.policies import PoliciesField
from flowgen.model.stack_values import TagsField
from flowgen.model.steps import Step
from flowgen.model.steps.base import CatchField, StepsField, _read_steps
from flowgen.model.steps.kinds import levels
from flowgen.model.triggers import TriggersField
from flowgen.model.types import ANY, TypesField, TypeUseField
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

VERSION = 1


def _read_version(node: Node, reading: Reading) -> int:
    if isinstance(node, Scalar) and node.value == VERSION and not isinstance(node.value, bool):
        return VERSION
    text = f"`{node.text}`" if isinstance(node, Scalar) else "this"
    raise reading.refuse(
        "FG111", f"{text} is no version of the language that is known here", node, help=f"write `flowgen: {VERSION}`"
    )


class Handler(Element):
    """Steps that several catches share. Each of its paths ends in `fail` or `return`."""

    what: ClassVar[str] = "a handler"

    name: str
    key: Any
    steps: StepsField


def _read_handlers(node: Node, reading: Reading) -> dict[str, Handler]:
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`handlers` is a mapping of names to steps, not {kind_of(node)}", node)
    handlers: dict[str, Handler] = {}
    complete = True
    for entry in node.entries:
        try:
            name = check_name(entry.key, reading)
            steps = _read_steps(entry.value, reading)
        except Unread:
            complete = False
            continue
        handlers[name] = Handler.made(node, name=name, key=entry.key, steps=steps)
    if not complete:
        raise Unread
    return handlers


def _read_imports(node: Node, reading: Reading) -> tuple[str, ...]:
    items = node.items if isinstance(node, Sequence) else (node,)
    return tuple(read_text(item, reading) for item in items)


VersionField = Annotated[int, Read(_read_version, "The version of the language.")]
ImportsField = Annotated[
    tuple[str, ...],
    Read(
        _read_imports, "Other files whose `types`, `functions`, `parameters`, `resources` and the like are used here."
    ),
]


def every_step(workflow: Workflow) -> Iterator[Step]:
    """The steps of a workflow, those of its own `catch` and handlers included."""
    return (step for _, step in every_level(workflow))


def every_level(workflow: Workflow) -> Iterator[tuple[int, Step]]:
    """The same, with how many steps are around each."""
    yield from levels(workflow.steps)
    for catcher in workflow.catch:
        yield from levels(catcher.steps or ())
    for handler in workflow.handlers.values():
        yield from levels(handler.steps)


class Library(Element):
    """What a file that workflows import may hold: all that is not the workflow itself."""

    what: ClassVar[str] = "a file to import"

    flowgen: VersionField
    description: TextField | None = None
    imports: ImportsField = Field((), alias="import")
    types: TypesField = Field(default_factory=dict)
    functions: FunctionsField = Field(default_factory=dict)
    parameters: ParametersField = Field(default_factory=dict)
    mappings: MappingsField = Field(default_factory=dict)
    conditions: ConditionsField = Field(default_factory=dict)
    resources: ResourcesField = Field(default_factory=dict)
    outputs: OutputsField = Field(default_factory=dict)


class Workflow(Element):
    """One workflow: its types, functions and steps."""

    what: ClassVar[str] = "a workflow"

    flowgen: VersionField
    name: PythonNameField = Field(description="Names the state machine and the Python package of the workflow's code.")
    description: TextField | None = Field(
        None, description="Becomes the ASL `Comment`, and the description of what is generated."
    )
    type: Annotated[str, Read(OneOf(("standard", "express")))] = Field(
        "standard",
        description="`standard` runs up to a year, and each step once; `express` at most five minutes, and is cheap.",
    )
    imports: ImportsField = Field((), alias="import")
    input: TypeUseField = Field(ANY, description="The type of what an execution is started with.")
    output: TypeUseField = Field(ANY, description="The type of the workflow's result.")
    timeout: DurationField | None = Field(None, description="How long an execution may take.")
    types: TypesField = Field(default_factory=dict)
    functions: FunctionsField = Field(default_factory=dict)
    defaults: Defaults | None = Field(
        None, description="What holds for all below, where nothing nearer says otherwise."
    )
    parameters: ParametersField = Field(default_factory=dict)
    mappings: MappingsField = Field(default_factory=dict)
    conditions: ConditionsField = Field(default_factory=dict)
    resources: ResourcesField = Field(default_factory=dict)
    outputs: OutputsField = Field(default_factory=dict)
    policies: PoliciesField = ()
    triggers: TriggersField = Field(default_factory=dict)
    alarms: AlarmsField = Field(True, description="What is told when executions fail; on unless it is `false`.")
    logging: LoggingField = Field(True, description="What is logged of executions; on unless it is `false`.")
    tracing: FlagField = Field(True, description="Whether executions and functions are traced with AWS X-Ray.")
    encryption: EncryptionField = Field(
        False, description="Whether executions, logs and environments are encrypted with a key of your own."
    )
    deployment: DeploymentField | None = Field(
        None, description="Whether there are versions, and how a new one takes over."
    )
    tags: TagsField = Field(default_factory=dict, description="Tags of all resources that can have some.")
    catch: CatchField = Field(
        (),
        description="Handles whatever no step caught: its steps run, then the failure goes on, unless they `return`.",
    )
    handlers: Annotated[dict[str, Handler], Read(_read_handlers)] = Field(
        default_factory=dict,
        description="Named lists of steps that several `catch` share; each path of one ends in `fail` or `return`.",
    )
    steps: StepsField = Field(description="The steps, from the first to the last.")
