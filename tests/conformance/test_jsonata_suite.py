"""The official test suite of JSONata: each expression's inferred type against its recorded result.

The suite is of a later version than Step Functions runs, so what that version alone has does not parse here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowgen.jsonata.inference import Environment, Inference, infer
from flowgen.jsonata.parsing import ExpressionParser, SyntaxFailure
from flowgen.types import NEVER, NOTHING_TYPE, Array, Object, Type, contains, type_of_value
from flowgen.types.algebra import WRAPPER

Case = dict[str, Any]

KNOWN = {
    "function-encodeUrl/case002#0": "a lone surrogate, which no JSON file holds",
    "function-encodeUrlComponent/case002#0": "a lone surrogate, which no JSON file holds",
    "regex/case022#0": "a regular expression that matches the empty text",
    "tail-recursion/case002#0": "recursion deeper than the case allows",
    "tail-recursion/case005#0": "recursion without end",
    "tail-recursion/case006#0": "recursion without end",
}
"""Cases that fail when they are evaluated without a problem having said so, and why no type could."""

ON_AWS = {
    "numeric-operators/case014#0": "a number that is not finite does not fail there",
    "range-operator/case021#0": "more numbers than AWS's memory holds",
    "range-operator/case024#0": "more numbers than AWS's memory holds",
}
"""Cases with another outcome on AWS, which the types follow (measured, floci-io/floci#2737)."""


def cases(folder: Path, *, exact: bool) -> Iterator[tuple[Case, Inference]]:
    suite = json.loads((folder / "jsonata" / "cases.json").read_text(encoding="utf-8"))["cases"]
    datasets = json.loads((folder / "jsonata" / "datasets.json").read_text(encoding="utf-8"))
    parser = ExpressionParser()
    for case in suite:
        syntax = parser.parse(case["expr"])
        if isinstance(syntax, SyntaxFailure):
            continue
        variables = {name: type_of_value(value) for name, value in case.get("bindings", {}).items()}
        context = NOTHING_TYPE
        if "data" in case or case.get("dataset"):
            value = case["data"] if "data" in case else datasets[case["dataset"]]
            context = type_of_value(value, exact=exact)
            if isinstance(value, list):
                context = Type(parts=(Array((context,), NEVER, 1, 1, WRAPPER),))
        yield case, infer(case["expr"], syntax.tree, Environment(variables, context))


def has_any(type_: Type) -> bool:
    if type_.is_any:
        return True
    inside: list[Type] = []
    for part in type_.parts:
        if isinstance(part, Array):
            inside += [*part.prefix, part.rest]
        elif isinstance(part, Object):
            inside += [*part.fields.values(), part.rest]
    return any(map(has_any, inside))


@pytest.mark.parametrize("exact", [False, True], ids=["kinds", "literals"])
def test_every_result_is_of_the_inferred_type(corpus_dir: Path, exact: bool) -> None:  # noqa: FBT001 - a parameter
    """No case gives a value, or nothing, that its type does not allow, and an error comes with a problem."""
    wrong = []
    checked = 0
    for case, found in cases(corpus_dir, exact=exact):
        checked += 1
        if case["id"] in ON_AWS:
            continue
        if "code" in case or "error" in case:
            sound = any(problem.may_fail for problem in found.problems) or case["id"] in KNOWN
        elif case.get("undefinedResult"):
            sound = found.type.may_be_absent
        else:
            sound = contains(found.type, case["result"])
        if not sound:
            wrong.append(f"{case['id']}: {case['expr']!r} has type {found.type}")
    assert wrong == []
    assert checked > 1_500


def test_nearly_all_types_are_known(corpus_dir: Path) -> None:
    """At least 96 % of the expressions that give a value have a type without `any` anywhere in it."""
    known = [
        not has_any(found.type)
        for case, found in cases(corpus_dir, exact=False)
        if "code" not in case and "error" not in case
    ]
    assert sum(known) / len(known) >= 0.96
