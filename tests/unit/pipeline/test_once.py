"""A command reads, parses, analyses and compiles each workflow at most once."""

from __future__ import annotations

import io
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from click.testing import CliRunner

from flowgen.check import check
from flowgen.check.dataflow import analyse
from flowgen.cli import deploy as deploying
from flowgen.cli.entry import flowgen
from flowgen.compile import compile_workflow
from flowgen.model import read_workflow
from flowgen.source import read
from tests.unit.deploying.aws import CloudFormation, cloud

SETTINGS = """
[project]
name = "shop"
version = "1"
[tool.flowgen]
{settings}
[tool.flowgen.env.dev.parameters]
Size = "3"
Limit = "4"
"""
HEAD = "flowgen: 1\nname: NAME\ninput: Order\noutput: any\n"
CALL = "steps: [{id: a, workflow: CHILD, with: '${ $input }'}]\n"
SET = "steps: [{id: c, set: '${ $input.id }'}]\n"
IMPORT = "import: [../types.yaml]\n"
WORKFLOWS = {
    "parent": f"{HEAD}{IMPORT}parameters: {{Size: {{Type: Number}}}}\n{CALL.replace('CHILD', 'child')}",
    "child": f"{HEAD}{IMPORT}parameters: {{Limit: {{Type: Number}}}}\n{CALL.replace('CHILD', 'grandchild')}",
    "grandchild": f"{HEAD}{IMPORT}{SET}",
}
TYPES = "flowgen: 1\ntypes: {Order: {fields: {id: string}}}\n"
ORDER = "types: {Order: {python: 'orders:Order'}}\n"
WITH_CLASS = {"parent": f"{HEAD}{ORDER}{CALL.replace('CHILD', 'child')}", "child": f"{HEAD}{ORDER}{SET}"}
CLASS = "import pydantic\n\nclass Order(pydantic.BaseModel):\n    id: str\n"

PHASES: dict[CodeType, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    read.__code__: ("parse", lambda arguments: arguments["file"]),
    read_workflow.__code__: ("model", lambda arguments: arguments["root"].span.file),
    check.__code__: ("check", lambda arguments: arguments["workflow"].name),
    analyse.__code__: ("analyse", lambda arguments: arguments["workflow"].name),
    compile_workflow.__code__: ("compile", lambda arguments: arguments["workflow"].name),
}
"""The code of each phase: the phase, and the workflow that a call with these arguments is for."""


@contextmanager
def counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[tuple[str, str]]]:
    """How often each YAML file below a folder is read, and each workflow goes through each phase."""
    counts: Counter[tuple[str, str]] = Counter()
    opened, opened_as_stream = os.open, io.open

    def count(file: Any) -> None:
        path = Path(file) if isinstance(file, str | Path) else folder
        if path.suffix == ".yaml" and path.is_relative_to(folder):
            counts["read", path.stem] += 1

    def opening(file: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if not flags & (os.O_WRONLY | os.O_RDWR):
            count(file)
        return opened(file, flags, *arguments, **options)

    def opening_as_stream(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if "r" in mode:
            count(file)
        return opened_as_stream(file, mode, *arguments, **options)

    def called(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in PHASES:
            phase, workflow = PHASES[frame.f_code]
            counts[phase, Path(workflow(frame.f_locals)).stem] += 1

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", opening)
        patch.setattr(io, "open", opening_as_stream)
        before = sys.getprofile()
        sys.setprofile(called)
        try:
            yield counts
        finally:
            sys.setprofile(before)


def project(folder: Path, workflows: Mapping[str, str], settings: str = "") -> Path:
    for name in ("workflows", "src"):
        (folder / name).mkdir()
    (folder / "src" / "orders.py").write_text(CLASS)
    (folder / "types.yaml").write_text(TYPES)
    (folder / "pyproject.toml").write_text(SETTINGS.format(settings=settings))
    for name, text in workflows.items():
        (folder / "workflows" / f"{name}.yaml").write_text(text.replace("NAME", name))
    return folder


def run(folder: Path, *command: str) -> None:
    done = CliRunner().invoke(flowgen, ["-C", str(folder), *command])
    assert done.exit_code == 0, done.output


COMPILING = {"read", "parse", "model", "check", "analyse", "compile"}
GENERATING = COMPILING - {"compile"}
COMMANDS = {
    "check": COMPILING,
    "check --show-types --coverage": COMPILING,
    "generate": GENERATING,
    "generate --check": GENERATING,
    "template": COMPILING,
    "package": COMPILING,
    "deploy --dry-run --env dev": COMPILING,
    "deploy --dry-run -p Size=1 -p Limit=2": COMPILING,
    "run parent --input {} --env dev": COMPILING,
}
"""Commands and the phases that each needs. `generate` does not store the state of a project with warnings (unused
parameters), for which it would compare the files on disk with what it has read."""


@pytest.mark.parametrize(
    ("command", "settings"),
    [*((command, "") for command in COMMANDS), *((f"{name}", 'stacks = "nested"') for name in ("check", "package"))],
)
def test_nothing_is_done_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, settings: str) -> None:
    """Of workflows that run each other and share types, whose parameters are given by an environment."""
    monkeypatch.setattr(deploying, "connected", lambda *_: cloud(CloudFormation()))
    folder = project(tmp_path, WORKFLOWS, settings)
    if command != "generate":
        run(folder, "generate")
    arguments = ['{"id": "x"}' if word == "{}" else word for word in command.split()]
    with counted(folder, monkeypatch) as counts:
        run(folder, *arguments)
    shared = {("read", "types"): 1, ("parse", "types"): 1}
    assert counts == {(phase, name): 1 for phase in COMMANDS[command] for name in WORKFLOWS} | shared


def test_only_models_are_read_again_after_classes_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the classes are is in the model of a workflow; before they are known, nothing is checked."""
    folder = project(tmp_path, WITH_CLASS)
    expected = {(phase, name): 1 for phase in GENERATING for name in WITH_CLASS}
    with counted(folder, monkeypatch) as counts:
        run(folder, "generate")
    assert counts == expected | {("model", name): 2 for name in WITH_CLASS}
    with counted(folder, monkeypatch) as counts:
        run(folder, "generate")
    assert counts == expected
