"""The manager's click: alone, and in a run of the whole workflow. The answers go to flowgen instead of AWS."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flowgen.testing import Answer, Flowgen, TaskTokens, answering_with

from approve_expense.answer_page import answer_page
from approve_expense.generated.models import Expense
from shared.generated.lambda_handlers import UrlRequest, UrlResponse


def opened(query: dict[str, str]) -> UrlRequest:
    return {"requestContext": {"http": {"method": "GET"}}, "queryStringParameters": query}


def posted(fields: dict[str, str]) -> UrlRequest:
    return {"requestContext": {"http": {"method": "POST"}}, "body": urlencode(fields)}


def shown(request: UrlRequest, client: TaskTokens) -> UrlResponse:
    with answering_with(client):
        return answer_page(request, None)


def test_opening_a_link_sends_no_answer() -> None:
    client = TaskTokens()

    response = shown(opened({"decision": "approved", "token": 'a"b'}), client)

    assert response["statusCode"] == 200
    assert 'name="token" value="a&quot;b"' in response["body"]
    assert client.answers == []


def test_the_button_sends_the_answer() -> None:
    client = TaskTokens()

    response = shown(posted({"token": "t", "decision": "refused", "comment": "Too much wine."}), client)

    assert response["statusCode"] == 200
    assert client.answers == [Answer("t", {"decision": "refused", "comment": "Too much wine."})]


def test_a_body_can_be_base64() -> None:
    client = TaskTokens()
    body = b64encode(urlencode({"token": "t", "decision": "approved"}).encode()).decode()

    shown({"requestContext": {"http": {"method": "POST"}}, "body": body, "isBase64Encoded": True}, client)

    assert client.answers == [Answer("t", {"decision": "approved"})]


@pytest.mark.parametrize(("refuse", "status"), [("TaskTimedOut", 410), ("InvalidToken", 400)])
def test_a_rejected_answer(refuse: str, status: int) -> None:
    response = shown(posted({"token": "t", "decision": "approved"}), TaskTokens(refuse=refuse))

    assert response["statusCode"] == status


def test_an_invalid_answer_is_not_sent() -> None:
    client = TaskTokens()

    assert shown(posted({"token": "t", "decision": "maybe"}), client)["statusCode"] == 400
    assert client.answers == []


def test_the_click_pays_the_expense(flowgen: Flowgen, capsys: pytest.CaptureFixture[str]) -> None:
    """From the email that the function writes, through its link, to the end of the workflow."""

    def click(token: str, client: TaskTokens) -> None:
        letter = re.sub(r"=\n", "", capsys.readouterr().err).replace("=3D", "=")
        [link] = re.findall(r"Pay it: (\S+)", letter)
        fields = dict(parse_qsl(urlsplit(link).query))
        assert fields["token"] == token
        assert answer_page(posted(fields), None)["statusCode"] == 200

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
        answer_page(opened({"decision": "approved", "token": token}), None)

    run = flowgen("workflows/approve_expense.yaml").run(
        Expense(employee="ada@example.com", manager="grace@example.com", cents=2450, reason="Lunch"),
        answers={"answer": look},
    )

    assert run.output == {"status": "unanswered"}
    assert run.elapsed == timedelta(days=3)
    assert "To: grace@example.com" in capsys.readouterr().err
