"""`flowgen answer`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from flowgen.cli.session import Session, show_json, usage_error
from flowgen.cli.targets import read_value, reported, target, target_options, workflow_option

if TYPE_CHECKING:
    from flowgen.model import TypeUse, Workflow
    from flowgen.pipeline import Build
    from flowgen.running.declared_types import Declared


@click.command(name="answer")
@click.argument("token")
@click.option("-i", "--input", "given", metavar="JSON|@FILE", help="The answer: JSON or a file.")
@click.option("--error", metavar="NAME", help="Make the step fail with this error instead.")
@click.option("--cause", metavar="TEXT", default="", help="With --error: the cause.")
@click.option("--heartbeat", is_flag=True, help="Only report that work continues.")
@click.option("--step", metavar="NAME", help="The step that waits, if the project has several with a callback.")
@workflow_option
@target_options
@click.option("--json", "as_json", is_flag=True, help="Print what was sent as JSON.")
@click.pass_obj
def command(
    session: Session,
    /,
    token: str,
    path: str,
    *,
    given: str | None,
    error: str | None,
    cause: str,
    heartbeat: bool,
    step: str | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Answer a step that waits for its task token.

    TOKEN is the task token, or `-` to read it from standard input, which keeps it out of the shell's history. The
    answer is checked against the type of the step's `callback` first.
    """
    if (given is not None) + (error is not None) + heartbeat != 1:
        usage_error("use one of --input JSON, --error NAME and --heartbeat")
    if cause and error is None:
        usage_error("--cause needs --error NAME")
    if given == "-":
        usage_error("--input - is not possible here: write the answer as JSON, or as @FILE")
    from flowgen.operating import Answer

    checked = _token(token)
    report = session.load((path,))
    answer = Answer(error=error, cause=cause, heartbeat=heartbeat)
    if given is not None:
        value = read_value(session, given, "the answer")
        name, expected = _expected(report.loaded, step)
        unfit = None if expected is None else expected.unfit(value)
        if unfit is not None and expected is not None:
            usage_error(f"the answer to `{name}` does not have {expected.name}: {unfit}")
        answer = Answer(value)
    aim = target(session, report, asked)
    with reported(aim):
        from flowgen.operating import send_answer

        send_answer(aim.cloud, checked, answer)
    session.info("sent the heartbeat" if heartbeat else "sent the error" if error is not None else "sent the answer")
    if as_json:
        sent: dict[str, Any] = {"error": error, "cause": cause} if error is not None else {"output": answer.output}
        show_json({"heartbeat": True} if heartbeat else sent)


def _token(text: str) -> str:
    from flowgen.operating import NotValid, check_token

    if text == "-":
        if sys.stdin is None:
            usage_error("cannot read the task token: standard input is closed")
        text = sys.stdin.readline(10_000)
    try:
        return check_token(text)
    except NotValid as problem:
        usage_error(str(problem))


def _expected(builds: tuple[Build, ...], step: str | None) -> tuple[str, Declared | None]:
    """The step that waits, and the type of its answer (None for any value); ends the command if it is not clear."""
    from flowgen.diagnostics import did_you_mean
    from flowgen.model.python_names import callbacks
    from flowgen.running.declared_types import declared

    waiting: dict[str, tuple[TypeUse, Workflow]] = {}
    for build in builds:
        for waiting_step in callbacks(build.workflow):
            if waiting_step.name == step and step in waiting:
                usage_error(f"several workflows have a step `{step}`; choose one of them with --workflow FILE")
            waiting[waiting_step.name] = (waiting_step.answer, build.workflow)
    if not waiting:
        usage_error("these workflows have no step with a `callback`; select others with --workflow PATH")
    names = ", ".join(f"`{name}`" for name in waiting)
    if step is None and len(waiting) > 1:
        usage_error(f"several steps wait for an answer; choose one of them with --step NAME: {names}")
    name = next(iter(waiting)) if step is None else step
    if name not in waiting:
        guess = did_you_mean(name, waiting)
        hint = f"did you mean `{guess}`?" if guess else f"the steps with a callback are {names}"
        usage_error(f"--step: `{name}` is not a step with a `callback`; {hint}")
    use, owner = waiting[name]
    return name, declared(use, owner) if use.schema else None
