"""`flowgen generate` and `flowgen package`, killed at every single change on disk: the next run succeeds."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowgen.backends.artifacts import header_of
from flowgen.cli.entry import flowgen
from flowgen.packaging.distributions import file_at
from flowgen.packaging.output import Package, Resource, write
from flowgen.packaging.zips import Zip
from tests.fuzz.killing import KilledError, killed_at, tree

BEFORE = """flowgen: 1
name: shop
input: {fields: {id: string}}
functions:
  price: {input: string, output: {fields: {amount: number}}}
  send: {errors: [Refused]}
steps:
  - {id: priced, call: price, with: "${ $input.id }"}
  - {id: sent, call: send}
"""
AFTER = """flowgen: 1
name: shop
input: {fields: {id: string, count: integer}}
functions:
  price: {input: string, output: {fields: {amount: number, currency: string}}}
  store: {input: integer}
steps:
  - {id: priced, call: price, with: "${ $input.id }"}
  - {id: stored, call: store, with: "${ $input.count }"}
"""
MINE = "# mine\n\n\ndef handle(data: str) -> None: ...\n"


def generate(root: Path, *options: str) -> int:
    result = CliRunner().invoke(flowgen, ["-C", str(root), "generate", *options], catch_exceptions=False)
    return result.exit_code


def project(root: Path, text: str) -> Path:
    (root / "workflows").mkdir(parents=True)
    (root / "workflows" / "shop.yaml").write_text(text, encoding="utf-8")
    (root / "pyproject.toml").write_text("[tool.flowgen]\n", encoding="utf-8")
    return root


def nothing_yet(root: Path) -> None:
    """A project that was never generated."""
    project(root, AFTER)


def generated_before(root: Path) -> None:
    """A project whose workflow changed since: files to create, to replace and to remove, and code of the user."""
    project(root, BEFORE)
    assert generate(root) == 0
    (root / "src" / "shop" / "price.py").write_text(MINE, encoding="utf-8")
    (root / "src" / "shop" / "send.py").unlink()
    (root / "src" / "shop" / "own.py").write_text(MINE, encoding="utf-8")
    (root / "workflows" / "shop.yaml").write_text(AFTER, encoding="utf-8")


@pytest.mark.parametrize("made", [nothing_yet, generated_before])
def test_generate_killed_at_every_change(made: Callable[[Path], None], tmp_path: Path) -> None:
    """What was there is whole, the user's files are unchanged, and the next run ends where an undisturbed one ends."""
    start = tmp_path / "start"
    made(start)
    before = tree(start)
    whole = tmp_path / "whole"
    shutil.copytree(start, whole)
    with killed_at(0, whole) as changes:
        assert generate(whole) == 0
    wanted = _of_project(whole)
    assert changes.count > 20
    for end in range(1, changes.count + 1):
        root = tmp_path / str(end)
        shutil.copytree(start, root)
        with pytest.raises(KilledError), killed_at(end, root):
            generate(root)
        left = _of_project(root)
        for path, content in left.items():
            assert content in (before.get(path), wanted.get(path)) or path.endswith(".tmp"), (end, path)
        for path, content in before.items():
            if header_of(content.decode()) is None and not path.startswith(".flowgen"):
                assert left[path] == content, (end, path)
        assert (end, generate(root)) == (end, 0)
        assert (end, _of_project(root)) == (end, wanted)
        assert (end, generate(root, "--check")) == (end, 0)
        shutil.rmtree(root)


def _of_project(root: Path) -> dict[str, bytes]:
    """The files of a project, without what flowgen remembers of the last run."""
    return {path: content for path, content in tree(root).items() if not path.startswith(".flowgen/")}


def package(folder: Path, text: str) -> Package:
    folder.mkdir(exist_ok=True)
    (folder / "code.py").write_text(text, encoding="utf-8")
    made = Zip("flow", "work", (file_at(folder / "code.py", "code.py"),), {"code.py": folder / "code.py"})
    texts = {f"{text}-0123456789abcdef.asl.json": json.dumps(text), "same-0123456789abcdef.asl.json": "{}"}
    return Package("shop", json.dumps({"of": text}), (made,), texts, {"A": Resource("it", "w.yaml", 1)}, f"{text}==1\n")


@pytest.mark.parametrize("earlier", [(), ("one",), ("one", "two")], ids=["nothing", "another", "a complete one"])
def test_package_killed_at_every_change(earlier: tuple[str, ...], tmp_path: Path) -> None:
    """A list that does not say `incomplete` names only what is there, and the next run ends as an undisturbed one."""
    start, whole = tmp_path / "start", tmp_path / "whole"
    start.mkdir()
    for text in earlier:
        write(package(tmp_path / "code", text), start)
    (start / "notes.txt").write_text("mine", encoding="utf-8")
    shutil.copytree(start, whole)
    made = package(tmp_path / "code", "two")
    with killed_at(0, whole) as changes:
        write(made, whole)
    assert changes.count > 5
    for end in range(1, changes.count + 1):
        folder = tmp_path / str(end)
        shutil.copytree(start, folder)
        with pytest.raises(KilledError), killed_at(end, folder):
            write(made, folder)
        assert (end, _is_honest(folder)) == (end, True)
        write(made, folder)
        assert (end, tree(folder)) == (end, tree(whole))


def _is_honest(folder: Path) -> bool:
    """Whether everything is there, with its checksum, that a complete list of a package names."""
    if not (folder / "package.json").exists():
        return True
    manifest = json.loads((folder / "package.json").read_bytes())
    return manifest.get("incomplete") is True or all(
        hashlib.sha256((folder / one["file"]).read_bytes()).hexdigest() == one["sha256"] for one in manifest["assets"]
    )
