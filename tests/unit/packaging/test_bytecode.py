"""Bytecode in zips: the same to the byte, loaded without compiling, and no reason to fail but for its Python."""

from __future__ import annotations

import argparse
import dataclasses
import json
import marshal
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic, Position, Sink, Span
from flowgen.packaging import bytecode, compile_modules
from flowgen.packaging import contents as packed_contents
from flowgen.packaging.bytecode import Compiler, CompilingError, Python, Source
from flowgen.packaging.distributions import file_at
from flowgen.packaging.installing import Run, run_program
from flowgen.packaging.pack import Packed, pack
from flowgen.packaging.target import Target
from flowgen.packaging.zips import ChangedError, Zip, zip_bytes
from tests.unit.packaging.index import Index, Wheel, project
from tests.unit.packaging.test_pack import deployed

HERE = f"python{sys.version_info.major}.{sys.version_info.minor}"
TAG = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
VERSION = ".".join(map(str, sys.version_info[:3]))
TARGET = Target(HERE, "arm64")
HEADER = 16
"""Bytes of a `.pyc` before its code (PEP 552)."""

INDEX = Index(
    Wheel(
        "pydantic",
        files={
            "pydantic/__init__.py": "def twice(x): return 2 * x\n",
            "pydantic/old.py": "print 'Python 2'\n",
            "pydantic/template.py": "class {{ name }}: pass\n",
            "pydantic/zeros.py": "\0",
        },
    )
)
SETTINGS = """[project]
name = "shop"
dependencies = ["pydantic==1.0"]
[tool.flowgen]
[tool.flowgen.packaging]
bytecode = true
"""
CODE = {
    "pyproject.toml": SETTINGS,
    "src/shop/__init__.py": "",
    "src/shop/one.py": "import pydantic\nfrom . import common\n\ndef handler():\n    return common.half(84)\n",
    "src/shop/two.py": "from shop.common import half\n",
    "src/shop/common.py": """def half(x):
    if x in {"a", "b"}:
        raise KeyError(x)  # no half
    return x // 2
""",
}


def outcome(
    folder: Path,
    files: Mapping[str, str],
    *names: str,
    target: Target = TARGET,
    compiler: Callable[[Compiler], Compiler] = lambda made: made,
) -> tuple[Packed | None, list[Diagnostic], list[str]]:
    """What was packed, what was found, and what was reported."""
    index, sink, kept = Index(*INDEX.wheels.values()), Sink(), folder / ".flowgen" / "cache"
    functions = [deployed(name, target) for name in names or ("one", "two")]
    found = project(folder, files)
    made, _ = pack(found, functions, index.installer(kept), compiler(index.compiler(kept)), sink)
    return made, list(sink), index.said


def zips(folder: Path, files: Mapping[str, str], *names: str) -> tuple[Zip, ...]:
    made, told, _ = outcome(folder, files, *names)
    assert told == []
    assert made is not None
    return made.zips


def unpacked(made: Zip, folder: Path) -> Path:
    for file in made.files:
        (folder / file.place).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.place).write_bytes(made.paths[file.place].read_bytes())
    return folder


