"""A complete workflow file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from flowgen.model.accepts import TEXT, array, mapping
from flowgen.model.cloudformation import ConditionsField, MappingsField, OutputsField, ParametersField, ResourcesField
from flowgen.model.element import Element, Field, Read, Reading, Unread
from flowgen.model.functions import Defaults, FunctionsField
from flowgen.model.leaves import (
    NAME,
    DurationField,
    FlagField,
    OneOf,
    PythonNameField,
    TextField,
    check_name,
    read_text,
)
from flowgen.model.operations import AlarmsField, DeploymentField, EncryptionField, LoggingField
from flowgen.model.overrides import OverridesField
from flowgen.model.policies import PoliciesField
from flowgen.model.stack_settings import Notifications, Roles, Shared
from flowgen.model.stack_values import TagsField
from flowgen.model.steps import Step
from flowgen.model.steps.base import RETRY, STEPS, CatchField, Retrier, StepsField, read_body, read_retries
from flowgen.model.steps.kinds import levels
from flowgen.model.triggers import TriggersField
from flowgen.model.types import ANY, TypesField, TypeUseField
from flowgen.model.validation import BOUNDARIES_SCHEMA, Boundaries, read_boundaries
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

VERSION = 1


def _read_version(node: Node, reading: Reading) -> int:
    if isinstance(node, Scalar) and node.value == VERSION and not isinstance(node.value, bool):
        return VERSION
    text = f"`{node.text}`" if isinstance(node, Scalar) else "this"
    raise reading.refuse(
        "FG111", f"{text} is not a supported version of the language", node, help=f"write `flowgen: {VERSION}`"
    )


class Handler(Element):
    """Steps shared by several catches. Each of its paths ends in `fail` or `return`."""

    what: ClassVar[str] = "a handler"

    name: str
    key: Any
    steps: StepsField


def _read_handlers(node: Node, reading: Reading) -> dict[str, Handler]:
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`handlers` must be a mapping of names to steps, not {kind_of(node)}", node)
    handlers: dict[str, Handler] = {}
    complete = True
    for entry in node.entries:
        try:
            name = check_name(entry.key, reading)
            steps = read_body(entry.value, reading)
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


VersionField = Annotated[int, Read(_read_version, "The version of the language.", accepts={"const": VERSION})]
HandlersField = Annotated[
    dict[str, Handler],
    Read(
        _read_handlers,
        "Named lists of steps shared by several `catch`; each path ends in `fail` or `return`.",
        accepts=mapping(STEPS, NAME),
    ),
]
RetriesField = Annotated[
    dict[str, tuple[Retrier, ...]],
    Read(
        read_retries,
        "Named retries, for `retry: NAME` in steps, functions and `defaults`.",
        accepts=mapping(RETRY, NAME),
    ),
]
ImportsField = Annotated[
    tuple[str, ...],
    Read(
        _read_imports,
        "Other files whose declarations (`types`, `functions`, `parameters`, `resources`, …) this file uses.",
        accepts={"anyOf": [TEXT, array(TEXT)]},
    ),
]


def every_step(workflow: Workflow) -> Iterator[Step]:
    """The steps of a workflow, including those of its `catch` and handlers."""
    return (step for _, step in every_level(workflow))


def every_level(workflow: Workflow) -> Iterator[tuple[int, Step]]:
    """The same, with the nesting depth of each step."""
    yield from levels(workflow.steps)
    for catcher in workflow.catch:
        yield from levels(catcher.steps or ())
    for handler in workflow.handlers.values():
        yield from levels(handler.steps)


class Library(Shared):
    """The keys of a file that workflows import: everything except the workflow itself."""

    what: ClassVar[str] = "a file to import"

    flowgen: VersionField
    description: TextField | None = None
    imports: ImportsField = Field((), alias="import")
    types: TypesField = Field(default_factory=dict)
    functions: FunctionsField = Field(default_factory=dict)
    retries: RetriesField = Field(default_factory=dict)
    handlers: HandlersField = Field(default_factory=dict)
    parameters: ParametersField = Field(default_factory=dict)
    mappings: MappingsField = Field(default_factory=dict)
    conditions: ConditionsField = Field(default_factory=dict)
    resources: ResourcesField = Field(default_factory=dict)
    outputs: OutputsField = Field(default_factory=dict)
    overrides: OverridesField = ()
    defaults: Defaults | None = Field(None, description="Defaults for all steps and functions.")


class Workflow(Element):
    """One workflow: its types, functions and steps."""

    what: ClassVar[str] = "a workflow"

    flowgen: VersionField
    name: PythonNameField = Field(description="Names the state machine and the Python package of the workflow's code.")
    description: TextField | None = Field(
        None, description="Becomes the ASL `Comment`, and the description of the generated code."
    )
    type: Annotated[str, Read(OneOf(("standard", "express")))] = Field(
        "standard",
        description="`standard` runs up to a year, each step once; `express` runs up to five minutes and is cheaper.",
    )
    imports: ImportsField = Field((), alias="import")
    input: TypeUseField = Field(ANY, description="The type of an execution's input.")
    output: TypeUseField = Field(ANY, description="The type of the workflow's result.")
    validation: Annotated[Boundaries | None, Read(read_boundaries, accepts=BOUNDARIES_SCHEMA)] = Field(
        None,
        alias="validate",
        description="Which values from outside are checked against their types at run time: `true`, or a list.",
        examples=[True, ["input", "callback"]],
    )
    timeout: DurationField | None = Field(None, description="How long an execution may take.")
    types: TypesField = Field(default_factory=dict)
    functions: FunctionsField = Field(default_factory=dict)
    defaults: Defaults | None = Field(None, description="Defaults for all steps and functions.")
    parameters: ParametersField = Field(default_factory=dict)
    mappings: MappingsField = Field(default_factory=dict)
    conditions: ConditionsField = Field(default_factory=dict)
    resources: ResourcesField = Field(default_factory=dict)
    outputs: OutputsField = Field(default_factory=dict)
    overrides: OverridesField = ()
    policies: PoliciesField = ()
    triggers: TriggersField = Field(default_factory=dict)
    alarms: AlarmsField = Field(True, description="Alarms for failed executions; on unless it is `false`.")
    logging: LoggingField = Field(True, description="Logs of executions; on unless it is `false`.")
    tracing: FlagField = Field(True, description="Traces executions and functions with AWS X-Ray.")
    encryption: EncryptionField = Field(
        False, description="Encrypts executions, logs and environment variables with a customer managed key."
    )
    roles: Roles | None = Field(None, description="A permissions boundary, path and name prefix for all roles.")
    notifications: Notifications | None = Field(
        None, description="Sends changes of an execution's status to SNS, SQS and others."
    )
    dashboard: FlagField = Field(False, description="Adds a CloudWatch dashboard.")
    deployment: DeploymentField | None = Field(
        None, description="Whether the state machine has versions, and how a new version replaces the previous one."
    )
    tags: TagsField = Field(default_factory=dict, description="Tags for all resources that support them.")
    catch: CatchField = Field(
        (),
        description="Handles errors that no step caught. Then the workflow fails, unless the steps `return`.",
    )
    retries: RetriesField = Field(default_factory=dict)
    handlers: HandlersField = Field(default_factory=dict)
    steps: StepsField = Field(description="The steps, in order.")
