"""The command line: what goes where, and with what status it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flowgen import __version__
from flowgen.cli import entry
from flowgen.diagnostics import CODES

GOOD = "flowgen: 1\nname: good\nsteps:\n  - {id: one, set: 1}\n"
WARNED = "flowgen: 1\nname: warned\ntypes: {Unused: string}\nsteps: []\n"
BAD = "flowgen: 1\nname: bad\nsteps:\n  - {id: one, cal: x}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "workflows").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    for name, text in {"good": GOOD, "warned": WARNED, "bad": BAD}.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "workflows" / "good.yaml").write_text(GOOD)
    return tmp_path


def flowgen(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(entry.flowgen, ["-C", str(folder), *arguments], catch_exceptions=False)


def test_check_of_a_good_workflow(folder: Path) -> None:
    """Nothing on stdout, a word on stderr, status 0."""
    result = flowgen(folder, "check", "good.yaml")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "1 workflow checked, no problems found\n")


def test_check_of_the_project(folder: Path) -> None:
    """Without a path: the workflows of the folder's project."""
    (folder / "workflows" / "other.yml").write_text(GOOD.replace("good", "other"))
    assert flowgen(folder, "check").stderr == "2 workflows checked, no problems found\n"


def test_warnings_alone_end_well(folder: Path) -> None:
    """They are reported, and the status is 0."""
    result = flowgen(folder, "check", "warned.yaml")
    assert result.exit_code == 0
    assert result.stdout.startswith("warning[FG209]: the type `Unused` is not used\n --> warned.yaml:3:9\n")


FIXABLE = "1 finding can be fixed automatically: add --fix, or --diff for a preview\n"


def test_errors_end_with_one(folder: Path) -> None:
    """The findings are the result, so they are on stdout."""
    result = flowgen(folder, "check", "bad.yaml", "good.yaml")
    assert (result.exit_code, result.stderr) == (1, FIXABLE)
    assert result.stdout.startswith("error[FG104]: `cal` is not a kind of step\n --> bad.yaml:4:15\n")
    assert result.stdout.endswith("\n1 error\n")


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github"])
def test_formats(folder: Path, form: str) -> None:
    """Each says the same, and ends with a newline."""
    result = flowgen(folder, "check", "--format", form, "bad.yaml")
    assert (result.exit_code, result.stderr) == (1, FIXABLE if form == "text" else "")
    assert "FG104" in result.stdout
    assert result.stdout.endswith("\n")
    if form in ("json", "sarif"):
        assert isinstance(json.loads(result.stdout), dict)


def test_quiet(folder: Path) -> None:
    """No news on stderr; results and errors as ever."""
    assert flowgen(folder, "--quiet", "check", "good.yaml").output == ""
    assert flowgen(folder, "-q", "check", "bad.yaml").exit_code == 1
    assert flowgen(folder, "asl", "warned.yaml").stderr.startswith("warning[FG209]")
    result = flowgen(folder, "-q", "asl", "warned.yaml")
    assert (result.stderr, json.loads(result.stdout)["StartAt"]) == ("", "warned__end")


def test_asl(folder: Path) -> None:
    """The state machine, and nothing else on stdout."""
    result = flowgen(folder, "asl", "good.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {
        "QueryLanguage": "JSONata",
        "StartAt": "one",
        "States": {"one": {"Type": "Pass", "Output": "{% 1 %}", "End": True}},
    }


def test_asl_of_a_project_with_one_workflow(folder: Path) -> None:
    """The folder names it."""
    assert json.loads(flowgen(folder, "asl").stdout)["StartAt"] == "one"


