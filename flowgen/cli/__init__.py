"""The command line: arguments in, text and an exit status out.

In: what the user typed. Out: the result on stdout, everything else on stderr; exit 0 well, 1 findings or stale files,
2 wrong usage, 3 the workflow failed, 70 a bug in flowgen.
Never: logic of its own. One file a command, loaded when it is called, so that `--help` and `--version` stay light.
"""

from __future__ import annotations


def main() -> None:
    """The console script `flowgen`."""
    from flowgen.cli.entry import run

    run()
