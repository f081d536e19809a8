"""The dependencies of a project, installed for a target by pip or uv, once for each set of requirements.

Which index they come from is the user's own configuration of pip or uv. Wheels only: building runs code of strangers,
and builds for this machine.
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
"""Counts the ways in which dependencies were ever installed; another one makes all that is kept stale."""

_ROUNDS = 5
_DIGITS = 24
_TOO_LONG = 124
"""The status of a program that took too long, as `timeout` of coreutils has it."""

Run = Callable[[Sequence[str], Path], "tuple[int, str]"]
"""Runs a program in a folder; gives its status and all that it printed."""


@dataclass(frozen=True, slots=True)
class Site:
    """A folder with installed distributions."""

    folder: Path
    distributions: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True)
class Installer:
    """Installs into folders below `cache`. `say` hears what takes time."""

    cache: Path
    run: Run
    say: Callable[[str], None]

    def site(self, asked: Asked, target: Target, root: Path, sink: Sink) -> Site | None:
        """The distributions that requirements name, and what those require; None where `sink` got the reason.

        That is FG530 or FG531. `root` is what paths in the requirements are relative to. A second call with the same
        requirements takes what the first one installed. Raises OSError.
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
            for left in ready.glob("*.txt"):  # an address of an index may have credentials in it
                left.unlink()
            (ready / "index.json").write_text(to_json(made), "utf-8", newline="\n")
            shutil.rmtree(entry, ignore_errors=True)  # what `_kept` could not read
            with contextlib.suppress(OSError):  # another one was faster
                ready.rename(entry)
        return _kept(entry)

    def _install(
        self, folder: Path, asked: Asked, target: Target, root: Path, sink: Sink
    ) -> tuple[Distribution, ...] | None:
        program = _program()
        if program is None:
            message = "neither pip nor uv is installed next to flowgen: nothing can install the dependencies"
            sink.add(Diagnostic("FG530", message, None, help="`python -m pip install uv`, or `python -m ensurepip`"))
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
        sink.add(Diagnostic("FG530", f"the dependencies for {target} have no end: {', '.join(more)}", None))
        return None


def _written(file: Path, lines: Sequence[str]) -> Path:
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="\n")
    return file


def _digests(lines: Sequence[str], root: Path) -> list[str]:
    """The digests of the wheels that requirements name by their paths: another wheel may have the same name."""
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
    """What asks pip where this Python has it, else uv."""
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
            raise PermissionError(f"flowgen lets pip start no program, since a build runs code: {event} {program}")
sys.addaudithook(refuse)
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""
"""Runs pip, which needs no other program to install wheels. It starts some to build packages and to clone repositories,
also for a dependency of a dependency, which no file of the project shows: `--only-binary` does not prevent that. What
asks for passwords (`keyring`) is allowed."""


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
    """Runs a program to its end, without input; for `limit` seconds at most, if that is given."""
    try:
        done = subprocess.run(  # noqa: S603 - pip, uv or Python with arguments of ours
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
        return _TOO_LONG, f"it did not end within {limit} seconds"
    return done.returncode, done.stdout
