"""Mutants of workflows: the same seed always makes the same text.

The bases are the workflows of the examples, of `tests/cases` and of the explain pages. Half of the mutants change the
parsed tree and are written as JSON, which is YAML; the other half change the text itself.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import flowgen.diagnostics
from flowgen.diagnostics import Sink
from flowgen.source import LIMITS, plain, read
from tests.fuzz.hostile import FRAGMENTS, KEYS, SCALARS, STRINGS, WHOLES
from tests.fuzz.rearranging import at, places, rearrange

JSON = Any

ROOT = Path(__file__).parents[2]
_PAGES = Path(flowgen.diagnostics.__file__).parent / "explain"
_BLOCK = re.compile(r"^```yaml\n(?P<yaml>flowgen:.*?)^```$", re.MULTILINE | re.DOTALL)

_VALUE = re.compile(r"(?<=: )[^\s#\[{|>&*!][^\n#]*")


@dataclass(frozen=True, slots=True)
class Base:
    """A workflow that mutants are made of. `file` is its path inside `project`, which is None for an explain page."""

    name: str
    text: str
    project: Path | None = None
    file: str = "workflow.yaml"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A string, and the workflow that it was made of. `before` is that workflow, written in the same way."""

    base: Base
    before: str
    text: str


@cache
def bases() -> tuple[Base, ...]:
    """Every workflow that the repository has, in a stable order."""
    found: list[Base] = []
    for path in sorted(ROOT.glob("examples/*/workflows/*.yaml")):
        project = path.parents[1]
        file = path.relative_to(project).as_posix()
        found.append(Base(f"{project.name}/{path.stem}", path.read_text("utf-8"), project, file))
    for path in sorted(ROOT.glob("tests/cases/*/*/workflow.yaml")):
        name = path.parent.relative_to(ROOT / "tests/cases").as_posix()
        found.append(Base(name, path.read_text("utf-8"), path.parent))
    for page in sorted(_PAGES.glob("*.md")):
        blocks = _BLOCK.finditer(page.read_text("utf-8"))
        found += [Base(f"{page.stem}-{number}", block["yaml"]) for number, block in enumerate(blocks)]
    return tuple(found)


def mutant(seed: int) -> Mutant:
    """The mutant of a seed, any integer from 0 on."""
    rng = Random(seed)  # noqa: S311 - reproducible on purpose
    base = rng.choice(bases())
    changes = rng.choice((1, 1, 1, 2, 3))
    tree = _tree(base) if rng.random() < 0.6 else None
    if tree is None:
        text = base.text
        for _ in range(changes):
            text = _text_changed(rng, text)
        return Mutant(base, base.text, text)
    changed = copy.deepcopy(tree)
    for _ in range(changes):
        _change(rng, changed)
    return Mutant(base, _written(tree), _written(changed))


def _tree(base: Base) -> JSON:
    """The values of a base, or None where its text cannot be read or holds tags such as `!Ref`, which JSON lacks."""
    if re.search(r"(?:^|[\s\[,])![A-Z]", base.text):
        return None
    root = read("base", base.text, Sink())
    return None if root is None else plain(root)


def _written(value: JSON) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _change(rng: Random, value: JSON) -> None:
    """Change one place of a tree."""
    known = list(places(value))
    if not known or (rng.random() < 0.4 and rearrange(rng, value, known)):
        return
    path = rng.choice(known)
    owner, key = at(value, path[:-1]), path[-1]
    old = owner[key]
    match rng.choice(
        ("delete", "duplicate", "swap", "copy", "rename", "key", "scalar", "scalar", "like", "whole", "nest")
    ):
        case "delete":
            del owner[key]
        case "duplicate" if isinstance(owner, list):
            owner.insert(rng.randrange(len(owner) + 1), copy.deepcopy(old))
        case "duplicate" | "rename":
            _rename(owner, key, rng.choice(STRINGS), keep=rng.random() < 0.5)
        case "key":
            _rename(owner, key, rng.choice(KEYS), keep=rng.random() < 0.5)
        case "swap" if isinstance(owner, list):
            other = rng.randrange(len(owner))
            owner[key], owner[other] = owner[other], owner[key]
        case "swap" | "copy":
            owner[key] = copy.deepcopy(at(value, rng.choice(known)))
        case "like":
            alike = [there for there in known if type(at(value, there)) is type(old) and there[-1] == key]
            owner[key] = copy.deepcopy(at(value, rng.choice(alike)))
        case "whole":
            owner[key] = copy.deepcopy(rng.choice(WHOLES))
        case "nest":
            name, depth = rng.choice(("steps", "set", "x", "anyOf")), rng.choice((1, 5, 30, LIMITS.depth))
            for level in range(depth):
                owner[key] = [{"id": f"n{level}", name: owner[key]}] if name == "steps" else {name: owner[key]}
        case _:
            owner[key] = rng.choice(SCALARS)


def _rename(owner: JSON, key: Any, name: str, *, keep: bool) -> None:
    """Give a value another key in the same place, or in addition to its own."""
    if isinstance(owner, list):
        owner.insert(key, name)
        return
    entries = list(owner.items())
    owner.clear()
    for other, value in entries:
        if other != key or keep:
            owner[other] = value
        if other == key:
            owner[name] = copy.deepcopy(value)


def _text_changed(rng: Random, text: str) -> str:
    """Change one place of a string."""
    lines = text.splitlines(keepends=True)
    if not lines:
        return rng.choice(FRAGMENTS)
    number, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.choice(
        ("delete", "duplicate", "move", "indent", "value", "value", "exchange", "fragment", "cut", "double")
    ):
        case "delete":
            del lines[number]
        case "duplicate":
            lines.insert(number, lines[number])
        case "move":
            lines.insert(other, lines.pop(number))
        case "indent":
            lines[number] = rng.choice(("  ", " ", "\t", "- ")) + lines[number]
        case "value" | "exchange" as how:
            values = list(_VALUE.finditer(text))
            if not values:
                return text
            found = rng.choice(values)
            new = rng.choice(values).group() if how == "exchange" else _scalar(rng)
            return text[: found.start()] + new + text[found.end() :]
        case how:
            start = rng.randrange(len(text))
            end = min(len(text), start + rng.randrange(7))
            if how == "fragment":
                return text[:start] + rng.choice(FRAGMENTS) + text[start:]
            return text[:start] + text[end:] if how == "cut" else text[:end] + text[start:]
    return "".join(lines)


def _scalar(rng: Random) -> str:
    """A hostile scalar as YAML: quoted half of the time, else as it is."""
    value: JSON = rng.choice(SCALARS)
    return json.dumps(value) if not isinstance(value, str) or rng.random() < 0.5 else value
