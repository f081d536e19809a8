"""Names that collide in generated code."""

from __future__ import annotations

import pytest

from flowgen.model.python_names import RESERVED_CLASSES, RESERVED_FUNCTIONS, class_name, collisions
from tests.unit.backends.python.conftest import generated, workflow_of

ARN = "arn:aws:lambda:eu-west-1:111111111111:function:a"


@pytest.mark.parametrize(("function", "name"), [("send", "Send"), ("send_email", "SendEmail"), ("a1_b", "A1B")])
def test_class_names(function: str, name: str) -> None:
    """Classes of a function are called after it in PascalCase."""
    assert class_name(function) == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "types: {Full: string}\nfunctions: {a: {errors: [Full]}}",
            "the error `Full` and the type `Full` are both named `Full`",
        ),
        (
            "types: {SendHandler: string}\nfunctions: {send: {}}",
            "the function `send` and the type `SendHandler` are both named `SendHandler`",
        ),
        ("functions: {a_1: {}, a1: {}}", "the function `a1` and the function `a_1` are both named `A1Handler`"),
        (
            "types: {SendInput: string}\nfunctions: {send: {input: {fields: {a: string}}}}",
            "the input of `send` and the type `SendInput` are both named `SendInput`",
        ),
        ("types: {Warning: string}", "the type `Warning` cannot be named `Warning`, which is a Python built-in"),
        ("types: {Dict: string}", "the type `Dict` cannot be named `Dict`"),
        ("types: {Field: string}", "the type `Field` cannot be named `Field`"),
        (
            "functions: {a: {errors: [ContractViolation]}}",
            "the error `ContractViolation` cannot be named `ContractViolation`",
        ),
        ("functions: {list: {}}", "a function cannot be named `list`"),
        (
            "functions: {ask: {}}\nsteps: [{id: raise, call: ask, callback: string}]",
            "a step that waits for an answer cannot be named `raise`",
        ),
        (
            (
                "functions: {ask: {}}\nsteps: [{id: pay, call: ask, compensate: {call: ask, callback: {fields: {}}}},"
                " {id: pay_undo, call: ask, callback: {fields: {}}}]"
            ),
            "the answer to `pay_undo` and the answer to `pay__undo` are both named `PayUndoAnswer`",
        ),
        (
            "functions: {a: {errors: {Full: string}}, b: {errors: {Full: integer}}}",
            "the error `Full` is declared with different details",
        ),
    ],
)
def test_collisions_are_reported(text: str, message: str) -> None:
    """Names that come out the same, or that generated code needs itself, are reported where they are declared."""
    [found] = collisions(workflow_of(f"flowgen: 1\nname: w\n{text}"))
    assert found.code == "FG205"
    assert found.message.startswith(message)
    assert found.span is not None
    assert found.span.start.line == text.count("\n") + 3


@pytest.mark.parametrize(
    "text",
    [
        "types: {Send: string}\nfunctions: {send: {}, other: {}}",
        "functions: {a: {errors: [Full]}, b: {errors: [Full]}}",
        "functions: {a: {errors: {Full: string}}, b: {errors: {Full: string}}}",
        f"types: {{Full: string}}\nfunctions: {{a: {{errors: [Full], arn: '{ARN}'}}}}",
        "functions: {a: {errors: {Full: {fields: {x: string}}}}, b: {errors: {Full: {fields: {x: string}}}}}",
        "types: {SendInput: string}\nfunctions: {send: {input: SendInput}}",
        "functions: {ask: {}}\nsteps: [{id: list, call: ask, compensate: {call: ask, callback: string}}]",
        f"functions: {{list: {{arn: '{ARN}'}}}}",
    ],
)
def test_names_that_do_not_collide(text: str) -> None:
    """A function may be called as a type, an error be declared twice; deployed functions need no names."""
    assert collisions(workflow_of(f"flowgen: 1\nname: w\n{text}")) == []


def test_all_names_that_are_imported_are_reserved() -> None:
    """A name that generated code imports from elsewhere can't be a type's."""
    text = """flowgen: 1
name: w
types:
  All:
    fields: {a: date-time, b: uuid, c: ipv4, d: ipv6, e: email, f: uri, g: uri-reference, h: hostname, i?: any}
  Loop: Loop[]
  Keys: {type: object, patternProperties: {"^a": {type: integer}}, additionalProperties: false}
  Open: {type: object, properties: {a: {type: string}}}
functions:
  work: {input: All, output: "date[1..2]", errors: {Lost: string, Found: {fields: {a: string}}, Gone: "null"}}
  wait: {input: duration, output: time, errors: [Late]}
"""
    own = {"All", "Loop", "Keys", "Open", "FoundDetails"}
    for artifact in generated(workflow_of(text))[0]:
        imports = [line for line in artifact.text.replace("(\n", "").split("\n") if line.startswith("from ")]
        names = {name.strip() for line in imports for name in line.partition(" import ")[2].split(",")} - {""}
        names = {name.partition(" as ")[2] or name for name in names}
        classes = {name for name in names if name[0].isupper()} - own
        assert classes <= RESERVED_CLASSES
        others = {name for name in names if name[0].islower()}
        assert others <= RESERVED_FUNCTIONS | {"annotations", "default", "code", "contract"}
