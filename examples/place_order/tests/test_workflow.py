"""The workflow from its first step to its last, for the inputs in `inputs/`. Prices stand in `catalogue.py`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flowgen.local import Execution

from place_order.warehouse import STOCK, warehouse

Run = Callable[[object], Execution]

INPUTS = Path(__file__).resolve().parent.parent / "inputs"


def order(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((INPUTS / f"{name}.json").read_text("utf-8"))
    return read


def steps_of(execution: Execution) -> list[str]:
    """The ids of the steps that were entered, in their order."""
    details = (event.get("stateEnteredEventDetails") for event in execution.history)
    return [detail["name"] for detail in details if isinstance(detail, dict) and isinstance(detail["name"], str)]


@pytest.fixture(autouse=True)
def full_shelf() -> Iterator[None]:
    warehouse.cache_clear()
    yield
    warehouse.cache_clear()


def test_a_card_with_a_coupon(run: Run) -> None:
    execution = run(order("paid_by_card"))

    # A kettle and two mugs, less a tenth; from 50.00 on, parcels at home cost nothing.
    assert execution.output == {
        "order": "A-1001",
        "status": "sent",
        "message": "Ada Lovelace, your order is on its way and arrives within 3 days. You pay 51.21 by card.",
        "tracking": execution.output["tracking"],
    }
    assert execution.output["tracking"].startswith("CP")


def test_an_invoice_without_a_coupon(run: Run) -> None:
    execution = run(order("paid_by_invoice"))

    # Four teas, and twice the price of two kilograms abroad.
    assert execution.output["message"].endswith("within 3 days. You pay 78.60 by invoice.")
    assert "coupon" not in steps_of(execution)


def test_a_busy_gateway_is_asked_again(run: Run) -> None:
    execution = run(order("gateway_busy"))

    assert execution.status == "SUCCEEDED"
    assert execution.elapsed == 5 + 10


def test_a_gateway_that_stays_busy_fails_the_workflow(run: Run) -> None:
    busy = order("gateway_busy")
    busy["card"]["token"] = "tok_busy_9"  # noqa: S105 - a card of the sandbox

    execution = run(busy)

    assert (execution.status, execution.error) == ("FAILED", "GatewayBusy")
    assert execution.elapsed == 5 + 10 + 20


def test_a_declined_card_gives_the_goods_back(run: Run) -> None:
    execution = run(order("card_declined"))

    assert (execution.status, execution.error) == ("FAILED", "OrderRefused")
    assert execution.cause == "The card was declined: insufficient_funds"
    assert steps_of(execution)[-2:] == ["give_back", "declined"]
    assert warehouse().free == STOCK


def test_an_order_waits_for_goods(run: Run) -> None:
    execution = run(order("out_of_stock"))

    assert execution.output == {
        "order": "A-1005",
        "status": "backordered",
        "message": "Of kettle there are 40. We write when there are more.",
        "tracking": None,
    }


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("too_large", "Orders above 5000.00 are taken by phone, and A-1006 comes to 5340.00"),
        ("no_invoice", "Invoices go up to 1000.00, and A-1007 comes to 1808.50"),
        ("unknown_article", "A-1008 asks for something that the shop does not have"),
    ],
)
def test_an_order_is_refused(run: Run, name: str, cause: str) -> None:
    execution = run(order(name))

    assert (execution.status, execution.error, execution.cause) == ("FAILED", "OrderRefused", cause)
    assert warehouse().free == STOCK
