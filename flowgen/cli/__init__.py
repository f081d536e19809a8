"""The command line: arguments in, text and an exit status out.

In: what the user typed. Out: the result on stdout, everything else on stderr. Exit status 0: success; 1: findings or
stale files; 2: wrong usage or a broken installation; 3: the workflow failed; 70: a bug in flowgen.
Never: logic. Each command has its own module, which is loaded when the command runs, so that `--help` and `--version`
stay fast.

Every Python since 2.7 can parse this file, so that an old version prints a message instead of a SyntaxError.
"""

import gc
import sys

COLLECT_AFTER = 100000
"""How many new objects trigger a garbage collection. Python's 700 is too low: most objects of an import stay alive.

A check of an example leaves 60,000 objects. With 10,000, collections that find nothing took a tenth of its time."""

if sys.version_info < (3, 11):  # noqa: UP036 - see above
    sys.stderr.write(
        "Error: flowgen requires Python 3.11 or newer, and this is Python "
        + sys.version.split()[0]
        + ": create a virtual environment with a newer version, for example `python3.13 -m venv .venv`\n"
    )
    sys.exit(2)


def main():  # type: () -> None  # noqa: ANN201 - Python 2 supports only type comments
    """The console script `flowgen`."""
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
    try:
        from flowgen.cli.entry import run
    except ImportError as error:
        from flowgen.installation import cannot_import

        message = cannot_import(error)
        if message is None:
            raise
        sys.stderr.write("Error: " + message + "\n")
        sys.exit(2)
    except KeyboardInterrupt:  # while modules are loaded
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    run()
