"""The text format, compared with hand-written text."""

from __future__ import annotations

from textwrap import dedent

import pytest

from flowgen.diagnostics import Diagnostic, Label, Position, Span
from flowgen.diagnostics.render import ANSI, FORMATS
from flowgen.diagnostics.render.many import MOST


def span(line: int, column: int, end_line: int, end_column: int, *, file: str = "w.yaml") -> Span:
    return Span(file, Position(line, column), Position(end_line, end_column))


def lines_shown(text: str, *labels: Label) -> str:
    """What is shown of `w.yaml`, of which `text` is the content, between the location and the count."""
    first, *others = labels
    diagnostic = Diagnostic("FG102", "wrong", first.span, label=first.text, secondary=tuple(others))
    rendered = FORMATS["text"]([diagnostic], {"w.yaml": text})
    head, tail = f"{rendered.partition('|')[0]}|\n", "\n\n1 error\n"
    assert rendered.startswith(head)
    assert rendered.endswith(tail)
    return rendered.removeprefix(head).removesuffix(tail)


def drawn(text: str) -> str:
    return dedent(text).strip("\n")


ORDER = "flowgen: 1\n" + "# \n" * 29 + "      amount: ${ $order.totl * 1.2 }\n"
SHOP = "# contracts\n\ntypes:\n  Order:\n    fields: {total: number}\n"
TOTL = Diagnostic(
    "FG203",
    "`Order` has no field `totl`",
    span(31, 25, 31, 29, file="workflows/place_order.yaml"),
    label="not a field of `Order`",
    secondary=(Label(span(4, 3, 4, 8, file="contracts/shop.yaml"), "declared here"),),
    help="did you mean `total`?",
)
SOURCES = {"workflows/place_order.yaml": ORDER, "contracts/shop.yaml": SHOP}


def test_the_picture_of_the_design() -> None:
    """Header, place, line, caret, the declaration in another file, help: as the design draws it."""
    assert FORMATS["text"]([TOTL], SOURCES) == dedent("""\
        error[FG203]: `Order` has no field `totl`
          --> workflows/place_order.yaml:31:25
           |
        31 |       amount: ${ $order.totl * 1.2 }
           |                         ^^^^ not a field of `Order`
           |
          ::: contracts/shop.yaml:4:3
           |
         4 |   Order:
           |   ----- declared here
           |
           = help: did you mean `total`?

        1 error
        """)


