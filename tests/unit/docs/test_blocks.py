"""What the documentation shows is true: every fenced block of README.md and docs/ is run."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from flowgen.compile import compile_workflow
from flowgen.diagnostics import Diagnostic, Sink
from flowgen.model import Workflow, read_workflow
from flowgen.model.schema import workflow_schema
from flowgen.pipeline import check_text
from flowgen.project import find_project
from flowgen.source import Mapping, Node, Scalar, Sequence, Tagged, plain, read
from tests.unit.docs.pages import PAGES, ROOT, Block, all_blocks, blocks
from tests.unit.docs.session import Session

KNOWN = {
    "yaml": {"scaffold", "fragment", "finds", "shows", "writes", "import", "no-run"},
    "json": {"asl", "schema", "shows", "writes"},
    "console": {"exit", "no-run"},
    "bash": {"no-run"},
    "python": {"shows", "writes", "no-run"},
    "diff": {"patches"},
    "toml": {"shows", "writes"},
    "hcl": set(),
    "javascript": {"writes"},
    "text": set(),
}


def _is_workflow(block: Block) -> bool:
    return block.language == "yaml" and not block.has("no-run") and not _is_excerpt(block)


def _is_excerpt(block: Block) -> bool:
    """Whether a block shows lines of a file, which is itself checked, rather than a whole workflow."""
    return block.has("shows") and not block.text.startswith(("flowgen:", "#"))


def _in_session(block: Block) -> bool:
    return block.language != "javascript" and any(block.has(option) for option in ("shows", "writes", "patches"))


def _named(found: list[Block]) -> list[Any]:
    return [pytest.param(block, id=block.place) for block in found]


EVERY = list(all_blocks())
WORKFLOWS = [block for block in EVERY if _is_workflow(block) and not block.has("writes")]
ASL = [block for block in EVERY if block.language == "json" and block.has("asl")]
SCHEMAS = [block for block in EVERY if block.language == "json" and block.has("schema")]
PROGRAMS = [block for block in EVERY if block.language == "python" and not (_in_session(block) or block.has("no-run"))]
SESSIONS = [
    page
    for page in PAGES
    if any(_in_session(block) or (block.language == "console" and not block.has("no-run")) for block in blocks(page))
]


def test_every_kind_of_block_is_there() -> None:
    """The pages are found and have what these tests are about."""
    assert WORKFLOWS
    assert ASL
    assert SCHEMAS
    assert any(block.language == "console" and not block.has("no-run") for block in EVERY)


@pytest.mark.parametrize("block", _named(EVERY))
def test_block_says_what_it_is(block: Block) -> None:
    """A block that no test would run is a mistake in its fence; what can't be run says why."""
    assert block.language in KNOWN
    assert {name for name, _ in block.options} <= KNOWN[block.language]
    assert block["no-run"] != "", "say why it can't be run"
    if block.language == "json":
        assert block.options


def _text(block: Block) -> str:
    """The whole workflow that a block stands for."""
    if not block.has("fragment"):
        return block.text
    index = block.page.with_name("index.md")
    around_it = [*blocks(block.page), *(blocks(index) if index.is_file() else ())]
    scaffold = next((other for other in around_it if other.has("scaffold")), None)
    around = {"flowgen": "1", "name": "fragment", "steps": "[]"}
    shared: dict[str, dict[str, str]] = {}
    given = _node(block)
    fragment = {"steps": _flow(given)} if isinstance(given, Sequence) else _entries(given)
    if scaffold is not None:
        around |= _entries(_node(scaffold))
        if isinstance(given, Mapping):
            outer = _node(scaffold)
            assert isinstance(outer, Mapping)
            shared = {key: _entries(outer.get(key)) | _entries(given.get(key)) for key in ("types", "functions")}
    if "steps" in fragment:
        # Its last value is seldom what the scaffold gives.
        around["output"] = "any"
    merged = {
        key: f"{{{', '.join(f'{name}: {value}' for name, value in entries.items())}}}"
        for key, entries in shared.items()
    }
    return "".join(f"{key}: {value}\n" for key, value in {**around, **fragment, **merged}.items())


def _node(block: Block) -> Mapping | Sequence:
    sink = Sink()
    node = read(block.place, block.text, sink)
    assert isinstance(node, Mapping | Sequence), list(sink)
    return node


def _entries(node: Node | None) -> dict[str, str]:
    """The keys of a mapping, and what is behind each as YAML on one line."""
    return {entry.key.text: _flow(entry.value) for entry in node.entries} if isinstance(node, Mapping) else {}


def _flow(node: Node) -> str:
    """A node as YAML on one line."""
    match node:
        case Scalar(value=value):
            return json.dumps(value)
        case Sequence(items=items):
            return f"[{', '.join(map(_flow, items))}]"
        case Mapping(entries=entries):
            return f"{{{', '.join(f'{_flow(entry.key)}: {_flow(entry.value)}' for entry in entries)}}}"
        case Tagged(tag=tag, value=value):
            return f"!{tag} {_flow(value)}"
        case _:
            raise TypeError(node)


