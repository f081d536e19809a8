"""Hostile texts in what lies next to a workflow, and in every generated module: nothing of them becomes code."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowgen.backends import python
from flowgen.backends.artifacts import Artifact
from flowgen.backends.python import runtime_modules
from flowgen.check import check
from flowgen.diagnostics import Sink
from flowgen.model import read_workflow
from flowgen.source import read
from tests.unit.backends.python.conftest import SOURCE, nothing, runtime_of
from tests.unit.backends.python.test_hostile_texts import NASTY, in_yaml

SUPPORT = {f"{name}.py" for name in runtime_modules.MODULES}
MODULES = re.compile(
    r"__future__|collections\.abc|datetime|enum|typing|typing_extensions|uuid|pydantic|shop\.things"
    r"|(?:\.|hostile\.|shared\.)[A-Za-z0-9_.]*|\.+"
)
HARMFUL = {"os", "system", "__import__", "eval", "exec", "open", "getattr", "__builtins__", "subprocess"}
EVIL = (
    "X = __import__('os').system('true')",
    "X\nimport os",
    'X"""\nimport os\n"""',
    "X'); import os; ('",
    "X # os",
    "X:\n    import os",
    "None",
    "class",
    "os .system",
    "../os",
    "X\x00os",
    "X\u2028import os",
    "X\\",
)


def project(source: dict[str, Any], files: Mapping[str, str], kept: str | None = None) -> list[Artifact] | None:
    """All that is generated; None where the workflow is rejected, or can't be generated."""
    sink = Sink()
    node = read("workflows/w.yaml", in_yaml(source), sink)
    workflow = None if node is None else read_workflow(node, sink, files.get, lambda _target, _where: kept)
    if workflow is not None:
        check(workflow, sink)
    if workflow is None or sink.failed:
        return None
    made, problems = python.generate(
        workflow, "hostile", source=SOURCE, source_file="workflows/w.yaml", read_existing=nothing
    )
    unit = python.Unit(workflow, "workflows/w.yaml")
    shared, more = python.generate_shared([unit], source=SOURCE, read_existing=nothing)
    return None if problems or more else [*made, *shared, *runtime_of([*made, *shared])]


def strange(artifact: Artifact) -> Iterator[str]:
    """What a module contains that does not come from a template of flowgen."""
    if not all(part.isidentifier() for part in PurePosixPath(artifact.path).with_suffix("").parts):
        yield f"the path {artifact.path}"
    for node in ast.walk(ast.parse(artifact.text)):
        match node:
            case ast.Import() | ast.Global() | ast.Delete() | ast.NamedExpr() | ast.Lambda() | ast.JoinedStr():
                yield ast.dump(node)
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) if name in HARMFUL:
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name) if name in HARMFUL:
                yield name
            case ast.ImportFrom(module=module, level=level) if not MODULES.fullmatch("." * level + (module or "")):
                yield f"an import of {module}"
            case ast.Call(func=function) if not isinstance(function, ast.Name | ast.Attribute | ast.Subscript):
                yield ast.dump(node)
            case _:
                pass


def assert_clean(artifacts: list[Artifact]) -> None:
    for artifact in artifacts:
        if artifact.path.name not in SUPPORT:
            assert list(strange(artifact)) == [], (artifact.path, artifact.text)
            compile(artifact.text, str(artifact.path), "exec")


@st.composite
def projects(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, str], str]:
    """A workflow that imports types and refers to a schema, answers task tokens, and has a class for a type."""

    def text() -> str:
        return draw(NASTY)

    def record(*names: str) -> dict[str, Any]:
        kinds = {"description": text(), "default": text(), "title": text(), "examples": [text()]}
        return {
            "fields": {name: {"type": "string", **kinds} for name in names if name and not name.endswith("?")}
            | {"kind": {"enum": sorted({text(), "a"})}, "like": {"type": "string", "pattern": re.escape(text())}},
            "description": text(),
        }

    name = draw(NASTY.filter(lambda one: bool(one) and "/" not in one and one != "."))
    imported = {"flowgen": 1, "types": {"Shared": record(text()), "Other": {"description": text(), "type": "string"}}}
    inner = {
        "type": "object",
        "title": text(),
        "description": text(),
        "properties": {text(): {"const": text()}, "of": {"enum": [text()], "description": text()}},
    }
    kept = {"type": "object", "title": text(), "description": text(), "properties": {text(): {"default": text()}}}
    source = {
        "flowgen": 1,
        "name": "hostile",
        "import": [f"{name}.yaml"],
        "description": text(),
        "types": {
            "Doc": {"$ref": "doc.json", "description": text()},
            "User": {"python": "shop.things:User", "description": text()},
        },
        "functions": {
            "work": {"input": "Shared", "output": "Doc", "description": text(), "errors": {"Broken": record(text())}},
            "act": {"input": "User", "output": "Other", "description": text(), "activity": True},
        },
        "steps": [
            {"id": "ask", "description": text(), "call": "work", "with": {}, "callback": record(text())},
            {"id": "done", "wait": "1s"},
        ],
    }
    document = {**inner, "$defs": {text(): inner}, "$comment": text()}
    return source, {f"{name}.yaml": in_yaml(imported), "doc.json": json.dumps(document)}, json.dumps(kept)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(projects())
def test_all_modules_hold_texts_as_constants_only(drawn: tuple[dict[str, Any], dict[str, str], str]) -> None:
    artifacts = project(*drawn)
    assert artifacts is not None
    names = {artifact.path.name for artifact in artifacts}
    assert {"callbacks.py", "activities.py", "contracts.py", "models.py", "work.py"} <= names
    assert any("shared" in artifact.path.parts and artifact.path.name not in SUPPORT for artifact in artifacts)
    assert_clean(artifacts)


PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "a type's name": lambda evil: {"types": {evil: "string"}},
    "an imported type's name": lambda evil: {"types": {"Here": {"$ref": f"doc.json#/$defs/{evil}"}}},
    "a class's module": lambda evil: {"types": {"Here": {"python": f"{evil}:User"}}},
    "a class": lambda evil: {"types": {"Here": {"python": f"shop.things:{evil}"}}},
    "a function's name": lambda evil: {"functions": {evil: {"input": "string", "output": "string"}}},
    "a function's module": lambda evil: {"functions": {"work": {"output": "string", "python": f"{evil}:work"}}},
    "a callable": lambda evil: {"functions": {"work": {"output": "string", "python": f"shop.things:{evil}"}}},
    "an error's name": lambda evil: {"functions": {"work": {"output": "string", "errors": {evil: "string"}}}},
    "a step's name": lambda evil: {"steps": [{"id": evil, "call": "work", "callback": "string"}]},
    "the workflow's name": lambda evil: {"name": evil},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("evil", EVIL)
def test_names_are_rejected_or_harmless(place: str, evil: str) -> None:
    """Where a string is to be a name, it is one or there is no code."""
    plain = {
        "flowgen": 1,
        "name": "hostile",
        "functions": {"work": {"output": "string"}},
        "steps": [{"id": "pause", "wait": "1s"}],
    }
    document = {"$defs": {evil: {"type": "object", "properties": {"a": {"const": evil}}}}}
    made = project({**plain, **PLACES[place](evil)}, {"doc.json": json.dumps(document)}, '{"type": "object"}')
    if made is not None:
        assert_clean(made)
