"""What tags refer to is there, else it is reported where they are."""

from __future__ import annotations

import pytest

from flowgen.backends.cloudformation import findings
from tests.unit.backends.cloudformation.support import unit

_HEAD = """\
flowgen: 1
name: small
functions: {{send: {{}}}}
parameters: {{Stage: {{Type: String}}}}
mappings: {{ByStage: {{live: {{Days: 90}}}}}}
conditions: {{IsLive: !Equals [!Ref Stage, live]}}
resources:
  Orders: {{Type: AWS::DynamoDB::Table}}
{more}
steps:
  - id: get
    call: send
"""


def _told(more: str) -> list[tuple[str, str]]:
    """The names that are reported, and the text that each is reported at."""
    text = _HEAD.format(more=more)
    lines = text.splitlines()
    found = []
    for one in findings([unit(text)]):
        assert one.code == "FG503"
        assert one.span is not None
        start, end = one.span.start, one.span.end
        found.append((one.message.split("`")[1], lines[start.line - 1][start.column - 1 : end.column - 1]))
    return found


@pytest.mark.parametrize(
    "more",
    [
        "tags: {a: !Ref Stage, b: !Ref AWS::Region, c: !GetAtt Orders.Arn, d: !Sub '${Stage}${Orders.Arn}${!Nobody}'}",
        "tags: {a: !Sub ['${Own}-${AWS::Region}', {Own: !Ref Orders}], b: !FindInMap [ByStage, !Ref Stage, Days]}",
        "tags: {a: !If [IsLive, a, !Ref AWS::NoValue], b: !ImportValue nobody-knows}",
        "outputs: {A: {Value: !Ref SmallSendFunction}, B: {Value: !Ref SmallStateMachineAlias}}",
        "outputs: {A: {Value: !GetAtt SmallStateMachineRole.Arn}, B: {Value: !Ref SmallStateMachineFailedAlarm}}",
        "tags: {a: !GetAtt [Orders, Arn], b: !Ref CodeBucket}",
        "outputs: {A: {Value: {Ref: Orders}, Condition: IsLive}}",
        "policies: [{Effect: Allow, Action: 's3:*', Resource: {'Fn::GetAtt': [Orders, Arn]}}]",
    ],
)
def test_existing_names_have_no_findings(more: str) -> None:
    """Parameters, resources, conditions, mappings, AWS's own, and what is generated."""
    assert _told(more) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("tags: {a: !Ref Order}", [("Order", "Order")]),
        ("tags: {a: !GetAtt Order.Arn}", [("Order", "Order.Arn")]),
        ("tags: {a: !GetAtt [Order, Arn]}", [("Order", "Order")]),
        (
            "tags: {a: !Sub '${Stag}-${AWS::Regio}'}",
            [("Stag", "'${Stag}-${AWS::Regio}'"), ("AWS::Regio", "'${Stag}-${AWS::Regio}'")],
        ),
        ("tags: {a: !Sub ['${Own}${Stag}', {Own: !Ref Nobody}]}", [("Stag", "'${Own}${Stag}'"), ("Nobody", "Nobody")]),
        ("tags: {a: !If [IsLiv, a, !Ref Nobody]}", [("IsLiv", "IsLiv"), ("Nobody", "Nobody")]),
        ("tags: {a: !FindInMap [ByStag, a, b]}", [("ByStag", "ByStag")]),
        ("outputs: {A: {Value: {Ref: Order}, Condition: IsLiv}}", [("Order", "Order"), ("IsLiv", "IsLiv")]),
        ("outputs: {A: {Value: {'Fn::Sub': '${Order}'}}}", [("Order", "'${Order}'")]),
        ("policies: [{Effect: Allow, Action: 's3:*', Resource: {Ref: Order}}]", [("Order", "Order")]),
        ("alarms: {actions: !Ref Alert}", [("Alert", "Alert")]),
        ("encryption: {key: !GetAtt Key.Arn}", [("Key", "Key.Arn")]),
        (
            "  Other: {Type: AWS::SNS::Topic, DependsOn: [Orders, Nobody], Condition: IsLiv}",
            [("Nobody", "Nobody"), ("IsLiv", "IsLiv")],
        ),
    ],
)
def test_missing_names_are_reported_at_their_place(more: str, told: list[tuple[str, str]]) -> None:
    """In each function that can name something, wherever it may be."""
    assert sorted(_told(more)) == sorted(told)


def test_data_is_not_a_reference() -> None:
    """In a step, only a tag refers to something; `{Ref: …}` is an object with a key `Ref`."""
    text = "flowgen: 1\nname: small\nsteps:\n  - id: one\n    set: {a: {Ref: Nobody}, b: !Ref Nobody}\n"

    (found,) = findings([unit(text)])

    assert (found.span and found.span.start.column) == 37


def test_a_misspelled_name_gets_a_guess() -> None:
    """Of the same kind: a condition is not suggested where a resource is expected."""
    guesses = [one.help for one in findings([unit(_HEAD.format(more="tags: {a: !Ref Ordrs, b: !If [IsLife, a, b]}"))])]

    assert guesses == ["did you mean `Orders`?", "did you mean `IsLive`?"]
