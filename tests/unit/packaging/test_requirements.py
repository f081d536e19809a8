"""Where requirements are found, and what they are on a target."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic, Sink
from flowgen.packaging.requirements import Asked, Requirements, requirements
from flowgen.packaging.target import Target
from tests.unit.packaging.index import project
from tests.unit.packaging.test_locks import ALL, POETRY, PROJECT, PYLOCK, UV

TARGET = Target("python3.12", "arm64")
SETTINGS = f"{PROJECT}\n[tool.flowgen]\n"


def wanted(folder: Path, files: Mapping[str, str]) -> tuple[Requirements, list[Diagnostic]]:
    sink = Sink()
    return requirements(project(folder, files), sink), list(sink)


def lines(folder: Path, files: Mapping[str, str]) -> list[str]:
    """The requirements, without any finding."""
    found, told = wanted(folder, files)
    sink = Sink()
    made = list(found.asked(TARGET, sink).requirements)
    assert (told, list(sink)) == ([], [])
    return made


@pytest.mark.parametrize(
    ("names", "origin"),
    [
        (["uv.lock", "pylock.toml", "poetry.lock", "requirements.txt"], "uv.lock"),
        (["pylock.toml", "poetry.lock", "requirements.txt"], "pylock.toml"),
        (["poetry.lock", "requirements.txt"], "poetry.lock"),
        (["requirements.txt"], "requirements.txt"),
        ([], "pyproject.toml"),
    ],
)
def test_the_best_that_there_is(tmp_path: Path, names: list[str], origin: str) -> None:
    texts = {"uv.lock": UV, "pylock.toml": PYLOCK, "poetry.lock": POETRY, "requirements.txt": "rich==15.0\n"}
    found, told = wanted(tmp_path, {"pyproject.toml": SETTINGS, **{name: texts[name] for name in names}})
    assert (found.origin, found.project_name, told) == (origin, "shop", [])
    assert (found.lock is not None) == origin.endswith("lock") or origin == "pylock.toml"
    if found.lock:
        assert [line.split(" ")[0] for line in found.asked(TARGET, Sink()).requirements] == ALL


def test_metadata(tmp_path: Path) -> None:
    """The run-time dependencies, markers decided for the target, flowgen left out; the place is theirs."""
    assert lines(tmp_path, {"pyproject.toml": SETTINGS}) == ["pydantic[email]>=2", "rich"]
    found, _ = wanted(tmp_path, {"pyproject.toml": SETTINGS})
    assert found.span is not None
    assert (found.span.file, found.span.start.line) == ("pyproject.toml", 4)


@pytest.mark.parametrize(
    "settings",
    ["[tool.flowgen]\n", "[project]\nname = 1\ndependencies = [1]\n[tool.flowgen]\n", "project = 1\n[tool.flowgen]"],
)
def test_nothing_is_needed(tmp_path: Path, settings: str) -> None:
    found, told = wanted(tmp_path, {"pyproject.toml": settings})
    assert (found.origin, found.asked(TARGET, Sink()), found.span, found.text, told) == (None, Asked(), None, "", [])


def test_no_settings_at_all(tmp_path: Path) -> None:
    made = project(tmp_path, {})
    (tmp_path / "pyproject.toml").write_text("[project")
    assert requirements(made, Sink()).origin is None
    (tmp_path / "pyproject.toml").unlink()
    assert requirements(made, Sink()).origin is None


def test_a_requirements_file(tmp_path: Path) -> None:
    """What pip reads, for the target and not for this machine."""
    text = """
# what the code needs
pydantic>=2 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
rich ; python_version < "3.13"  # a comment
tomli ; python_version < "3.11"
colorama; sys_platform == 'win32'
Flowgen.AWS[aws]==1.0
-e .
.[aws]
./wheels/own-1.0-py3-none-any.whl
own @ https://example.com/own-1.0-py3-none-any.whl#sha256=cc
--extra-index-url https://index.example/simple
-r more/base.txt
-c more/limits.txt
--find-links wheels
--find-links https://example.com/wheels
"""
    files = {
        "requirements.txt": text,
        "more/base.txt": "-r other.txt\nattrs\n",
        "more/other.txt": "six",
        "more/limits.txt": "six<2",
        "wheels/own-1.0-py3-none-any.whl": "",
    }
    assert lines(tmp_path, files) == [
        "pydantic>=2 --hash=sha256:aa --hash=sha256:bb",
        "rich",
        "./wheels/own-1.0-py3-none-any.whl",
        "own @ https://example.com/own-1.0-py3-none-any.whl#sha256=cc",
        "--extra-index-url https://index.example/simple",
        "six",
        "attrs",
        f"--find-links {tmp_path}/wheels",
        "--find-links https://example.com/wheels",
    ]
    assert wanted(tmp_path, files)[0].asked(TARGET, Sink()).constraints == ("six<2",)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"requirements.txt": "-r gone.txt"}, "cannot read `gone.txt`, which it includes"),
        ({"requirements.txt": "-r ../outside.txt"}, "cannot read `../outside.txt`, which it includes"),
        ({"requirements.txt": "-r a.txt", "a.txt": "-r requirements.txt"}, "`requirements.txt` includes itself"),
        ({"requirements.txt": "-r requirements.txt"}, "`requirements.txt` includes itself"),
        ({"uv.lock": "version = 2"}, "unsupported version 2"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, files: Mapping[str, str], reason: str) -> None:
    found, _ = wanted(tmp_path, files)
    sink = Sink()
    assert found.asked(TARGET, sink) == Asked()
    [told] = sink
    assert told.code == "FG536"
    assert reason in told.message


def test_the_file_that_the_settings_name(tmp_path: Path) -> None:
    """Before any lock; a lock in a folder and PEP 751's named locks are locks."""
    settings = '[tool.flowgen.packaging]\nrequirements = "deploy/{}"\n'
    files = {"uv.lock": UV, "pyproject.toml": settings.format("lambda.txt"), "deploy/lambda.txt": "six==1"}
    assert lines(tmp_path, files) == ["six==1"]
    found, _ = wanted(
        tmp_path, {"pyproject.toml": settings.format("pylock.lambda.toml"), "deploy/pylock.lambda.toml": PYLOCK}
    )
    assert found.lock == "pylock.toml"
    gone, [told] = wanted(tmp_path, {"pyproject.toml": settings.format("gone.txt")})
    assert (gone.origin, told.code, told.message) == (None, "FG536", "cannot read `deploy/gone.txt`")


