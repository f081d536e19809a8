"""A workflow file, whole."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from flowgen.model.element import Element, Read, Reading
from flowgen.model.functions import Defaults, FunctionsField
from flowgen.model.leaves import DurationField, PythonNameField, TextField
from flowgen.model.steps import Step, StepsField  # noqa: F401 - pydantic resolves the name `Step` here
from flowgen.model.types import ANY, TypesField, TypeUseField
from flowgen.source import Node, Scalar

VERSION = 1


def _read_version(node: Node, reading: Reading) -> int:
    if isinstance(node, Scalar) and node.value == VERSION and not isinstance(node.value, bool):
        return VERSION
    text = f"`{node.text}`" if isinstance(node, Scalar) else "this"
    raise reading.refuse(
        "FG111", f"{text} is no version of the language that is known here", node, help=f"write `flowgen: {VERSION}`"
    )


class Workflow(Element):
    """One workflow: its types, functions and steps."""

    what: ClassVar[str] = "a workflow"

    flowgen: Annotated[int, Read(_read_version)]
    name: PythonNameField
    description: TextField | None = None
    input: TypeUseField = ANY
    output: TypeUseField = ANY
    timeout: DurationField | None = None
    types: TypesField = Field(default_factory=dict)
    functions: FunctionsField = Field(default_factory=dict)
    defaults: Defaults | None = None
    steps: StepsField
