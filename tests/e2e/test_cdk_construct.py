"""`flowgen.cdk.FlowgenWorkflow` in apps of the real CDK."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowgen.pipeline import check_paths, template
from tests.tools import ROOT, tool
from tests.unit.docs.pages import blocks

pytestmark = pytest.mark.needs("cdk")

HEAD = """
import aws_cdk as cdk
from aws_cdk import aws_ec2, aws_iam, aws_lambda, aws_sqs
from flowgen.cdk import FlowgenWorkflow, WorkflowError

app = cdk.App(context={"aws:cdk:bundling-stacks": []})
stack = cdk.Stack(app, "One")
"""
"""An app that packages nothing, as for `cdk ls`."""

EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/workflows"))


def synthesized(folder: Path, program: str) -> dict[str, dict[str, Any]]:
    """The templates of an app by the names of their stacks."""
    done = run(folder, program)
    assert done.returncode == 0, done.stderr
    found = folder.glob("cdk.out/*.template.json")
    return {path.name.removesuffix(".template.json"): json.loads(path.read_text("utf-8")) for path in found}


def run(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Runs an app where the CDK is installed. flowgen and its dependencies come after that environment's packages."""
    paths = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    (folder / "app.py").write_text(f"import sys\nsys.path += {paths}\n{program}", "utf-8")
    environment = {"PYTHONPATH": "", "CDK_OUTDIR": str(folder / "cdk.out")}
    return subprocess.run(
        [tool("cdk"), "app.py"],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def of_type(stack: dict[str, Any], resource_type: str) -> dict[str, dict[str, Any]]:
    return {name: one.get("Properties", {}) for name, one in stack["Resources"].items() if one["Type"] == resource_type}


def test_every_example_in_one_stack(tmp_path: Path) -> None:
    """All resources of each template, with the same types and, but for their logical ids, the same definitions."""
    program = "".join(f"FlowgenWorkflow(stack, '{name}', r'{ROOT / 'examples' / name}')\n" for name in EXAMPLES)
    taken = synthesized(tmp_path, f"{HEAD}{program}app.synth()\n")["One"]
    wanted: list[str] = []
    definitions: list[str] = []
    for name in EXAMPLES:
        text, _ = template(check_paths((f"examples/{name}",), ROOT).loaded, "json")
        resources = json.loads(text or "")["Resources"]
        wanted += (one["Type"] for one in resources.values())
        machines = of_type({"Resources": resources}, "AWS::StepFunctions::StateMachine").values()
        definitions += (json.dumps(one["Definition"], sort_keys=True) for one in machines)
    assert sorted(one["Type"] for one in taken["Resources"].values()) == sorted(wanted)
    found = of_type(taken, "AWS::StepFunctions::StateMachine").values()
    assert sorted(json.dumps(one["Definition"], sort_keys=True) for one in found) == sorted(definitions)
    assert not re.search(r'"Ref": "Code(Bucket|Key)"', json.dumps(taken))


def test_what_an_app_can_set(tmp_path: Path) -> None:
    """A network, variables and an existing function; versions differ from those in a stack without these."""
    project = ROOT / "examples" / "place_order"
    stacks = synthesized(
        tmp_path,
        f"""{HEAD}
other = cdk.Stack(app, "Other")
FlowgenWorkflow(other, "Order", r"{project}")
arn = "arn:aws:lambda:eu-west-1:123456789012:function:pay"
order = FlowgenWorkflow(
    stack,
    "Order",
    r"{project}",
    vpc=aws_ec2.Vpc(stack, "Vpc"),
    vpc_subnets=aws_ec2.SubnetSelection(subnet_type=aws_ec2.SubnetType.PUBLIC),
    environment={{"QUEUE": aws_sqs.Queue(stack, "Queue").queue_url}},
    functions={{"charge_card": aws_lambda.Function.from_function_arn(stack, "Pay", arn)}},
)
user = aws_iam.User(stack, "User")
order.grant_start_execution(user)
order.functions["price_order"].grant_invoke(user)
assert order.functions["charge_card"].function_arn == arn
assert order.state_machine is order.state_machines["place_order"]
assert order.start_arn == order.start_arns["place_order"]
app.synth()
""",
    )
    functions = of_type(stacks["One"], "AWS::Lambda::Function")
    assert len(functions) == len(of_type(stacks["Other"], "AWS::Lambda::Function")) - 1
    for properties in functions.values():
        [queue] = of_type(stacks["One"], "AWS::SQS::Queue")
        assert properties["Environment"]["Variables"]["QUEUE"] == {"Ref": queue}
        assert all("Public" in subnet["Ref"] for subnet in properties["VpcConfig"]["SubnetIds"])
        role = stacks["One"]["Resources"][properties["Role"]["Fn::GetAtt"][0]]["Properties"]
        assert "AWSLambdaVPCAccessExecutionRole" in json.dumps(role["ManagedPolicyArns"])
    [machine] = of_type(stacks["One"], "AWS::StepFunctions::StateMachine").values()
    pay = "arn:aws:lambda:eu-west-1:123456789012:function:pay"
    assert machine["DefinitionSubstitutions"]["ChargeCardFunction"] == pay
    [policy] = of_type(stacks["One"], "AWS::IAM::Policy").values()
    actions = [statement["Action"] for statement in policy["PolicyDocument"]["Statement"]]
    assert actions == ["states:StartExecution", "lambda:InvokeFunction"]
    versions = {*of_type(stacks["One"], "AWS::Lambda::Version")} & {*of_type(stacks["Other"], "AWS::Lambda::Version")}
    assert versions == set()


def test_an_image_is_an_asset_unless_its_uri_is_given(tmp_path: Path) -> None:
    (tmp_path / "rates").mkdir()
    (tmp_path / "rates" / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "w.yaml").write_text(
        "flowgen: 1\nname: w\noutput: any\nfunctions: {rate: {image: {build: rates}}}\nsteps: [{id: a, call: rate}]\n"
    )
    uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/rates:1"
    program = f"""{HEAD}
FlowgenWorkflow(stack, "Built", "w.yaml")
FlowgenWorkflow(cdk.Stack(app, "Other"), "Given", "w.yaml", parameters={{"WRateFunctionImage": "{uri}"}})
app.synth()
"""
    stacks = synthesized(tmp_path, program)
    [built] = of_type(stacks["One"], "AWS::Lambda::Function").values()
    [given] = of_type(stacks["Other"], "AWS::Lambda::Function").values()
    assert "cdk-hnb659fds-container-assets" in json.dumps(built["Code"]["ImageUri"])
    assert given["Code"] == {"ImageUri": uri}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('"broken.yaml"', "WorkflowError: \nerror[FG104]: `cal` is not a kind of step\n --> broken.yaml:4:17\n"),
        ('"missing.yaml"', "error[FG005]: `missing.yaml` does not exist"),
        ('"fine.yaml", functions={"charge": None}', "ValueError: `fine.yaml` has no function `charge`; it has: go"),
        ('"fine.yaml", parameters={"Stge": "x"}', "ValueError: the template has no parameter `Stge`; it has: Stage"),
    ],
)
def test_a_mistake_is_one_readable_error(tmp_path: Path, arguments: str, message: str) -> None:
    (tmp_path / "broken.yaml").write_text("flowgen: 1\nname: broken\noutput: any\nsteps: [{id: a, cal: go}]\n")
    (tmp_path / "fine.yaml").write_text(
        "flowgen: 1\nname: fine\noutput: any\nfunctions: {go: {}}\nparameters: {Stage: {Type: String}}\n"
        "steps: [{id: a, call: go}]\n"
    )
    done = run(tmp_path, f'{HEAD}FlowgenWorkflow(stack, "W", {arguments})\n')
    assert done.returncode == 1
    assert message in done.stderr


