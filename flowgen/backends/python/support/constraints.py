"""Keywords of JSON Schema that no Python type expresses. A validator checks them on the JSON form of a value.

The rules are those of JSON Schema 2020-12, with formats as assertions. A pattern is a regular expression of pydantic,
or else of Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import (
    CoreSchema,
    PydanticCustomError,
    SchemaError,
    SchemaValidator,
    core_schema,
    to_jsonable_python,
)

from .formats import CHECKS

M = TypeVar("M", bound=type[BaseModel])

Schema = Mapping[str, Any] | bool
Seen = set[str | int]
"""The keys or positions of a value that its schema has described, for `unevaluatedProperties` and the like."""

LONGEST_KEY = 24
"""The maximum length shown of a field's name, which may be data."""


class Constraints:
    """What a type does not express of its JSON Schema: metadata for `Annotated`.

    `schema` refers to other types as `#/$defs/NAME`, and has them in its own `$defs`.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.definitions: Mapping[str, Schema] = {} if isinstance(schema, bool) else schema.get("$defs", {})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __call__(self, value: Any) -> Any:
        self.check_json(as_json(value))
        return value

    def check_json(self, value: Any) -> Any:
        """The same JSON value. Raises PydanticCustomError if it violates the constraints."""
        try:
            problem = next(self.problems(self.schema, value, "", set()), None)
        except RecursionError:
            problem = "Input should not be nested so deeply"
        if problem is not None:
            raise PydanticCustomError("constraint", "{problem}", {"problem": problem})
        return value

    def is_valid(self, value: Any) -> bool:
        """Whether a JSON value satisfies the constraints."""
        return self._fits(self.schema, value) is not None

    def problems(self, schema: Schema, value: Any, at: str, seen: Seen) -> Iterator[str]:
        """What is wrong with a value. `at` is its path; what the schema describes of the value is added to `seen`."""
        if isinstance(schema, bool):
            if not schema:
                yield _said(at, "is not allowed")
            return
        yield from self._applied(schema, value, at, seen)
        yield from _compared(schema, value, at)
        match value:
            case dict():
                yield from self._fields(schema, cast("dict[str, Any]", value), at, seen)
            case list():
                yield from self._items(schema, _items_of(value), at, seen)
            case str():
                yield from _text(schema, value, at)
            case int() | float() if not isinstance(value, bool):
                yield from _number(schema, value, at)
            case _:
                pass

    def _fits(self, schema: Schema, value: Any) -> Seen | None:
        """What a schema describes of a value; None if the value does not match."""
        seen: Seen = set()
        return seen if next(self.problems(schema, value, "", seen), None) is None else None

    def _applied(self, schema: Mapping[str, Any], value: Any, at: str, seen: Seen) -> Iterator[str]:
        """The problems found by schemas for the same value. None of them sees what the others describe."""
        for part in self._parts(schema, value, seen):
            own: Seen = set()
            yield from self.problems(part, value, at, own)
            seen |= own
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                fitting = [fits for option in schema[keyword] if (fits := self._fits(option, value)) is not None]
                seen.update(*fitting)
                if not fitting:
                    yield _said(at, f"should match one of the {len(schema[keyword])} schemas in `{keyword}`")
                elif keyword == "oneOf" and len(fitting) > 1:
                    yield _said(at, f"should match exactly one schema in `oneOf`, but matches {len(fitting)}")
        if "not" in schema and self._fits(schema["not"], value) is not None:
            yield _said(at, "should not match the schema in `not`")

    def _parts(self, schema: Mapping[str, Any], value: Any, seen: Seen) -> Iterator[Schema]:
        """The schemas that a value must also match."""
        if "$ref" in schema:
            yield self.definitions[schema["$ref"].removeprefix("#/$defs/")]
        yield from schema.get("allOf", ())
        if "if" in schema:
            fits = self._fits(schema["if"], value)
            seen.update(fits or ())
            yield schema.get("else" if fits is None else "then", True)
        if isinstance(value, dict):
            yield from (part for name, part in schema.get("dependentSchemas", {}).items() if name in value)

    def _fields(self, schema: Mapping[str, Any], value: dict[str, Any], at: str, seen: Seen) -> Iterator[str]:
        yield from _size(schema, len(value), at, "minProperties", "maxProperties", "field")
        for name in schema.get("required", ()):
            if name not in value:
                yield _said(at, f"should have the field `{name}`")
        for name, others in schema.get("dependentRequired", {}).items():
            for other in others if name in value else ():
                if other not in value:
                    yield _said(at, f"should have the field `{other}`, because it has `{name}`")
        described: set[str] = set()
        properties: Mapping[str, Schema] = schema.get("properties", {})
        for name in properties.keys() & value.keys() if properties else ():
            described.add(name)
            yield from self.problems(properties[name], value[name], _below(at, name), set())
        for pattern, inner in schema.get("patternProperties", {}).items():
            for name in filter(matcher(pattern), value):
                described.add(name)
                yield from self.problems(inner, value[name], _below(at, name), set())
        for name in value if "propertyNames" in schema else ():
            for problem in self.problems(schema["propertyNames"], name, "", set()):
                yield _said(at, f"has a field `{_cut(name)}` with a wrong name: {problem}")
        if "additionalProperties" in schema:
            for name in value.keys() - described:
                described.add(name)
                yield from self.problems(schema["additionalProperties"], value[name], _below(at, name), set())
        seen |= described
        if "unevaluatedProperties" in schema:
            for name in value.keys() - seen:
                seen.add(name)
                yield from self.problems(schema["unevaluatedProperties"], value[name], _below(at, name), set())

    def _items(self, schema: Mapping[str, Any], value: list[Any], at: str, seen: Seen) -> Iterator[str]:
        yield from _size(schema, len(value), at, "minItems", "maxItems", "item")
        if schema.get("uniqueItems") and len(set(map(identity, value))) < len(value):
            yield _said(at, "should have items that all differ")
        prefix: list[Schema] = schema.get("prefixItems", [])
        for index, item in enumerate(value):
            inner = prefix[index] if index < len(prefix) else schema.get("items")
            if inner is not None:
                seen.add(index)
                yield from self.problems(inner, item, f"{at}[{index}]", set())
        if "contains" in schema:
            fitting = [index for index, item in enumerate(value) if self._fits(schema["contains"], item) is not None]
            seen.update(fitting)
            least, most = schema.get("minContains", 1), schema.get("maxContains", len(value))
            if not least <= len(fitting) <= most:
                bound = f"at least {least}" if len(fitting) < least else f"at most {most}"
                yield _said(at, f"should have {bound} of the items in `contains`, but has {len(fitting)}")
        if "unevaluatedItems" in schema:
            for index in set(range(len(value))) - seen:
                seen.add(index)
                yield from self.problems(schema["unevaluatedItems"], value[index], f"{at}[{index}]", set())


def constrained(schema: Schema) -> Callable[[M], M]:
    """A decorator of models: adds what their fields do not express of their JSON Schema."""
    constraints = Constraints(schema)

    def decorate(model: M) -> M:
        inherited: Any = model.__get_pydantic_core_schema__
        is_plain = inherited.__func__ is cast("Any", BaseModel.__get_pydantic_core_schema__).__func__

        def get_core_schema(cls: type[BaseModel], source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
            written: CoreSchema = handler(source) if is_plain else inherited.__func__(cls, source, handler)
            # In place, because recursive models refer to this schema.
            whole = cast("dict[str, Any]", handler.resolve_ref_schema(written))
            checked = core_schema.no_info_after_validator_function(
                constraints, cast("CoreSchema", {key: part for key, part in whole.items() if key != "ref"})
            )
            for key in whole.keys() - {"ref"}:
                del whole[key]
            whole.update(checked)
            return written

        cast("Any", model).__get_pydantic_core_schema__ = classmethod(get_core_schema)
        return model

    return decorate


def as_json(value: Any) -> Any:
    """The JSON form of a valid value, without defaults that were filled in."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case BaseModel():
            return value.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False)
        case dict():
            return {name: as_json(inner) for name, inner in cast("dict[str, Any]", value).items()}
        case list() | tuple():
            return [as_json(item) for item in _items_of(value)]
        case _:
            text = getattr(value, "text", None)
            return to_jsonable_python(value) if text is None else text


