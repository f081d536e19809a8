"""Filling in the defaults of the input: for whatever shape the types have, and only where an expression reads one."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.asl.writing import to_json
from flowgen.compile import compile_workflow
from flowgen.diagnostics import Sink
from flowgen.local import execute
from flowgen.model import read_workflow
from flowgen.source import read

JSON = Any


def machine(types: str, expression: str, given: str = "T") -> JSON:
    step = f"{{id: a, set: '${{ {expression} }}'}}"
    text = f"flowgen: 1\nname: tested\ninput: {given}\ntypes:\n{types}\nsteps:\n  - {step}\n"
    sink = Sink()
    root = read("w.yaml", text, sink)
    assert root is not None
    workflow = read_workflow(root, sink)
    assert workflow is not None, list(sink)
    return to_json(compile_workflow(workflow))


def filled(types: str, sent: JSON, given: str = "T") -> JSON:
    """What an expression sees of an input."""
    definition = machine(types, "$input", given)
    assert definition["StartAt"] == "tested__input"
    execution = execute(definition, sent)
    assert execution.status == "SUCCEEDED", execution.cause
    return execution.output


FLAT = "  T: {fields: {a: integer = 1, b?: string}}"
OTHERS = "  T: {properties: {k: {default: 1}}, additionalProperties: {$ref: '#/$defs/U'}}\n  U: {fields: {a: any = 1}}"
LINES = "  T: {fields: {lines: 'L[]'}}\n  L: {fields: {q: integer = 1}}"


@pytest.mark.parametrize(
    ("types", "sent", "expected"),
    [
        (FLAT, {}, {"a": 1}),
        (FLAT, {"a": 2, "b": "x"}, {"a": 2, "b": "x"}),
        (FLAT, {"a": None}, {"a": None}),
        ("  T: U\n  U: V\n  V: {fields: {a: integer = 1}}", {}, {"a": 1}),
        ("  T: U?\n  U: {fields: {a: integer = 1}}", None, None),
        ("  T: U?\n  U: {fields: {a: integer = 1}}", {}, {"a": 1}),
        ("  T: 'U[]'\n  U: {fields: {a: integer = 1}}", [{}, {"a": 2}], [{"a": 1}, {"a": 2}]),
        ("  T: 'U?[]'\n  U: {fields: {a: integer = 1}}", [None, {}], [None, {"a": 1}]),
        ("  T: 'U[][]'\n  U: {fields: {a: integer = 1}}", [[{}]], [[{"a": 1}]]),
        ("  T: 'R[]'\n  R: 'U[]?'\n  U: {fields: {a: integer = 1}}", [[{}], None], [[{"a": 1}], None]),
        ("  T: map<U>\n  U: {fields: {a: integer = 1}}", {"x": {}, "y": {"a": 2}}, {"x": {"a": 1}, "y": {"a": 2}}),
        ("  T: 'map<U[]>'\n  U: {fields: {a: integer = 1}}", {"x": [{}]}, {"x": [{"a": 1}]}),
        (LINES, {"lines": []}, {"lines": []}),
        (LINES, {"lines": [{}]}, {"lines": [{"q": 1}]}),
        (
            "  T: {fields: {in: {fields: {deep: {fields: {a: integer = 1}}}}}}",
            {"in": {"deep": {}}},
            {"in": {"deep": {"a": 1}}},
        ),
        ('  T: {fields: {a: \'any = {"b": [1, null, "x"]}\'}}', {}, {"a": {"b": [1, None, "x"]}}),
        (
            "  T: {type: object, properties: {k: {type: [object, 'null'], properties: {a: {default: 1}}}}}",
            {"k": None},
            {"k": None},
        ),
        (
            "  T: {type: object, properties: {k: {type: [object, 'null'], properties: {a: {default: 1}}}}}",
            {"k": {}},
            {"k": {"a": 1}},
        ),
        (
            OTHERS,
            {"x": {}},
            {"k": 1, "x": {"a": 1}},
        ),
        ("  T: {properties: {a: {default: 1}, b: true}, items: false}", {"b": 2}, {"a": 1, "b": 2}),
        (
            "  T: {properties: {u: {$ref: '#/$defs/inner'}}, $defs: {inner: {properties: {a: {default: 1}}}}}",
            {"u": {}},
            {"u": {"a": 1}},
        ),
    ],
)
def test_shapes(types: str, sent: JSON, expected: JSON) -> None:
    """What is absent is filled in, what is there stays, null is there."""
    assert filled(types, sent) == expected


def test_a_type_in_place() -> None:
    """Where the input's type has no name."""
    assert filled("  U: {fields: {b: integer = 2}}", {"u": {}}, "{fields: {a: integer = 1, u: U}}") == {
        "a": 1,
        "u": {"b": 2},
    }


READ = """
  T: {fields: {id: string, a: integer = 1, l: 'L[]', m: map<L>, n: N}}
  L: {fields: {q: integer = 1, s: string}}
  N: string
"""


@pytest.mark.parametrize(
    ("expression", "reads"),
    [
        ("$input", True),
        ("$input.a", True),
        ("$input.id", False),
        ("$input.id.deep", False),
        ("$input.nope", False),
        ("$input.n", False),
        ("$input.l", True),
        ("$input.l.q", True),
        ("$input.l.s", False),
        ("$input.l[0].s", True),  # seen as far as the bracket
        ("$input.m", True),
        ("$input.m.x.s", True),
        ('$lookup($input, "a")', True),
        ("$input.id & $input.a", True),
        ("$context.Execution.Id", False),
        ("$input.*", True),
    ],
)
def test_an_entry_state_only_where_a_default_is_read(expression: str, reads: bool) -> None:  # noqa: FBT001 - a parameter
    """The path of the expression decides, as far as it is known."""
    start = machine(READ, expression)["StartAt"]
    assert start == ("tested__input" if reads else "a")


def test_types_that_share_parts() -> None:
    """Thirty levels of two fields each: the expression grows with the types, not with the ways through them."""
    types = "".join(f"  T{i}: {{fields: {{x: 'T{i + 1}?', y: 'T{i + 1}?'}}}}\n" for i in range(30))
    definition = machine(f"  T: T0\n{types}  T30: {{fields: {{a: integer = 1}}}}", "$input")
    assert len(definition["States"]["tested__input"]["Output"]) < 10_000


def test_a_long_path_through_a_recursive_type() -> None:
    """Longer than anybody writes."""
    path = ".k" * 150
    assert machine("  T: {fields: {k: T, a: integer = 1}}", f"$input{path}.a")["StartAt"] == "tested__input"


@pytest.mark.parametrize("name", ["null", "true", "false", "function", "and", "or", "in", "a b", "é"])
def test_names_that_mean_something_else_in_a_path(name: str) -> None:
    """A field whose name is a word of JSONata is read as a field."""
    types = f"  T: {{fields: {{'{name}': U}}}}\n  U: {{fields: {{a: integer = 1}}}}"
    assert filled(types, {name: {}}) == {name: {"a": 1}}
