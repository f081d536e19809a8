"""Titles, descriptions, examples and deprecations: what people read in the models, and nothing else."""

from __future__ import annotations

import ast
import json
import warnings
from typing import Any

import pytest

from flowgen.backends.python.documentation import of_class, of_field
from tests.unit.backends.python.conftest import Project, generated, workflow_of
from tests.unit.backends.python.test_agreement import DEFINITIONS, SCHEMAS

NOTES: dict[str, Any] = {
    "title": "A title that tells more",
    "description": 'What "it" is, told at such a length that lines do not fit any more.',
    "examples": ["one", {"a": [1, None]}, 2.5],
    "deprecated": True,
}
_MAPS = ("properties", "patternProperties")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_INNER = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")


def noted(schema: Any) -> Any:
    """The schema with notes in every place where some may be."""
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _MAPS:
            found[key] = {name: noted(inner) for name, inner in value.items()}
        elif key in _LISTS:
            found[key] = [noted(inner) for inner in value]
        else:
            found[key] = noted(value) if key in _INNER else value
    return {**found, **NOTES}


def hard_types(*, with_notes: bool) -> str:
    """A workflow with all types that are hard."""
    types = DEFINITIONS | {f"T{index}": schema for index, schema in enumerate(SCHEMAS.values())}
    if with_notes:
        types = {name: noted(schema) for name, schema in types.items()}
    return f"flowgen: 1\nname: noted\ntypes: {json.dumps(types)}"


@pytest.mark.parametrize(
    ("schema", "notes"),
    [
        (True, {}),
        ({"type": "string"}, {}),
        ({"title": "Order number"}, {"title": "Order number"}),
        ({"title": " Two\nlines\0 "}, {"title": "Two lines"}),
        ({"title": "Ordered At"}, {}),
        ({"title": "ordered-at"}, {}),
        ({"title": "The day", "description": "The day of the order."}, {"description": "The day of the order."}),
        ({"deprecated": True}, {"description": "Deprecated."}),
        ({"deprecated": True, "description": "Use `at`."}, {"description": "Deprecated. Use `at`."}),
        ({"deprecated": True, "description": "Deprecated: use `at`."}, {"description": "Deprecated: use `at`."}),
        ({"deprecated": False, "description": "Use `at`."}, {"description": "Use `at`."}),
        ({"examples": ["a", 1, None, {"b": [2.5]}]}, {"examples": ["a", 1, None, {"b": [2.5]}]}),
        ({"examples": ["a" * 50, "b" * 50, "c"]}, {"examples": ["a" * 50]}),
        ({"examples": ["a" * 90]}, {}),
        ({"examples": [float("inf"), 1]}, {"examples": [1]}),
    ],
)
def test_notes_of_a_field(schema: Any, notes: dict[str, Any]) -> None:
    """What says nothing is left out: a title that is the name, or how the description begins, and long examples."""
    assert of_field("ordered_at", schema) == notes


@pytest.mark.parametrize(
    ("schema", "notes"),
    [
        ({"title": "An order"}, {"description": "An order"}),
        ({"title": "order_line", "description": "One."}, {"description": "One."}),
        ({"title": "A line", "description": "Of an order."}, {"description": "A line\n\nOf an order."}),
        ({"title": "A line", "deprecated": True}, {"description": "A line\n\nDeprecated."}),
        ({"examples": [{"a": 1}]}, {}),
    ],
)
def test_notes_of_a_class(schema: Any, notes: dict[str, Any]) -> None:
    """All of them are its docstring."""
    assert of_class("OrderLine", schema) == notes


class _WithoutNotes(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        node.keywords = [keyword for keyword in node.keywords if keyword.arg not in NOTES]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[plain, *metadata])):
                kept = [part for part in metadata if not (isinstance(part, ast.Call) and not _arguments(part))]
                return ast.Subscript(node.value, ast.Tuple([plain, *kept])) if kept else plain
            case _:
                return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | None:
        return None if isinstance(node.value, ast.Constant) else node


def _arguments(call: ast.Call) -> list[Any]:
    return [*call.args, *call.keywords]


def declared(text: str) -> list[str]:
    """The classes and aliases of a module, without notes and without imports."""
    tree = _WithoutNotes().visit(ast.parse(text))
    return sorted(
        ast.unparse(ast.fix_missing_locations(line)).replace(":\n    pass", ":").strip()
        for line in tree.body
        if not isinstance(line, ast.ImportFrom)
    )


def models_of(text: str) -> str:
    [models] = [artifact.text for artifact in generated(workflow_of(text))[0] if artifact.path.name == "models.py"]
    return models


def test_notes_change_no_type() -> None:
    """Titles name no classes, and nothing is typed otherwise."""
    assert declared(models_of(hard_types(with_notes=True))) == declared(models_of(hard_types(with_notes=False)))


TEXT = """flowgen: 1
name: place_order
types:
  Order:
    type: object
    title: What somebody buys
    properties:
      id: {type: string, title: Order number, examples: [A-1]}
      gone: {type: string, deprecated: true}
      count: {type: integer, deprecated: true, default: 1}
      lines: {type: array, items: {type: string}, deprecated: true, default: []}
    required: [id]
    additionalProperties: false
functions: {echo: {input: Order, output: Order}}
"""


def test_what_is_deprecated_can_be_used(project: Project) -> None:
    """Whoever receives it has to read it: nothing warns, in our code or theirs."""
    project.add(TEXT)
    project.code("echo", "def echo(event, context):\n    return event.model_copy(update={'count': event.count + 1})\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert project.call("echo", {"id": "a", "gone": "g"}) == {"id": "a", "gone": "g", "count": 2, "lines": []}
        order = project.module("models").Order(id="a")
        assert (order.gone, order.count, order.lines) == (None, 1, [])
    assert order.__doc__ == "What somebody buys"
    fields = type(order).model_fields
    assert {name: field.description for name, field in fields.items() if field.description} == dict.fromkeys(
        ("gone", "count", "lines"), "Deprecated."
    )
    assert (fields["id"].title, fields["id"].examples) == ("Order number", ["A-1"])
