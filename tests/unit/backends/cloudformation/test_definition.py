"""What a workflow says reaches Step Functions as it was written, through CloudFormation and the resource's handler."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowgen.backends.cloudformation import build_template
from tests.unit.backends.cloudformation.support import PLACE_ORDER, VERSION, CloudFormation, unit, unit_with

FUNCTION_ARN = f"arn:aws:lambda:eu-west-1:111111111111:function:physical-SmallSendEmailFunction:{VERSION}"


def _definition(payload: Any, comment: str = "c", name: str = "${SendEmailFunction}") -> dict[str, Any]:
    return {
        "Comment": comment,
        "StartAt": "send",
        "States": {
            "send": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": name, "Payload": payload},
                "End": True,
            }
        },
    }


def _deployed(definition: dict[str, Any]) -> Any:
    text = "flowgen: 1\nname: small\nfunctions: {send_email: {}}\nsteps: []\n"
    return CloudFormation(build_template([unit_with(text, definition)])).definition("SmallStateMachine")


@pytest.mark.parametrize(
    "text",
    [
        "${SendEmailFunction}",
        "${SendEmailFunction2} and ${SendEmailFunction}",
        "$${SendEmailFunction}",
        "${${SendEmailFunction}}",
        "${AWS::Region} ${CodeBucket} ${SmallSendEmailFunction.Arn}",
        "{{resolve:ssm:/a/b}} ${Resolve} {{resolve:secretsmanager:x}}",
        "${Ref} ${Fn} ${Dollar} ${Dollar2}",
        "${Dollar}{SendEmailFunction}",
        "${!Literal} ${1a,2b} {{ 'x' }}",
        '"quoted" \\ back\\slash \n new line',
    ],
)
def test_a_string_survives_wherever_it_is(text: str) -> None:
    """CloudFormation and the handler act on none of it."""
    payload = {"value": text, text: ["x", {"deep": text}]}

    assert _deployed(_definition(payload, comment=text)) == _definition(payload, comment=text, name=FUNCTION_ARN)


@pytest.mark.parametrize(
    "payload",
    [
        {"Ref": "CodeBucket"},
        {"Ref": ["x"], "other": 1},
        {"Fn::GetAtt": ["A", "Arn"]},
        {"Fn::Sub": "${AWS::Region}"},
        {"a": [{"Fn::Transform": {"Name": "AWS::Include"}}, {"Ref": "x"}]},
        {"Condition": "x"},
        {"FunctionName": "${SendEmailFunction}"},
    ],
)
def test_a_value_that_looks_like_an_intrinsic_function_survives(payload: Any) -> None:
    """An object of the user's is data, whatever its keys are called."""
    assert _deployed(_definition(payload)) == _definition(payload, name=FUNCTION_ARN)


def test_null_is_written_as_an_expression() -> None:
    """CloudFormation rejects null; JSONata's null is the same value."""
    expected = _definition({"a": "{% null %}", "b": ["{% null %}", 0, False, ""]}, name=FUNCTION_ARN)

    assert _deployed(_definition({"a": None, "b": [None, 0, False, ""]})) == expected


_PIECES = (
    "${ } $ { {{ resolve: ssm:x }} Ref Fn:: Sub AWS::Region Dollar Resolve Reference SendEmailFunction 2 CodeKey é"
)
_HOSTILE = st.lists(st.sampled_from(_PIECES.split()), max_size=8).map("".join)


@settings(max_examples=150, deadline=None)
@given(
    payload=st.recursive(
        _HOSTILE | st.integers() | st.booleans(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_HOSTILE, inner, max_size=3),
        max_leaves=8,
    ),
    comment=_HOSTILE,
)
def test_no_text_at_all_is_acted_on(payload: Any, comment: str) -> None:
    """Texts put together from everything that either program looks for come through."""
    assert _deployed(_definition(payload, comment)) == _definition(payload, comment, FUNCTION_ARN)


def test_functions_are_called_by_their_arns() -> None:
    """A deployed function's call gets the ARN of the stack's function, an outer one keeps the ARN that was given."""
    made = unit(PLACE_ORDER)

    deployed = CloudFormation(build_template([made])).definition("PlaceOrderStateMachine")

    names = {
        name: state["Arguments"]["FunctionName"] for name, state in deployed["States"].items() if "Arguments" in state
    }
    ours = "arn:aws:lambda:eu-west-1:111111111111:function:physical-PlaceOrder"
    assert names == {
        "review": f"{ours}ReviewOrderFunction:{VERSION}",
        "charge": f"{ours}ChargeCardFunction:{VERSION}",
        "ship": "arn:aws:lambda:eu-west-1:123456789012:function:warehouse-ship:live",
        "tell": "arn:aws:lambda:eu-west-1:123456789012:function:audit",
    }


def test_calls_inside_branches_and_maps_are_found() -> None:
    """Every state machine within the state machine is looked into."""
    inner = _definition({})
    definition = {
        "StartAt": "both",
        "States": {
            "both": {"Type": "Parallel", "Branches": [inner, inner], "Next": "each"},
            "each": {"Type": "Map", "ItemProcessor": inner, "End": True},
        },
    }

    deployed = _deployed(definition)

    resolved = _definition({}, name=FUNCTION_ARN)
    assert deployed["States"]["both"]["Branches"] == [resolved, resolved]
    assert deployed["States"]["each"]["ItemProcessor"] == resolved


def test_only_functions_that_are_called_are_substituted() -> None:
    """A substitution that nothing asks for would only be noise."""
    text = "flowgen: 1\nname: small\nfunctions: {send_email: {}, other: {}}\nsteps: []\n"

    template = build_template([unit_with(text, _definition({}))])

    machine = template["Resources"]["SmallStateMachine"]["Properties"]
    assert list(machine["DefinitionSubstitutions"]) == ["SendEmailFunction"]
