"""Each answer, and no answer. `test_letters.py` tests the email of `ask_manager`."""

from datetime import timedelta

from flowgen.testing import Flowgen

from approve_expense.generated.models import Answer, Expense

WORKFLOW = "workflows/approve_expense.yaml"
LUNCH = Expense(employee="ada@example.com", manager="grace@example.com", cents=2450, reason="Lunch with a customer")
SERVICES = {"pay": {"MessageId": "m-1"}, "tell": {"MessageId": "m-2"}}


def test_an_approved_expense_is_paid(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(
        LUNCH, mocks={**SERVICES, "answer": Answer(decision="approved")}, delay={"answer": timedelta(hours=5)}
    )

    assert run.took_path("answer", "outcome", "pay", exactly=True).output == {"status": "paid"}
    run.called("pay", with_={"MessageBody": {"employee": "ada@example.com", "cents": 2450}})
    assert run.elapsed == timedelta(hours=5)


def test_a_refusal_is_announced(flowgen: Flowgen) -> None:
    answer = Answer(decision="refused", comment="Too much wine.")

    run = flowgen(WORKFLOW).run(LUNCH, mocks={**SERVICES, "answer": answer})

    assert run.output == {"status": "refused"}
    run.called("tell", with_={"Message": "ada@example.com: Lunch with a customer was refused. Too much wine."})


def test_a_comment_is_optional(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(LUNCH, mocks={**SERVICES, "answer": Answer(decision="refused")})

    run.called("tell", with_={"Message": "ada@example.com: Lunch with a customer was refused. "})


def test_the_workflow_waits_three_days_for_an_answer(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(LUNCH, mocks=SERVICES, fail={"answer": "States.Timeout"})

    assert run.output == {"status": "unanswered"}
    assert run.elapsed == timedelta(days=3)


def test_any_other_answer_fails(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(LUNCH, mocks={**SERVICES, "answer": {"decision": "maybe"}})

    run.failed("ContractViolation", "$.decision: expected").skipped("pay", "tell")
