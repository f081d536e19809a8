"""`flowgen schema`: the JSON Schema that ships, printed or written."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen

SHIPPED = (Path(__file__).parents[3] / "schemas" / "workflow.schema.json").read_text("utf-8")


def schema(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), "schema", *arguments], catch_exceptions=False)


def test_it_is_printed(tmp_path: Path) -> None:
    """On stdout, as it ships, and nothing else."""
    result = schema(tmp_path)
    assert (result.exit_code, result.stdout, result.stderr) == (0, SHIPPED, "")


def test_it_is_written_to_a_file(tmp_path: Path) -> None:
    """The folder is made if need be, and what was there before is replaced."""
    for _ in range(2):
        result = schema(tmp_path, "-o", "schemas/workflow.schema.json")
        assert (result.exit_code, result.stdout) == (0, "")
        assert (tmp_path / "schemas" / "workflow.schema.json").read_text("utf-8") == SHIPPED


def test_a_place_that_can_not_be_written_is_reported(tmp_path: Path) -> None:
    """A file where the folder should be is not a bug, and nothing about how the command is used."""
    (tmp_path / "schemas").write_text("a file")
    result = schema(tmp_path, "-o", "schemas/workflow.schema.json")
    assert result.exit_code == 74
    assert result.stderr.startswith("Error: cannot write 'schemas/workflow.schema.json': ")
