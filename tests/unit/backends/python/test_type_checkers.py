"""Generated code passes the strictest checks of type checkers and linters, and makes them find what does not fit."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.backends.python.conftest import Project
from tests.unit.backends.python.test_agreement import DEFINITIONS, SCHEMAS
from tests.unit.backends.python.test_notes import hard_types

GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = Path(__file__).parents[4] / "examples"
SENDERS = """from typing import Any

from place_order.generated.contracts import StepContext


class Mailer:
    @staticmethod
    async def notify(event: dict[str, list[str] | int | None], context: StepContext) -> Any:
        return [context.step, *event]
"""
RECURSIVE = """flowgen: 1
name: recursive
types:
  Nest: {type: array, items: {anyOf: [{$ref: "#/$defs/Nest"}, {type: string, format: uuid}, {$ref: "#/$defs/Node"}]}}
  Ring: Link[]
  Link: "map<Ring | string | End?>"
  End: {fields: {ring: Ring, nest: Nest, none: "Ring = []"}}
  Node: {fields: {above: "Nest?", below?: "map<Node>", next: Next, all: "Node[] = []", ends: "End[] = []"}}
  Next: Node?
  Deep: "(Deep[] | integer)[]"
functions:
  turn: {input: Ring, output: "Deep?", errors: {Torn: {fields: {at: Node}}, Worn: "Nest[]"}}
  walk: {input: "Nest[]", output: "map<Next>"}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a package for each collection of types that are hard."""
    root = tmp_path_factory.mktemp("checked")
    project = Project(root)
    for case in sorted(path.name for path in GOLDEN.iterdir()):
        project.add((GOLDEN / case / "workflow.yaml").read_text(encoding="utf-8"), case)
    project.add(RECURSIVE, "recursive")
    types = DEFINITIONS | {f"T{index}": schema for index, schema in enumerate(SCHEMAS.values())}
    # Each is named by another module: pyright goes another way to a type than where it checks the module itself first.
    errors = {f"E{index}": f"T{index}" for index in range(len(SCHEMAS))}
    functions = {"fail": {"errors": errors}, "same": {"input": "Json", "output": "Maps"}}
    text = f"flowgen: 1\nname: agreement\ntypes: {json.dumps(types)}\nfunctions: {json.dumps(functions)}"
    project.add(text, "agreement")
    project.add(hard_types(with_notes=True), "noted")
    (root / "src" / "shop_mail").mkdir()
    (root / "src" / "shop_mail" / "__init__.py").write_text("")
    (root / "src" / "shop_mail" / "senders.py").write_text(SENDERS)
    return root


def run(root: Path, *command: str) -> str:
    """What a tool has to say, when it finds nothing: not more than that."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False, timeout=300
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_mypy_is_content(root: Path) -> None:
    """`mypy --strict` finds nothing in all that is generated."""
    assert run(root, "mypy", "--strict", "src") == ""


def test_pyright_is_content(root: Path) -> None:
    """Neither does pyright, strict; where it is installed."""
    pytest.importorskip("pyright")
    settings = {"typeCheckingMode": "strict", "include": ["src"]}
    (root / "pyrightconfig.json").write_text(json.dumps(settings))
    assert run(root, "pyright", "--pythonpath", sys.executable) == ""


def test_ruff_is_content(root: Path) -> None:
    """Nor does ruff with its own rules; and the code is formatted."""
    assert run(root, "ruff", "check", "--isolated", "src") == ""
    assert run(root, "ruff", "format", "--isolated", "--line-length=120", "--check", "src") == ""


