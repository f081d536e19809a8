"""What is next to a workflow in its template, and what the machine's placeholders become."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowgen.asl.writing import to_json
from flowgen.backends.cloudformation import build_template, findings
from flowgen.compile import compile_workflow
from tests.unit.backends.cloudformation.support import VERSION, CloudFormation, unit, unit_with, units, workflow
from tests.unit.backends.cloudformation.workflows import A

_ORDERS = "resources: {Orders: {Type: AWS::DynamoDB::Table}, SendFunction: {Type: AWS::Lambda::Function}}\n"
_TABLE = f"{_ORDERS}parameters: {{Limit: {{Type: Number}}}}\n"


def _workflow(steps: str, name: str = "small", top: str = "") -> str:
    return f"flowgen: 1\nname: {name}\n{top}steps:\n{steps}"


def _states(text: str, *others: str) -> Mapping[str, Any]:
    """The states that reach Step Functions."""
    made = units(text, *others)
    states: dict[str, Any] = CloudFormation(build_template(made)).definition(made[0].machine.machine)["States"]
    return states


def test_values_of_the_stack_are_put_in_and_texts_of_the_user_are_not() -> None:
    """The same words mean the table where they are CloudFormation's, and themselves where they are a person's."""
    states = _states(
        _workflow(
            top=_TABLE,
            steps="""\
  - id: get
    description: Reads ${Orders} up to ${Limit}.
    aws: dynamodb:getItem
    with: {TableName: !Ref Orders, Key: {id: {S: "$${Orders} ${ $parameters.Limit } ${ $resources.Orders.Arn }"}}}
  - id: raw
    asl: {Type: Pass, Output: {text: "${Orders} ${Limit} ${OrdersArn}"}}
""",
        )
    )

    assert states["get"]["Comment"] == "Reads ${Orders} up to ${Limit}."
    arguments = states["get"]["Arguments"]
    assert arguments["TableName"] == "physical-Orders"
    table = f"arn:aws:dynamodb:{A}:table/physical-Orders"
    assert arguments["Key"]["id"]["S"] == (
        f"{{% '\\u0024{{Orders}} ' & ($number('given:Limit')) & ' ' & ('{table}') %}}"
    )
    assert states["raw"]["Output"] == {"text": "${Orders} ${Limit} ${OrdersArn}"}


def test_tags_in_a_state_as_written() -> None:
    """CloudFormation's tags are its own there too; what only looks like one is the user's."""
    steps = """\
  - id: raw
    asl:
      Type: Task
      Resource: arn:aws:states:::dynamodb:getItem
      Arguments: {TableName: !Ref Orders, Key: {id: {S: "${Orders}"}, Ref: Orders, at: {Ref: Other}}}
"""
    text = _workflow(top=_ORDERS, steps=steps)

    assert _states(text)["raw"]["Arguments"] == {
        "TableName": "physical-Orders",
        "Key": {"id": {"S": "${Orders}"}, "Ref": "Orders", "at": {"Ref": "Other"}},
    }
    assert findings([unit(text)]) == []


def test_a_resource_and_a_function_of_one_placeholder() -> None:
    """`SendFunction` is the user's resource, and also what the compiler calls the function `send`."""
    states = _states(
        _workflow(
            top=f"{_ORDERS}functions: {{send: {{}}}}\n",
            steps="""\
  - id: own
    aws: lambda:invoke
    with: {FunctionName: !GetAtt SendFunction.Arn, Payload: {name: !Ref SendFunction}}
  - id: ours
    call: send
""",
        )
    )

    function = f"arn:aws:lambda:{A}:function:physical-"
    assert states["own"]["Arguments"]["FunctionName"] == f"{function}SendFunction"
    assert states["own"]["Arguments"]["Payload"] == {"name": "physical-SendFunction"}
    assert states["ours"]["Arguments"]["FunctionName"] == f"{function}SmallSendFunction:{VERSION}"


