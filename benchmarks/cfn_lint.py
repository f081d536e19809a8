"""`flowgen check` compared with cfn-lint on the template of the same workflow, in processor time.

`python -m benchmarks.cfn_lint`, from the project's folder. It fails if the check takes more than a quarter.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLE = Path("examples/place_order")
BIN = Path(sys.executable).parent
ALLOWED = 0.25


def seconds(command: list[str | Path]) -> float:
    """The processor time of a process, user and system. Raises CalledProcessError if it fails."""
    # cfn-lint is installed with its bytecode. Without this, a checkout would be compiled in each run.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Runs both in turns, after one run that is not counted, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder, "template.yaml")
        flowgen: list[str | Path] = [BIN / "flowgen", "-C", EXAMPLE]
        subprocess.run([*flowgen, "template", "-o", template], check=True)
        commands: dict[str, list[str | Path]] = {
            "cfn-lint": [BIN / "cfn-lint", template],
            "flowgen check": [*flowgen, "check"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(runs + 1):
            for name, command in commands.items():
                measured = seconds(command)
                if number:
                    times[name].append(measured)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    print("| command | min | median | ratio |\n| --- | ---: | ---: | ---: |")
    for name, taken in times.items():
        ratio = medians[name] / medians["cfn-lint"]
        print(f"| {name} | {1000 * min(taken):.0f} ms | {1000 * medians[name]:.0f} ms | {ratio:.2f} |")
    sys.exit(0 if medians["flowgen check"] <= ALLOWED * medians["cfn-lint"] else 1)


if __name__ == "__main__":
    main()
