"""The page that the links in the email open. It answers the task token.

A link only shows a page with a button, because mail scanners follow links too. The button posts the answer.
"""

from __future__ import annotations

import base64
from html import escape
from urllib.parse import parse_qsl

from pydantic import ValidationError

from shared.generated.lambda_handlers import UrlRequest, UrlResponse

from .generated import callbacks, contracts
from .generated.models import Answer
from .generated.task_tokens import InvalidToken, TaskTimedOut


@contracts.answer_page
def answer_page(event: UrlRequest, context: object) -> UrlResponse:
    """Show the form for a link, or send the answer of a form."""
    if event["requestContext"]["http"]["method"] == "GET":
        return page(200, form(event.get("queryStringParameters") or {}))
    body = event.get("body", "")
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode()
    fields = dict(parse_qsl(body))
    token = fields.pop("token", "")
    try:
        callbacks.answer.send_success(token, Answer.model_validate(fields))
    except (InvalidToken, ValidationError):
        return page(400, "This link is not valid.")
    except TaskTimedOut:
        return page(410, "Too late: somebody has already answered, or the time limit has passed.")
    return page(200, "Thank you, we have received your answer.")


def form(query: dict[str, str]) -> str:
    """The form that confirms the answer in the link."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(query.get(name, ""))}">' for name in ("token", "decision")
    )
    text = f'<input name="comment" placeholder="Comment"> <button>{escape(query.get("decision", ""))}</button>'
    return f'<form method="post">{hidden}{text}</form>'


def page(status: int, body: str) -> UrlResponse:
    """A response with an HTML page."""
    return {"statusCode": status, "headers": {"content-type": "text/html; charset=utf-8"}, "body": f"<p>{body}</p>"}
