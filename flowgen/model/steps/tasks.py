"""The steps that run work elsewhere: in functions, AWS services, HTTP APIs and other workflows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from flowgen.model.accepts import ref
from flowgen.model.element import Element, Field, Read, Reading
from flowgen.model.leaves import FlagField, NameField, OneOf, TextField, read_flag, read_text
from flowgen.model.policies import PoliciesField
from flowgen.model.quantities import SecondsField
from flowgen.model.steps.base import CatchField, RetryField
from flowgen.model.steps.credentials import Credentials
from flowgen.model.steps.traits import Catching, Plain, Retryable, Undoable
from flowgen.model.types import ANY, TYPE, TypeUse, TypeUseField, read_type_use
from flowgen.model.values import (
    VALUE,
    Expression,
    Interpolation,
    Literal,
    RequestField,
    Value,
    ValueField,
    read_request,
    read_value,
)
from flowgen.source import Mapping, Node, kind_of

if TYPE_CHECKING:
    from flowgen.model.steps.compensation import Compensation


def _read_compensation(node: Node, reading: Reading) -> Compensation:
    from flowgen.model.steps.compensation import read_compensation

    return read_compensation(node, reading)


CompensationField = Annotated[
    "Compensation",
    Read(
        _read_compensation,
        "A step without `id` that undoes this one when the workflow fails later.",
        accepts=ref("compensation"),
    ),
]

PivotField = Annotated[
    bool,
    Read(
        read_flag,
        "The point of no return: once this step is completed, nothing before it is undone.",
        accepts={"type": "boolean"},
    ),
]


_ARGUMENT = "The argument: any value, which may contain expressions."
ArgumentField = Annotated[Value, Read(read_value, _ARGUMENT, accepts=VALUE)]
RequestArgumentField = Annotated[Value, Read(read_request, _ARGUMENT, accepts=VALUE)]
CallbackField = Annotated[
    TypeUse, Read(read_type_use, "Waits for an answer with the task token; the answer has this type.", accepts=TYPE)
]


class TaskStep(Plain, Retryable, Catching, Undoable):
    """The keys of the kinds that run work elsewhere, which may fail."""

    retry: RetryField | None = None
    catch: CatchField = ()
    timeout: SecondsField | None = Field(
        None,
        description="How long one attempt may take before it fails with `States.Timeout`.",
        examples=["30s", "${ $input.seconds }"],
    )
    heartbeat: SecondsField | None = Field(
        None,
        description="The longest time between two heartbeats before the step fails with `States.Timeout`.",
        examples=["1 minute", "${ $input.seconds }"],
    )
    compensate: CompensationField | None = None
    pivot: PivotField = False
    validation: FlagField | None = Field(
        None, alias="validate", description="Whether the result from outside is checked against its type at run time."
    )


class Call(TaskStep):
    """Calls a function; its value is the function's output, or the answer of `callback`."""

    kind: ClassVar[str] = "call"

    function: TextField = Field(alias="call", description="The name of a function under `functions`.")
    argument: ArgumentField | None = Field(None, alias="with")
    callback: CallbackField | None = None
    credentials: Credentials | None = Field(
        None, description="The role that the step assumes, such as one of another account."
    )


class Action(Element):
    """An API action of an AWS service, and how Step Functions calls it."""

    what: ClassVar[str] = "an action"

    service: str
    name: str
    pattern: str
    """"" (request and response), ".sync" or ".sync:2"."""


_ACTION = re.compile(r"([a-z0-9][a-z0-9-]*(?::[a-z0-9-]+)?):([A-Za-z][A-Za-z0-9]*)(\.sync(?::2)?)?")


def _spelled(text: str) -> str | None:
    """The help for an action in the notation of boto3, the AWS CLI, IAM or Amazon States Language."""
    bare = re.sub(r"^arn:aws[\w-]*:states:[^:]*:[^:]*:", "", text.strip())
    parts = re.fullmatch(
        r"((?:aws-sdk[:.])?)([A-Za-z0-9-]+)[:./ ]([A-Za-z0-9_-]+)((?:\.sync(?::2)?|\.waitForTaskToken)?)", bare
    )
    if parts is None:
        return None
    words = re.split(r"[_-]", parts[3])
    name = "".join((words[0][:1].lower() + words[0][1:], *(word[:1].upper() + word[1:] for word in words[1:])))
    suffix = parts[4].removesuffix(".waitForTaskToken")
    waits = ", with `callback: TYPE`" if suffix != parts[4] else ""
    return f"write `{parts[1].replace('.', ':')}{parts[2].lower()}:{name}{suffix}`{waits}"


def _read_action(node: Node, reading: Reading) -> Action:
    text = read_text(node, reading)
    parsed = _ACTION.fullmatch(text)
    if parsed is None or (":" in parsed[1] and not parsed[1].startswith("aws-sdk:")):
        raise reading.refuse(
            "FG102",
            f"`{text}` is not a valid AWS action",
            node,
            help=_spelled(text)
            or "write the service and the action: `dynamodb:getItem`, `s3:listObjectsV2`, `ecs:runTask.sync`",
        )
    empty = Mapping(node.origin, node.start, node.end, ())
    return Action.made(empty, service=parsed[1], name=parsed[2], pattern=parsed[3] or "")


ActionField = Annotated[
    Action,
    Read(
        _read_action,
        accepts={
            "type": "string",
            "pattern": r"^(aws-sdk:)?[a-z0-9][a-z0-9-]*:[A-Za-z][A-Za-z0-9]*(\.sync(:2)?)?$",
            "patternErrorMessage": "write the service and the action: `dynamodb:getItem`, `ecs:runTask.sync`",
        },
    ),
]


