"""The models take what JSON Schema takes, reject what it rejects, and return what they accepted."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import ValidationError
from pydantic_core import to_json
from ruamel.yaml import YAML

from flowgen.backends.python.support import direct
from flowgen.backends.python.support.json_values import read
from flowgen.testing.strategies import values
from tests.unit.backends.python.conftest import CONTEXT, Project

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 1.5, 2.0, 1e3, "", "a", "b", "ab", "abc", "x1", "1", "é", [], [1], ["a"],
    ["a", 1], ["a", 1, 2], [1, 2, 3], [["a"]], [None], [{"a": "x"}], {}, {"a": "x"}, {"a": 1}, {"a": None}, {"b": 1},
    {"a": "x", "b": 1}, {"a": "x", "b": None}, {"a": "x", "c": [1]}, {"x1": 1}, {"x1": "a"}, {"a": {"a": "x"}},
    {"a": {"a": {"a": None}}}, {"k": "p", "a": "x"}, {"k": "q", "b": 1}, {"k": "q", "a": "x"}, {"k": "r"},
    {"a": []}, {"a": ["x"]}, {"a": [{"a": ["x"]}]}, {"class": "x"}, {"a b": 1}, {"a-b": "x"}, {"": 1}, {"self": "s"},
    {"date": "2026-01-01"}, {"date": "x"}, {"model_config": "x"}, {"a": 2.0}, {"a": "x", "b": 2.0},
)  # fmt: skip
"""What each schema is tried with."""

HERE = Path(__file__).parent
_HARD = YAML(typ="safe", pure=True).load(HERE / "hard_schemas.yaml")
DEFINITIONS: dict[str, Any] = _HARD["definitions"]
SCHEMAS: dict[str, dict[str, Any]] = _HARD["schemas"]
DIFFERENCES: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load(HERE / "differences.yaml")
"""By schema: values that only the model takes (`takes`) or only the schema (`refuses`), those that come out
otherwise (`changes`), and `why`."""


ONLY_AS_TEXT = frozenset(
    {
        "pattern that looks ahead in a record",
        "union of arrays",
        "union of records",
        "exclusive union",
        "two records of which exactly one may fit",
        "a union of maps",
        "a union of a record and a map",
        "a union of open records",
        "a union of integers and numbers",
        "a union of patterns",
        "a field of a union of records",
        "tagged by a name that Python can't have",
        "two kinds of addresses",
        "records told apart by constants",
        "records told apart by numbers",
        "an enum without its type among patterns",
        "a union with anything",
        "a list with nothing behind its positions",
        "a job of a build",
        "a tag of any text",
        "a tag without a name",
    }
)
"""The schemas whose values are read by way of a text: unions whose members are of one kind of JSON, mostly."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One module with a type for each schema: `T0`, `T1`, …, in the order of `SCHEMAS`."""
    types = DEFINITIONS | {f"T{index}": schema for index, schema in enumerate(SCHEMAS.values())}
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("agreement")
        (root / "src").mkdir()
        patch.syspath_prepend(root / "src")
        project = Project(root)
        functions = "functions: {f: {input: any, output: any}}"
        project.add(f"flowgen: 1\nname: w\ntypes: {json.dumps(types)}\n{functions}", "agreement.w")
        yield project.module("models", "agreement.w"), project.module("runtime", "agreement.w")


def reading(models: Any, name: str) -> Callable[[Any], str]:
    """What the model of a schema does with a value: it `rejects`, `changes` or `takes` it."""
    module, runtime = models
    type_ = getattr(module, f"T{[*SCHEMAS].index(name)}")
    handle = runtime.EntryPoint("f", lambda event, _: event, input_type=type_, output_type=type_).handle

    def read(value: Any) -> str:
        try:
            result = handle({"input": value, "context": CONTEXT}, None)
        except runtime.ContractViolation:
            return "refuses"
        return "takes" if without_defaults(result, value) == value else "changes"

    return read


def without_defaults(result: Any, value: Any) -> Any:
    """What came out, without the fields that did not come in: only defaults are added."""
    if isinstance(result, dict) and isinstance(value, dict):
        return {key: without_defaults(result[key], value[key]) for key in value if key in result}
    return result


def validator_of(name: str) -> Any:
    from jsonschema import Draft202012Validator

    whole = {"$ref": "#/$defs/T", "$defs": DEFINITIONS | {"T": SCHEMAS[name]}}
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)


DRAWING = settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def drawn(name: str) -> list[Any]:
    """Values of a schema, always the same, where our strategies can draw from it; else none."""
    found: list[Any] = []

    with suppress(ValueError):
        DRAWING(given(values({**SCHEMAS[name], "$defs": DEFINITIONS}))(lambda value: found.append(value)))()  # noqa: PLW0108 - hypothesis wants a function of Python
    return found


