"""What the links in the letter lead to: a Lambda function with a URL of its own, which answers the task token.

A link only shows a page with a button, since mail scanners follow links, too; the button posts the answer.
"""

from __future__ import annotations

import base64
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from .generated import callbacks
from .generated.models import Answer
from .generated.task_tokens import InvalidToken, TaskTimedOut, TaskTokenClient


def handler(event: dict[str, Any], context: object, *, client: TaskTokenClient | None = None) -> dict[str, Any]:
    """Take a request in the form of function URLs and HTTP APIs. `client` is for tests; else it is boto3's."""
    if event["requestContext"]["http"]["method"] == "GET":
        return page(200, form(event.get("queryStringParameters") or {}))
    body = event.get("body", "")
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode()
    fields = dict(parse_qsl(body))
    token = fields.pop("token", "")
    try:
        callbacks.answer.send_success(token, Answer.model_validate(fields), client=client)
    except (InvalidToken, ValidationError):
        return page(400, "This link is not one of ours.")
    except TaskTimedOut:
        return page(410, "Too late: the expense was answered before, or the time for it is over.")
    return page(200, "Thank you, your answer has arrived.")


def form(query: dict[str, str]) -> str:
    """Ask for the answer that the link stands for."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(query.get(name, ""))}">' for name in ("token", "decision")
    )
    text = f'<input name="comment" placeholder="Comment"> <button>{escape(query.get("decision", ""))}</button>'
    return f'<form method="post">{hidden}{text}</form>'


def page(status: int, body: str) -> dict[str, Any]:
    """A response with a page of HTML."""
    return {"statusCode": status, "headers": {"content-type": "text/html; charset=utf-8"}, "body": f"<p>{body}</p>"}
