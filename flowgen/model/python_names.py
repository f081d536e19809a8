"""The names in generated Python, and their collisions.

These rules are pure, so that `check` can report collisions before anything is generated; the backend uses them too.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from keyword import iskeyword

from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.model.functions import DeclaredError, Function
from flowgen.model.leaves import is_type_name
from flowgen.model.steps import Aws, Call, undoing_name, undoing_of
from flowgen.model.types import TypeUse
from flowgen.model.workflow import Workflow, every_step
from flowgen.source import Mapping

RESERVED_CLASSES = frozenset(
    {
        # imported or defined by the generated modules
        "Annotated",
        "Any",
        "Awaitable",
        "AwareDatetime",
        "ConfigDict",
        "Constraints",
        "ContractModel",
        "ContractViolation",
        "DeclaredError",
        "DetailedError",
        "Dict",
        "EmailText",
        "EntryPoint",
        "EventEntryPoint",
        "EventHandlerEntryPoint",
        "Exception",
        "Field",
        "HostnameText",
        "IPv4Address",
        "IPv6Address",
        "JsonDate",
        "JsonDateTime",
        "JsonDuration",
        "JsonIPv4",
        "JsonIPv6",
        "JsonTime",
        "JsonUuid",
        "LambdaContext",
        "Literal",
        "Never",
        "NotImplementedError",
        "Optional",
        "Protocol",
        "SparseModel",
        "StepContext",
        "StringConstraints",
        "TypeAdapter",
        "TypeAlias",
        "TypeAliasType",
        "TypeVar",
        "UUID",
        "Union",
        "UriReferenceText",
        "UriText",
        "UrlRequest",
        "UrlResponse",
    }
)
"""Names reserved by generated code: not allowed for types and errors."""

RESERVED_FUNCTIONS = frozenset(
    {
        *("bool", "contracts", "date", "dict", "final", "float", "int", "list", "str", "task_tokens", "time"),
        *("timedelta", "tuple"),
    }
)
"""Names reserved by generated code: not allowed for functions and for steps that wait for an answer."""


def class_name(function: str) -> str:
    """The prefix of the names of a function's generated classes.

    >>> class_name("send_email")
    'SendEmail'
    """
    return "".join(part[:1].upper() + part[1:] for part in function.split("_"))


def handler_name(function: str) -> str:
    """The name of the Protocol for a function's handler."""
    return f"{class_name(function)}Handler"


def uses(workflow: Workflow) -> Iterator[tuple[str, str, TypeUse]]:
    """The uses of types in functions for which Python is generated.

    Each with the name for an inline schema, a description, and the use itself.
    """
    raising = raisers(workflow)
    for name, function in workflow.functions.items():
        if function.arn is None:
            yield f"{class_name(name)}Input", f"the input of `{name}`", function.input
            yield f"{class_name(name)}Output", f"the output of `{name}`", function.output
        for error in error_classes(function) if name in raising else ():
            if error.details is not None:
                yield f"{error.name}Details", f"the details of `{error.name}`", error.details
    for waiting in callbacks(workflow):
        yield waiting.role, f"the answer to `{waiting.name}`", waiting.answer


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step or compensation that waits for an answer. `name` names its state and its object in Python."""

    name: str
    task: Call | Aws
    answer: TypeUse
    undoes: str | None

    @property
    def role(self) -> str:
        """The name of the answer's type if that is an inline schema."""
        return f"{class_name(self.name)}Answer"


def callbacks(workflow: Workflow) -> tuple[Waiting, ...]:
    """The steps and compensations that wait for an answer, in the order of the file."""
    found: list[Waiting] = []
    for step in every_step(workflow):
        undoing = undoing_of(step)
        if isinstance(step, Call | Aws) and step.callback is not None:
            found.append(Waiting(step.id, step, step.callback, None))
        if isinstance(undoing, Call | Aws) and undoing.callback is not None:
            found.append(Waiting(undoing_name(step.id), undoing, undoing.callback, step.id))
    return tuple(found)


