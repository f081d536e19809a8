"""`# flowgen: ignore[…]` comments."""

from __future__ import annotations

import pytest

from flowgen.diagnostics import Diagnostic, Fix, Position, Span
from flowgen.diagnostics.edits import apply_edits
from flowgen.diagnostics.ignore import apply_ignores

FILE = "w.yaml"


def at(line: int, column: int, end: int, *, file: str = FILE) -> Span:
    return Span(file, Position(line, column), Position(line, end))


def found(code: str, line: int, *, file: str = FILE) -> Diagnostic:
    return Diagnostic(code, "found", at(line, 1, 2, file=file))


def remaining(text: str, *diagnostics: Diagnostic) -> list[Diagnostic]:
    return apply_ignores(diagnostics, {FILE: text})


def told(text: str, *diagnostics: Diagnostic) -> list[tuple[str, str]]:
    return [(diagnostic.code, diagnostic.message) for diagnostic in remaining(text, *diagnostics)]


def test_silences_its_line_only() -> None:
    """The same code on the next line is reported."""
    text = "a: 1 # flowgen: ignore[FG203]\nb: 2\n"
    assert remaining(text, found("FG203", 1), found("FG203", 2)) == [found("FG203", 2)]


def test_silences_the_codes_that_it_names_only() -> None:
    """Another code on the same line is reported; spaces in the list do not matter."""
    text = "a: 1  #flowgen:ignore[FG203, FG207 ] because the API wants it\n"
    assert remaining(text, found("FG203", 1), found("FG207", 1), found("FG103", 1)) == [found("FG103", 1)]


def test_silences_its_own_file_only() -> None:
    """A finding at the same line of another file is reported."""
    text = "a: 1 # flowgen: ignore[FG203]\n"
    other = found("FG203", 1, file="other.yaml")
    assert remaining(text, found("FG203", 1), other) == [other]


def test_line_of_a_finding_is_where_it_starts() -> None:
    """A finding over three lines is silenced on its first, not on its last."""
    finding = Diagnostic("FG203", "found", Span(FILE, Position(1, 1), Position(3, 5)))
    assert remaining("a: # flowgen: ignore[FG203]\n  b:\n    c\n", finding) == []
    assert remaining("a:\n  b:\n    c # flowgen: ignore[FG203]\n", finding) == [finding]


def test_useless_comment_is_a_warning_with_its_place_and_fix() -> None:
    """There is no finding on the line. The fix removes the comment with the space before it."""
    span = at(2, 6, 30)
    assert remaining("a: 1\nb: 2 # flowgen: ignore[FG203]\n") == [
        Diagnostic(
            "FG290",
            "useless ignore comment: no `FG203` starts on this line",
            span,
            help="remove it",
            fix=Fix.replace(at(2, 5, 30), ""),
        )
    ]


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("b: 2 # flowgen: ignore[FG203] until May", "b: 2"),
        ("b: 2  # why # flowgen: ignore[FG203] until May", "b: 2  # why"),
        ("  # flowgen: ignore[FG203]", ""),
        ("b: 2 # flowgen: ignore[FG203, FG209] until May", "b: 2"),
        ("b: 2 # flowgen: ignore[fg209] soon", "b: 2 # flowgen: ignore[FG209] soon"),
        ("b: 2 # flowgen: ignore[FG203,FG207] soon", "b: 2 # flowgen: ignore[FG207] soon"),
        ("b: 2 # flowgen: ignore[FG203] x # flowgen: ignore[FG207] y", "b: 2 # flowgen: ignore[FG207] y"),
    ],
)
def test_the_fix_of_a_useless_comment(line: str, fixed: str) -> None:
    """The reason goes with the comment, since it would become part of the value; other comments stay."""
    used = [found("FG207", 1)] if "FG207" in line else []
    [warning] = remaining(f"{line}\n", *used)
    assert warning.fix is not None
    assert apply_edits(line, warning.fix.edits) == fixed


def test_partly_useless_comment_names_the_useless_part() -> None:
    """Of two codes one silences something: the other is to be taken out, which is not a removal of the comment."""
    [warning] = remaining("b: 2 # flowgen: ignore[FG203, FG207]\n", found("FG207", 1))
    assert (warning.message, warning.help, warning.fix) == (
        "useless ignore comment: no `FG203` starts on this line",
        "remove `FG203` from it",
        Fix.replace(at(1, 6, 37), "# flowgen: ignore[FG207]"),
    )


