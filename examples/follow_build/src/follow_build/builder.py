"""The build server at BUILDS_URL (JSON over HTTP), or a sandbox in this process if that is not set."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any
from urllib.request import Request, urlopen


class Sandbox:
    """Builds that finish at the third look. Those of revisions that start with `bad` fail."""

    def __init__(self) -> None:
        self._looks: dict[str, int] = {}

    def start(self, repository: str, revision: str) -> dict[str, Any]:
        """Start a build."""
        key = f"{repository}@{revision}"
        self._looks[key] = 0
        return {"id": key, "status": "queued"}

    def look(self, key: str) -> dict[str, Any]:
        """The status of a build."""
        self._looks[key] = self._looks.get(key, 0) + 1
        if self._looks[key] < 3:
            return {"id": key, "status": "running"}
        return {"id": key, "status": "failed" if "@bad" in key else "finished"}


class Server:
    """A build server at an address."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def start(self, repository: str, revision: str) -> dict[str, Any]:
        """Start a build."""
        body = json.dumps({"repository": repository, "revision": revision}).encode()
        return _answer(Request(f"{self._url}/builds", body, {"Content-Type": "application/json"}))  # noqa: S310

    def look(self, key: str) -> dict[str, Any]:
        """The status of a build."""
        return _answer(Request(f"{self._url}/builds/{key}"))  # noqa: S310


def _answer(request: Request) -> dict[str, Any]:
    with urlopen(request, timeout=10) as response:  # noqa: S310 - the address is ours
        answer: dict[str, Any] = json.load(response)
        return answer


@cache
def builder() -> Sandbox | Server:
    """The build server of this process."""
    url = os.environ.get("BUILDS_URL")
    return Server(url) if url else Sandbox()
