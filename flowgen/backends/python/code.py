"""The modules of functions: contracts, entry points and stubs, each as text without its header.

`runtime`, an argument of most functions here, is the dotted package of the project's runtime.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flowgen.backends.python.annotations import MODELS, annotation
from flowgen.backends.python.layout import aliased
from flowgen.backends.python.runtime_modules import LAMBDA_HANDLERS, RUNTIME
from flowgen.backends.python.text import WIDTH, all_names, docstring, import_block, prose, string
from flowgen.model.python_names import class_name, error_classes, handler_name, raisers

if TYPE_CHECKING:
    from flowgen.backends.python.annotations import Annotation
    from flowgen.model import DeclaredError, Function, Workflow

INDENT = "    "
_OBJECT = re.compile(r"\AAny(?: \| None)?\Z")
"""The annotations of a stub that linters reject (ruff's ANN401); `object` means the same there."""
CONTRACT, EVENT_CONTRACT = "_Contract", "_EventContract"
"""Local names of the runtime's classes. No type has a name with `_`, so that they collide with none."""


def contracts(workflow: Workflow, runtime: str) -> str:
    """`contracts.py`: the declared errors, and for each function the signature that its code must have."""
    imported: dict[str, set[str]] = {
        "__future__": {"annotations"},
        f"{runtime}.runtime": {"ContractViolation", "StepContext"},
    }
    errors = _errors(raisers(workflow))
    # A handler for Lambda receives plain values, so its signature says nothing about the contract.
    functions = {name: one for name, one in generated_functions(workflow).items() if one.handler is None}
    parts = [_error(error, raised_by, imported, runtime) for error, raised_by in errors.values()]
    parts += [_contract(name, function, imported, runtime) for name, function in functions.items()]
    exported = ["ContractViolation", "StepContext", *errors, *functions, *map(handler_name, functions)]
    title = docstring(
        f"Contracts of `{workflow.name}`: the signatures of its functions, and the errors they may raise."
    )
    head = f"{title}\n\n{import_block(imported)}\n\n{all_names(exported)}\n"
    return "\n\n".join([head, *parts])


def generated_functions(workflow: Workflow) -> dict[str, Function]:
    """The functions that get an entry point: not those that exist in AWS already, and not activities."""
    return {
        name: function
        for name, function in workflow.functions.items()
        if function.arn is None and not function.activity
    }


def has_errors(workflow: Workflow) -> bool:
    """Whether Python code of the workflow, or code that answers its task tokens, can raise a declared error."""
    return any(error_classes(function) for function in raisers(workflow).values())


def ends(name: str, function: Function, runtime: str) -> tuple[Annotation, Annotation]:
    """The types of a function's input and output. Undeclared ones of a function with a URL are those of HTTP."""
    input_ = annotation(function.input, f"{class_name(name)}Input", runtime)
    output = annotation(function.output, f"{class_name(name)}Output", runtime)
    if function.url is None:
        return input_, output
    module = f"{runtime}.{LAMBDA_HANDLERS}"
    return (
        _of_http(input_, module, "UrlRequest") if function.node.get("input") is None else input_,
        _of_http(output, module, "UrlResponse") if function.node.get("output") is None else output,
    )


def _of_http(of_any: Annotation, module: str, name: str) -> Annotation:
    """The annotation of an HTTP request or response: a type for type checkers, and any value at run time."""
    return replace(of_any, text=name, names=frozenset({(module, name)}))


def entry_point_class(function: Function) -> tuple[str, str]:
    """The class of a function's entry point, and the module of the runtime that has it."""
    if function.called_from_outside:
        return LAMBDA_HANDLERS, "EventEntryPoint" if function.handler is None else "EventHandlerEntryPoint"
    return (RUNTIME, "EntryPoint") if function.handler is None else (LAMBDA_HANDLERS, "HandlerEntryPoint")


def _import(imported: dict[str, set[str]], names: Iterable[tuple[str, str]]) -> None:
    for module, name in names:
        imported.setdefault(module, set()).add(name)


def _errors(functions: Mapping[str, Function]) -> dict[str, tuple[DeclaredError, list[str]]]:
    """Each declared error, with the functions that may raise it."""
    errors: dict[str, tuple[DeclaredError, list[str]]] = {}
    for name, function in functions.items():
        for error in error_classes(function):
            errors.setdefault(error.name, (error, []))[1].append(name)
    return errors


def _error(error: DeclaredError, functions: list[str], imported: dict[str, set[str]], runtime: str) -> str:
    raised = f"`{functions[0]}`" if len(functions) == 1 else f"`{'`, `'.join(functions[:-1])}` and `{functions[-1]}`"
    about = docstring(f"Raised by {raised}.", INDENT)
    # A workflow catches an error by the name of its class, so a subclass would be another error.
    _import(imported, {("typing", "final")})
    if error.details is None:
        _import(imported, {(f"{runtime}.runtime", "DeclaredError")})
        return f"@final\nclass {error.name}(DeclaredError):\n{about}\n"
    details = annotation(error.details, f"{error.name}Details", runtime)
    _import(imported, details.checked_names | {(f"{runtime}.runtime", "DetailedError")})
    return f"@final\n{called(f'class {error.name}', [f'DetailedError[{details.checked}]'])}:\n{about}\n"


def _contract(name: str, function: Function, imported: dict[str, set[str]], runtime: str) -> str:
    """The type of a function's code, and a decorator that type-checks it and keeps its own type.

    A method of `Contract` could not do both: the bound of a type variable may not depend on another one (PEP 484,
    "Type variables with an upper bound"), so each function has its own variable.
    """
    input_, output = ends(name, function, runtime)
    _import(imported, input_.names | output.names)
    outside = function.called_from_outside
    local = EVENT_CONTRACT if outside else CONTRACT
    module = LAMBDA_HANDLERS if outside else RUNTIME
    _import(
        imported, {("typing", "TypeAlias"), ("typing", "TypeVar"), (f"{runtime}.{module}", f"{local[1:]} as {local}")}
    )
    handler, variable = handler_name(name), f"_{class_name(name)}"
    type_ = f"{local}[{input_.text}, {output.text}]"
    return (
        f"{aliased(handler, ast.parse(type_, mode='eval').body, type_)}\n"
        f"{called(f'{variable} = TypeVar', [string(variable), f'bound={handler}'])}\n\n\n"
        f"{_signature(name, [f'handler: {variable}'], variable)}\n"
        f"{docstring(function.description or f'The contract of `{name}`.', INDENT)}\n"
        f"{INDENT}return handler\n"
    )


def _signature(name: str, parameters: list[str], returned: str) -> str:
    line = f"def {name}({', '.join(parameters)}) -> {returned}:"
    if len(line) <= WIDTH:
        return line
    inner = "".join(f"{INDENT}{parameter},\n" for parameter in parameters)
    return f"def {name}(\n{inner}) -> {returned}:"


def entry_point(name: str, function: Function, runtime: str) -> str:
    """`entry_points/NAME.py`: the module whose `handler` Lambda calls."""
    input_, output = ends(name, function, runtime)
    home, entry = entry_point_class(function)
    imported: dict[str, set[str]] = {
        "..contracts": {f"{name} as contract"} if function.handler is None else set(),
        f"{runtime}.{home}": {entry},
        "typing": {"Any"},
    }
    for module, names in grouped(input_.checked_names | output.checked_names).items():
        imported.setdefault(f".{module}" if module == MODELS else module, set()).update(names)
    code = "code"
    if function.existing_code is None:
        imported[f"...{name}"] = {f"{name} as code"}
    else:
        module, _, target = function.existing_code.partition(":")
        first, *rest = target.split(".")
        imported.setdefault(module, set()).add(f"{first} as code")
        code = ".".join([code, *rest])
    types = [f"input_type={input_.checked}", f"output_type={output.checked}"]
    checked = f"contract({code})" if function.handler is None else code
    made = called(f"_entry_point = {entry}", [string(name), checked, *types])
    title = docstring(f"Lambda's entry point for `{name}`.")
    handler = f"def handler(event: Any, context: Any) -> Any:\n{INDENT}return _entry_point.handle(event, context)\n"
    return f"{title}\n\n{import_block(imported)}\n\n{made}\n\n\n{handler}"


def called(start: str, arguments: list[str]) -> str:
    """A call of `start`, with one argument per line if the call does not fit in one line."""
    line = f"{start}({', '.join(arguments)})"
    return line if len(line) <= WIDTH else f"{start}(\n{''.join(f'{INDENT}{part},{chr(10)}' for part in arguments)})"


def grouped(names: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Names by the module that they are imported from."""
    found: dict[str, set[str]] = {}
    _import(found, names)
    return found


def _wrapped(text: str) -> str:
    """Text for a docstring in an indented block, with no line longer than linters allow."""
    width = WIDTH - len(INDENT) - len('"""')
    lines = prose(text).split("\n")
    return "\n".join(
        textwrap.fill(line, width, subsequent_indent=line[: len(line) - len(line.lstrip())], break_long_words=False)
        if len(line) > width
        else line
        for line in lines
    )


def stub(name: str, function: Function, runtime: str) -> str:
    """`NAME.py`: where the business code goes. Once created, the file belongs to the user."""
    input_, output = ends(name, function, runtime)
    context = "LambdaContext" if function.called_from_outside else "StepContext"
    home = f"{runtime}.{LAMBDA_HANDLERS}" if function.called_from_outside else ".generated.contracts"
    imported: dict[str, set[str]] = {".generated": {"contracts"}, home: {context}}
    for module, names in grouped(input_.names | output.names).items():
        imported.setdefault(f".generated{module}" if module == MODELS else module, set()).update(names)
    about = _wrapped(function.description or f"The code of `{name}`.")
    accepted, returned = (_OBJECT.sub("object", one.text) for one in (input_, output))
    if "Any" not in f"{accepted} {returned}":
        imported.get("typing", set()).discard("Any")
    signature = _signature(name, [f"event: {accepted}", f"context: {context}"], returned)
    return (
        f"{docstring(about)}\n\n{import_block(imported)}\n\n\n"
        f"@contracts.{name}\n{signature}\n{docstring(about, INDENT)}\n{INDENT}raise NotImplementedError\n"
    )
