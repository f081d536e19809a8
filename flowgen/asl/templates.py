"""Payload templates (Parameters, ResultSelector, ItemSelector, Assign, …) and the paths and calls in their fields.

See "Payload Template" in the specification: a field whose name ends in `.$` contains a path or a call; other fields are
literal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.asl.errors import PathNotFound, QueryFailure, QuerySyntaxError, ValueNotFound
from flowgen.asl.intrinsics import Evaluator, compile_call, is_call
from flowgen.asl.json_text import to_text
from flowgen.asl.jsonpath import Path, Variables, compile_path

if TYPE_CHECKING:
    from random import Random

MAX_DEPTH = 200

_Field: TypeAlias = tuple[str, Evaluator]


@dataclass(frozen=True, slots=True)
class Expression:
    """A path or a call in the definition; `paths` are the paths that it reads, `flaws` those of a call."""

    text: str
    evaluate: Evaluator
    paths: tuple[Path, ...]
    flaws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled payload template.

    `evaluate(input, variables, context, random)` returns the payload, which shares its literal parts with the
    definition. Raises QueryFailure. `expressions` are those in its fields, each with its JSON pointer.
    """

    evaluate: Evaluator
    expressions: tuple[tuple[str, Expression], ...]


def compile_expression(text: str, field: str) -> Expression:
    """Parses a path or call; `field` is its name in the cause of a failure.

    Raises QuerySyntaxError.
    """
    if is_call(text):
        call = compile_call(text)
        return Expression(text, call.evaluate, call.paths, call.flaws)
    path = compile_path(text)
    return Expression(text, _path_evaluator(path, field), (path,), ())


def not_found(path: Path, field: str, document: Any) -> QueryFailure:
    """The service's message if the path of a field does not exist in the document."""
    return ValueNotFound(
        "States.Runtime",
        f"The JSONPath '{path.text}' specified for the field '{field}' could not be found in the input "
        f"'{to_text(document)}'",
    )


def _path_evaluator(path: Path, field: str) -> Evaluator:
    read, from_context = path.read, path.is_context
    from_input = not from_context and path.variable is None

    def evaluate(root: Any, variables: Variables, context: Any, _random: Random) -> Any:
        if from_input and root is None:
            raise QueryFailure("States.Runtime", "Unable to apply Path transformation to null or empty input.")
        try:
            return read(root, variables, context)
        except PathNotFound as missing:
            # Observed in the service: `"x.$": "$.items[5]"` is null past the end of the array.
            if missing.kind == "past_the_end":
                return None
            raise not_found(path, field, context if from_context else root) from None

    return evaluate


def compile_template(payload: Any) -> Template:
    """Compiles a template. Raises QuerySyntaxError for a field that is neither a path nor a call."""
    expressions: list[tuple[str, Expression]] = []
    evaluate = _compiled(payload, "", 0, expressions)
    if evaluate is None:
        return Template(lambda _root, _variables, _context, _random: payload, ())
    return Template(evaluate, tuple(expressions))


def _compiled(payload: Any, pointer: str, depth: int, expressions: list[tuple[str, Expression]]) -> Evaluator | None:
    """The evaluator of a part of the payload, or None if the part is literal."""
    if depth > MAX_DEPTH:
        raise QuerySyntaxError(f"A payload template can be nested at most {MAX_DEPTH} levels deep", 0)
    if isinstance(payload, dict):
        return _compiled_object(payload, pointer, depth, expressions)
    if isinstance(payload, list):
        items = [_compiled(item, f"{pointer}/{at}", depth + 1, expressions) for at, item in enumerate(payload)]
        return _array(payload, items) if any(items) else None
    return None


def _compiled_object(
    payload: dict[str, Any], pointer: str, depth: int, expressions: list[tuple[str, Expression]]
) -> Evaluator | None:
    fields: list[_Field] = []
    for key, value in payload.items():
        place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        if key.endswith(".$"):
            if not isinstance(value, str):
                raise QuerySyntaxError(f"The value of the field '{key}' must be a path or a call, in a string", 0)
            expression = compile_expression(value, key)
            expressions.append((place, expression))
            fields.append((key[:-2], expression.evaluate))
        else:
            evaluate = _compiled(value, place, depth + 1, expressions)
            if evaluate is not None:
                fields.append((key, evaluate))
    if not fields:
        return None
    return _object({_plain(key): value for key, value in payload.items()}, tuple(fields))


def _plain(key: str) -> str:
    return key.removesuffix(".$")


def _object(literals: dict[str, Any], fields: tuple[_Field, ...]) -> Evaluator:
    if len(fields) == len(literals):
        return lambda root, variables, context, random: {
            key: evaluate(root, variables, context, random) for key, evaluate in fields
        }

    def evaluate_object(root: Any, variables: Variables, context: Any, random: Random) -> Any:
        result = literals.copy()
        for key, evaluate in fields:
            result[key] = evaluate(root, variables, context, random)
        return result

    return evaluate_object


def _array(payload: list[Any], items: list[Evaluator | None]) -> Evaluator:
    fields = tuple((at, evaluate) for at, evaluate in enumerate(items) if evaluate is not None)

    def evaluate_array(root: Any, variables: Variables, context: Any, random: Random) -> Any:
        result = payload.copy()
        for at, evaluate in fields:
            result[at] = evaluate(root, variables, context, random)
        return result

    return evaluate_array
