"""How deeply the evaluation of an expression nests.

The expected levels were counted with npm's jsonata 2.0.6, by its `jsonata.__evaluate_entry` hook.
"""

from __future__ import annotations

import pytest

from flowgen.jsonata.depth import MAX_DEPTH, depth
from flowgen.jsonata.parsing import ExpressionParser, Syntax


def levels(source: str) -> int:
    syntax = ExpressionParser().parse(source)
    assert isinstance(syntax, Syntax)
    return depth(syntax.tree)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1", 1),
        ("1 + 1 + 1", 3),
        ("((1))", 3),
        ("[[1]]", 3),
        ("$x", 1),
        ("$x[0]", 1),
        ("$o.a", 2),
        ("$s.a[b = 1][0].c", 4),
        ("$s.a^(b + 1).c", 4),
        ("$x^(>$ + 1)", 3),
        ('$o{"k": a + 1}', 4),
        ("$map($x, $string)", 2),
        ("$map($x, function($v) { $v + 1 + 1 + 1 })", 5),
        ("$x ~> $map(function($v) { $v + 1 + 1 + 1 })", 5),
        ("$map($x, function($v) { $string($v) })", 2),
        ("$reduce($x, function($a, $b) { $a + $b })", 3),
        ('$replace("abc", /b/, function($m) { $m.match & "x" })', 4),
        ('$o ~> | $ | {"z": 1 + 1} |', 4),
    ],
)
def test_each_construct_nests_as_in_jsonata(source: str, expected: int) -> None:
    assert levels(source) == expected


def test_the_limit_is_the_one_measured_on_aws() -> None:
    """100 terms and 99 pairs of brackets evaluate on AWS; one more of each does not."""
    assert levels("+".join("1" * 100)) == levels("(" * 99 + "1" + ")" * 99) == MAX_DEPTH
    assert levels("[" * 100 + "1" + "]" * 100) == levels("&".join("1" * 101)) == MAX_DEPTH + 1
