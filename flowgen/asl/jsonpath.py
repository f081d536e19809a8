"""JSONPath as in the service: the Jayway dialect, with the context object (`$$`) and variables (`$name`).

A path is parsed once, into a single reader. Messages about missing values are Jayway's, which the service passes on.
See "Paths" and "Reference Paths" in the specification, and https://github.com/json-path/JsonPath.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from flowgen.asl.errors import PathNotFound, QueryFailure, QuerySyntaxError, too_deep
from flowgen.asl.json_text import plain_text, to_text
from flowgen.asl.jsonpath_parser import Function, Indices, Keys, Step, parse_steps
from flowgen.asl.jsonpath_select import Selector, apply, is_definite, selector

Variables: TypeAlias = Mapping[str, Any]
Reader: TypeAlias = Callable[[Any, Variables, Any], Any]
_Walker: TypeAlias = Callable[[Any], Any]

_VARIABLE = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path.

    `read(root, variables, context)` returns the value of a definite path, or the (possibly empty) list of values that
    an indefinite path selects. Raises PathNotFound if a definite path does not exist.
    """

    text: str
    read: Reader
    steps: tuple[Step, ...]
    is_definite: bool
    is_context: bool
    variable: str | None

    @property
    def is_reference(self) -> bool:
        """Whether it is a Reference Path: it identifies a single node, without operators or functions."""
        return self.is_definite and all(not isinstance(step, Indices) or step.positions[0] >= 0 for step in self.steps)


def compile_path(text: str) -> Path:
    """Parses a path such as `$.a[0]`, `$$.Execution.Id` or `$name.a`. Raises QuerySyntaxError."""
    if not text.startswith("$"):
        raise QuerySyntaxError("A path must start with '$'", 0)
    is_context = text.startswith("$$")
    variable = None if is_context else _VARIABLE.match(text, 1)
    steps = parse_steps(text, variable.end() if variable else 2 if is_context else 1)
    name = variable.group() if variable else None
    definite = is_definite(steps)
    walk = _definite_walker(text, steps) if definite else _selecting_walker(text, steps)
    return Path(text, _reader(text, walk, name, is_context=is_context), steps, definite, is_context, name)


def _reader(text: str, walk: _Walker, variable: str | None, *, is_context: bool) -> Reader:
    if is_context:
        return lambda _root, _variables, context: walk(context)
    if variable is None:
        return lambda root, _variables, _context: walk(root)

    def read_variable(_root: Any, variables: Variables, _context: Any) -> Any:
        if variable not in variables:
            raise PathNotFound(text, f"The variable '{variable}' is not set")
        return walk(variables[variable])

    return read_variable


def _selecting_walker(text: str, steps: tuple[Step, ...]) -> _Walker:
    if not isinstance(steps[-1], Function):
        return _guarded(selector(steps))
    function, before = steps[-1], steps[:-1]
    walk = _definite_walker(text, before) if is_definite(before) else _selecting_walker(text, before)
    return lambda document: apply(function, walk(document))


def _guarded(select: Selector) -> _Walker:
    def walk(document: Any) -> Any:
        try:
            return select(document, document)
        except RecursionError:
            raise too_deep() from None

    return walk


def _definite_walker(text: str, steps: tuple[Step, ...]) -> _Walker:
    places: tuple[str | int, ...] = tuple(
        step.names[0] if isinstance(step, Keys) else step.positions[0]
        for step in steps
        if isinstance(step, (Keys, Indices))
    )
    if not places:
        return lambda document: document
    if len(places) == 1 and isinstance(places[0], str):
        return _member_walker(text, places[0])

    def walk(document: Any) -> Any:
        node = document
        try:
            for place in places:
                # Python can index strings, but JSON cannot.
                if node.__class__ is str:
                    break
                node = node[place]
            else:
                return node
        except (KeyError, IndexError, TypeError):
            pass
        raise _not_found(text, places, document)

    return walk


def _member_walker(text: str, name: str) -> _Walker:
    def walk(document: Any) -> Any:
        try:
            return document[name]
        except (KeyError, TypeError):
            raise _not_found(text, (name,), document) from None

    return walk


def _not_found(text: str, places: tuple[str | int, ...], document: Any) -> PathNotFound:
    if document is None:
        missing = PathNotFound(text, "the input is null")
        missing.cause = "Unable to apply Path transformation to null or empty input."
        return missing
    node, trail = document, "$"
    for number, place in enumerate(places):
        here = trail + (f"['{place}']" if isinstance(place, str) else f"[{place}]")
        if isinstance(place, str):
            if not isinstance(node, dict):
                return PathNotFound(
                    text,
                    f"Expected to find an object with property ['{place}'] in path {trail} but found {_kind(node)}",
                )
            if place not in node:
                is_leaf = number == len(places) - 1
                words = "No results for path:" if is_leaf else "Missing property in path"
                return PathNotFound(text, f"{words} {here}")
        else:
            if node is None:
                return PathNotFound(text, f"The path {trail} is null")
            if not isinstance(node, list):
                words = f"Filter: [{place}] can only be applied to arrays. Current context is: {plain_text(node)}"
                return PathNotFound(text, words, "no_array")
            if not -len(node) <= place < len(node):
                return PathNotFound(text, f"No results for path: {here}", "past_the_end")
        node, trail = node[place], here
    raise AssertionError(f"{text} is found after all")


def _kind(node: Any) -> str:
    match node:
        case None:
            return "null"
        case list():
            return "an array"
        case str():
            return "a string"
        case bool():
            return "a boolean"
        case _:
            return "a number"


def write(path: Path, root: Any, value: Any) -> Any:
    """The root with the value at the Reference Path. Missing objects on the path are created.

    Only the objects and arrays on the path are copied. Raises QueryFailure (`States.ResultPathMatchFailure`) if the
    path leads through a value that is neither an object nor an array with that item. See "ResultPath" in the
    specification.
    """
    if not path.steps:
        return value
    try:
        return _written(root, path.steps, 0, value)
    except _Blocked:
        raise QueryFailure(
            "States.ResultPathMatchFailure", f"Unable to apply ReferencePath {path.text} to input {to_text(root)}"
        ) from None


class _Blocked(Exception):  # noqa: N818 - it never leaves this module
    """A Reference Path leads through a value that has no such member or item."""


def _written(node: Any, steps: tuple[Step, ...], depth: int, value: Any) -> Any:
    step = steps[depth]
    is_last = depth == len(steps) - 1
    if isinstance(step, Keys) and isinstance(node, dict):
        name = step.names[0]
        return {**node, name: value if is_last else _written(node.get(name, {}), steps, depth + 1, value)}
    if isinstance(step, Indices) and isinstance(node, list) and step.positions[0] < len(node):
        position = step.positions[0]
        copy = node.copy()
        copy[position] = value if is_last else _written(node[position], steps, depth + 1, value)
        return copy
    raise _Blocked