def identity(value: Any) -> Any:
    """A key that equal JSON values share: 1 equals 1.0, and is not true."""
    match value:
        case bool():
            return ("boolean", value)
        case dict():
            fields = cast("dict[str, Any]", value)
            return ("object", frozenset((name, identity(inner)) for name, inner in fields.items()))
        case list():
            return ("array", tuple(map(identity, _items_of(value))))
        case _:
            return value


@cache
def matcher(pattern: str) -> Callable[[str], bool]:
    """A function that searches a string for a pattern."""
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern)).isinstance_python
    except SchemaError:
        search = re.compile(pattern).search
        return lambda text: search(text) is not None


def _items_of(value: Any) -> list[Any]:
    return [*value]


def _compared(schema: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    if "type" in schema:
        names: list[str] = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if not any(_is_of_type(value, name) for name in names):
            yield _said(at, f"should be of type {' or '.join(names)}")
    if "const" in schema and identity(value) != identity(schema["const"]):
        yield _said(at, "should be the value in `const`")
    if "enum" in schema and identity(value) not in map(identity, schema["enum"]):
        yield _said(at, "should be one of the values in `enum`")


def _is_of_type(value: Any, name: str) -> bool:
    match value:
        case None:
            return name == "null"
        case bool():
            return name == "boolean"
        case int():
            return name in ("integer", "number")
        case float():
            return name == "number" or (name == "integer" and value.is_integer())
        case str():
            return name == "string"
        case list():
            return name == "array"
        case _:
            return name == "object"


def _text(schema: Mapping[str, Any], value: str, at: str) -> Iterator[str]:
    yield from _size(schema, len(value), at, "minLength", "maxLength", "character")
    if "pattern" in schema and not matcher(schema["pattern"])(value):
        yield _said(at, f"should match the pattern '{schema['pattern']}'")
    check = CHECKS.get(schema.get("format", ""))
    if check is not None and not check(value):
        yield _said(at, f"should have the format {schema['format']}")


def _number(schema: Mapping[str, Any], value: float, at: str) -> Iterator[str]:
    if value < schema.get("minimum", value):
        yield _said(at, f"should be greater than or equal to {schema['minimum']}")
    if value > schema.get("maximum", value):
        yield _said(at, f"should be less than or equal to {schema['maximum']}")
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        yield _said(at, f"should be greater than {schema['exclusiveMinimum']}")
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        yield _said(at, f"should be less than {schema['exclusiveMaximum']}")
    if "multipleOf" in schema and not _is_multiple(value, schema["multipleOf"]):
        yield _said(at, f"should be a multiple of {schema['multipleOf']}")


def _is_multiple(value: float, step: float) -> bool:
    """Whether a number is a multiple as both are written in decimal: 0.07 is one of 0.01."""
    # Loaded here, because few schemas need it.
    from decimal import Decimal

    above, below = Decimal(repr(value)).as_integer_ratio()
    step_above, step_below = Decimal(repr(step)).as_integer_ratio()
    return above * step_below % (below * step_above) == 0


def _size(schema: Mapping[str, Any], size: int, at: str, least: str, most: str, unit: str) -> Iterator[str]:
    for keyword, words, holds in (
        (least, "at least", size >= schema.get(least, 0)),
        (most, "at most", size <= schema.get(most, size)),
    ):
        if not holds:
            bound = schema[keyword]
            yield _said(at, f"should have {words} {bound} {unit}{'' if bound == 1 else 's'}, but has {size}")


def _said(at: str, problem: str) -> str:
    return f"Input {problem}" if not at else f"`{at.removeprefix('.')}` {problem}"


def _below(at: str, name: str) -> str:
    return f"{at}.{_cut(name)}"


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_KEY else f"{name[: LONGEST_KEY - 1]}…"
