"""A local source of rates."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Source(ThreadingHTTPServer):
    """A local source of rates. It responds with each status in `statuses`, then with 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Source

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({"date": "2026-01-02", "rates": {"USD": 1.25}}).encode())

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""
