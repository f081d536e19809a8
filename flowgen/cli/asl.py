"""`flowgen asl`."""

from __future__ import annotations

import click

from flowgen.cli.session import Session, show_json


@click.command(name="asl")
@click.argument("workflow", default=".")
@click.pass_obj
def command(session: Session, workflow: str) -> None:
    """Print the state machine of WORKFLOW in Amazon States Language.

    WORKFLOW is a workflow file, or the directory of a project with a single workflow. Functions are placeholders such
    as ${SendEmailFunction}, the format of CloudFormation's DefinitionSubstitutions.
    """
    from flowgen.pipeline import definition

    show_json(definition(session.load_one(workflow)))