BUILDS = [
    "./evil",
    "evil/",
    "../evil",
    "/opt/evil",
    "evil @ file:///opt/evil",
    "evil @ file:///opt/evil-1.0.tar.gz",
    "file:./evil",
    "file:///opt/evil-1.0-py3-none-any.whl",
    "./evil-1.0.tar.gz",
    "evil-1.0.zip",
    "./folder.whl",
    "${PWD}/own.whl",
    "git+https://example.com/evil.git",
    "evil @ git+https://example.com/evil.git",
    "evil @ git+https://example.com/evil.git#own.whl",
    "evil @ hg+ssh://example.com/own.whl",
    "https://example.com/evil-1.0.tar.gz",
    "https://example.com/evil-1.0.tar.gz#/own.whl",
    "https://example.com/evil-1.0.tar.gz?own.whl",
    "evil @ https://example.com/evil-1.0.zip",
    "-e ./evil",
    "-e git+https://example.com/evil.git#egg=evil",
    "--editable=./evil",
    "--edit ./evil",
    "--no-binary :all:",
    "--no-binary=evil",
    "--no-bin evil",
    "--only-binary :none:",
    "--only-binary=evil",
    "evil --no-binary :all:",
    "evil==1.0 --global-option=build_ext",
    "evil==1.0 --config-settings=a=b",
    "evil==1.0 -C a=b",
    "evil==1.0 -e ./evil",
    "evil==1.0 --hash=sha256:aa -e ./evil",
    "--index-url https://example.com/simple --no-binary :all:",
    "-r https://example.com/requirements.txt",
    "-c https://example.com/limits.txt",
    "--use-feature=anything",
]
"""Lines for which pip would run the code of a package: it builds it, or learns from its code what it requires."""


@pytest.mark.parametrize("line", BUILDS)
@pytest.mark.parametrize("place", ["requirements.txt", "included", "constraint"])
def test_nothing_is_built(tmp_path: Path, line: str, place: str) -> None:
    """Neither in the file itself nor in one that it includes: FG536, before any program is started."""
    files = {
        "folder.whl/setup.py": "",
        "${PWD}/own.whl": "",
        "evil-1.0.tar.gz": "",
        "evil-1.0.zip": "",
        "evil/setup.py": "",
    }
    match place:
        case "requirements.txt":
            files["requirements.txt"] = f"six==1\n{line}\n"
        case "included":
            files |= {"requirements.txt": "six==1\n-r more.txt\n", "more.txt": line}
        case _:
            files |= {"requirements.txt": "six==1\n-c more.txt\n", "more.txt": line}
    found, _ = wanted(tmp_path, files)
    sink = Sink()
    assert found.asked(TARGET, sink) == Asked()
    [refused] = sink
    assert refused.code == "FG536"


@pytest.mark.parametrize("url", ["file:///opt/evil", "git+https://example.com/e.git", "https://example.com/e.tar.gz"])
def test_nothing_that_metadata_names_is_built(tmp_path: Path, url: str) -> None:
    settings = f'[project]\nname = "shop"\ndependencies = ["evil @ {url}"]\n[tool.flowgen]\n'
    found, _ = wanted(tmp_path, {"pyproject.toml": settings})
    sink = Sink()
    assert found.asked(TARGET, sink) == Asked()
    [refused] = sink
    assert refused.code == "FG536"
    assert f"`{url}`, which is not the address of a wheel" in refused.message


def test_files_that_include_the_same_files(tmp_path: Path) -> None:
    """Each is read once: reading it again for each path to it would double the work at each of 40 levels."""
    levels = 40
    files = {
        f"{side}{level}.txt": f"-r a{level + 1}.txt\n-r b{level + 1}.txt\n" for level in range(levels) for side in "ab"
    }
    ends = {
        f"a{levels}.txt": "attrs==25.1.0\n",
        f"b{levels}.txt": "-c a0.txt\nsix==1.17.0\n".replace("a0", f"a{levels}"),
    }
    found = lines(tmp_path, {"requirements.txt": "-r a0.txt\n-r b0.txt\n", **files, **ends})
    assert found == ["attrs==25.1.0", "six==1.17.0"]