def mutations(value: Any) -> Iterator[Any]:
    """The value with one place in it changed, which makes many a value invalid."""
    others: tuple[Any, ...] = (None, True, 0, -1, 1.5, "", "x", [], {})
    yield from (other for other in others if type(other) is not type(value))
    match value:
        case dict():
            yield value | {"": 1}
            yield value | {"x": None}
            for key, inner in value.items():
                rest = {other: kept for other, kept in value.items() if other != key}
                yield rest
                yield from ({**value, key: changed} for changed in mutations(inner))
        case list():
            yield [*value, *value, None]
            for index, inner in enumerate(value):
                yield value[:index] + value[index + 1 :]
                yield from ([*value[:index], changed, *value[index + 1 :]] for changed in mutations(inner))
        case str():
            yield value + "\n"
            yield value[1:]
            yield value * 3
        case int() | float() if not isinstance(value, bool):
            yield value + 0.5
            yield -value
            yield value % 1000 * 1000 + 1
        case _:
            pass


@functools.cache
def tried(name: str) -> list[Any]:
    """What a schema is tried with: the same values for all, those drawn from it, and mutations of both."""
    choose = random.Random(name)  # noqa: S311 - which values are tried
    own = drawn(name)
    validator = validator_of(name)
    seeds = [*own, *(value for value in VALUES if validator.is_valid(value))]
    mutated = [changed for value in seeds for changed in mutations(value)]
    return [*VALUES, *own, *choose.sample(mutated, min(len(mutated), 150))]


def test_there_are_many_schemas() -> None:
    """Each is there once, and under the differences are only those that there are."""
    assert len({json.dumps(schema, sort_keys=True) for schema in SCHEMAS.values()}) == len(SCHEMAS)
    assert len(SCHEMAS) >= 150
    assert DIFFERENCES.keys() <= SCHEMAS.keys()


@pytest.mark.parametrize("name", SCHEMAS)
def test_models_agree_with_their_schemas(models: Any, name: str) -> None:
    """For each value: taken by both or by none, and written as it was read; but for what is known to differ."""
    read, validator = reading(models, name), validator_of(name)
    known = DIFFERENCES.get(name, {})
    for value in tried(name):
        done, valid = read(value), validator.is_valid(value)
        if (done != "refuses") != valid:
            assert ("refuses" if valid else "takes") in known, value
        elif done == "changes":
            assert done in known, value


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [(r"^\\p{L}+$", "éa", "1"), (r"^(?<first>[a-z])\\d?$", "a1", "1a"), (r"^(?!no)", "a", "no")],
)
def test_patterns_that_one_engine_reads(echo: Callable[[str], Project], pattern: str, good: str, bad: str) -> None:
    """Those of JavaScript that Python's own can't read, and those that pydantic's can't."""
    project = echo(f'fields: {{a: {{type: string, pattern: "{pattern}"}}}}')
    assert project.call("echo", {"a": good}) == {"a": good}
    with pytest.raises(project.module("runtime").ContractViolation):
        project.call("echo", {"a": bad})


@pytest.mark.parametrize("name", SCHEMAS)
def test_values_are_read_as_their_text_is(models: Any, name: str) -> None:
    """What is taken without writing JSON is taken as JSON's text, and made the same."""
    contract = contract_of(models, name)
    made = direct.reader(contract.core_schema)
    assert (made is None) == (name in ONLY_AS_TEXT)
    if made is None:
        return
    taken = 0
    for value in tried(name):
        with suppress(ValidationError):
            directly = made.validate_python(value)
            taken += 1
            by_text = read("it", contract, to_json(value))
            assert (directly, repr(directly)) == (by_text, repr(by_text)), value
    assert taken


def test_values_are_checked_as_their_text_is(models: Any) -> None:
    """What passes the check alone is what JSON's text makes of it, with nothing added to it."""
    checked = []
    for name in SCHEMAS:
        contract = contract_of(models, name)
        made = direct.checker(contract.core_schema)
        passed = [value for value in tried(name) if made is not None and made.isinstance_python(value)]
        for value in passed:
            whole = read("it", contract, to_json(value))
            written = contract.dump_python(whole, mode="json", by_alias=True)
            assert written == value or "changes" in DIFFERENCES.get(name, {}), (name, value)
        checked += [name] if passed else []
    assert len(checked) > len(SCHEMAS) / 2


def contract_of(models: Any, name: str) -> Any:
    module, runtime = models
    type_ = getattr(module, f"T{[*SCHEMAS].index(name)}")
    return runtime.EntryPoint("f", print, input_type=type_, output_type=None).input_type


@pytest.mark.parametrize("name", DIFFERENCES)
def test_known_differences_are_there(models: Any, name: str) -> None:
    """A difference that is gone is to be struck from the list."""
    known = DIFFERENCES[name]
    read, validator = reading(models, name), validator_of(name)
    examples = {direction: known[direction] for direction in ("takes", "refuses", "changes") if direction in known}
    assert known.keys() - examples.keys() == {"why"}
    assert examples
    for direction, values_ in examples.items():
        assert values_
        for value in values_:
            done = read(value)
            assert done == direction or (done, direction) == ("changes", "takes"), value
            assert validator.is_valid(value) == (direction != "takes"), value
