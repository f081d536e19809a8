"""The service over HTTP/1.1: one thread for each connection, and one for all executions.

A connection's thread only reads and writes; requests are performed in the thread of the event loop. Bodies, headers and
the number of connections are bounded. Against DNS rebinding and cross-site requests, `Host` must be a known name, and
requests from other web pages (with another `Origin`) are rejected.
"""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import threading
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar
from uuid import uuid4

from flowgen.local.execution import exit_raises
from flowgen.running import Program
from flowgen.serving.actions import respond
from flowgen.serving.page import HEADERS, check_input, respond_to_page
from flowgen.serving.restart import load
from flowgen.serving.service import Service
from flowgen.serving.service_model import service_model
from flowgen.serving.settings import Settings
from flowgen.serving.store import Store

Result = TypeVar("Result")

LONGEST_BODY = 8 * 1024 * 1024
"""Bytes of a request: a definition of 1 MiB, escaped as JSON, fits."""

MOST_CONNECTIONS = 1_000
COMMIT = 0.1
"""Seconds between two commits of what no client has asked for."""

POLL = 0.05
"""Seconds between two checks whether the server must stop."""

IDLE_SECONDS = 90.0
"""Seconds after which an idle connection is closed: more than a long poll takes."""

CHECK = "/_flowgen/check"
"""The path at which the page checks inputs and answers against their types."""

EMPTY: Mapping[str, str] = MappingProxyType({})

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "sync-localhost", "sync-127.0.0.1"})
"""Values of `Host`, without the port. SDKs put `sync-` before the host for StartSyncExecution and TestState."""


Reload: TypeAlias = Callable[[Settings, Iterable[Program]], None]


class AddressInUse(Exception):  # noqa: N818 - reported as wrong usage
    """Another program listens on the port, or the address is not one of this machine. The message says which."""


