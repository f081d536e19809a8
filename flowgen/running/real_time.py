"""Makes a run wait in real time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class RealTime:
    """Lets virtual time pass no faster than real time. Both start when this object is created."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    _behind: float = field(init=False)

    def __post_init__(self) -> None:
        self._behind = self.now()

    def wait(self, seconds: float) -> None:
        """Wait until real time reaches the sum of all waits so far, including this one."""
        self._behind += seconds
        remaining = self._behind - self.now()
        if remaining > 0:
            self.sleep(remaining)
