"""Zips of generated code: the modules that workflows share, and the classes of the user's that are types."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from click.testing import CliRunner

from flowgen.cli import entry
from flowgen.diagnostics import Position, Span
from flowgen.packaging.contents import Deployed
from tests.unit.packaging.test_pack import SETTINGS, TARGET, places

FLOW = """flowgen: 1
name: {name}
import: ../types/orders.yaml
types:
  User: {{python: "people.models:User"}}
functions:
  {function}: {{input: {input}, output: Order}}
steps: [{{id: pause, wait: 1s}}]
"""
FILES = {
    "pyproject.toml": SETTINGS,
    "workflows/first.yaml": FLOW.format(name="first", function="greet", input="User"),
    "workflows/second.yaml": FLOW.format(name="second", function="tally", input="Order"),
    "types/orders.yaml": "flowgen: 1\ntypes:\n  Order: {fields: {id: string}}\n",
    "src/people/__init__.py": "",
    "src/people/models.py": "from pydantic import BaseModel\nfrom people.names import Name\n\n\n"
    "class User(BaseModel):\n    name: Name\n",
    "src/people/names.py": "Name = str\n",
    "src/people/unused.py": "",
}


def test_shared_types_and_classes_are_in_the_zips(tmp_path: Path) -> None:
    """Everything that an entry point imports to reach its types is there, and no other workflow's code."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    done = CliRunner().invoke(entry.flowgen, ["-C", str(tmp_path), "generate"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    written = {
        path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*.py") if path.is_file()
    }
    span = Span("workflows/first.yaml", Position(7, 3), Position(7, 8))
    functions = [
        Deployed(workflow, name, f"{workflow}.generated.entry_points.{name}", TARGET, span)
        for workflow, name in (("first", "greet"), ("second", "tally"))
    ]
    zips = {
        name: {place for place in found if PurePosixPath(place).parts[0] in {"first", "second", "shared", "people"}}
        for name, found in places(tmp_path, {**FILES, **written}, *functions).items()
    }
    shared = {
        *("shared/__init__.py", "shared/generated/__init__.py"),
        *("shared/generated/base.py", "shared/generated/orders.py"),
    }
    people = {"people/__init__.py", "people/models.py", "people/names.py"}
    assert zips["greet"] & (shared | people) == shared | people
    assert zips["tally"] & shared == shared
    assert "people/unused.py" not in zips["greet"] | zips["tally"]
    assert not any(place.startswith("second/") for place in zips["greet"])
