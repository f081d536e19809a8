"""Fields without further fields: strings, names, numbers, durations."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Annotated, Final

from flowgen.diagnostics import did_you_mean, replacing
from flowgen.jsonata.parsing import BUILT_IN
from flowgen.model.accepts import TEXT, Named, Schema, ref
from flowgen.model.element import Read, Reading
from flowgen.source import Node, Scalar, kind_of

MAX_NAME = 60

RESERVED = frozenset(
    {"input", "error", "context", "index", "batch", "states", "parameters", "resources"}
    | {name for name in BUILT_IN if name == name.lower()}
)
"""Names reserved in expressions: an id `count` would hide the function `$count()`."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TYPE_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")


def read_text(node: Node, reading: Reading) -> str:
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.value
    help_ = "put it in quotes" if isinstance(node, Scalar) and node.value is not None else None
    raise reading.refuse("FG102", f"expected a string, found {kind_of(node)}", node, help=help_)


def read_flag(node: Node, reading: Reading) -> bool:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    spoken = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    guess = spoken.get(node.text.lower(), node.text.lower()) if isinstance(node, Scalar) else ""
    help_ = f"write `{guess}`" if guess in ("true", "false") else None
    fix = replacing(node.span, guess if help_ else None)
    raise reading.refuse("FG102", f"expected `true` or `false`, found {kind_of(node)}", node, help=help_, fix=fix)


