"""Generated code passes the strictest checks of type checkers and linters, and makes them find what does not fit."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools import NODE_MODULES
from tests.unit.backends.python.conftest import Project
from tests.unit.backends.python.test_agreement import DEFINITIONS, SCHEMAS
from tests.unit.backends.python.test_documentation import hard_types

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


def mypy(root: Path, source: str = "src") -> str:
    """What `mypy --strict` prints when it finds something. All runs share what it remembers of libraries."""
    return printed(root, sys.executable, "-m", "mypy", "--strict", "--cache-dir", root.parent / "mypy", source)


def pyright(root: Path, *sources: str, **settings: object) -> str:
    """What pyright prints when it finds something, strict, in a test that needs the tool `node`."""
    given = {"typeCheckingMode": "strict", "include": sources, **settings}
    (root / "pyrightconfig.json").write_text(json.dumps(given))
    return printed(root, "node", NODE_MODULES / "pyright" / "index.js", "--pythonpath", sys.executable)


def printed(root: Path, *command: str | Path) -> str:
    """What a tool prints when it finds something, else nothing."""
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=300)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_mypy_finds_nothing(root: Path) -> None:
    """`mypy --strict` finds nothing in all that is generated."""
    assert mypy(root) == ""


@pytest.mark.needs("node")
def test_pyright_finds_nothing(root: Path) -> None:
    assert pyright(root, "src") == ""


def test_ruff_finds_nothing(root: Path) -> None:
    """ruff with its default rules finds nothing, and the code is formatted."""
    ruff = (sys.executable, "-m", "ruff")
    assert printed(root, *ruff, "check", "--isolated", "src") == ""
    assert printed(root, *ruff, "format", "--isolated", "--line-length=120", "--check", "src") == ""


@pytest.mark.needs("node")
def test_pyright_finds_nothing_in_the_examples(tmp_path: Path) -> None:
    """In what is generated, and in the code that people read to learn from."""
    names = [folder.parent.name for folder in sorted(EXAMPLES.glob("*/src"))]
    assert "remind_user" in names
    for name in names:
        shutil.copytree(EXAMPLES / name / "src", tmp_path / name)
    assert pyright(tmp_path, *names, executionEnvironments=[{"root": name} for name in names]) == ""


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


WRONG = {
    "event": ("event: User", "event: int", "event.name", "str(event)"),
    "result": ("-> str", "-> int", "event.name", "len(event.name)"),
    "context": (", context: StepContext", ""),
}
"""How the code of `greet` contradicts its contract: pairs of a text and its replacement."""


@pytest.fixture(scope="module")
def handwritten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of packages with code that somebody wrote: one run of each type checker finds all mistakes."""
    root = tmp_path_factory.mktemp("handwritten")
    project = Project(root)
    for kind in ("def", "async def"):
        fitting = GREET.replace("def ", f"{kind} ")
        prefix = kind.split()[0]
        project.add(CHANGED.format(name="string"), f"{prefix}_fits")
        project.code("greet", fitting, f"{prefix}_fits")
        for name, texts in WRONG.items():
            code = fitting
            for old, new in zip(texts[::2], texts[1::2], strict=True):
                code = code.replace(old, new)
            project.add(CHANGED.format(name="string"), f"{prefix}_{name}")
            project.code("greet", code, f"{prefix}_{name}")
    project.add(CHANGED.format(name="integer"), "changed")
    project.code("greet", GREET, "changed")
    project.add(ANSWERED, "answered")
    project.code("answers", ANSWERS, "answered")
    return root


@pytest.fixture(scope="module", params=["mypy", pytest.param("pyright", marks=pytest.mark.needs("node"))])
def errors(request: pytest.FixtureRequest, handwritten: Path) -> dict[str, list[str]]:
    """For each package, the lines of handwritten code in which a type checker finds errors, and its messages."""
    text = mypy(handwritten) if request.param == "mypy" else pyright(handwritten, "src")
    found: dict[str, list[str]] = {}
    for package, place, message in re.findall(r"src/(\w+)/(\w+\.py:\d+)(?::\d+)?(?:: | - )error:? (.*)", text):
        found.setdefault(package, []).append(f"{place} {message}")
    assert found
    return found


def places(errors: dict[str, list[str]], package: str) -> list[str]:
    return list(dict.fromkeys(error.partition(" ")[0] for error in errors.get(package, [])))


def test_a_changed_type_is_reported_at_the_handler(errors: dict[str, list[str]]) -> None:
    """Code that used to fit is reported where it uses the changed field."""
    assert places(errors, "changed") == ["greet.py:8"]


@pytest.mark.parametrize("kind", ["def", "async"])
def test_a_wrong_signature_is_reported_at_the_decorator(errors: dict[str, list[str]], kind: str) -> None:
    """A handler whose parameters or result contradict its contract."""
    assert places(errors, f"{kind}_fits") == []
    for wrong in WRONG:
        # pyright also reports imports that are not used any more
        assert [place for place in places(errors, f"{kind}_{wrong}") if place > "greet.py:3"] == ["greet.py:6"]


def test_answers_are_typed(errors: dict[str, list[str]]) -> None:
    """An answer of a different type, an error of another function, and a cause next to an error that has one."""
    assert places(errors, "answered") == [f"answers.py:{line}" for line in (10, 11, 12, 20, 21)]
