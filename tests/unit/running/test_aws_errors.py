"""Whatever the SDK's configuration, the network or a proxy does wrong is a failed step or wrong usage, never a bug."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen

CALL = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "End": True}
INVOCATION = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "f"},
    "End": True,
}
STS = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity", "End": True}
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **PASS}
READER = {
    "Type": "Map",
    "ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Arguments": {"Bucket": "b", "Key": "k"},
    },
    "ItemProcessor": DISTRIBUTED,
    "End": True,
}
LISTING = {
    **READER,
    "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": "b", "Prefix": "k"}},
}
WRITER = {
    "Type": "Map",
    "Items": [1],
    "ItemProcessor": DISTRIBUTED,
    "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "b", "Prefix": "k"}},
    "End": True,
}
STATES = {"call": CALL, "sts": STS, "invocation": INVOCATION, "reader": READER, "listing": LISTING, "writer": WRITER}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "y", "REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)


def ran(folder: Path, state: Any, aws: str) -> Result:
    machine = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}
    (folder / "a.asl.json").write_text(json.dumps(machine), "utf-8")
    arguments = ["-C", str(folder), "run", "a.asl.json", "--aws", aws]
    return CliRunner().invoke(flowgen, arguments, catch_exceptions=False)


@pytest.fixture(scope="module")
def junk() -> Iterator[str]:
    """A server that answers everything with the page of a proxy."""

    class Proxy(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>log in <first")

        do_GET = do_POST = do_PUT = do_HEAD = answer  # noqa: N815 - what `http.server` calls

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("endpoint", ["http://", "http://a b", "http://\u00e9", "http://ada:s3cret@127.0.0.1:9"])
def test_an_endpoint_that_does_not_answer(tmp_path: Path, state: str, endpoint: str) -> None:
    """The step fails with a cause that has no password."""
    result = ran(tmp_path, STATES[state], endpoint)
    assert result.exit_code == 3
    assert "127.0.0.1:9" in result.output or "Invalid endpoint: http://" in result.output
    assert "s3cret" not in result.output


@pytest.mark.parametrize("state", STATES)
def test_a_response_that_is_not_from_aws(tmp_path: Path, state: str, junk: str) -> None:
    assert ran(tmp_path, STATES[state], junk).exit_code in {0, 3}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "setting",
    [
        "RETRY_MODE",
        "DEFAULTS_MODE",
        "STS_REGIONAL_ENDPOINTS",
        "ACCOUNT_ID_ENDPOINT_MODE",
        "REQUEST_CHECKSUM_CALCULATION",
        "ENDPOINT_URL",
    ],
)
def test_an_invalid_setting_of_the_sdk(
    tmp_path: Path, setting: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"AWS_{setting}", "junk")
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "nothing"))
    result = ran(tmp_path, STATES[state], "real")
    assert result.exit_code == 3


def test_a_profile_that_does_not_exist_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    result = ran(tmp_path, CALL, "real")
    assert result.exit_code == 2
    assert "The config profile (nope) could not be found" in result.output


def test_a_configuration_file_that_cannot_be_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text("[profile x\n=", "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    result = ran(tmp_path, CALL, "real")
    assert result.exit_code == 2
    assert "Unable to parse config file" in result.output
