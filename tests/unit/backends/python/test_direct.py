"""JSON values read without their text: what is done for whom; that it is the same is held by test_agreement.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from flowgen.backends.python.support import base, direct
from flowgen.backends.python.support.base import ContractModel, EmailText, SparseModel, UriText
from flowgen.backends.python.support.json_values import ContractViolation
from flowgen.backends.python.support.runtime import EntryPoint
from tests.unit.backends.python.conftest import CONTEXT


class Line(ContractModel):
    sku: str
    count: int = 1
    price: float


class Card(ContractModel):
    method: Literal["card"]
    number: str


class Cash(ContractModel):
    method: Literal["cash"]


class Tree(ContractModel):
    children: list[Tree] = Field(default_factory=list)


class Order(SparseModel):
    id: UUID
    at: AwareDatetime
    day: date
    by: timedelta
    mail: EmailText
    lines: list[Line]
    paid: Annotated[Card | Cash, Field(discriminator="method")]
    tags: dict[str, str | int | None]
    tree: Tree
    note: str | None = None


LINE = {"sku": "a", "count": 1, "price": 2}
ORDER: dict[str, Any] = {
    "id": "123e4567-e89b-12d3-a456-426614174000",
    "at": "2026-03-01T12:00:00Z",
    "day": "2026-03-01",
    "by": "PT2H",
    "mail": "ada@example.com",
    "lines": [LINE],
    "paid": {"method": "card", "number": "4"},
    "tags": {"a": 1, "b": "x", "c": None},
    "tree": {"children": [{"children": []}]},
}


def reader(type_: Any) -> Any:
    made = direct.reader(TypeAdapter(type_).core_schema)
    assert made is not None
    return made


def test_texts_become_what_their_format_says() -> None:
    """A record of all that contracts are mostly made of."""
    order = reader(Order).validate_python(ORDER)
    assert type(order) is Order
    assert (order.id, order.day, order.by) == (UUID(ORDER["id"]), date(2026, 3, 1), timedelta(hours=2))
    assert order.at == datetime.fromisoformat("2026-03-01T12:00:00Z")
    assert (order.lines, order.note) == ([Line(sku="a", price=2.0)], None)
    assert order.model_fields_set == ORDER.keys()


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": [LINE | {"count": "1"}]},
        {"lines": [LINE | {"count": True}]},
        {"lines": [LINE | {"price": "2"}]},
        {"lines": [LINE | {"price": float("nan")}]},
        {"lines": (LINE,)},
        {"lines": [LINE | {"more": 1}]},
        {"day": "2026-03-01T00:00:00"},
        {"day": 20_000},
        {"at": 1_772_366_400},
        {"by": 7200},
        {"mail": "ada"},
        {"note": None},
        {"tags": {"a": 1.5}},
        {"paid": {"method": "cash", "number": "4"}},
    ],
)
def test_what_pydantic_would_let_pass_in_python_is_rejected(wrong: dict[str, Any]) -> None:
    """Numbers are not texts, texts are not numbers, and a date has no time."""
    Line.model_rebuild()
    with pytest.raises(ValidationError):
        reader(Order).validate_python(ORDER | wrong)


def test_what_is_to_be_filled_does_not_pass_the_check() -> None:
    """Absent is what may be absent; a default that is not there has to come from somewhere."""
    check = direct.checker(TypeAdapter(Order).core_schema)
    assert check is not None
    assert check.isinstance_python(ORDER)
    assert not check.isinstance_python(ORDER | {"lines": [{"sku": "a", "price": 2}]})
    assert not check.isinstance_python(ORDER | {"tree": {}})


class Renamed(BaseModel):
    name: str

    @field_validator("name", mode="wrap")
    @classmethod
    def _shout(cls, name: Any, handler: Any) -> Any:
        return handler(name).upper()


class Trimmed(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    name: str


@pytest.mark.parametrize("type_", [Renamed, Trimmed, Annotated[Line | Tree, Field()], set[str], dict[int, str]])
def test_there_is_none_where_it_is_not_surely_the_same(type_: Any) -> None:
    """Validators of the user's, settings that change values, unions of one kind of JSON."""
    schema = TypeAdapter(type_).core_schema
    assert direct.reader(schema) is None
    assert direct.checker(schema) is None


