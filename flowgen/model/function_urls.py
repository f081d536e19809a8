"""Function URLs: HTTPS endpoints of Lambda functions (Lambda developer guide, "Lambda function URLs")."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from flowgen.model.accepts import TEXT, array, ref
from flowgen.model.element import Element, Field, Read, Reading, Unread
from flowgen.model.leaves import DurationField, FlagField, OneOf, read_text
from flowgen.source import Node, Sequence

METHODS = ("GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*")
"""Methods that `AllowMethods` accepts (CloudFormation, `AWS::Lambda::Url Cors`). OPTIONS is always allowed."""
MOST_CORS_AGE = 86_400
"""Seconds (CloudFormation, `AWS::Lambda::Url Cors`, `MaxAge`)."""
_ORIGIN = re.compile(r"\*|https?://[^\s/?#]+|[a-z][a-z0-9+.-]*://[^\s/?#]+")
_CALLER = re.compile(r"[0-9]{12}|arn:aws[a-z-]*:(?:iam|sts)::[0-9]{12}:\S+|[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
"""Principals that `AddPermission` accepts: an account, a principal's ARN or a service."""


def _texts(node: Node, reading: Reading) -> tuple[str, ...]:
    return tuple(read_text(item, reading) for item in (node.items if isinstance(node, Sequence) else (node,)))


def _read_origins(node: Node, reading: Reading) -> tuple[str, ...]:
    origins = _texts(node, reading)
    wrong = next((origin for origin in origins if not _ORIGIN.fullmatch(origin)), None)
    if wrong is not None:
        raise reading.refuse(
            "FG102", f"`{wrong}` is not an origin", node, help="write the scheme and the host: `https://example.com`"
        )
    return origins


def _read_methods(node: Node, reading: Reading) -> tuple[str, ...]:
    methods = tuple(method.upper() for method in _texts(node, reading))
    wrong = next((method for method in methods if method not in METHODS), None)
    if wrong is not None:
        help_ = (
            "remove it: Lambda always answers preflight requests"
            if wrong == "OPTIONS"
            else f"use {', '.join(f'`{method}`' for method in METHODS)}"
        )
        raise reading.refuse("FG102", f"`{wrong}` is not a method that CORS settings accept", node, help=help_)
    return methods


def _read_callers(node: Node, reading: Reading) -> tuple[str, ...]:
    callers = _texts(node, reading)
    wrong = next((caller for caller in callers if not _CALLER.fullmatch(caller)), None)
    if wrong is not None:
        help_ = "write an account id, the ARN of a role or user, or a service: `cloudfront.amazonaws.com`"
        raise reading.refuse("FG102", f"`{wrong}` cannot call a function URL", node, help=help_)
    return callers


_TEXTS = {"anyOf": [TEXT, array(TEXT)]}


class UrlCors(Element):
    """What browsers may do with the URL from pages of other origins."""

    what: ClassVar[str] = "`cors`"

    origins: Annotated[tuple[str, ...], Read(_read_origins, accepts=_TEXTS)] = Field(
        (), description="Origins of pages that may call the URL, or `*`.", examples=[["https://example.com"]]
    )
    methods: Annotated[tuple[str, ...], Read(_read_methods, accepts=_TEXTS)] = Field(
        (), description="HTTP methods that these pages may use, or `*`.", examples=[["GET", "POST"]]
    )
    headers: Annotated[tuple[str, ...], Read(_texts, accepts=_TEXTS)] = Field(
        (), description="Request headers that these pages may send."
    )
    expose: Annotated[tuple[str, ...], Read(_texts, accepts=_TEXTS)] = Field(
        (), description="Response headers that these pages may read."
    )
    credentials: FlagField = Field(False, description="Allows cookies and other credentials.")
    max_age: DurationField | None = Field(
        None, description="How long browsers cache the answer to a preflight request, at most 24 hours."
    )


class FunctionUrl(Element):
    """The HTTPS endpoint of a function."""

    what: ClassVar[str] = "`url`"

    auth: Annotated[str, Read(OneOf(("iam", "none")))] = Field(
        description="Who can call the URL: `iam` requires signed requests, `none` accepts requests from anyone."
    )
    callers: Annotated[tuple[str, ...], Read(_read_callers, accepts=_TEXTS)] = Field(
        (),
        description="Accounts, roles, users or services that may call the URL, in addition to identities of the"
        " account whose own policies allow it. Only with `auth: iam`.",
        examples=[["arn:aws:iam::111122223333:role/portal"]],
    )
    cors: UrlCors | None = Field(None, description="Cross-origin requests from browsers; by default none are allowed.")
    invoke_mode: Annotated[str, Read(OneOf(("buffered", "response_stream")))] = Field(
        "buffered", description="Whether responses are sent as a whole or streamed."
    )


def _read_url(node: Node, reading: Reading) -> FunctionUrl:
    url = FunctionUrl.read(node, reading)
    if url is None or not _is_consistent(url, reading):
        raise Unread
    return url


def _is_consistent(url: FunctionUrl, reading: Reading) -> bool:
    """Checks the keys of a URL against each other."""
    if url.auth == "none" and url.callers:
        reading.tell(
            "FG102",
            "`callers` has no effect: anyone can call this URL",
            url.span_of("callers"),
            help="write `auth: iam`, or remove `callers`",
        )
        return False
    cors = url.cors
    if cors is None:
        return True
    if cors.credentials and "*" in cors.origins:
        reading.tell(
            "FG102",
            "browsers send no credentials to a URL that allows every origin",
            cors.span_of("credentials"),
            help="list the origins, or remove `credentials`",
        )
        return False
    if cors.max_age is not None and not 0 <= cors.max_age.seconds <= MOST_CORS_AGE:
        reading.tell("FG112", "`max_age` must be at most 24 hours", cors.span_of("max_age"))
        return False
    return True


UrlField = Annotated[FunctionUrl, Read(_read_url, accepts=ref(FunctionUrl))]
AnswersField = Annotated[tuple[str, ...], Read(_texts, accepts=_TEXTS)]
