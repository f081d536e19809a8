"""Measures commands as whole, alternating processes, so that other load affects all of them equally."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """A command and its working directory."""

    arguments: Sequence[str | Path]
    folder: Path


@dataclass(frozen=True, slots=True)
class Times:
    """The durations of a command's runs, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def interleaved(commands: Mapping[str, Command], runs: int) -> dict[str, Times]:
    """Runs each command once to fill caches and write bytecode, and then all commands alternately.

    Raises CalledProcessError for a command that fails.
    """
    for command in commands.values():
        run(command)
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken, _ = run(command)
            seconds[name].append(taken)
    return {name: Times(tuple(seconds[name])) for name in commands}


def run(command: Command) -> tuple[float, str]:
    """The duration of a command in seconds, and its output.

    Raises CalledProcessError for a command that fails, with what it wrote to stderr as a note.
    """
    # Whoever installs flowgen has its bytecode, as that of all packages. With this variable set, a checkout has none,
    # so that it would be compiled anew in each run, and what it is compared to would not.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    try:
        done = subprocess.run(
            command.arguments, cwd=command.folder, env=environment, check=True, capture_output=True, encoding="utf-8"
        )
    except subprocess.CalledProcessError as error:
        error.add_note(error.stderr)
        raise
    return time.perf_counter() - start, done.stdout


def table(times: Mapping[str, Times]) -> str:
    """Markdown, in milliseconds; the ratio is that of the medians, to the first command."""
    base = next(iter(times.values())).median
    lines = ["| command | min | median | max | ratio |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, measured in times.items():
        low, middle, high = (
            f"{1000 * value:,.0f} ms" for value in (min(measured.seconds), measured.median, max(measured.seconds))
        )
        lines.append(f"| {name} | {low} | {middle} | {high} | {measured.median / base:.2f} |")
    return "\n".join(lines)
