"""Pictures from which JSONata 2.0.6 reads another time than anybody means.

What 2.0.6 makes of each was computed with npm's jsonata 2.0.6.
"""

from __future__ import annotations

import pytest

from flowgen.jsonata.inference import Environment, Kind, infer
from flowgen.jsonata.parsing import ExpressionParser, Syntax
from flowgen.types import Type
from flowgen.types.algebra import TEXT


def surprises(picture: str) -> list[str]:
    source = f'$toMillis($text, "{picture}")'
    syntax = ExpressionParser().parse(source)
    assert isinstance(syntax, Syntax)
    found = infer(source, syntax.tree, Environment({"text": Type(TEXT)}))
    return [problem.message for problem in found.problems if problem.kind is Kind.SURPRISE]


@pytest.mark.parametrize(
    ("picture", "what"),
    [
        ("[Y0001][M01][D01]", "no separator"),
        ("[Y0000][M00][D00][H00][m00][s00]", "no separator"),
        ("[Y]-[M]-[D]T[H1,2-2][m1,2-2][s1,2-2]Z", "no separator"),
        ("[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f1]", "milliseconds"),
        ("[Y]-[M]-[D]T[H]:[m]:[s].[f]Z", "milliseconds"),
        ("[Y,2-2]-[M01]-[D01]", "20th century"),
        ("[Y01]-[M01]-[D01]", "20th century"),
    ],
)
def test_what_2_0_6_misreads_is_reported(picture: str, what: str) -> None:
    (message,) = surprises(picture)
    assert what in message


@pytest.mark.parametrize(
    "picture",
    [
        "[Y0001]-[M01]-[D01]",
        "[D1o] [MNn] [Y0001]",
        "[Y0001][MNn,3-3][D01]",
        "[H01]:[m01]:[s01].[f001]",
        "[h]:[m01] [P]",
        "[Y,4-4]-[M,2-2]-[D,2-2]",
    ],
)
def test_other_pictures_are_not(picture: str) -> None:
    assert surprises(picture) == []
