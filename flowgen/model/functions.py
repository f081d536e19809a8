"""Functions: business code with a contract, and how much of a machine it gets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from keyword import iskeyword
from typing import Annotated, ClassVar

from pydantic import Field

from flowgen.model.element import Element, Read, Reading, Unread
from flowgen.model.leaves import (
    DurationField,
    FlagField,
    OneOf,
    TextField,
    Whole,
    check_python_name,
    check_type_name,
    read_text,
)
from flowgen.model.policies import PoliciesField
from flowgen.model.stack_values import EnvironmentField, Several, StackValue
from flowgen.model.steps.base import RetryField
from flowgen.model.types import ANY, TypeUse, TypeUseField, read_type_use
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

RUNTIMES = ("python3.11", "python3.12", "python3.13", "python3.14")


class DeclaredError(Element):
    """An error that a function may raise, and the type of its details if it has any."""

    what: ClassVar[str] = "an error"

    name: str
    details: TypeUse | None = None


class Vpc(Element):
    """Where in a network of yours a function runs."""

    what: ClassVar[str] = "`vpc`"

    subnets: Annotated[tuple[StackValue, ...], Read(Several(arns=False, most=16))] = Field(
        description="Ids of subnets, or a tag that gives them all: `!Ref SubnetIds`.", examples=[["subnet-0a1b2c3d"]]
    )
    security_groups: Annotated[tuple[StackValue, ...], Read(Several(arns=False, most=5))] = Field(
        description="Ids of security groups, or a tag that gives them all.", examples=[["sg-0a1b2c3d"]]
    )


class Sizing(Element):
    """What a function gets. Units as Lambda's (API reference, `CreateFunction`): memory in MiB."""

    what: ClassVar[str] = "the sizing of functions"

    memory: Annotated[int | None, Read(Whole(128, 32_768))] = Field(None, description="Memory in MiB.", examples=[512])
    timeout: DurationField | None = Field(
        None, description="Lambda's own timeout of one invocation, at most 15 minutes."
    )
    architecture: Annotated[str | None, Read(OneOf(("arm64", "x86_64")))] = Field(
        None, description="The instruction set that the function runs on."
    )
    runtime: Annotated[str | None, Read(OneOf(RUNTIMES))] = Field(None, description="The version of Python.")
    environment: EnvironmentField = Field(
        default_factory=dict,
        description="Environment variables: a map of texts and of CloudFormation's tags.",
        examples=[{"LOG_LEVEL": "info"}],
    )
    storage: Annotated[int | None, Read(Whole(512, 10_240))] = Field(
        None, description="The size of `/tmp` in MiB.", examples=[1024]
    )
    concurrency: Annotated[int | None, Read(Whole(0, 1_000_000))] = Field(
        None, description="How many invocations may run at a time, kept free for the function alone."
    )
    layers: Annotated[tuple[StackValue, ...] | None, Read(Several(arns=True, most=5))] = Field(
        None, description="ARNs of the versions of Lambda layers, or tags that give them."
    )
    vpc: Vpc | None = Field(None, description="The subnets and security groups in which the function runs.")
    policies: PoliciesField = Field((), description="IAM statements for the function's role: what its code may do.")


def _read_errors(node: Node, reading: Reading) -> tuple[DeclaredError, ...]:
    if isinstance(node, Sequence):
        named: list[tuple[Node, Node | None]] = [(item, None) for item in node.items]
    elif isinstance(node, Mapping):
        named = [(entry.key, entry.value) for entry in node.entries]
    else:
        help_ = f"write `[{node.text}]`" if isinstance(node, Scalar) and isinstance(node.value, str) else None
        raise reading.refuse("FG102", f"`errors` is a list of names, not {kind_of(node)}", node, help=help_)
    errors: dict[str, DeclaredError] = {}
    for item, details in named:
        name = read_text(item, reading)
        if not 0 < len(name) <= MAX_ERROR:
            raise reading.refuse("FG107", f"the name of an error has 1 to {MAX_ERROR} characters", item)
        if name in errors:
            raise reading.refuse("FG002", f"the error `{name}` is declared twice", item)
        use = None if details is None else read_type_use(details, reading)
        errors[name] = DeclaredError.made(Mapping(item.origin, item.start, item.end, ()), name=name, details=use)
    return tuple(errors.values())


