"""The fixes of findings: applied to a file, each removes its finding, and none breaks the file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from flowgen.diagnostics import Diagnostic, Severity
from flowgen.diagnostics.edits import apply_edits
from flowgen.pipeline import check_text
from tests.unit.check.test_newcomers import MISTAKES, WORKFLOW
from tests.unit.diagnostics.test_explain import WITH_EXAMPLES, examples

FIXED_AS_ON_THE_PAGE = (
    "FG101",
    "FG104",
    "FG201",
    "FG202",
    "FG203",
    "FG301",
    "FG315",
    "FG404",
    "FG510",
)
"""Codes whose explain page has an example that the fix turns into the corrected one."""


def _fixable(text: str) -> list[Diagnostic]:
    return [one for one in check_text(text, "w.yaml") if one.fix is not None]


def _fixed(text: str, finding: Diagnostic) -> str:
    assert finding.fix is not None
    return apply_edits(text, finding.fix.edits)


def _assert_fixes(text: str) -> None:
    """Each fix alone removes one finding of its kind, and leaves YAML that can be read."""
    before = Counter((one.code, one.message) for one in check_text(text, "w.yaml"))
    for finding in _fixable(text):
        fixed = _fixed(text, finding)
        after = Counter((one.code, one.message) for one in check_text(fixed, "w.yaml"))
        key = (finding.code, finding.message)
        assert after[key] < before[key], fixed
        assert not [code for code, _ in after - before if code.startswith("FG00")], fixed


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_fixes_of_the_explain_pages(code: str) -> None:
    found = examples(code)
    assert found is not None
    _assert_fixes(found.wrong)


@pytest.mark.parametrize("code", FIXED_AS_ON_THE_PAGE)
def test_fix_is_what_the_page_shows(code: str) -> None:
    """The fix gives the corrected workflow of the page, in every character."""
    found = examples(code)
    assert found is not None
    [finding] = _fixable(found.wrong)
    assert _fixed(found.wrong, finding) == found.fixed


@pytest.mark.parametrize("mistake", MISTAKES, ids=[one["help"] for one in MISTAKES])
def test_fixes_of_habits_from_other_languages(mistake: dict[str, str]) -> None:
    expression = mistake.get("expression")
    step = mistake.get("step") or f"set: {json.dumps(f'${{ {expression} }}' if expression else 1, ensure_ascii=False)}"
    _assert_fixes(WORKFLOW.format(type=json.dumps(mistake.get("type", "string")), step=step))


GUESSED = frozenset({"FG101", "FG104", "FG109", "FG201", "FG202", "FG207", "FG212", "FG301", "FG404", "FG510"})
"""Codes of findings that suggest a name."""

_WORD = re.compile(r"(?<![\w'\"])[A-Za-z_]{6,}(?![\w'\"])")


def _misspellings(text: str) -> Iterator[str]:
    """The text with one word misspelled: two letters in its middle are swapped."""
    for match in _WORD.finditer(text):
        word, middle = match[0], len(match[0]) // 2
        if word[middle] != word[middle - 1]:
            wrong = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
            yield text[: match.start()] + wrong + text[match.end() :]


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_fixes_of_misspelled_words(code: str) -> None:
    """Where a misspelled word is the only error, and it has a fix, the fix restores the file or removes the finding."""
    found = examples(code)
    assert found is not None
    for text in _misspellings(found.fixed):
        findings = check_text(text, "w.yaml")
        errors = [one for one in findings if one.severity is Severity.ERROR]
        if len(errors) == 1 and errors[0].fix is not None:
            fixed = _fixed(text, errors[0])
            assert fixed == found.fixed or (errors[0].code, errors[0].message) not in {
                (one.code, one.message) for one in check_text(fixed, "w.yaml")
            }


def test_most_misspelled_keys_and_names_can_be_fixed() -> None:
    """Of the misspellings that are a single error, at least 80 % are restored exactly."""
    single = restored = 0
    for code in WITH_EXAMPLES:
        found = examples(code)
        assert found is not None
        for text in _misspellings(found.fixed):
            errors = [one for one in check_text(text, "w.yaml") if one.severity is Severity.ERROR]
            if len(errors) == 1 and errors[0].code in GUESSED:
                single += 1
                restored += errors[0].fix is not None and _fixed(text, errors[0]) == found.fixed
    assert single > 200
    assert restored >= 0.8 * single, (restored, single)


@pytest.mark.parametrize(
    ("wrong", "fixed"),
    [
        ("call: send, with: {adress: a, kind: letter}", "call: send, with: {address: a, kind: letter}"),
        ("call: send, with: {address: a, kind: leter}", "call: send, with: {address: a, kind: letter}"),
        ("call: send, with: {address: $input.adress, kind: letter}", None),
        ("set: '${ $uppercsae($input.address) }'", "set: '${ $uppercase($input.address) }'"),
        ("set: '${ $input.adress }'", "set: '${ $input.address }'"),
        ("set: '${ $inptu.address }'", "set: '${ $input.address }'"),
        ("set: '${ $input.address == 1 && true }'", None),
        (
            "retry: {attemps: 3}, call: send, with: '${ $input }'",
            "retry: {attempts: 3}, call: send, with: '${ $input }'",
        ),
        ("callback: yes, call: send, with: '${ $input }'", None),
    ],
)
def test_single_fixes(wrong: str, fixed: str | None) -> None:
    """Names of fields, members of enumerations, functions and variables; None for a fix that is not compared."""
    template = """\
flowgen: 1
name: post
input: Letter
types:
  Letter: {{fields: {{address: string, kind: [letter, card]}}}}
functions:
  send: {{input: Letter}}
steps:
  - {{id: first, {step}}}
  - {{id: last, call: send, with: "${{ $input }}"}}
"""
    text = template.format(step=wrong)
    _assert_fixes(text)
    if fixed is not None:
        [finding] = _fixable(text)
        assert _fixed(text, finding) == template.format(step=fixed)
