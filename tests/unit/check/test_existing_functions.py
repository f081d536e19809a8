"""`arn`: what cannot be the name or ARN of a Lambda function is reported."""

from __future__ import annotations

import pytest

from tests.marked import findings, the_finding, workflow

DECLARED = """\
parameters:
  Text: {Type: String}
  Count: {Type: Number}
  Names: {Type: CommaDelimitedList}
  Queue: {Type: String, Default: "arn:aws:sqs:eu-west-1:123456789012:q"}
  NameArn: {Type: String, Default: prices}
resources:
  Mails: {Type: AWS::SQS::Queue}
  Local: {Type: AWS::Lambda::Function}
  Live: {Type: AWS::Lambda::Alias}
  Other: {Type: AWS::CloudFormation::Stack}
outputs:
  All: {Value: !Sub "${Text} ${Count} ${Names} ${Queue} ${NameArn}"}
"""


def _calling(arn: str) -> str:
    return workflow(f"{DECLARED}functions: {{prices: {{arn: {arn}}}}}\nsteps: [{{id: ask, call: prices}}]\n")


@pytest.mark.parametrize(
    "arn",
    [
        "«'arn:aws:sqs:eu-west-1:123456789012:prices'»",
        "«'arn:aws:lambda:eu-west-1::function:prices'»",
        "«'arn:aws:lambda:eu-west-1:123456789012:fuction:prices'»",
        "«'arn:aws:lambda:eu-west-1:123456789012:layer:prices:1'»",
        "«'arn:aws:lambda:eu-west-1:123456789012:function:prices:a:b'»",
        "«'12345:function:prices'»",
        "«'the prices'»",
        "«'prices:'»",
        "«''»",
    ],
)
def test_text_that_is_not_a_function(arn: str) -> None:
    """FG102 at the text."""
    found = the_finding(_calling(arn), "FG102")
    assert found.message.endswith("` is not the name or ARN of a Lambda function")
    assert "`!Ref FunctionArn`" in str(found.help)


@pytest.mark.parametrize(
    ("arn", "label"),
    [
        ("«!Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:prices'»", "the ARN of a function can't have `sqs` here"),
        ("«!Sub 'arn:aws:lambda:${AWS::Region}:prices'»", "the ARN of a function can't have `prices` here"),
        ("«!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}'»", "the ARN has too few fields"),
        (
            "«!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:p:live:1'»",
            "the ARN has too many fields",
        ),
        ("«!Sub 'the prices'»", "not a name"),
    ],
)
def test_template_that_cannot_become_an_arn(arn: str, label: str) -> None:
    """FG102 with the field that no value of the variables makes right."""
    assert the_finding(_calling(arn), "FG102").label == label


@pytest.mark.parametrize(
    ("arn", "message", "label"),
    [
        ("«!Split [',', a]»", "`!Split` does not return the name or ARN of a function", ""),
        ("«!Ref Count»", "the parameter `Count` is not the name or ARN of a Lambda function", "its type is `Number`"),
        (
            "«!Ref Names»",
            "the parameter `Names` is not the name or ARN of a Lambda function",
            "its type is `CommaDelimitedList`",
        ),
        (
            "«!Sub '${Queue}:live'»",
            "the parameter `Queue` is not the name or ARN of a Lambda function",
            "its default is `arn:aws:sqs:eu-west-1:123456789012:q`",
        ),
        (
            "«!Ref NameArn»",
            "the parameter `NameArn` is not the name or ARN of a Lambda function",
            "its name ends in `Arn`, but its default `prices` is not an ARN",
        ),
        ("«!GetAtt Mails.Arn»", "`Mails` is not a Lambda function", "a resource of type `AWS::SQS::Queue`"),
        ("«!Sub '${Mails}:live'»", "`Mails` is not a Lambda function", "a resource of type `AWS::SQS::Queue`"),
    ],
)
def test_tag_that_is_not_a_function(arn: str, message: str, label: str) -> None:
    """FG102 at the tag, with the reason."""
    found = the_finding(_calling(arn), "FG102")
    assert (found.message, found.label) == (message, label)


def test_expression() -> None:
    """The help names the tag instead of a parameter's expression."""
    found = the_finding(_calling("«'${ $parameters.Text }'»"), "FG102")
    assert found.help == "write `!Ref Text`"


@pytest.mark.parametrize(
    "arn",
    [
        "!Ref Text",
        "!Sub '${Text}:live'",
        "!Sub '${Text}-prices'",
        "!Sub 'arn:${AWS::Partition}:lambda:${AWS::Region}:${Text}:function:prices:live'",
        "!GetAtt Local.Arn",
        "!Ref Live",
        "!Sub '${Live}'",
        "!GetAtt Other.Outputs.Function",
        "!ImportValue shop-function",
        "!Join ['', ['arn:aws:lambda:', !Ref 'AWS::Region', ':123456789012:function:prices']]",
    ],
)
def test_tag_that_may_be_a_function(arn: str) -> None:
    """Nothing but what is unused is reported."""
    assert {found.code for found in findings(_calling(arn))} <= {"FG209"}
