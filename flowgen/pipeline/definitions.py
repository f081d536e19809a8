"""Files with a state machine in Amazon States Language, as JSON or YAML, that flowgen did not compile."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from flowgen.diagnostics import Diagnostic, Position, Sink, Span

if TYPE_CHECKING:
    from flowgen.asl.validation import Problem
    from flowgen.source import Node

_YAML = (".yaml", ".yml")
_TOP_LEVEL = re.compile(r"^\{?[\"']?(flowgen|StartAt|States)[\"']?\s*:", re.MULTILINE)
_FILLED_IN = "${FilledIn}"
"""What a CloudFormation tag is to the validation: a value that is there when the machine is made."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a file says: the definition, or None where it cannot be used, and what is wrong with it (FG410, FG411).

    `spans` has where each part is, by its JSON pointer: its key, or the item of a list. A YAML file that cannot be read
    has the findings of YAML (FG001 to FG006).
    """

    value: dict[str, Any] | None
    diagnostics: tuple[Diagnostic, ...]
    spans: Mapping[str, Span] = field(default_factory=dict)

    def span(self, pointer: str) -> Span:
        """Where a part is, or the nearest around it that the file has."""
        return self.spans[_nearest(pointer, self.spans)]

    def states(self) -> dict[str, Span]:
        """Where the name of each state is."""
        places: dict[str, Span] = {}
        for pointer, span in self.spans.items():
            head, _, key = pointer.rpartition("/")
            if head.endswith("/States"):
                places.setdefault(key.replace("~1", "/").replace("~0", "~"), span)
        return places


def is_definition(name: str, text: str) -> bool:
    """Whether a file is a state machine and not a workflow: any JSON file, and YAML with `StartAt` or `States`.

    >>> is_definition("m.yaml", "StartAt: A"), is_definition("w.yaml", "flowgen: 1")
    (True, False)
    """
    if PurePath(name).suffix not in _YAML:
        return PurePath(name).suffix == ".json"
    return {"StartAt", "States"} >= (keys := set(_TOP_LEVEL.findall(text))) and bool(keys)


def read_definition(shown: str, text: str, *, express: bool = False) -> Definition:
    """Reads and validates the text of a file. `shown` is its name in messages."""
    if PurePath(shown).suffix in _YAML:
        return _of_yaml(shown, text, express=express)
    return _of_json(shown, text, express=express)


def _validated(definition: Any, *, express: bool) -> list[Problem]:
    from flowgen.asl.validation import validate
    from flowgen.check.definitions import Expressions, known_action

    return validate(
        definition,
        machine_type="EXPRESS" if express else "STANDARD",
        check_expression=Expressions().check,
        known_action=known_action,
    )


def _diagnostic(problem: Problem, span: Span) -> Diagnostic:
    return Diagnostic("FG410" if problem.severity == "ERROR" else "FG411", problem.message, span, problem.pointer)


def _of_json(shown: str, text: str, *, express: bool) -> Definition:
    from flowgen.asl.validation.positions import JsonSyntaxError, line_and_column, read

    problems = _validated(text, express=express)
    points = [_point(shown, problem.line or 1, problem.column or 1) for problem in problems]
    try:
        document = read(text)
    except JsonSyntaxError:
        return Definition(None, tuple(map(_diagnostic, problems, points)))
    spans: dict[str, Span] = {}
    for pointer, offset in document.offsets.items():
        line, column = line_and_column(text, offset)
        key = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        named = text.startswith('"', offset) and not key.isdigit()
        end = column + (len(json.dumps(key, ensure_ascii=False)) if named else 1)
        spans[pointer] = Span(shown, Position(line, column), Position(line, end))
    keys = {span.start: span for span in spans.values()}
    found = tuple(_diagnostic(one, keys.get(point.start, point)) for one, point in zip(problems, points, strict=True))
    return Definition(None if _refused(found) else document.value, found, spans)


def _of_yaml(shown: str, text: str, *, express: bool) -> Definition:
    from flowgen.source import read
    from flowgen.source.reading import Limits

    sink = Sink()
    root = read(shown, text, sink, Limits(empty=True))
    if root is None:
        return Definition(None, tuple(sink))
    value, spans = _json(root), _spans(root)
    problems = _validated(value, express=express)
    found = (*sink, *(_diagnostic(problem, spans[_nearest(problem.pointer, spans)]) for problem in problems))
    return Definition(None if _refused(found) else value, found, spans)


def _refused(found: tuple[Diagnostic, ...]) -> bool:
    return any(diagnostic.severity == "error" for diagnostic in found)


def _json(node: Node) -> Any:
    from flowgen.source import Mapping as YamlMapping
    from flowgen.source import Scalar, Sequence

    match node:
        case YamlMapping(entries=entries):
            return {entry.key.text: _json(entry.value) for entry in entries}
        case Sequence(items=items):
            return [_json(item) for item in items]
        case Scalar(value=value):
            return value
        case _:
            return _FILLED_IN


def _spans(node: Node, pointer: str = "") -> dict[str, Span]:
    """Where each value is, by its JSON pointer: at its key, if it has one."""
    from flowgen.asl.validation.positions import escaped
    from flowgen.source import Mapping as YamlMapping
    from flowgen.source import Sequence

    found = {pointer: node.span}
    match node:
        case YamlMapping(entries=entries):
            for entry in entries:
                place = f"{pointer}/{escaped(entry.key.text)}"
                found |= _spans(entry.value, place) | {place: entry.key.span}
        case Sequence(items=items):
            for index, item in enumerate(items):
                found |= _spans(item, f"{pointer}/{index}")
        case _:
            pass
    return found


def _nearest(pointer: str, places: Mapping[str, Any]) -> str:
    while pointer not in places:
        pointer = pointer.rpartition("/")[0]
    return pointer


def _point(shown: str, line: int, column: int) -> Span:
    return Span(shown, Position(line, column), Position(line, column + 1))
