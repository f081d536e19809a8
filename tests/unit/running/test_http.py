"""HTTP tasks, really sent to a server in this process."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from flowgen.running import Options, run
from flowgen.running.http import send
from tests.unit.running.machines import program, service

JSON = Any


class _Echo(BaseHTTPRequestHandler):
    """Tells what it was sent."""

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        told = {
            "method": self.command,
            "path": self.path,
            "type": self.headers.get("Content-Type"),
            "body": self.rfile.read(length).decode(),
        }
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Type", "text/plain" if self.path == "/text" else "application/json; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"plain" if self.path == "/text" else json.dumps(told).encode())

    do_GET = do_POST = answer  # noqa: N815 - the names that the server looks for

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def called(url: str, path: str, **arguments: JSON) -> Any:
    asked = {"ApiEndpoint": url + path, "Method": "GET", **arguments}
    return run(program({"A": service("http:invoke", asked)}), {}, Options(services=(send,))).execution


def test_a_request_is_sent(url: str) -> None:
    """Query, body and headers go out; JSON comes back as a value, with status and headers."""
    arguments = {"Method": "POST", "QueryParameters": {"a": "x y", "b": ["1", "2"]}, "RequestBody": {"n": 1}}
    output = called(url, "/x", **arguments).output
    assert output["ResponseBody"] == {
        "method": "POST",
        "path": "/x?a=x%20y&b=1&b=2",
        "type": "application/json",
        "body": '{"n": 1}',
    }
    assert (output["StatusCode"], output["StatusText"]) == (200, "OK")
    assert output["Headers"]["Content-Type"] == ["application/json; charset=utf-8"]


def test_forms_and_texts(url: str) -> None:
    """URL_ENCODED makes a form of the body; what is not JSON stays a string."""
    transform = {"RequestBodyEncoding": "URL_ENCODED"}
    output = called(url, "/f", Method="POST", RequestBody={"a": "b c"}, Transform=transform).output
    assert output["ResponseBody"]["body"] == "a=b+c"
    assert output["ResponseBody"]["type"] == "application/x-www-form-urlencoded"
    assert called(url, "/text").output["ResponseBody"] == "plain"


def test_failures(url: str) -> None:
    """The status is in the name of the error; what can't be reached is a socket error."""
    assert called(url, "/none").error == "States.Http.StatusCode.404"
    assert called("http://127.0.0.1:1", "/").error == "States.Http.Socket"
    assert called("file:///etc/passwd", "").error == "States.Runtime"
