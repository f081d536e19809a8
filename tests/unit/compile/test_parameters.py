"""Parameters of the stack: whatever their value is, it stays a value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowgen.asl.writing import to_json
from flowgen.compile import compile_workflow
from flowgen.compile.substitutions import substitutions
from flowgen.diagnostics import Sink
from flowgen.local import execute
from flowgen.model import Workflow, read_workflow
from flowgen.running.program import fill
from flowgen.source import read

JSON = Any
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\r\t"))
_HOSTILE = ("it's me", '"', "\\", "%27", "' & $states.context.Execution.Id & '", "${Greeting}", "{% 1 %}", 'x", "y": "')


def _workflow() -> Workflow:
    text = """
flowgen: 1
name: greet
parameters: {Greeting: {Type: String}, Names: {Type: CommaDelimitedList}}
steps:
  - id: greeted
    set:
      text: "${ $parameters.Greeting } Ada"
      tag: !Ref Greeting
      joined: !Sub "-${Greeting}-"
      names: ${ $count($parameters.Names) }
"""
    root = read("w.yaml", text, Sink())
    assert root is not None
    workflow = read_workflow(root, Sink())
    assert workflow is not None
    return workflow


WORKFLOW = _workflow()
MACHINE = to_json(compile_workflow(WORKFLOW))


def _evaluated(content: JSON, values: dict[str, str]) -> JSON:
    """What CloudFormation makes of a value in a template."""
    match content:
        case {"Ref": "Names"}:
            return values["Names"].split(",")
        case {"Ref": str() as name}:
            return values[name]
        case {"Fn::Sub": str() as text}:
            return text.replace("${Greeting}", values["Greeting"])
        case {"Fn::Join": [str() as between, parts]}:
            return between.join(_evaluated(parts, values))
        case {"Fn::Split": [str() as between, text]}:
            return _evaluated(text, values).split(between)
        case _:
            raise AssertionError(content)


def _expected(greeting: str) -> JSON:
    return {"text": f"{greeting} Ada", "tag": greeting, "joined": f"-{greeting}-", "names": 2}


@settings(deadline=None, max_examples=60, derandomize=True, database=None)
@given(greeting=_TEXTS)
@example(greeting="it's me")
@example(greeting="${Greeting_Encoded} %27 \\' \"")
def test_any_value_in_cloudformation(greeting: str) -> None:
    """The values are pasted into the definition's text as they are, as CloudFormation does it."""
    values = {"Greeting": greeting, "Names": "a,b"}
    text = json.dumps(MACHINE)
    for key, content in substitutions(WORKFLOW).items():
        text = text.replace(f"${{{key}}}", _evaluated(content, values))
    assert execute(json.loads(text), {}).output == _expected(greeting)


@pytest.mark.parametrize("greeting", _HOSTILE)
def test_any_value_in_a_run(greeting: str) -> None:
    """`flowgen run -p` encodes values in the same way."""
    joined = next(key for key in substitutions(WORKFLOW) if key.startswith("Value")).removesuffix("_Encoded")
    values = {"Greeting": greeting, "Names": "a,b", joined: f"-{greeting}-"}
    assert execute(fill(MACHINE, values, {}), {}).output == _expected(greeting)
