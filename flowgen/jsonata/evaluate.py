"""Evaluates JSONata expressions as Step Functions does, with the `jlens` library.

In: the text of an expression (without `{% %}`) and its variables. Out: a JSON value, or an `EvaluationFailure` with the
reason in the words of Step Functions.

The library reads its input lazily, one level at a time, but converts bindings whole at each evaluation. So the
variables of an expression are the members of its input, and a prologue binds them. The expression itself must not see
that input: it is a value of a group over nothing, which JSONata evaluates without a context. The group also
distinguishes null (a member that is null) from undefined (no member).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import jlens

from flowgen.jsonata import bounded
from flowgen.jsonata.aws_functions import FUNCTIONS, LONGEST_RANGE, PROLOGUES, Environment, NeedsExactNumbers, current
from flowgen.jsonata.direct import direct_form, has_arrays, reads_only_input
from flowgen.jsonata.exact import COMPUTES_NAN, LONG_NUMBER, WRITES_NUMBERS, rewritten
from flowgen.jsonata.exact import FUNCTIONS as EXACT_FUNCTIONS
from flowgen.jsonata.exact import PROLOGUE as EXACT_PROLOGUE
from flowgen.jsonata.failures import UNDEFINED, UNSUPPORTED, EvaluationFailure, failure_of, may_fit, text_of, thrown
from flowgen.jsonata.long_integers import ROUNDED, SAFE, exceed
from flowgen.jsonata.names import names_of
from flowgen.jsonata.parsing import BUILT_IN, ExpressionParser, SyntaxFailure

JSON: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list or dict of the same."""

LIMITS: dict[str, Any] = {
    "timeout": 5.0,  # seconds; stops loops that never end, not slow ones
    "max_depth": 102,  # AWS's 100 levels (`depth.MAX_DEPTH`), and two around the expression
    "max_array_length": LONGEST_RANGE,
    "max_string_length": 8 * LONGEST_RANGE,  # bytes; 4,194,304 characters fit on AWS and 8,388,608 do not (measured)
}
"""The limits of one evaluation, as options of the library."""

SMALL: dict[str, Any] = {**LIMITS, "timeout": 0.05, "max_array_length": 20_000, "max_string_length": 100_000}
"""The limits of one evaluation in this process. The library checks its clock every few hundred steps, each of which
may create an array or a string of this size."""

TRIAL_LIMITS: dict[str, Any] = {
    **LIMITS,
    "timeout": 1.0,
    "max_array_length": 10_000,
    "max_string_length": 100_000,
}
"""The limits when a check evaluates constants: files are untrusted, and results are discarded."""

EXACT_DEPTH = 4
"""Levels that the functions of `exact` need below the operator that calls them."""

EXECUTION_INPUT = "Execution.Input"

# JSONata 2.0.6 has no `??` and no `?:`; a regular expression may contain either.
_LATER_OPERATOR = re.compile(r"\?([?:])")

_VALUE = "'r': {}"
_TYPE = "'r': $type($result_ := {}\n)"
_TEXT = "'r': $string($result_ := {}\n)"
_CLOCK = frozenset({"millis", "now", "toMillis"})


class Shared:
    """Large values that many evaluations share, converted for the library once.

    `values` are named by their places: `$name` for a variable, the name of a member of `$states`, or `EXECUTION_INPUT`.
    `longest` is the limit among those of `long_integers` that an integer in them exceeds.
    """

    __slots__ = ("document", "longest", "slots", "values")

    def __init__(self, values: dict[str, JSON], environment: Environment) -> None:
        self.values = values
        self.slots = tuple(values)
        self.longest = next((limit for limit in (SAFE, ROUNDED) if exceed(values, limit)), 0)
        self.document = jlens.Document(environment.integers.encode(values) if self.longest else values)


