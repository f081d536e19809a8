"""JSONata states: values that contain `{% %}`, and the flow of data through a state.

See "JSONata" in the States Language: `$states.input`, `.result`, `.errorOutput`, `.context`; Arguments, Output, Assign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from flowgen.jsonata.direct import reads_only_input
from flowgen.jsonata.evaluate import EXECUTION_INPUT, Expression, Shared, compile_expression
from flowgen.jsonata.failures import EvaluationFailure
from flowgen.jsonata.names import Names
from flowgen.local.failures import InvalidDefinition
from flowgen.local.values import ATOMS, JSON, encode, is_light
from flowgen.types.schema import json_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowgen.local.frame import Frame

Scope: TypeAlias = "dict[str, JSON]"
"""The members of `$states` except the context: `input`, and `result` or `errorOutput` if they exist."""

Evaluator: TypeAlias = "Callable[[Frame, Scope], JSON]"


def is_expression(value: JSON) -> bool:
    """Whether a value of a definition is a JSONata expression: it starts with `{%` and ends with `%}`."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= len("{%%}")


def evaluate(expression: Expression, location: str, frame: Frame, scope: Scope) -> JSON:
    """The value of an expression. Records and raises its failure as the state's."""
    names = expression.names
    variables = frame.variables
    bindings = {name: variables[name] for name in names.variables if name in variables}
    members = names.states
    if members is None:
        bindings["states"] = {**scope, "context": frame.context()}
    elif members:
        states = {member: scope[member] for member in members if member in scope}
        if "context" in members:
            states["context"] = _named_context(names, frame)
        bindings["states"] = states
    try:
        if _is_large(bindings):
            bindings, shared = _split(names, bindings, frame)
            return expression.evaluate(bindings, frame.run.environment, shared)
        return expression.evaluate(bindings, frame.run.environment)
    except EvaluationFailure as failure:
        raise frame.query_failure(_cause(expression, location, failure.reason), location) from None


def _named_context(names: Names, frame: Frame) -> JSON:
    """The context object, or only the members that the expression names."""
    context = frame.context()
    if names.context is None:
        return context
    named = {member: context[member] for member in names.context if member in context}
    if names.execution is not None and "Execution" in named:
        execution = named["Execution"]
        named["Execution"] = {member: execution[member] for member in names.execution if member in execution}
    return named


LARGE = 64
"""An array or object with more items or members than this is converted once for many evaluations."""

_DEPTH = 6


def _is_large(value: JSON, depth: int = _DEPTH) -> bool:
    """Whether converting a value costs more than an evaluation. Looks at a few of its parts only."""
    kind = type(value)
    if kind in ATOMS:
        return False
    if kind is dict:
        if len(value) > LARGE:
            return True
        if depth:
            # A loop, since this runs for each evaluation and a generator costs more than the rest of the function.
            for member in value.values():
                if type(member) not in ATOMS and _is_large(member, depth - 1):
                    return True
        return False
    if kind is list:
        return len(value) > LARGE or (depth > 0 and bool(value) and _is_large(value[0], depth - 1))
    return len(value) > LARGE * LARGE


def _split(names: Names, bindings: dict[str, JSON], frame: Frame) -> tuple[dict[str, JSON], Shared | None]:
    """The small bindings, and the large ones in the form that evaluations of the same objects share."""
    large = {f"${name}": value for name, value in bindings.items() if name != "states" and _is_large(value)}
    light = {name: value for name, value in bindings.items() if f"${name}" not in large}
    if "states" in bindings and names.states is not None:
        states = dict(bindings["states"])
        for member in ("input", "result", "errorOutput"):
            if member in states and _is_large(states[member]):
                large[member] = states.pop(member)
        execution = states.get("context", {}).get("Execution", {})
        if "Input" in execution and _is_large(execution["Input"]):
            large[EXECUTION_INPUT] = execution["Input"]
            rest = {name: value for name, value in execution.items() if name != "Input"}
            states["context"] = {**states["context"], "Execution": rest}
        light["states"] = states
    if not large or "merge" in bindings:
        return bindings, None
    shared = frame.run.shared(large)
    return (bindings, None) if shared is None else (light, shared)


def _cause(expression: Expression, location: str, reason: str) -> str:
    return f"The JSONata expression '{expression.source}' specified for the field '{location}' {reason}"


def compile_value(value: JSON, location: str) -> Evaluator:
    """The evaluator of a value that may hold expressions at any depth; `location` names it in failures."""
    return _compile(value, location) or (lambda _frame, _scope: value)


def _compile(value: JSON, location: str) -> Evaluator | None:
    """The evaluator of a value, or None if it contains no expression."""
    if isinstance(value, str):
        if not is_expression(value):
            return None
        return _compile_expression(compile_expression(value[2:-2].strip()), location)
    if isinstance(value, dict):
        members = [(name, member, _compile(member, f"{location}/{name}")) for name, member in value.items()]
        if all(evaluator is None for _, _, evaluator in members):
            return None
        return lambda frame, scope: {
            name: member if evaluator is None else evaluator(frame, scope) for name, member, evaluator in members
        }
    if isinstance(value, list):
        items = [(item, _compile(item, f"{location}[{index}]")) for index, item in enumerate(value)]
        if all(evaluator is None for _, evaluator in items):
            return None
        return lambda frame, scope: [
            item if evaluator is None else evaluator(frame, scope) for item, evaluator in items
        ]
    return None


