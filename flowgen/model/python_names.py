"""The names of generated Python, and where two of them collide.

Pure rules, so that `check` can tell before anything is generated; the backend builds on the same ones.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass
from keyword import iskeyword
from typing import TYPE_CHECKING

from flowgen.diagnostics import Diagnostic, Label
from flowgen.model.leaves import is_type_name
from flowgen.source import Mapping

if TYPE_CHECKING:
    from flowgen.diagnostics import Span
    from flowgen.model.functions import DeclaredError, Function
    from flowgen.model.steps import Aws, Call
    from flowgen.model.types import TypeUse
    from flowgen.model.workflow import Workflow

RESERVED_CLASSES = frozenset(
    {
        # what the generated modules import, or define for themselves
        "Annotated",
        "Any",
        "Awaitable",
        "AwareDatetime",
        "ConfigDict",
        "ContractModel",
        "ContractViolation",
        "DeclaredError",
        "DetailedError",
        "Dict",
        "EmailText",
        "EntryPoint",
        "Exception",
        "Field",
        "HostnameText",
        "IPv4Address",
        "IPv6Address",
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
    }
)
"""Names that a type or an error can't have, because generated code needs them for something else."""

RESERVED_FUNCTIONS = frozenset(
    {
        *("bool", "contracts", "date", "dict", "final", "float", "int", "list", "str", "task_tokens", "time"),
        *("timedelta", "tuple"),
    }
)
"""Names that a function, or a step that waits for an answer, can't have: generated code writes them beside it."""


def pascal_case(name: str) -> str:
    """A name as a part of a class name, without characters other than ASCII letters and digits.

    >>> pascal_case("ship-to_address")
    'ShipToAddress'
    """
    return "".join(part[:1].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", name))


def class_name(function: str) -> str:
    """The name that generated classes of a function begin with.

    >>> class_name("send_email")
    'SendEmail'
    """
    return "".join(part[:1].upper() + part[1:] for part in function.split("_"))


def handler_name(function: str) -> str:
    """The name of the Protocol that a function's handler fits."""
    return f"{class_name(function)}Handler"


def uses(workflow: Workflow) -> Iterator[tuple[str, str, TypeUse]]:
    """Where functions that Python is generated for use types.

    Each with the name that a schema gets which stands there, what it is, and the use itself.
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
    """What waits for an answer: a step, or what undoes one. `name` is its state's, and in Python that of its object."""

    name: str
    task: Call | Aws
    answer: TypeUse
    undoes: str | None

    @property
    def role(self) -> str:
        """The name of its answer's type, where that is a schema that stands there."""
        return f"{class_name(self.name)}Answer"


def callbacks(workflow: Workflow) -> tuple[Waiting, ...]:
    """What waits for an answer, in the order of the file."""
    from flowgen.model.steps import Aws, Call, undoing_name, undoing_of
    from flowgen.model.workflow import every_step

    found: list[Waiting] = []
    for step in every_step(workflow):
        undoing = undoing_of(step)
        if isinstance(step, Call | Aws) and step.callback is not None:
            found.append(Waiting(step.id, step, step.callback, None))
        if isinstance(undoing, Call | Aws) and undoing.callback is not None:
            found.append(Waiting(undoing_name(step.id), undoing, undoing.callback, step.id))
    return tuple(found)


def raisers(workflow: Workflow) -> dict[str, Function]:
    """The functions whose errors are raised, or sent as an answer, by Python: all but existing ones that answer."""
    from flowgen.model.steps import Call

    answered = {waiting.task.function for waiting in callbacks(workflow) if isinstance(waiting.task, Call)}
    return {name: function for name, function in workflow.functions.items() if function.arn is None or name in answered}


def error_classes(function: Function) -> tuple[DeclaredError, ...]:
    """The errors of a function that can be classes. One of a foreign function may have any name."""
    return tuple(error for error in function.errors if is_type_name(error.name))


def collisions(workflow: Workflow) -> list[Diagnostic]:
    """The names of types, errors and functions that would be the same in generated code, or are taken (FG205)."""
    taken: dict[str, tuple[str, Span]] = {}
    found: list[Diagnostic] = []
    for name, what, span in _classes(workflow):
        first = taken.setdefault(name, (what, span))
        if name in RESERVED_CLASSES:
            message = f"{what} can't be called `{name}`: generated code needs the name for something else"
            found.append(Diagnostic("FG205", message, span, label="taken", help="choose another name"))
        elif what == f"the type `{name}`" and hasattr(builtins, name):
            # Where types are made of each other, pydantic would take it for that of Python's.
            message = f"{what} can't be called `{name}`: Python has something else by this name"
            found.append(Diagnostic("FG205", message, span, label="taken", help="choose another name"))
        elif first != (what, span):
            message = f"{what} and {first[0]} come out as `{name}` in generated code"
            found.append(
                Diagnostic("FG205", message, span, secondary=(Label(first[1], "the first"),), help="rename one of them")
            )
    for name, what, span in [*((name, "a function", span) for name, span in _functions(workflow)), *_steps(workflow)]:
        if name in RESERVED_FUNCTIONS or iskeyword(name):
            message = f"{what} can't be called `{name}`: generated code needs the name for something else"
            found.append(Diagnostic("FG205", message, span, label="taken", help="choose another name"))
    return [*found, *_contradictions(workflow)]


def _functions(workflow: Workflow) -> Iterator[tuple[str, Span]]:
    """The functions that Python is generated for, each with the place of its name."""
    for name, function in workflow.functions.items():
        if function.arn is None:
            yield name, _key(workflow, name)


def _steps(workflow: Workflow) -> Iterator[tuple[str, str, Span]]:
    """The steps that users have named, and whose answers have a name in Python; each with the place of its name."""
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
    """The classes that come out: the name, what it is of, and where that is declared. An error is there once."""
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
    """Errors of one name that are declared with different details."""
    first: dict[str, DeclaredError] = {}
    for error in _errors(workflow):
        known = first.setdefault(error.name, error)
        if error.details != known.details:
            yield Diagnostic(
                "FG205",
                f"the error `{error.name}` is declared with different details",
                error.node.span,
                secondary=(Label(known.node.span, "the first declaration"),),
                help="an error is one class in generated code: give both the same details, or different names",
            )