def test_what_is_called_is_put_in() -> None:
    """An activity, machines in the template and outside, connections in the template and outside."""
    text = _workflow(
        top=(
            "functions: {ask: {activity: true}}\n"
            "resources: {Payments: {Type: AWS::Events::Connection}, Unused: {Type: AWS::SNS::Topic}}\n"
        ),
        steps="""\
  - id: person
    call: ask
  - id: here
    workflow: helper
  - id: elsewhere
    workflow: child
  - id: pay
    http: GET https://a.example.com/x
    connection: payments
  - id: label
    http: GET https://a.example.com/y
    connection: carrier
""",
    )
    helper = _workflow("  - id: pause\n    wait: 1s\n", name="helper")

    states = _states(text, helper)

    assert states["person"]["Resource"] == "physical-SmallAskActivity"
    machine = f"arn:aws:states:{A}:stateMachine:"
    assert states["here"]["Arguments"]["StateMachineArn"] == f"{machine}physical-HelperStateMachine:live"
    assert states["elsewhere"]["Arguments"]["StateMachineArn"] == f"{machine}child-elsewhere"
    connection = f"arn:aws:events:{A}:connection/"
    assert states["pay"]["Arguments"]["Authentication"] == {"ConnectionArn": f"{connection}physical-Payments/1-2"}
    assert states["label"]["Arguments"]["Authentication"] == {"ConnectionArn": f"{connection}carrier/1-2"}
    template = build_template(units(text, helper))
    assert list(template["Parameters"]) == ["ChildStateMachineArn", "CarrierConnectionArn"]
    assert (
        "CarrierConnection of type AWS::Events::Connection"
        in template["Parameters"]["CarrierConnectionArn"]["Description"]
    )
    assert "SmallAskActivityArn" in template["Outputs"]


def test_a_parameter_of_the_user_is_taken_for_what_is_outside() -> None:
    """Who declares `CarrierConnectionArn` decides its default."""
    own = {"Type": "String", "Default": "arn:aws:events:eu-west-1:1:connection/x/y"}
    text = _workflow(
        top=f"parameters: {{CarrierConnectionArn: {json.dumps(own)}}}\n",
        steps="  - id: label\n    http: GET https://a.example.com/y\n    connection: carrier\n",
    )

    assert build_template([unit(text)])["Parameters"] == {"CarrierConnectionArn": own}


