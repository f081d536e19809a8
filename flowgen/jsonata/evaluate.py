"""Evaluates JSONata expressions as Step Functions does, by the `jsonatapy` library.

In: the text of an expression (without `{% %}`) and the variables that it names. Out: a JSON value, or
`EvaluationFailure` with a reason worded as Step Functions words it. It holds what differs between the library and the
service:

- the service adds `$partition $range $hash $random $uuid $parse` and has no `$eval`
  (developer guide, "Transforming data with JSONata");
- `$now`, `$millis`, `$random` and `$uuid` come from the `Environment`, never from the machine;
- the library does not tell a function or an infinite number from null, nor null from nothing, in one call.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import jsonatapy

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

JSON: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list or dict of the same."""

TIMEOUT_MS = 5_000
"""An expression that runs longer than this is stopped. It bounds loops that don't end, not slow ones."""

LONGEST_PADDING = 1_048_576
"""Characters that `$pad` may produce: four times what any state may hold; the library cannot be stopped inside it."""

# Strings and quoted names hold no variables; a regular expression literal cannot be told from a division here, so its
# text is read as code, which only ever adds names.
_TOKENS = re.compile(
    r""" "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` | /\*.*?\*/
       | (?P<exists>\$exists\(\s*\$\s*\))
       | \$states \s*\.\s* (?P<path>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*){0,2})
       | \$(?P<name>\w+)
    """,
    re.VERBOSE | re.DOTALL,
)


_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


class EvaluationFailure(Exception):  # noqa: N818 - a failure of the execution, not of the program
    """An expression gave no JSON value.

    `reason` continues "The JSONata expression '…' specified for the field '…' ".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Environment:
    """What expressions may ask of the world: `millis` is the time in milliseconds since 1970-01-01T00:00:00Z."""

    random: random.Random
    millis: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Names:
    """The variables that an expression names, and the members of `$states`, its context, and that one's Execution.

    None stands for all of them.
    """

    variables: frozenset[str]
    states: frozenset[str] | None
    context: frozenset[str] | None = frozenset()
    execution: frozenset[str] | None = frozenset()


EXECUTION_INPUT = "Execution.Input"


class Shared:
    """Large values that many evaluations share, converted for the evaluator once.

    `values` are named by their places: `$name` for a variable, the name of a member of `$states`, or `EXECUTION_INPUT`.
    """

    __slots__ = ("data", "slots")

    def __init__(self, values: Mapping[str, JSON]) -> None:
        self.slots = tuple(values)
        # A name that begins with a blank can't be meant by a path that lacks its `$`.
        self.data = jsonatapy.JsonataData({f" {slot}": value for slot, value in values.items()})._data  # noqa: SLF001


class NotSharable(Exception):  # noqa: N818 - tells the caller to evaluate otherwise
    """The result holds a null, which may stand for nothing or a function: only an evaluation without sharing tells."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression, compiled once for each thread that evaluates it."""

    source: str
    names: Names
    _code: str
    _compiled: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    def evaluate(self, bindings: Mapping[str, JSON], environment: Environment) -> JSON:
        """The value of the expression, with `bindings` as its variables (names without `$`).

        Raises `EvaluationFailure` when it throws, yields nothing, or yields what JSON can't hold.
        """
        local = self._compiled
        try:
            expression = local.expression
        except AttributeError:
            expression = self._compile()
        if local.calls_host:
            local.environment = environment
        try:
            value = expression.evaluate(None, bindings, TIMEOUT_MS, None, None)
        except (OverflowError, UnicodeEncodeError, TypeError):
            bindings = {name: _representable(bound) for name, bound in bindings.items()}
            value = self._guarded(expression, bindings)
        except ValueError as error:
            raise EvaluationFailure(_thrown(str(error))) from None
        kind = type(value)
        if kind is str or kind is int or kind is bool:
            return value
        return self._json(expression, bindings, value)

    def evaluate_shared(self, bindings: Mapping[str, JSON], shared: Shared, environment: Environment) -> JSON:
        """The same where some of the values are shared. Raises `NotSharable`, too."""
        try:
            expression = self._compiled.shared[shared.slots]
        except (AttributeError, KeyError):
            expression = self._compile_shared(shared.slots)
        if self._compiled.calls_host:
            self._compiled.environment = environment
        try:
            value = expression.evaluate_with_data(shared.data, bindings, TIMEOUT_MS, None, None)
        except (OverflowError, UnicodeEncodeError, TypeError):
            raise NotSharable from None
        except ValueError as error:
            raise EvaluationFailure(_thrown(str(error))) from None
        if type(value) in {str, int, bool}:
            return value
        try:
            if value is None or "null" in json.dumps(value, allow_nan=False):
                raise NotSharable
        except ValueError:
            raise NotSharable from None
        return value

    def _guarded(self, expression: Any, bindings: Mapping[str, JSON]) -> JSON:
        try:
            return expression.evaluate(None, bindings, TIMEOUT_MS, None, None)
        except (ValueError, OverflowError, TypeError) as error:
            raise EvaluationFailure(_thrown(str(error))) from None

    def _json(self, expression: Any, bindings: Mapping[str, JSON], value: JSON) -> JSON:
        if type(value) is float:
            if math.isfinite(value):
                return value
            raise EvaluationFailure("returned an unsupported result type.")
        if value is not None:
            try:
                text = json.dumps(value, allow_nan=False)
            except ValueError:
                raise EvaluationFailure("returned an unsupported result type.") from None
            if "null" not in text:
                return value
        # Functions come back as None, like null and nothing; only the JSON form (a function is "") tells them apart.
        text_or_nothing = expression.evaluate_json_or_none(None, bindings, TIMEOUT_MS, None, None)
        if text_or_nothing is None:
            raise EvaluationFailure("returned nothing (undefined).")
        if _holds_function(value, json.loads(text_or_nothing)):
            raise EvaluationFailure("returned an unsupported result type.")
        return value

    def _compile(self) -> Any:
        expression = self._compiled.expression = self._compile_code(self._code)
        return expression

    def _compile_shared(self, slots: tuple[str, ...]) -> Any:
        """The expression with assignments before it that fetch the shared values."""
        expression = self._compile_code(f"({'; '.join(map(_fetched, slots))}; {self._code}\n)")
        self._compiled.__dict__.setdefault("shared", {})[slots] = expression
        return expression

    def _compile_code(self, code: str) -> Any:
        try:
            # The wrapper class of the library only forwards, at a cost of 0.15 µs a call.
            expression = jsonatapy.compile(code)._expr  # noqa: SLF001
        except ValueError as error:
            raise EvaluationFailure(_thrown(str(error).removeprefix("Parse error: "))) from None
        local = self._compiled
        local.calls_host = False
        for name in self.names.variables & _HOST_FUNCTIONS.keys():
            if name == "pad" and not _has_large_number(code):
                continue  # the library's own is right, and tells nothing from null
            local.calls_host = True
            function = _HOST_FUNCTIONS[name]
            expression.register_override(name, _bound(function, local))
        return expression


