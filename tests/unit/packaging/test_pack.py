"""The zips of functions: what each holds, and what is reported before AWS would reject it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic, Position, Sink, Span
from flowgen.packaging import pack as packing
from flowgen.packaging.contents import Deployed
from flowgen.packaging.modules import Modules
from flowgen.packaging.pack import Packed, pack
from flowgen.packaging.target import Target
from tests.unit.packaging.index import Index, Wheel, project

TARGET = Target("python3.12", "arm64")
INDEX = Index(
    Wheel("pydantic", "2.11", ("pydantic-core",)),
    Wheel("pydantic-core", "2.33"),
    Wheel("boto3", "1.40", ("botocore",)),
    Wheel("botocore", "1.40", files={"botocore/__init__.py": "", "botocore/data/ec2/x.json": "{}"}),
)
SETTINGS = """[project]
name = "shop"
dependencies = ["pydantic==2.11", "pydantic-core==2.33", "boto3==1.40", "botocore==1.40"]
[tool.flowgen]
"""
CODE = {
    "pyproject.toml": SETTINGS,
    "src/shop/__init__.py": "",
    "src/shop/one.py": "import pydantic\nfrom . import common",
    "src/shop/two.py": "import boto3, json\nfrom shop.common import x",
    "src/shop/common.py": "x = 1",
    "src/shop/unused.py": "import boto3",
}


def deployed(name: str, target: Target = TARGET) -> Deployed:
    line = {"one": 5, "two": 6}.get(name, 7)
    span = Span("workflows/flow.yaml", Position(line, 3), Position(line, 6))
    return Deployed("flow", name, f"shop.{name}", target, span)


def packed(
    folder: Path, files: Mapping[str, str], *functions: Deployed, index: Index = INDEX
) -> tuple[Packed | None, list[Diagnostic], Mapping[str, str]]:
    sink = Sink()
    kept = folder / ".flowgen" / "cache"
    made, texts = pack(
        project(folder, files),
        functions or [deployed("one"), deployed("two")],
        index.installer(kept),
        index.compiler(kept),
        sink,
    )
    return made, list(sink), texts


def places(folder: Path, files: Mapping[str, str], *functions: Deployed, index: Index = INDEX) -> dict[str, list[str]]:
    """The places in each zip, but for metadata, without any finding."""
    made, told, _ = packed(folder, files, *functions, index=index)
    assert told == []
    assert made is not None
    return {one.function: [file.place for file in one.files if ".dist-info" not in file.place] for one in made.zips}


def told_of(folder: Path, files: Mapping[str, str], *functions: Deployed, index: Index = INDEX) -> list[Diagnostic]:
    made, told, _ = packed(folder, files, *functions, index=index)
    assert made is None
    return told


def test_each_has_what_it_needs(tmp_path: Path) -> None:
    made, told, _ = packed(tmp_path, CODE)
    assert told == []
    assert made is not None
    assert (made.project, made.requirements) == (
        "shop",
        "boto3==1.40\nbotocore==1.40\npydantic==2.11\npydantic-core==2.33\n",
    )
    assert places(tmp_path, CODE) == {
        "one": [
            *("pydantic/__init__.py", "pydantic_core/__init__.py"),
            *("shop/__init__.py", "shop/common.py", "shop/one.py"),
        ],
        "two": [
            *("boto3/__init__.py", "botocore/__init__.py", "botocore/data/ec2/x.json"),
            *("shop/__init__.py", "shop/common.py", "shop/two.py"),
        ],
    }
    assert all(one.digest for one in made.zips)


def test_a_change_changes_those_that_have_it(tmp_path: Path) -> None:
    """And no other: what is named by its content is not deployed again."""

    def names(files: Mapping[str, str]) -> list[str]:
        made, _, _ = packed(tmp_path, files)
        assert made is not None
        return [one.file_name for one in made.zips]

    one, two = names(CODE)
    assert names(CODE) == [one, two]
    assert names(CODE | {"src/shop/unused.py": "import boto3 as b"}) == [one, two]
    changed, same = names(CODE | {"src/shop/one.py": CODE["src/shop/one.py"] + "\n# more"})
    assert (changed != one, same) == (True, two)
    changed, also = names(CODE | {"src/shop/common.py": "x = 2"})
    assert (changed != one, also != two) == (True, True)


def test_the_same_wherever_it_is(tmp_path: Path) -> None:
    """Another folder, another cache, other rights, other times."""
    first, _, _ = packed(tmp_path / "a", CODE)
    before = os.umask(0o027)
    try:
        second, _, _ = packed(tmp_path / "other" / "place", dict(reversed(CODE.items())))
    finally:
        os.umask(before)
    assert first is not None
    assert second is not None
    assert [one.digest for one in first.zips] == [one.digest for one in second.zips]


def test_each_target_has_its_own_wheels(tmp_path: Path) -> None:
    intel = Target("python3.13", "x86_64")
    index = Index(*INDEX.wheels.values())
    places(tmp_path, CODE, deployed("one"), deployed("two", intel), index=index)
    pythons = [call[call.index("--python-version") + 1] for call in index.calls]
    assert pythons == ["3.12", "3.13"]


def test_settings(tmp_path: Path) -> None:
    """What is included, its imports too, what is left out, and what a layer brings."""
    settings = (
        SETTINGS + '[tool.flowgen.packaging]\ninclude = ["src/shop/plugins/*", "rates.csv"]\n'
        'exclude = ["**/ec2/**", "shop/plugins/*.txt"]\nprovided = ["pydantic", "pandas", "scikit-learn"]\n'
    )
    files = {
        **CODE,
        "pyproject.toml": settings,
        "src/shop/plugins/__init__.py": "",
        "src/shop/plugins/extra.py": "from shop.late import x\nimport pandas, scikit_learn, botocore",
        "src/shop/plugins/notes.txt": "",
        "src/shop/late.py": "x = 1",
        "rates.csv": "",
    }
    assert places(tmp_path, files, deployed("one")) == {
        "one": [
            *("botocore/__init__.py", "rates.csv", "shop/__init__.py", "shop/common.py", "shop/late.py", "shop/one.py"),
            *("shop/plugins/__init__.py", "shop/plugins/extra.py"),
        ]
    }


def test_the_projects_own_file_comes_before_a_dependencys(tmp_path: Path) -> None:
    files = {**CODE, "src/pydantic/__init__.py": "ours"}
    made, _, _ = packed(tmp_path, files, deployed("one"))
    assert made is not None
    [path] = [path for place, path in made.zips[0].paths.items() if place == "pydantic/__init__.py"]
    assert path.read_text() == "ours"


def test_unlocked_dependencies(tmp_path: Path) -> None:
    """Reported where they are named, for what has no pinned version."""
    loose = SETTINGS.replace("pydantic==2.11", "pydantic>=2").replace('"pydantic-core==2.33", ', "")
    made, [told], texts = packed(tmp_path, {**CODE, "pyproject.toml": loose})
    assert made is not None
    assert (told.code, told.severity) == ("FG532", "warning")
    assert told.message == "`pydantic` and 1 more are not pinned to a version"
    assert told.span == Span("pyproject.toml", Position(3, 1), Position(3, 13))
    assert told.help is not None
    assert told.help.startswith("pin the installed versions with `cp build/requirements.txt .`, ")
    assert texts == {"pyproject.toml": loose}
    one = SETTINGS.replace("pydantic==2.11", "pydantic>=2")
    _, [told], _ = packed(tmp_path, {**CODE, "pyproject.toml": one})
    assert told.message == "`pydantic` is not pinned to a version"
    _, [told], texts = packed(
        tmp_path, {**CODE, "requirements.txt": "pydantic\npydantic-core==2.33\nboto3==1.40\nbotocore==1.40"}
    )
    assert told.span == Span("requirements.txt", Position(1, 1), Position(1, 2))
    assert told.help == "pin the versions there: `requirements.txt` in the output folder has the installed ones"
    assert list(texts) == ["requirements.txt"]


def test_an_unknown_import(tmp_path: Path) -> None:
    """Told at its line; what the runtime brings and what may be missing is not."""
    text = "import pydantic\ntry:\n  import ujson\nexcept ImportError:\n  pass\nimport boto3, botocore\nimport requests"
    found, told, texts = packed(tmp_path, {**CODE, "src/shop/common.py": text, "src/shop/two.py": "import json"})
    assert found is None
    [one] = told
    assert (one.code, one.message) == (
        "FG533",
        "cannot find module `requests` in the project or its dependencies",
    )
    assert one.span == Span("src/shop/common.py", Position(7, 1), Position(7, 16))
    assert one.label == "not in `src`, and not in any package that `pyproject.toml` lists"
    assert texts == {"src/shop/common.py": text}


def test_an_unknown_import_without_any_dependency(tmp_path: Path) -> None:
    [one] = told_of(tmp_path, {**CODE, "pyproject.toml": "[tool.flowgen]\n"}, deployed("one"))
    assert one.label == "not in `src`, and not in any package that the `dependencies` of `pyproject.toml` list"
    # boto3 is in Lambda's runtime.
    made, told, _ = packed(tmp_path, {**CODE, "pyproject.toml": "[tool.flowgen]\n"}, deployed("two"))
    assert made is not None
    assert told == []


def test_a_callable_that_is_not_there(tmp_path: Path) -> None:
    """The entry point is generated: what it can't import is in the workflow."""
    told = told_of(tmp_path, {**CODE, "src/shop/one.py": "from mails import send\nimport shop.gone"}, deployed("one"))
    assert [(one.code, one.span) for one in told] == [("FG533", deployed("one").span)] * 2


