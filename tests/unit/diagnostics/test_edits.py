"""Applying the edits of fixes to a string."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowgen.diagnostics import Diagnostic, Edit, Fix, Position, Span
from flowgen.diagnostics.alike import gathered
from flowgen.diagnostics.edits import apply_edits, compatible
from flowgen.diagnostics.lines import line_lengths, split_lines


def edit(line: int, start: int, end: int, text: str, file: str = "a.yaml") -> Edit:
    return Edit(Span(file, Position(line, start), Position(line, end)), text)


def finding(*edits: Edit, message: str = "wrong") -> Diagnostic:
    return Diagnostic("FG101", message, edits[0].span, fix=Fix(edits))


def test_edits_change_their_spans_only() -> None:
    """Comments, line ends of every kind and characters beyond the BMP stay as they are."""
    text = "retyr: 5  # 😀 why\r\nwiat: 1s\rlast: x"
    edits = [edit(2, 1, 5, "wait"), edit(1, 1, 6, "retry")]
    assert apply_edits(text, edits) == "retry: 5  # 😀 why\r\nwait: 1s\rlast: x"


def test_an_edit_after_a_wide_character_is_in_code_points() -> None:
    assert apply_edits("a: 😀 bc", [edit(1, 6, 8, "d")]) == "a: 😀 d"


def test_the_first_of_two_overlapping_fixes_is_applied() -> None:
    """Equal edits of two findings do not overlap."""
    first, same, overlapping = finding(edit(1, 1, 5, "x")), finding(edit(1, 1, 5, "x"), message="too"), None
    overlapping = finding(edit(1, 4, 8, "y"))
    behind, elsewhere = finding(edit(1, 5, 8, "z")), finding(edit(1, 1, 5, "y", "b.yaml"))
    assert compatible([first, same, overlapping, behind, elsewhere]) == [first, same, behind, elsewhere]


def test_insertions_at_one_place_overlap() -> None:
    """Their order would be arbitrary."""
    one, other = finding(edit(1, 3, 3, "x")), finding(edit(1, 3, 3, "y"))
    assert compatible([one, other]) == [one]


def test_a_merged_finding_has_all_edits() -> None:
    """Forty findings with one message become one, and its fix fixes all of them."""
    findings = [finding(edit(line, 1, 6, "retry")) for line in range(1, 41)]
    [merged] = gathered(findings)
    assert merged.fix is not None
    assert apply_edits("retyr\n" * 40, merged.fix.edits) == "retry\n" * 40


def test_a_merged_finding_has_no_fix_if_one_of_them_has_none() -> None:
    findings = [Diagnostic("FG101", "wrong", edit(line, 1, 6, "").span) for line in range(1, 41)]
    [merged] = gathered(findings)
    assert merged.fix is None


texts = st.text(alphabet="ab😀\n\r\u2028", max_size=40)


@given(texts)
def test_lengths_of_lines_add_up(text: str) -> None:
    """Each line is as long as what `split_lines` returns, plus its line break."""
    lengths = line_lengths(text)
    assert sum(lengths) == len(text)
    assert all(0 <= length - len(line) <= 2 for length, line in zip(lengths, split_lines(text), strict=True))


@given(texts, st.data())
def test_edits_to_equal_text_change_nothing(text: str, data: st.DataObject) -> None:
    """Replacing any span of a line with its own text keeps the file."""
    lines = split_lines(text)
    number = data.draw(st.integers(0, len(lines) - 1))
    start = data.draw(st.integers(0, len(lines[number])))
    end = data.draw(st.integers(start, len(lines[number])))
    same = edit(number + 1, start + 1, end + 1, lines[number][start:end])
    assert apply_edits(text, [same]) == text
