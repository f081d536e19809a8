"""`flowgen run`."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowgen.cli.session import FAILED, FINDINGS, Session, coloured, refuse

if TYPE_CHECKING:
    from flowgen.local import Execution

_ROLES = {"time": "bright_black", "name": "bold", "ok": "green", "failed": "red", "note": "bright_black"}


@click.command(name="run")
@click.argument("workflow", default=".")
@click.option("-i", "--input", "given", metavar="JSON|@FILE|-", default="{}", help="The input: JSON, a file, or stdin.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON instead of the trace.")
@click.pass_obj
def command(session: Session, workflow: str, given: str, *, as_json: bool) -> None:
    """Run WORKFLOW here, with the project's own handlers; time is skipped.

    WORKFLOW is a workflow file, or a project's folder that has only one. Exits with 3 when the workflow failed.
    """
    from flowgen.pipeline import run_workflow

    loaded = session.load_one(workflow)
    value = _input(given, session.directory)
    # What handlers print is no result of ours.
    with contextlib.redirect_stdout(sys.stderr):
        execution = run_workflow(loaded, value)
    if isinstance(execution, tuple):
        session.tell(execution, {})
        sys.exit(FINDINGS)
    if as_json:
        click.echo(json.dumps(_as_json(execution), indent=2, ensure_ascii=False))
    else:
        from flowgen.local import render_trace

        style = _style if coloured(sys.stdout.isatty()) else None
        click.echo(render_trace(execution, style=style))
    if execution.status != "SUCCEEDED":
        sys.exit(FAILED)


def _input(given: str, base: Path) -> Any:
    if given == "-":
        text = sys.stdin.read()
    elif given.startswith("@"):
        try:
            text = (base / given[1:]).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            refuse(f"the input file can't be read: {error}")
    else:
        text = given
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        refuse(f"the input is not JSON: {error}")


def _as_json(execution: Execution) -> dict[str, Any]:
    fields = {
        "status": execution.status,
        "output": execution.output,
        "error": execution.error,
        "cause": execution.cause,
        "elapsed": execution.elapsed,
        "history": execution.history,
    }
    gone = ("error", "cause") if execution.status == "SUCCEEDED" else ("output",)
    return {name: value for name, value in fields.items() if name not in gone}


def _style(text: str, role: str) -> str:
    colour = _ROLES.get(role, "")
    return click.style(text, bold=True) if colour == "bold" else click.style(text, fg=colour or None)