def compile_expression(source: str) -> Expression:
    """The expression whose text is `source`. Mistakes in it are told when it is evaluated."""
    variables: set[str] = set()
    paths: set[tuple[str, ...]] = set()

    def look(match: re.Match[str]) -> str:
        if match["exists"] is not None:
            return "($ ~> $exists)"  # the library answers false to the plain form
        if match["path"] is not None:
            paths.add(tuple(re.split(r"\s*\.\s*", match["path"])))
        elif match["name"] == "states":
            paths.add(())
        elif match["name"] is not None:
            variables.add(match["name"])
        return match[0]

    code = _TOKENS.sub(look, source)
    states = _members(paths, ())
    context = _members(paths, ("context",))
    execution = _members(paths, ("context", "Execution"))
    return Expression(source, Names(frozenset(variables), states, context, execution), code)


def _members(paths: set[tuple[str, ...]], place: tuple[str, ...]) -> frozenset[str] | None:
    """The members of a place that paths go on to, or None when a path ends there or before."""
    depth = len(place)
    if any(path == place[: len(path)] for path in paths):
        return None
    return frozenset(path[depth] for path in paths if path[:depth] == place)


def _fetched(slot: str) -> str:
    """The assignment that puts a shared value in its place."""
    value = f"$$.` {slot}`"
    if slot.startswith("$"):
        return f"{slot} := {value}"
    if slot != EXECUTION_INPUT:
        return f"$states := $merge([$states, {{'{slot}': {value}}}])"
    execution = f"$merge([$states.context.Execution, {{'Input': {value}}}])"
    return f"$states := $merge([$states, {{'context': $merge([$states.context, {{'Execution': {execution}}}])}}])"


def _has_large_number(code: str) -> bool:
    return any(float(number) > LONGEST_PADDING for number in _NUMBER.findall(code))


def _thrown(message: str) -> str:
    message = message.removeprefix("host function raised EvaluationFailure: ")
    if message.startswith("T1006: "):
        message = "T1006: Attempted to invoke a non-function"
    return f"threw an error during evaluation. {message}"


def _holds_function(value: JSON, as_json: JSON) -> bool:
    """Whether `value`, where functions are None, differs from its JSON form, where they are empty strings."""
    if value is None:
        return as_json is not None
    if type(value) is list:
        return any(map(_holds_function, value, as_json))
    if type(value) is dict:
        return any(_holds_function(member, as_json.get(name)) for name, member in value.items())
    return False