@contextmanager
def serve(
    settings: Settings,
    programs: Iterable[Program] = (),
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    hosts: Collection[str] = (),
    data: Path | None = None,
    on_start: Callable[[Reload], object] | None = None,
) -> Iterator[str]:
    """Serve programs, and whatever clients create, until the `with` statement ends. The value is the URL.

    Port 0 is any free port. `hosts` are further names that clients may use for this machine. Raises `AddressInUse`,
    `UnusableFile`,
    `NoModel` without botocore, and `ApiError` for a program that AWS would reject. `data` is a file that keeps
    everything. `on_start` receives a function that replaces the programs and what answers their tasks.
    """
    service_model()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=(loop,), name="flowgen-executions", daemon=True)
    service = Service(settings, loop, None if data is None else Store(data))
    try:
        server = _Server(host, port, service, frozenset(map(str.lower, hosts)) | {host.lower(), *LOOPBACK})
    except OSError as error:
        loop.close()
        raise AddressInUse(_reason(error, host, port)) from None
    accepting = threading.Thread(target=server.serve_forever, args=(POLL,), name="flowgen-http", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(_added(service, programs), loop).result()
        accepting.start()
        if on_start is not None:
            on_start(lambda settings, programs: _reload(service, settings, programs))
        with exit_raises():
            yield f"http://{f'[{host}]' if ':' in host else host}:{server.server_address[1]}"
    finally:
        server.stopping = True
        if accepting.is_alive():
            server.shutdown()
        server.server_close()
        asyncio.run_coroutine_threadsafe(_closed(service), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()


def _reload(service: Service, settings: Settings, programs: Iterable[Program]) -> None:
    async def reload() -> None:
        service.reload(settings, programs)
        service.commit()

    asyncio.run_coroutine_threadsafe(reload(), service.loop).result()


async def _added(service: Service, programs: Iterable[Program]) -> None:
    load(service, programs)
    if service.store is not None:
        service.loop.call_later(COMMIT, _commit, service)


def _commit(service: Service) -> None:
    """Keep what happens while no client asks."""
    if service.store is not None:
        service.commit()
        service.loop.call_later(COMMIT, _commit, service)


async def _closed(service: Service) -> None:
    """Cancel requests that still wait, and let the threads of handlers end."""
    current = asyncio.current_task()
    waiting = [task for task in asyncio.all_tasks() if task is not current]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    service.close()


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use by another program; stop it, or choose another port with --port"
    if error.errno == errno.EACCES:
        return f"port {port} requires administrator rights; choose a port above 1023 with --port"
    return f"cannot listen on {host}:{port}: {error.strerror or error}"


class _Server(ThreadingHTTPServer):
    """Accepts connections, up to a limit."""

    daemon_threads = True
    request_queue_size = 256
    # On Windows, SO_REUSEADDR would let two programs listen on one port.
    allow_reuse_address = not hasattr(socket, "SO_EXCLUSIVEADDRUSE")

    def __init__(self, host: str, port: int, service: Service, hosts: frozenset[str]) -> None:
        if ":" in host:
            self.address_family = socket.AF_INET6
        self.service = service
        self.hosts = hosts
        self.stopping = False
        self._free = threading.BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore connections that clients closed; anything else is a bug of this program."""
        import sys

        if not isinstance(sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        if self._is_refused():
            return
        body = self._body()
        if body is None:
            return
        service = self.server.service
        try:
            if self.path == CHECK:
                checked = self._run(check_input(service, body))
                self._respond(200, json.dumps(checked).encode(), "application/json", HEADERS)
                return
            status, content = self._run(respond(service, self.headers.get("X-Amz-Target", ""), body))
        except CancelledError:  # the server stops
            self.close_connection = True
            return
        self._respond(status, content, "application/x-amz-json-1.0")

    def do_GET(self) -> None:
        if self._is_refused():
            return
        service = self.server.service
        if self.path != "/health":
            self._show_page(service)
            return
        health = {
            "status": "ok",
            "stateMachines": len(service.machines),
            "executions": len(service.executions),
        }
        self._respond(200, json.dumps(health).encode(), "application/json")

    def _run(self, requested: Coroutine[Any, Any, Result]) -> Result:
        """The result of a coroutine in the thread of the executions. Raises CancelledError if the server stops."""
        if self.server.stopping:
            requested.close()
            raise CancelledError
        return asyncio.run_coroutine_threadsafe(requested, self.server.service.loop).result()

    def _show_page(self, service: Service) -> None:
        """Respond with a part of the page."""
        try:
            response = respond_to_page(service, self.path, self._run)
        except CancelledError:  # the server stops
            self.close_connection = True
            return
        if response is None:
            self._refuse(404, "NotFound", "There is nothing at this path. Requests of the API use POST.")
            return
        self._respond(response.status, response.content, response.type, HEADERS)

    def _is_refused(self) -> bool:
        host = self.headers.get("Host", "")
        name = host if host.endswith("]") else host.rpartition(":")[0] if ":" in host else host
        if name.lower() not in self.server.hosts:
            message = f"The host '{host}' is not allowed; use localhost, or start the server with --allow-host {name}"
            return self._refuse(403, "ForbiddenHost", message)
        # The server's own page has the origin of this server. Browsers send `Sec-Fetch-Site` with every request.
        foreign = self.headers.get("Origin") not in {None, f"http://{host}"}
        if foreign or (self.path != "/" and self.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}):
            return self._refuse(403, "ForbiddenOrigin", "Other web pages may not use this server")
        return False

    def _refuse(self, status: int, code: str, message: str) -> bool:
        # What is left of the body would be read as the next request.
        self.close_connection = True
        self._respond(status, json.dumps({"__type": code, "message": message}).encode(), "application/x-amz-json-1.0")
        return True

    def _body(self) -> bytes | None:
        """The body of the request, or None after an error response."""
        text = self.headers.get("Content-Length", "")
        if not text.isdecimal() or "Transfer-Encoding" in self.headers:
            self._refuse(411, "LengthRequired", "The request needs the header Content-Length")
            return None
        length = int(text[:20])
        if length > LONGEST_BODY:
            self._refuse(413, "RequestEntityTooLargeException", f"The request exceeds {LONGEST_BODY} bytes")
            return None
        body = self.rfile.read(length)
        if len(body) < length:  # the client closed the connection
            self.close_connection = True
            return None
        return body

    def _respond(self, status: int, content: bytes, kind: str, headers: Mapping[str, str] = EMPTY) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-amzn-RequestId", str(uuid4()))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def version_string(self) -> str:
        return "flowgen"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of http.server
        """Requests are not logged."""
