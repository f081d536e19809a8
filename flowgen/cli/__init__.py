"""The command line: arguments in, text and an exit status out.

In: what the user typed. Out: the result on stdout, everything else on stderr; exit 0 well, 1 findings or stale files,
2 wrong usage or a broken installation, 3 the workflow failed, 70 a bug in flowgen.
Never: logic of its own. One file a command, loaded when it is called, so that `--help` and `--version` stay light.

Every Python since 2.7 can parse this file, so that an old one gets a message in place of a SyntaxError.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - see above
    sys.stderr.write(
        "Error: flowgen needs Python 3.11 or newer, and this is Python "
        + sys.version.split()[0]
        + ": make a virtual environment with a newer one, such as `python3.13 -m venv .venv`\n"
    )
    sys.exit(2)


def main():  # type: () -> None  # noqa: ANN201 - Python 2 has no other annotations
    """The console script `flowgen`."""
    try:
        from flowgen.cli.entry import run
    except ImportError as error:
        from flowgen.installation import cannot_import

        message = cannot_import(error)
        if message is None:
            raise
        sys.stderr.write("Error: " + message + "\n")
        sys.exit(2)
    run()