class Expression:
    """An expression, compiled when it is first evaluated. Several threads may evaluate it at the same time.

    Mistakes in its text are failures of the evaluation.
    """

    __slots__ = (
        "_asks_world",
        "_direct",
        "_lets_others_run",
        "_limit",
        "_limits",
        "_may_be_nan",
        "_plain",
        "_programs",
        "_reads_only_input",
        "_shadowed",
        "_writes_long",
        "names",
        "source",
    )

    def __init__(self, source: str, limits: dict[str, Any] = SMALL, *, lets_others_run: bool = False) -> None:
        """`lets_others_run`: other threads run during an evaluation, for which its variables are converted whole."""
        self.source = source
        self._lets_others_run = lets_others_run
        self._limits = limits
        self.names = names = names_of(source)
        self._reads_only_input = reads_only_input(names)
        writes = WRITES_NUMBERS.search(names.code) is not None
        self._limit = ROUNDED if writes else SAFE
        self._writes_long = writes and LONG_NUMBER.search(names.code) is not None
        self._may_be_nan = COMPUTES_NAN.search(names.code) is not None
        self._shadowed = names.variables & BUILT_IN
        self._asks_world = not names.variables.isdisjoint(FUNCTIONS.keys() | _CLOCK | {"shuffle"})
        self._plain: Callable[[dict[str, JSON]], dict[str, JSON]] | None = None
        self._direct: Callable[[JSON], JSON] | None = None
        self._programs: dict[tuple[str, tuple[str, ...] | None, bool], jlens.Expression] = {}

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def evaluate(
        self,
        bindings: dict[str, JSON],
        environment: Environment,
        shared: Shared | None = None,
        *,
        no_long_integers: bool = False,
    ) -> JSON:
        """The value of the expression, with `bindings` and `shared` as its variables (names without `$`).

        `no_long_integers` says that no integer in `bindings` exceeds `long_integers.ROUNDED`: this saves searching for
        one.

        Raises `EvaluationFailure` when it throws, yields undefined, or yields what JSON cannot hold.
        """
        if self._limits is not SMALL:
            return self._evaluate(bindings, environment, shared, no_long_integers=no_long_integers)
        state = environment.random.getstate() if self._asks_world else None
        try:
            return self._evaluate(bindings, environment, shared, no_long_integers=no_long_integers)
        except EvaluationFailure as failure:
            if not may_fit(failure):
                raise
        if state is not None:
            environment.random.setstate(state)
        return bounded.evaluate(self.source, LIMITS, bindings, None if shared is None else shared.values, environment)

    def _evaluate(
        self, bindings: dict[str, JSON], environment: Environment, shared: Shared | None, *, no_long_integers: bool
    ) -> JSON:
        limit = self._limit
        if (
            self._writes_long
            or (shared is not None and shared.longest >= limit)
            or (not no_long_integers and exceed(bindings, limit))
        ):
            return self._evaluate_exactly(bindings, environment, shared)
        try:
            if self._plain is not None and shared is None and self._shadowed.isdisjoint(bindings):
                if self._direct is not None and not self._reads_only_input and not has_arrays(bindings):
                    value = self._directly(bindings)
                    if value is not None:
                        return value
                found = self._plain(bindings)
                # Nearly all evaluations end here; the code below costs as much again.
                value = found["r"] if "r" in found else self._value(bindings, environment, shared, exact=False)
            else:
                value = self._value(bindings, environment, shared, exact=False)
        except NeedsExactNumbers:
            return self._evaluate_exactly(bindings, environment, shared)
        except EvaluationFailure:
            raise
        except BaseException as error:  # noqa: BLE001 - `failure_of` raises again what is not an evaluation's failure
            if getattr(error, "code", None) != "D1001":
                raise failure_of(error) from None
            return self._evaluate_exactly(bindings, environment, shared)
        if self._may_be_nan and (value is None or (type(value) in {list, dict} and "null" in json.dumps(value))):
            return self._evaluate_exactly(bindings, environment, shared)
        return value

    def of_input(self, value: JSON, environment: Environment, *, no_long_integers: bool) -> JSON:
        """The same for an expression that reads only `$states.input`, whose value is `value`."""
        if self._direct is not None and type(value) is dict and (no_long_integers or not exceed(value, self._limit)):
            found = self._directly(value)
            if found is not None:
                return found
        return self.evaluate({"states": {"input": value}}, environment, no_long_integers=no_long_integers)

    def _directly(self, root: JSON) -> JSON:
        """The value; None if it is null or undefined or the evaluation fails, which the prologue tells apart."""
        try:
            return self._direct(root)  # type: ignore[misc]  # asked only where there is one
        except jlens.JlensError:
            return None

    def _evaluate_exactly(self, bindings: dict[str, JSON], environment: Environment, shared: Shared | None) -> JSON:
        integers = environment.integers
        return integers.decode(self._value(integers.encode(bindings), environment, shared, exact=True))

    def _value(
        self, bindings: dict[str, JSON], environment: Environment, shared: Shared | None, *, exact: bool
    ) -> JSON:
        options = self._limits
        if exact or self._asks_world:
            options = self._options(environment, exact=exact)
        found = self._run(_VALUE, bindings, shared, options, exact=exact)
        if "r" not in found:
            kind = self._run(_TYPE, bindings, shared, options, exact=exact).get("r")
            raise EvaluationFailure(UNSUPPORTED if kind == "function" else UNDEFINED)
        value = found["r"]
        if self.names.holds_functions and type(value) in {list, dict}:
            text = self._run(_TEXT, bindings, shared, options, exact=exact).get("r", "")
            if '""' in text and _holds_function(value, json.loads(text)):
                raise EvaluationFailure(UNSUPPORTED)
        return value

    def _run(
        self, template: str, bindings: dict[str, JSON], shared: Shared | None, options: dict[str, Any], *, exact: bool
    ) -> JSON:
        slots = None if shared is None else shared.slots
        try:
            program = self._programs.get((template, slots, exact)) or self._compile(template, slots, exact=exact)
            if shared is not None:
                return program.evaluate_document(shared.document, bindings, **options)
            if self._lets_others_run:
                shadowing = {name: bindings[name] for name in self._shadowed & bindings.keys()}
                return program.evaluate_document(jlens.Document(bindings), shadowing, **options)
            if self._shadowed.isdisjoint(bindings):
                return program.evaluate(bindings, **options)
            # A variable with the name of a built-in function: the variable takes precedence.
            shadowing = {name: bindings[name] for name in self._shadowed & bindings.keys()}
            return program.evaluate(bindings, shadowing, **options)
        except BaseException as error:  # noqa: BLE001 - `failure_of` raises again what is not an evaluation's failure
            if not exact and getattr(error, "code", None) == "D1001":
                raise NeedsExactNumbers from None
            # Not kept in a variable: its traceback would refer to this frame and back.
            raise failure_of(error) from None

    def _options(self, environment: Environment, *, exact: bool) -> dict[str, Any]:
        current.environment, current.exact = environment, exact
        options = dict(self._limits)
        if exact:
            options["max_depth"] += EXACT_DEPTH
        if not self.names.variables.isdisjoint(_CLOCK):
            options["now"] = environment.millis()
        if "shuffle" in self.names.variables:
            options["seed"] = environment.random.getrandbits(53)
        return options

    def _compile(self, template: str, slots: tuple[str, ...] | None, *, exact: bool) -> jlens.Expression:
        # First on its own: text that is invalid on its own can be valid inside other text.
        mistake = _mistake(self.source, self.names.code)
        if mistake is not None:
            raise EvaluationFailure(thrown(*mistake))
        names = self.names
        prologue = [PROLOGUES[name] for name in sorted(names.variables & PROLOGUES.keys())]
        if slots is None:
            bound = sorted(names.variables - BUILT_IN - PROLOGUES.keys())
            prologue += [f"${name} := $$.`{name}`" for name in bound]
            if names.states is None or names.states:
                prologue.append("$states := $$.states")
        else:
            prologue += map(_fetched, slots)
        if exact:
            prologue += EXACT_PROLOGUE
        code = template.format(rewritten(self.source) if exact else self.source)
        group = f"$undefined_{{{code}\n}}"
        program = self.program(f"({'; '.join([*prologue, group])})")
        for name, function, signature in EXACT_FUNCTIONS if exact else []:
            program.register_function(name, function, signature)
        self._programs[template, slots, exact] = program
        if (
            template == _VALUE
            and not self._lets_others_run
            and not (slots is not None or exact or self._asks_world or self.names.holds_functions)
        ):
            self._plain = partial(program.evaluate, **self._limits)
            direct = None if self._writes_long else direct_form(self.source, self.names)
            self._direct = None if direct is None else _compiled(direct).evaluate
        return program

    def program(self, code: str) -> jlens.Expression:
        """`code` compiled with the functions that this expression names."""
        program = _compiled(code)
        for name in self.names.variables & FUNCTIONS.keys():
            host_name, function, signature = FUNCTIONS[name]
            program.register_function(host_name, function, signature)
        return program


