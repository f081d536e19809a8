"""JSONPath, calls of intrinsic functions and payload templates as values of the document.

A definite path is a reference. A path that selects several values, and a call, become a JSONata expression. What has
no exact counterpart raises `NotExpressible`; a small difference adds a sentence to `differences`.
"""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import dataclass, field
from typing import assert_never

from flowgen.asl import jsonpath_parser as parser
from flowgen.asl.errors import QuerySyntaxError
from flowgen.asl.intrinsic_functions import format_pieces
from flowgen.asl.intrinsics import is_call
from flowgen.asl.jsonpath import Path, compile_path
from flowgen.importing.intrinsic_calls import Argument, Call, PathText, Plain, Text, parse_call, with_placeholders
from flowgen.importing.state_document import (
    CONTEXT,
    JSON,
    Computed,
    Constant,
    Missing,
    Record,
    Reference,
    Sequence,
    Step,
    Value,
    constant,
    expression,
    literal,
    operand,
    select,
    select_all,
    text_literal,
)


class NotExpressible(Exception):  # noqa: N818 - not an error: the state keeps its JSONPath form
    """A part of a state has no exact counterpart in JSONata; the message says which."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads paths in a document. `differences` collects how the expressions may behave differently."""

    document: Value
    differences: list[str] = field(default_factory=list)

    def of(self, document: Value) -> Reader:
        """A reader of another document."""
        return Reader(document, self.differences)

    def differs(self, text: str) -> None:
        if text not in self.differences:
            self.differences.append(text)

    # Paths

    def path(self, text: JSON) -> Value:
        """The value at a path such as `$.order.id`, `$$.Execution.Name` or `$name[0]`."""
        path = _compiled(text)
        root = self._root(path)
        places = _definite(path.steps)
        return self._selected(root, path) if places is None else select_all(root, places)

    def _root(self, path: Path) -> Value:
        if path.is_context:
            return Reference(CONTEXT)
        return self.document if path.variable is None else Reference(f"${path.variable}")

    def field(self, text: JSON) -> Value:
        """The value of a field with a path or a call."""
        if not isinstance(text, str):
            raise NotExpressible(f"`{text}` is not a path")
        return self.call(_parsed(text)) if is_call(text) else self.path(text)

    def in_template(self, text: JSON) -> Value:
        """The value of a path or a call in a payload template, where an index past the end of an array gives null."""
        value = self.field(text)
        if (
            isinstance(text, str)
            and isinstance(value, Reference)
            and any(isinstance(step, int) for step in value.steps)
        ):
            return _null_past_the_end(value)
        return value

    def template(self, payload: JSON) -> Value:
        """The value of a payload template."""
        if isinstance(payload, dict):
            return Record(
                None,
                {
                    key.removesuffix(".$"): self.in_template(item) if key.endswith(".$") else self.template(item)
                    for key, item in payload.items()
                },
            )
        if isinstance(payload, list) and any(isinstance(item, dict | list) for item in payload):
            return Sequence(tuple(map(self.template, payload)))
        return constant(payload)

    def _selected(self, root: Value, path: Path) -> Value:
        """The values that an indefinite path selects, as an expression."""
        steps = list(path.steps)
        last = steps[-1]
        function = last if isinstance(last, parser.Function) else None
        if function is not None:
            steps.pop()
        value, count = root, 0
        for step in steps:
            place = _single(step)
            if place is None:
                break
            value, count = select(value, place), count + 1
        if isinstance(value, Missing):
            return Constant([])
        rest = steps[count:]
        text = self._stream(operand(value), rest, path) if rest else operand(value)
        if function is None:
            return Computed(f"[{text}]", is_atom=True)
        return self._applied(function, f"[{text}]" if rest else text)

    def _stream(self, text: str, steps: Items[parser.Step], path: Path) -> str:
        descends = False
        for step in steps:
            match step:
                case parser.Keys((name,)):
                    text = expression(select(Computed(f"{text}.**" if descends else text, is_atom=True), name))
                    descends = False
                case parser.Wildcard():
                    # `[*]` goes through an array, as every name in JSONata does; `.*` through the members of an object.
                    if descends or ".*" in path.text:
                        text = f"{text}.*"
                    else:
                        self.differs(f"`{path.text}` reads a list, where JSONPath also reads the members of an object")
                case parser.Descend():
                    descends = True
                    continue
                case parser.Filter(condition):
                    text = f"{text}[{self._condition(condition)}]"
                case parser.Slice(start, stop, stride):
                    text = f"{text}[{_range(text, start, stop, stride, path)}]"
                case parser.Indices(positions) if len(positions) > 1:
                    text = f"{text}[[{', '.join(map(str, positions))}]]"
                case _:
                    raise NotExpressible(f"the path `{path.text}`")
            if descends:
                raise NotExpressible(f"the path `{path.text}`")
        if descends:
            raise NotExpressible(f"the path `{path.text}`")
        return text

    def _applied(self, function: parser.Function, text: str) -> Value:
        match function.name:
            case "length" | "size":
                return Computed(f"$count({text})", is_atom=True)
            case "min" | "max" | "sum":
                return Computed(f"${function.name}({text})", is_atom=True)
            case "avg":
                return Computed(f"$average({text})", is_atom=True)
            case "keys":
                return Computed(f"[$keys({text})]", is_atom=True)
            case "first":
                return Computed(f"{text}[0]", is_atom=True)
            case "last":
                return Computed(f"{text}[-1]", is_atom=True)
            case name:
                raise NotExpressible(f"the path function `{name}()`")

    def _condition(self, condition: parser.Condition) -> str:
        match condition:
            case parser.Junction(kind, conditions):
                word = " and " if kind == "all" else " or "
                return word.join(
                    f"({self._condition(one)})" if isinstance(one, parser.Junction) else self._condition(one)
                    for one in conditions
                )
            case parser.Negation(inner):
                return f"$not({self._condition(inner)})"
            case parser.Comparison(left, operator, right):
                return self._comparison(self._filter_operand(left), operator, self._filter_operand(right))
            case _:
                assert_never(condition)

    def _comparison(self, left: str, operator: str, right: str) -> str:
        match operator:
            case "exists":
                return f"$exists({left})"
            case "==" | "===":
                return f"{left} = {right}"
            case "!=" | "!==":
                return f"$not({left} = {right})"
            case "<" | ">" | "<=" | ">=":
                return f"{left} {operator} {right}"
            case "in":
                return f"{left} in {right}"
            case "nin":
                return f"$not({left} in {right})"
            case "size":
                return f"$count({left}) = {right}"
            case _:
                raise NotExpressible(f"the filter operator `{operator}`")

    def _filter_operand(self, side: parser.Literal | parser.Query) -> str:
        if isinstance(side, parser.Literal):
            return literal(side.value)
        places = _definite(side.steps)
        if places is None:
            raise NotExpressible("a filter inside a filter")
        if not side.from_item:
            return operand(select_all(self.document, places))
        if places and isinstance(places[0], str):
            # `$.a` and `a` are the same inside a filter.
            return expression(select_all(Reference("$"), places)).removeprefix("$.")
        return expression(select_all(Reference("$"), places))

    # Calls

    def call(self, call: Call) -> Value:
        """The value of a call of an intrinsic function."""
        if call.name == "States.Array":
            return Sequence(tuple(map(self._argument, call.arguments)))
        if call.name == "States.Format":
            return self._formatted(call)
        arguments = [expression(self._argument(argument)) for argument in call.arguments]
        operands = [operand(self._argument(argument)) for argument in call.arguments]
        return self._function(call, arguments, operands)

    def _function(self, call: Call, arguments: list[str], operands: list[str]) -> Value:
        listed = ", ".join(arguments)
        match call.name.removeprefix("States."):
            case "StringToJson":
                made = f"$parse({listed})"
            case "JsonToString":
                self.differs("`$string` returns a string unchanged, where States.JsonToString adds quotation marks")
                made = f"$string({listed})"
            case "ArrayPartition":
                made = f"[$partition({listed})]"
            case "ArrayContains":
                return Computed(f"{operands[1]} in {operands[0]}")
            case "ArrayRange":
                made = f"[$range({listed})]"
            case "ArrayGetItem":
                made = f"{operands[0]}[{arguments[1]}]"
            case "ArrayLength":
                made = f"$count({listed})"
            case "ArrayUnique":
                self.differs("`$distinct` keeps the order of the items, where States.ArrayUnique may change it")
                made = f"[$distinct({listed})]"
            case "Base64Encode":
                made = f"$base64encode({listed})"
            case "Base64Decode":
                made = f"$base64decode({listed})"
            case "Hash":
                made = f"$hash({listed})"
            case "JsonMerge":
                made = f"$merge([{arguments[0]}, {arguments[1]}])"
            case "MathAdd":
                self.differs("`+` adds fractions, where States.MathAdd rounds its arguments")
                return Computed(f"{operands[0]} + {operands[1]}")
            case "MathRandom":
                self.differs("`$random` returns other numbers than States.MathRandom")
                low, high = operands[0], operands[1]
                seed = arguments[2] if len(arguments) > 2 else ""  # noqa: PLR2004 - the third argument is the seed
                return Computed(f"{low} + $floor($random({seed}) * ({high} - {low}))")
            case "StringSplit":
                if not isinstance(call.arguments[1], Text):
                    self.differs("`$split` has one separator, where each character of States.StringSplit's is one")
                made = f"[$split({operands[0]}, {_separators(call, arguments[1])})[$ != '']]"
            case "UUID":
                made = "$uuid()"
            case name:
                raise NotExpressible(f"the function `States.{name}`")
        return Computed(made, is_atom=True)

    def _argument(self, argument: Argument) -> Value:
        match argument:
            case Text():
                return Constant(argument.value)
            case Plain(value):
                return Constant(value)
            case PathText(text):
                return self.path(text)
            case Call():
                return self.call(argument)

    def _formatted(self, call: Call) -> Value:
        first = call.arguments[0]
        values = [self._argument(argument) for argument in call.arguments[1:]]
        if not isinstance(first, Text):
            if not values:
                return self._argument(first)
            raise NotExpressible("States.Format with a template from the input")
        pieces: list[str] = []
        rest = iter(values)
        text = ""
        for piece in format_pieces(first.raw):
            if piece is not None:
                text += with_placeholders(piece)
                continue
            if text:
                pieces.append(text_literal(text))
            text = ""
            pieces.append(operand(next(rest)))
        if text or not pieces:
            pieces.append(text_literal(text))
        if len(pieces) == 1:
            return Constant(text) if not values else Computed(f"$string({pieces[0]})", is_atom=True)
        return Computed(" & ".join(pieces))


