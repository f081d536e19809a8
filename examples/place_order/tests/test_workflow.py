"""The whole workflow, for the inputs in `inputs/`. Prices are in `catalogue.py`."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flowgen.testing import Workflow, in_turn, raises

from place_order.generated.contracts import CardDeclined, GatewayBusy
from place_order.generated.models import GatewayBusyDetails, Order, Outcome, Payment
from place_order.warehouse import STOCK, warehouse

INPUTS = Path(__file__).resolve().parent.parent / "inputs"
BUSY = GatewayBusy(GatewayBusyDetails(seconds=5))


def order(name: str) -> Order:
    return Order.model_validate_json((INPUTS / f"{name}.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def full_shelf() -> Iterator[None]:
    warehouse.cache_clear()
    yield
    warehouse.cache_clear()


def test_a_card_with_a_coupon(place_order: Workflow) -> None:
    run = place_order.run(order("paid_by_card"))

    # A kettle and two mugs, less 10 %; from 50.00 on, shipping within the country is free.
    outcome = run.output_as(Outcome)
    assert (outcome.order, outcome.status) == ("A-1001", "sent")
    assert outcome.message == (
        "Ada Lovelace, your order is on its way and arrives within 3 days. You pay 51.21 by card."
    )
    assert outcome.tracking is not None
    assert outcome.tracking.startswith("CP")


def test_an_invoice_without_a_coupon(place_order: Workflow) -> None:
    run = place_order.run(order("paid_by_invoice"))

    # Four teas, and twice the price of two kilograms to another country.
    assert run.output_as(Outcome).message.endswith("within 3 days. You pay 78.60 by invoice.")
    run.skipped("coupon", "charge").took_path("quote", "invoice", "parcel")


def test_a_busy_gateway_is_retried(place_order: Workflow) -> None:
    run = place_order.run(order("gateway_busy"))

    run.succeeded().retried("charge", 2)
    assert run.elapsed == timedelta(seconds=5 + 10)


def test_a_gateway_that_stays_busy_fails_the_workflow(place_order: Workflow) -> None:
    run = place_order.run(order("paid_by_card"), mocks={"charge_card": BUSY})

    run.failed("GatewayBusy").called("charge_card", times=4).skipped("parcel")
    assert run.elapsed == timedelta(seconds=5 + 10 + 20)


def test_the_second_attempt_can_succeed(place_order: Workflow) -> None:
    paid = Payment(method="card", reference="ch_1")

    run = place_order.run(order("paid_by_card"), mocks={"charge_card": in_turn(BUSY, paid)})

    run.succeeded().called("charge_card", times=2, with_={"order": "A-1001", "amount": 5121})


def test_a_declined_card_releases_the_goods(place_order: Workflow) -> None:
    run = place_order.run(order("card_declined"))

    run.failed("OrderRefused", "The card was declined: insufficient_funds")
    run.took_path("charge", "give_back", "declined")
    assert warehouse().free == STOCK


def test_the_cause_contains_the_reason(place_order: Workflow) -> None:
    stolen = raises(CardDeclined, {"reason": "stolen"})

    place_order.run(order("paid_by_card"), mocks={"charge_card": stolen}).failed("OrderRefused", "stolen")


def test_missing_goods_are_backordered(place_order: Workflow) -> None:
    run = place_order.run(order("out_of_stock"))

    assert run.output == {
        "order": "A-1005",
        "status": "backordered",
        "message": "Only 40 of kettle are in stock. We will write when there are more.",
        "tracking": None,
    }


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("too_large", "Orders above 5000.00 are taken by phone, and A-1006 comes to 5340.00"),
        ("no_invoice", "Invoices go up to 1000.00, and A-1007 comes to 1808.50"),
        ("unknown_article", "A-1008 contains an article that the shop does not sell"),
    ],
)
def test_an_order_is_refused(place_order: Workflow, name: str, cause: str) -> None:
    place_order.run(order(name)).failed("OrderRefused", cause)

    assert warehouse().free == STOCK
