"""Evaluates JSONata expressions as Step Functions does, with the `jlens` library.

In: the text of an expression (without `{% %}`) and the variables that it names. Out: a JSON value, or an
`EvaluationFailure` with the reason as Step Functions words it.

The library reads its input lazily, one level at a time, but converts bindings whole at each evaluation. So the
variables of an expression are the members of its input, and a prologue binds them. The expression itself must not see
that input: it is a value of a group over nothing, which JSONata evaluates without a context. The group also tells null
(a member that is null) from undefined (no member).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import jlens

from flowgen.jsonata.aws_functions import FUNCTIONS, PROLOGUES, Environment, current
from flowgen.jsonata.failures import UNDEFINED, UNSUPPORTED, EvaluationFailure, failure_of
from flowgen.jsonata.names import names_of
from flowgen.jsonata.parsing import BUILT_IN

JSON: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list or dict of the same."""

LIMITS: dict[str, Any] = {
    "timeout": 5.0,  # seconds; stops loops that never end, not slow ones
    "max_depth": 102,  # AWS's 100 levels (`depth.MAX_DEPTH`), and two around the expression
    "max_array_length": 873_782,  # measured on AWS: [1..873782] fits its memory and [1..873783] does not
    "max_string_length": 6_990_256,  # bytes; 4,194,304 characters fit on AWS and 8,388,608 do not
}
"""What one evaluation may take, as options of the library."""

EXECUTION_INPUT = "Execution.Input"

_VALUE = "'r': {}"
_TYPE = "'r': $type($result_ := {}\n)"
_TEXT = "'r': $string($result_ := {}\n)"
_CLOCK = frozenset({"millis", "now", "toMillis"})


class Shared:
    """Large values that many evaluations share, converted for the library once.

    `values` are named by their places: `$name` for a variable, the name of a member of `$states`, or `EXECUTION_INPUT`.
    """

    __slots__ = ("document", "slots")

    def __init__(self, values: Mapping[str, JSON]) -> None:
        self.slots = tuple(values)
        self.document = jlens.Document(dict(values))


class Expression:
    """An expression, compiled when it is first evaluated. Several threads may evaluate it at the same time.

    Mistakes in its text are failures of the evaluation.
    """

    __slots__ = ("_ask_world", "_programs", "_shadowed", "names", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.names = names = names_of(source)
        self._shadowed = names.variables & BUILT_IN
        self._ask_world = not names.variables.isdisjoint(FUNCTIONS.keys() | _CLOCK | {"shuffle"})
        self._programs: dict[tuple[str, tuple[str, ...] | None], jlens.Expression] = {}

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def evaluate(self, bindings: dict[str, JSON], environment: Environment, shared: Shared | None = None) -> JSON:
        """The value of the expression, with `bindings` and `shared` as its variables (names without `$`).

        Raises `EvaluationFailure` when it throws, yields undefined, or yields what JSON cannot hold.
        """
        options = self._options(environment) if self._ask_world else LIMITS
        found = self._run(_VALUE, bindings, shared, options)
        if "r" not in found:
            kind = self._run(_TYPE, bindings, shared, options).get("r")
            raise EvaluationFailure(UNSUPPORTED if kind == "function" else UNDEFINED)
        value = found["r"]
        if self.names.holds_functions and type(value) in {list, dict}:
            text = self._run(_TEXT, bindings, shared, options).get("r", "")
            if '""' in text and _holds_function(value, json.loads(text)):
                raise EvaluationFailure(UNSUPPORTED)
        return value

    def _run(self, template: str, bindings: dict[str, JSON], shared: Shared | None, options: dict[str, Any]) -> JSON:
        slots = None if shared is None else shared.slots
        try:
            program = self._programs.get((template, slots)) or self._compile(template, slots)
            if shared is not None:
                return program.evaluate_document(shared.document, bindings, **options)
            if self._shadowed.isdisjoint(bindings):
                return program.evaluate(bindings, **options)
            # A variable with the name of a built-in function; what is bound goes before the function.
            shadowing = {name: bindings[name] for name in self._shadowed & bindings.keys()}
            return program.evaluate(bindings, shadowing, **options)
        except BaseException as error:  # noqa: BLE001 - `failure_of` raises again what is not an evaluation's failure
            # Not kept in a variable: its traceback would refer to this frame and back.
            raise failure_of(error) from None

    def _options(self, environment: Environment) -> dict[str, Any]:
        current.environment = environment
        options = dict(LIMITS)
        if not self.names.variables.isdisjoint(_CLOCK):
            options["now"] = environment.millis()
        if "shuffle" in self.names.variables:
            options["seed"] = environment.random.getrandbits(53)
        return options

    def _compile(self, template: str, slots: tuple[str, ...] | None) -> jlens.Expression:
        # By itself first: what is wrong on its own can be right inside other text.
        self.program(self.source)
        names = self.names
        prologue = [PROLOGUES[name] for name in sorted(names.variables & PROLOGUES.keys())]
        if slots is None:
            bound = sorted(names.variables - BUILT_IN - PROLOGUES.keys())
            prologue += [f"${name} := $$.`{name}`" for name in bound if not name.isdigit()]
            if names.states is None or names.states:
                prologue.append("$states := $$.states")
        else:
            prologue += map(_fetched, slots)
        group = f"$undefined_{{{template.format(self.source)}\n}}"
        self._programs[template, slots] = program = self.program(f"({'; '.join([*prologue, group])})")
        return program

    def program(self, code: str) -> jlens.Expression:
        """`code` compiled with the functions that this expression names."""
        # Native strings are UTF-8: lone surrogates, which JSON texts may escape, are replaced.
        program = jlens.Expression(code.encode("utf-8", "replace").decode())
        for name in self.names.variables & FUNCTIONS.keys():
            host_name, function, signature = FUNCTIONS[name]
            program.register_function(host_name, function, signature)
        return program


def compile_expression(source: str) -> Expression:
    """The expression whose text is `source`. Mistakes in it are reported when it is evaluated."""
    return Expression(source)


def _fetched(slot: str) -> str:
    """The assignment that puts a shared value in its place."""
    value = f"$$.`{slot}`"
    if slot.startswith("$"):
        return f"{slot} := {value}"
    if slot != EXECUTION_INPUT:
        return f"$states := $merge([$states, {{'{slot}': {value}}}])"
    execution = f"$merge([$states.context.Execution, {{'Input': {value}}}])"
    return f"$states := $merge([$states, {{'context': $merge([$states.context, {{'Execution': {execution}}}])}}])"


def _holds_function(value: JSON, as_json: JSON) -> bool:
    """Whether `value`, where functions are None or missing, differs from its JSON form, where they are `""`."""
    if value is None:
        return as_json is not None
    if type(value) is list:
        return any(map(_holds_function, value, as_json))
    if type(value) is dict:
        return any(name not in value or _holds_function(value[name], member) for name, member in as_json.items())
    return False
