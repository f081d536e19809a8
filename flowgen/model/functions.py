"""Functions: business code with a contract, and its sizing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from keyword import iskeyword
from typing import Annotated, ClassVar

from flowgen.model.accepts import TEXT, array, either, mapping, ref
from flowgen.model.activities import ActivityField
from flowgen.model.element import Element, Field, Read, Reading, Unread
from flowgen.model.function_arns import FunctionNameField
from flowgen.model.function_images import ImageField
from flowgen.model.function_urls import AnswersField, UrlField
from flowgen.model.leaves import (
    PYTHON_NAME,
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
from flowgen.model.types import ANY, TYPE, TypeUse, TypeUseField, read_type_use
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

DEFAULT_TIMEOUT = 30
"""Lambda's timeout in seconds for functions that set none."""

RUNTIMES = ("python3.11", "python3.12", "python3.13", "python3.14")


class DeclaredError(Element):
    """An error that a function may raise, and the type of its details, if any."""

    what: ClassVar[str] = "an error"

    name: str
    details: TypeUse | None = None


class Vpc(Element):
    """The VPC configuration of a function."""

    what: ClassVar[str] = "`vpc`"

    subnets: Annotated[tuple[StackValue, ...], Read(Several(arns=False, most=16))] = Field(
        description="Subnet ids, or a tag that returns the list: `!Ref SubnetIds`.", examples=[["subnet-0a1b2c3d"]]
    )
    security_groups: Annotated[tuple[StackValue, ...], Read(Several(arns=False, most=5))] = Field(
        description="Security group ids, or a tag that returns the list.", examples=[["sg-0a1b2c3d"]]
    )


class Sizing(Element):
    """The resources of a function, in Lambda's units (API reference, `CreateFunction`): memory in MiB."""

    what: ClassVar[str] = "`defaults.function`"

    memory: Annotated[int | None, Read(Whole(128, 32_768))] = Field(None, description="Memory in MiB.", examples=[512])
    timeout: DurationField | None = Field(None, description="Lambda's timeout for one invocation, at most 15 minutes.")
    architecture: Annotated[str | None, Read(OneOf(("arm64", "x86_64")))] = Field(
        None, description="The instruction set architecture."
    )
    runtime: Annotated[str | None, Read(OneOf(RUNTIMES))] = Field(None, description="The Python version.")
    environment: EnvironmentField = Field(
        default_factory=dict,
        description="Environment variables: strings or CloudFormation tags.",
        examples=[{"LOG_LEVEL": "info"}],
    )
    storage: Annotated[int | None, Read(Whole(512, 10_240))] = Field(
        None, description="The size of `/tmp` in MiB.", examples=[1024]
    )
    concurrency: Annotated[int | None, Read(Whole(0, 1_000_000))] = Field(
        None, description="Reserved concurrency: invocations reserved for this function, and its limit."
    )
    provisioned: Annotated[int | None, Read(Whole(1, 1_000_000))] = Field(
        None,
        description="Provisioned concurrency: execution environments that are always ready. Steps then call an alias.",
        examples=[2],
    )
    snap_start: FlagField | None = Field(
        None, description="Starts new execution environments from a snapshot of the initialized function (SnapStart)."
    )
    layers: Annotated[tuple[StackValue, ...] | None, Read(Several(arns=True, most=5))] = Field(
        None, description="ARNs of Lambda layer versions, or tags that return them."
    )
    vpc: Vpc | None = Field(None, description="The subnets and security groups in which the function runs.")
    policies: PoliciesField = Field((), description="IAM statements for the function's role.")


def _read_errors(node: Node, reading: Reading) -> tuple[DeclaredError, ...]:
    if isinstance(node, Sequence):
        named: list[tuple[Node, Node | None]] = [(item, None) for item in node.items]
    elif isinstance(node, Mapping):
        named = [(entry.key, entry.value) for entry in node.entries]
    else:
        help_ = f"write `[{node.text}]`" if isinstance(node, Scalar) and isinstance(node.value, str) else None
        raise reading.refuse("FG102", f"`errors` must be a list of names, not {kind_of(node)}", node, help=help_)
    errors: dict[str, DeclaredError] = {}
    for item, details in named:
        name = read_text(item, reading)
        if not 0 < len(name) <= MAX_ERROR:
            raise reading.refuse("FG107", f"the name of an error must have 1 to {MAX_ERROR} characters", item)
        if name in errors:
            raise reading.refuse("FG002", f"the error `{name}` is declared twice", item)
        use = None if details is None else read_type_use(details, reading)
        errors[name] = DeclaredError.made(Mapping(item.origin, item.start, item.end, ()), name=name, details=use)
    return tuple(errors.values())


