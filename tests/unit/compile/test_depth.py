"""Strings with many expressions, and unions with many variants: as deep as AWS can evaluate."""

from __future__ import annotations

import json

import pytest

from flowgen.asl.writing import to_json
from flowgen.check import check_compiled_depth
from flowgen.compile import compile_workflow
from flowgen.diagnostics import Diagnostic, Sink
from flowgen.local import execute
from flowgen.model import read_workflow
from flowgen.pipeline.loading import check_text
from flowgen.source import read

_VALUES = {"text": "t", "n": 1.5, "nothing": None, "list": [1, "a"], "object": {"b": True}}


@pytest.mark.parametrize("count", [2, 16, 17, 33, 50, 257, 1000])
def test_string_of_many_expressions(count: int) -> None:
    """Each expression is converted as `&` converts it: nothing to nothing, the rest as `$string` writes it."""
    names = [*_VALUES, "absent"]
    shown = {"text": "t", "n": "1.5", "nothing": "null", "list": '[1,"a"]', "object": '{"b":true}', "absent": ""}
    used = [names[at % len(names)] for at in range(count)]
    value = "".join(f"{at}:${{ $input.{name} }};" for at, name in enumerate(used))
    root = read("w.yaml", json.dumps({"flowgen": 1, "name": "w", "steps": [{"id": "a", "set": value}]}), Sink())
    assert root is not None
    workflow = read_workflow(root, Sink())
    assert workflow is not None
    machine = to_json(compile_workflow(workflow))
    assert list(check_compiled_depth(workflow, machine)) == []
    assert execute(machine, _VALUES).output == "".join(f"{at}:{shown[name]};" for at, name in enumerate(used))


def test_union_of_many_variants() -> None:
    """The default of the variant that was sent is filled in, whichever of the variants it is."""
    names = [f"V{at}" for at in range(120)]
    types = {
        name: {"fields": {"type": [name.lower()], "n": {"type": "integer", "default": at}}}
        for at, name in enumerate(names)
    }
    union = {"one_of": {name.lower(): name for name in names}, "tag": "type"}
    text = json.dumps(
        {
            "flowgen": 1,
            "name": "w",
            "input": {"fields": {"v": "Any"}},
            "types": {**types, "Any": union},
            "steps": [{"id": "a", "set": "${ $input.v.n }"}],
        }
    )
    root = read("w.yaml", text, Sink())
    assert root is not None
    workflow = read_workflow(root, Sink())
    assert workflow is not None
    machine = to_json(compile_workflow(workflow))
    assert list(check_compiled_depth(workflow, machine)) == []
    outputs = [execute(machine, {"v": {"type": name.lower()}}).output for name in ("V0", "V7", "V8", "V119")]
    assert outputs == [0, 7, 8, 119]


def _found(value: str) -> list[Diagnostic]:
    return check_text(json.dumps({"flowgen": 1, "name": "w", "steps": [{"id": "a", "set": value}]}))


def test_expression_that_aws_cannot_evaluate() -> None:
    """100 terms are evaluated, 101 are not: measured on AWS. What a string adds to its expressions counts."""
    terms = "+".join(["1"] * 100)
    assert _found(f"${{ {terms} }}") == []
    [deep] = _found(f"${{ {terms}+1 }}")
    assert (deep.code, deep.message) == ("FG402", "this expression nests 101 levels deep; AWS evaluates at most 100")
    [compiled] = _found(f"x ${{ {terms} }}")
    assert (compiled.code, "state `a` nests 102 levels" in compiled.message) == ("FG402", True)
