"""Installs a project's dependencies for a target with pip or uv, once per set of requirements.

The index is whatever the user configured for pip or uv. Only wheels are installed: building a package runs its code,
and builds it for this machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowgen.diagnostics import Diagnostic, Sink
from flowgen.packaging.distributions import Distribution, from_json, installed, lacking, to_json
from flowgen.packaging.failures import failure
from flowgen.packaging.requirements import Asked
from flowgen.packaging.target import Target

RECIPE = 2
"""Version of the way dependencies are installed; increase it to invalidate the cache."""

_ROUNDS = 5
_DIGITS = 24
_TOO_LONG = 124
"""The status of a program that timed out, as in `timeout` of coreutils."""

Run = Callable[[Sequence[str], Path], "tuple[int, str]"]
"""Runs a program in a folder; returns its status and output."""


@dataclass(frozen=True, slots=True)
class Site:
    """A folder with installed distributions."""

    folder: Path
    distributions: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True)
class Installer:
    """Installs into subfolders of `cache`. `say` reports slow operations."""

    cache: Path
    run: Run
    say: Callable[[str], None]

    def site(self, asked: Asked, target: Target, root: Path, sink: Sink) -> Site | None:
        """Installs requirements and their dependencies; None after an error (FG530, FG531).

        Paths in the requirements are relative to `root`. A second call with the same requirements reuses the first
        installation. Raises OSError.
        """
        lines = asked.requirements
        if not lines:
            return Site(self.cache, ())
        known = [RECIPE, str(target), asked.complete, lines, asked.constraints, _digests(lines, root)]
        key = hashlib.sha256(json.dumps(known).encode()).hexdigest()[:_DIGITS]
        entry = self.cache / key
        kept = _kept(entry)
        if kept is not None:
            return kept
        self.say(f"installing {len(lines)} requirement{'s' if len(lines) != 1 else ''} for {target}")
        self.cache.mkdir(parents=True, exist_ok=True)
        keep_out_of_version_control(self.cache)
        with tempfile.TemporaryDirectory(dir=self.cache, prefix=".new-") as name:
            ready = Path(name) / "ready"
            ready.mkdir()
            made = self._install(ready, asked, target, root, sink)
            if made is None:
                return None
            for left in ready.glob("*.txt"):  # the URL of an index may contain credentials
                left.unlink()
            (ready / "index.json").write_text(to_json(made), "utf-8", newline="\n")
            shutil.rmtree(entry, ignore_errors=True)  # unreadable for `_kept`
            with contextlib.suppress(OSError):  # another process was faster
                ready.rename(entry)
        return _kept(entry)

    def _install(
        self, folder: Path, asked: Asked, target: Target, root: Path, sink: Sink
    ) -> tuple[Distribution, ...] | None:
        program = _program()
        if program is None:
            message = "cannot install the dependencies: neither pip nor uv is available"
            sink.add(Diagnostic("FG530", message, None, help="run `python -m ensurepip`, or install uv"))
            return None
        site, lines = folder / "site", list(asked.requirements)
        constraints = _written(folder / "constraints.txt", asked.constraints)
        for _ in range(_ROUNDS):
            shutil.rmtree(site, ignore_errors=True)
            requirements = _written(folder / "requirements.txt", lines)
            arguments = program(target, site, requirements)
            if asked.constraints:
                arguments += ["--constraint", str(constraints)]
            if asked.complete:
                arguments += ["--no-deps"]
            status, printed = self.run(arguments, root)
            if status != 0:
                sink.add(failure(printed, lines, target))
                return None
            site.mkdir(exist_ok=True)
            made = installed(site)
            more = () if asked.complete else lacking(made, target, lines)
            if not more:
                return made
            lines = [*lines, *more]
        sink.add(
            Diagnostic("FG530", f"cannot resolve the dependencies for {target}: still missing {', '.join(more)}", None)
        )
        return None


def _written(file: Path, lines: Sequence[str]) -> Path:
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="\n")
    return file


def _digests(lines: Sequence[str], root: Path) -> list[str]:
    """The digests of wheels that requirements name by path, since the file may change."""
    return [hashlib.sha256((root / line).read_bytes()).hexdigest() for line in lines if (root / line).is_file()]


def _kept(entry: Path) -> Site | None:
    try:
        return Site(entry / "site", from_json((entry / "index.json").read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_out_of_version_control(cache: Path) -> None:
    ignoring = cache / ".gitignore"
    if not ignoring.exists():
        ignoring.write_text("*\n", "utf-8", newline="\n")


def _program() -> Callable[[Target, Path, Path], list[str]] | None:
    """The command line of pip if this Python has it, else of uv."""
    if importlib.util.find_spec("pip") is not None:
        return _pip
    if shutil.which("uv") is not None:
        return _uv
    return None


_WITHOUT_PROGRAMS = """
import os, runpy, sys
def refuse(event, arguments):
    if event in {"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system"}:
        program = arguments[1][0] if event == "subprocess.Popen" and isinstance(arguments[1], (list, tuple)) else ""
        if os.path.basename(program) not in {"keyring", "keyring.exe"}:
            raise PermissionError(f"flowgen lets pip start no programs, since a build runs code: {event} {program}")
sys.addaudithook(refuse)
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""
"""Runs pip so that it cannot start other programs, which it does not need to install wheels. Otherwise it could build
packages or clone repositories, even for an indirect dependency that no file of the project lists, since `--only-binary`
does not prevent that. `keyring`, which supplies passwords, is allowed."""


def _pip(target: Target, site: Path, asked: Path) -> list[str]:
    return [
        *(
            sys.executable,
            "-P",
            "-c",
            _WITHOUT_PROGRAMS,
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ),
        *("--no-compile", "--no-warn-conflicts", "--target", str(site), "--requirement", str(asked)),
        *("--only-binary", ":all:", "--implementation", "cp", "--python-version", target.python),
        *(part for platform in target.platforms for part in ("--platform", platform)),
    ]


def _uv(target: Target, site: Path, asked: Path) -> list[str]:
    return [
        *("uv", "pip", "install", "--quiet", "--no-compile-bytecode", "--link-mode", "copy"),
        *("--target", str(site), "--requirement", str(asked), "--only-binary", ":all:"),
        *("--python-version", target.python, "--python-platform", target.uv_platform),
    ]


def run_program(command: Sequence[str], folder: Path, limit: float | None = None) -> tuple[int, str]:
    """Runs a program without input, for at most `limit` seconds if given; returns its status and output."""
    try:
        done = subprocess.run(  # noqa: S603 - pip, uv or Python with flowgen's own arguments
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return _TOO_LONG, f"timed out after {limit} seconds"
    return done.returncode, done.stdout