def test_a_module_that_is_not_python(tmp_path: Path) -> None:
    newest = Target("python3.99", "arm64")
    files = {**CODE, "src/shop/common.py": "x = 1\ndef f(:\n"}
    [told] = told_of(tmp_path, files, deployed("one"), deployed("two"))
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert told.message == f"Python {here} cannot parse `src/shop/common.py`: invalid syntax"
    assert told.span == Span("src/shop/common.py", Position(2, 7), Position(2, 8))
    [told] = told_of(tmp_path, files, deployed("one", newest))
    assert told.help == "if the code is for python3.99, run flowgen with that version"
    [told] = told_of(tmp_path, {**CODE, "src/shop/common.py": "x = 1\0"}, deployed("one"))
    assert told.code == "FG534"


def test_a_module_that_vanishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Modules, "code", gone)
    told = told_of(tmp_path, CODE, deployed("one"))
    assert [one.code for one in told] == ["FG537", "FG537"]
    assert told[1].message == "cannot read `src/shop/one.py`: No such file or directory"


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told at the function's line, with what makes it large; nothing large is read."""
    made = project(tmp_path, CODE)
    with (tmp_path / "src/shop/model.bin").open("wb") as file:
        file.truncate(260 * 1024 * 1024)
    monkeypatch.setattr(packing, "file_at", lambda *_: 1 / 0)
    sink, kept = Sink(), tmp_path / "c"
    assert pack(made, [deployed("two")], INDEX.installer(kept), INDEX.compiler(kept), sink)[0] is None
    [told] = sink
    assert (told.code, told.span) == ("FG535", deployed("two").span)
    assert told.message == "the code of `two` would be 260.0 MB unzipped; Lambda allows 250.0 MB"
    assert told.notes[0].startswith("the largest parts are `shop/model.bin` 260.0 MB, `boto")