def _representable(value: JSON) -> JSON:
    """`value` with integers beyond 64 bits as floats and lone surrogates replaced, which the library cannot take."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return float(value)
    if isinstance(value, list):
        return [_representable(item) for item in value]
    if isinstance(value, dict):
        return {_representable(name): _representable(member) for name, member in value.items()}
    return value


def _bound(function: Callable[..., JSON], local: threading.local) -> Callable[..., JSON]:
    def call(*arguments: JSON) -> JSON:
        try:
            return function(local.environment, *arguments)
        except TypeError:
            name = function.__name__.removeprefix("_")
            raise EvaluationFailure(f"T0410: The arguments of function {name} do not match its signature") from None

    return call


# --- functions of the host; a missing argument and null are both None here ---


def _now(environment: Environment, picture: str | None = None, timezone: str | None = None) -> JSON:
    millis = environment.millis()
    if picture is None and timezone is None:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    arguments = "m, p" if timezone is None else "m, p, z"
    return jsonatapy.evaluate(f"$fromMillis({arguments})", {"m": millis, "p": picture, "z": timezone})


def _millis(environment: Environment, *_: JSON) -> JSON:
    return environment.millis()


def _random(environment: Environment, seed: JSON = None) -> JSON:
    if seed is None:
        return environment.random.random()
    return type(environment.random)(json.dumps(seed)).random()


def _uuid(environment: Environment, *_: JSON) -> JSON:
    return str(uuid.UUID(int=environment.random.getrandbits(128), version=4))


def _shuffle(environment: Environment, array: JSON = None) -> JSON:
    if not isinstance(array, list):
        return None if array is None else [array]
    shuffled = list(array)
    environment.random.shuffle(shuffled)
    return shuffled


def _partition(_: Environment, array: JSON = None, size: JSON = None) -> JSON:
    if array is None:
        return None
    if not isinstance(array, list):
        array = [array]
    size = _whole("partition", 2, size)
    if size < 1:
        raise EvaluationFailure("D3137: Argument 2 of function partition must be a positive number")
    return [array[start : start + size] for start in range(0, len(array), size)]


def _range(_: Environment, first: JSON = None, last: JSON = None, step: JSON = None) -> JSON:
    first, last, step = _whole("range", 1, first), _whole("range", 2, last), _whole("range", 3, step)
    if step == 0:
        raise EvaluationFailure("D3137: Argument 3 of function range must not be zero")
    numbers = range(first, last + (1 if step > 0 else -1), step)
    if len(numbers) > 10_000_000:  # noqa: PLR2004 - JSONata's own bound of a range, D2014
        raise EvaluationFailure("D2014: The size of the sequence allocated by the range operator must not exceed 1e7")
    return list(numbers)


_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def _hash(_: Environment, text: JSON = None, algorithm: JSON = None) -> JSON:
    if text is None:
        return None
    if not isinstance(text, str):
        raise EvaluationFailure("T0410: Argument 1 of function hash does not match function signature")
    name = _ALGORITHMS.get(algorithm) if isinstance(algorithm, str) else None
    if name is None:
        raise EvaluationFailure(f"D3137: {algorithm} is not a hash algorithm: use one of {', '.join(_ALGORITHMS)}")
    return hashlib.new(name, text.encode()).hexdigest()


def _parse(_: Environment, text: JSON = None) -> JSON:
    if text is None:
        return None
    if not isinstance(text, str):
        raise EvaluationFailure("T0410: Argument 1 of function parse does not match function signature")
    try:
        return _representable(json.loads(text, parse_constant=_no_constant))
    except (ValueError, RecursionError):
        raise EvaluationFailure("D3137: Argument 1 of function parse is not valid JSON") from None


def _pad(_: Environment, text: JSON = None, width: JSON = None, padding: JSON = None) -> JSON:
    if text is None:
        return None
    width = int(width) if isinstance(width, int | float) else _whole("pad", 2, width)
    if abs(width) > LONGEST_PADDING:
        raise EvaluationFailure(f"D3137: function pad would produce more than {LONGEST_PADDING} characters")
    if not isinstance(text, str):
        raise EvaluationFailure("T0410: Argument 1 of function pad does not match function signature")
    missing = abs(width) - len(text)
    if missing <= 0:
        return text
    unit = padding if isinstance(padding, str) and padding else " "
    filler = (unit * (missing // len(unit) + 1))[:missing]
    return text + filler if width > 0 else filler + text


def _eval(_: Environment, *__: JSON) -> JSON:
    raise EvaluationFailure("T1006: Attempted to invoke a non-function")


def _no_constant(constant: str) -> JSON:
    raise ValueError(constant)


def _whole(function: str, position: int, number: JSON) -> int:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise EvaluationFailure(f"T0410: Argument {position} of function {function} does not match function signature")
    return math.floor(number)


_HOST_FUNCTIONS: dict[str, Callable[..., JSON]] = {
    "eval": _eval,
    "hash": _hash,
    "millis": _millis,
    "now": _now,
    "pad": _pad,
    "parse": _parse,
    "partition": _partition,
    "random": _random,
    "range": _range,
    "shuffle": _shuffle,
    "uuid": _uuid,
}
