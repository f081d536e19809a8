"""The workflow, with a local source of rates."""

from datetime import date, timedelta

from flowgen.testing import Flowgen

from convert_price.generated.models import Converted, Price
from rates import Source

WORKFLOW = "workflows/convert_price.yaml"
TEN_EUROS = Price(cents=1000, currency="EUR", into="USD")


def test_the_current_rate(flowgen: Flowgen, source: Source) -> None:
    run = flowgen(WORKFLOW).run(TEN_EUROS)

    assert run.output_as(Converted) == Converted(cents=1250, rate=1.25, as_of=date(2026, 1, 2))
    assert source.asked == ["/latest?base=EUR&symbols=USD"]


def test_a_busy_source_is_retried(flowgen: Flowgen, source: Source) -> None:
    source.statuses = [503, 429]

    run = flowgen(WORKFLOW).run(TEN_EUROS)

    run.succeeded().retried("rate", 2).skipped("last_known")
    assert run.elapsed == timedelta(seconds=2 + 4)


def test_if_the_source_stays_busy_the_last_known_rate_applies(flowgen: Flowgen, source: Source) -> None:
    source.statuses = [503] * 5

    run = flowgen(WORKFLOW).run(TEN_EUROS)

    assert run.took_path("rate", "last_known", "converted").output_as(Converted).cents == 1080
    assert run.elapsed == timedelta(seconds=2 + 4 + 8 + 16)


def test_a_missing_rate_fails_at_once(flowgen: Flowgen, source: Source) -> None:
    source.statuses = [404]

    flowgen(WORKFLOW).run(TEN_EUROS).failed("NoRate", "404").retried("rate", 0)


def test_the_same_currency_needs_no_request(flowgen: Flowgen, source: Source) -> None:
    run = flowgen(WORKFLOW).run(Price(cents=1000, currency="EUR", into="EUR"))

    assert run.output_as(Converted).cents == 1000
    assert source.asked == []
