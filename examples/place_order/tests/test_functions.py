"""The business code, without a workflow around it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from place_order.book_parcel import book_parcel
from place_order.carriers import check_digit, service_for
from place_order.catalogue import part_of, shipping_cost
from place_order.charge_card import charge_card
from place_order.generated.contracts import CardDeclined, GatewayBusy, OutOfStock, StepContext, UnknownArticle
from place_order.generated.models import (
    BookParcelInput,
    Card,
    ChargeCardInput,
    Customer,
    Line,
    PriceOrderInput,
    Quote,
    RedeemCouponInput,
    Reservation,
    ReserveStockInput,
)
from place_order.price_order import price_order
from place_order.redeem_coupon import redeem_coupon
from place_order.reserve_stock import reserve_stock
from place_order.warehouse import MissingError, Warehouse, warehouse

CONTEXT = StepContext(
    execution_id="arn:aws:states:us-east-1:111111111111:execution:place_order:one",
    execution_name="one",
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    workflow="place_order",
    step="step",
)
ADA = Customer(name="Ada", email="ada@example.com", country="DE")


def test_the_price_is_goods_less_discount_and_shipping() -> None:
    lines = [Line(sku="mug", quantity=2), Line(sku="tea-assam", quantity=1)]

    quote = price_order(PriceOrderInput(lines=lines, country="DE", percent=25, express=False), CONTEXT)

    # 2 x 8.50 + 12.00, less 25 %; 970 g within the country: 4.90 + 1.20.
    assert quote == Quote(goods=2900, discount=725, shipping=610, total=2785)


def test_an_unknown_article_has_no_price() -> None:
    event = PriceOrderInput(lines=[Line(sku="organ", quantity=1)], country="DE", percent=0, express=False)

    with pytest.raises(UnknownArticle, match="organ"):
        price_order(event, CONTEXT)


@pytest.mark.parametrize(
    ("goods", "weight", "country", "express", "cost"),
    [
        (5000, 3000, "DE", False, 0),
        (4999, 3000, "DE", False, 490 + 360),
        (5000, 3001, "DE", True, 2 * (490 + 480)),
        (9999, 1, "FR", False, 1290 + 120),
    ],
)
def test_shipping(*, goods: int, weight: int, country: str, express: bool, cost: int) -> None:
    assert shipping_cost(goods, weight, country, express=express) == cost


def test_half_cents_are_rounded_up() -> None:
    assert [part_of(amount, 10) for amount in (4, 5, 14, 15)] == [0, 1, 1, 2]


def test_a_coupon_may_have_spaces_and_any_case() -> None:
    assert redeem_coupon(RedeemCouponInput(coupon=" teatime25 "), CONTEXT).percent == 25
    assert redeem_coupon(RedeemCouponInput(coupon="FREE"), CONTEXT).percent == 0


def test_a_warehouse_reserves_all_or_nothing() -> None:
    shelf = Warehouse(Counter(mug=3, kettle=1))

    with pytest.raises(MissingError):
        shelf.reserve("A-1", [("mug", 2), ("mug", 2)])
    assert shelf.free == Counter(mug=3, kettle=1)

    shelf.reserve("A-2", [("mug", 3)])
    shelf.reserve("A-2", [("mug", 3)])
    assert shelf.free == Counter(kettle=1)

    shelf.release("A-2")
    shelf.release("A-2")
    assert shelf.free == Counter(mug=3, kettle=1)


def test_a_shortage_has_details() -> None:
    warehouse.cache_clear()

    with pytest.raises(OutOfStock) as raised:
        reserve_stock(ReserveStockInput(order="A-1", lines=[Line(sku="samovar", quantity=9)]), CONTEXT)

    details = raised.value.details
    assert (details.sku, details.wanted, details.available) == ("samovar", 9, 8)


def pay(token: str) -> ChargeCardInput:
    return ChargeCardInput(order="A-1", amount=100, card=Card(token=token, holder="ADA"))


def test_all_attempts_make_one_charge() -> None:
    with pytest.raises(GatewayBusy) as raised:
        charge_card(pay("tok_busy_1"), CONTEXT)
    assert raised.value.details.seconds == 5

    second = charge_card(pay("tok_busy_1"), replace(CONTEXT, attempt=2))
    assert second == charge_card(pay("tok_busy_1"), replace(CONTEXT, attempt=3))
    assert second != charge_card(pay("tok_busy_1"), replace(CONTEXT, attempt=2, execution_id="another"))


def test_a_declined_card_has_a_reason() -> None:
    with pytest.raises(CardDeclined) as raised:
        charge_card(pay("tok_declined_expired"), CONTEXT)

    assert raised.value.details.reason == "expired"


def test_the_check_digit_of_a_tracking_number() -> None:
    # From RR473124829GB, a common example of the standard.
    assert check_digit("47312482") == 9


def test_an_express_parcel() -> None:
    event = BookParcelInput(reservation=Reservation(id="A-1", lines=[]), customer=ADA, express=True)

    parcel = book_parcel(event, CONTEXT)

    assert (parcel.carrier, parcel.days) == ("Swift", 1)
    assert parcel.tracking.startswith("EE")
    assert service_for("US", express=False).days == 9