MAX_ERROR = 256
"""Characters in the name of an error (Step Functions API reference, `SendTaskFailure`)."""


def _are_classes(function: Function, reading: Reading) -> bool:
    """Whether the errors of a function have names of classes: those of a foreign function may have any name."""
    written = function.node.get("errors")
    names: Iterable[Node] = ()
    if isinstance(written, Mapping):
        names = (entry.key for entry in written.entries)
    elif isinstance(written, Sequence):
        names = written.items
    try:
        for name in names if function.arn is None else ():
            if isinstance(name, Scalar):
                check_type_name(name, reading, "an error")
    except Unread:
        return False
    return True


def _read_target(node: Node, reading: Reading) -> str:
    target = read_text(node, reading)
    module, colon, name = target.partition(":")
    parts = [*module.split("."), *name.split(".")]
    if not colon or not all(part.isidentifier() and not iskeyword(part) for part in parts):
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

    description: TextField | None = Field(
        None, description="Goes into the stub's docstring and the Lambda function's description."
    )
    input: TypeUseField = Field(ANY, description="The type of its argument.")
    output: TypeUseField = Field(ANY, description="The type of its result.")
    errors: Annotated[tuple[DeclaredError, ...], Read(_read_errors)] = Field(
        (),
        description="The errors that it may raise: a list of names, or a map of names to the type of their details.",
        examples=[["CardDeclined"], {"CardDeclined": "Declined"}],
    )
    retry: RetryField | None = Field(None, description="As the modifier, for every call of the function.")
    python: Annotated[str | None, Read(_read_target)] = Field(
        None,
        description="An existing callable, `my_package.mail:send`, in place of a stub.",
        examples=["shop.mail:send"],
    )
    arn: Annotated[str | None, Read(_read_arn)] = Field(
        None,
        description="An existing Lambda function: nothing is generated or deployed for it.",
        examples=["arn:aws:lambda:eu-west-1:123456789012:function:name"],
    )
    envelope: FlagField | None = Field(
        None, description="Whether it is called with an envelope that says where in which execution it is called."
    )
    activity: FlagField = Field(
        False, description="Whether it is a Step Functions activity that a worker of yours polls."
    )
    retired: FlagField = Field(
        False, description="Whether no step calls it any more, but executions in flight may: it stays in the stack."
    )

    @property
    def enveloped(self) -> bool:
        """Whether the function is called with `{"input": …, "context": …}`, which those that we generate are."""
        return (self.arn is None and not self.activity) if self.envelope is None else self.envelope

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
        except Unread:
            complete = False
            continue
        function = Function.read(entry.value, reading)
        if function is None or not _is_consistent(function, reading):
            complete = False
        else:
            functions[name] = function
    if not complete:
        raise Unread
    return functions


def _is_consistent(function: Function, reading: Reading) -> bool:
    """Whether a function is one thing: generated code, an existing function, or an activity."""
    if not _are_classes(function, reading):
        return False
    ours = function.arn is None and not function.activity
    if ours and function.envelope is False:
        message = "what flowgen generates for a function reads the envelope, so it can't do without"
        reading.tell("FG102", message, function.span_of("envelope"), help="it is for functions with `arn`")
        return False
    if function.python is not None and not ours:
        key, others = "python", "`arn` or `activity`"
    elif function.arn is not None and function.activity:
        key, others = "activity", "`arn`"
    else:
        return True
    reading.tell("FG102", f"`{key}` says another thing than {others} beside it", function.span_of(key))
    return False


FunctionsField = Annotated[
    dict[str, Function], Read(read_functions, "The functions that hold the business code, and their contracts.")
]


class Defaults(Element):
    """What holds for all steps and functions below, unless they say otherwise."""

    what: ClassVar[str] = "`defaults`"

    retry: RetryField | None = Field(None, description="For every `call` whose step and function have none.")
    timeout: DurationField | None = Field(None, description="For every `call` whose step has none.")
    function: Sizing | None = Field(None, description="The sizing of every function.")
