"""Runs the program that imports classes, and checks its results against the requirements of a contract."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowgen.diagnostics import did_you_mean
from flowgen.model.python_types import known_keywords
from flowgen.types import Definitions, assign, show_path

Schema = dict[str, Any]

SECONDS = 30.0
"""The maximum time to import all classes of a project."""

_PROGRAM = Path(__file__).with_name("program.py")
_KEYWORDS = frozenset(
    {"$defs", "additionalProperties", "allOf", "anyOf", "default", "items", "oneOf", "patternProperties", "prefixItems"}
    | {"properties"}
)
"""Keys in the path of a field that are not part of its name."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where classes may come from: the source folder, absolute, and installed packages that the settings name.

    `shown` is the source folder for messages.
    """

    folder: Path
    packages: tuple[str, ...] = ()
    shown: str = "src"


@dataclass(frozen=True, slots=True)
class Described:
    """The JSON Schema of a class: of what it reads, which what it writes fits."""

    schema: Schema


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a class can't be a type: FG123 or FG124, with a message and what to do."""

    code: str
    message: str
    help: str | None = None


# See docs/explanation/decisions.md#classes-are-imported-by-generate-only
def describe(targets: Iterable[str], places: Places, seconds: float = SECONDS) -> dict[str, Described | Refused]:
    """The classes of these names (`shop.models:User`), imported in a process that ends after `seconds`."""
    found: dict[str, Described | Refused] = {}
    asked = []
    for target in sorted(targets):
        refused = _not_ours(target, places)
        if refused is None:
            asked.append(target)
        else:
            found[target] = refused
    answers = _answers(asked, places.folder, seconds) if asked else []
    for target, answer in zip(asked, answers, strict=False):
        found[target] = _read(target, answer)
    for number, target in enumerate(asked[len(answers) :]):
        found[target] = _unanswered(target, seconds) if number == 0 else _after(target, asked[len(answers)])
    return found


def _not_ours(target: str, places: Places) -> Refused | None:
    """A module that is neither in the source folder nor allowed by the settings is not imported."""
    module = target.partition(":")[0]
    if module.partition(".")[0] in places.packages:
        return None
    path = places.folder.joinpath(*module.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    if any(file.is_file() and file.resolve().is_relative_to(places.folder.resolve()) for file in files):
        return None
    return Refused(
        "FG123",
        f"there is no module `{module}` in `{places.shown}`",
        "of an installed package, name the package: `type_packages` under `[tool.flowgen]`",
    )


def _answers(targets: list[str], folder: Path, seconds: float) -> list[Schema]:
    """An answer for each target, up to one at which the process ended or hung."""
    process = subprocess.Popen(  # noqa: S603 - this Python, with flowgen's program
        [sys.executable, "-P", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(json.dumps({"folder": str(folder), "targets": targets}), seconds)
    except subprocess.TimeoutExpired as expired:
        output = (expired.stdout or b"").decode()
    finally:
        _stop(process)
    return [json.loads(line) for line in output.splitlines(keepends=True) if line.endswith("\n")]


def _stop(process: subprocess.Popen[str]) -> None:
    """Ends the process, and those that it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _unanswered(target: str, seconds: float) -> Refused:
    return Refused(
        "FG123",
        f"the import of `{target}` did not finish",
        f"importing a module may take at most {seconds:g} s, and must not end the process",
    )


def _after(target: str, stuck: str) -> Refused:
    return Refused("FG123", f"`{target}` was not imported, because `{stuck}` did not finish")


def _read(target: str, answer: Mapping[str, Any]) -> Described | Refused:
    module, _, name = target.partition(":")
    reason = answer.get("reason", "")
    match answer.get("problem"):
        case None:
            return _contract(target, known_keywords(answer["validation"]), known_keywords(answer["serialization"]))
        case "module":
            return Refused("FG123", f"`{module}` can't be imported: {reason}")
        case "attribute":
            guess = did_you_mean(name, answer["names"])
            return Refused("FG123", f"`{module}` has no class `{name}`", f"did you mean `{guess}`?" if guess else None)
        case "type":
            return Refused("FG124", f"`{name}` in `{module}` is a value, not a class: {reason}")
        case "schema":
            return Refused("FG124", f"`{target}` has no JSON Schema: {reason}")
        case _:
            return Refused("FG123", f"`{module}` can't be imported: {reason}")


def _contract(target: str, read: Schema, written: Schema) -> Described | Refused:
    """A contract is one type for both directions: a class must accept the values that it writes."""
    refused = _unwritable(target, read)
    if refused is not None:
        return refused
    mismatch = assign(_definitions(_closed(written)), _definitions(read))
    if mismatch is None:
        return Described(read)
    where = show_path(mismatch.path) if mismatch.path else "the whole"
    return Refused(
        "FG124",
        f"`{target}` writes values that it does not accept: {where} differs",
        "a contract is one type for both: remove aliases and serializers that apply in one direction only, and "
        "computed fields of models that forbid extra fields",
    )


def _unwritable(target: str, schema: Schema) -> Refused | None:
    """What schemas of reading and of writing have alike, and yet does not come out as it went in."""
    waiting: list[tuple[str, Any]] = [("", schema)]
    while waiting:
        name, inner = waiting.pop(0)
        where = f"`{name}`" if name else "it"
        match inner:
            case {"writeOnly": True, "format": "password"}:
                message = f"`{target}` writes values that it does not accept: {where} is a secret, written as asterisks"
                return Refused("FG124", message, "a contract is one type for both: use `str` if the value is passed on")
            case float() if not math.isfinite(inner):
                return Refused("FG124", f"`{target}` has no JSON Schema: {inner} in {where} is not a JSON number")
            case dict():
                waiting += [
                    (name if key in _KEYWORDS else key, one)
                    for key, one in inner.items()
                    if key not in ("const", "enum", "examples")
                ]
            case list():
                waiting += [(name, one) for one in inner]
            case _:
                pass
    return None


def _closed(schema: Any) -> Any:
    """The schema of what a class writes: an object has the fields that it names, and others only if allowed."""
    if isinstance(schema, list):
        return [_closed(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: value if key in ("default", "const", "enum") else _closed(value) for key, value in schema.items()}
    return {"additionalProperties": False, **inner} if isinstance(schema.get("properties"), dict) else inner


def _definitions(schema: Schema) -> Any:
    inner = {name.rpartition("/")[2]: one for name, one in schema.get("$defs", {}).items()}
    whole = {key: value for key, value in schema.items() if key != "$defs"}
    return Definitions(inner, filled=False).type_of(whole)
