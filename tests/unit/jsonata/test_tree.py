"""The syntax tree: every node knows the text that it stands for."""

from __future__ import annotations

import pytest

from flowgen.jsonata.parsing import ExpressionParser, Syntax
from flowgen.jsonata.tree import Lambda, Node, Path, Tree, walk


def tree(text: str) -> Tree:
    syntax = ExpressionParser().parse(text)
    assert isinstance(syntax, Syntax)
    return syntax.tree


def nodes(text: str) -> list[tuple[str, str]]:
    return [(type(node).__name__, text[node.start : node.end]) for node in walk(tree(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "$a.b.c",
            [("Path", "$a.b.c"), ("Variable", "$a"), ("Name", "b"), ("Name", "c")],
        ),
        (
            "  $x /* why */ + 1 ",
            [("Binary", "$x /* why */ + 1"), ("Variable", "$x"), ("Literal", "1")],
        ),
        (
            "-(2)",
            [("Negation", "-(2)"), ("Block", "(2)"), ("Literal", "2")],
        ),
        (
            "[1..$n]",
            [("ArrayConstructor", "[1..$n]"), ("Binary", "1..$n"), ("Literal", "1"), ("Variable", "$n")],
        ),
        (
            '{"a": b}',
            [("ObjectConstructor", '{"a": b}'), ("Literal", '"a"'), ("Path", "b"), ("Name", "b")],
        ),
        (
            "a^(>b, c)",
            [
                ("Path", "a^(>b, c)"),
                ("Name", "a"),
                ("Sort", "b, c"),
                ("Path", "b"),
                ("Name", "b"),
                ("Path", "c"),
                ("Name", "c"),
            ],
        ),
        (
            "$x ? 'é' : $f(?)",
            [
                ("Condition", "$x ? 'é' : $f(?)"),
                ("Variable", "$x"),
                ("Literal", "'é'"),
                ("Partial", "$f(?)"),
                ("Variable", "$f"),
            ],
        ),
        (
            "($v := 1; $v)",
            [("Block", "($v := 1; $v)"), ("Bind", "$v := 1"), ("Literal", "1"), ("Variable", "$v")],
        ),
        (
            "function($a){ $f($a) }",
            [
                ("Lambda", "function($a){ $f($a) }"),
                ("TailCall", "$f($a)"),
                ("Call", "$f($a)"),
                ("Variable", "$f"),
                ("Variable", "$a"),
            ],
        ),
    ],
)
def test_every_node_stands_for_its_text(text: str, expected: list[tuple[str, str]]) -> None:
    """The offsets of nodes are those of their text, white space and comments around them left out."""
    assert nodes(text) == expected


def test_a_predicate_belongs_to_what_it_filters() -> None:
    """With its predicate a node is longer than without; in a path the predicate is the step's."""
    alone = tree("$x[0]")
    assert (alone.start, alone.inner_end, alone.end) == (0, 2, 5)
    path = tree("$x.items[price > 1].name")
    assert isinstance(path, Path)
    assert [len(step.stages) for step in path.steps] == [0, 1, 0]
    stage = path.steps[1].stages[0]
    assert isinstance(stage, Node)
    assert (stage.start, stage.end) == (9, 18)


def test_a_lambda_keeps_its_signature() -> None:
    """The signature of a function is kept as text, without blanks."""
    node = tree("function($a, $b) < n-n :n > { $a + $b }")
    assert isinstance(node, Lambda)
    assert node.signature == "<n-n:n>"
    assert node.parameters == ("a", "b")