DeclaredErrorsField = Annotated[
    tuple[DeclaredError, ...],
    Read(_read_errors, accepts=either(array({**TEXT, "minLength": 1}), inside=mapping(TYPE))),
]

MAX_ERROR = 256
"""The maximum length of an error name (Step Functions API reference, `SendTaskFailure`)."""


def _are_classes(function: Function, reading: Reading) -> bool:
    """Whether the errors of a function are named like classes. Existing Lambda functions may use any name."""
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


_TARGET = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*")


def _read_target(node: Node, reading: Reading) -> str:
    target = read_text(node, reading)
    module, colon, name = target.partition(":")
    parts = [*module.split("."), *name.split(".")]
    if not colon or not all(part.isidentifier() and not iskeyword(part) for part in parts):
        meant = ":".join(target.rsplit(".", 1)) if "." in target and not colon else None
        raise reading.refuse(
            "FG102",
            f"`{target}` is not a valid reference to a callable",
            node,
            help=f"write `{meant}`"
            if meant and _TARGET.fullmatch(meant)
            else "write the module and the callable: `my_package.mail:send`",
        )
    return target


TargetField = Annotated[
    str,
    Read(
        _read_target,
        accepts={
            "type": "string",
            "pattern": "^[^:.]+(\\.[^:.]+)*:[^:.]+(\\.[^:.]+)*$",
            "patternErrorMessage": "write the module and the callable: `my_package.mail:send`",
        },
    ),
]


class Function(Sizing):
    """A Lambda function and its contract."""

    what: ClassVar[str] = "a function"

    description: TextField | None = Field(
        None, description="Becomes the stub's docstring and the Lambda function's description."
    )
    input: TypeUseField = Field(ANY, description="The type of the argument.")
    output: TypeUseField = Field(ANY, description="The type of the result.")
    errors: DeclaredErrorsField = Field(
        (),
        description="Errors that the function may raise: a list of names, or names with the type of their details.",
        examples=[["CardDeclined"], {"CardDeclined": "Declined"}],
    )
    retry: RetryField | None = Field(
        None, description="Retries for every call of the function, unless the step has its own `retry`."
    )
    python: TargetField | None = Field(
        None,
        description="An existing callable, `my_package.mail:send`, instead of a stub: called like a stub.",
        examples=["shop.mail:send"],
    )
    handler: TargetField | None = Field(
        None,
        description="An existing Lambda handler, `my_package.prices:handler`, instead of a stub: called with a `dict`"
        " and Lambda's context.",
        examples=["shop.prices:lambda_handler"],
    )
    arn: FunctionNameField | None = Field(
        None,
        description="An existing Lambda function: its name, its ARN or a CloudFormation tag. flowgen neither generates"
        " code for it nor deploys it.",
        examples=["prices:live", "arn:aws:lambda:eu-west-1:123456789012:function:prices"],
    )
    envelope: FlagField | None = Field(
        None, description="Calls the function with an envelope that adds the execution and the step to the input."
    )
    activity: ActivityField = Field(
        False,
        description="Makes the function a Step Functions activity that your worker polls: `true` for a new one, or the"
        " name or ARN of an existing one.",
        examples=[True, "arn:aws:states:eu-west-1:123456789012:activity:inspect"],
    )
    retired: FlagField = Field(
        False, description="Keeps a function that no step calls any more in the stack, for running executions."
    )
    image: ImageField | None = Field(
        None,
        description="A container image in Amazon ECR that contains the code, instead of a zip: its URI, a"
        " CloudFormation tag, or a folder to build.",
        examples=["123456789012.dkr.ecr.eu-west-1.amazonaws.com/rates:1.2.0"],
    )
    url: UrlField | None = Field(
        None,
        description="Gives the function an HTTPS endpoint. It is called with HTTP requests instead of by steps.",
        examples=[{"auth": "iam"}],
    )
    answers: AnswersField = Field(
        (),
        description="Steps with `callback` that the function answers. It may send results for task tokens of this"
        " workflow, and is called from outside instead of by steps.",
        examples=[["review"]],
    )
    standalone: FlagField = Field(
        False, description="Declares that no step calls the function: it is called from outside, with any event."
    )

    @property
    def existing_code(self) -> str | None:
        """The callable that `python` or `handler` names; None if the function has a stub."""
        return self.python if self.handler is None else self.handler

    @property
    def called_from_outside(self) -> bool:
        """Whether no step calls the function: its code receives Lambda's event and context."""
        return self.standalone or self.url is not None or bool(self.answers)

    @property
    def enveloped(self) -> bool:
        """Whether the function is called with `{"input": …, "context": …}`, as generated functions are."""
        if self.called_from_outside:
            return False
        return (self.arn is None and not self.activity) if self.envelope is None else self.envelope

    def error(self, name: str) -> DeclaredError | None:
        return next((error for error in self.errors if error.name == name), None)