def test_comment_is_not_called_useless_while_errors_remain() -> None:
    """The check that it is for may not have run, because an earlier phase stopped at its errors."""
    text = "a: 1 # flowgen: ignore[FG203]\nb: 2\n"
    assert remaining(text, found("FG207", 2)) == [found("FG207", 2)]
    warning = found("FG209", 2)
    assert [diagnostic.code for diagnostic in remaining(text, warning)] == ["FG290", "FG209"]


def test_yaml_errors_are_never_silenced() -> None:
    """The error stays, and the comment is reported as useless."""
    assert told("a: 1 # flowgen: ignore[FG002]\n", found("FG002", 1)) == [
        ("FG002", "found"),
        ("FG290", "`FG002` cannot be ignored"),
    ]


@pytest.mark.parametrize(("code", "help_"), [("FG999", None), ("fg203", "write `FG203`")])
def test_unknown_code_is_reported(code: str, help_: str | None) -> None:
    """A code that does not exist silences nothing, and codes are written in capitals."""
    [warning] = remaining(f"a: 1 # flowgen: ignore[{code}]\n")
    assert (warning.code, warning.message, warning.help) == ("FG290", f"unknown code `{code}`", help_)


@pytest.mark.parametrize(
    "comment",
    [
        "# flowgen: ignore",
        "# flowgen: ignore[]",
        "# flowgen: ignore[FG203",
        "# flowgen: ignore FG203",
        "# flowgen: ignored[FG203]",
        "# flowgen: ingore[FG203]",
    ],
)
def test_malformed_comment_is_reported_and_silences_nothing(comment: str) -> None:
    """Silently doing nothing would look like a bug of flowgen."""
    assert told(f"a: 1 {comment}\n", found("FG203", 1)) == [
        ("FG203", "found"),
        ("FG290", "malformed ignore comment"),
    ]


@pytest.mark.parametrize("comment", ["# flowgen: see the docs", "# flowgen: 1", "# made with flowgen: ok", "# any"])
def test_other_comments_are_left_alone(comment: str) -> None:
    """Only a word near `ignore` is taken for one."""
    assert told(f"a: 1 {comment}\n") == []


MARK = "# flowgen: ignore[FG203]"


@pytest.mark.parametrize(
    "text",
    [
        f'a: "x {MARK}"',
        f"a: 'it''s {MARK}'",
        f'a: "x \\" {MARK}"',
        f'a: ["x", "y {MARK}"]',
        f'a: {{"x":"y {MARK}"}}',
        f'- "x {MARK}"',
        f'a: !Sub "x {MARK}"',
        f'"x {MARK}": 1',
        f'a: "first\n  second {MARK}\n  third"',
        f"a: |\n  x {MARK}\n\n  {MARK}",
        f"a: >-  # folded\n  x {MARK}",
        f"- |\n x {MARK}",
        f"- a: !Sub |\n   x {MARK}",
        f"a: x{MARK}",
        f"a: x#{MARK[1:]}",
    ],
)
def test_sign_in_a_string_is_not_a_comment(text: str) -> None:
    """Quoted and block scalars hold text, and so does a `#` without a space before it (YAML 1.2.2 section 6.6)."""
    assert told(f"{text}\n") == []


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (f"{MARK}\na: 1", 1, 1),
        (f"a: it's {MARK}", 1, 9),
        (f"a: don't say \"no {MARK}", 1, 18),
        (f'a: x [y, "z {MARK}', 1, 13),
        (f'a: 1 - "x {MARK}', 1, 11),
        (f'a: "x" {MARK}', 1, 8),
        (f"a: 'it''s' {MARK}", 1, 12),
        (f"a: [x, 'y'] {MARK}", 1, 13),
        (f"a: |  {MARK}\n  x", 1, 7),
        (f"a: |\n  x\nb: 1 {MARK}", 3, 6),
        (f"- a: |\n    x\n  b: 1 {MARK}", 3, 8),
        (f"a:\t{MARK}\n  b: 1", 1, 4),
        (f"a: # because {MARK}", 1, 14),
        (f"a: x || {MARK}\n  b: 1", 1, 9),
    ],
)
def test_comment_behind_text_is_one(text: str, line: int, column: int) -> None:
    """An apostrophe or bracket within a plain scalar opens nothing; a block scalar ends where its indentation does."""
    [warning] = remaining(f"{text}\n")
    assert (warning.code, warning.span) == ("FG290", at(line, column, column + len(MARK)))
