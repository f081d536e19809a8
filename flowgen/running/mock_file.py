"""Mock files: YAML or JSON, with a rule or a list of rules for each state, function or resource.

    ask_manager:
      result: {approved: true}
      delay: 2 hours
    charge_card:
      - attempt: 1
        error: GatewayBusy
      - when: {amount: 100}
        result: {method: card, reference: r-1}

Errors in a file are reported with their positions (FG0xx, FG101, FG102, FG103, FG106, FG302, FG315, FG317, FG702).
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flowgen.diagnostics import Diagnostic, Fix, Sink, Span, did_you_mean, replacing
from flowgen.local.mocks import ANYTHING, AnsweringCall, Outcome, Rule, Rules
from flowgen.running.aws_results import misspelled
from flowgen.running.declared_types import Declared, shown
from flowgen.source import Mapping as MappingNode
from flowgen.source import Node, Scalar, Sequence, kind_of, plain, read

_OUTCOMES = ("result", "response", "error", "never", "call", "answered_by")
_KEYS = ("when", "attempt", "visit", *_OUTCOMES, "cause", "event", "delay")


def read_mocks(
    file: str,
    text: str,
    names: Iterable[str],
    sink: Sink,
    resources: Mapping[str, str] = MappingProxyType({}),
    types: Mapping[str, Declared] = MappingProxyType({}),
    answering: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Rules:
    """The rules of a file. `names` are the states, functions and resources that can be mocked.

    `resources` maps the names of states with one resource to it, to check results of AWS services. `types` has the
    declared types of results by state or function. `answering` has the functions that answer the task tokens of states,
    by state.
    """
    root = read(file, text, sink)
    if root is None:
        return {}
    if not isinstance(root, MappingNode):
        help_ = "a mock file maps steps to results: `charge_card: {result: {paid: true}}`"
        sink.add(Diagnostic("FG102", f"expected a mapping of mocks, found {kind_of(root)}", root.span, help=help_))
        return {}
    known = tuple(names)
    rules: dict[str, tuple[Rule, ...]] = {}
    for entry in root.entries:
        name = entry.key.text
        if name not in known and not name.startswith("arn:"):
            guess = did_you_mean(name, known)
            help_ = f"did you mean `{guess}`?" if guess else "only steps that make calls can have mocks"
            message, fix = f"unknown step or function `{name}`", _renaming(root, entry.key, guess)
            sink.add(Diagnostic("FG702", message, entry.key.span, "makes no call", help=help_, fix=fix))
            continue
        rules[name] = _Reader(sink, name, resources.get(name, name), types.get(name), answering.get(name, ())).rules(
            entry.value
        )
    return rules


@dataclass(frozen=True, slots=True)
class _Reader:
    sink: Sink
    name: str
    resource: str
    declared: Declared | None
    answering: Collection[str] = ()

    def report(self, code: str, message: str, node: Node, help_: str | None = None) -> None:
        self.sink.add(Diagnostic(code, message, node.span, help=help_))

    def rules(self, node: Node) -> tuple[Rule, ...]:
        items = node.items if isinstance(node, Sequence) else (node,)
        return tuple(rule for rule in map(self.rule, items) if rule is not None)

    def rule(self, node: Node) -> Rule | None:
        if not isinstance(node, MappingNode):
            example = "write the result of the call: `result: VALUE`, or `error: NAME`"
            self.report("FG102", f"expected a mapping, found {kind_of(node)}", node, example)
            return None
        for entry in node.entries:
            if entry.key.text not in _KEYS:
                guess = did_you_mean(entry.key.text, _KEYS)
                help_ = f"did you mean `{guess}`?" if guess else f"the keys are {', '.join(_KEYS)}"
                message, fix = f"unknown key `{entry.key.text}` in a mock", _renaming(node, entry.key, guess)
                self.sink.add(Diagnostic("FG101", message, entry.key.span, help=help_, fix=fix))
        when, answered_by = node.get("when"), self.answered_by(node)
        return Rule(
            self.outcome(node),
            ANYTHING if when is None else plain(when),
            self.numbers(node.get("attempt")),
            self.numbers(node.get("visit")),
            self.flag(node.get("call")) or answered_by is not None,
            answered_by,
        )

    def answered_by(self, node: MappingNode) -> AnsweringCall | None:
        """The call of a function that answers the task token, instead of an answer in the file."""
        written, event = node.entry("answered_by"), node.entry("event")
        if written is None:
            if event is not None:
                self.report("FG101", "`event` requires `answered_by`", event.key)
            return None
        name = self.text(written.value, "a function")
        if name and name not in self.answering:
            guess = did_you_mean(name, self.answering)
            help_ = f"did you mean `{guess}`?" if guess else f"add `answers: [{self.name}]` to the function"
            message, fix = f"no function `{name}` answers `{self.name}`", replacing(written.value.span, guess)
            self.sink.add(Diagnostic("FG702", message, written.value.span, help=help_, fix=fix))
        value = None if event is None else plain(event.value)
        return AnsweringCall(name, value, self.seconds(node.get("delay")))

    def outcome(self, node: MappingNode) -> Outcome | None:
        given = [entry for entry in node.entries if entry.key.text in _OUTCOMES]
        outcomes = [entry.key for entry in given if entry.key.text != "call"]
        if len(outcomes) == 1 and outcomes[0].text == "answered_by":
            return None
        if not given:
            keys = ", ".join(f"`{key}`" for key in _OUTCOMES)
            self.report("FG103", f"a mock requires one of {keys}", _first(node))
        elif len(outcomes) > 1:
            self.report("FG102", f"`{outcomes[0].text}` and `{outcomes[1].text}` cannot be combined", outcomes[1])
        seconds = self.seconds(node.get("delay"))
        cause = node.entry("cause")
        if cause is not None and node.get("error") is None:
            self.report("FG101", "`cause` requires `error`", cause.key)
        if not outcomes or outcomes[0].text == "answered_by":
            return None
        name = outcomes[0].text
        value = node.get(name)
        if name == "never":
            return Outcome(seconds=math.inf) if self.flag(value) else None
        if name == "error":
            return Outcome(error=self.text(value), cause=self.cause(node.get("cause")), seconds=seconds)
        result = None if value is None else plain(value)
        if value is not None:
            for problem in misspelled(self.resource, result):
                where = _key(value, problem.path)
                fix = replacing(where, problem.name)
                self.sink.add(Diagnostic(problem.code, problem.message, where, help=problem.help, fix=fix))
            unfit = self.declared.unfit(result) if self.declared is not None and name == "result" else None
            if unfit is not None and self.declared is not None:
                message = f"`{shown(unfit.path)}` of this mock: {unfit.reason}"
                help_ = f"the result of `{self.name}` must have {self.declared.name}"
                self.sink.add(Diagnostic("FG317", message, _part(value, unfit.path), help=help_))
        return Outcome(result, seconds=seconds, whole=name == "response")

    def cause(self, node: Node | None) -> str:
        """The cause, which is a string in AWS: any other value is converted to JSON text."""
        value = "" if node is None else plain(node)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def text(self, node: Node | None, what: str = "an error") -> str:
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value:
            return node.value
        if node is not None:
            self.report("FG102", f"expected the name of {what}, found {kind_of(node)}", node)
        return ""

    def flag(self, node: Node | None) -> bool:
        if node is None:
            return False
        if isinstance(node, Scalar) and node.value is True:
            return True
        self.report("FG102", f"expected `true`, found {kind_of(node)}", node, "otherwise, omit the key")
        return False

    def numbers(self, node: Node | None) -> frozenset[int] | None:
        if node is None:
            return None
        items = node.items if isinstance(node, Sequence) else (node,)
        found = set()
        for item in items:
            value = item.value if isinstance(item, Scalar) else None
            if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
                found.add(value)
            else:
                self.report("FG102", "expected a number from 1, or a list of numbers", item)
        return frozenset(found)

    def seconds(self, node: Node | None) -> float:
        from flowgen.model.leaves import parse_duration

        if node is None:
            return 0.0
        duration = parse_duration(node.value) if isinstance(node, Scalar) and isinstance(node.value, str) else None
        if duration is None:
            shown = f"`{node.text}`" if isinstance(node, Scalar) else kind_of(node)
            self.report("FG106", f"{shown} is not a valid duration", node, "write `90s`, `5m`, `2 hours` or `PT2H`")
            return 0.0
        return float(duration.seconds)


def _renaming(node: MappingNode, key: Scalar, name: str | None) -> Fix | None:
    """The fix that renames a key, unless the mapping has the other key too."""
    return None if name is None or node.get(name) is not None else replacing(key.span, name)


def _key(node: Node, path: tuple[str | int, ...]) -> Span:
    """The position of the key that a path ends with."""
    span = node.span
    for part in path:
        inner: Node | None = None
        if isinstance(node, MappingNode) and isinstance(part, str):
            entry = node.entry(part)
            if entry is not None:
                span, inner = entry.key.span, entry.value
        elif isinstance(node, Sequence) and isinstance(part, int):
            inner = node.items[part]
        if inner is None:
            break
        node = inner
    return span


def _part(node: Node, path: tuple[str | int, ...]) -> Span:
    """The position of the value at a path, or of the nearest value around it."""
    for part in path:
        inner: Node | None = None
        if isinstance(node, MappingNode) and isinstance(part, str):
            inner = node.get(part)
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            inner = node.items[part]
        if inner is None:
            break
        node = inner
    return node.span


def _first(node: MappingNode) -> Node:
    return node.entries[0].key if node.entries else node
