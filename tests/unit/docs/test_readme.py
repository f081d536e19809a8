"""What README.md says of the commands."""

from __future__ import annotations

import importlib
import re

import click
import pytest

from flowgen.cli.entry import COMMANDS, module_name
from tests.unit.docs.pages import ROOT, blocks, table

PAGE = ROOT / "README.md"
ROWS = {row[0].split()[1].rstrip("`"): row for row in table(PAGE, "Commands")}


def test_every_command_is_listed() -> None:
    """The table has the commands of the program, in the order of its help."""
    assert list(ROWS) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_options_of_command(name: str) -> None:
    """The arguments and options that a row names are those that the command takes, without those that all share."""
    command: click.Command = importlib.import_module(module_name(name)).command
    options = {
        option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts
    }
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    written = " ".join(ROWS[name])
    assert set(re.findall(r"(?<!\w)--?[a-z]+", written)) <= options
    assert ROWS[name][0].count("[") == sum(not argument.required for argument in arguments)


def test_set_up_is_two_commands() -> None:
    """One line installs and runs the example, one installs and passes the tests."""
    lines = [block.text for block in blocks(PAGE) if block.text.startswith("python3 -m venv .venv && ")]
    assert [line.count("\n") for line in lines] == [1, 1]
    assert (
        lines[0]
        .rstrip()
        .endswith(
            """.venv/bin/flowgen run examples/remind_user --input '{"name": "Ada", "email": "ada@example.com"}'"""
        )
    )
    assert lines[1].rstrip().endswith(".venv/bin/pip install -e '.[dev]' && .venv/bin/pytest")
