"""Changes at nodes of a syntax tree."""

from __future__ import annotations

import ast

import pytest

from flowgen.backends.python.edits import Parsed, parsed


def values(module: Parsed) -> list[ast.expr]:
    return [statement.value for statement in module.tree.body if isinstance(statement, ast.Assign)]


@pytest.mark.parametrize("text", ["a = 1\nb = f(2)\n", "a = 'é'; b = '🎈' + '…'\n", "ä = 'ö'\r\nb = 2\n"])
def test_a_node_is_found_in_any_script(text: str) -> None:
    """The tree counts bytes, the text has characters."""
    module = parsed(text)
    assert [module.source(value) for value in values(module)] == [
        ast.get_source_segment(text, value) for value in values(module)
    ]


def test_changes_are_made_at_once_in_any_order() -> None:
    module = parsed("é = 'é'\nb = [1, 2]\n\nc = 3")
    first, second, third = values(module)
    assert module.edited([(third, "three"), (first, ""), (second, "[]")]) == "é = \nb = []\n\nc = three"
    assert module.edited([]) == module.text


def test_changes_may_be_made_in_a_part() -> None:
    module = parsed("a = f('x', y)\nb = 2\n")
    call = values(module)[0]
    assert isinstance(call, ast.Call)
    assert module.edited([(call.args[0], "X")], within=call) == "f(X, y)"
