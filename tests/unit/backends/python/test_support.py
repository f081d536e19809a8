"""The modules that are copied into each package, as they are here."""

from __future__ import annotations

import asyncio
import runpy
from contextvars import ContextVar
from datetime import date
from threading import Thread
from typing import Annotated, Any

import pytest
from pydantic import Field

from flowgen.backends.python.support import base
from flowgen.backends.python.support.base import ContractModel, EmailText, SparseModel, default
from flowgen.backends.python.support.json_values import ContractViolation
from flowgen.backends.python.support.runtime import (
    DeclaredError,
    DetailedError,
    EntryPoint,
    StepContext,
)
from tests.unit.backends.python.conftest import CONTEXT


class Line(ContractModel):
    sku: str
    count: int = 1


class Order(SparseModel):
    coupon: str | None = None
    gift: Annotated[str | None, Field(alias="for", json_schema_extra={"nullable": True})] = None
    mail: EmailText = "ada@example.com"
    day: date = Field(default_factory=lambda: default(date, "2026-01-02"))
    lines: list[Line] = Field(default_factory=list[Line])


class Sold(DetailedError[Order]):
    pass


class ClosedError(DeclaredError):
    pass


FILLED = {"mail": "ada@example.com", "day": "2026-01-02", "lines": []}


def call(code: Any, event: Any, takes: Any = Order, gives: Any = Order) -> Any:
    return EntryPoint("work", code, input_type=takes, output_type=gives).handle(
        {"input": event, "context": CONTEXT}, None
    )


def same(event: Any, context: StepContext) -> Any:
    del context
    return event


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        ({}, FILLED),
        ({"for": None}, FILLED | {"for": None}),
        ({"for": "me", "coupon": "c"}, FILLED | {"for": "me", "coupon": "c"}),
        ({"lines": [{"sku": "a", "count": 2.0}]}, FILLED | {"lines": [{"sku": "a", "count": 2}]}),
    ],
)
def test_what_goes_in_comes_out_filled(sent: Any, returned: Any) -> None:
    """Defaults are filled in, absence and null are kept apart, a number without a fraction is an integer."""
    assert call(same, sent) == returned


def test_models_are_made_in_python_as_well() -> None:
    """None stands for an absent field there, and names are Python's."""
    assert call(lambda event, _: Order(coupon=None, gift=None, lines=[Line(sku=event)]), "a", takes=str) == FILLED | {
        "for": None,
        "lines": [{"sku": "a", "count": 1}],
    }


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"coupon": None}, "$.coupon: Input should be a valid string, not null"),
        ({"gift": "x"}, "$.gift: Extra inputs are not permitted"),
        ({"mail": "ada"}, "$.mail: String should be an email address"),
        ({"lines": [{"count": 1}]}, "$.lines[0].sku: Field required"),
        ({"lines": [{"sku": "a", "count": 1.5}]}, "$.lines[0].count: Input should be a valid integer"),
        ([], "$: Input should be an object"),
    ],
)
def test_what_breaks_the_contract_is_reported(sent: Any, problem: str) -> None:
    """On both ends, with the path."""
    with pytest.raises(ContractViolation) as caught:
        call(same, sent)
    assert str(caught.value) == f"the input of `work` breaks its contract: {problem}"
    with pytest.raises(ContractViolation) as caught:
        call(lambda *_: sent, None, takes=Any)
    assert str(caught.value) == f"the output of `work` breaks its contract: {problem}"


def test_a_nested_plain_value_is_checked_too() -> None:
    """A dict in a model's field is checked against the field's type."""

    def code(event: Order, context: StepContext) -> Order:
        del context
        event.lines = [{"sku": "a", "count": None}]  # type: ignore[list-item]
        return event

    with pytest.raises(ContractViolation, match=r"\$\.lines\[0\]\.count: Input should be a valid integer"):
        call(code, {})


@pytest.mark.parametrize(
    ("lines", "written"),
    [
        ([Line(sku="a", count=2)], [{"sku": "a", "count": 2}]),
        ([{"sku": "a"}], [{"sku": "a", "count": 1}]),
        ([Line.model_construct(sku="a", count=2.0)], [{"sku": "a", "count": 2}]),
        ([Line.model_construct(sku="a")], [{"sku": "a", "count": 1}]),
    ],
)
def test_a_record_is_written_as_it_reads_back(lines: Any, written: Any) -> None:
    """What was put into it without a check is filled in, and a number without a fraction is an integer."""

    def code(event: Order, context: StepContext) -> Order:
        del context
        event.lines = lines
        return event

    result = call(code, {})
    assert result == FILLED | {"lines": written}
    assert type(result["lines"][0]["count"]) is int


