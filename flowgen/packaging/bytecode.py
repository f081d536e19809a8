"""The bytecode of modules, packaged with them so that a cold start does not compile them.

Lambda cannot write to a function's folder, so it would compile every imported module at each cold start. Bytecode fits
one version of Python. That version compiles it, in a separate process that imports none of the modules, and a cache
keeps it by the module's content.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.model.functions import RUNTIMES
from flowgen.packaging import compile_modules
from flowgen.packaging.installing import Run, keep_out_of_version_control
from flowgen.packaging.zips import ChangedError

RECIPE = 1
"""Version of the way bytecode is made; increase it to invalidate the cache."""

LIMIT = 600.0
"""Limit in seconds for compiling, as a safeguard: a thousand modules take a few seconds."""

_FOLDER = PurePosixPath("/var/task")
"""Where Lambda unpacks a zip (developer guide, "Working with .zip file archives for Python Lambda functions"). Python
corrects the path of a module that it loads from elsewhere, but must walk through all of its code to do so."""

# Ignores the user's environment and packages, and hides warnings about third-party modules.
_ISOLATED = ("-I", "-S", "-B", "-W", "ignore")
_QUESTION = "import sys; v = sys.version_info; print(sys.implementation.cache_tag, *v[:4])"
_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Python:
    """A Python interpreter: the program, and its full version (`3.13.0`)."""

    program: str
    version: str

    @property
    def tag(self) -> str:
        """Its tag in the names of bytecode files.

        >>> Python("python", "3.13.0").tag
        'cpython-313'
        """
        return "cpython-" + "".join(self.version.split(".")[:2])


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A module to compile: its path in the zip, its path on disk, the SHA-256 of its content."""

    place: str
    path: Path
    sha256: str


class CompilingError(Exception):
    """Bytecode could not be made; the message says why, `notes` has the output of a program."""

    def __init__(self, message: str, *notes: str) -> None:
        super().__init__(message)
        self.notes = notes


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles modules into the folder `cache`, running programs in `root`, the project's folder.

    `say` reports slow operations, `which` finds a program by name.
    """

    cache: Path
    root: Path
    run: Run
    say: Callable[[str], None]
    which: Callable[[str], str | None] = shutil.which

    def python(self, runtime: str) -> Python:
        """The interpreter for a runtime (`python3.13`): the running one, or the one with that name on PATH.

        Pre-releases are rejected: they make bytecode in a format that the release does not read. Raises CompilingError,
        OSError.
        """
        here = _version(_own())
        if here is not None and sys.executable and own_runtime() == runtime:
            return Python(sys.executable, here)
        program = self.which(runtime)
        if program is None:
            raise CompilingError(f"cannot make bytecode for `{runtime}`: no `{runtime}` found")
        _, printed = self.run([program, *_ISOLATED, "-c", _QUESTION], self.root)
        version = _version(printed)
        if version is None or f"python{version.rpartition('.')[0]}" != runtime:
            raise CompilingError(
                f"`{program}` is not a released CPython {runtime.removeprefix('python')}", *_line(printed, 0)
            )
        return Python(program, version)

    def compiled(self, sources: Iterable[Source], python: Python) -> Mapping[Source, Path]:
        """The bytecode files of modules, without modules that cannot be compiled.

        Raises CompilingError, OSError, and `zips.ChangedError` for a module that changed meanwhile.
        """
        kept = {source: self.cache / f"{_key(source, python)}.pyc" for source in sorted(set(sources))}
        # The same module in the distributions of two architectures is one file here.
        missing = {path: source for source, path in kept.items() if not path.exists()}
        if missing:
            self.say(f"compiling {len(missing)} module{'s' if len(missing) != 1 else ''} with Python {python.version}")
            self._compile(missing, python)
        return {source: path for source, path in kept.items() if path.stat().st_size}

    def _compile(self, missing: Mapping[Path, Source], python: Python) -> None:
        self.cache.mkdir(parents=True, exist_ok=True)
        keep_out_of_version_control(self.cache)
        with tempfile.TemporaryDirectory(dir=self.cache, prefix=".new-") as name:
            folder = Path(name)
            asked = folder / "modules.json"
            lines = [
                [str(source.path), source.sha256, str(_FOLDER / source.place), str(folder / path.name)]
                for path, source in missing.items()
            ]
            asked.write_text(json.dumps(lines), "utf-8", newline="\n")
            program = [python.program, *_ISOLATED, compile_modules.__file__, str(asked)]
            status, printed = self.run(program, self.root)
            if status == compile_modules.CHANGED:
                raise ChangedError(printed.strip())
            if status != 0:
                raise CompilingError(f"Python {python.version} could not make bytecode", *_line(printed, -1))
            # Rename file by file: another process may be doing the same.
            for path in missing:
                (folder / path.name).replace(path)


def bytecode_path(place: str, python: Python) -> str:
    """The path of a module's bytecode.

    >>> bytecode_path("shop/mail.py", Python("python", "3.13.0"))
    'shop/__pycache__/mail.cpython-313.pyc'
    """
    module = PurePosixPath(place)
    return str(module.parent / "__pycache__" / f"{module.stem}.{python.tag}.pyc")


def finding(error: CompilingError, span: Span | None, asked: tuple[str, Span] | None = None) -> Diagnostic:
    """FG539. `span` is the setting that requests bytecode, `asked` a runtime without interpreter and its function."""
    runtime, function = asked or ("the Python version of the functions' `runtime`", None)
    ways = [f"run flowgen with {runtime}, or add that to PATH", "set `bytecode = false`"]
    here = own_runtime()
    if function is not None and here in RUNTIMES:
        ways.insert(0, f"use the running Python: `defaults: {{function: {{runtime: {here}}}}}` in `{function.file}`")
    return Diagnostic(
        "FG539",
        str(error),
        span,
        secondary=(Label(function, f"runs on {runtime}"),) if function is not None else (),
        notes=error.notes,
        help="; or ".join(ways),
    )


def own_runtime() -> str | None:
    """The runtime with the version of the running Python, if that is a released CPython."""
    here = _version(_own())
    return None if here is None else f"python{here.rpartition('.')[0]}"


def _own() -> str:
    return " ".join(map(str, (sys.implementation.cache_tag, *sys.version_info[:4])))


def _version(answer: str) -> str | None:
    """The version in an answer to `_QUESTION`; None for anything but a released CPython.

    >>> _version("cpython-313 3 13 0 final"), _version("pypy311 3 11 13 final"), _version("cpython-315 3 15 0 beta")
    ('3.13.0', None, None)
    """
    found = re.fullmatch(r"cpython-\d+ (\d+) (\d+) (\d+) final", answer.strip())
    return ".".join(found.groups()) if found else None


def _key(source: Source, python: Python) -> str:
    return hashlib.sha256(json.dumps([RECIPE, python.version, source.place, source.sha256]).encode()).hexdigest()


def _line(printed: str, number: int) -> tuple[str, ...]:
    """A line of a program's output: the last one of a traceback has the error."""
    lines = printed.strip().splitlines()
    return (lines[number][:_WIDTH],) if lines else ()