def test_links_that_point_outside(tmp_path: Path) -> None:
    """Once for each file, however many functions want it; what is excluded is not looked at."""
    project(tmp_path, CODE)
    (tmp_path / "src/shop/secret").symlink_to("/etc/passwd")
    [told] = told_of(tmp_path, CODE)
    assert (told.code, told.message) == (
        "FG537",
        "cannot package `src/shop/secret`: the link points outside the project",
    )
    assert told.help == 'leave it out with `exclude = ["shop/secret"]`'
    places(tmp_path, {**CODE, "pyproject.toml": SETTINGS + '[tool.flowgen.packaging]\nexclude = ["shop/secret"]\n'})


def test_what_cannot_be_installed(tmp_path: Path) -> None:
    assert [one.code for one in told_of(tmp_path, CODE, index=Index())] == ["FG531"]
    assert [one.code for one in told_of(tmp_path, {**CODE, "uv.lock": "version = 2"})] == ["FG536"]


def test_no_function_needs_no_installation(tmp_path: Path) -> None:
    sink, index, kept = Sink(), Index(), tmp_path / "c"
    made, _ = pack(project(tmp_path, CODE), [], index.installer(kept), index.compiler(kept), sink)
    assert made == Packed("shop", (), "")
    empty = project(tmp_path, {"pyproject.toml": "[tool.flowgen]\n"})
    bare, _ = pack(empty, [], index.installer(kept), index.compiler(kept), sink)
    assert bare == Packed(tmp_path.name, (), "")
    assert list(sink) == []