@dataclass(frozen=True, slots=True)
class Whole:
    """Reads a whole number between two inclusive bounds."""

    least: int
    most: int

    @property
    def accepts(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def __call__(self, node: Node, reading: Reading) -> int:
        if not isinstance(node, Scalar) or not isinstance(node.value, int) or isinstance(node.value, bool):
            raise reading.refuse("FG102", f"expected a whole number, found {kind_of(node)}", node)
        if not self.least <= node.value <= self.most:
            raise reading.refuse("FG112", f"expected a number from {self.least:,} to {self.most:,}", node)
        return node.value


@dataclass(frozen=True, slots=True)
class Fraction:
    """Reads a number between two inclusive bounds."""

    least: float
    most: float

    @property
    def accepts(self) -> Schema:
        return {"type": "number", "minimum": self.least, "maximum": self.most}

    def __call__(self, node: Node, reading: Reading) -> float:
        if not isinstance(node, Scalar) or not isinstance(node.value, int | float) or isinstance(node.value, bool):
            raise reading.refuse("FG102", f"expected a number, found {kind_of(node)}", node)
        if not self.least <= node.value <= self.most:
            raise reading.refuse("FG112", f"expected a number from {self.least:g} to {self.most:g}", node)
        return node.value


@dataclass(frozen=True, slots=True)
class OneOf:
    """Reads one of a fixed set of words."""

    words: tuple[str, ...]

    @property
    def accepts(self) -> Schema:
        return {"enum": list(self.words)}

    def __call__(self, node: Node, reading: Reading) -> str:
        word = read_text(node, reading)
        if word not in self.words:
            guess = did_you_mean(word, self.words)
            choices = " or ".join(f"`{choice}`" for choice in self.words)
            help_ = f"did you mean `{guess}`?" if guess else None
            fix = replacing(node.span, guess)
            raise reading.refuse("FG102", f"expected {choices}, found `{word}`", node, help=help_, fix=fix)
        return word


def check_name(node: Scalar, reading: Reading) -> str:
    """A name of a step, function or loop variable (FG107)."""
    name = node.text
    problem = None
    help_ = None
    if not isinstance(node.value, str) or not _NAME.fullmatch(name):
        problem = f"`{name}` is not a valid name: use lower-case letters, digits and `_`, starting with a letter"
        fixed = re.sub(r"_+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name)).strip("_").lower()
        help_ = f"did you mean `{fixed}`?" if _NAME.fullmatch(fixed) and len(fixed) <= MAX_NAME else None
    elif "__" in name:
        problem = f"`{name}` contains `__`, which is reserved for names that flowgen generates"
    elif len(name) > MAX_NAME:
        problem = f"this name has {len(name)} characters; the limit is {MAX_NAME}"
    elif name in RESERVED:
        problem = f"`{name}` is reserved, because expressions use `${name}`"
    if problem:
        raise reading.refuse("FG107", problem, node, help=help_)
    return name


def check_python_name(node: Scalar, reading: Reading) -> str:
    """A name that also names something in Python: a function, the workflow."""
    name = check_name(node, reading)
    if keyword.iskeyword(name):
        raise reading.refuse("FG107", f"`{name}` is a Python keyword and cannot be a name in generated code", node)
    if name == "generated":
        raise reading.refuse("FG107", "`generated` is reserved for the folder of the generated code", node)
    return name


def is_type_name(name: str) -> bool:
    """Whether a name is a valid class name."""
    return bool(_TYPE_NAME.fullmatch(name)) and len(name) <= MAX_NAME and not keyword.iskeyword(name)


def check_type_name(node: Scalar, reading: Reading, what: str) -> str:
    """A name in PascalCase: a type, a declared error."""
    name = node.text
    if not _TYPE_NAME.fullmatch(name) or len(name) > MAX_NAME:
        words = re.findall(r"[A-Za-z0-9]+", name)
        fixed = "".join(word[:1].upper() + word[1:] for word in words)
        help_ = f"did you mean `{fixed}`?" if _TYPE_NAME.fullmatch(fixed) and fixed != name else None
        raise reading.refuse(
            "FG107",
            f"`{name}` is not a valid name for {what}: use PascalCase, letters and digits, at most {MAX_NAME}",
            node,
            help=help_,
        )
    if keyword.iskeyword(name):
        raise reading.refuse("FG107", f"`{name}` is a Python keyword and cannot be a name in generated code", node)
    return name


def pascal_case(name: str) -> str:
    """A name as a part of a class name, without characters other than ASCII letters and digits.

    >>> pascal_case("ship-to_address")
    'ShipToAddress'
    """
    return "".join(part[:1].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", name))


def _scalar(node: Node, reading: Reading) -> Scalar:
    if isinstance(node, Scalar):
        return node
    raise reading.refuse("FG102", f"expected a name, found {kind_of(node)}", node)


def read_name(node: Node, reading: Reading) -> str:
    return check_name(_scalar(node, reading), reading)


def read_python_name(node: Node, reading: Reading) -> str:
    return check_python_name(_scalar(node, reading), reading)


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in whole seconds."""

    seconds: int


_UNITS = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_WORDS = {
    **dict.fromkeys(("w", "week", "weeks"), "w"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("h", "hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
}
_PART = re.compile(r"\s*([0-9]{1,12})\s*([A-Za-z]+)\s*(?:,(?=\s*[0-9]))?")
_ISO = re.compile(r"P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?", re.ASCII)


def parse_duration(text: str) -> Duration | None:
    """Parses `90s`, `2 hours`, `1h30m`, `PT2H`; returns None for anything else."""
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groups()):
        return Duration(sum(int(n) * _UNITS[unit] for n, unit in zip(iso.groups(), "wdhms", strict=True) if n))
    seconds, at = 0, 0
    while at < len(text) and (part := _PART.match(text, at)):
        unit = _WORDS.get(part[2].lower())
        if unit is None:
            return None
        seconds, at = seconds + int(part[1]) * _UNITS[unit], part.end()
    return Duration(seconds) if at and not text[at:].strip() else None


def read_duration(node: Node, reading: Reading) -> Duration:
    examples = "write a duration as `90s`, `5m`, `2 hours`, `1 day`, `1h30m` or `PT2H`"
    if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
        raise reading.refuse("FG106", f"`{node.text}` has no unit", node, help=f"write `{node.text}s`; {examples}")
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        raise reading.refuse("FG106", f"expected a duration, found {kind_of(node)}", node, help=examples)
    duration = parse_duration(node.value)
    if duration is None:
        raise reading.refuse("FG106", f"`{node.value}` is not a valid duration", node, help=examples)
    return duration


PASCAL: Final[Schema] = {
    "pattern": "^[A-Z][A-Za-z0-9]*$",
    "maxLength": MAX_NAME,
    "patternErrorMessage": "use PascalCase: letters and digits, starting with an upper-case letter",
}
_SNAKE: Final[Schema] = {
    "type": "string",
    "pattern": "^(?!.*__)[a-z][a-z0-9_]*$",
    "maxLength": MAX_NAME,
    "patternErrorMessage": "use lower-case letters, digits and single `_`, starting with a letter",
}
NAME = ref(Named("name", {"description": "A name: `send_email`.", **_SNAKE, "not": {"enum": sorted(RESERVED)}}))
PYTHON_NAME = ref(
    Named(
        "python_name",
        {
            "description": "A name that is also used in Python: `send_email`.",
            **_SNAKE,
            "not": {"enum": sorted({*RESERVED, *(word for word in keyword.kwlist if word.islower()), "generated"})},
        },
    )
)
_UNIT = "|".join("".join(f"[{letter}{letter.upper()}]" for letter in word) for word in _WORDS)
DURATION = ref(
    Named(
        "duration",
        {
            "description": "A duration: `90s`, `5m`, `2 hours`, `1 day`, `1h30m`, or ISO 8601 (`PT2H`).",
            "type": "string",
            "pattern": rf"^(\s*[0-9]{{1,12}}\s*({_UNIT})\s*,?)+\s*$"
            r"|^P(?=.)([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$",
            "patternErrorMessage": "write a duration as `90s`, `5m`, `2 hours`, `1 day`, `1h30m` or `PT2H`",
            "examples": ["90s", "2 hours", "PT2H"],
        },
    )
)

TextField = Annotated[str, Read(read_text, accepts=TEXT)]
FlagField = Annotated[bool, Read(read_flag, accepts={"type": "boolean"})]
NameField = Annotated[str, Read(read_name, accepts=NAME)]
PythonNameField = Annotated[str, Read(read_python_name, accepts=PYTHON_NAME)]
DurationField = Annotated[Duration, Read(read_duration, accepts=DURATION)]
