"""How a page is updated when a command prints something else."""

from __future__ import annotations

from pathlib import Path

from tests.unit.docs.pages import blocks
from tests.unit.docs.session import Session, refreshed


def test_a_string_without_gaps_is_replaced() -> None:
    assert refreshed("1 file made\n", "1 file created\nmore\n") == "1 file created\nmore\n"


def test_gaps_stay_and_changed_lines_become_what_is_most_like_them() -> None:
    shown = "made shop; from here:\n…\n  run …\nend\n"
    found = "created shop. From here:\n\n  cd shop\n  run it   # now\nend\n"
    assert refreshed(shown, found) == "created shop. From here:\n…\n  run …\nend\n"


def test_further_lines_are_added() -> None:
    assert refreshed("a …\nb\n", "a 1\nb\nc\n") == "a …\nb\nc\n"
    assert refreshed("it was made\n…\n", "it was created\nb\nc\n") == "it was created\n…\n"


def test_a_part_of_a_file_stays_a_part() -> None:
    assert refreshed("b: text\n", "a: string\nb: string\nc: string\n", part=True) == "b: string\n"


def test_the_page_gets_what_a_command_prints(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# P\n\n```console\n$ echo one\nuno\n$ echo two\ntwo\n$ echo three\ntres\n```\n", "utf-8")
    (tmp_path / "session").mkdir()
    session = Session(tmp_path / "session", update=True)
    assert all(session.follow(block) for block in blocks(page))
    assert page.read_text("utf-8") == (
        "# P\n\n```console\n$ echo one\none\n$ echo two\ntwo\n$ echo three\nthree\n```\n"
    )
