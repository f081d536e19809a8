"""What each command may import: a command costs only what it needs."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASE = "tests/cases/set/interpolation/workflow.yaml"
NO_EXPRESSION = "tests/cases/retry/mapping/workflow.yaml"
EXAMPLE = "examples/remind_user"

HEAVY = (
    *("pydantic", "ruamel", "jsonata", "jlens", "troposphere", "datamodel_code_generator", "cookiecutter"),
    *(
        "boto3",
        "botocore",
        "cfnlint",
        "black",
        "jinja2",
        "jsonschema",
        "yaml",
        "email_validator",
        "asyncio",
        "packaging",
    ),
)
"""Packages that cost tens of milliseconds and more."""

NOTHING: frozenset[str] = frozenset()
READING = frozenset({"ruamel", "jsonata", "jlens"})

COMMANDS = {
    ("--help",): NOTHING,
    ("--version",): NOTHING,
    ("check", "--help"): NOTHING,
    ("generate", "--help"): NOTHING,
    ("template", "--help"): NOTHING,
    ("package", "--help"): NOTHING,
    ("run", "--help"): NOTHING,
    ("serve", "--help"): NOTHING,
    ("new", "--help"): NOTHING,
    ("deploy", "--help"): NOTHING,
    ("start", "--help"): NOTHING,
    ("list", "--help"): NOTHING,
    ("show", "--help"): NOTHING,
    ("logs", "--help"): NOTHING,
    ("stop", "--help"): NOTHING,
    ("redrive", "--help"): NOTHING,
    ("answer", "--help"): NOTHING,
    ("destroy", "--help"): NOTHING,
    ("explain",): NOTHING,
    ("explain", "FG201"): NOTHING,
    ("schema",): NOTHING,
    ("check", CASE): READING,
    ("check", NO_EXPRESSION): READING - {"jsonata", "jlens"},
    ("asl", CASE): READING,
    ("run", CASE, "--input", '{"n": 1, "s": "s", "a }b": 1}'): READING,
    ("generate", "--check", EXAMPLE): READING,
    ("template", EXAMPLE): READING | {"troposphere", "yaml"},
}

SCRIPT = """
import contextlib, io, json, sys
from flowgen.cli import main
heavy = json.loads(sys.argv.pop(1))
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as errors:
    try:
        main()
    except SystemExit as stop:
        status = stop.code
loaded = [name for name in heavy if name in sys.modules]
print(json.dumps({"status": status, "errors": errors.getvalue(), "loaded": loaded}))
"""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_imports_what_it_needs(command: tuple[str, ...]) -> None:
    """Nothing heavy is loaded that the command has no use for; it ends well."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(HEAVY), *command],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    result = json.loads(done.stdout)
    assert (result["status"] or 0, set(result["loaded"]) - COMMANDS[command]) == (0, set()), result["errors"]


def test_names_of_packages_are_spelled_as_they_are_imported() -> None:
    """What reading cannot do without is seen to be loaded by it."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(HEAVY), "check", CASE],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert {"ruamel", "jsonata"} <= set(json.loads(done.stdout)["loaded"])


STEPS = "flowgen.model.steps"

EXCEPTIONS = {
    # `Type.__str__` calls `show`, because the messages of `flowgen.jsonata.inference` contain types in f-strings.
    ("flowgen.types.algebra", "flowgen.types.printing"),
    # Steps contain steps, and `Step` is the closed union of all kinds, so that mypy finds each place that must know a
    # new kind. Without these imports, which are for mypy or inside functions, all kinds would be one module.
    *((f"{STEPS}.{module}", f"{STEPS}.kinds") for module in ("base", "control", "traits")),
    *((f"{STEPS}.{module}", f"{STEPS}.compensation") for module in ("tasks", "traits")),
    (f"{STEPS}.base", f"{STEPS}.traits"),
}
"""Imports that would close a circle."""


def imports_of(module: str, files: dict[str, Path]) -> set[str]:
    """The modules among `files` that a module imports anywhere, under `TYPE_CHECKING` and in functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(files[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = [(str(node.module), f"{node.module}.{alias.name}") for alias in node.names]
            found |= {name if name in files else parent for parent, name in names}
    return found & files.keys() - {module}


def test_no_modules_import_each_other() -> None:
    """Otherwise no module of the circle can be understood, or loaded, without the others."""
    files = {}
    for path in (ROOT / "flowgen").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        files[name.removesuffix(".__init__")] = path
    graph = {module: imports_of(module, files) for module in files}
    assert {(module, other) for module, other in EXCEPTIONS if other not in graph[module]} == set()
    for module, other in EXCEPTIONS:
        graph[module].remove(other)
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))
