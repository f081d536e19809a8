"""Runs the official JSON Schema test suite (`--corpus`) on generated models.

Each schema takes the path of a user's schema: a type of a workflow, `check`, `generate`, and the entry point of a
function whose input is that type.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowgen.backends import writing
from flowgen.backends.python import runtime_modules
from flowgen.check import analyse, check
from flowgen.diagnostics import Diagnostic, Severity, Sink
from flowgen.model import Workflow, read_workflow
from flowgen.source import read
from tests.unit.backends.python.conftest import CONTEXT, generated, runtime_of


@dataclass
class Case:
    """A schema of the suite, its tests, and what flowgen made of it.

    `diagnostics` are those of `check` (not strict) and `generate`. `verdicts` has whether the model accepted each
    test's value; it is empty if the schema was rejected. `changed` are the accepted values that came out differently.
    """

    group: str
    description: str
    schema: Any
    tests: list[dict[str, Any]]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    verdicts: list[bool] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)

    @property
    def rejected(self) -> bool:
        return any(one.severity is Severity.ERROR for one in self.diagnostics)

    def misses(self) -> Iterator[tuple[dict[str, Any], bool]]:
        """The tests whose verdict differs from the suite's, and the model's verdict."""
        for test, verdict in zip(self.tests, self.verdicts, strict=not self.rejected):
            if verdict != test["valid"]:
                yield test, verdict


def read_cases(folder: Path) -> list[Case]:
    """The cases of all files in a folder, by the name of their file."""
    return [
        Case(file.stem, one["description"], one["schema"], one["tests"])
        for file in sorted(folder.glob("*.json"))
        for one in json.loads(file.read_text(encoding="utf-8"))
    ]


def _workflow(schemas: dict[str, Any], sink: Sink) -> Workflow | None:
    # A boolean is a schema, but not the declaration of a type.
    types = {name: one if isinstance(one, dict) else {"allOf": [one]} for name, one in schemas.items()}
    functions = {f"f{name[1:]}": {"input": name, "output": name} for name in types}
    steps = [{"id": "pause", "wait": "1s"}]
    document = {"flowgen": 1, "name": "w", "types": types, "functions": functions, "steps": steps}
    node = read("workflow.yaml", json.dumps(document, ensure_ascii=False), sink)
    return None if node is None else read_workflow(node, sink)


def run(cases: Sequence[Case], root: Path, package: str) -> None:
    """Judge every value of the cases. `root/src` is on `sys.path`; `package` is not used by anything else there."""
    accepted: dict[str, Case] = {}
    for number, case in enumerate(cases):
        sink = Sink()
        workflow = _workflow({"T": case.schema}, sink)
        if workflow is not None and not sink.failed:
            check(workflow, sink)
            sink.extend(analyse(workflow, {}).diagnostics)
            sink.extend(generated(workflow, package)[1])
        case.diagnostics = [*sink]
        if not case.rejected:
            accepted[f"T{number}"] = case
    sink = Sink()
    workflow = _workflow({name: case.schema for name, case in accepted.items()}, sink)
    if not accepted:
        return
    assert workflow is not None
    assert not sink.failed, [*sink]
    artifacts, problems = generated(workflow, package)
    assert not problems
    writing.write(writing.plan([*artifacts, *runtime_of(artifacts, package)], root), root)
    importlib.invalidate_caches()
    models = importlib.import_module(f"{package}.generated.models")
    shared = ".".join([*package.split(".")[:-1], "shared"])
    runtime = importlib.import_module(f"{shared}.generated.{runtime_modules.RUNTIME}")
    for name, case in accepted.items():
        type_ = getattr(models, name)
        handle = runtime.EntryPoint("f", lambda event, _: event, input_type=type_, output_type=type_).handle
        for test in case.tests:
            try:
                result = handle({"input": test["data"], "context": CONTEXT}, None)
            except runtime.ContractViolation:
                case.verdicts.append(False)
            else:
                case.verdicts.append(True)
                if json.dumps(result, sort_keys=True) != json.dumps(test["data"], sort_keys=True):
                    case.changed.append((test["data"], result))