def test_asl_of_a_workflow_with_errors(folder: Path) -> None:
    """Findings on stderr, nothing on stdout, status 1."""
    result = flowgen(folder, "asl", "bad.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[FG104]" in result.stderr


def test_several_workflows_where_one_is_expected(folder: Path) -> None:
    """Wrong usage, with their names."""
    (folder / "workflows" / "other.yaml").write_text(GOOD.replace("good", "other"))
    result = flowgen(folder, "asl", ".")
    assert result.exit_code == 2
    assert "'.' has several workflows; choose one of them: workflows/good.yaml, workflows/other.yaml" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chek"], "unknown command 'chek'. Did you mean 'check'?"),
        (["zzzzzz"], "unknown command 'zzzzzz'."),
        (["check", "--format", "xml"], "'xml' is not one of"),
        (["check", "--nope"], "No such option"),
        (["-C", "nowhere", "check"], "'nowhere' does not exist"),
        (["explain", "FG110x"], "unknown code 'FG110x'. Did you mean 'FG110'?"),
        (["explain", "../table"], "unknown code '../table'."),
    ],
)
def test_wrong_usage_ends_with_two(folder: Path, arguments: list[str], message: str) -> None:
    """On stderr, with what is wrong."""
    result = flowgen(folder, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_file_that_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named as the user knows it, from the project's root, and nothing is said of how the command is used."""

    def refused(path: Path, _: Path) -> None:  # hard links, and then renaming
        raise PermissionError(13, "Permission denied", str(path))

    text = "flowgen: 1\nname: good\nfunctions: {work: {}}\nsteps:\n  - {id: one, call: work, with: 1}\n"
    (folder / "workflows" / "good.yaml").write_text(text)
    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(Path, "replace", refused)
    result = flowgen(folder, "generate")
    assert result.exit_code == 74
    assert result.stderr == "Error: cannot write src/good/__init__.py: Permission denied\n"


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("nowhere.yaml", "FG005", "`nowhere.yaml` does not exist"),
        ("empty", "FG121", "no workflow found in `empty`"),
    ],
)
def test_paths_that_do_not_exist(folder: Path, path: str, code: str, message: str) -> None:
    """Findings without a place."""
    (folder / "empty").mkdir()
    result = flowgen(folder, "check", path)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"error[{code}]: {message}\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "`odd.yaml` is not valid UTF-8: invalid byte at offset 0"),
        (b"flowgen: 1\nname: \xe4\n", "`odd.yaml` is not valid UTF-8: invalid byte at offset 17"),
        ("flowgen: 1".encode("utf-16"), "`odd.yaml` is not valid UTF-8: invalid byte at offset 0"),
        (b" " * 16_000_001, "cannot read `odd.yaml`: it is larger than 16,000,000 bytes"),
    ],
    ids=range(4),
)
def test_files_that_cannot_be_read(folder: Path, content: bytes, message: str) -> None:
    """FG005, and the next file is read."""
    (folder / "odd.yaml").write_bytes(content)
    result = flowgen(folder, "check", "--format", "concise", "odd.yaml", "bad.yaml")
    assert result.exit_code == 1
    assert f"[FG005] {message}" in result.stdout
    assert "[FG104]" in result.stdout


def test_a_byte_order_mark_and_carriage_returns(folder: Path) -> None:
    """Places are those that an editor shows."""
    (folder / "odd.yaml").write_bytes(
        b"\xef\xbb\xbf" + BAD.replace("\n", "\r\n").replace("flowgen", "flowgan", 1).encode()
    )
    told = flowgen(folder, "check", "--format", "concise", "odd.yaml").stdout.splitlines()
    assert [line.partition(": ")[0] for line in told[:3]] == ["odd.yaml:1:1", "odd.yaml:1:1", "odd.yaml:4:15"]


def test_one_file_named_twice_is_checked_once(folder: Path) -> None:
    """By two ways of writing its path."""
    assert flowgen(folder, "check", "good.yaml", "./good.yaml").stderr == "1 workflow checked, no problems found\n"


def test_two_workflows_of_one_name(folder: Path) -> None:
    """FG205 points at both."""
    (folder / "workflows" / "twin.yaml").write_text(GOOD)
    result = flowgen(folder, "check")
    assert result.exit_code == 1
    assert "error[FG205]: two workflows have the name `good`" in result.stdout
    assert "workflows/good.yaml:2:7" in result.stdout


def test_explain() -> None:
    """A page for a code in any case, a list of all without."""
    runner = CliRunner()
    assert runner.invoke(entry.flowgen, ["explain", "fg201"]).stdout.startswith("# FG201: unknown function\n")
    listed = runner.invoke(entry.flowgen, ["explain"]).stdout.splitlines()
    assert listed == [f"{row.code}  {row.name}" for row in CODES.values()]


def test_help_names_all_commands() -> None:
    """In the order in which they are used, one per line."""
    text = CliRunner().invoke(entry.flowgen, ["--help"]).stdout
    assert [name for name in entry.COMMANDS if f"  {name}  " not in text] == []


