"""Lambda's Invoke over HTTP on loopback: what AWS's clients call where `AWS_ENDPOINT_URL_LAMBDA` leads them here."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")

Invoke = Callable[[str, Any], Any]
"""A function's name or ARN and its event in, its answer out; of a failure an object with `errorType`."""


@contextmanager
def endpoint(invoke: Invoke) -> Iterator[str]:
    """The URL of a server that answers with `invoke` (Lambda API reference, `Invoke`)."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            path = _INVOKE.fullmatch(unquote(self.path))
            assert path is not None, self.path
            answer = invoke(path[1], event)
            body = json.dumps(answer).encode()
            self.send_response(200)
            if isinstance(answer, dict) and "errorType" in answer:
                self.send_header("X-Amz-Function-Error", "Unhandled")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: pytest shows what went wrong."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