def test_pyright_is_content_with_the_examples(tmp_path: Path) -> None:
    """With what is generated, and with the code that people read to learn from."""
    pytest.importorskip("pyright")
    names = [folder.parent.name for folder in sorted(EXAMPLES.glob("*/src"))]
    assert "remind_user" in names
    for name in names:
        shutil.copytree(EXAMPLES / name / "src", tmp_path / name)
    settings = {"typeCheckingMode": "strict", "include": names, "executionEnvironments": [{"root": n} for n in names]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    assert run(tmp_path, "pyright", "--pythonpath", sys.executable) == ""


CHANGED = """flowgen: 1
name: place_order
types: {{User: {{fields: {{name: {name}}}}}}}
functions: {{greet: {{input: User, output: string}}}}
"""
GREET = """from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import User


@contracts.greet
def greet(event: User, context: StepContext) -> str:
    return event.name
"""


def test_a_changed_type_is_told_at_the_handler(tmp_path: Path) -> None:
    """Code that used to fit is found where it stands, by what it does and by what it says that it does."""
    project = Project(tmp_path)
    project.add(CHANGED.format(name="string"))
    project.code("greet", GREET)
    assert run(tmp_path, "mypy", "--strict", "src") == ""
    project.add(CHANGED.format(name="integer"))
    assert "src/shop/place_order/greet.py:8: error: Incompatible return value type (got" in run(
        tmp_path, "mypy", "--strict", "src"
    )


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_changed_signature_is_told_at_the_handler(tmp_path: Path, kind: str) -> None:
    """A handler that takes or gives something else than its contract says is told at its decorator."""
    project = Project(tmp_path)
    project.add(CHANGED.format(name="string"))
    fitting = GREET.replace("def ", f"{kind} ")
    project.code("greet", fitting)
    assert checked(tmp_path) == {"mypy": [], "pyright": []}
    for wrong in (
        fitting.replace("event: User", "event: int").replace("event.name", "str(event)"),
        fitting.replace("-> str", "-> int").replace("event.name", "len(event.name)"),
        fitting.replace(", context: StepContext", ""),
    ):
        project.code("greet", wrong)
        found = checked(tmp_path)
        assert found["mypy"] == ["greet.py:6"]
        assert "greet.py:6" in found["pyright"]  # it also tells of imports that are not used any more


def checked(root: Path) -> dict[str, list[str]]:
    """The lines of the user's code in which each type checker, strict, finds errors."""
    (root / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict", "include": ["src"]}))
    found = {
        "mypy": run(root, "mypy", "--strict", "src"),
        "pyright": run(root, "pyright", "--pythonpath", sys.executable),
    }
    places = re.compile(r"([\w/]+\.py:\d+)(?::\d+)?(?:: | - )error")
    return {
        name: [
            place.rpartition("/")[2] for place in dict.fromkeys(places.findall(text)) if "/entry_points/" not in place
        ]
        for name, text in found.items()
    }


ANSWERED = """flowgen: 1
name: place_order
types: {Decision: {fields: {approved: boolean}}, Refusal: {fields: {reason: string}}}
functions:
  ask: {input: any, output: any, errors: {Refused: Refusal, Gone: string}}
  other: {input: any, output: any, errors: [Late]}
  look: {activity: true, input: Decision, output: boolean, errors: [Lost]}
steps:
  - {id: approve, call: ask, callback: Decision}
  - {id: then, call: other}
  - {id: looked, call: look, with: {approved: true}}
"""
ANSWERS = """from .generated import activities, callbacks, contracts, models
from .generated.task_tokens import TaskTokenClient


def answer(token: str, client: TaskTokenClient) -> None:
    callbacks.approve.send_success(token, models.Decision(approved=True), client=client)
    callbacks.approve.send_failure(token, contracts.Refused(models.Refusal(reason="no")))
    callbacks.approve.send_failure(token, "Other", "for a reason")
    callbacks.approve.send_heartbeat(token)
    callbacks.approve.send_success(token, True)
    callbacks.approve.send_failure(token, contracts.Late())
    callbacks.approve.send_failure(token, contracts.Gone("x"), "cause")


def work(arn: str) -> None:
    task = activities.look.poll(arn)
    if task is not None:
        task.send_success(task.input.approved)
        task.send_failure(contracts.Lost())
        task.send_success(task.input)
        task.send_failure(contracts.Late())
"""


def test_answers_are_typed(tmp_path: Path) -> None:
    """An answer of another type, an error of another function, and a cause beside an error with one are told."""
    project = Project(tmp_path)
    project.add(ANSWERED)
    project.code("answers", ANSWERS)
    wrong = [f"answers.py:{line}" for line in (10, 11, 12, 20, 21)]
    assert checked(tmp_path) == {"mypy": wrong, "pyright": wrong}
