"""No report contains the password of an address."""

from __future__ import annotations

import pytest

from flowgen.diagnostics import Diagnostic, Label, Position, Span
from flowgen.diagnostics.passwords import without_passwords
from flowgen.diagnostics.render import FORMATS

ADDRESSES = (
    "https://ada:s3cret@example.com/x",
    "git+ssh://s3cret@h/x",
    "http:/u:s3cret@h",
    "postgres://u:s3cret@h?a=b@c",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_format_of_a_finding(form: str, address: str) -> None:
    """Wherever the address is: in a text of the finding, or in the line of the file."""
    line = f"--index-url {address}\n"
    span = Span("requirements.txt", Position(1, 1), Position(1, 5))
    text = f"cannot read {address}"
    found = Diagnostic("FG536", text, span, text, (Label(span, text),), (text,), text)
    shown = FORMATS[form]([found], {"requirements.txt": line})
    assert "s3cret" not in shown
    assert "example" in shown or "h" in shown


@pytest.mark.parametrize(
    "text", ["ada@example.com", "https://example.com/a@b", "git@github.com:a/b", "https://pypi.org/simple", "a://b c@d"]
)
def test_texts_without_passwords(text: str) -> None:
    assert without_passwords(text) == text


def test_places_in_a_line_stay_the_same() -> None:
    for address in ADDRESSES:
        assert len(without_passwords(address)) == len(address)
