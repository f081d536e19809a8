"""Where requirements are found, and what they are on a target."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic, Sink
from flowgen.packaging.requirements import Requirements, requirements
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
    made = list(found.lines(TARGET, sink))
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
        assert [line.split(" ")[0] for line in found.lines(TARGET, Sink())] == ALL


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
    assert (found.origin, found.lines(TARGET, Sink()), found.span, found.text, told) == (None, (), None, "", [])


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
        "wheels/x": "",
    }
    made = lines(tmp_path, files)
    limits = made.pop(-3)
    assert made == [
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
    # Other constraints give another installation: their digest stands behind them.
    assert limits.startswith(f"-c {tmp_path}/more/limits.txt  # ")
    (tmp_path / "more/limits.txt").write_text("six<3")
    assert limits not in wanted(tmp_path, files | {"more/limits.txt": "six<3"})[0].lines(TARGET, Sink())


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"requirements.txt": "-r gone.txt"}, "`gone.txt`, which it includes, can't be read"),
        ({"requirements.txt": "-r ../outside.txt"}, "`../outside.txt`, which it includes, can't be read"),
        ({"requirements.txt": "-r a.txt", "a.txt": "-r requirements.txt"}, "`requirements.txt` includes itself"),
        ({"requirements.txt": "-r requirements.txt"}, "`requirements.txt` includes itself"),
        ({"uv.lock": "version = 2"}, "its version is 2"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, files: Mapping[str, str], reason: str) -> None:
    found, _ = wanted(tmp_path, files)
    sink = Sink()
    assert found.lines(TARGET, sink) == ()
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
    assert (gone.origin, told.code, told.message) == (None, "FG536", "`deploy/gone.txt` can't be read")
