"""Each answer, and none. What `ask_manager` writes is in `test_letters.py`."""

from datetime import timedelta

from flowgen.testing import Flowgen

from approve_expense.generated.models import Answer, Expense

WORKFLOW = "workflows/approve_expense.yaml"
LUNCH = Expense(employee="ada@example.com", manager="grace@example.com", cents=2450, reason="Lunch with a customer")
SERVICES = {"pay": {"MessageId": "m-1"}, "tell": {"MessageId": "m-2"}}


def test_what_is_approved_is_paid(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(
        LUNCH, mocks={**SERVICES, "answer": Answer(decision="approved")}, delay={"answer": timedelta(hours=5)}
    )

    assert run.took_path("answer", "outcome", "pay", exactly=True).output == {"status": "paid"}
    run.called("pay", with_={"MessageBody": {"employee": "ada@example.com", "cents": 2450}})
    assert run.elapsed == timedelta(hours=5)


def test_what_is_refused_is_told(flowgen: Flowgen) -> None:
    answer = Answer(decision="refused", comment="Too much wine.")

    run = flowgen(WORKFLOW).run(LUNCH, mocks={**SERVICES, "answer": answer})

    assert run.output == {"status": "refused"}
    run.called("tell", with_={"Message": "ada@example.com: Lunch with a customer was refused. Too much wine."})


def test_a_comment_is_not_needed(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(LUNCH, mocks={**SERVICES, "answer": Answer(decision="refused")})

    run.called("tell", with_={"Message": "ada@example.com: Lunch with a customer was refused. "})


def test_no_answer_is_waited_for_three_days(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(LUNCH, mocks=SERVICES, fail={"answer": "States.Timeout"})

    assert run.output == {"status": "unanswered"}
    assert run.elapsed == timedelta(days=3)