def test_version() -> None:
    """The package's."""
    assert CliRunner().invoke(entry.flowgen, ["--version"]).stdout == f"flowgen {__version__}\n"


def test_ignored_findings(folder: Path) -> None:
    """A comment silences a warning, and what can't be silenced is reported in spite of one."""
    (folder / "warned.yaml").write_text(WARNED.replace("string}", "string}  # flowgen: ignore[FG209]"))
    assert flowgen(folder, "check", "warned.yaml").output == "1 workflow checked, no problems found\n"
    (folder / "bad.yaml").write_text("flowgen: 1\nname: bad\nsteps: [{id: a, call: f}]  # flowgen: ignore[FG201]\n")
    result = flowgen(folder, "check", "bad.yaml")
    assert (result.exit_code, "error[FG201]" in result.stdout) == (1, True)
    assert flowgen(folder, "asl", "bad.yaml").exit_code == 1


def test_what_is_silenced_is_compiled(folder: Path) -> None:
    """An error that a machine can be made in spite of is the author's affair."""
    text = "flowgen: 1\nname: mine\nsteps:\n  - {id: a, set: '${ $nope }'}  # flowgen: ignore[FG203] put there by AWS\n"
    (folder / "mine.yaml").write_text(text)
    assert json.loads(flowgen(folder, "asl", "mine.yaml").stdout)["States"]["a"]["Output"] == "{% $nope %}"


# --- the process itself ---


def process(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flowgen", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_characters_that_the_locale_lacks(folder: Path, encoding: str) -> None:
    """What goes to a pipe or file is UTF-8, so that no finding and no result is lost."""
    (folder / "odd.yaml").write_text(
        "flowgen: 1\nname: odd\ndescription: é…\U0001f600\nsteps: [{id: a, cal: …}]\n", "utf-8"
    )
    done = process(folder, "check", "odd.yaml", PYTHONIOENCODING=encoding)
    assert (done.returncode, "{id: a, cal: …}" in done.stdout) == (1, True)
    (folder / "odd.yaml").write_text("flowgen: 1\nname: odd\ndescription: é…\U0001f600\nsteps: []\n", "utf-8")
    done = process(folder, "asl", "odd.yaml", PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout)["Comment"] == "é…\U0001f600"


def test_a_bug_is_reported_as_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 70, with the traceback and what to do; an exception never comes out."""

    def broken(**_: object) -> None:
        raise LookupError("lost")

    monkeypatch.setattr(entry, "flowgen", broken)
    with pytest.raises(SystemExit) as stop:
        entry.run()
    told = capsys.readouterr()
    assert (stop.value.code, told.out) == (70, "")
    assert told.err.startswith("Traceback (most recent call last):\n")
    assert "error[FG901]: this is a bug in flowgen, not in your files: LookupError: lost\n" in told.err


@pytest.mark.parametrize(
    ("terminal", "variable", "expected"),
    [(True, None, True), (True, "", True), (True, "1", False), (False, None, False)],
)
def test_colors(
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,  # noqa: FBT001 - a parameter of a test
    variable: str | None,
    expected: bool,  # noqa: FBT001 - a parameter of a test
) -> None:
    """On a terminal, unless `NO_COLOR` says something (https://no-color.org)."""
    from flowgen.cli.session import colored

    monkeypatch.delenv("NO_COLOR", raising=False)
    if variable is not None:
        monkeypatch.setenv("NO_COLOR", variable)
    assert colored(terminal) is expected


def test_generate_keeps_what_was_written_by_hand(folder: Path) -> None:
    """An edited file is rejected with all others, until it may be overwritten."""
    assert flowgen(folder, "generate").exit_code == 0
    edited = folder / "src" / "good" / "generated" / "models.py"
    text = edited.read_text()
    edited.write_text(text + "x = 1\n")
    stale = edited.with_name("__init__.py")
    stale.unlink()
    result = flowgen(folder, "generate")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error[FG602]: `src/good/generated/models.py` was edited by hand\n")
    assert "run `flowgen generate --overwrite`" in result.stderr
    assert edited.read_text() == text + "x = 1\n"
    assert not stale.exists()
    result = flowgen(folder, "generate", "--overwrite")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "create  src/good/generated/__init__.py\nreplace  src/good/generated/models.py\n2 files changed\n"
    )
    assert edited.read_text() == text