def test_parameters_and_resources_are_passed_through() -> None:
    """As they were written, in long form; nothing in them is taken for a placeholder."""
    text = _workflow(
        top="""\
parameters: {Stage: {Type: String, AllowedValues: [test, live]}}
resources:
  Topic:
    Type: AWS::SNS::Topic
    DependsOn: [Other]
    Properties: {TopicName: !Sub "${AWS::StackName}-${Stage}", DisplayName: !If [A, "${x}", !Ref Stage]}
  Other: {Type: AWS::SNS::Topic, DeletionPolicy: Retain}
""",
        steps="  - id: tell\n    aws: sns:publish\n    with: {TopicArn: !Ref Topic, Message: a}\n",
    )

    template = build_template([unit(text)])

    assert template["Parameters"] == {"Stage": {"Type": "String", "AllowedValues": ["test", "live"]}}
    assert template["Resources"]["Topic"] == {
        "Type": "AWS::SNS::Topic",
        "DependsOn": ["Other"],
        "Properties": {
            "TopicName": {"Fn::Sub": "${AWS::StackName}-${Stage}"},
            "DisplayName": {"Fn::If": ["A", "${x}", {"Ref": "Stage"}]},
        },
    }
    assert template["Resources"]["Other"] == {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain"}


def test_machines_that_run_each_other_have_names() -> None:
    """CloudFormation takes no circle of references; whoever is not in the circle needs no name."""
    one, two, three = (
        _workflow(f"  - id: {name}_step\n    workflow: {other}\n    detached: true\n", name=name)
        for name, other in (("one", "two"), ("two", "one"), ("three", "one"))
    )
    template = build_template(units(one, two, three))

    names = {
        logical_id: declared["Properties"].get("StateMachineName")
        for logical_id, declared in template["Resources"].items()
        if declared["Type"] == "AWS::StepFunctions::StateMachine"
    }
    assert names == {
        "OneStateMachine": {"Fn::Sub": "${AWS::StackName}-one"},
        "TwoStateMachine": {"Fn::Sub": "${AWS::StackName}-two"},
        "ThreeStateMachine": None,
    }
    called = template["Resources"]["ThreeStateMachine"]["Properties"]["DefinitionSubstitutions"]["OneStateMachine"]
    assert CloudFormation(template).resolve(called) == f"arn:aws:states:{A}:stateMachine:test-stack-one:live"


def test_an_express_workflow() -> None:
    """Its machine is one; a parent runs it synchronously, for which there is its own action."""
    parent = _workflow("  - id: run\n    workflow: quick\n")
    child = _workflow("  - id: pause\n    wait: 1s\n", name="quick", top="type: express\n")
    definition = to_json(compile_workflow(workflow(parent), frozenset({"quick"})))

    template = build_template([unit_with(parent, definition), unit(child)])

    assert template["Resources"]["QuickStateMachine"]["Properties"]["StateMachineType"] == "EXPRESS"
    policy = template["Resources"]["SmallStateMachineRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    assert policy["Statement"][0] == {
        "Effect": "Allow",
        "Action": "states:StartSyncExecution",
        "Resource": [{"Ref": "QuickStateMachine"}],
        "Condition": {"StringEquals": {"states:StateMachineQualifier": "live"}},
    }
    machine = CloudFormation(template).definition("SmallStateMachine")["States"]["run"]["Arguments"]["StateMachineArn"]
    assert machine == f"arn:aws:states:{A}:stateMachine:physical-QuickStateMachine:live"


@pytest.mark.parametrize(
    ("tops", "told"),
    [
        (["resources: {SmallStateMachine: {Type: AWS::SNS::Topic}}"], "SmallStateMachine"),
        (["resources: {SmallStateMachineOwnPolicy: {Type: AWS::SNS::Topic}}"], "SmallStateMachineOwnPolicy"),
        (["functions: {f: {}}\nparameters: {CodeKey: {Type: String}}"], "CodeKey"),
        (["functions: {f: {activity: true}}\nresources: {SmallFActivity: {Type: AWS::SNS::Topic}}"], "SmallFActivity"),
        (["parameters: {A: {Type: String}}\nresources: {A: {Type: AWS::SNS::Topic}}"], "A"),
        (["resources: {A: {Type: AWS::SNS::Topic}}", "resources: {A: {Type: AWS::SQS::Queue}}"], "A"),
        (["parameters: {A: {Type: String}}", "parameters: {A: {Type: Number}}"], "A"),
    ],
)
def test_names_that_collide(tops: list[str], told: str) -> None:
    """What the user declares meets what is generated, or what another workflow declares."""
    made = units(
        *(
            _workflow("  - id: pause\n    wait: 1s\n", name=name, top=f"{top}\n")
            for name, top in zip(("small", "other"), tops, strict=False)
        )
    )

    found = findings(made)

    assert [diagnostic.code for diagnostic in found] == ["FG501"]
    assert found[0].message.endswith(f"would both be `{told}` in the stack")


def test_the_same_resource_in_two_workflows_is_one() -> None:
    """As when both import it."""
    top = "resources: {Topic: {Type: AWS::SNS::Topic}}\nparameters: {Stage: {Type: String}}\n"
    made = units(*(_workflow("  - id: pause\n    wait: 1s\n", name=name, top=top) for name in ("one", "two")))

    assert findings(made) == []
    template = build_template(made)
    assert list(template["Parameters"]) == ["Stage"]
    assert template["Resources"]["Topic"] == {"Type": "AWS::SNS::Topic"}


def test_the_name_of_an_activity_has_its_limit() -> None:
    """80 characters, of which the stack's name takes some."""
    long = "a" * 40
    text = _workflow(
        f"  - id: one\n    call: {long}\n", name="b" * 40, top=f"functions: {{{long}: {{activity: true}}}}\n"
    )

    (found,) = findings([unit(text)])

    assert (found.code, found.span and found.span.start.line) == ("FG401", 3)


_PIECES = "${ } $ {{resolve: Ref Orders OrdersArn Limit SendFunction ' \" \\ {% %} 2 é"
_HOSTILE = st.lists(st.sampled_from(_PIECES.split()), max_size=6).map("".join)


@settings(max_examples=60, deadline=None)
@given(comment=_HOSTILE, text=_HOSTILE, raw=_HOSTILE)
def test_no_text_of_the_user_is_acted_on(comment: str, text: str, raw: str) -> None:
    """Whatever is in a description, a value or a state as written comes through next to values of the stack."""
    quoted = json.dumps("x" + text.replace("${", "$${"), ensure_ascii=False)
    written = json.dumps("x" + raw, ensure_ascii=False)
    text_of_all = _workflow(
        top=_TABLE,
        steps=f"""\
  - id: get
    description: {json.dumps("x" + comment, ensure_ascii=False)}
    aws: dynamodb:getItem
    with: {{TableName: !Ref Orders, Key: [{quoted if "%}" not in text else "x"}]}}
  - id: raw
    asl: {{Type: Pass, Output: {{text: {written if "%}" not in raw else "x"}}}}}
""",
    )
    made = unit(text_of_all)
    deployed = CloudFormation(build_template([made])).definition("SmallStateMachine")["States"]

    compiled = made.definition["States"]
    assert deployed["get"]["Comment"] == compiled["get"]["Comment"] == "x" + comment
    assert deployed["get"]["Arguments"] == {**compiled["get"]["Arguments"], "TableName": "physical-Orders"}
    assert deployed["raw"] == compiled["raw"]
