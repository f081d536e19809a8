"""Headless Chromium for tests, over the pipe of its DevTools protocol (https://chromedevtools.github.io/devtools-protocol)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

NAMES = ("chromium", "chromium-browser", "google-chrome")
"""Programs that the tests can use."""


def program() -> str | None:
    """The browser of this machine, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


_EXEC = """\
import os, sys
read, write, program, *arguments = sys.argv[1:]
os.dup2(int(read), 100), os.dup2(int(write), 101)
os.dup2(100, 3), os.dup2(101, 4)
os.execv(program, [program, *arguments])
"""
"""Starts the browser with its pipes, which must be the file descriptors 3 and 4."""


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """A page in a browser with an empty profile."""
    to_read, to_send = os.pipe()
    to_receive, to_write = os.pipe()
    command = [
        sys.executable, "-c", _EXEC, str(to_read), str(to_write), str(program()),
        "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe",
        "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
        f"--user-data-dir={profile}", "about:blank",
    ]  # fmt: skip
    browser = subprocess.Popen(
        command,
        pass_fds=(to_read, to_write),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_read)
    os.close(to_write)
    with os.fdopen(to_send, "wb", buffering=0) as send, os.fdopen(to_receive, "rb") as receive:
        try:
            page = Page(send, receive)
            page.attach()
            yield page
            page.call("Browser.close", whole=True)
        finally:
            try:
                browser.wait(10)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()


@dataclass
class Page:
    """One page. `problems` are errors of its scripts and what its policy blocked, `requests` the loaded URLs."""

    send: BinaryIO
    receive: BinaryIO
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _number: int = 0
    _session: str = ""
    _events: list[str] = field(default_factory=list)

    def attach(self) -> None:
        targets = self.call("Target.getTargets", whole=True)["targetInfos"]
        target = next(one["targetId"] for one in targets if one["type"] == "page")
        attached = self.call("Target.attachToTarget", whole=True, targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, *, whole: bool = False, **parameters: Any) -> Any:
        """The result of a command, to the page or (`whole`) to the browser."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if not whole:
            message["sessionId"] = self._session
        self.send.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def _read(self) -> dict[str, Any]:
        content = bytearray()
        while (byte := self.receive.read(1)) != b"\0":
            assert byte, "the browser ended"
            content += byte
        answer: dict[str, Any] = json.loads(content)
        self._note(answer.get("method", ""), answer.get("params", {}))
        return answer

    def _note(self, event: str, found: dict[str, Any]) -> None:
        self._events.append(event)
        if event == "Runtime.exceptionThrown":
            details = found["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description", details["text"]))
        elif event == "Log.entryAdded" and found["entry"]["level"] == "error":
            self.problems.append(found["entry"]["text"])
        elif event == "Network.requestWillBeSent":
            self.requests.append(found["request"]["url"])

    def open(self, url: str) -> None:
        """Load a page, and wait until its scripts have run."""
        self._events.clear()
        self.call("Page.navigate", url=url)
        while "Page.loadEventFired" not in self._events:
            self._read()

    def js(self, expression: str) -> Any:
        """The value of an expression; promises are awaited."""
        done = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def text(self, selector: str) -> str:
        """The visible text of the first element that a selector finds."""
        found: str = self.js(f"document.querySelector({json.dumps(selector)}).innerText")
        return found

    def click(self, selector: str, text: str = "") -> None:
        """Click the first element that a selector finds and that contains a text."""
        self.js(
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            f".find(one => one.innerText.includes({json.dumps(text)}) || {json.dumps(text)} === '').click()"
        )

    def enter(self, selector: str, value: str | float) -> None:
        """Change the value of a field, as a user does."""
        change = "for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, {bubbles: true}));"
        found = f"document.querySelector({json.dumps(selector)})"
        self.js(f"(field => {{ field.value = {json.dumps(value)}; {change} }})({found})")

    def key(self, name: str, *, shift: bool = False) -> None:
        """Press a key, such as `ArrowLeft`."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, modifiers=8 if shift else 0)

    def look(self, width: int = 1280, height: int = 900, *, dark: bool = False) -> None:
        """Set the size of the window and the color scheme."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
