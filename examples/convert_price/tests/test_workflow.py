"""The workflow, with a source of rates on this machine."""

from datetime import date, timedelta

from flowgen.testing import Flowgen

from convert_price.generated.models import Converted, Price
from rates import Source

WORKFLOW = "workflows/convert_price.yaml"
TEN_EUROS = Price(cents=1000, currency="EUR", into="USD")


def test_the_rate_of_the_day(flowgen: Flowgen, source: Source) -> None:
    run = flowgen(WORKFLOW).run(TEN_EUROS)

    assert run.output_as(Converted) == Converted(cents=1250, rate=1.25, as_of=date(2026, 1, 2))
    assert source.asked == ["/latest?base=EUR&symbols=USD"]


def test_a_busy_source_is_asked_again(flowgen: Flowgen, source: Source) -> None:
    source.statuses = [503, 429]

    run = flowgen(WORKFLOW).run(TEN_EUROS)

    run.succeeded().retried("rate", 2).skipped("last_known")
    assert run.elapsed == timedelta(seconds=2 + 4)


def test_a_source_that_stays_busy_leaves_the_last_known_rate(flowgen: Flowgen, source: Source) -> None:
    source.statuses = [503] * 5

    run = flowgen(WORKFLOW).run(TEN_EUROS)

    assert run.took_path("rate", "last_known", "converted").output_as(Converted).cents == 1080
    assert run.elapsed == timedelta(seconds=2 + 4 + 8 + 16)


def test_a_rate_that_there_is_not_fails_at_once(flowgen: Flowgen, source: Source) -> None:
    source.statuses = [404]

    flowgen(WORKFLOW).run(TEN_EUROS).failed("NoRate", "404").retried("rate", 0)


def test_nobody_is_asked_for_the_same_currency(flowgen: Flowgen, source: Source) -> None:
    run = flowgen(WORKFLOW).run(Price(cents=1000, currency="EUR", into="EUR"))

    assert run.output_as(Converted).cents == 1000
    assert source.asked == []