def _compile_expression(expression: Expression, location: str) -> Evaluator:
    if not reads_only_input(expression.names):
        return lambda frame, scope: evaluate(expression, location, frame, scope)

    def from_input(frame: Frame, scope: Scope) -> JSON:
        """Evaluate an expression that reads only the input: bind only that, unless it is large."""
        value = scope["input"]
        light = value is frame.light
        if not light:
            if is_light(value):
                frame.light, light = value, True
            elif _is_large(value):
                return evaluate(expression, location, frame, scope)
        try:
            return expression.of_input(value, frame.run.environment, no_long_integers=light)
        except EvaluationFailure as failure:
            raise frame.query_failure(_cause(expression, location, failure.reason), location) from None

    return from_input


_ACCEPTED: dict[str, frozenset[type]] = {
    "array": frozenset({list}),
    "boolean": frozenset({bool}),
    "number": frozenset({int, float}),
    "object": frozenset({dict}),
    "string": frozenset({str}),
}


def compile_typed(value: JSON, location: str, expected: str, also: str | None = None) -> Evaluator:
    """The evaluator of a field that must have the type `expected` ("array", "boolean", "number", "string").

    `also` is a second accepted type.
    """
    evaluator = _compile(value, location)
    if evaluator is None:
        if json_type(value) not in {expected, also}:
            raise InvalidDefinition("", f"{location} must be of type {expected}, or an expression")
        return lambda _frame, _scope: value
    source = value[2:-2].strip() if is_expression(value) else None
    accepted = _ACCEPTED[expected] | _ACCEPTED.get(also or "", frozenset())

    def typed(frame: Frame, scope: Scope) -> JSON:
        result = evaluator(frame, scope)
        if type(result) in accepted or source is None:
            return result
        found = json_type(result)
        cause = (
            f"The JSONata expression '{source}' specified for the field '{location}' returned an unexpected result "
            f"type. Expected '{expected}', but was '{found}' for value: {encode(result)}"
        )
        raise frame.query_failure(cause, location)

    return typed


@dataclass(frozen=True, slots=True)
class JSONataFlow:
    """The flow of data through a JSONata state: Arguments for its input, Assign and Output for its result."""

    arguments: Evaluator | None
    output: Evaluator | None
    assign: Evaluator | None

    def enter(self, frame: Frame, raw: JSON) -> JSON:
        """The state's effective input."""
        return raw if self.arguments is None else self.arguments(frame, {"input": raw})

    def select_input(self, _frame: Frame, raw: JSON) -> JSON:
        """The whole input."""
        return raw

    def leave(self, frame: Frame, raw: JSON, _effective: JSON, result: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        """The state's output and the variables that it assigns. Both see the variables from before the state."""
        scope = {"input": raw, "result": result}
        assigned = None if self.assign is None else self.assign(frame, scope)
        return (result if self.output is None else self.output(frame, scope)), assigned

    def pass_on(self, frame: Frame, raw: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        """The same for a state without a result: its input is its output, and `$states.result` does not exist."""
        if self.assign is None and self.output is None:
            return raw, None
        scope = {"input": raw}
        assigned = None if self.assign is None else self.assign(frame, scope)
        return (raw if self.output is None else self.output(frame, scope)), assigned


def compile_flow(state: Mapping[str, JSON], location: str = "") -> JSONataFlow:
    """Compile the flow of data through a JSONata state. `location` precedes the names of fields in failures."""

    def field(name: str) -> Evaluator | None:
        return compile_value(state[name], location + name) if name in state else None

    return JSONataFlow(field("Arguments"), field("Output"), _compile_assign(state, location))


def _compile_assign(entry: Mapping[str, JSON], location: str = "") -> Evaluator | None:
    if "Assign" not in entry:
        return None
    if not isinstance(entry["Assign"], dict):
        raise InvalidDefinition("", "Assign must be an object")
    return compile_value(entry["Assign"], f"{location}Assign")


def compile_caught(
    catcher: Mapping[str, JSON], location: str
) -> Callable[[Frame, JSON, JSON], tuple[JSON, dict[str, JSON] | None]]:
    """Compile a catcher: from the state's input and the error output to Output (by default the latter) and Assign.

    `location` precedes the names of fields in failures.
    """
    output = compile_value(catcher["Output"], f"{location}Output") if "Output" in catcher else None
    assign = _compile_assign(catcher, location)

    def caught(frame: Frame, raw: JSON, error_output: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        scope = {"input": raw, "errorOutput": error_output}
        assigned = None if assign is None else assign(frame, scope)
        return (error_output if output is None else output(frame, scope)), assigned

    return caught
