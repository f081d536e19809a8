"""The modules that belong to functions: contracts, entry points and stubs. Each is text, without the header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from flowgen.backends.python.annotations import BASE, MODELS, annotation
from flowgen.backends.python.text import WIDTH, by_kind, docstring, import_block, string
from flowgen.model.python_names import class_name, error_classes, handler_name, raisers

if TYPE_CHECKING:
    from flowgen.backends.python.annotations import Annotation
    from flowgen.model import DeclaredError, Function, Workflow

INDENT = "    "


def contracts(workflow: Workflow) -> str:
    """`contracts.py`: errors, and for each function the signature that its code fits."""
    functions = generated_functions(workflow)
    errors = _errors(raisers(workflow))
    imported: dict[str, set[str]] = {
        "__future__": {"annotations"},
        ".json_values": {"ContractViolation"},
        ".runtime": {"StepContext"},
    }
    exported = ["ContractViolation", "StepContext", *errors]
    parts = [_error(error, raisers, imported) for error, raisers in errors.values()]
    for name, function in functions.items():
        takes, gives = ends(name, function)
        _import(imported, takes.names | gives.names)
        _import(imported, {("typing", "Protocol"), ("typing", "TypeVar")})
        if gives.text != "Any":
            _import(imported, {("collections.abc", "Awaitable")})
        parts.append(_contract(name, function, takes, gives))
        exported += [handler_name(name), name]
    listed = "".join(f"{INDENT}{string(name)},\n" for name in sorted(exported, key=by_kind))
    title = docstring(f"What the functions of `{workflow.name}` take and give, and the errors that they may raise.")
    head = f"{title}\n\n{import_block(imported)}\n\n__all__ = [\n{listed}]\n"
    return "\n\n".join([head, *parts])


def generated_functions(workflow: Workflow) -> dict[str, Function]:
    """The functions that Lambda calls our code for: not those that are deployed already, nor the work of activities."""
    return {
        name: function
        for name, function in workflow.functions.items()
        if function.arn is None and not function.activity
    }


def ends(name: str, function: Function) -> tuple[Annotation, Annotation]:
    """What a function takes and gives."""
    return annotation(function.input, f"{class_name(name)}Input"), annotation(
        function.output, f"{class_name(name)}Output"
    )


def _import(imported: dict[str, set[str]], names: Iterable[tuple[str, str]]) -> None:
    for module, name in names:
        imported.setdefault(module, set()).add(name)


def _errors(functions: Mapping[str, Function]) -> dict[str, tuple[DeclaredError, list[str]]]:
    """Each declared error, and the functions that may raise it."""
    errors: dict[str, tuple[DeclaredError, list[str]]] = {}
    for name, function in functions.items():
        for error in error_classes(function):
            errors.setdefault(error.name, (error, []))[1].append(name)
    return errors


def _error(error: DeclaredError, raisers: list[str], imported: dict[str, set[str]]) -> str:
    raised = f"`{raisers[0]}`" if len(raisers) == 1 else f"`{'`, `'.join(raisers[:-1])}` and `{raisers[-1]}`"
    about = docstring(f"Raised by {raised}.", INDENT)
    # The workflow knows an error by the name of its class, so that one of a class under it would be another one.
    _import(imported, {("typing", "final")})
    if error.details is None:
        _import(imported, {(".runtime", "DeclaredError")})
        return f"@final\nclass {error.name}(DeclaredError):\n{about}\n"
    details = annotation(error.details, f"{error.name}Details")
    _import(imported, details.names | details.checked_names)
    _import(imported, {("pydantic", "TypeAdapter"), (".runtime", "DetailedError")})
    return (
        f"@final\nclass {error.name}(DetailedError[{details.text}]):\n{about}\n\n"
        f"{INDENT}contract: TypeAdapter[{details.text}] = TypeAdapter({details.checked})\n"
    )


def _contract(name: str, function: Function, takes: Annotation, gives: Annotation) -> str:
    handler, variable = handler_name(name), f"_{class_name(name)}"
    returned = "Any" if gives.text == "Any" else f"{gives.text} | Awaitable[{gives.text}]"
    about = docstring(function.description or f"The code of `{name}`.", INDENT)
    call = _signature("__call__", ["self", f"event: {takes.text}", "context: StepContext", "/"], returned, INDENT)
    return (
        f"class {handler}(Protocol):\n{about}\n\n{call} ...\n\n\n"
        f"{called(f'{variable} = TypeVar', [string(variable), f'bound={handler}'])}\n\n\n"
        f"{_signature(name, [f'handler: {variable}'], variable)}\n"
        f"{docstring('Hold a handler to this contract; it is given back as it is.', INDENT)}\n"
        f"{INDENT}return handler\n"
    )


def _signature(name: str, parameters: list[str], returned: str, indent: str = "") -> str:
    line = f"{indent}def {name}({', '.join(parameters)}) -> {returned}:"
    if len(line) + len(" ...") <= WIDTH:
        return line
    inner = "".join(f"{indent}{INDENT}{parameter},\n" for parameter in parameters)
    return f"{indent}def {name}(\n{inner}{indent}) -> {returned}:"


def entry_point(name: str, function: Function) -> str:
    """`entry_points/NAME.py`: what Lambda calls."""
    takes, gives = ends(name, function)
    imported: dict[str, set[str]] = {"..contracts": {f"{name} as contract"}, "..runtime": {"EntryPoint"}}
    for module, imports in grouped(takes.checked_names | gives.checked_names).items():
        imported[f".{module}" if module in (MODELS, BASE) else module] = imports
    code = "code"
    if function.python is None:
        imported[f"...{name}"] = {f"{name} as code"}
    else:
        module, _, target = function.python.partition(":")
        first, *rest = target.split(".")
        imported[module] = {f"{first} as code"}
        code = ".".join([code, *rest])
    title = docstring(f"Lambda's entry point of `{name}`.")
    about = docstring("What Lambda calls: `event` is the envelope that the state machine sends.", INDENT)
    _import(imported, {("typing", "Any")})
    arguments = [string(name), f"contract({code})", f"takes={takes.checked}", f"gives={gives.checked}"]
    return (
        f"{title}\n\n{import_block(imported)}\n\n{called('_entry_point = EntryPoint', arguments)}\n\n\n"
        f"def handler(event: Any, context: Any) -> Any:\n{about}\n{INDENT}return _entry_point.handle(event, context)\n"
    )


def called(start: str, arguments: list[str]) -> str:
    """A call of `start`, an argument a line where one line does not hold all."""
    line = f"{start}({', '.join(arguments)})"
    return line if len(line) <= WIDTH else f"{start}(\n{''.join(f'{INDENT}{part},{chr(10)}' for part in arguments)})"


def grouped(names: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Names by the module that they come from."""
    grouped: dict[str, set[str]] = {}
    _import(grouped, names)
    return grouped


def stub(name: str, function: Function) -> str:
    """`NAME.py`: where the business code goes. It is the user's from then on."""
    takes, gives = ends(name, function)
    imported: dict[str, set[str]] = {".generated": {"contracts"}, ".generated.contracts": {"StepContext"}}
    for module, imports in grouped(takes.names | gives.names).items():
        imported[f".generated{module}" if module in (MODELS, BASE) else module] = imports
    about = function.description or f"The code of `{name}`."
    signature = _signature(name, [f"event: {takes.text}", "context: StepContext"], gives.text)
    return (
        f"{docstring(about)}\n\n{import_block(imported)}\n\n\n"
        f"@contracts.{name}\n{signature}\n{docstring(about, INDENT)}\n{INDENT}raise NotImplementedError\n"
    )