def started(folder: Path, program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A cold start: only the zip's content next to Python's own library, and nothing is written."""
    script = f"import sys; sys.path.insert(0, {str(folder)!r}); {program}"
    command = [sys.executable, "-I", "-S", "-B", *options, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_each_module_has_its_bytecode_next_to_it(tmp_path: Path) -> None:
    """But those that are not Python, which wheels have for other reasons."""
    one, two = zips(tmp_path, CODE)
    assert [file.place for file in one.files if ".dist-info" not in file.place] == [
        *("pydantic/__init__.py", f"pydantic/__pycache__/__init__.{TAG}.pyc"),
        *("pydantic/old.py", "pydantic/template.py", "pydantic/zeros.py"),
        *("shop/__init__.py", f"shop/__pycache__/__init__.{TAG}.pyc", f"shop/__pycache__/common.{TAG}.pyc"),
        *(f"shop/__pycache__/one.{TAG}.pyc", "shop/common.py", "shop/one.py"),
    ]
    assert f"shop/__pycache__/two.{TAG}.pyc" in {file.place for file in two.files}
    assert all(file.mode == 0o644 for file in one.files if "pycache" in file.place)


def test_without_the_setting_there_is_none(tmp_path: Path) -> None:
    one, _ = zips(tmp_path, {**CODE, "pyproject.toml": SETTINGS.replace("true", "false")})
    assert [file.place for file in one.files if "pycache" in file.place] == []


def test_what_is_excluded_stays_out(tmp_path: Path) -> None:
    excluding = SETTINGS + 'exclude = ["shop/__pycache__/**", "pydantic/old.py"]\n'
    one, _ = zips(tmp_path, {**CODE, "pyproject.toml": excluding})
    assert [file.place for file in one.files if "pycache" in file.place] == [f"pydantic/__pycache__/__init__.{TAG}.pyc"]


def test_it_is_loaded_without_looking_at_the_source(tmp_path: Path) -> None:
    """Nothing is compiled, and neither the times of files nor their content count."""
    folder = unpacked(zips(tmp_path / "project", CODE)[0], tmp_path / "task")
    (folder / "shop" / "common.py").write_text("something = 'else'\n")
    done = started(folder, "import shop.one; print(shop.one.handler())", "-v")
    assert (done.returncode, done.stdout) == (0, "42\n")
    loaded = re.findall(rf"# code object from '({re.escape(str(folder))}[^']*)'", done.stderr)
    assert [Path(path).name for path in loaded] == [
        *(f"__init__.{TAG}.pyc", f"one.{TAG}.pyc", f"__init__.{TAG}.pyc", f"common.{TAG}.pyc"),
    ]


def test_a_traceback_shows_the_code(tmp_path: Path) -> None:
    """From wherever it is loaded; in Lambda, what the bytecode says is right already."""
    made = zips(tmp_path / "project", CODE)[0]
    done = started(unpacked(made, tmp_path / "task"), "import shop.common; shop.common.half('a')")
    assert f'File "{tmp_path}/task/shop/common.py", line 3, in half\n    raise KeyError(x)  # no half' in done.stderr
    path = made.paths[f"shop/__pycache__/common.{TAG}.pyc"]
    assert marshal.loads(path.read_bytes()[HEADER:]).co_filename == "/var/task/shop/common.py"  # noqa: S302 - our own


def test_the_same_wherever_it_is_made(tmp_path: Path) -> None:
    """Another folder, another order of functions and files, another cache, other rights."""
    first = zips(tmp_path / "a", CODE)
    before = os.umask(0o077)
    try:
        second = zips(tmp_path / "other" / "place", dict(reversed(CODE.items())), "two", "one")
    finally:
        os.umask(before)
    assert [zip_bytes(one) for one in first] == [zip_bytes(one) for one in reversed(second)]


def test_the_same_whatever_a_process_holds(tmp_path: Path) -> None:
    """Two hash seeds, two orders: of real modules, and of two that each know a string by which the other is written.

    In format 4, Python 3.11 and 3.12 write a letter otherwise once it was a name somewhere.
    """
    for name, text in {"letter": "x = 'é' in {'a', 'b', 'c', 'd', 'e'}", "name": "é = 1"}.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    sources = [tmp_path / "letter.py", tmp_path / "name.py"]
    sources += [Path(str(module.__file__)) for module in (argparse, dataclasses, json, random, re, subprocess)]
    sources += [path for path in sorted(Path(compile_modules.__file__).parents[1].rglob("*.py")) if path.is_file()]
    made = []
    for seed, order in (("0", 1), ("1", -1)):
        folder = tmp_path / seed
        folder.mkdir()
        lines = [
            [str(path), file_at(path, "").sha256, f"/var/task/{number}.py", str(folder / str(number))]
            for number, path in enumerate(sources)
        ][::order]
        (folder / "modules.json").write_text(json.dumps(lines))
        command = [sys.executable, compile_modules.__file__, str(folder / "modules.json")]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        made.append([(folder / str(number)).read_bytes() for number in range(len(sources))])
    assert made[0] == made[1]
    assert all(content[4:8] == b"\x01\0\0\0" for content in made[0])


def test_what_was_made_is_kept(tmp_path: Path) -> None:
    """By content: an edited module is compiled alone, and what can't be is not tried again."""
    said = [line for line in outcome(tmp_path, CODE)[2] if "compiling" in line]
    assert said == [f"compiling 8 modules with Python {VERSION}"]
    assert [line for line in outcome(tmp_path, CODE)[2] if "compiling" in line] == []
    edited = {**CODE, "src/shop/two.py": "x = 1"}
    assert [line for line in outcome(tmp_path, edited)[2] if "compiling" in line] == [
        f"compiling 1 module with Python {VERSION}"
    ]
    kept = tmp_path / ".flowgen" / "cache" / "bytecode"
    assert [path.name for path in kept.iterdir() if path.suffix != ".pyc"] == [".gitignore"]


def test_a_module_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    module = tmp_path / "a.py"
    module.write_text("x = 1\n")
    asked = Source("a.py", module, file_at(module, "a.py").sha256)
    module.write_text("x = 2\n")
    compiler = INDEX.compiler(tmp_path / "cache")
    with pytest.raises(ChangedError, match=re.escape(str(module))):
        compiler.compiled([asked], compiler.python(HERE))
    assert list((tmp_path / "cache" / "bytecode").glob("*.pyc")) == []


def test_what_two_processors_have_in_common_is_made_once(tmp_path: Path) -> None:
    """Each has its own wheels, with the same modules in them."""
    for folder in ("arm64", "x86_64"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("x = 1\n")
    asked = [
        Source("a.py", tmp_path / name / "a.py", file_at(tmp_path / name / "a.py", "").sha256)
        for name in ("arm64", "x86_64")
    ]
    compiler = INDEX.compiler(tmp_path / "cache")
    made = compiler.compiled(asked, compiler.python(HERE))
    assert made[asked[0]] == made[asked[1]]


def test_bytecode_counts_for_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without, _ = zips(tmp_path, {**CODE, "pyproject.toml": SETTINGS.replace("true", "false")})
    monkeypatch.setattr(packed_contents, "UNZIPPED", without.size)
    made, [told], _ = outcome(tmp_path, CODE, "one")
    assert made is None
    assert (told.code, told.span) == ("FG535", deployed("one").span)
    assert told.notes[-1] == "0.0 MB are bytecode; leave it out with `bytecode = false`"


def test_no_python_of_the_runtime(tmp_path: Path) -> None:
    """Told at the setting, before anything is installed."""
    made, [told], said = outcome(tmp_path, CODE, target=Target("python3.99", "arm64"))
    assert (made, said) == (None, [])
    assert (told.code, told.severity) == ("FG539", "error")
    assert told.message == "cannot make bytecode for `python3.99`: no `python3.99` found"
    assert told.span == Span("pyproject.toml", Position(6, 1), Position(6, 9))
    assert [(label.span, label.text) for label in told.secondary] == [(deployed("one").span, "runs on python3.99")]
    assert told.help == (
        f"use the running Python: `defaults: {{function: {{runtime: {HERE}}}}}` in `workflows/flow.yaml`; "
        "or run flowgen with python3.99, or add that to PATH; or set `bytecode = false`"
    )


def test_no_python_of_the_runtime_on_one_that_lambda_does_not_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs here is not a way out then."""
    monkeypatch.setattr(bytecode, "RUNTIMES", ())
    _, [told], _ = outcome(tmp_path, CODE, target=Target("python3.99", "arm64"))
    assert told.help == "run flowgen with python3.99, or add that to PATH; or set `bytecode = false`"


def answering(answer: str, calls: list[Sequence[str]]) -> Run:
    """Programs, one of which is asked for its version and gives this answer; this Python compiles for it."""

    def run(command: Sequence[str], folder: Path) -> tuple[int, str]:
        calls.append(command)
        return (0, answer) if "-c" in command else run_program([sys.executable, *command[1:]], folder)

    return run


def test_a_python_on_path(tmp_path: Path) -> None:
    """It is asked for its version, and compiles all in one process that the environment has no say in."""
    calls: list[Sequence[str]] = []

    def other(compiler: Compiler) -> Compiler:
        run = answering("cpython-399 3 99 1 final\n", calls)
        return dataclasses.replace(compiler, run=run, which=lambda name: f"/opt/{name}")

    made, told, said = outcome(tmp_path, CODE, target=Target("python3.99", "arm64"), compiler=other)
    assert told == []
    assert made is not None
    assert "shop/__pycache__/one.cpython-399.pyc" in {file.place for file in made.zips[0].files}
    assert "compiling 8 modules with Python 3.99.1" in said
    assert [command[0] for command in calls] == ["/opt/python3.99"] * 2
    assert all("-I" in command for command in calls)


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a script of a shell")
def test_a_program_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found and run is a real program; the environment's settings of Python do not reach it."""
    program = tmp_path / "bin" / "python3.99"
    program.parent.mkdir()
    answer = 'case "$*" in *" -c "*) echo cpython-399 3 99 1 final;;'
    program.write_text(f'#!/bin/sh\n{answer} *) exec {sys.executable} "$@";; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    compiler = Compiler(tmp_path / "cache", tmp_path, run_program, print)
    module = tmp_path / "a.py"
    module.write_text('assert x, "y"\n')
    asked = Source("a.py", module, file_at(module, "a.py").sha256)
    made = compiler.compiled([asked], compiler.python("python3.99"))
    assert made[asked].read_bytes() == compile_modules.bytecode(module.read_bytes(), "/var/task/a.py")


@pytest.mark.parametrize(
    ("answer", "notes"),
    [
        ("cpython-398 3 98 1 final", ("cpython-398 3 98 1 final",)),
        ("cpython-399 3 99 0 candidate", ("cpython-399 3 99 0 candidate",)),
        ("pypy399 3 99 1 final", ("pypy399 3 99 1 final",)),
        ("pyenv: python3.99: command not found\n\nTry another\n", ("pyenv: python3.99: command not found",)),
        ("", ()),
    ],
)
def test_a_program_that_is_not_that_python(tmp_path: Path, answer: str, notes: tuple[str, ...]) -> None:
    compiler = Compiler(tmp_path, tmp_path, answering(answer, []), print, lambda name: f"/opt/{name}")
    with pytest.raises(CompilingError, match=re.escape("`/opt/python3.99` is not a released CPython 3.99")) as caught:
        compiler.python("python3.99")
    assert caught.value.notes == notes


def test_the_python_that_runs_is_taken_first(tmp_path: Path) -> None:
    compiler = Compiler(tmp_path, tmp_path, lambda *_: (1, ""), print, lambda name: f"/opt/{name}")
    assert compiler.python(HERE) == Python(sys.executable, VERSION)


def test_a_compilation_that_breaks_off(tmp_path: Path) -> None:
    """Nothing of it is kept."""

    def broken(compiler: Compiler) -> Compiler:
        return dataclasses.replace(compiler, run=lambda *_: (1, "Traceback\n  …\nOSError: disk full\n"))

    made, [told], _ = outcome(tmp_path, CODE, compiler=broken)
    assert (made, told.code, told.message) == (None, "FG539", f"Python {VERSION} could not make bytecode")
    assert told.notes == ("OSError: disk full",)
    assert zips(tmp_path, CODE)


def test_a_program_that_does_not_end(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    status, printed = run_program(command, tmp_path, limit=0.01)
    assert status != 0
    assert printed == "timed out after 0.01 seconds"
