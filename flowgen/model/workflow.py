"""A workflow file, whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from flowgen.model.cloudformation import ParametersField, ResourcesField
from flowgen.model.element import NODE, Element, Read, Reading, told
from flowgen.model.functions import Defaults, FunctionsField
from flowgen.model.leaves import DurationField, OneOf, PythonNameField, TextField, check_name, read_text
from flowgen.model.steps import Step, walk
from flowgen.model.steps.base import CatchField, StepsField, _read_steps
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
        except PydanticCustomError:
            complete = False
            continue
        handlers[name] = Handler.model_validate({"name": name, "key": entry.key, "steps": steps, NODE: node})
    if not complete:
        raise told()
    return handlers


def _read_imports(node: Node, reading: Reading) -> tuple[str, ...]:
    items = node.items if isinstance(node, Sequence) else (node,)
    return tuple(read_text(item, reading) for item in items)


def every_step(workflow: Workflow) -> Iterator[Step]:
    """The steps of a workflow, those of its own `catch` and handlers included."""
    yield from walk(workflow.steps)
    for catcher in workflow.catch:
        yield from walk(catcher.steps or ())
    for handler in workflow.handlers.values():
        yield from walk(handler.steps)


class Library(Element):
    """What a file that workflows import may hold: all that is not the workflow itself."""

    what: ClassVar[str] = "a file to import"

    flowgen: Annotated[int, Read(_read_version)]
    description: TextField | None = None
    imports: Annotated[tuple[str, ...], Read(_read_imports)] = Field((), alias="import")
    types: TypesField = Field(default_factory=dict)
    functions: FunctionsField = Field(default_factory=dict)
    parameters: ParametersField = Field(default_factory=dict)
    resources: ResourcesField = Field(default_factory=dict)


class Workflow(Element):
    """One workflow: its types, functions and steps."""

    what: ClassVar[str] = "a workflow"

    flowgen: Annotated[int, Read(_read_version)]
    name: PythonNameField
    description: TextField | None = None
    type: Annotated[str, Read(OneOf(("standard", "express")))] = "standard"
    imports: Annotated[tuple[str, ...], Read(_read_imports)] = Field((), alias="import")
    input: TypeUseField = ANY
    output: TypeUseField = ANY
    timeout: DurationField | None = None
    types: TypesField = Field(default_factory=dict)
    functions: FunctionsField = Field(default_factory=dict)
    defaults: Defaults | None = None
    parameters: ParametersField = Field(default_factory=dict)
    resources: ResourcesField = Field(default_factory=dict)
    catch: CatchField = ()
    handlers: Annotated[dict[str, Handler], Read(_read_handlers)] = Field(default_factory=dict)
    steps: StepsField
