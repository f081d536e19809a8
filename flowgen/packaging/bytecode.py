"""The bytecode of modules, as files to put beside them, so that a cold start need not compile them.

A function's folder can't be written to, so Lambda would compile all that is imported at each cold start. Bytecode is
that of one version of Python. It is made by such a one, in a process of its own that imports nothing of it, and kept
by the content of the module.
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
"""Counts the ways in which bytecode was ever made; another one makes all that is kept stale."""

LIMIT = 600.0
"""Seconds that compiling may take: a bound for what never happens. A thousand modules take a few."""

_FOLDER = PurePosixPath("/var/task")
"""Where a zip is unpacked (Lambda developer guide, "Working with .zip file archives for Python Lambda functions"). A
module that is loaded from elsewhere gets its true place then, but Python has to go through all of its code for it."""

# Without the user's environment and packages; a module's warnings are not for who packages it.
_ISOLATED = ("-I", "-S", "-B", "-W", "ignore")
_QUESTION = "import sys; v = sys.version_info; print(sys.implementation.cache_tag, *v[:4])"
_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Python:
    """A Python that compiles: the program, and its version to the last number (`3.13.0`)."""

    program: str
    version: str

    @property
    def tag(self) -> str:
        """What it has in the names of its bytecode.

        >>> Python("python", "3.13.0").tag
        'cpython-313'
        """
        return "cpython-" + "".join(self.version.split(".")[:2])


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A module to compile: its place in the zip, where it is on disk, the SHA-256 of its content."""

    place: str
    path: Path
    sha256: str


class CompilingError(Exception):
    """There is no bytecode; the message says why, `notes` have what a program printed."""

    def __init__(self, message: str, *notes: str) -> None:
        super().__init__(message)
        self.notes = notes


@dataclass(frozen=True, slots=True)
class Compiler:
    """Keeps what it makes in the folder `cache`, and runs programs in `root`, the project's folder.

    `say` hears what takes time, `which` finds a program by its name.
    """

    cache: Path
    root: Path
    run: Run
    say: Callable[[str], None]
    which: Callable[[str], str | None] = shutil.which

    def python(self, runtime: str) -> Python:
        """The Python of a runtime (`python3.13`): the one that runs here, or the one of that name on PATH.

        One that isn't finished makes bytecode of another format, which a finished one would not read. Raises
        CompilingError, OSError.
        """
        here = _version(_own())
        if here is not None and sys.executable and own_runtime() == runtime:
            return Python(sys.executable, here)
        program = self.which(runtime)
        if program is None:
            raise CompilingError(f"there is no `{runtime}` that could make bytecode for `{runtime}`")
        _, printed = self.run([program, *_ISOLATED, "-c", _QUESTION], self.root)
        version = _version(printed)
        if version is None or f"python{version.rpartition('.')[0]}" != runtime:
            raise CompilingError(
                f"`{program}` is no finished CPython {runtime.removeprefix('python')}", *_line(printed, 0)
            )
        return Python(program, version)

    def compiled(self, sources: Iterable[Source], python: Python) -> Mapping[Source, Path]:
        """The files with the bytecode of modules, but of those that can't be compiled.

        Raises CompilingError, OSError; `zips.ChangedError` for a module that is not any more what it was.
        """
        kept = {one: self.cache / f"{_key(one, python)}.pyc" for one in sorted(set(sources))}
        # One module of two distributions, which are those of two processors, is one file here.
        missing = {path: one for one, path in kept.items() if not path.exists()}
        if missing:
            self.say(f"compiling {len(missing)} module{'s' if len(missing) != 1 else ''} with Python {python.version}")
            self._compile(missing, python)
        return {one: path for one, path in kept.items() if path.stat().st_size}

    def _compile(self, missing: Mapping[Path, Source], python: Python) -> None:
        self.cache.mkdir(parents=True, exist_ok=True)
        keep_out_of_version_control(self.cache)
        with tempfile.TemporaryDirectory(dir=self.cache, prefix=".new-") as name:
            folder = Path(name)
            asked = folder / "modules.json"
            lines = [
                [str(one.path), one.sha256, str(_FOLDER / one.place), str(folder / path.name)]
                for path, one in missing.items()
            ]
            asked.write_text(json.dumps(lines), "utf-8", newline="\n")
            program = [python.program, *_ISOLATED, compile_modules.__file__, str(asked)]
            status, printed = self.run(program, self.root)
            if status == compile_modules.CHANGED:
                raise ChangedError(printed.strip())
            if status != 0:
                raise CompilingError(f"Python {python.version} could not make bytecode", *_line(printed, -1))
            # One by one, each whole: another process may be at the same.
            for path in missing:
                (folder / path.name).replace(path)


def place_beside(place: str, python: Python) -> str:
    """Where the bytecode of a module goes.

    >>> place_beside("shop/mail.py", Python("python", "3.13.0"))
    'shop/__pycache__/mail.cpython-313.pyc'
    """
    module = PurePosixPath(place)
    return str(module.parent / "__pycache__" / f"{module.stem}.{python.tag}.pyc")


def finding(error: CompilingError, span: Span | None, asked: tuple[str, Span] | None = None) -> Diagnostic:
    """FG539. `span` is where the settings ask for bytecode, `asked` a runtime without a Python and a function of it."""
    runtime, function = asked or ("the Python of the functions' `runtime`", None)
    ways = [f"run flowgen with {runtime}, or put that on PATH", "package without: `bytecode = false`"]
    here = own_runtime()
    if function is not None and here in RUNTIMES:
        ways.insert(
            0, f"for the Python that runs here, `defaults: {{function: {{runtime: {here}}}}}` in `{function.file}`"
        )
    return Diagnostic(
        "FG539",
        str(error),
        span,
        secondary=(Label(function, f"runs on {runtime}"),) if function is not None else (),
        notes=error.notes,
        help="; or ".join(ways),
    )


def own_runtime() -> str | None:
    """The runtime that has the Python which runs here, if that is a finished CPython."""
    here = _version(_own())
    return None if here is None else f"python{here.rpartition('.')[0]}"


def _own() -> str:
    return " ".join(map(str, (sys.implementation.cache_tag, *sys.version_info[:4])))


def _version(answer: str) -> str | None:
    """The version in an answer to `_QUESTION`, of a finished CPython.

    >>> _version("cpython-313 3 13 0 final"), _version("pypy311 3 11 13 final"), _version("cpython-315 3 15 0 beta")
    ('3.13.0', None, None)
    """
    found = re.fullmatch(r"cpython-\d+ (\d+) (\d+) (\d+) final", answer.strip())
    return ".".join(found.groups()) if found else None


def _key(one: Source, python: Python) -> str:
    return hashlib.sha256(json.dumps([RECIPE, python.version, one.place, one.sha256]).encode()).hexdigest()


def _line(printed: str, number: int) -> tuple[str, ...]:
    """A line that a program printed: the last of a traceback is the error, the first of other programs."""
    lines = printed.strip().splitlines()
    return (lines[number][:_WIDTH],) if lines else ()