def syntax_error(source: str) -> str | None:
    """What is wrong with the text of an expression, in the words of Step Functions; None if it parses."""
    mistake = _mistake(source, names_of(source).code)
    return None if mistake is None else mistake[1]


def _mistake(source: str, code: str) -> tuple[str, str] | None:
    """The code and text of the syntax error in `source`, whose code without strings is `code`."""
    later = _LATER_OPERATOR.search(code)
    if later is not None and isinstance(ExpressionParser().parse(source), SyntaxFailure):
        return "S0211", f'The symbol "{later[1]}" cannot be used as a unary operator'
    try:
        _compiled(source)
    except jlens.JlensError as error:
        return error.code, text_of(error)
    return None


def _compiled(code: str) -> jlens.Expression:
    # Native strings are UTF-8: lone surrogates, which JSON texts may escape, are replaced.
    return jlens.Expression(code.encode("utf-8", "replace").decode())


def compile_expression(source: str) -> Expression:
    """The expression whose text is `source`. Mistakes in it are reported when it is evaluated."""
    return Expression(source)


def trial(source: str) -> Expression:
    """The expression whose text is `source`, for evaluation with constants of an untrusted file."""
    return Expression(source, TRIAL_LIMITS)


def _fetched(slot: str) -> str:
    """The assignment of a shared value to its place."""
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
