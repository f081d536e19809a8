"""Whether existing code can be called as its contract requires, judged by its source.

Only what is certain is reported: a decorator may change a signature, and an unknown annotation may be anything.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowgen.backends.artifacts import GENERATED
from flowgen.model import Function, TypeDeclaration, TypeUse

Code = ast.FunctionDef | ast.AsyncFunctionDef
Kinds = frozenset[str]

MODEL = "model"
"""The kind of a value that has a generated class; the others are JSON's types."""

_ARGUMENTS = 2
_OBJECT, _ARRAY = frozenset({"object"}), frozenset({"array"})
_ANNOTATED: Mapping[str, Kinds] = {
    **dict.fromkeys(("dict", "Dict", "Mapping", "MutableMapping"), _OBJECT),
    **dict.fromkeys(("list", "List", "Sequence", "tuple", "Tuple", "set", "Set"), _ARRAY),
    "str": frozenset({"string"}),
    "int": frozenset({"integer"}),
    "float": frozenset({"number", "integer"}),
    "bool": frozenset({"boolean"}),
    "bytes": frozenset(),
    "None": frozenset({"null"}),
}
_HARMLESS = frozenset({"staticmethod", "classmethod", "wraps"})
"""Decorators that keep a function's arguments, or whose effect on them is known."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why code cannot be called: a headline about it, and what to write instead."""

    message: str
    help: str


def misfit(
    function: Function, code: Code, *, in_class: bool, types: Mapping[str, TypeDeclaration], module: ast.Module
) -> Misfit | None:
    """Why the contract of `function` does not fit existing code; None if it does, or may."""
    names = {_last(decorator) for decorator in code.decorator_list}
    if any(not _keeps_arguments(decorator) for decorator in code.decorator_list):
        return None
    arguments = [*code.args.posonlyargs, *code.args.args]
    if in_class and "staticmethod" not in names:
        if "classmethod" not in names:
            return _method(code, arguments)
        arguments = arguments[1:]
    expected = "an event and Lambda's context" if _as_lambda(function) else "an event and a `StepContext`"
    required = len(arguments) - len(code.args.defaults)
    most = None if code.args.vararg is not None else len(arguments)
    keyword = next(
        (one.arg for one, default in zip(code.args.kwonlyargs, code.args.kw_defaults, strict=True) if default is None),
        None,
    )
    if keyword is not None:
        return Misfit(f"`{code.name}` requires the keyword argument `{keyword}`", f"it is called with {expected}")
    if required > _ARGUMENTS or (most is not None and most < _ARGUMENTS):
        count = f"{len(arguments)} argument{'' if len(arguments) == 1 else 's'}"
        return Misfit(
            f"`{code.name}` takes {count}", f"it is called with {expected}: `def {code.name}(event, context)`"
        )
    return _annotated(function, code, arguments, types, module)


def _method(code: Code, arguments: list[ast.arg]) -> Misfit | None:
    """A method that is named by its class: `self` would be the event."""
    if not arguments or arguments[0].arg != "self":
        return None
    return Misfit(
        f"`{code.name}` is a method, which needs an object",
        f"create the object in the module and name its method: `module:object.{code.name}`",
    )


