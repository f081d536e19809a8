"""Tests of the workflow `welcome`: each function, and the whole workflow."""

from datetime import UTC, datetime, timedelta

import pytest
from flowgen.testing import Workflow

from {{ cookiecutter.package }}.welcome.check_sign_up import check_sign_up
from {{ cookiecutter.package }}.welcome.generated.contracts import SignUpRefused, StepContext
from {{ cookiecutter.package }}.welcome.generated.models import Letter, Person, SignUp
from {{ cookiecutter.package }}.welcome.write_letter import write_letter

CONTEXT = StepContext(
    execution_id="arn:aws:states:eu-central-1:111111111111:execution:welcome:one",
    execution_name="one",
    started_at=datetime(2026, 1, 31, tzinfo=UTC),
    workflow="welcome",
    step="person",
)


def test_sign_up_is_cleaned_up() -> None:
    person = check_sign_up(SignUp(name=" Ada  Lovelace ", email="Ada@Example.COM"), CONTEXT)

    assert person == Person(name="Ada Lovelace", email="Ada@example.com", language="en")


@pytest.mark.parametrize(
    ("name", "email", "reason"),
    [("Ada", "ada@Mailinator.com", "disposable_address"), ("  ", "ada@example.com", "no_name")],
)
def test_invalid_sign_up_is_rejected(name: str, email: str, reason: str) -> None:
    with pytest.raises(SignUpRefused) as raised:
        check_sign_up(SignUp(name=name, email=email), CONTEXT)

    assert raised.value.details.reason == reason


def test_letter_is_in_the_language_of_the_user() -> None:
    letter = write_letter(Person(name="Ada", email="ada@example.com", language="de"), CONTEXT)

    assert letter.subject == "Willkommen, Ada"
    assert "seit dem 31.01.2026" in letter.text


def test_letter_is_sent_a_day_later(welcome: Workflow) -> None:
    run = welcome.run(SignUp(name="Ada ", email="ada@Example.com"))

    letter = run.output_as(Letter)
    assert (letter.to, letter.subject) == ("ada@example.com", "Welcome, Ada")
    assert run.elapsed == timedelta(days=1)


def test_failed_letter_is_retried(welcome: Workflow) -> None:
    run = welcome.run(SignUp(name="Ada", email="ada@example.com"), fail={"letter": ("OSError", 2)})

    run.succeeded().retried("letter", 2)


def test_rejected_sign_up_gets_no_letter(welcome: Workflow) -> None:
    run = welcome.run(SignUp(name="Ada", email="ada@mailinator.com"))

    run.failed("NotWelcome", "ada@mailinator.com was rejected: disposable_address")
    run.took_path("person", "refused", exactly=True).called("write_letter", times=0)
