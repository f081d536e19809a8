"""A complete booking, and what each failure undoes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flowgen.testing import Flowgen

from book_trip.agency import Agency, agency
from book_trip.generated.models import Booked, Trip

WORKFLOW = "workflows/book_trip.yaml"
LISBON = Trip(id="T-1", traveller="Ada", to="LIS", days=5, card="4242424242424242")
SENT = {"tell_success": {"MessageId": "m-1"}, "tell_failure": {"MessageId": "m-2"}}


@pytest.fixture(autouse=True)
def books() -> Iterator[Agency]:
    agency.cache_clear()
    yield agency()
    agency.cache_clear()


def test_everything_is_booked(flowgen: Flowgen, books: Agency) -> None:
    booked = flowgen(WORKFLOW).run(LISBON, mocks=SENT).output_as(Booked)

    assert books.final == {booked.flight, booked.car}
    assert books.paid == {booked.payment: 18900 + 5 * 3900}


def test_without_a_flight_there_is_nothing_to_undo(flowgen: Flowgen, books: Agency) -> None:
    run = flowgen(WORKFLOW).run(LISBON.model_copy(update={"to": "XXX"}), mocks=SENT)

    run.failed("NoSeat", "there are no flights to XXX").took_path("flight", "tell_failure", exactly=True)
    assert books == Agency()


def test_without_a_car_the_flight_is_cancelled(flowgen: Flowgen, books: Agency) -> None:
    run = flowgen(WORKFLOW).run(LISBON.model_copy(update={"to": "NRT"}), mocks=SENT)

    run.failed("NoCar").called("cancel", times=1)
    run.called("tell_failure", with_={"Message": "Trip T-1 could not be booked: NoCar"})
    assert books == Agency()


def test_a_declined_card_cancels_both(flowgen: Flowgen, books: Agency) -> None:
    run = flowgen(WORKFLOW).run(LISBON.model_copy(update={"card": "4000000000000002"}), mocks=SENT)

    run.failed("CardDeclined").called("cancel", times=2).skipped("confirm_flight")
    assert books == Agency()


def test_a_late_failure_undoes_everything_in_reverse(flowgen: Flowgen, books: Agency) -> None:
    run = flowgen(WORKFLOW).run(LISBON, mocks=SENT, fail={"confirm_car": "TimeoutError"})

    run.failed("TimeoutError")
    assert [call.step for call in run.calls][-4:] == ["payment__undo", "car__undo", "flight__undo", "tell_failure"]
    assert books == Agency()


def test_a_failed_refund_is_retried_and_does_not_block_the_rest(flowgen: Flowgen, books: Agency) -> None:
    run = flowgen(WORKFLOW).run(
        LISBON, mocks=SENT, fail={"confirm_car": "TimeoutError", "payment__undo": "ConnectionError"}
    )

    run.failed("TimeoutError").called("cancel", times=2)
    assert run.elapsed == timedelta(seconds=10 + 20 + 40 + 80 + 160)
    assert (books.reserved, list(books.paid.values())) == ({}, [38400])
