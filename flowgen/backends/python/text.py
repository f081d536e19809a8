"""Strings from YAML in Python code: always as string constants or docstrings."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

WIDTH = 120
IMPORT_WIDTH = 88
"""Ruff's default width. Import lists that are wrapped at this width are also accepted by linters with a wider one."""

_LIBRARIES = frozenset({"pydantic", "typing_extensions"})


def prose(text: str) -> str:
    r"""A description without control characters and unusual line ends.

    >>> prose("One.\r\nTwo\x00.\t ")
    'One.\nTwo.'
    """
    lines = (
        "".join(map(_visible, line)).rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    )
    return "\n".join(lines).strip()


def _visible(character: str) -> str:
    if character == "\N{ZERO WIDTH JOINER}":  # it joins emoji
        return character
    match unicodedata.category(character):
        case "Cc" | "Cs" | "Cf":
            return " " if character == "\t" else ""
        case "Zl" | "Zp":
            return " "
        case _:
            return character


def docstring(text: str, indent: str = "") -> str:
    r'''The source of a docstring at `indent`; "" for an empty text.

    >>> print(docstring('Say "hi".'))
    """Say "hi"."""
    '''
    escaped = re.sub(r'"(?="|\Z)', r"\"", prose(text).replace("\\", "\\\\"))
    if not escaped:
        return ""
    if "\n" in escaped or len(indent) + len(escaped) + 6 > WIDTH:
        lines = "\n".join(f"{indent}{line}".rstrip() for line in escaped.split("\n"))
        return f'{indent}"""{lines[len(indent) :]}\n{indent}"""'
    return f'{indent}"""{escaped}"""'


def literal(value: Any) -> str:
    """A JSON value as Python source, with strings in double quotes."""
    match value:
        case dict():
            return "{" + ", ".join(f"{string(key)}: {literal(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(literal, value)) + "]"
        case str():
            return string(value)
        case _:
            return repr(value)


def string(text: str) -> str:
    """A string constant, in double quotes unless that needs more backslashes.

    Characters that are not printable are escaped.
    """
    constant = repr(text)
    if constant.startswith("'") and text.count('"') <= text.count("'"):
        inner = constant[1:-1].replace("\\'", "'").replace('"', '\\"')
        return f'"{inner}"'
    return constant


def import_block(imported: Mapping[str, Iterable[str]]) -> str:
    """Imports in isort's order: the future, the standard library, libraries, the project, relative ones."""
    groups: dict[int, list[str]] = {}
    for module in sorted((module for module, names in imported.items() if names), key=_nearness):
        names = sorted(imported[module], key=by_kind)
        together = [name for name in names if " as " not in name]
        lines = groups.setdefault(_group(module), [])
        parts = [part for part in (together, *([name] for name in names if " as " in name)) if part]
        lines.extend(_import_line(module, part) for part in sorted(parts, key=lambda part: by_kind(part[0].split()[0])))
    return "\n\n".join("\n".join(lines) for _, lines in sorted(groups.items()))


def _group(module: str) -> int:
    """The position of a module's group. Modules that are neither standard nor `_LIBRARIES` are the project's own."""
    top = module.partition(".")[0]
    if top == "__future__":
        return 0
    if top in sys.stdlib_module_names:
        return 1
    return 2 if top in _LIBRARIES else 3 if top else 4


def all_names(names: Iterable[str]) -> str:
    """`__all__`, in one line if that fits."""
    constants = [string(name) for name in sorted(set(names), key=by_kind)]
    line = f"__all__ = [{', '.join(constants)}]"
    return (
        line if len(line) <= WIDTH else "__all__ = [\n" + "".join(f"    {constant},\n" for constant in constants) + "]"
    )


def _import_line(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= IMPORT_WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _nearness(module: str) -> tuple[int, str]:
    return (len(module.lstrip(".")) - len(module), module)


def by_kind(name: str) -> tuple[int, list[tuple[int, str]], str]:
    """The sort key of names in imports and `__all__`: constants, classes, others; digits sort by value."""
    constant = name.isupper() and len(name) > 1
    parts = re.findall(r"[0-9]+|[^0-9]+", name.lower())
    natural = [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
    return (0 if constant else 1 if name[:1].isupper() else 2, natural, name)