def test_several_workflows_have_no_single_state_machine(tmp_path: Path) -> None:
    project = ROOT / "examples" / "onboard_customer"
    done = run(tmp_path, f'{HEAD}FlowgenWorkflow(stack, "W", r"{project}").state_machine\n')
    assert "ValueError: One/W has several workflows: use `state_machines` with one of their names" in done.stderr


@pytest.mark.needs("index")
def test_the_app_of_the_guide(tmp_path: Path) -> None:
    """It packages the function as an asset, whose zip contains the entry point."""
    shutil.copytree(
        ROOT / "examples" / "remind_user",
        tmp_path / "examples" / "remind_user",
        ignore=shutil.ignore_patterns("__pycache__", ".*_cache", "build", ".flowgen"),
    )
    [app] = [one.text for one in blocks(ROOT / "docs/how-to/use-the-cdk.md") if one["writes"] == "app.py"]
    stack = synthesized(tmp_path, app)["Shop"]
    [function] = of_type(stack, "AWS::Lambda::Function").values()
    key = function["Code"]["S3Key"]
    assert (tmp_path / "cdk.out" / f"asset.{key}").is_file()
    assert function["Environment"]["Variables"]["LETTERS"] == {"Ref": next(iter(of_type(stack, "AWS::SQS::Queue")))}
    assert stack["Parameters"].keys() == {"BootstrapVersion"}
    assert not (tmp_path / "examples" / "remind_user" / "build").exists()
