"""The project's own files: data next to modules, what is included and left out, what is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from flowgen.diagnostics import Sink
from flowgen.packaging.files import Entry, excluded, included, module_entries, unsafe
from flowgen.packaging.modules import Modules
from tests.unit.packaging.index import project


def places(folder: Path, files: Mapping[str, str], module: str) -> list[str]:
    made = project(folder, {f"src/{name}": text for name, text in files.items()})
    modules = Modules(made.source_folder).needed([module]).modules
    return sorted(entry.place for entry in module_entries(modules, made.source_folder))


def test_data_next_to_modules(tmp_path: Path) -> None:
    """What lies in a needed package and is not Python: not what other packages have, nor what only tools read."""
    files = {
        "shop/__init__.py": "",
        "shop/mail.py": "",
        "shop/other.py": "",
        "shop/rates.csv": "",
        "shop/py.typed": "",
        "shop/mail.pyi": "",
        "shop/.env": "",
        "shop/texts/en/letter.txt": "",
        "shop/texts/letter.txt": "",
        "shop/flow/__init__.py": "",
        "shop/flow/theirs.csv": "",
        "shop/scripts/do.py": "",
        "shop/scripts/x.csv": "",
        "shop/__pycache__/x.pyc": "",
        "shop/old.pyc": "",
        "top.csv": "",
    }
    assert places(tmp_path, files, "shop.mail") == [
        *("shop/__init__.py", "shop/mail.py", "shop/rates.csv", "shop/texts/en/letter.txt", "shop/texts/letter.txt"),
    ]


def test_folders_without_init_have_data_too(tmp_path: Path) -> None:
    files = {"acme/mail/send.py": "", "acme/mail/letter.txt": "", "acme/rates.csv": ""}
    assert places(tmp_path, files, "acme.mail.send") == ["acme/mail/letter.txt", "acme/mail/send.py", "acme/rates.csv"]


def test_what_is_included(tmp_path: Path) -> None:
    """Patterns start at the root; the place is that below the source folder, or below the root."""
    patterns = ["src/shop/plugins/*.py", "data/**/*.csv", "nothing/*", "src", "none/x**"]
    settings = f"[tool.flowgen.packaging]\ninclude = {patterns}\n"
    names = ["src/shop/plugins/a.py", "src/shop/plugins/b.txt", "data/x.csv", "data/deep/y.csv"]
    sink = Sink()
    made = included(project(tmp_path, {"pyproject.toml": settings, **dict.fromkeys(names, "")}), sink)
    assert {place: entry.path for place, entry in made.items()} == {
        "shop/plugins/a.py": tmp_path / "src/shop/plugins/a.py",
        "data/x.csv": tmp_path / "data/x.csv",
        "data/deep/y.csv": tmp_path / "data/deep/y.csv",
    }
    assert [(one.code, one.message) for one in sink] == [
        ("FG538", "no file matches `none/x**` in `include`"),
        ("FG538", "no file matches `nothing/*` in `include`"),
        ("FG538", "no file matches `src` in `include`"),
    ]


@pytest.mark.parametrize(
    ("pattern", "left_out", "kept"),
    [
        ("shop/a.txt", ["shop/a.txt"], ["shop/aXtxt", "x/shop/a.txt"]),
        ("shop/*.txt", ["shop/a.txt", "shop/.txt"], ["shop/deep/a.txt", "shop/a.py"]),
        ("shop/?.txt", ["shop/a.txt"], ["shop/ab.txt", "shop//.txt"]),
        ("**/tests/**", ["tests/a.py", "a/b/tests/c/d.py"], ["a/tests", "atests/b"]),
        ("botocore/data/**", ["botocore/data/ec2/x.json"], ["botocore/data", "botocore/database/x"]),
        ("data/", ["data/x", "data/y/z"], ["data"]),
        ("**", ["a", "a/b"], []),
    ],
)
def test_what_is_excluded(pattern: str, left_out: list[str], kept: list[str]) -> None:
    found = excluded(["none", pattern])
    assert found is not None
    assert [place for place in left_out if not found.fullmatch(place)] == []
    assert [place for place in kept if found.fullmatch(place)] == []


def test_nothing_is_excluded() -> None:
    assert excluded([]) is None


def test_links(tmp_path: Path) -> None:
    """A link to a file of the project is that file; all others are rejected."""
    root = tmp_path / "project"
    (root / "folder").mkdir(parents=True)
    (root / "file").write_text("")
    (tmp_path / "outside").write_text("")
    targets = {"good": "file", "loop": "loop", "gone": "nowhere", "out": "../outside", "up": ".", "in": "folder"}
    for name, target in targets.items():
        (root / name).symlink_to(target)
    assert {name: unsafe(Entry(name, root / name), root.resolve()) for name in [*targets, "file"]} == {
        "good": None,
        "loop": "the link points to itself",
        "gone": "No such file or directory",
        "out": "the link points outside the project",
        "up": "it is a link to a folder, and flowgen does not follow these",
        "in": "it is a link to a folder, and flowgen does not follow these",
        "file": None,
    }
    assert unsafe(Entry("null", Path("/dev/null")), Path("/")) == "it is not a regular file"
