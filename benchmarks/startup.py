"""`flowgen --help` compared with an empty Python program: the startup cost of a command.

`python -m benchmarks.startup`, from the project's folder.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.timing import Command, interleaved, table

FLOWGEN = Path(sys.executable).with_name("flowgen")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    folder = Path.cwd()
    commands = {
        "python -c pass": Command([sys.executable, "-c", "pass"], folder),
        'python -c "import click"': Command([sys.executable, "-c", "import click"], folder),
        "flowgen --version": Command([FLOWGEN, "--version"], folder),
        "flowgen --help": Command([FLOWGEN, "--help"], folder),
    }
    print(table(interleaved(commands, runs)))


if __name__ == "__main__":
    main()
