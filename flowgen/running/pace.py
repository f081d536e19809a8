"""Real time: waits that are waited for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class RealTime:
    """Lets virtual time pass no faster than real time, both counted from the first wait or the start."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    _behind: float = field(init=False)

    def __post_init__(self) -> None:
        self._behind = self.now()

    def wait(self, seconds: float) -> None:
        """Waits until so many more seconds have passed than all that was waited for before."""
        self._behind += seconds
        remaining = self._behind - self.now()
        if remaining > 0:
            self.sleep(remaining)
