"""Choice: continues at the state of the first rule that holds, or at the default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from flowgen.asl.comparison import compile_rule
from flowgen.asl.errors import QuerySyntaxError
from flowgen.local import jsonata_query, jsonpath_query
from flowgen.local.failures import InvalidDefinition
from flowgen.local.states.base import Flow, Source, State, Step

if TYPE_CHECKING:
    from flowgen.local.frame import Frame
    from flowgen.local.values import JSON

_PassOn: TypeAlias = "Callable[[Frame, JSON], tuple[JSON, dict[str, JSON] | None]]"
_Test: TypeAlias = "Callable[[Frame, JSON], bool]"

NO_MATCH = "Failed to transition out of the state. The state does not point to a next state."


@dataclass(frozen=True, slots=True)
class _Rule:
    holds: _Test
    next: str
    flow: _PassOn


def compile_choice(source: Source) -> State:
    """A Choice state. If no rule holds and there is no default, it fails with States.Runtime, like the service."""
    flow = source.flow()
    default = source.definition.get("Default")
    entries = source["Choices"]
    if not isinstance(entries, list) or not entries:
        raise InvalidDefinition(f"{source.pointer}/Choices", "expected at least one choice rule")
    compile_one = _compile_jsonata_rule if source.is_jsonata else _compile_jsonpath_rule
    rules = tuple(compile_one(source, index, entry, flow) for index, entry in enumerate(entries))

    def choose(frame: Frame, raw: JSON) -> Step:
        data = flow.select_input(frame, raw)
        for place, rule in enumerate(rules):
            if rule.holds(frame, data):
                if frame.run.observe is not None:
                    frame.observe("rule", place)
                output, assigned = rule.flow(frame, raw)
                return Step(output, rule.next, assigned)
        if default is None:
            raise frame.runtime_failure(NO_MATCH)
        frame.observe("rule", -1)
        output, assigned = flow.pass_on(frame, raw)
        return Step(output, default, assigned)

    return State(source.name, "Choice", choose)


def _following(source: Source, index: int, entry: JSON) -> str:
    following = entry.get("Next") if isinstance(entry, dict) else None
    if not isinstance(following, str):
        raise InvalidDefinition(f"{source.pointer}/Choices/{index}", "expected a choice rule with the field Next")
    return following


def _compile_jsonata_rule(source: Source, index: int, entry: JSON, _flow: Flow) -> _Rule:
    following = _following(source, index, entry)
    if "Condition" not in entry:
        raise InvalidDefinition(f"{source.pointer}/Choices/{index}", "the field Condition is missing")
    location = f"Choices[{index}]/"
    condition = jsonata_query.compile_typed(entry["Condition"], f"{location}Condition", "boolean")
    # The state's own Output and Assign apply to the default only (specification, "JSONata Choice Rules").
    own = jsonata_query.compile_flow(entry, location)
    return _Rule(lambda frame, data: condition(frame, {"input": data}) is True, following, own.pass_on)


def _compile_jsonpath_rule(source: Source, index: int, entry: JSON, flow: Flow) -> _Rule:
    following = _following(source, index, entry)
    try:
        rule = compile_rule(entry)
    except QuerySyntaxError as error:
        raise InvalidDefinition(f"{source.pointer}/Choices/{index}", error.message) from None
    holds = rule.holds
    if any(path.is_context for _, path in rule.paths):

        def test(frame: Frame, data: JSON) -> bool:
            return holds(data, frame.variables, frame.context())
    else:

        def test(frame: Frame, data: JSON) -> bool:
            return holds(data, frame.variables, {})

    assign = jsonpath_query.compile_assign(entry)

    def passed(frame: Frame, raw: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        # The state's own Assign applies to the default only (developer guide, "Choice workflow state").
        output, _ = flow.pass_on(frame, raw)
        return output, None if assign is None else assign(frame, flow.select_input(frame, raw))

    return _Rule(test, following, passed)
