"""Functions: business code with a contract, and how much of a machine it gets."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from flowgen.model.element import NODE, Element, Read, Reading, told
from flowgen.model.leaves import (
    DurationField,
    EnvironmentField,
    FlagField,
    OneOf,
    TextField,
    Whole,
    check_python_name,
    check_type_name,
    read_text,
)
from flowgen.model.steps import RetryField
from flowgen.model.types import ANY, TypeUse, TypeUseField, read_type_use
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

RUNTIMES = ("python3.11", "python3.12", "python3.13", "python3.14")


class DeclaredError(Element):
    """An error that a function may raise, and the type of its details if it has any."""

    what: ClassVar[str] = "an error"

    name: str
    details: TypeUse | None = None


class Sizing(Element):
    """What a function gets. Units as Lambda's (API reference, `CreateFunction`): memory in MiB."""

    what: ClassVar[str] = "the sizing of functions"

    memory: Annotated[int | None, Read(Whole(128, 32_768))] = None
    timeout: DurationField | None = None
    architecture: Annotated[str | None, Read(OneOf(("arm64", "x86_64")))] = None
    runtime: Annotated[str | None, Read(OneOf(RUNTIMES))] = None
    environment: EnvironmentField = Field(default_factory=dict)


def _read_errors(node: Node, reading: Reading) -> tuple[DeclaredError, ...]:
    if isinstance(node, Sequence):
        named: list[tuple[Node, Node | None]] = [(item, None) for item in node.items]
    elif isinstance(node, Mapping):
        named = [(entry.key, entry.value) for entry in node.entries]
    else:
        raise reading.refuse("FG102", f"`errors` is a list of names, not {kind_of(node)}", node)
    errors: dict[str, DeclaredError] = {}
    for item, details in named:
        read_text(item, reading)
        name = check_type_name(_scalar(item), reading, "an error")
        if name in errors:
            raise reading.refuse("FG002", f"the error `{name}` is declared twice", item)
        use = None if details is None else read_type_use(details, reading)
        errors[name] = DeclaredError.model_validate(
            {"name": name, "details": use, NODE: Mapping(item.origin, item.start, item.end, ())}
        )
    return tuple(errors.values())


def _scalar(node: Node) -> Scalar:
    if isinstance(node, Scalar):
        return node
    raise TypeError(node)


def _read_target(node: Node, reading: Reading) -> str:
    target = read_text(node, reading)
    module, colon, name = target.partition(":")
    parts = [*module.split("."), *name.split(".")]
    if not colon or not all(part.isidentifier() for part in parts):
        raise reading.refuse(
            "FG102",
            f"`{target}` names no callable",
            node,
            help="write the module and the callable: `my_package.mail:send`",
        )
    return target


_LAMBDA_ARN = re.compile(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,140}(:[A-Za-z0-9$_.-]{1,128})?"
)
"""Lambda API reference, `Invoke`: the ARN of a function, a version or an alias."""


def _read_arn(node: Node, reading: Reading) -> str:
    arn = read_text(node, reading)
    if not _LAMBDA_ARN.fullmatch(arn):
        example = "arn:aws:lambda:eu-west-1:123456789012:function:name"
        raise reading.refuse(
            "FG102", f"`{arn}` is no ARN of a Lambda function", node, help=f"one looks like `{example}`"
        )
    return arn


class Function(Sizing):
    """A Lambda function and its contract."""

    what: ClassVar[str] = "a function"

    description: TextField | None = None
    input: TypeUseField = ANY
    output: TypeUseField = ANY
    errors: Annotated[tuple[DeclaredError, ...], Read(_read_errors)] = ()
    retry: RetryField | None = None
    python: Annotated[str | None, Read(_read_target)] = None
    arn: Annotated[str | None, Read(_read_arn)] = None
    envelope: FlagField | None = None

    @property
    def enveloped(self) -> bool:
        """Whether the function is called with `{"input": …, "context": …}`, which those that we generate are."""
        return self.arn is None if self.envelope is None else self.envelope

    def error(self, name: str) -> DeclaredError | None:
        return next((error for error in self.errors if error.name == name), None)


def read_functions(node: Node, reading: Reading) -> dict[str, Function]:
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`functions` is a mapping of names to functions, not {kind_of(node)}", node)
    functions: dict[str, Function] = {}
    complete = True
    for entry in node.entries:
        try:
            name = check_python_name(entry.key, reading)
        except PydanticCustomError:
            complete = False
            continue
        function = Function.read(entry.value, reading)
        if function is None:
            complete = False
        else:
            functions[name] = function
    if not complete:
        raise told()
    return functions


FunctionsField = Annotated[dict[str, Function], Read(read_functions)]


class Defaults(Element):
    """What holds for all steps and functions below, unless they say otherwise."""

    what: ClassVar[str] = "`defaults`"

    retry: RetryField | None = None
    timeout: DurationField | None = None
    function: Sizing | None = None
