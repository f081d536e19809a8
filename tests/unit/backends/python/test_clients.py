"""The typed client of a workflow: what it sends, returns and raises; `clients = true` in the settings generates it."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from flowgen.cli.entry import flowgen

ARN = "arn:aws:states:eu-west-1:111122223333:stateMachine:Pay:live"
WORKFLOW = """\
flowgen: 1
name: NAME
TYPE
input: Payment
output: Start
types:
  Payment: {fields: {id: string, amount: integer}}
  Start: {fields: {at: string}}
steps:
  - id: done
    set: {at: now}
"""


class States:
    """Boto3's client, with the responses of one execution."""

    def __init__(self, *described: dict[str, Any]) -> None:
        self.described = list(described)
        self.started: list[dict[str, Any]] = []

    def start_execution(self, **asked: Any) -> dict[str, Any]:
        self.started.append(asked)
        return {"executionArn": "arn:execution"}

    def describe_execution(self, **asked: Any) -> dict[str, Any]:
        assert asked == {"executionArn": "arn:execution"}
        return {"executionArn": "arn:execution", **self.described.pop(0)}

    def start_sync_execution(self, **asked: Any) -> dict[str, Any]:
        self.started.append(asked)
        return self.describe_execution(executionArn="arn:execution")


def project(folder: Path, *, express: bool, clients: str = "clients = true") -> Path:
    name = "run_now" if express else "pay"
    (folder / "workflows").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(f'[tool.flowgen]\npackage = "clients_test"\n{clients}\n')
    text = WORKFLOW.replace("NAME", name).replace("TYPE", "type: express" if express else "type: standard")
    (folder / "workflows" / f"{name}.yaml").write_text(text)
    done = CliRunner().invoke(flowgen, ["-C", str(folder), "generate"])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def module(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    express: bool = getattr(request, "param", False)
    project(tmp_path, express=express)
    monkeypatch.syspath_prepend(tmp_path / "src")
    yield importlib.import_module(f"clients_test.{'run_now' if express else 'pay'}.generated.client")
    for name in [name for name in sys.modules if name.startswith("clients_test")]:
        del sys.modules[name]


def models(module: ModuleType) -> Any:
    return importlib.import_module(module.__name__.replace(".client", ".models"))


def shared() -> Any:
    return importlib.import_module("clients_test.shared.generated.executions")


def test_start_and_result(module: ModuleType) -> None:
    """A type called `Start` does not collide with the client's own names."""
    states = States({"status": "RUNNING"}, {"status": "RUNNING"}, {"status": "SUCCEEDED", "output": '{"at": "noon"}'})
    payment = models(module).Payment(id="p-1", amount=5)
    started = module.start_pay(payment, arn=ARN, name="p-1", client=states)

    assert states.started == [{"stateMachineArn": ARN, "name": "p-1", "input": '{"id":"p-1","amount":5}'}]
    assert (started.arn, started.name, started.status()) == ("arn:execution", "p-1", "RUNNING")
    assert started.result(poll=0) == models(module).Start(at="noon")


def test_a_name_is_made_up(module: ModuleType) -> None:
    """So boto3 can repeat a request without a second execution."""
    states = States()
    started = module.start_pay(models(module).Payment(id="p-1", amount=5), arn=ARN, client=states)
    assert (states.started[0]["name"], len(started.name)) == (started.name, 36)


def test_failures(module: ModuleType) -> None:
    states = States({"status": "FAILED", "error": "Declined", "cause": "no money"}, {"status": "ABORTED"})
    started = module.start_pay(models(module).Payment(id="p-1", amount=5), arn=ARN, client=states)
    with pytest.raises(shared().ExecutionFailed, match=r"^FAILED: Declined: no money$") as failed:
        started.result()
    assert (failed.value.error, failed.value.arn) == ("Declined", "arn:execution")
    with pytest.raises(shared().ExecutionFailed, match=r"^ABORTED$"):
        started.result()


def test_a_wait_that_is_too_long(module: ModuleType) -> None:
    states = States({"status": "RUNNING"})
    started = module.start_pay(models(module).Payment(id="p-1", amount=5), arn=ARN, name="p-1", client=states)
    with pytest.raises(TimeoutError, match="`p-1` still runs after 0 seconds"):
        started.result(timeout=0)


@pytest.mark.parametrize("value", [{"id": 1}, None])
def test_a_wrong_input_starts_nothing(module: ModuleType, value: Any) -> None:
    states = States()
    violation = importlib.import_module("clients_test.shared.generated.json_values").ContractViolation
    with pytest.raises(violation, match="the input of `pay`"):
        module.start_pay(value, arn=ARN, client=states)
    assert states.started == []


def test_a_wrong_output(module: ModuleType) -> None:
    states = States({"status": "SUCCEEDED", "output": '{"at": 5}'})
    started = module.start_pay(models(module).Payment(id="p-1", amount=5), arn=ARN, client=states)
    violation = importlib.import_module("clients_test.shared.generated.json_values").ContractViolation
    with pytest.raises(violation, match="the output"):
        started.result()


@pytest.mark.parametrize("module", [True], indirect=True)
def test_express_workflows_run_at_once(module: ModuleType) -> None:
    states = States({"status": "SUCCEEDED", "output": '{"at": "noon"}'}, {"status": "FAILED", "error": "Declined"})
    payment = models(module).Payment(id="p-1", amount=5)

    assert module.run_run_now(payment, arn=ARN, client=states) == models(module).Start(at="noon")
    assert json.loads(states.started[0]["input"]) == {"id": "p-1", "amount": 5}
    with pytest.raises(shared().ExecutionFailed, match="FAILED: Declined"):
        module.run_run_now(payment, arn=ARN, client=states)


def test_boto3_is_loaded_with_the_first_start(module: ModuleType) -> None:
    assert "import boto3" not in Path(str(module.__file__)).read_text()
    assert "\nimport boto3" not in Path(str(shared().__file__)).read_text()


def test_there_is_no_client_without_the_setting(tmp_path: Path) -> None:
    """And the one from before goes away."""
    folder = project(tmp_path, express=False)
    file = folder / "src/clients_test/pay/generated/client.py"
    assert file.exists()
    (folder / "pyproject.toml").write_text('[tool.flowgen]\npackage = "clients_test"\n')
    assert CliRunner().invoke(flowgen, ["-C", str(folder), "generate"]).exit_code == 0
    assert not file.exists()


def test_a_setting_that_is_not_a_boolean(tmp_path: Path) -> None:
    (tmp_path / "workflows").mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.flowgen]\nclients = "yes"\n')
    (tmp_path / "workflows" / "x.yaml").write_text("flowgen: 1\nname: x\nsteps: [{id: a, set: {b: 1}}]\n")
    done = CliRunner().invoke(flowgen, ["-C", str(tmp_path), "generate"])
    assert "error[FG120]: `clients` must be true or false" in done.stderr
