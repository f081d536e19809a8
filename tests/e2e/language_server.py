"""A client of yaml-language-server, as an editor is one: JSON-RPC over its standard input and output (LSP 3.17)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import IO, Any

PACKAGE = Path(__file__).parents[1] / "node" / "node_modules" / "yaml-language-server"
PATIENCE = 120
"""Seconds after which a server that does not answer is ended, so that a test fails rather than waits."""

CURSOR = "‸"


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic: its text, and the characters that it marks."""

    message: str
    marked: str


@dataclass(slots=True)
class Editor:
    """An editor with one server. `settings` are those that the user's `yaml.…` settings give."""

    requests: IO[bytes]
    answers: IO[bytes]
    settings: dict[str, Any] = field(default_factory=dict)
    _sent: int = 0
    _diagnostics: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _versions: dict[str, int] = field(default_factory=dict)

    def complete(self, path: Path, text: str) -> dict[str, str]:
        """What is offered at the cursor of a string: label to what would be put in. Tags are offered everywhere."""
        found = self._at_cursor("textDocument/completion", path, text)
        return {item["label"]: item["insertText"] for item in found["items"] if not item["label"].startswith("!")}

    def hover(self, path: Path, text: str) -> str:
        """What is shown over the cursor of a string, in Markdown."""
        shown: str = self._at_cursor("textDocument/hover", path, text)["contents"]["value"]
        return shown

    def findings(self, path: Path, text: str) -> list[Finding]:
        """What the server finds in a string."""
        uri = self._open(path, text)
        while uri not in self._diagnostics:
            self._take(self._read())
        lines = text.splitlines()
        return [
            Finding(
                one["message"],
                lines[one["range"]["start"]["line"]][
                    one["range"]["start"]["character"] : one["range"]["end"]["character"]
                ],
            )
            for one in self._diagnostics.pop(uri)
        ]

    def start(self) -> None:
        completion = {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}}
        document = {"completion": completion, "hover": {"contentFormat": ["markdown"]}}
        capabilities = {"textDocument": document, "workspace": {"configuration": True}}
        self._call("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self._send({"method": "initialized", "params": {}})

    def _at_cursor(self, method: str, path: Path, text: str) -> Any:
        before, behind = text.split(CURSOR)
        uri = self._open(path, before + behind)
        line = before.count("\n")
        position = {"line": line, "character": len(before.rpartition("\n")[2])}
        return self._call(method, {"textDocument": {"uri": uri}, "position": position})

    def _open(self, path: Path, text: str) -> str:
        """A file with this text; a second time, the text as the user changed it to."""
        uri = path.as_uri()
        version = self._versions[uri] = self._versions.get(uri, 0) + 1
        document = {"uri": uri, "version": version}
        if version == 1:
            opened = {"textDocument": {**document, "languageId": "yaml", "text": text}}
            self._send({"method": "textDocument/didOpen", "params": opened})
        else:
            changed = {"textDocument": document, "contentChanges": [{"text": text}]}
            self._send({"method": "textDocument/didChange", "params": changed})
        self._diagnostics.pop(uri, None)
        return uri

    def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        self._sent += 1
        number = self._sent
        self._send({"id": number, "method": method, "params": parameters})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                return message["result"]
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        match message.get("method"):
            case "textDocument/publishDiagnostics":
                self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
            case "workspace/configuration":
                wanted = message["params"]["items"]
                answer = [self.settings if item.get("section") == "yaml" else None for item in wanted]
                self._send({"id": message["id"], "result": answer})
            case _ if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": None})
            case _:
                pass

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.requests.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self.requests.flush()

    def _read(self) -> dict[str, Any]:
        length = 0
        while header := self.answers.readline().strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(self.answers.read(length))
        return message


@contextmanager
def editor(**settings: Any) -> Iterator[Editor]:
    """An editor with its own server, in a test that needs the tool `node`."""
    command = ["node", str(PACKAGE / "bin" / "yaml-language-server"), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        watch = Timer(PATIENCE, process.kill)
        watch.start()
        try:
            started = Editor(process.stdin, process.stdout, settings)
            started.start()
            yield started
        finally:
            watch.cancel()
            process.kill()
