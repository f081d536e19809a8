"""Asks the user for the results of task tokens and activities on the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from flowgen.asl.json_text import parse
from flowgen.local import Task, TaskError
from flowgen.local.runtime_types import Request
from flowgen.local.values import JSON


@dataclass(frozen=True, slots=True)
class Terminal:
    """`ask` shows a question and returns the typed line; `say` shows a line."""

    ask: Callable[[str], str]
    say: Callable[[str], None]

    def task(self, request: Request) -> Task:
        """A task that asks for the answer to a request."""

        def answer(*_arguments: JSON) -> JSON:
            shown = json.dumps(request.arguments, indent=2, ensure_ascii=False)
            self.say(f"`{request.state}` waits for a result. Its input:\n{shown}")
            while True:
                line = self.ask("Enter the result as JSON, or `!ERROR cause` to make it fail").strip()
                if line.startswith("!"):
                    error, _, cause = line[1:].partition(" ")
                    raise TaskError(error, cause)
                try:
                    return parse(line)
                except ValueError as problem:
                    self.say(f"That is not valid JSON: {problem}")

        return Task(answer)
