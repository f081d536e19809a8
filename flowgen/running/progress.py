"""Shows the progress of a long run in one line of the terminal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from flowgen.local.history import Event

FIRST = 1.0
"""Seconds before the first output."""

EVERY = 0.25
"""Seconds between updates."""


@contextmanager
def watched(stream: TextIO | None) -> Iterator[list[Event]]:
    """A list for the events of a run. Its growth is shown on the stream, unless that is None."""
    events: list[Event] = []
    if stream is None:
        yield events
        return
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(events, stream, stop), daemon=True)
    watcher.start()
    try:
        yield events
    finally:
        stop.set()
        watcher.join()


def _watch(events: list[Event], stream: TextIO, stop: threading.Event) -> None:
    if stop.wait(FIRST):
        return
    seen, shown = len(events), False
    while not stop.wait(EVERY):
        # If there are no new events, the run may be waiting for input: don't overwrite the prompt.
        if len(events) != seen:
            seen, shown = len(events), True
            stream.write(f"\r\x1b[K{line(events)}")
            stream.flush()
    if shown:
        stream.write("\r\x1b[K")
        stream.flush()


def line(events: list[Event]) -> str:
    """The progress of a run: virtual time, events, and the last state that it entered."""
    from flowgen.diagnostics.render.display import visible
    from flowgen.local.clock import in_words

    last = next((event for event in reversed(events[-1000:]) if event.type.endswith("StateEntered")), None)
    time = in_words(events[-1].time) if events else "0 s"
    where = "" if last is None else f", in {visible(last.details['name'])}"
    return f"{time} of virtual time, {len(events):,} events{where}"
