"""`flowgen import`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from flowgen.cli.session import FINDINGS, Session, fail, usage_error


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-o", "--output", metavar="DIR", help="Write the workflows to this directory. By default, they are printed."
)
@click.option("--report", metavar="FILE", help="Write a report in Markdown: what was renamed, and what differs.")
@click.option(
    "--verify",
    "runs",
    type=click.IntRange(0, 10_000),
    default=20,
    show_default=True,
    metavar="N",
    help="Run each state machine and its workflow side by side N times, and compare what they do. 0: do not run them.",
)
@click.option("--express", is_flag=True, help="The state machines are express ones.")
@click.pass_obj
def command(
    session: Session, files: tuple[str, ...], output: str | None, report: str | None, runs: int, *, express: bool
) -> None:
    """Write the workflow of each state machine in Amazon States Language (JSON or YAML).

    FILE is a state machine, or a template with state machines: CloudFormation, SAM, the output of the CDK, or
    serverless.yml. The name of the workflow is that of the file, or of the state machine in the template. Existing
    files are never changed. Each state machine runs side by side with its workflow, in virtual time and without calls;
    if they behave differently, the workflow is not written, and both traces are printed.
    """
    from flowgen.cli.programs import read_input, style_for
    from flowgen.diagnostics import Sink
    from flowgen.pipeline.import_sources import ImportSource, import_sources
    from flowgen.pipeline.importing import import_file

    made: dict[Path, str] = {}
    failed = False
    reports: list[str] = []
    sources: list[ImportSource] = []
    for file in files:
        text, sink = read_input(session.directory, file, "the state machine"), Sink()
        sources += import_sources(session.directory, Path(file).as_posix(), text, sink, express=express)
        session.print_diagnostics(sink, {file: text})
        failed |= sink.failed
    for source in sources:
        file, shown, text = source.shown, source.shown, source.text
        imported = import_file(shown, text, source.name, express=source.express, runs=runs)
        session.print_diagnostics(imported.diagnostics, {shown: text})
        if imported.comparison is not None:
            from flowgen.comparing.report import as_text

            style = style_for(terminal=session.errors.isatty())
            session.info(as_text(imported.comparison, (file, f"workflow {imported.name}"), style))
        if imported.text is None:
            failed = True
            continue
        reports.append(imported.report)
        if imported.verified:
            session.info(f"{imported.name}: {imported.verified}")
        if output is None:
            click.echo(imported.text, nl=False)
            continue
        target = session.directory / output / f"{imported.name}.yaml"
        if target in made:
            usage_error(f"two state machines have the name `{imported.name}`; rename one of the files")
        made[target] = imported.text
    if report is not None:
        made[session.directory / report] = "\n".join(reports)
    _write(session, made)
    if failed:
        sys.exit(FINDINGS)


def _write(session: Session, files: dict[Path, str]) -> None:
    for path in files:
        if os.path.lexists(path):
            usage_error(f"'{path}' already exists")
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        except OSError as error:
            fail(f"cannot write '{path}': {error.strerror}")
        session.info(f"create  {path}")
