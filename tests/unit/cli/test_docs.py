"""`flowgen docs`: pages about workflows."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen
from tests.unit.docs.pages import ROOT

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/pyproject.toml"))
HOSTILE = """\
flowgen: 1
name: pay
description: "a | b <script>alert(1)</script> *c* `d` -->"
functions:
  charge:
    description: "[x](javascript:alert(1)) | y"
    input: {fields: {amount: {type: integer, minimum: 1, description: "In cents | <b>"}}}
    errors: [CardDeclined, Busy]
steps:
  - id: outer
    steps:
      - id: charged
        call: charge
        with: {amount: 5}
        catch: [{errors: [CardDeclined], steps: [{id: refused, fail: {error: Refused, cause: "no"}}]}]
    catch: [{errors: [any], steps: [{id: late, set: 1}]}]
"""


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), "docs", *arguments])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "workflows").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    (tmp_path / "workflows" / "pay.yaml").write_text(HOSTILE)
    return tmp_path


def test_errors_name_who_raises_and_who_handles_them(project: Path) -> None:
    lines = run(project).output.splitlines()
    start = lines.index("## Errors") + 4
    assert lines[start : start + 3] == [
        "| `Busy` | `charged` | the catch of outer |",
        "| `CardDeclined` | `charged` | the catch of charged |",
        "| `Refused` | `refused` | the catch of outer |",
    ]


def test_steps_are_indented_below_their_owner(project: Path) -> None:
    output = run(project).output
    assert "| `outer` | `steps` |" in output
    assert "| \N{EM SPACE}`charged` | `call charge` |" in output
    assert "| \N{EM SPACE}\N{EM SPACE}`refused` | `fail Refused` |" in output


def test_text_of_a_workflow_is_not_markup(project: Path) -> None:
    markdown = run(project).output
    assert "a \\| b \\<script\\>alert(1)\\</script\\> \\*c\\* \\`d\\` --\\>" in markdown
    assert "\\[x\\](javascript:alert(1)) \\| y" in markdown
    page = run(project, "--format", "html").output

    class Parser(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.tags: set[str] = set()

        def handle_starttag(self, tag: str, _attrs: object) -> None:
            self.tags.add(tag)

    parser = Parser()
    parser.feed(page)
    assert "table" in parser.tags
    assert not {"script", "b", "a"} & parser.tags


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_files_are_written_once_and_edits_are_kept(project: Path, form: str) -> None:
    suffix = "md" if form == "markdown" else "html"
    page = project / "pages" / f"pay.{suffix}"
    arguments = ("-o", "pages", "--format", form)
    assert run(project, *arguments, "--check").exit_code == 1
    assert not page.exists()
    assert f"create  pages/pay.{suffix}" in run(project, *arguments).output
    assert run(project, *arguments).output == "the pages are up to date\n"
    assert run(project, *arguments, "--check").exit_code == 0
    page.write_text(page.read_text().replace("pay", "edited"))
    refused = run(project, *arguments)
    assert refused.exit_code == 1
    assert "[FG602]" in refused.output
    assert "edited" in page.read_text()
    assert run(project, *arguments, "--overwrite").exit_code == 0
    assert "edited" not in page.read_text()


def test_a_file_of_the_user_is_not_overwritten(project: Path) -> None:
    (project / "pay.md").write_text("mine")
    for arguments in ((), ("--overwrite",)):
        result = run(project, "-o", ".", *arguments)
        assert result.exit_code == 1
        assert (project / "pay.md").read_text() == "mine"


def test_several_workflows_need_a_directory(project: Path) -> None:
    (project / "workflows" / "other.yaml").write_text(HOSTILE.replace("name: pay", "name: other"))
    result = run(project)
    assert result.exit_code == 2
    assert "name one of them or use -o DIR: workflows/other.yaml, workflows/pay.yaml" in result.output
    assert run(project, "workflows/other.yaml").output.startswith("# other\n")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_pages_of_examples_are_current(example: Path) -> None:
    result = run(example, "-o", "docs", "--check")
    assert result.exit_code == 0, result.output
    linked = (example / "README.md").read_text("utf-8")
    assert all(f"(docs/{page.name})" in linked for page in sorted((example / "docs").glob("*.md")))
