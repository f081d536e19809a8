"""The tables `[tool.flowgen.stack]` and `[tool.flowgen.overrides]`, read like their keys in a workflow file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from flowgen.diagnostics import Diagnostic, Sink
from flowgen.environments.toml_nodes import node_of
from flowgen.model import overrides
from flowgen.model.element import Reading, Unread
from flowgen.model.overrides import Override
from flowgen.model.stack_settings import StackSettings, of_project
from flowgen.source import Mapping, Node

_TABLE: Final = ("tool", "flowgen")
_FUNCTIONS: Final = 'write CloudFormation functions as tables: `{Ref = "Topic"}`, `{"Fn::Sub" = "…"}`'
_Read = TypeVar("_Read")


def read_stack(value: Any, text: str, file: str, sink: Sink) -> Mapping | None:
    """The settings under the keys of a workflow file, or None if a problem was reported (FG120)."""

    def read(node: Node, reading: Reading) -> Mapping | None:
        known = StackSettings.read(node, reading)
        return None if known is None else of_project(known.node)

    return _read(value, "stack", text, file, sink, read)


def read_overrides(value: Any, text: str, file: str, sink: Sink) -> tuple[Override, ...]:
    """The overrides, whose paths start with the name of a workflow; none if a problem was reported (FG120)."""
    found = _read(value, "overrides", text, file, sink, overrides.read_overrides) or ()
    return tuple(replace(override, of_project=True) for override in found)


def _read(
    value: Any, key: str, text: str, file: str, sink: Sink, read: Callable[[Node, Reading], _Read | None]
) -> _Read | None:
    found = Sink()
    try:
        made = read(node_of(value, text, file, (*_TABLE, key)), Reading(found))
    except Unread:
        made = None
    sink.extend(map(_as_setting, found))
    return None if found.failed else made


def _as_setting(problem: Diagnostic) -> Diagnostic:
    """A problem of a workflow file as one of a settings file, where only a key has a position that can be edited."""
    help_ = _FUNCTIONS if problem.help is not None and "`!" in problem.help else problem.help
    return replace(problem, code="FG120", help=help_, fix=problem.fix if problem.code == "FG101" else None)
