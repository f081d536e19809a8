"""The command `flowgen`: its options, and the modules of its subcommands."""

from __future__ import annotations

import atexit
import contextlib
import errno
import gc
import importlib
import io
import os
import sys
import threading
from collections.abc import Mapping
from keyword import iskeyword
from pathlib import Path
from typing import NoReturn

import click

from flowgen import __version__
from flowgen.cli.session import INTERRUPTED, REFUSED_BY_SYSTEM, USAGE, Session

BUG = 70
"""EX_SOFTWARE of sysexits.h."""

PIPE_CLOSED = 141
"""128 plus the number of SIGPIPE, as in shells."""

COMMANDS: Mapping[str, str] = {
    "new": "Create a project that is ready to run and test.",
    "add": "Add a workflow or a function to a project.",
    "import": "Write the workflows of state machines.",
    "check": "Check workflows for errors.",
    "diff": "Show what changed in workflows since a git revision.",
    "docs": "Write a page about each workflow.",
    "generate": "Generate models, contracts, entry points and missing stubs.",
    "template": "Print the CloudFormation template of workflows.",
    "package": "Build the zips of the functions, and a template that uses them.",
    "deploy": "Deploy workflows to AWS.",
    "sync": "Update code and workflows in a development environment.",
    "start": "Start a deployed workflow.",
    "list": "List executions in AWS.",
    "show": "Show the trace of an execution in AWS.",
    "logs": "Show the logs of state machines and functions.",
    "stop": "Stop an execution in AWS.",
    "redrive": "Continue failed executions from the step that failed.",
    "answer": "Answer a step that waits for its task token.",
    "destroy": "Delete the stack of a project.",
    "asl": "Print the state machine of a workflow.",
    "diagram": "Draw a workflow as an image.",
    "run": "Run a workflow locally, skipping waits.",
    "serve": "Serve the Step Functions API on this machine.",
    "equal": "Check that two state machines behave the same.",
    "replay": "Replay a recorded execution and show what changed.",
    "explain": "Explain the code of a diagnostic.",
    "schema": "Print the JSON Schema of workflow files, for editors.",
}


_MEANT: Mapping[str, str] = {
    **dict.fromkeys(("init", "create"), "new"),
    **dict.fromkeys(("validate", "lint", "test", "typecheck", "verify"), "check"),
    **dict.fromkeys(("doc", "document", "documentation"), "docs"),
    **dict.fromkeys(("changes", "compare"), "diff"),
    **dict.fromkeys(("build", "compile", "codegen", "gen"), "generate"),
    **dict.fromkeys(("synth", "synthesize", "cfn", "cloudformation", "print"), "template"),
    **dict.fromkeys(("up", "apply", "publish", "ship"), "deploy"),
    **dict.fromkeys(("bundle", "zip"), "package"),
    **dict.fromkeys(("invoke", "local", "exec", "execute"), "run"),
    **dict.fromkeys(("ls", "executions", "ps", "status"), "list"),
    **dict.fromkeys(("trace", "describe", "history", "get"), "show"),
    **dict.fromkeys(("log", "tail"), "logs"),
    **dict.fromkeys(("abort", "cancel", "kill"), "stop"),
    **dict.fromkeys(("retry", "resume", "rerun"), "redrive"),
    **dict.fromkeys(("callback", "approve", "respond"), "answer"),
    **dict.fromkeys(("delete", "remove", "rm", "down", "teardown", "undeploy"), "destroy"),
}
"""The commands for names that other tools use."""


def module_name(command: str) -> str:
    """The module of a command; `import` is a keyword of Python, so its module has an underscore.

    >>> module_name("import")
    'flowgen.cli.import_'
    """
    return f"flowgen.cli.{command}{'_' if iskeyword(command) else ''}"


