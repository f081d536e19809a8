"""A hypothesis strategy for the inputs of a workflow, derived from the input's type.

The type is a JSON Schema as flowgen writes it: version 2020-12, with the declared types under `$defs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from flowgen.testing.workflow import Workflow

MOST_ITEMS = 5
"""The maximum number of items in an array without `maxItems`, and of members in an open object."""

_BOUND = 2**53 - 1
"""The largest integer that all JSON implementations represent exactly (RFC 8259, section 6)."""


def inputs(workflow: Workflow) -> SearchStrategy[Any]:
    """Inputs that the workflow's input type allows, as JSON.

    Raises ImportError if hypothesis is not installed (`pip install 'flowgen-aws[testing]'`), and ValueError for an
    unsupported keyword (`allOf`, `not`, `if`).
    """
    return values(workflow.input_schema)


def values(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    """The JSON values that a schema allows."""
    return _Drawing(schema.get("$defs", {})).of(schema)


class _Drawing:
    def __init__(self, declared: Mapping[str, Any]) -> None:
        try:
            from hypothesis import strategies
        except ImportError:
            raise ImportError("`inputs` requires hypothesis: pip install 'flowgen-aws[testing]'") from None

        self.st = strategies
        self.declared = declared
        self.named: dict[str, SearchStrategy[Any]] = {}
        self.any_value = strategies.recursive(
            strategies.none() | strategies.booleans() | self.integer({}) | self.text({}),
            lambda inner: (
                strategies.lists(inner, max_size=MOST_ITEMS)
                | strategies.dictionaries(self.text({}), inner, max_size=MOST_ITEMS)
            ),
            max_leaves=MOST_ITEMS,
        )

    def of(self, schema: Any) -> SearchStrategy[Any]:
        if not isinstance(schema, Mapping):
            return self.any_value if schema else self.st.nothing()
        for keyword in ("allOf", "not", "if", "patternProperties", "dependentSchemas"):
            if keyword in schema:
                raise ValueError(f"cannot generate values for a schema with `{keyword}`: write your own strategy")
        if "$ref" in schema:
            return self.reference(schema["$ref"])
        if "const" in schema:
            return self.st.just(schema["const"])
        if "enum" in schema:
            return self.st.sampled_from(schema["enum"])
        options = schema.get("anyOf", schema.get("oneOf"))
        if options is not None:
            return self.st.one_of([self.of(option) for option in options])
        kind = schema.get("type")
        if isinstance(kind, list):
            return self.st.one_of([self.of({**schema, "type": one}) for one in kind])
        return self.kinds()[kind](schema) if kind in self.kinds() else self.any_value

    def kinds(self) -> Mapping[Any, Callable[[Mapping[str, Any]], SearchStrategy[Any]]]:
        return {
            "string": self.text,
            "integer": self.integer,
            "number": self.number,
            "boolean": lambda _schema: self.st.booleans(),
            "null": lambda _schema: self.st.none(),
            "array": self.array,
            "object": self.object,
        }

    def reference(self, reference: str) -> SearchStrategy[Any]:
        name = reference.removeprefix("#/$defs/")
        if name not in self.named:
            # Deferred, because a type may contain itself.
            self.named[name] = self.st.deferred(lambda: self.of(self.declared[name]))
        return self.named[name]

    def text(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        characters = self.st.characters(codec="utf-8")  # no unpaired surrogates, which are not valid text
        drawn = self.st.text(characters, min_size=least, max_size=most)
        if "pattern" in schema:
            drawn = self.st.from_regex(_ecmascript(schema["pattern"]), alphabet=characters)
        elif schema.get("format") in self.formats():
            drawn = self.formats()[schema["format"]]()
        else:
            return drawn
        return drawn.filter(lambda text: len(text) >= least and (most is None or len(text) <= most))

    def formats(self) -> Mapping[Any, Callable[[], SearchStrategy[str]]]:
        st = self.st
        return {
            "email": st.emails,
            "uuid": lambda: st.uuids().map(str),
            "date": lambda: st.dates().map(lambda day: day.isoformat()),
            "time": lambda: st.times().map(lambda moment: f"{moment.isoformat()}Z"),
            "date-time": lambda: st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat()),
            "duration": lambda: st.integers(0, 10_000).map(lambda seconds: f"PT{seconds}S"),
            "uri": lambda: st.from_regex(r"https://[a-z]{1,10}\.example/[a-z0-9]{0,10}", fullmatch=True),
            "hostname": lambda: st.from_regex(r"[a-z][a-z0-9]{0,10}(\.[a-z]{2,5}){1,2}", fullmatch=True),
            "ipv4": lambda: st.ip_addresses(v=4).map(str),
            "ipv6": lambda: st.ip_addresses(v=6).map(str),
        }

    def integer(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        least, most = schema.get("minimum", -_BOUND), schema.get("maximum", _BOUND)
        least, most = (
            max(least, schema.get("exclusiveMinimum", least - 1) + 1),
            min(most, schema.get("exclusiveMaximum", most + 1) - 1),
        )
        step = schema.get("multipleOf", 1)
        return self.st.integers(-(-least // step), most // step).map(lambda number: number * step)

    def number(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        if "multipleOf" in schema:
            return self.integer(schema)
        return self.st.floats(
            schema.get("minimum", schema.get("exclusiveMinimum")),
            schema.get("maximum", schema.get("exclusiveMaximum")),
            exclude_min="exclusiveMinimum" in schema,
            exclude_max="exclusiveMaximum" in schema,
            allow_nan=False,
            allow_infinity=False,
        )

    def array(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", least + MOST_ITEMS)
        unique = repr if schema.get("uniqueItems") else None
        first = [self.of(item) for item in schema.get("prefixItems", ())]
        rest = self.of(schema.get("items", True))
        longest = 0 if schema.get("items") is False else min(max(most - len(first), 0), least + MOST_ITEMS)
        lists = self.st.lists(rest, min_size=max(least - len(first), 0), max_size=longest, unique_by=unique)
        return lists if not first else self.st.tuples(self.st.tuples(*first), lists).map(lambda two: [*two[0], *two[1]])

    def object(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        members = {name: self.of(member) for name, member in schema.get("properties", {}).items()}
        required = set(schema.get("required", ()))
        fixed = self.st.fixed_dictionaries(
            {name: member for name, member in members.items() if name in required},
            optional={name: member for name, member in members.items() if name not in required},
        )
        more = schema.get("additionalProperties", False if members else True)  # noqa: SIM211 - open only where empty
        if more is False:
            return fixed
        others = self.st.dictionaries(self.text({}), self.of(more), max_size=MOST_ITEMS)
        return self.st.builds(lambda named, rest: {**rest, **named}, fixed, others)


_ESCAPED_CLASS_OR_END = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", re.DOTALL)


def _ecmascript(pattern: str) -> re.Pattern[str]:
    r"""A pattern with the meaning that it has in JSON Schema: `$` is the end, `\d` and `\w` are ASCII."""
    text = _ESCAPED_CLASS_OR_END.sub(lambda match: r"$(?!\n)" if match[0] == "$" else match[0], pattern)
    return re.compile(text, re.ASCII)
