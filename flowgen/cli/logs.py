"""`flowgen logs`."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any, NoReturn

import click

from flowgen.cli.session import Session, paths_argument, show, show_json, usage_error
from flowgen.cli.targets import Target, interrupted, moment_of, reported, target_at, target_options

if TYPE_CHECKING:
    from flowgen.operating import LogLine, Machine


@click.command(name="logs")
@paths_argument
@click.option("--since", metavar="TIME", default="10m", show_default=True, help="Lines since a time: 2h (ago), a date.")
@click.option("--function", metavar="NAME", help="Only the log of this function.")
@click.option("--grep", "containing", metavar="TEXT", help="Only lines that contain this text, such as an order id.")
@click.option("-f", "--follow", is_flag=True, help="Keep printing new lines, until Ctrl-C.")
@target_options
@click.option("--json", "as_json", is_flag=True, help="Print each line as JSON (with --follow, one object per line).")
@click.pass_obj
def command(
    session: Session,
    /,
    paths: tuple[str, ...],
    *,
    since: str,
    function: str | None,
    containing: str | None,
    follow: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Show the logs of deployed state machines and functions, in the order of time.

    PATH is a workflow file or the directory of a project. The default is the project in the current directory.
    """
    if containing is not None and '"' in containing:
        usage_error("--grep: the text must not contain double quotes")
    begin = moment_of(since, "--since")
    aim = target_at(session, paths, asked)
    with reported(aim):
        from flowgen.operating import follow_logs, read_logs

        groups = _groups(aim, aim.machines(), function)
        if follow:
            try:
                for line in follow_logs(aim.cloud, groups, begin, containing):
                    _print_followed(line, as_json=as_json)
            except KeyboardInterrupt:
                interrupted(session, "the workflows continue in AWS")
        lines = read_logs(aim.cloud, groups, begin, containing)
    if as_json:
        show_json([_json(line) for line in lines])
    else:
        for line in lines:
            show(_text(line))
        if not lines:
            session.info(f"no lines since {since}")


def _groups(aim: Target, machines: list[Machine], function: str | None) -> dict[str, tuple[str, str]]:
    """The log groups to read; ends the command if there are none."""
    groups = {
        group: (machine.workflow, source)
        for machine in machines
        for source, group in machine.log_groups.items()
        if function is None or source == function
    }
    if not groups:
        _no_groups(aim, sorted({source for machine in machines for source in machine.log_groups if source}), function)
    return groups


def _no_groups(aim: Target, known: list[str], function: str | None) -> NoReturn:
    from flowgen.diagnostics import did_you_mean

    if function is None:
        usage_error(f"the stack {aim.stack} has no log groups: its workflows have no functions and `logging: false`")
    guess = did_you_mean(function, known)
    hint = (
        f"did you mean `{guess}`?" if guess else f"the functions are {', '.join(known)}" if known else "there are none"
    )
    usage_error(f"--function: `{function}` is not a function with a log; {hint}")


def _print_followed(line: LogLine, *, as_json: bool) -> None:
    show(json.dumps(_json(line), ensure_ascii=False) if as_json else _text(line))


def _text(line: LogLine) -> str:
    source = f"{line.workflow}.{line.source}" if line.source else line.workflow
    return f"{line.at.astimezone(UTC):%H:%M:%S.%f}"[:-3] + f"  {source}  {line.text}"


def _json(line: LogLine) -> dict[str, Any]:
    return {
        "at": line.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "workflow": line.workflow,
        "function": line.source or None,
        "text": line.text,
    }
