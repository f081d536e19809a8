"""`flowgen equal`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from flowgen.cli.programs import definition_text, read_input, style_for
from flowgen.cli.session import FINDINGS, Session, show, show_json, usage_error


@click.command(name="equal")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option(
    "--runs",
    metavar="N",
    type=click.IntRange(1, 1_000_000),
    default=100,
    show_default=True,
    help="Number of executions of each state machine.",
)
@click.option("--seed", metavar="N", type=int, default=0, show_default=True, help="Seed of all generated data.")
@click.option("--example", "examples", metavar="FILE", multiple=True, help="File of an input (JSON) to start from.")
@click.option(
    "--rename", "renamed", metavar="B=A", multiple=True, help="A placeholder or function of B, and its name in A."
)
@click.option("-p", "--parameter", "parameters", metavar="NAME=VALUE", multiple=True, help="The value of ${NAME}.")
@click.option("--express", is_flag=True, help="Run both as express workflows.")
@click.option(
    "--strict",
    is_flag=True,
    help="Also use values of unexpected types, and compare what follows after A cannot process its data.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def command(session: Session, /, a: str, b: str, *, as_json: bool, **asked: Any) -> None:
    """Check that two state machines behave the same.

    A and B are workflows or files in Amazon States Language, in JSONPath or JSONata. Both run with the same generated
    inputs, results and failures, in virtual time; nothing is called. Compared are the calls with their arguments and
    times, and the status, output, error and cause. A counterexample is made as small as possible and printed with both
    traces; then the exit status is 1.
    """
    from flowgen.comparing import compare
    from flowgen.comparing import report as reports
    from flowgen.running import arguments

    try:
        parameters = arguments.parameters(asked["parameters"])
        names = arguments.renamed(asked["renamed"])
    except arguments.BadArgument as problem:
        usage_error(str(problem))
    found = compare(
        _definition(session, a, parameters, express=asked["express"]),
        _definition(session, b, parameters, express=asked["express"]),
        runs=asked["runs"],
        seed=asked["seed"],
        examples=[_example(session, name) for name in asked["examples"]],
        names=names,
        machine_type="EXPRESS" if asked["express"] else "STANDARD",
        strict=asked["strict"],
    )
    if as_json:
        show_json(reports.as_json(found))
    else:
        show(reports.as_text(found, (a, b), style_for(terminal=sys.stdout.isatty())))
    if not found.equal:
        sys.exit(FINDINGS)


def _definition(session: Session, name: str, parameters: Mapping[str, str], *, express: bool) -> Mapping[str, Any]:
    """The state machine of a workflow or of a file in Amazon States Language; ends the command if it has errors."""
    from flowgen.comparing.placeholders import filled_in
    from flowgen.diagnostics import Diagnostic
    from flowgen.local import compile_machine
    from flowgen.local.failures import InvalidDefinition
    from flowgen.pipeline import definition
    from flowgen.pipeline.definitions import read_definition
    from flowgen.running.program import fill

    file = definition_text(session, name)
    if file is None:
        return fill(definition(session.load_one(name)), parameters, {})
    shown, text = file
    read = read_definition(shown, text, express=express)
    findings = list(read.diagnostics)
    filled = None if read.value is None else fill(read.value, parameters, {})
    if filled is not None:
        try:
            compile_machine(filled_in(filled, {}))
        except InvalidDefinition as error:
            findings.append(Diagnostic("FG410", error.message, read.span(error.pointer), error.pointer))
            filled = None
    if findings and (filled is None or not session.quiet):
        session.print_diagnostics(findings, {shown: text})
    if filled is None:
        sys.exit(FINDINGS)
    return filled


def _example(session: Session, name: str) -> Any:
    """The input in a file."""
    from flowgen.asl.json_text import parse_data

    try:
        return parse_data(read_input(session.directory, name, "the example"))
    except (ValueError, RecursionError) as error:
        usage_error(f"{name}: this is not valid JSON: {error}")
