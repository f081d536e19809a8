"""The text of the email to the manager."""

from datetime import UTC, datetime

import pytest

from approve_expense.ask_manager import ask_manager
from approve_expense.generated.contracts import StepContext
from approve_expense.generated.models import Expense

LUNCH = Expense(employee="ada@example.com", manager="grace@example.com", cents=2405, reason="Lunch")


def context(token: str | None) -> StepContext:
    return StepContext(
        execution_id="arn:aws:states:us-east-1:111111111111:execution:approve_expense:one",
        execution_name="one",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        workflow="approve_expense",
        step="answer",
        task_token=token,
    )


def test_the_email_has_a_link_for_each_answer(capsys: pytest.CaptureFixture[str]) -> None:
    written = ask_manager(LUNCH, context("a/b+c"))

    assert "ada@example.com asks for 24.05 EUR: Lunch" in written.text
    assert "https://expenses.example.com/answer?decision=approved&token=a%2Fb%2Bc" in written.text
    assert "https://expenses.example.com/answer?decision=refused&token=a%2Fb%2Bc" in written.text
    assert "To: grace@example.com" in capsys.readouterr().err


def test_a_missing_token_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="callback"):
        ask_manager(LUNCH, context(None))
