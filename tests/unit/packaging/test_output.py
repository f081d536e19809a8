"""The output folder: what is written, kept, removed, and never touched."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from flowgen.packaging.distributions import file_at
from flowgen.packaging.output import NotOursError, Package, Resource, write
from flowgen.packaging.zips import ChangedError, Zip


def package(folder: Path, text: str = "1", **texts: str) -> Package:
    (folder / "code.py").write_text(text)
    made = Zip("flow", "work", (file_at(folder / "code.py", "code.py"),), {"code.py": folder / "code.py"})
    resources = {"B": Resource("the function `b`", "w.yaml", 2), "A": Resource("the machine", "w.yaml", 1)}
    named = {f"{name}-0123456789abcdef.asl.json": value for name, value in texts.items()}
    return Package("shop", "{}\n", (made,), named, resources, "a==1\n")


def listed(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_is_written(tmp_path: Path) -> None:
    """Everything by its name, and the list of it, sorted; the key in the bucket is the name behind `flowgen/`."""
    build = tmp_path / "out" / "build"
    manifest, done = write(package(tmp_path, a="{}"), build)
    name = package(tmp_path).zips[0].file_name
    content = (build / "assets" / name).read_bytes()
    assert listed(build) == sorted(
        [f"assets/{name}", "assets/a-0123456789abcdef.asl.json", "package.json", "requirements.txt", "template.json"]
    )
    assert json.loads((build / "package.json").read_text()) == manifest
    assert manifest == {
        "flowgen": 1,
        "project": "shop",
        "template": "template.json",
        "assets": [
            {
                "file": "assets/a-0123456789abcdef.asl.json",
                "key": "flowgen/a-0123456789abcdef.asl.json",
                "sha256": hashlib.sha256(b"{}").hexdigest(),
                "bytes": 2,
            },
            {
                "file": f"assets/{name}",
                "key": f"flowgen/{name}",
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes": len(content),
            },
        ],
        "resources": {
            "A": {"file": "w.yaml", "line": 1, "what": "the machine"},
            "B": {"file": "w.yaml", "line": 2, "what": "the function `b`"},
        },
    }
    assert [(one.file, one.new, one.unzipped) for one in done] == [
        (name, True, 1),
        ("a-0123456789abcdef.asl.json", True, 2),
    ]


def test_what_did_not_change_is_not_made_again(tmp_path: Path) -> None:
    build = tmp_path / "build"
    write(package(tmp_path, a="{}"), build)
    before = {path: path.stat().st_mtime_ns for path in (build / "assets").iterdir()}
    first = (build / "package.json").read_bytes()
    _, done = write(package(tmp_path, a="{}"), build)
    assert [one.new for one in done] == [False, False]
    assert {path: path.stat().st_mtime_ns for path in (build / "assets").iterdir()} == before
    assert (build / "package.json").read_bytes() == first


def test_what_was_damaged_is_made_again(tmp_path: Path) -> None:
    build = tmp_path / "build"
    manifest, _ = write(package(tmp_path, a="{}"), build)
    for asset in manifest["assets"]:
        (build / asset["file"]).write_text("damaged")
    again, done = write(package(tmp_path, a="{}"), build)
    assert again == manifest
    assert [one.new for one in done] == [True, True]
    for asset in manifest["assets"]:
        assert hashlib.sha256((build / asset["file"]).read_bytes()).hexdigest() == asset["sha256"]


def test_a_file_that_changes_meanwhile_stops_it(tmp_path: Path) -> None:
    made = package(tmp_path)
    (tmp_path / "code.py").write_text("other")
    with pytest.raises(ChangedError):
        write(made, tmp_path / "build")
    assert json.loads((tmp_path / "build" / "package.json").read_text())["incomplete"]
    write(package(tmp_path), tmp_path / "build")


def test_what_is_not_needed_any_more_is_removed(tmp_path: Path) -> None:
    """Of what flowgen wrote; what others put there stays."""
    build = tmp_path / "build"
    write(package(tmp_path, a="{}"), build)
    (build / "assets" / "mine.zip").write_text("")
    (build / "mine.txt").write_text("")
    write(package(tmp_path, "2"), build)
    name = package(tmp_path, "2").zips[0].file_name
    assert listed(build) == sorted(
        [f"assets/{name}", "assets/mine.zip", "mine.txt", "package.json", "requirements.txt", "template.json"]
    )


def test_a_list_that_was_changed_removes_nothing_else(tmp_path: Path) -> None:
    build = tmp_path / "build"
    write(package(tmp_path), build)
    (tmp_path / "precious-0123456789abcdef.zip").write_text("")
    manifest = json.loads((build / "package.json").read_text())
    names = ["../precious-0123456789abcdef.zip", "assets/../../precious-0123456789abcdef.zip", 1]
    manifest["assets"] = [{"file": name} for name in names] + [1]
    (build / "package.json").write_text(json.dumps(manifest))
    write(package(tmp_path, "2"), build)
    assert (tmp_path / "precious-0123456789abcdef.zip").exists()
    (build / "package.json").write_text('{"flowgen": 1, "assets": 1}')
    write(package(tmp_path, "3"), build)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", '{"name": "an-npm-package"}'),
        ("package.json", "[]"),
        ("package.json", "not JSON"),
        ("template.json", "{}"),
        ("requirements.txt", "six"),
    ],
)
def test_what_others_wrote_is_not_overwritten(tmp_path: Path, name: str, text: str) -> None:
    build = tmp_path / "build"
    build.mkdir()
    (build / name).write_text(text)
    with pytest.raises(NotOursError, match=name):
        write(package(tmp_path), build)
    assert listed(build) == [name]
    assert (build / name).read_text() == text


def test_a_configuration_for_terraform(tmp_path: Path) -> None:
    """It is written if it is asked for, and removed with the zips that it names."""
    build = tmp_path / "build"
    manifest, _ = write(replace(package(tmp_path), terraform="{}\n"), build)
    assert manifest["terraform"] == "stack.tf.json"
    assert (build / "stack.tf.json").read_text() == "{}\n"
    manifest, _ = write(package(tmp_path, "2"), build)
    assert "terraform" not in manifest
    assert not (build / "stack.tf.json").exists()


def test_a_configuration_of_others_is_neither_overwritten_nor_removed(tmp_path: Path) -> None:
    build = tmp_path / "build"
    write(package(tmp_path), build)
    (build / "stack.tf.json").write_text("theirs")
    write(package(tmp_path, "2"), build)
    with pytest.raises(NotOursError, match=r"stack\.tf\.json"):
        write(replace(package(tmp_path), terraform="{}\n"), build)
    assert (build / "stack.tf.json").read_text() == "theirs"


def test_an_interruption_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the list is written, everything that the old one names is there; the next time fixes the rest."""
    build = tmp_path / "build"
    write(package(tmp_path), build)
    before = (build / "package.json").read_bytes()
    monkeypatch.setattr(json, "dumps", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(package(tmp_path, "2"), build)
    monkeypatch.undo()
    assert (build / "package.json").read_bytes() == before
    for asset in json.loads(before)["assets"]:
        assert hashlib.sha256((build / asset["file"]).read_bytes()).hexdigest() == asset["sha256"]
    write(package(tmp_path, "2"), build)
    assert len(list((build / "assets").iterdir())) == 1
