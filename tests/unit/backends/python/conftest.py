"""Generated packages in temporary projects, and calls of their handlers."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from flowgen.backends import python, writing
from flowgen.backends.artifacts import Artifact
from flowgen.backends.python import runtime_modules
from flowgen.diagnostics import Diagnostic, Sink
from flowgen.model import Workflow, read_workflow
from flowgen.source import read

PACKAGE = "shop.place_order"
SOURCE = PurePosixPath("src")
CONTEXT = {
    "execution_id": "arn:aws:states:eu-west-1:111111111111:execution:place_order:one",
    "execution_name": "one",
    "started_at": "2026-03-01T12:00:00.500Z",
    "workflow": "place_order",
    "step": "first",
    "attempt": 1,
}


def workflow_of(text: str) -> Workflow:
    """The workflow in `text`; one without steps gets a step."""
    if "steps" not in text:
        text += "\nsteps:\n  - id: pause\n    wait: 1s\n"
    sink = Sink()
    node = read("workflow.yaml", text, sink)
    workflow = None if node is None else read_workflow(node, sink)
    assert workflow is not None, list(sink)
    return workflow


def nothing(path: PurePosixPath) -> None:
    """A project without files."""
    del path


def generated(
    workflow: Workflow, package: str = PACKAGE, *, client: bool = False
) -> tuple[list[Artifact], list[Diagnostic]]:
    """What is generated in an empty project, with or without a client that starts the workflow."""
    return python.generate(
        workflow,
        package,
        source=SOURCE,
        source_file="workflows/place_order.yaml",
        read_existing=nothing,
        shared=shared_package(package),
        client=client,
    )


def shared_package(package: str) -> str:
    """The package that workflows share in the project of this workflow's package."""
    return ".".join([*package.split(".")[:-1], "shared"])


def runtime_of(artifacts: list[Artifact], package: str = PACKAGE) -> list[Artifact]:
    """The shared package that generated files import from."""
    return python.generate_runtime(artifacts, source=SOURCE, made_for="workflows", shared=shared_package(package))


@dataclass(frozen=True)
class Project:
    """A project on disk whose source folder can be imported from."""

    root: Path

    def add(self, text: str, package: str = PACKAGE) -> None:
        artifacts, problems = generated(workflow_of(text), package)
        assert problems == []
        planned = writing.plan([*artifacts, *runtime_of(artifacts, package)], self.root)
        assert planned.diagnostics == ()
        writing.write(planned, self.root)

    def code(self, function: str, text: str, package: str = PACKAGE) -> None:
        """Put code in the place of a function's stub."""
        self.root.joinpath("src", *package.split("."), f"{function}.py").write_text(text, encoding="utf-8")

    def module(self, name: str, package: str = PACKAGE) -> Any:
        importlib.invalidate_caches()
        owner = shared_package(package) if name in runtime_modules.MODULES else package
        return importlib.import_module(f"{owner}.generated.{name}")

    def call(self, function: str, event: Any, lambda_context: Any = None, **context: Any) -> Any:
        """What Lambda's entry point of a function gives for an input."""
        handler = self.module(f"entry_points.{function}").handler
        return handler({"input": event, "context": CONTEXT | context}, lambda_context)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """An empty project; what was imported from it is forgotten afterwards."""
    (tmp_path / "src").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "src")
    before = set(sys.modules)
    yield Project(tmp_path)
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]
    for name in ("shop", "shop.place_order"):
        sys.modules.pop(name, None)


@pytest.fixture
def echo(project: Project) -> Callable[[str], Project]:
    """A project with one function, `echo`, that returns what it gets: `Thing`, whose type is given as YAML."""

    def make(thing: str) -> Project:
        indented = "\n".join(f"    {line}" for line in thing.strip("\n").split("\n"))
        project.add(
            "flowgen: 1\nname: place_order\ntypes:\n  Line: {fields: {sku: string}}\n  Thing:\n"
            f"{indented}\nfunctions:\n  echo: {{input: Thing, output: Thing}}"
        )
        project.code("echo", "def echo(event, context):\n    return event\n")
        return project

    return make
