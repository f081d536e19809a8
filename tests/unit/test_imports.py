"""What each command may import: a command costs only what it needs."""

from __future__ import annotations

import json
import subprocess
import sys
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
READING = frozenset({"pydantic", "ruamel", "jsonata", "jlens"})

COMMANDS = {
    ("--help",): NOTHING,
    ("--version",): NOTHING,
    ("check", "--help"): NOTHING,
    ("generate", "--help"): NOTHING,
    ("template", "--help"): NOTHING,
    ("package", "--help"): NOTHING,
    ("run", "--help"): NOTHING,
    ("new", "--help"): NOTHING,
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
    assert {"pydantic", "ruamel", "jsonata"} <= set(json.loads(done.stdout)["loaded"])
