"""Types of contracts as Python annotations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from flowgen.backends.python.runtime_modules import BASE, FORMATS
from flowgen.backends.python.schema_forms import OWN_FORMATS, PYTHON_FORMATS
from flowgen.types import ArrayOf, Format, MapOf, Named, Nullable, Primitive, TypeExpression, Union, WithDefault

if TYPE_CHECKING:
    from flowgen.model import TypeUse

MODELS = ".models"
"""The module of a workflow's types, relative to its generated package."""

_PRIMITIVES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "any": "Any",
    "object": "dict[str, Any]",
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """`text` is for type checkers; `checked` adds the constraints. Names are (module, name)."""

    text: str
    checked: str
    names: frozenset[tuple[str, str]] = frozenset()
    checked_names: frozenset[tuple[str, str]] = frozenset()


def annotation(use: TypeUse, role: str, runtime: str) -> Annotation:
    """The annotation of a type; `role` is the model of an inline schema, `runtime` the package of the runtime."""
    return _named(MODELS, role) if use.expression is None else _of(use.expression, runtime)


def _named(module: str, name: str) -> Annotation:
    names = frozenset({(module, name)})
    return Annotation(name, name, names, names)


def _of(tree: TypeExpression, runtime: str) -> Annotation:
    match tree:
        case Named(name=name):
            return _named(MODELS, name)
        case Primitive(name=name):
            names = frozenset({("typing", "Any")} if name in ("any", "object") else ())
            return Annotation(_PRIMITIVES[name], _PRIMITIVES[name], names, names)
        case Format(name=name):
            if name in OWN_FORMATS:
                return _named(f"{runtime}.{BASE}", OWN_FORMATS[name])
            if name in PYTHON_FORMATS:
                return _named(f"{runtime}.{FORMATS}", PYTHON_FORMATS[name])
            return Annotation("str", "str")
        case ArrayOf(item=item, least=least, most=most):
            return _bounded(_wrapped("list[{}]", _of(item, runtime)), least, most)
        case MapOf(item=item):
            return _wrapped("dict[str, {}]", _of(item, runtime))
        case Nullable(item=item):
            return _union(_of(item, runtime), Annotation("None", "None"))
        case Union(options=options):
            return _union(*(_of(option, runtime) for option in options))
        case WithDefault(item=item):
            return _of(item, runtime)
        case _:
            assert_never(tree)


def _wrapped(form: str, item: Annotation) -> Annotation:
    return Annotation(form.format(item.text), form.format(item.checked), item.names, item.checked_names)


def _bounded(array: Annotation, least: int | None, most: int | None) -> Annotation:
    bounds = {"min_length": least, "max_length": most}
    given = ", ".join(f"{name}={bound}" for name, bound in bounds.items() if bound is not None)
    if not given:
        return array
    names = array.checked_names | {("typing", "Annotated"), ("pydantic", "Field")}
    return Annotation(array.text, f"Annotated[{array.checked}, Field({given})]", array.names, names)


def _union(*options: Annotation) -> Annotation:
    return Annotation(
        " | ".join(dict.fromkeys(option.text for option in options)),
        " | ".join(dict.fromkeys(option.checked for option in options)),
        frozenset[tuple[str, str]]().union(*(option.names for option in options)),
        frozenset[tuple[str, str]]().union(*(option.checked_names for option in options)),
    )
