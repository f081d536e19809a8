"""Builds in the sandbox, and on a local server."""

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from flowgen.testing import Flowgen, in_turn

from follow_build.builder import builder
from follow_build.generated.models import Build, Job

WORKFLOW = "workflows/follow_build.yaml"
GOOD = Build(repository="shop", revision="4f1c2d")
RUNNING = Job(id="b-1", status="running")


@pytest.fixture(autouse=True)
def sandbox() -> Iterator[None]:
    builder.cache_clear()
    yield
    builder.cache_clear()


def test_a_build_is_polled_until_it_is_finished(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(GOOD)

    assert run.output_as(Job) == Job(id="shop@4f1c2d", status="finished")
    run.called("look", times=3)
    assert run.elapsed == timedelta(seconds=3 * 30)


def test_a_failed_build_fails_the_workflow(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(Build(repository="shop", revision="bad"))

    run.failed("BuildFailed", "shop@bad").called("look", times=3)


def test_polling_stops_after_forty_rounds(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(GOOD, mocks={"look_at_build": RUNNING})

    run.failed("RepeatLimitExceeded").called("look", times=40)
    assert run.elapsed == timedelta(minutes=20)


def test_each_round_polls_the_same_build(flowgen: Flowgen) -> None:
    finished = Job(id="b-1", status="finished")

    run = flowgen(WORKFLOW).run(GOOD, mocks={"start_build": RUNNING, "look_at_build": in_turn(RUNNING, finished)})

    run.succeeded()
    assert [call.input["id"] for call in run.calls if call.step == "look"] == ["b-1", "b-1"]


class Handler(BaseHTTPRequestHandler):
    """Starts builds and finishes them at once."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({"id": asked["revision"], "status": "queued"})

    def do_GET(self) -> None:
        self.answer({"id": self.path.rpartition("/")[2], "status": "finished"})

    def answer(self, value: dict[str, str]) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""


def test_the_url_in_the_environment_is_used(flowgen: Flowgen, monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("BUILDS_URL", f"http://127.0.0.1:{server.server_port}/")

        run = flowgen(WORKFLOW).run(GOOD)

        server.shutdown()
    assert run.output_as(Job) == Job(id="4f1c2d", status="finished")