def _annotated(
    function: Function, code: Code, arguments: list[ast.arg], types: Mapping[str, TypeDeclaration], module: ast.Module
) -> Misfit | None:
    event, context = [*arguments, None, None][:2] if len(arguments) < _ARGUMENTS else arguments[:2]
    as_handler = function.handler is not None
    second = _last(_annotation(context))
    if function.called_from_outside and second == "StepContext":
        return Misfit(
            f"`{code.name}` expects a `StepContext`, but no step calls it", "annotate the context as `LambdaContext`"
        )
    if second == "LambdaContext" and not _as_lambda(function):
        help_ = f"write `handler: {function.python}` to call it as Lambda does"
        return Misfit(f"`{code.name}` expects Lambda's context, but receives a `StepContext`", help_)
    if second == "StepContext" and as_handler:
        help_ = f"write `python: {function.handler}` to call it with a `StepContext`"
        return Misfit(f"`{code.name}` expects a `StepContext`, but receives Lambda's context", help_)
    first = _annotation(event)
    if as_handler and _last(first) in _generated_names(module):
        help_ = f"write `python: {function.handler}` to call it with a model"
        return Misfit(f"`{code.name}` expects a model, but receives a `dict`", help_)
    given, accepted = kinds_of(function.input, types, models=not as_handler), _kinds_of_annotation(first)
    if given is not None and accepted is not None and not given & accepted:
        written = ast.unparse(first) if first is not None else ""
        if given == {MODEL}:
            help_ = f"write `handler: {function.python}` to call it with a `dict`"
            return Misfit(f"`{code.name}` expects `{written}`, but receives a model", help_)
        return Misfit(
            f"`{code.name}` expects `{written}`, which is not its `input`", "correct the annotation or `input`"
        )
    wanted, returned = kinds_of(function.output, types, models=False), _kinds_of_annotation(code.returns)
    if wanted is not None and returned is not None and code.returns is not None and not wanted & returned:
        message = f"`{code.name}` returns `{ast.unparse(code.returns)}`, which is not its `output`"
        return Misfit(message, "correct the annotation or `output`")
    return None


def _as_lambda(function: Function) -> bool:
    """Whether the code receives Lambda's context."""
    return function.handler is not None or function.called_from_outside


def _keeps_arguments(decorator: ast.expr) -> bool:
    """Whether a decorator keeps the arguments: those of contracts return the function unchanged."""
    if _last(decorator) in _HARMLESS:
        return True
    return isinstance(decorator, ast.Attribute) and _last(decorator.value) == "contracts"


def _generated_names(module: ast.Module) -> set[str]:
    """The names that a module imports from generated models."""
    return {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module is not None and GENERATED in node.module.split(".")
        for alias in node.names
        if alias.name not in ("StepContext", "contracts")
    }


def _annotation(argument: ast.arg | None) -> ast.expr | None:
    annotation = None if argument is None else argument.annotation
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    return annotation


def _last(node: ast.expr | None) -> str:
    """The last part of a dotted name, without subscripts and calls."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value) | ast.Call(func=value):
            return _last(value)
        case _:
            return ""


def _kinds_of_annotation(annotation: ast.expr | None) -> Kinds | None:
    """The kinds of JSON values that an annotation allows; None if that is unknown."""
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            one, other = _kinds_of_annotation(left), _kinds_of_annotation(right)
            return None if one is None or other is None else one | other
        case ast.Subscript(value=value, slice=inner) if _last(value) == "Optional":
            allowed = _kinds_of_annotation(inner)
            return None if allowed is None else allowed | {"null"}
        case ast.Constant(value=None):
            return _ANNOTATED["None"]
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return _ANNOTATED.get(_last(annotation))
        case _:
            return None


def kinds_of(use: TypeUse, types: Mapping[str, TypeDeclaration], *, models: bool) -> Kinds | None:
    """The kinds of values of a type; None if any is possible. With `models`, records are of kind `MODEL`."""
    declared = {name: one.schema for name, one in types.items()} | dict(use.hoisted)
    return _kinds_of_schema(use.schema, declared, frozenset(), models=models)


def _kinds_of_schema(
    schema: Any,
    declared: Mapping[str, Any],
    seen: frozenset[str],
    *,
    models: bool,
) -> Kinds | None:
    if not isinstance(schema, dict):
        return None
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    if name:
        return None if name in seen else _kinds_of_schema(declared.get(name), declared, seen | {name}, models=models)
    options = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(options, list):
        found = [_kinds_of_schema(option, declared, seen, models=models) for option in options]
        return None if None in found else frozenset().union(*(kinds for kinds in found if kinds is not None))
    written = schema.get("type")
    kinds = {written} if isinstance(written, str) else set(written) if isinstance(written, list) else None
    if kinds is None:
        return None
    if "number" in kinds:
        kinds.add("integer")
    if models and "object" in kinds and schema.get("properties"):
        kinds = (kinds - {"object"}) | {MODEL}
    return frozenset(kinds)
