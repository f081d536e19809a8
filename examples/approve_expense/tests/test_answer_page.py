"""The manager's click: alone, with a fake boto3 client, and in a run of the whole workflow."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flowgen.testing import Answer, Flowgen, TaskTokens

from approve_expense.answer_page import handler
from approve_expense.generated.models import Expense


def request(method: str, **parts: object) -> dict[str, Any]:
    return {"requestContext": {"http": {"method": method}}, **parts}


def posted(fields: dict[str, str]) -> dict[str, Any]:
    return request("POST", body=urlencode(fields))


def test_opening_a_link_sends_no_answer() -> None:
    client = TaskTokens()

    shown = handler(request("GET", queryStringParameters={"decision": "approved", "token": 'a"b'}), None, client=client)

    assert shown["statusCode"] == 200
    assert 'name="token" value="a&quot;b"' in shown["body"]
    assert client.answers == []


def test_the_button_sends_the_answer() -> None:
    client = TaskTokens()

    shown = handler(posted({"token": "t", "decision": "refused", "comment": "Too much wine."}), None, client=client)

    assert shown["statusCode"] == 200
    assert client.answers == [Answer("t", {"decision": "refused", "comment": "Too much wine."})]


def test_a_body_can_be_base64() -> None:
    client = TaskTokens()
    body = b64encode(urlencode({"token": "t", "decision": "approved"}).encode()).decode()

    handler(request("POST", body=body, isBase64Encoded=True), None, client=client)

    assert client.answers == [Answer("t", {"decision": "approved"})]


@pytest.mark.parametrize(("refuse", "status"), [("TaskTimedOut", 410), ("InvalidToken", 400)])
def test_a_rejected_answer(refuse: str, status: int) -> None:
    shown = handler(posted({"token": "t", "decision": "approved"}), None, client=TaskTokens(refuse=refuse))

    assert shown["statusCode"] == status


def test_an_invalid_answer_is_not_sent() -> None:
    client = TaskTokens()

    assert handler(posted({"token": "t", "decision": "maybe"}), None, client=client)["statusCode"] == 400
    assert client.answers == []


def test_the_click_pays_the_expense(flowgen: Flowgen, capsys: pytest.CaptureFixture[str]) -> None:
    """From the email that the function writes, through its link, to the end of the workflow."""

    def click(token: str, client: TaskTokens) -> None:
        letter = re.sub(r"=\n", "", capsys.readouterr().err).replace("=3D", "=")
        [link] = re.findall(r"Pay it: (\S+)", letter)
        fields = dict(parse_qsl(urlsplit(link).query))
        assert fields["token"] == token
        assert handler(posted(fields), None, client=client)["statusCode"] == 200

    run = flowgen("workflows/approve_expense.yaml").run(
        Expense(employee="ada@example.com", manager="grace@example.com", cents=2450, reason="Lunch"),
        answers={"answer": click},
        mocks={"pay": {"MessageId": "m-1"}},
        delay={"answer": timedelta(hours=5)},
    )

    assert run.took_path("answer", "outcome", "pay", exactly=True).output == {"status": "paid"}
    assert run.elapsed == timedelta(hours=5)


def test_opening_the_page_is_not_an_answer(flowgen: Flowgen, capsys: pytest.CaptureFixture[str]) -> None:
    def look(token: str, client: TaskTokens) -> None:
        handler(request("GET", queryStringParameters={"decision": "approved", "token": token}), None, client=client)

    run = flowgen("workflows/approve_expense.yaml").run(
        Expense(employee="ada@example.com", manager="grace@example.com", cents=2450, reason="Lunch"),
        answers={"answer": look},
    )

    assert run.output == {"status": "unanswered"}
    assert run.elapsed == timedelta(days=3)
    assert "To: grace@example.com" in capsys.readouterr().err
