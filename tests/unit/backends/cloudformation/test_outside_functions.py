"""Functions called from outside, with URLs and answers to task tokens; aliases, snapshots and container images."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.backends.cloudformation import WorkflowStack, build_template, findings
from tests.unit.backends.cloudformation.support import resources, unit
from tests.unit.backends.cloudformation.test_operations import made

URL, PERMISSION, VERSION = "AWS::Lambda::Url", "AWS::Lambda::Permission", "AWS::Lambda::Version"
ASK = "ask: {}"


def _stack(functions: str, top: str = "") -> WorkflowStack:
    steps = "steps: [{id: review, call: ask, callback: boolean, timeout: 3 days}]\n"
    return unit(f"flowgen: 1\nname: small\nfunctions: {{{functions}}}\n{top}{steps}")


def _template(functions: str, top: str = "") -> dict[str, Any]:
    stack = _stack(f"{ASK}, {functions}", top)
    assert findings([stack]) == []
    return build_template([stack])


def test_a_url_for_signed_requests_needs_no_permission_in_the_account() -> None:
    """Identities of the account get theirs from their own policies."""
    template = _template("page: {url: {auth: iam}}")

    assert resources(template, URL) == {
        "SmallPageFunctionUrl": {
            "TargetFunctionArn": {"Fn::GetAtt": ["SmallPageFunction", "Arn"]},
            "AuthType": "AWS_IAM",
            "InvokeMode": "BUFFERED",
        }
    }
    assert resources(template, PERMISSION) == {}
    assert template["Outputs"]["SmallPageFunctionUrl"]["Value"] == {
        "Fn::GetAtt": ["SmallPageFunctionUrl", "FunctionUrl"]
    }


@pytest.mark.parametrize(
    ("url", "callers", "auth"),
    [
        ("{auth: none}", ["*"], "NONE"),
        (
            "{auth: iam, callers: ['111122223333', cloudfront.amazonaws.com]}",
            ["111122223333", "cloudfront.amazonaws.com"],
            "AWS_IAM",
        ),
    ],
)
def test_each_caller_of_a_url_needs_two_permissions(url: str, callers: list[str], auth: str) -> None:
    """Lambda developer guide, "Control access to Lambda function URLs": since October 2025."""
    permissions = resources(_template(f"page: {{url: {url}}}"), PERMISSION).values()

    assert sorted((one["Principal"], one["Action"]) for one in permissions) == sorted(
        (caller, action) for caller in callers for action in ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl")
    )
    for one in permissions:
        through_url = one["Action"] == "lambda:InvokeFunction"
        assert one.get("InvokedViaFunctionUrl") is (True if through_url else None)
        assert one.get("FunctionUrlAuthType") == (None if through_url else auth)


@pytest.mark.parametrize(
    ("caller", "condition"),
    [
        ("iot.amazonaws.com", {"SourceAccount": {"Ref": "AWS::AccountId"}}),
        (
            "cloudfront.amazonaws.com",
            {"SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/*"}},
        ),
        ("arn:aws:iam::111122223333:role/portal", {}),
    ],
)
def test_a_service_may_call_for_this_account_only(caller: str, condition: dict[str, Any]) -> None:
    """Otherwise anyone's distribution could call the URL."""
    permissions = resources(_template(f"page: {{url: {{auth: iam, callers: '{caller}'}}}}"), PERMISSION).values()

    for one in permissions:
        assert {key: value for key, value in one.items() if key.startswith("Source")} == condition


def test_cors() -> None:
    cors = "{origins: 'https://a.example', methods: [get], expose: [x-a], credentials: true, max_age: 1 minute}"

    url = resources(_template(f"page: {{url: {{auth: iam, cors: {cors}}}}}"), URL)["SmallPageFunctionUrl"]

    assert url["Cors"] == {
        "AllowOrigins": ["https://a.example"],
        "AllowMethods": ["GET"],
        "ExposeHeaders": ["x-a"],
        "AllowCredentials": True,
        "MaxAge": 60,
    }


def test_a_function_may_answer_the_tokens_of_its_own_workflow_only() -> None:
    """The policy is a resource of its own: the state machine, which it names, needs the functions first."""
    template = _template("page: {url: {auth: iam}, answers: [review]}, other: {standalone: true}")
    [(name, policy)] = resources(template, "AWS::IAM::Policy").items()

    assert (name, policy["Roles"]) == ("SmallPageAnswerPolicy", [{"Ref": "SmallPageRole"}])
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Resource"] == [{"Ref": "SmallStateMachine"}]
    assert statement["Action"] == ["states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"]


def test_the_workflow_may_not_call_functions_from_outside() -> None:
    """Only steps need permission."""
    template = _template("page: {url: {auth: iam}, answers: [review]}")
    document = resources(template, "AWS::IAM::Role")["SmallStateMachineRole"]["Policies"][0]["PolicyDocument"]

    [invoke] = [one for one in document["Statement"] if one.get("Sid") == "InvokeFunctions"]
    assert "SmallPage" not in str(invoke)


def test_functions_from_outside_have_no_version_of_their_own() -> None:
    """No execution keeps one."""
    versions = resources(_template("page: {url: {auth: iam}}, job: {standalone: true}"), VERSION)

    assert [one["FunctionName"] for one in versions.values()] == [{"Ref": "SmallAskFunction"}]