class _Commands(click.Group):
    """Loads the module of a command when the command runs; listing the commands loads none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(module_name(cmd_name)).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            from flowgen.diagnostics import did_you_mean

            name = args[0] if args[0] in _MEANT else did_you_mean(args[0], (*COMMANDS, *_MEANT))
            guess = None if name is None else _MEANT.get(name, name)
            ctx.fail(f"unknown command '{args[0]}'." + (f" Did you mean '{guess}'?" if guess else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted:
        click.echo(f"flowgen {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.option(
    "-C",
    "directory",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Run as if started in DIR.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only results and errors.")
@click.pass_context
def flowgen(ctx: click.Context, directory: Path, *, quiet: bool) -> None:
    """Typed, tested and deployable AWS Step Functions workflows from one YAML file."""
    ctx.obj = Session(directory, quiet=quiet)


def run() -> None:
    """Runs the command line; an exception is a bug in flowgen, and reported as one."""
    _open_closed_streams()
    _write_all_characters()
    threads = set(threading.enumerate())
    try:
        status = _status()
    finally:
        # Skip the last garbage collection, a fifth of a check: the operating system frees all memory anyway.
        gc.freeze()
    if not threads.issuperset(threading.enumerate()):
        _leave(status)
    sys.exit(status)


def _leave(status: int) -> NoReturn:
    """Ends the process now: Python would wait for threads that handlers left behind, or stop while they print."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    atexit._run_exitfuncs()  # noqa: SLF001 - what `os._exit` leaves out; there is no other name for it
    os._exit(status)


def _status() -> int:
    """The exit status, after all buffered output is written."""
    try:
        status = _called()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        return _refused_by_system(error)
    return status


def _called() -> int:
    try:
        # In `standalone_mode`, click would report an interruption as an abort with status 1.
        result = flowgen(prog_name="flowgen", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except ImportError as error:
        return _cannot_import(error)
    except OSError:
        raise
    except RuntimeError as error:
        if isinstance(error.__context__, OSError) and error.__context__.errno == errno.ELOOP:
            raise error.__context__ from None  # `Path.resolve` hides it in Python before 3.13
        return _bug(error)
    except Exception as error:  # noqa: BLE001 - reports any bug as one
        return _bug(error)
    return result if isinstance(result, int) else 0


def _refused_by_system(error: OSError) -> int:
    """One line for a failure of the disk, a pipe or the terminal, which is neither a bug nor wrong usage."""
    # Otherwise Python would try to write the rest at exit, and print a traceback.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if error.errno == errno.EPIPE:  # the reader has closed the pipe, as `head` does
        return PIPE_CLOSED
    what = "the output" if error.filename is None else f"`{error.filename}`"
    why = "it is closed" if isinstance(error, io.UnsupportedOperation) else error.strerror or error
    with contextlib.suppress(OSError):
        click.echo(f"Error: cannot read or write {what}: {why}", err=True)
    return REFUSED_BY_SYSTEM


def _open_closed_streams() -> None:
    """If the shell closed stdout or stderr (`>&-`), writing to it fails as in other programs."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            stream = io.TextIOWrapper(io.FileIO(os.open(os.devnull, os.O_RDONLY), "r"), "utf-8")
            setattr(sys, name, stream)


def _write_all_characters() -> None:
    """Files and pipes receive UTF-8 and line feeds, also on Windows; terminals show escapes if necessary."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="backslashreplace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


# See docs/explanation/decisions-stack-and-runner.md#heavy-packages-are-loaded-on-demand
def _cannot_import(error: ImportError) -> int:
    from flowgen.installation import cannot_import

    message = cannot_import(error)
    if message is None:
        return _bug(error)
    click.echo(f"Error: {message}", err=True)
    return USAGE


def _bug(error: Exception) -> int:
    import traceback

    from flowgen.diagnostics.passwords import without_passwords
    from flowgen.diagnostics.render.display import harmless

    where = "".join(traceback.format_exception(error)).rstrip()
    text = (
        f"{where}\n\nerror[FG901]: this is a bug in flowgen, not in your files: {type(error).__name__}: {error}\n"
        "  = help: please report it with the lines above and, if possible, the workflow"
    )
    click.echo(harmless(without_passwords(text)), err=True)
    return BUG