def read_functions(node: Node, reading: Reading) -> dict[str, Function]:
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`functions` must be a mapping of names to functions, not {kind_of(node)}", node)
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
    """Checks that a function is only one of: generated code, an existing function, an activity."""
    if not _are_classes(function, reading):
        return False
    if function.called_from_outside and not _is_outside(function, reading):
        return False
    if function.image is not None:
        for key in ("arn", "activity", "runtime", "layers"):
            written = function.node.get(key)
            if written is not None and not (isinstance(written, Scalar) and written.value is False):
                reading.tell("FG102", f"`{key}` conflicts with `image`", function.span_of(key), help=f"remove `{key}`")
                return False
    ours = function.arn is None and not function.activity
    if ours and function.envelope is False:
        message = "generated code requires the envelope"
        reading.tell("FG102", message, function.span_of("envelope"), help="`envelope` is only for functions with `arn`")
        return False
    if function.python is not None and function.handler is not None:
        key, others = "handler", "`python`"
    elif function.existing_code is not None and not ours:
        key, others = "handler" if function.python is None else "python", "`arn` or `activity`"
    elif function.arn is not None and function.activity:
        key, others = "activity", "`arn`"
    else:
        return True
    reading.tell("FG102", f"`{key}` conflicts with {others}", function.span_of(key))
    return False


def _is_outside(function: Function, reading: Reading) -> bool:
    """Checks that a function called from outside has no key that only concerns calls by steps."""
    outside = next(key for key in ("url", "answers", "standalone") if function.node.get(key) is not None)
    for key in ("arn", "activity", "envelope", "retired", "retry"):
        written = function.node.get(key)
        if written is None or (isinstance(written, Scalar) and written.value is False):
            continue
        if key in ("arn", "activity"):
            message = f"`{outside}` requires a function that flowgen deploys"
        else:
            message = f"`{key}` conflicts with `{outside}`"
        label = "" if key in ("arn", "activity") else "only for functions that steps call"
        reading.tell("FG102", message, function.span_of(key), label=label, help=f"remove `{key}` or `{outside}`")
        return False
    return True


FunctionsField = Annotated[
    dict[str, Function],
    Read(
        read_functions,
        "The functions with the business code, and their contracts.",
        accepts=mapping(ref(Function), PYTHON_NAME),
    ),
]


class TaskDefaults(Element):
    """Defaults for the steps of one kind that set nothing themselves; a step with `callback` has none."""

    what: ClassVar[str] = "defaults of a kind of step"

    retry: RetryField | None = Field(None, description="Retries for the steps that have none.")
    timeout: DurationField | None = Field(None, description="Timeout for the steps that have none.")


class Defaults(Element):
    """Defaults for all steps and functions that do not set their own.

    A step with `callback` has no defaults: a retry would ask again, and a short timeout would end the wait.
    """

    what: ClassVar[str] = "`defaults`"

    retry: RetryField | None = Field(
        None, description="Retries for every `call` without `callback` whose step and function have none."
    )
    timeout: DurationField | None = Field(
        None, description="Timeout for every `call` without `callback` whose step has none."
    )
    aws: TaskDefaults | None = Field(None, description="Defaults for every `aws` step without `callback`.")
    http: TaskDefaults | None = Field(None, description="Defaults for every `http` step.")
    workflow: TaskDefaults | None = Field(None, description="Defaults for every `workflow` step.")
    function: Sizing | None = Field(None, description="The Lambda settings of every function.")

    def of_kinds(self) -> tuple[tuple[str, TaskDefaults], ...]:
        """The defaults for steps other than `call`, by kind."""
        kinds = (("aws", self.aws), ("http", self.http), ("workflow", self.workflow))
        return tuple((kind, one) for kind, one in kinds if one is not None)
