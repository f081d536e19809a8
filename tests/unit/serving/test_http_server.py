"""The server itself: who may use it, what it accepts, and how it starts and stops."""

from __future__ import annotations

import http.client
import json
import threading
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from flowgen.serving import AddressInUse, Settings, serve
from flowgen.serving.http_server import LONGEST_BODY
from tests.unit.serving.conftest import Client

LIST = {"X-Amz-Target": "AWSStepFunctions.ListStateMachines"}


def send(client: Client, headers: dict[str, str], body: bytes | None = b"{}", method: str = "POST") -> tuple[int, str]:
    """The status of a response, and the type of its error."""
    connection = http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=30)
    connection.request(method, "/health" if method == "GET" else "/", body, headers)
    response = connection.getresponse()
    found = json.loads(response.read())
    connection.close()
    return response.status, found.get("__type", "")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (200, "")),
        ({"Host": "localhost:8083"}, (200, "")),
        ({"Host": "sync-localhost:8083"}, (200, "")),
        ({"Host": "[::1]:8083"}, (200, "")),
        ({"Host": "attacker.example:8083"}, (403, "ForbiddenHost")),
        ({"Host": "localhost.attacker.example"}, (403, "ForbiddenHost")),
        ({"Origin": "https://attacker.example"}, (403, "ForbiddenOrigin")),
        ({"Origin": "null"}, (403, "ForbiddenOrigin")),
        ({"Content-Length": str(LONGEST_BODY + 1)}, (413, "RequestEntityTooLargeException")),
        ({"Content-Length": "-1"}, (411, "LengthRequired")),
        ({"Transfer-Encoding": "chunked"}, (411, "LengthRequired")),
    ],
)
def test_who_may_use_it(client: Client, headers: dict[str, str], expected: tuple[int, str]) -> None:
    assert send(client, {**LIST, **headers}) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b"\xff", "SerializationException"),
        (b"[" * 100_000, "SerializationException"),
        (b'{"maxResults": "many"}', "SerializationException"),
        (b'{"maxResults": 1001}', "ValidationException"),
        (b'{"nextToken": "x"}', "InvalidToken"),
    ],
)
def test_bad_bodies(client: Client, body: bytes, expected: str) -> None:
    assert send(client, LIST, body) == (400, expected)


def test_health(client: Client) -> None:
    assert send(client, {}, None, "GET") == (200, "")


def test_a_used_port_is_reported() -> None:
    settings = Settings(now=lambda: datetime.now(UTC), clock=time.monotonic)
    with serve(settings) as url:
        port = urlsplit(url).port or 0
        with pytest.raises(AddressInUse, match=f"^port {port} is in use by another program"):
            serve(settings, port=port).__enter__()


def test_it_stops_while_a_client_polls() -> None:
    """A long poll does not delay the end, and no thread of the server is left."""
    settings = Settings(now=lambda: datetime.now(UTC), clock=time.monotonic)
    with serve(settings) as url:
        client = Client(url)
        activity = client.api.create_activity(name="a")["activityArn"]
        failures: list[Exception] = []

        def poll() -> None:
            try:
                client.api.get_activity_task(activityArn=activity)
            except Exception as error:  # noqa: BLE001 - boto3 has many errors for closed connections
                failures.append(error)

        poller = threading.Thread(target=poll)
        poller.start()
        time.sleep(0.2)
    poller.join(10)
    assert len(failures) == 1
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("flowgen-")] == []
