"""The main workflow with its children, and each child alone."""

from datetime import timedelta
from typing import Any

import pytest
from flowgen.testing import Flowgen

from onboard_customer.generated.models import Customer, Onboarded
from open_account.generated.models import Account
from score_credit.generated.models import Score

ADA = Customer(name="Ada", email="ada@example.com", income_cents=6_000_000, debts_cents=900_000)
LETTERS: dict[str, Any] = {"welcome": {"MessageId": "m-1"}, "how_is_it_going": {"MessageId": "m-2"}}
TABLE: dict[str, Any] = {"keep": {}}
SERVICES = LETTERS | TABLE


def test_all_workflows_together(flowgen: Flowgen) -> None:
    run = flowgen("workflows/onboard_customer.yaml").run(ADA, mocks=SERVICES)

    taken_in = run.output_as(Onboarded)
    assert (taken_in.score.points, taken_in.score.grade) == (85, "a")
    # ISO 7064: with its first four characters moved to the end, an IBAN is one more than a multiple of 97.
    number = taken_in.account.number
    assert int(number[4:] + "1314" + number[2:4]) % 97 == 1
    run.called("score_credit", times=1).called("open_account", times=1).called("greet", times=1)


def test_nobody_waits_for_the_greeting(flowgen: Flowgen) -> None:
    run = flowgen("workflows/onboard_customer.yaml").run(ADA, mocks=SERVICES)

    assert run.elapsed == timedelta()


def test_a_failed_child_fails_the_workflow(flowgen: Flowgen) -> None:
    flowgen("workflows/onboard_customer.yaml").run(
        ADA, mocks=SERVICES, fail={"keep": "DynamoDB.InternalServerError"}
    ).failed("States.TaskFailed")


def test_emails_now_and_after_a_week(flowgen: Flowgen) -> None:
    run = flowgen("workflows/greet_customer.yaml").run(ADA, mocks=LETTERS).succeeded()

    run.called("how_is_it_going", with_={"MessageBody": {"to": "ada@example.com", "letter": "first_week"}})
    assert run.elapsed == timedelta(days=7)


@pytest.mark.parametrize(("income", "debts", "grade"), [(100, 20, "a"), (100, 50, "b"), (100, 300, "c"), (0, 0, "c")])
def test_grades(flowgen: Flowgen, income: int, debts: int, grade: str) -> None:
    customer = ADA.model_copy(update={"income_cents": income, "debts_cents": debts})

    assert flowgen("workflows/score_credit.yaml").run(customer).output_as(Score).grade == grade


def test_an_account_is_stored(flowgen: Flowgen) -> None:
    run = flowgen("workflows/open_account.yaml").run(ADA, mocks=TABLE)

    number = run.output_as(Account).number
    run.called("keep", with_={"Item": {"number": {"S": number}, "email": {"S": "ada@example.com"}}})
