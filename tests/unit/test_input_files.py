"""No file makes flowgen wait or fill the memory: pipes, devices and endless files are limited or reported."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import flowgen
from flowgen.input_files import read_file, read_stream

PACKAGE = Path(flowgen.__file__).parent
EXAMPLE = Path(__file__).parents[2] / "examples" / "remind_user"
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes and devices")


def test_a_regular_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100_000)
    for read in (read_file, read_stream):
        assert read(file, 100_000) == b"x" * 100_000
        with pytest.raises(OSError, match="it is larger than 99,999 bytes"):
            read(file, 99_999)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    for read in (read_file, read_stream):
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "nothing")
        with pytest.raises(OSError, match=r"[Dd]irectory|denied"):
            read(tmp_path)


@posix
def test_an_endless_device() -> None:
    with pytest.raises(OSError, match="it is not a regular file"):
        read_file(Path("/dev/zero"))
    with pytest.raises(OSError, match="it is larger than 1,000 bytes"):
        read_stream(Path("/dev/zero"), 1000)
    assert read_stream(Path("/dev/null")) == b""


@posix
def test_a_pipe(tmp_path: Path) -> None:
    """A project has no use for one, but a user may name one, as in `--mock <(command)`."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="it is not a regular file"):
        read_file(pipe)
    with pytest.raises(OSError, match="it is a pipe that no program writes to"):
        read_stream(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"x" * 200_000,))
    writer.start()
    assert read_stream(pipe) == b"x" * 200_000
    writer.join()


@posix
def test_a_pipe_whose_writer_is_slow() -> None:
    """It waits for a program that has the pipe open."""
    reading, writing = os.pipe()

    def write() -> None:
        os.write(writing, b"{}")
        os.close(writing)

    timer = threading.Timer(1.5, write)
    timer.start()
    assert read_stream(Path(f"/dev/fd/{reading}")) == b"{}"
    timer.join()
    os.close(reading)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


PLACES = {
    "x.yaml": ("check x.yaml", "run x.yaml"),
    "x.json": (
        "check x.json",
        "run x.json",
        "replay x.json workflows/remind_user.yaml",
        "run workflows/remind_user.yaml -i @x.json",
        "run workflows/remind_user.yaml --mock x.json",
    ),
    "workflows/y.yaml": ("check",),
    "pyproject.toml": ("check workflows/remind_user.yaml", "package"),
    "requirements.txt": ("package",),
    "src/remind_user/generated/models.py": ("generate", "generate --check"),
    "src/remind_user/send_email.py": ("generate", "check", "package"),
    "src/remind_user/messages.py": ("package",),
    "src/remind_user/data.json": ("package",),
    ".flowgen": ("check", "package"),
}


@posix
@pytest.mark.parametrize("make", [_pipe, pytest.param(_endless, marks=pytest.mark.slow)])
@pytest.mark.parametrize("place", PLACES)
def test_commands_with_special_files(place: str, make: Callable[[Path], None], tmp_path: Path) -> None:
    """They end, with a result or with a message, and neither with a traceback nor without memory."""
    project = tmp_path / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", ".flowgen", "build"))
    (project / place).unlink(missing_ok=True)
    make(project / place)
    # Packages aren't installed: no test downloads anything.
    environment = {**os.environ, "UV_OFFLINE": "1", "PIP_NO_INDEX": "1"}
    for command in PLACES[place]:
        run = f"ulimit -v 4000000; exec {sys.executable} -m flowgen {command}"
        done = subprocess.run(
            ["/bin/sh", "-c", run],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=120,
            env=environment,
        )
        assert done.returncode in {0, 1, 2, 74}, (command, done.returncode, done.stderr)


NOT_FROM_THE_PROJECT = {
    "aws/api.py": "botocore's models",
    "aws/resource_attributes.py": "flowgen's data",
    "aws/resource_properties.py": "flowgen's data",
    "aws/sdk_actions.py": "flowgen's data",
    "backends/python/runtime_modules.py": "flowgen's sources",
    "backends/terraform/provider_schema.py": "flowgen's data",
    "cli/flowgen_requirement.py": "flowgen's checkout",
    "cli/new.py": "flowgen's schema",
    "cli/project_template.py": "flowgen's template",
    "cli/schema.py": "flowgen's schema",
    "diagnostics/explain.py": "flowgen's pages",
    "deploying/syncing.py": "what `flowgen package` has just written",
    "deploying/package.py": "what `flowgen package` has just written",
    "installation.py": "flowgen's metadata",
    "jsonata/evaluating_process.py": "/proc",
    "packaging/compile_modules.py": "files whose content was just read",
    "packaging/distributions.py": "the metadata of an installed wheel",
    "packaging/images.py": "what the engine has just written",
    "packaging/installing.py": "the cache",
    "packaging/output.py": "what `flowgen package` has written",
    "packaging/zips.py": "files whose content was just read",
    "running/objects.py": "regular files in the folder of `--s3`",
    "testing/loading.py": "a file that a test names",
    "viewer/page.py": "flowgen's assets",
    "up_to_date.py": "regular files below a size",
}
"""The modules that read files by other means, and which files."""


def test_files_of_a_project_are_read_in_one_way() -> None:
    """By `read_file`, which neither waits nor reads without end."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of_path = node.func.attr == "read_text" and not (len(node.args) == 2 or len(node.keywords) > 1)
                if of_path or node.func.attr == "read_bytes":
                    found.add(path.relative_to(PACKAGE).as_posix())
    assert found == set(NOT_FROM_THE_PROJECT)
