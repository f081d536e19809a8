"""`flowgen explain`."""

from __future__ import annotations

import click

from flowgen.cli.session import usage_error


@click.command(name="explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain the diagnostic CODE (such as FG201), or list all codes."""
    from flowgen.diagnostics import CODES, did_you_mean
    from flowgen.diagnostics.explain import page

    if code is None:
        click.echo("\n".join(f"{row.code}  {row.name}" for row in CODES.values()))
        return
    text = page(code.upper())
    if text is None:
        guess = did_you_mean(code.upper(), CODES)
        usage_error(f"unknown code '{code}'." + (f" Did you mean '{guess}'?" if guess else ""))
    click.echo(text, nl=False)
