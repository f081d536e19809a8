"""The settings of a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flowgen.running import Options, Program
from flowgen.serving.mock_config import MockConfig


@dataclass(frozen=True, slots=True)
class Settings:
    """`now` returns the time, `clock` real seconds. `options_for` returns the options of a program's tasks.

    `keep` is how many finished executions the service remembers, `workers` how many handlers run at the same time.
    With `real_time`, virtual time passes `time_scale` times as fast as real time.
    """

    now: Callable[[], datetime]
    clock: Callable[[], float]
    options_for: Callable[[Program], Options] = lambda _program: Options()
    mock_config: MockConfig = field(default_factory=MockConfig)
    account: str = "123456789012"
    region: str = "us-east-1"
    real_time: bool = False
    time_scale: float = 1.0
    keep: int = 10_000
    workers: int = 16
    seed: int = 0