def test_details_are_the_text_of_an_error() -> None:
    """In JSON, filled, and without what is absent."""
    assert str(Sold(Order(gift="x"))) == '{"for":"x","mail":"ada@example.com","day":"2026-01-02","lines":[]}'


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (Sold(Order()), Sold),
        (Sold("no order"), ContractViolation),  # type: ignore[arg-type]
        (ClosedError("for today"), ClosedError),
        (KeyError("a"), KeyError),
    ],
)
def test_errors_pass_if_they_fit(error: Exception, raised: type[Exception]) -> None:
    """Details that do not have their type are a violation; all other errors are what they are."""

    def code(event: Any, context: StepContext) -> Any:
        del event, context
        raise error

    with pytest.raises(raised):
        call(code, {})


def test_async_code_is_awaited() -> None:
    """An entry point gives values, whatever the code is."""

    async def code(event: Any, context: StepContext) -> Any:
        return [event, context.attempt]

    assert call(code, 7, Any, list[int]) == [7, 1]


def test_async_code_has_one_event_loop_in_the_main_thread() -> None:
    """What one call left in the loop serves the next; a thread of a parallel run has its own loop."""
    loops: list[asyncio.AbstractEventLoop] = []
    told: ContextVar[str] = ContextVar("told", default="nothing")

    async def code(event: Any, context: StepContext) -> Any:
        del event, context
        loops.append(asyncio.get_running_loop())
        before = told.get()
        told.set("something")
        return before

    assert call(code, 1, Any, str) == "nothing"
    assert call(code, 2, Any, str) == "nothing"
    thread = Thread(target=lambda: call(code, 3, Any, str))
    thread.start()
    thread.join()
    assert loops[0] is loops[1]
    assert loops[2] is not loops[0]


def test_what_is_not_json_is_reported() -> None:
    """An output that has no JSON is a violation."""
    with pytest.raises(ContractViolation, match="the output of `work` can't be written as JSON"):
        call(lambda *_: object(), 1, Any, Any)


@pytest.mark.parametrize(
    ("envelope", "message"),
    [
        ({"name": "Ada"}, "`work` was not called by its workflow"),
        (None, "`work` was not called by its workflow"),
        (
            {"input": 1, "context": {"execution_id": "a"}},
            "the context of `work` has no `execution_name`",
        ),
        (
            {"input": 1, "context": CONTEXT | {"started_at": 3}},
            "`started_at` in the context of `work` is not an ISO 8601 time",
        ),
    ],
)
def test_what_is_not_an_envelope_is_reported(envelope: Any, message: str) -> None:
    """A function reports calls that do not come from its workflow."""
    with pytest.raises(ContractViolation) as caught:
        EntryPoint("work", same, input_type=Any, output_type=Any).handle(envelope, None)
    assert str(caught.value).startswith(message)


class LambdaContext:
    def get_remaining_time_in_millis(self) -> int:
        return 1500


def test_what_a_step_knows() -> None:
    """Time is left where Lambda reports it, and a key is made of execution, step and input."""
    seen: list[StepContext] = []
    handle = EntryPoint("work", lambda _, context: seen.append(context), input_type=Any, output_type=None).handle
    handle({"input": 1, "context": CONTEXT}, LambdaContext())
    handle({"input": 1, "context": CONTEXT | {"attempt": 2}}, None)
    first, second = seen
    assert first.remaining_time is not None
    assert first.remaining_time.total_seconds() == 1.5
    assert second.remaining_time is None
    assert first.idempotency_key == second.idempotency_key
    assert len(first.idempotency_key) == 64


def test_an_old_pydantic_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, not where it writes something else."""
    assert base.__file__ is not None
    monkeypatch.setattr("pydantic.VERSION", "2.11.10")
    with pytest.raises(ImportError, match=r"pydantic 2\.12 or newer is required; found 2\.11\.10"):
        runpy.run_path(base.__file__)
