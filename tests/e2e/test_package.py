"""`flowgen package` with a real pip and real wheels, and its zips under Lambda's own runtime.

pip asks whatever index it is configured to use here; without one, these tests are skipped.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.cfn_lint import lint
from tests.e2e.emulator import emulated
from tests.e2e.programs import BIN, ROOT

pytestmark = pytest.mark.needs("index")

EXAMPLES = ROOT / "examples"
HERE = f"python{sys.version_info.major}.{sys.version_info.minor}"
MACHINE = {"aarch64": "arm64"}.get(platform.machine(), "x86_64")
ELF_MACHINES = {"arm64": 183, "x86_64": 62}
"""`e_machine` of the ELF format: EM_AARCH64, EM_X86_64."""


def copied(example: str, folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", "build", ".flowgen")
    shutil.copytree(EXAMPLES / example, folder / example, ignore=ignored)
    return folder / example


def package(project: Path, cache: Path) -> dict[str, Any]:
    """Package a project, in a test that needs the tool `index`; returns what `flowgen package --json` prints."""
    done = subprocess.run(
        [BIN / "flowgen", "package", "--json", "--cache", cache],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def target(project: Path, workflow: str, runtime: str, architecture: str) -> None:
    """Sets what all functions of a workflow run on."""
    path = project / "workflows" / f"{workflow}.yaml"
    text = path.read_text("utf-8")
    settings = [f"runtime: {runtime}", f"architecture: {architecture}"]
    if "\ndefaults:\n  function:\n" in text:
        lines = "".join(f"    {setting}\n" for setting in settings)
        text = text.replace("\ndefaults:\n  function:\n", f"\ndefaults:\n  function:\n{lines}")
    else:
        sizing = f"defaults: {{function: {{{', '.join(settings)}}}}}\n"
        text = text.replace("\nsteps:\n", f"\n{sizing}\nsteps:\n", 1)
    path.write_text(text, "utf-8")
    subprocess.run([BIN / "flowgen", "-q", "generate"], cwd=project, check=True)


def with_bytecode(project: Path) -> None:
    """Has all functions run on this machine's Python, and packaged with its bytecode."""
    target(project, project.name, HERE, MACHINE)
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8") + "\n[tool.flowgen.packaging]\nbytecode = true\n", "utf-8")


def compiled_for(path: Path) -> set[int]:
    """The processors that the compiled modules of a zip are for."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".so")]
        return {struct.unpack("<H", archive.read(name)[18:20])[0] for name in names}


def test_each_function_of_an_example(cache: Path, tmp_path: Path) -> None:
    """A zip each, with wheels for arm64 from this machine; its template is one that cfn-lint has nothing against."""
    project = copied("place_order", tmp_path)
    assets = package(project, cache)["assets"]
    assert len(assets) == 7
    assert [compiled_for(project / "build" / asset["file"]) for asset in assets] == [{ELF_MACHINES["arm64"]}] * 7
    assert max(asset["bytes"] for asset in assets) < 5_000_000
    assert lint((project / "build" / "template.json").read_text("utf-8")) == []


@pytest.mark.parametrize("architecture", ELF_MACHINES)
def test_wheels_are_the_targets(cache: Path, tmp_path: Path, architecture: str) -> None:
    project = copied("remind_user", tmp_path)
    target(project, "remind_user", "python3.12", architecture)
    [asset] = package(project, cache)["assets"]
    assert compiled_for(project / "build" / asset["file"]) == {ELF_MACHINES[architecture]}


def test_the_same_zip_from_another_installation(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another folder, another cache, other rights of files; the versions are kept as the message advises.

    Bytecode is made again, by processes with other hashes.
    """
    project = copied("remind_user", tmp_path)
    with_bytecode(project)
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    package(project, cache)
    shutil.copy(project / "build" / "requirements.txt", project / "requirements.txt")
    other = tmp_path / "elsewhere"
    shutil.copytree(project, other, ignore=shutil.ignore_patterns("build"))
    monkeypatch.setenv("PYTHONHASHSEED", "2")
    before = os.umask(0o077)
    try:
        second = package(other, tmp_path / "second")
    finally:
        os.umask(before)
    assert second["assets"] == package(project, cache)["assets"]


def test_a_cold_start_compiles_nothing(cache: Path, tmp_path: Path) -> None:
    """With only the zip next to Python's own library; what is loaded is all of the zip's bytecode."""
    project = copied("remind_user", tmp_path)
    with_bytecode(project)
    [asset] = package(project, cache)["assets"]
    task = tmp_path / "task"
    with zipfile.ZipFile(project / "build" / asset["file"]) as archive:
        archive.extractall(task)
    module = "remind_user.generated.entry_points.send_email"
    script = f"import sys; sys.path.insert(0, {str(task)!r}); import {module}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-v", "-c", script], capture_output=True, text=True, check=True
    )
    loaded = [Path(path) for path in re.findall(r"# code object from '([^']*)'", done.stderr)]
    ours = [path for path in loaded if path.is_relative_to(task)]
    assert {path.suffix for path in ours} == {".pyc"}
    assert {path.relative_to(task).parts[0] for path in ours} >= {"pydantic", "pydantic_core", "remind_user"}


@pytest.mark.needs("emulator")
def test_a_zip_runs_in_lambda(cache: Path, tmp_path: Path) -> None:
    """With the pydantic that it brings, not with the one next to the runtime; an error shows lines of the code."""
    project = copied("remind_user", tmp_path)
    with_bytecode(project)
    code = project / "src" / "remind_user" / "send_email.py"
    text = code.read_text("utf-8").replace(
        "    message = ", "    assert event.name != 'Bob', 'not him'\n    message = "
    )
    code.write_text(text + "\nimport pydantic\n\nprint('from', pydantic.__file__)\n", "utf-8")
    [asset] = package(project, cache)["assets"]
    template = json.loads((project / "build" / "template.json").read_text("utf-8"))
    handler = template["Resources"]["RemindUserSendEmailFunction"]["Properties"]["Handler"]
    event = {
        "input": {"name": "Ada", "email": "ada@example.com", "times_reminded": 0},
        "context": {
            "execution_id": "arn:aws:states:eu-west-1:111111111111:execution:remind_user:1",
            "execution_name": "1",
            "started_at": "2026-11-23T10:00:00Z",
            "workflow": "remind_user",
            "step": "first_reminder",
            "attempt": 0,
        },
    }

    with emulated(project / "build" / asset["file"], handler) as function:
        answer = function.invoke(event)
        event["input"]["name"] = "Bob"
        failed = function.invoke(event)
        log = function.log.read_text("utf-8", "replace")

    assert answer == {"name": "Ada", "email": "ada@example.com", "times_reminded": 1}
    assert "/task/pydantic/__init__.py" in log
    assert (failed["errorType"], failed["errorMessage"]) == ("AssertionError", "not him")
    assert "assert event.name != 'Bob'" in failed["stackTrace"][-1]
