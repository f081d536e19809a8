"""Existing functions, named in every way that Lambda accepts: what is called, and what the role allows."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.backends.cloudformation import build_template
from tests.unit.backends.cloudformation.support import CloudFormation, unit

HERE = "arn:aws:lambda:eu-west-1:111111111111:function:"
ELSEWHERE = "arn:aws:lambda:eu-west-1:222222222222:function:"

WORKFLOW = """\
flowgen: 1
name: small
parameters:
  Text: {{Type: String}}
  FunctionArn: {{Type: String}}
conditions:
  Always: !Equals [a, a]
mappings:
  Names: {{prices: {{name: prices}}}}
resources:
  Local:
    Type: AWS::Lambda::Function
    Properties: {{Code: {{ZipFile: ""}}, Handler: index.handler, Role: "arn:aws:iam::111111111111:role/x"}}
  Live: {{Type: AWS::Lambda::Alias, Properties: {{FunctionName: !Ref Local, FunctionVersion: "1", Name: live}}}}
steps:
"""
BY_CONTRACT = "functions: {{prices: {{arn: {arn}, input: object}}}}\n"
CALL = "  - {id: ask, call: prices}\n"
SERVICE = '  - {{id: ask, aws: "lambda:invoke", with: {{FunctionName: {arn}, Payload: {{}}}}}}\n'


class Stack(CloudFormation):
    """With values for the parameters, and for what other stacks export."""

    def __init__(self, template: dict[str, Any], given: str) -> None:
        super().__init__(template)
        self.given = given

    def ref(self, name: str) -> Any:
        if name in ("Text", "FunctionArn"):
            return self.given
        return f"{HERE}physical-Local:live" if name == "Live" else super().ref(name)

    def resolve(self, value: Any) -> Any:
        return self.given if isinstance(value, dict) and "Fn::ImportValue" in value else super().resolve(value)


def _invoked(text: str, given: str) -> tuple[str, list[str]]:
    """What the state machine calls, and what its role may invoke."""
    stack = Stack(build_template([unit(text)]), given)
    called = stack.definition("SmallStateMachine")["States"]["ask"]["Arguments"]["FunctionName"]
    policies = stack.template["Resources"]["SmallStateMachineRole"]["Properties"]["Policies"]
    statements = [s for policy in policies for s in stack.resolve(policy["PolicyDocument"])["Statement"]]
    [allowed] = [s["Resource"] for s in statements if s["Action"] == "lambda:InvokeFunction"]
    return called, allowed if isinstance(allowed, list) else [allowed]


TEXTS = [
    ("prices", f"{HERE}prices"),
    ("prices:live", f"{HERE}prices:live"),
    ("prices:7", f"{HERE}prices:7"),
    ("function:prices", f"{HERE}prices"),
    ("222222222222:function:prices", f"{ELSEWHERE}prices"),
    ("222222222222:function:prices:live", f"{ELSEWHERE}prices:live"),
    ("us-east-1:222222222222:function:prices", "arn:aws:lambda:us-east-1:222222222222:function:prices"),
    (f"{ELSEWHERE}prices", f"{ELSEWHERE}prices"),
    (f"{ELSEWHERE}prices:live", f"{ELSEWHERE}prices:live"),
]


@pytest.mark.parametrize(("named", "arn"), TEXTS)
@pytest.mark.parametrize("by_contract", [True, False], ids=["call", "aws"])
def test_text(named: str, arn: str, by_contract: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """IAM is asked for the ARN of exactly what is invoked; the name is called as it is written."""
    written = f'"{named}"'
    text = f"{BY_CONTRACT}{WORKFLOW}".format(arn=written) + CALL
    if not by_contract:
        text = (WORKFLOW + SERVICE).format(arn=written)
    assert _invoked(text, "") == (named, [arn])


def test_unpublished_version() -> None:
    """`$LATEST` is a qualifier like any other."""
    text = f"{BY_CONTRACT}{WORKFLOW}".format(arn='"prices:$LATEST"') + CALL
    assert _invoked(text, "") == ("prices:$LATEST", [f"{HERE}prices:$LATEST"])


EITHER = ["prices", "prices:live", f"{ELSEWHERE}prices", f"{ELSEWHERE}prices:live"]
TAGS = [
    *(("!Ref Text", given, given) for given in EITHER),
    *(("!ImportValue shop-function", given, given) for given in EITHER),
    *(("!Sub '${Text}'", given, given) for given in EITHER),
    *(("!If [Always, !Ref Text, other]", given, given) for given in EITHER),
    *(("!Select [0, [!Ref Text]]", given, given) for given in EITHER),
    *(("!Sub '${Text}:live'", given, f"{given}:live") for given in EITHER if ":live" not in given),
    *(("!Join [':', [!Ref Text, live]]", given, f"{given}:live") for given in EITHER if ":live" not in given),
    ("!Ref FunctionArn", f"{ELSEWHERE}prices:live", f"{ELSEWHERE}prices:live"),
    ("!Sub '${FunctionArn}:live'", f"{ELSEWHERE}prices", f"{ELSEWHERE}prices:live"),
    ("!ImportValue shop-FunctionArn", f"{ELSEWHERE}prices:live", f"{ELSEWHERE}prices:live"),
    ("!Sub '${Text}-prices'", "dev", "dev-prices"),
    ("!Sub 'prices-${Text}'", "dev", "prices-dev"),
    ("!Sub '${AWS::StackName}-prices:live'", "", "test-stack-prices:live"),
    ("!Sub '${AWS::AccountId}:function:prices'", "", f"{HERE}prices"),
    ("!Sub 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:prices'", "", f"{HERE}prices"),
    ("!FindInMap [Names, prices, name]", "", "prices"),
    ("!Ref Local", "", "physical-Local"),
    ("!GetAtt Local.Arn", "", f"{HERE}physical-Local"),
    ("!Sub '${Local}:live'", "", "physical-Local:live"),
    ("!Sub '${Local.Arn}:live'", "", f"{HERE}physical-Local:live"),
    ("!Ref Live", "", f"{HERE}physical-Local:live"),
]


@pytest.mark.parametrize(("tag", "given", "named"), TAGS)
def test_tag(tag: str, given: str, named: str) -> None:
    """A value that the deployment supplies may be a name or an ARN: the permission is right for both."""
    called, allowed = _invoked(
        f"{BY_CONTRACT}{WORKFLOW}".replace("{arn}", tag.replace("{", "{{").replace("}", "}}")).format() + CALL, given
    )
    expected = named if named.startswith("arn:") else f"{HERE}{named}"
    assert allowed == [expected]
    assert called.removeprefix("111111111111:function:") == named.removeprefix(HERE) or called == named