def _findings(block: Block) -> list[Diagnostic]:
    """What is found in a block. A fragment need not use all that the scaffold declares."""
    return [
        diagnostic
        for diagnostic in check_text(_text(block))
        if not (block.has("fragment") and diagnostic.code == "FG209")
    ]


@pytest.mark.parametrize("block", _named(WORKFLOWS))
def test_workflow_checks(block: Block) -> None:
    """A workflow, or a fragment in its scaffold, has the findings that its fence names: none, most of the time."""
    wanted = (block["finds"] or "").split(",") if block.has("finds") else []
    assert [diagnostic.code for diagnostic in _findings(block)] == wanted


@pytest.mark.parametrize("block", _named([block for block in WORKFLOWS if not block.has("finds")]))
def test_workflow_fits_the_schema(block: Block) -> None:
    """An editor marks nothing in a workflow of the documentation."""
    node = read(block.place, _text(block), Sink())
    assert node is not None
    from jsonschema import Draft7Validator

    schema = Draft7Validator(workflow_schema())
    assert [error.message for error in schema.iter_errors(plain(node))] == []


def workflow_of(block: Block) -> Workflow:
    """The model of the workflow that a block stands for."""
    sink = Sink()
    root = read("block", _text(block), sink)
    assert root is not None
    workflow = read_workflow(root, sink)
    assert workflow is not None
    return workflow


def _workflow_before(block: Block) -> Workflow:
    before = [other for other in blocks(block.page) if other.line < block.line and _is_workflow(other)]
    return workflow_of(before[-1])


def _differences(shown: Any, made: Any, path: str = "") -> list[str]:
    """Where a shown JSON value is not what was made; the text `…` stands for anything."""
    if shown == "…":
        return []
    if isinstance(shown, dict) and isinstance(made, dict):
        if shown.keys() != made.keys():
            return [f"{path}: {list(shown)} is shown, {list(made)} is made"]
        return [problem for key in shown for problem in _differences(shown[key], made[key], f"{path}/{key}")]
    if isinstance(shown, list) and isinstance(made, list) and shown[-1:] != ["…"] and len(shown) == len(made):
        return [
            problem
            for number, (left, right) in enumerate(zip(shown, made, strict=True))
            for problem in _differences(left, right, f"{path}/{number}")
        ]
    if isinstance(shown, list) and isinstance(made, list) and shown[-1:] == ["…"]:
        return _differences(shown[:-1], made[: len(shown) - 1], path)
    return [] if shown == made and type(shown) is type(made) else [f"{path}: {shown!r} is shown, {made!r} is made"]


@pytest.mark.parametrize("block", _named(ASL))
def test_states_are_what_the_compiler_makes(block: Block) -> None:
    """The states shown below a workflow are those that it becomes, every field of them."""
    from flowgen.asl.writing import to_json

    machine = to_json(compile_workflow(_workflow_before(block)))
    shown = json.loads(block.text)
    if "States" not in shown:
        assert set(shown) <= set(machine["States"])
        machine = {name: state for name, state in machine["States"].items() if name in shown}
    assert _differences(shown, machine) == []


@pytest.mark.parametrize("block", _named(SCHEMAS))
def test_schemas_are_what_the_types_become(block: Block) -> None:
    """The JSON Schemas shown below a workflow's types are those that they become."""
    types = _workflow_before(block).types
    shown = json.loads(block.text)
    assert set(shown) <= set(types)
    assert _differences(shown, {name: types[name].schema for name in shown}) == []


@pytest.mark.parametrize("block", _named(PROGRAMS))
def test_program_ends_well(block: Block, tmp_path: Path) -> None:
    """A program of the documentation does what it asserts."""
    done = subprocess.run([sys.executable, "-"], input=block.text, cwd=tmp_path, text=True, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("block", _named([block for block in EVERY if block.language == "toml"]))
def test_settings_are_settings(block: Block, tmp_path: Path) -> None:
    """Settings of a project are taken without a finding."""
    assert tomllib.loads(block.text)
    (tmp_path / "pyproject.toml").write_text(block.text, "utf-8")
    sink = Sink()
    find_project(tmp_path, sink)
    assert list(sink) == []


@pytest.mark.parametrize("page", [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in SESSIONS])
def test_session_of_page(page: Path, tmp_path: Path, update: bool) -> None:  # noqa: FBT001 - a fixture
    """The commands of a page, followed from its top to its end, print what it shows.

    `pytest --update` writes lines that have changed into the page; read the difference before you commit it.
    """
    session = Session(tmp_path, update=update)
    followed = [block for block in blocks(page) if session.follow(block)]
    assert followed