def _separators(call: Call, written: str) -> str:
    """The separators of States.StringSplit, of which each character is one."""
    second = call.arguments[1]
    if not isinstance(second, Text) or len(second.value) == 1:
        return written
    special = "".join(f"\\{one}" if one in "\\]^-/[" else one for one in second.value)
    return f"/[{special}]/"


def _compiled(text: JSON) -> Path:
    if not isinstance(text, str):
        raise NotExpressible(f"`{text}` is not a path")
    try:
        return compile_path(text)
    except QuerySyntaxError as error:
        raise NotExpressible(f"the path `{text}` ({error.message})") from None


def _parsed(text: str) -> Call:
    try:
        return parse_call(text)
    except QuerySyntaxError as error:
        raise NotExpressible(f"the call `{text}` ({error.message})") from None


def _single(step: parser.Step) -> Step | None:
    match step:
        case parser.Keys((name,)):
            return name
        case parser.Indices((position,)):
            return position
        case _:
            return None


def _definite(steps: Items[parser.Step]) -> tuple[Step, ...] | None:
    places = tuple(map(_single, steps))
    return None if None in places else places  # type: ignore[return-value]  # none of them is None


def _range(text: str, start: int | None, stop: int | None, stride: int | None, path: Path) -> str:
    first = start or 0
    if stride not in {None, 1} or (first < 0 and stop is not None):
        raise NotExpressible(f"the path `{path.text}`")
    if first < 0:
        return f"[{first}..-1]"
    if stop is None or stop < 0:
        return f"[{first}..$count({text}) - {1 - (stop or 0)}]"
    return f"[{first}..{stop - 1}]"


def _null_past_the_end(value: Reference) -> Value:
    guards = []
    for at, step in enumerate(value.steps):
        if isinstance(step, int):
            items = expression(Reference(value.root, value.steps[:at]))
            least = step + 1 if step >= 0 else -step
            guards.append(f"{items} = []" if least == 1 else f"$exists({items}) and $count({items}) < {least}")
    return Computed(f"{' or '.join(guards)} ? null : {expression(value)}")
