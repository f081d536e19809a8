"""Sends the requests of HTTP tasks (developer guide, "Call HTTPS APIs in Step Functions workflows").

Requests contain only what the task defines. The EventBridge connection, which would add credentials, is not available
here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flowgen.asl.json_text import parse
from flowgen.local import Task, TaskError
from flowgen.local.runtime_types import Request
from flowgen.local.values import JSON

TIMEOUT = 60
"""Longest duration of an HTTP task in seconds."""


def send(request: Request) -> Task | None:
    """A task that sends the request of an HTTP task, or None for any other task."""
    return Task(_send) if request.resource == "arn:aws:states:::http:invoke" else None


def _send(arguments: JSON) -> JSON:
    from urllib.error import HTTPError, URLError
    from urllib.parse import quote, urlencode, urlsplit
    from urllib.request import Request as Call
    from urllib.request import urlopen

    url = str(arguments.get("ApiEndpoint", ""))
    if urlsplit(url).scheme not in ("http", "https"):
        raise TaskError("States.Runtime", f"ApiEndpoint must be an http or https URL: {url}")
    query = arguments.get("QueryParameters")
    if isinstance(query, Mapping) and query:
        url += ("&" if "?" in url else "?") + urlencode(query, doseq=True, quote_via=quote)
    headers = {str(name): _header(value) for name, value in (arguments.get("Headers") or {}).items()}
    data = _body(arguments, headers)
    call = Call(url, data, headers, method=str(arguments.get("Method", "GET")).upper())  # noqa: S310 - checked above
    try:
        with urlopen(call, timeout=TIMEOUT) as response:  # noqa: S310 - checked above
            return _response(response)
    except HTTPError as error:
        with error:
            body = error.read().decode("utf-8", "replace")
        raise TaskError(f"States.Http.StatusCode.{error.code}", body or str(error.reason)) from None
    except (URLError, TimeoutError, ConnectionError) as error:
        raise TaskError("States.Http.Socket", str(getattr(error, "reason", error))) from None


def _header(value: JSON) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _body(arguments: Mapping[str, JSON], headers: dict[str, str]) -> bytes | None:
    """The request's body in bytes. Adds the header with its content type."""
    from urllib.parse import urlencode

    body = arguments.get("RequestBody")
    if body is None:
        return None
    known = {name.lower() for name in headers}
    transform = arguments.get("Transform")
    if isinstance(transform, Mapping) and transform.get("RequestBodyEncoding") == "URL_ENCODED":
        if "content-type" not in known:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return urlencode(body, doseq=True).encode()
    if "content-type" not in known:
        headers["Content-Type"] = "application/json"
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()


def _response(response: Any) -> JSON:
    text = response.read().decode("utf-8", "replace")
    kind = response.headers.get_content_type()
    body: JSON = text
    if kind == "application/json" or kind.endswith("+json"):
        try:
            body = parse(text)
        except ValueError:
            body = text
    return {
        "Headers": {name: response.headers.get_all(name) for name in response.headers},
        "ResponseBody": body,
        "StatusCode": response.status,
        "StatusText": response.reason,
    }