def raisers(workflow: Workflow) -> dict[str, Function]:
    """The functions whose errors Python raises or sends as an answer: all except existing ones."""
    answered = {waiting.task.function for waiting in callbacks(workflow) if isinstance(waiting.task, Call)}
    return {name: function for name, function in workflow.functions.items() if function.arn is None or name in answered}


def error_classes(function: Function) -> tuple[DeclaredError, ...]:
    """The errors of a function that can be classes. Existing Lambda functions may use any error name."""
    return tuple(error for error in function.errors if is_type_name(error.name))


def collisions(workflow: Workflow) -> list[Diagnostic]:
    """Names of types, errors and functions that collide in generated code, or are reserved (FG205)."""
    taken: dict[str, tuple[str, Span]] = {}
    found: list[Diagnostic] = []
    for name, what, span in _classes(workflow):
        first = taken.setdefault(name, (what, span))
        if name in RESERVED_CLASSES:
            message = f"{what} cannot be named `{name}`, which is reserved in generated code"
            found.append(Diagnostic("FG205", message, span, label="taken", help="choose another name"))
        elif what == f"the type `{name}`" and hasattr(builtins, name):
            # In a type that refers to this name, pydantic would resolve the built-in.
            message = f"{what} cannot be named `{name}`, which is a Python built-in"
            found.append(Diagnostic("FG205", message, span, label="taken", help="choose another name"))
        elif first != (what, span):
            message = f"{what} and {first[0]} are both named `{name}` in generated code"
            found.append(
                Diagnostic("FG205", message, span, secondary=(Label(first[1], "the first"),), help="rename one of them")
            )
    for name, what, span in [*((name, "a function", span) for name, span in _functions(workflow)), *_steps(workflow)]:
        if name in RESERVED_FUNCTIONS or iskeyword(name):
            message = f"{what} cannot be named `{name}`, which is reserved in generated code"
            found.append(Diagnostic("FG205", message, span, label="taken", help="choose another name"))
    return [*found, *_contradictions(workflow)]


def _functions(workflow: Workflow) -> Iterator[tuple[str, Span]]:
    """The functions for which Python is generated, each with the place of its name."""
    for name, function in workflow.functions.items():
        if function.arn is None:
            yield name, _key(workflow, name)


def _steps(workflow: Workflow) -> Iterator[tuple[str, str, Span]]:
    """The steps with an id that wait for an answer, which has a name in Python; each with the place of its id."""
    for waiting in callbacks(workflow):
        if waiting.undoes is None:
            yield waiting.name, "a step that waits for an answer", waiting.task.span_of("id")


def _key(workflow: Workflow, name: str) -> Span:
    functions = workflow.node.get("functions")
    entry = functions.entry(name) if isinstance(functions, Mapping) else None
    return workflow.functions[name].node.span if entry is None else entry.key.span


def _errors(workflow: Workflow) -> Iterator[DeclaredError]:
    for function in raisers(workflow).values():
        yield from error_classes(function)


def _classes(workflow: Workflow) -> Iterator[tuple[str, str, Span]]:
    """The generated classes: name, description, and place of the declaration. Each error occurs once."""
    for declared in workflow.types.values():
        yield declared.name, f"the type `{declared.name}`", declared.key.span
    for error in {error.name: error for error in reversed(list(_errors(workflow)))}.values():
        yield error.name, f"the error `{error.name}`", error.node.span
    for name, span in _functions(workflow):
        yield handler_name(name), f"the function `{name}`", span
    seen: set[tuple[str, str]] = set()
    for name, what, use in uses(workflow):
        if use.expression is None and use.node is not None and (name, what) not in seen:
            seen.add((name, what))
            yield name, what, use.node.span


def _contradictions(workflow: Workflow) -> Iterator[Diagnostic]:
    """Errors with the same name that are declared with different details."""
    first: dict[str, DeclaredError] = {}
    for error in _errors(workflow):
        known = first.setdefault(error.name, error)
        if error.details != known.details:
            yield Diagnostic(
                "FG205",
                f"the error `{error.name}` is declared with different details",
                error.node.span,
                secondary=(Label(known.node.span, "the first declaration"),),
                help="an error is one class in generated code: use the same details for both, or different names",
            )