def test_provisioned_concurrency_is_on_an_alias_that_steps_call() -> None:
    """Its role allows the alias, and neither the function nor its versions."""
    steps = "steps: [{id: a, call: f}]\n"
    template = build_template([unit(f"flowgen: 1\nname: small\nfunctions: {{f: {{provisioned: 3}}}}\n{steps}")])
    [(alias, properties)] = resources(template, "AWS::Lambda::Alias").items()
    [version] = resources(template, VERSION)

    assert alias == "SmallFFunctionAlias"
    assert properties == {
        "Name": "live",
        "FunctionName": {"Ref": "SmallFFunction"},
        "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
        "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 3},
    }
    machine = resources(template, "AWS::StepFunctions::StateMachine")["SmallStateMachine"]
    assert machine["DefinitionSubstitutions"] == {"FFunction": {"Ref": alias}}
    document = resources(template, "AWS::IAM::Role")["SmallStateMachineRole"]["Policies"][0]["PolicyDocument"]
    [invoke] = [one for one in document["Statement"] if one.get("Sid") == "InvokeFunctions"]
    assert invoke["Resource"] == [{"Ref": alias}]


def test_snap_start_applies_to_the_version_that_steps_call() -> None:
    """It needs no alias."""
    template = build_template([made("", "f: {snap_start: true}")])

    assert resources(template, "AWS::Lambda::Function")["SmallFFunction"]["SnapStart"] == {
        "ApplyOn": "PublishedVersions"
    }
    assert resources(template, "AWS::Lambda::Alias") == {}


def test_callers_outside_the_workflow_need_an_alias_for_snap_start() -> None:
    """Only a published version starts from a snapshot, and its number changes."""
    template = _template("job: {standalone: true, snap_start: true}")

    assert list(resources(template, "AWS::Lambda::Alias")) == ["SmallJobFunctionAlias"]
    assert {str(one["FunctionName"]) for one in resources(template, VERSION).values()} == {
        str({"Ref": "SmallAskFunction"}),
        str({"Ref": "SmallJobFunction"}),
    }


def test_a_url_calls_the_alias_of_a_function_with_snap_start() -> None:
    """The unpublished version does not start from a snapshot, and a URL can't refer to a version."""
    template = _template("page: {url: {auth: none}, snap_start: true}")

    assert resources(template, URL)["SmallPageFunctionUrl"]["Qualifier"] == "live"
    assert template["Resources"]["SmallPageFunctionUrl"]["DependsOn"] == ["SmallPageFunctionAlias"]
    assert {str(one["FunctionName"]) for one in resources(template, PERMISSION).values()} == {
        str({"Ref": "SmallPageFunctionAlias"})
    }


def test_names_that_are_taken_are_reported() -> None:
    """The logical ids of all these resources are reserved."""
    for resource in (
        "SmallPageFunctionUrl",
        "SmallPageFunctionAlias",
        "SmallPageAnswerPolicy",
        "SmallPageFunctionUrlPermission",
        "SmallPageFunctionUrlInvokePermission",
    ):
        stack = _stack(
            f"{ASK}, page: {{url: {{auth: none}}, answers: review, provisioned: 1}}",
            f"resources: {{{resource}: {{Type: 'AWS::SNS::Topic'}}}}\n",
        )
        assert [one.code for one in findings([stack])] == ["FG501"]


IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/rates:1.2.0"


def test_a_container_image() -> None:
    """The runtime in the image loads the generated entry point; layers and runtimes of the defaults do not apply."""
    defaults = "defaults: {function: {runtime: python3.12, layers: 'arn:aws:lambda:eu-west-1:123456789012:layer:a:3'}}"
    template = build_template([made(defaults, f"f: {{image: '{IMAGE}'}}")])
    function = resources(template, "AWS::Lambda::Function")["SmallFFunction"]

    assert function["PackageType"] == "Image"
    assert function["Code"] == {"ImageUri": IMAGE}
    assert function["ImageConfig"] == {"Command": ["shop.small.generated.entry_points.f.handler"]}
    assert not {"Runtime", "Handler", "Layers"} & set(function)
    assert "Parameters" not in template


def test_a_container_image_from_a_parameter() -> None:
    """The version has its value, so that a new image is a new version."""
    image = "{uri: !Ref Image, command: [a.b], entry_point: [/run], directory: /srv}"
    template = build_template([made("parameters: {Image: {Type: String}}", f"f: {{image: {image}}}")])
    function = resources(template, "AWS::Lambda::Function")["SmallFFunction"]

    assert function["Code"] == {"ImageUri": {"Ref": "Image"}}
    assert function["ImageConfig"] == {"Command": ["a.b"], "EntryPoint": ["/run"], "WorkingDirectory": "/srv"}
    [version] = resources(template, VERSION).values()
    assert version["Description"] == {"Ref": "Image"}


def test_another_image_is_another_version() -> None:
    [one] = resources(build_template([made("", f"f: {{image: '{IMAGE}'}}")]), VERSION)
    [other] = resources(build_template([made("", f"f: {{image: '{IMAGE[:-1]}1'}}")]), VERSION)

    assert one != other