def test_colors() -> None:
    """Color codes surround the same text: red for the error, blue for the frame, bold for the headline."""
    coloured = FORMATS["text"]([TOTL], SOURCES, ANSI)
    assert coloured.splitlines()[:5] == [
        "\x1b[1;31merror[FG203]\x1b[0m\x1b[1m: `Order` has no field `totl`\x1b[0m",
        "\x1b[1;34m  -->\x1b[0m workflows/place_order.yaml:31:25",
        "\x1b[1;34m   |\x1b[0m",
        "\x1b[1;34m31 |\x1b[0m       amount: ${ $order.totl * 1.2 }",
        "\x1b[1;34m   |\x1b[0m                         \x1b[1;31m^^^^\x1b[0m \x1b[1;31mnot a field of `Order`\x1b[0m",
    ]
    for code in ("1;31", "1;34", "1", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == FORMATS["text"]([TOTL], SOURCES)


def test_several_findings_are_counted() -> None:
    """A blank line between findings; errors before warnings in the count."""
    unused = Diagnostic("FG209", "unused", span(1, 1, 1, 2))
    missing = Diagnostic("FG103", "missing", span(2, 1, 2, 2))
    assert FORMATS["text"]([unused, missing, missing], {"w.yaml": "a\nb\n"}) == dedent("""\
        warning[FG209]: unused
         --> w.yaml:1:1
          |
        1 | a
          | ^

        error[FG103]: missing
         --> w.yaml:2:1
          |
        2 | b
          | ^

        error[FG103]: missing
         --> w.yaml:2:1
          |
        2 | b
          | ^

        2 errors, 1 warning
        """)


def test_nothing_found() -> None:
    """No finding, no text: what to say then is the command's."""
    assert FORMATS["text"]([], SOURCES) == ""


def test_no_place() -> None:
    """A project without workflows has no line to show; a note or help of several lines keeps them."""
    diagnostic = Diagnostic(
        "FG121", "no workflow found", None, notes=("looked in `workflows/`",), help="make one:\nflowgen new shop"
    )
    assert FORMATS["text"]([diagnostic], {}) == dedent("""\
        error[FG121]: no workflow found
          = note: looked in `workflows/`
          = help: make one:
                  flowgen new shop

        1 error
        """)


def test_file_without_text() -> None:
    """A file that can't be read is named, and what the label says is kept as a note."""
    diagnostic = Diagnostic("FG005", "can't read the file", span(1, 1, 1, 1), label="not UTF-8")
    assert FORMATS["text"]([diagnostic], {}) == dedent("""\
        error[FG005]: can't read the file
         --> w.yaml:1:1
          |
          = note: not UTF-8

        1 error
        """)


def test_labels_share_a_line() -> None:
    """The last label is next to its underline, the others hang below theirs, the primary one has carets."""
    shown = lines_shown(
        "id: charge, call: charge_card\n",
        Label(span(1, 19, 1, 30), "what"),
        Label(span(1, 13, 1, 17), "the kind"),
        Label(span(1, 1, 1, 3), "the step"),
    )
    assert shown == drawn("""
        1 | id: charge, call: charge_card
          | --          ----  ^^^^^^^^^^^ what
          | |           |
          | |           the kind
          | the step
        """)


def test_primary_within_a_wider_label() -> None:
    """Carets win over dashes; the mark that ends last has its label next to it."""
    shown = lines_shown("amount: $order.totl\n", Label(span(1, 16, 1, 20), "this"), Label(span(1, 9, 1, 20), "in here"))
    assert shown == drawn("""
        1 | amount: $order.totl
          |         -------^^^^ this
          |         |
          |         in here
        """)


def test_lines_far_apart_and_near() -> None:
    """One line between two marks is shown, more are left out."""
    text = "".join(f"k{number}: v\n" for number in range(1, 13))
    shown = lines_shown(
        text, Label(span(3, 1, 3, 3), "again"), Label(span(1, 1, 1, 3), "first"), Label(span(12, 1, 12, 4))
    )
    assert shown == drawn("""
         1 | k1: v
           | -- first
         2 | k2: v
         3 | k3: v
           | ^^ again
        ...
        12 | k12: v
           | ---
        """)


def test_block_over_several_lines() -> None:
    """A block that starts its line has a bar from there; its end on a later, empty line is drawn back."""
    shown = lines_shown(
        "types:\n  Order:\n    fields:\n      id: uuid\n\nsteps: []\n", Label(span(2, 3, 6, 1), "this type")
    )
    assert shown == drawn("""
        2 | /   Order:
        3 | |     fields:
        4 | |       id: uuid
          | |______________^ this type
        """)


def test_text_over_several_lines() -> None:
    """A value that starts in the middle of a line is led up to from the bar."""
    shown = lines_shown("if: $a and\n  $b or\n  $c\n", Label(span(1, 5, 3, 5), "no boolean"))
    assert shown == drawn("""
        1 |   if: $a and
          |  _____^
        2 | |   $b or
        3 | |   $c
          | |____^ no boolean
        """)


def test_long_block_is_shortened() -> None:
    """Of a block of more than six lines the first three and the last are shown."""
    text = "steps:\n" + "".join(f"  - id: s{number}\n" for number in range(1, 11))
    assert lines_shown(text, Label(span(2, 3, 11, 12), "too many")) == drawn("""
         2 | /   - id: s1
         3 | |   - id: s2
         4 | |   - id: s3
        ...  |
        11 | |   - id: s10
           | |___________^ too many
        """)


def test_blocks_within_blocks() -> None:
    """Each block has its own bar; a label within them is drawn next to the bars."""
    text = "types:\n  A:\n    fields:\n      b: string\n      c: string\n"
    shown = lines_shown(
        text, Label(span(3, 5, 5, 16), "these"), Label(span(1, 1, 5, 16), "all"), Label(span(4, 7, 4, 8), "one")
    )
    assert shown == drawn("""
        1 | /   types:
        2 | |     A:
        3 | | /     fields:
        4 | | |       b: string
          | | |       - one
        5 | | |       c: string
          | |_________________- all
          |   |_______________^ these
        """)


def test_wide_and_combining_characters() -> None:
    """日 takes two columns and a combining accent none, so the caret is under `x` in a terminal."""
    shown = lines_shown("日本: e\u0301 x\n", Label(span(1, 8, 1, 9), "here"), Label(span(1, 1, 1, 3), "wide"))
    assert shown == "1 | 日本: e\u0301 x\n  | ----    ^ here\n  | |\n  | wide"


def test_tabs() -> None:
    """A tab is shown as four spaces, and underlined as such."""
    assert lines_shown("a:\tb\tc\n", Label(span(1, 4, 1, 6), "here")) == drawn("""
        1 | a:    b    c
          |       ^^^^^ here
        """)


def test_place_behind_the_line_and_the_file() -> None:
    """Something missing at a line's end has a caret there; a place behind the last line is drawn on the last."""
    assert lines_shown("a:", Label(span(1, 3, 1, 3), "no value")) == drawn("""
        1 | a:
          |   ^ no value
        """)
    assert lines_shown("a: [", Label(span(9, 9, 9, 9), "not closed")) == drawn("""
        1 | a: [
          |     ^ not closed
        """)


def test_empty_file() -> None:
    """A file without a character still has a first line."""
    assert lines_shown("", Label(span(1, 1, 1, 1), "empty")) == drawn("""
        1 |
          | ^ empty
        """)


def test_long_line_is_cut_around_the_mark() -> None:
    """Of 1004 columns 120 are shown, the mark in the middle: 58 before its 4 and 58 after, of each 57 and the `…`."""
    shown = lines_shown("x" * 500 + "here" + "y" * 500, Label(span(1, 501, 1, 505), "this"))
    assert shown == f"1 | …{'x' * 57}here{'y' * 57}…\n  | {' ' * 58}^^^^ this"


def test_long_line_is_cut_at_one_end() -> None:
    """A mark near the start or end of a long line leaves that end whole."""
    shown = lines_shown("here" + "y" * 500, Label(span(1, 1, 1, 5), "this"))
    assert shown == f"1 | here{'y' * 115}…\n  | ^^^^ this"
    shown = lines_shown("x" * 500 + "here", Label(span(1, 501, 1, 505), "this"))
    assert shown == f"1 | …{'x' * 115}here\n  | {' ' * 116}^^^^ this"


def test_long_mark_is_cut_too() -> None:
    """A mark longer than what is shown starts 30 columns in, so that its start is seen, and goes to the edge."""
    shown = lines_shown("x" * 500 + "h" * 500, Label(span(1, 501, 1, 1001), "this"))
    assert shown == f"1 | …{'x' * 29}{'h' * 89}…\n  | {' ' * 30}{'^' * 89} this"


def test_marks_far_apart_on_a_long_line() -> None:
    """The primary mark is what is shown; the other one is pointed at from the edge."""
    shown = lines_shown("k: " + "x" * 500 + "here", Label(span(1, 504, 1, 508), "this"), Label(span(1, 1, 1, 2), "key"))
    assert shown == (f"1 | …{'x' * 115}here\n  | -{' ' * 115}^^^^ this\n  | |\n  | key")


def test_cut_within_a_wide_character() -> None:
    """A wide character that the cut would halve gives way to the `…` and a space, and the columns stay."""
    wide = "日" * 200
    shown = lines_shown(f"{wide}x{wide}", Label(span(1, 201, 1, 202), "this"))
    assert shown == f"1 | …{'日' * 29}x{'日' * 29} …\n  | {' ' * 59}^ this"
    shown = lines_shown(f"{wide}xyz{wide}", Label(span(1, 201, 1, 204), "this"))
    assert shown == f"1 | … {'日' * 28}xyz{'日' * 29}…\n  | {' ' * 58}^^^ this"


def test_harmful_characters_are_replaced() -> None:
    """What a user's file holds steers no terminal and turns no text around, in the lines as in the messages."""
    diagnostic = Diagnostic(
        "FG101", "unknown key `\x1b[31m`\nerror[FG000]: made up", span(1, 1, 1, 6), label="\x07\ud800"
    )
    rendered = FORMATS["text"]([diagnostic], {"w.yaml": "\x1b[31m: \u202e1\x7f\n"})
    assert rendered == dedent("""\
        error[FG101]: unknown key `␛[31m` error[FG000]: made up
         --> w.yaml:1:1
          |
        1 | ␛[31m: �1␡
          | ^^^^^ ␇�

        1 error
        """)


def test_line_breaks_are_those_of_yaml() -> None:
    r"""`\r\n`, `\r` and `\n` end a line; U+2028 and a form feed do not, and would shift every later line."""
    text = "a: 1\r\nb: \u2028\x0c2\rc: 3\n"
    assert lines_shown(text, Label(span(3, 1, 3, 2), "third")) == drawn("""
        3 | c: 3
          | ^ third
        """)


@pytest.mark.parametrize("form", ["text", "concise", "github"])
def test_a_long_list_stops_and_counts_the_rest(form: str) -> None:
    """Errors are never omitted in favor of warnings."""
    warnings = [Diagnostic("FG209", f"warning {index}", span(1, 1, 1, 2)) for index in range(MOST + 50)]
    errors = [Diagnostic("FG101", f"error {index}", span(1, 1, 1, 2)) for index in range(3)]
    rendered = FORMATS[form]([*warnings, *errors], {"w.yaml": "a: 1\n"})
    assert [f"error {index}" in rendered for index in range(3)] == [True] * 3
    assert f"warning {MOST - 4}" in rendered
    assert f"warning {MOST - 3}" not in rendered
    assert "53 more not shown" in rendered


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_formats_for_programs_have_all_findings(form: str) -> None:
    found = [Diagnostic("FG101", f"error {index};", span(1, 1, 1, 2)) for index in range(MOST + 50)]
    rendered = FORMATS[form](found, {"w.yaml": "a: 1\n"})
    assert all(f"error {index};" in rendered for index in range(MOST + 50))