def test_any_value_is_read_but_not_checked() -> None:
    """What came in is JSON; what goes out may hold what JSON has no word for."""
    schema = TypeAdapter(dict[str, Any]).core_schema
    assert direct.reader(schema) is not None
    assert direct.checker(schema) is None


@pytest.mark.parametrize(
    "schema", [{"type": "list", "items_schema": {"type": "soon"}}, {"type": "nullable"}, {"type": "float", "ge": "x"}]
)
def test_there_is_none_for_schemas_of_a_different_kind(schema: Any) -> None:
    """What pydantic's next version writes, or writes otherwise."""
    assert direct.reader(schema) is None


def test_without_it_entry_points_do_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of pydantic that cannot be made to ignore models that are in use."""

    def other(*_: Any, **options: Any) -> Any:
        assert "_use_prebuilt" in options
        raise TypeError("unexpected keyword argument")

    monkeypatch.setattr(direct, "SchemaValidator", other)
    entry_point = EntryPoint("echo", lambda event, _: event, input_type=Order, output_type=Order)
    assert entry_point.handle({"input": ORDER, "context": CONTEXT}, None) == ORDER


def test_what_gives_its_items_once_is_written_once() -> None:
    """The items of a generator are there for one time, also where what they are is to be filled in."""

    def code(*_: Any) -> Iterator[dict[str, Any]]:
        return ({"sku": sku, "price": 1.5} for sku in "ab")

    handle = EntryPoint("lines", code, input_type=None, output_type=list[Line]).handle
    written = [{"sku": sku, "count": 1, "price": 1.5} for sku in "ab"]
    assert handle({"input": None, "context": CONTEXT}, None) == written


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_not_a_number_in_json_is_none(number: float) -> None:
    """JSON has no word for it, and Step Functions takes none."""
    handle = EntryPoint("count", lambda *_: number, input_type=None, output_type=float).handle
    with pytest.raises(ContractViolation, match=r"\$: Input should be a valid number, not null"):
        handle({"input": None, "context": CONTEXT}, None)
    handle = EntryPoint("count", lambda *_: [number], input_type=None, output_type=Any).handle
    assert handle({"input": None, "context": CONTEXT}, None) == [None]


def test_half_a_character_is_reported() -> None:
    r"""JSON may have it (`"\ud800"`); where it does not fit, there is no text to report."""
    with pytest.raises(ContractViolation, match="the input of `echo` can't be written as JSON"):
        EntryPoint("echo", print, input_type=EmailText, output_type=None).handle(
            {"input": "\ud800", "context": CONTEXT}, None
        )


MATCHING = [value for value in vars(base).values() if isinstance(value, base.Matching)]


@pytest.mark.parametrize("matching", MATCHING, ids=lambda matching: matching.what)
def test_simple_patterns_match_less(matching: base.Matching) -> None:
    """What pydantic's own regular expression takes, up to its length, the whole pattern takes as well."""

    @settings(max_examples=300, derandomize=True, database=None)
    @given(st.from_regex(matching.simple[1:-1], fullmatch=True).filter(lambda text: len(text) <= base.MOST_SIMPLE))
    def held(text: str) -> None:
        assert matching(text) == text

    held()


def test_long_and_foreign_texts_are_matched_too() -> None:
    """Those that are not simple take the way of the text."""
    mail = f"ada@{'a' * 63}.example.com"
    handle = EntryPoint(
        "echo", lambda event, _: event, input_type=list[EmailText], output_type=list[UriText | None]
    ).handle
    with pytest.raises(ContractViolation, match="the output of `echo`"):
        handle({"input": [mail, "ada@exämple.com"], "context": CONTEXT}, None)
    handle = EntryPoint("echo", lambda event, _: event, input_type=list[EmailText], output_type=list[EmailText]).handle
    assert handle({"input": [mail, "ada@exämple.com"], "context": CONTEXT}, None) == [mail, "ada@exämple.com"]