class Aws(TaskStep):
    """Calls an AWS API; its value is the API's response, or the answer of `callback`.

    Permissions are derived from the arguments; add `policies` where that is not possible.
    """

    kind: ClassVar[str] = "aws"

    action: ActionField = Field(
        alias="aws",
        description="The service and the action, as in `dynamodb:getItem`; `.sync` waits for the job to end.",
        examples=["dynamodb:getItem", "s3:listObjectsV2", "ecs:runTask.sync"],
    )
    argument: RequestArgumentField | None = Field(None, alias="with")
    callback: CallbackField | None = None
    credentials: Credentials | None = Field(
        None, description="The role that the step assumes, such as one of another account."
    )
    output: TypeUseField | None = Field(None, description="The type of the response.")
    policies: PoliciesField = ()


_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")


class Endpoint(Element):
    """A method and a URL, which may contain expressions."""

    what: ClassVar[str] = "an endpoint"

    method: str
    url: Annotated[Any, Read(read_value, accepts=VALUE)]


def _read_endpoint(node: Node, reading: Reading) -> Endpoint:
    value = read_value(node, reading)
    first = value.parts[0] if isinstance(value, Interpolation) else getattr(value, "value", None)
    method, blank, rest = first.partition(" ") if isinstance(first, str) else ("", "", "")
    url: Any = None
    if isinstance(value, Literal) and rest:
        url = Literal(rest.strip(), value.node)
    elif isinstance(value, Interpolation) and blank:
        rest = rest.lstrip()
        url = Interpolation(((rest,) if rest else ()) + value.parts[1:], value.node)
    if method not in _METHODS or url is None:
        found = kind_of(node) if not isinstance(value, Literal | Interpolation | Expression) else "this"
        raise reading.refuse(
            "FG102",
            f"expected a method and a URL, found {found}",
            node,
            help="write the method and the URL: `GET https://api.example.com/orders/${ $input.id }`",
        )
    empty = Mapping(node.origin, node.start, node.end, ())
    return Endpoint.made(empty, method=method, url=url)


EndpointField = Annotated[
    Endpoint,
    Read(
        _read_endpoint,
        accepts={
            "type": "string",
            "pattern": f"^({'|'.join(_METHODS)}) +\\S",
            "patternErrorMessage": "write the method and the URL: `GET https://api.example.com/orders`",
        },
    ),
]


class Http(TaskStep):
    """Calls an HTTP API; its value is the response body."""

    kind: ClassVar[str] = "http"

    endpoint: EndpointField = Field(
        alias="http",
        description="The method and the URL, which may contain expressions.",
        examples=["GET https://api.example.com/orders/${ $input.id }"],
    )
    connection: NameField = Field(description="The EventBridge connection that holds the credentials.")
    headers: RequestField | None = Field(None, description="The headers of the request: an object.")
    query: RequestField | None = Field(None, description="The query parameters: an object.")
    body: ValueField | None = Field(None, description="The body of the request.")
    output: TypeUseField = Field(ANY, description="The type of the response's body.")


class RunWorkflow(TaskStep):
    """Runs another workflow of the project; its value is that workflow's output, unless it is `detached`."""

    kind: ClassVar[str] = "workflow"

    workflow: TextField = Field(alias="workflow", description="The name of another workflow of the project.")
    argument: ArgumentField | None = Field(None, alias="with")
    execution_name: ValueField | None = Field(
        None,
        alias="name",
        description="The name of the execution: AWS starts only one execution with a name within 90 days.",
        examples=["payout-${ $input.id }"],
    )
    detached: FlagField = Field(False, description="Ends the step as soon as the other workflow has started.")
    credentials: Credentials | None = Field(
        None, description="The role that the step assumes, such as one of another account."
    )


_OURS = ("Next", "End", "QueryLanguage")
_TYPES = ("Task", "Pass", "Wait", "Parallel", "Map")


def _read_state(node: Node, reading: Reading) -> dict[str, Any]:
    from flowgen.source import plain

    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`asl` must be a state as a mapping, not {kind_of(node)}", node)
    for entry in node.entries:
        if entry.key.text in _OURS:
            raise reading.refuse("FG101", f"`{entry.key.text}` is not allowed: flowgen sets it", entry.key)
    kind = node.get("Type")
    if kind is None:
        raise reading.refuse("FG103", "a state needs the key `Type`", node)
    OneOf(_TYPES)(kind, reading)
    state = plain(node)
    if not isinstance(state, dict):
        raise TypeError(state)
    return state


StateField = Annotated[
    dict[str, Any],
    Read(
        _read_state,
        accepts={
            "type": "object",
            "properties": {
                "Type": {"description": "The type of the state.", "enum": list(_TYPES)},
                **dict.fromkeys(_OURS, False),
            },
            "required": ["Type"],
        },
    ),
]


class Asl(Plain):
    """A raw state in Amazon States Language, for features without a step kind."""

    kind: ClassVar[str] = "asl"

    state: StateField = Field(
        alias="asl",
        description="The state: `Type` and its other fields, without `Next`, `End` and `QueryLanguage`.",
        examples=[{"Type": "Pass", "Output": {"sent": True}}],
    )
    output: TypeUseField = Field(ANY, description="The type of the state's output.")
    policies: PoliciesField = ()
