"""The short way of `flowgen generate`: taken where nothing differs, and nowhere else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from click.testing import CliRunner, Result

from flowgen import up_to_date
from flowgen.cli import entry
from flowgen.up_to_date import is_up_to_date, take

FLOW = """flowgen: 1
name: shop
import: [../types/shared.yaml]
input: Order
output: Order
functions:
  work: {input: Order, output: Order}
steps:
  - {id: work, call: work}
"""
SHARED = "flowgen: 1\ntypes:\n  Order: {fields: {id: string}}\n"
KEPT = ".flowgen/generate.json"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project after `flowgen generate`."""
    for name in ("workflows", "types"):
        (tmp_path / name).mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    (tmp_path / "workflows" / "shop.yaml").write_text(FLOW)
    (tmp_path / "types" / "shared.yaml").write_text(SHARED)
    assert generate(tmp_path).exit_code == 0
    return tmp_path.resolve()


def generate(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(entry.flowgen, ["-C", str(folder), "generate", *options], catch_exceptions=False)


def append(name: str, text: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((path.read_bytes() if path.exists() else b"") + text.encode())

    return change


def linked(name: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        (root / name).rename(root / "elsewhere")
        (root / name).symlink_to(root / "elsewhere")

    return change


def a_folder(name: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        (root / name).unlink()
        (root / name).mkdir()

    return change


CHANGES: dict[str, Callable[[Path], object]] = {
    "the settings": append("pyproject.toml", "strict = true\n"),
    "no settings": lambda root: (root / "pyproject.toml").unlink(),
    "a workflow": append("workflows/shop.yaml", "# more\n"),
    "an imported file": append("types/shared.yaml", "# more\n"),
    "an imported file that is gone": lambda root: (root / "types/shared.yaml").unlink(),
    "one more workflow": append("workflows/other.yml", "flowgen: 1\nname: other\nsteps: []\n"),
    "a generated file": append("src/shop/generated/contracts.py", "# mine\n"),
    "a generated file that is gone": lambda root: (root / "src/shop/generated/models.py").unlink(),
    "a shared file": append("src/shared/generated/shared.py", "# mine\n"),
    "code of the user's": append("src/shop/work.py", "# mine\n"),
    "code of the user's that is gone": lambda root: (root / "src/shop/work.py").unlink(),
    "a compiled module": append("src/shop/fast.cpython-311.so", ""),
    "a file that is left over": append("src/shop/generated/old.json", "{}"),
    "a schema that is left over": append("schemas/generated/old.json", "{}"),
    "a linked file": linked("src/shop/generated/models.py"),
    "a linked folder": linked("src/shop/generated"),
    "a linked source folder": linked("src"),
    "a linked workflow": linked("workflows/shop.yaml"),
    "a place that is a folder": a_folder("src/shop/work.py"),
    "a damaged state": append(KEPT, "}"),
    "a state of another shape": lambda root: (root / KEPT).write_text("[]"),
    "a state without a digest": lambda root: (root / KEPT).write_text('{"workflows": "workflows"}'),
    "a state that is nested deeply": lambda root: (root / KEPT).write_text("[" * 100_000),
    "a state that leads out": lambda root: (root / KEPT).write_text(
        json.dumps({**json.loads((root / KEPT).read_text()), "inputs": ["../../etc/hosts"]})
    ),
    "no state": lambda root: (root / KEPT).unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_any_change_leads_to_the_full_way(project: Path, change: Callable[[Path], object]) -> None:
    """And then `--check` says what it says of a project without a state."""
    assert is_up_to_date(project)
    change(project)
    assert not is_up_to_date(project)
    told = generate(project, "--check")
    shutil.rmtree(project / ".flowgen")
    again = generate(project, "--check")
    assert (told.exit_code, told.output) == (again.exit_code, again.output)


def test_the_short_way_says_what_the_full_way_says(project: Path) -> None:
    short = [generate(project).output, generate(project, "--check").output]
    (project / KEPT).unlink()
    assert short == [generate(project).output, generate(project, "--check").output]
    assert short == ["nothing to do: everything is up to date\n", "generated code is up to date\n"]


def test_a_check_keeps_the_state_too(project: Path) -> None:
    (project / KEPT).unlink()
    generate(project, "--check")
    assert is_up_to_date(project)
    assert (project / ".flowgen/.gitignore").read_text() == "*\n"


def test_an_edit_is_undone_and_the_state_kept_again(project: Path) -> None:
    path = project / "src/shop/generated/models.py"
    before = path.read_bytes()
    append("src/shop/generated/models.py", "# mine\n")(project)
    assert generate(project).exit_code == 1
    assert generate(project, "--overwrite").exit_code == 0
    assert path.read_bytes() == before
    assert is_up_to_date(project)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("workflows/warned.yaml", "flowgen: 1\nname: warned\ntypes: {Unused: string}\nsteps: []\n"),
        ("workflows/node_modules.yaml", "flowgen: 1\nname: node_modules\nsteps: []\n"),
    ],
    ids=["a warning", "a package that looks like a tool's"],
)
def test_no_state_is_kept(project: Path, name: str, text: str) -> None:
    """What was to be reported is reported each time; what isn't looked at is not vouched for."""
    (project / name).write_text(text)
    first = generate(project)
    assert first.exit_code == 0
    assert not is_up_to_date(project)
    assert ("FG209" in generate(project).output) == ("warned" in name)


def test_no_state_of_classes(project: Path) -> None:
    """Nobody knows on what their import depends."""
    (project / "src/things.py").write_text("import dataclasses\n@dataclasses.dataclass\nclass Thing:\n    id: str\n")
    flow = FLOW.replace("input: Order\n", "types: {Thing: {python: things:Thing}}\ninput: Thing\n", 1)
    (project / "workflows/shop.yaml").write_text(flow.replace("input: Order,", "input: Thing,"))
    assert generate(project).exit_code == 0
    assert not is_up_to_date(project)


def test_a_path_takes_the_full_way(project: Path) -> None:
    """A state is one of a whole project, in its own folder."""
    assert generate(project, "workflows/shop.yaml").output == "nothing to do: everything is up to date\n"
    assert not is_up_to_date(project / "workflows")


def test_another_program_takes_the_full_way(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another Python, another flowgen, something installed."""
    assert is_up_to_date(project)
    monkeypatch.setattr("sys.version", "4.0")
    assert not is_up_to_date(project)
    monkeypatch.undo()
    packages = project / "site-packages"
    packages.mkdir()
    monkeypatch.syspath_prepend(packages)
    assert not is_up_to_date(project)
    monkeypatch.undo()
    monkeypatch.setattr(up_to_date, "_FLOWGEN", packages)
    assert not is_up_to_date(project)


def test_nothing_is_taken_of_files_that_changed_meanwhile(project: Path) -> None:
    """What was read is not what is there, or a workflow was not read."""
    read = {"workflows/shop.yaml": FLOW, "types/shared.yaml": SHARED}
    places = (PurePosixPath("workflows"), PurePosixPath("src"))
    assert take(project, *places, read) is not None
    assert take(project, *places, read | {"types/shared.yaml": "other"}) is None
    assert take(project, *places, {"types/shared.yaml": SHARED}) is None
    assert take(project, *places, read | {"types/none.yaml": ""}) is None


def test_a_state_that_cannot_be_kept_stops_nothing(project: Path) -> None:
    """The cache's folder is a file, or leads elsewhere: nothing is written there."""
    shutil.rmtree(project / ".flowgen")
    (project / ".flowgen").write_text("mine")
    assert generate(project).exit_code == 0
    (project / ".flowgen").unlink()
    (project / "elsewhere").mkdir()
    (project / ".flowgen").symlink_to(project / "elsewhere")
    assert generate(project).exit_code == 0
    assert list((project / "elsewhere").iterdir()) == []


def test_a_file_that_changes_while_it_is_looked_at(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the comparison and the state: the state is not kept."""

    def late(*arguments: object) -> up_to_date.State | None:
        append("src/shop/generated/models.py", "# mine\n")(project)
        return take(*arguments)  # type: ignore[arg-type] # what was given is handed on

    (project / KEPT).unlink()
    monkeypatch.setattr(up_to_date, "take", late)
    assert generate(project, "--check").exit_code == 0
    assert not (project / KEPT).exists()
