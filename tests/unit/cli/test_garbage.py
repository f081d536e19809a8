"""What the command line asks of Python's garbage collector."""

from __future__ import annotations

import subprocess
import sys

from flowgen.cli import COLLECT_AFTER

SCRIPT = """
import atexit, gc
from flowgen.cli import main
atexit.register(lambda: print(gc.isenabled(), gc.get_threshold()[0], gc.get_freeze_count() > 0))
main()
"""


def test_a_command_looks_for_garbage_seldom_and_not_at_its_end() -> None:
    """It stays on, so that memory is bounded; the garbage at the end is not collected."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "explain", "FG201"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == f"True {COLLECT_AFTER} True"
