"""Texts that users read are in plain technical English: they contain no phrase of `FORBIDDEN`.

The test reads the string literals of the code (messages, help texts, docstrings), the explain pages, the documentation,
the project template and the examples. It does not read the names in code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FORBIDDEN = {
    r"(?:is|are|be|was|were) told\b": "is reported, reports, warns about",
    r"tells? (?:of|that)\b": "reports, says",
    r"\bstands?\b(?! for\b)": "is in, is at, is next to",
    r"\bstanding in\b": "in",
    r"\bbeside\b": "next to, alongside, in addition to",
    r"\banew\b": "again",
    r"\bhardly\b": "probably not, probably a mistake",
    r"\ba text\b(?! (?:editor|file|block))": "a string",
    r"\bis wanted\b": "expected",
    r"\bwhat (?:is left|there is to)\b": "the rest of, what to",
    r"\bwho (?:deploys|asks|reads)\b": "you, whoever runs the deployment",
    r"\bof (?:yours|ours|theirs)\b": "your, our, their",
    r"(?<!there\W)\bis no (?!longer\b|more\b)\w+": "is not a valid …, expected a …",
    r"(?<!there\W)\bare no (?!longer\b|more\b)\w+": "are not …",
    r"\bh(?:olds|old|eld) (?:against|to)\b": "compare with, check against, enforce",
    r"\bcomes? (?:of it|to pass|to an end|to it|out of)\b": "results from, evaluates to, ends",
    r"\bmay be nothing\b": "may be missing, may be undefined",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\bkept as (?:it is|they are)\b": "unchanged",
    r"\bgiven back as\b": "returned unchanged",
    r"\bat fault\b": "failing",
    r"\bin its own time\b": "later",
    r"\bon the way\b": "during, meanwhile",
    r"\bis of no use\b": "is useless, has no effect",
    r"\bsays? (?:another|the contrary)\b": "conflicts with",
    r"\bnothing but\b": "only",
    r"\bfor ever\b": "forever",
    r"\bone would\b": "you would",
    r"\bnobody can (?:tell|see)\b": "flowgen cannot determine, it is unclear",
    r"\bin place of\b": "instead of",
    r"\ba step that it\b": "a step",
    r"\bof (?:its|their|his|her|my|your|our) own\b": "its own …, a separate …",
    r"\bthe value (?:before|that (?:flows|comes|came) in)\b": "the previous value",
    r"\b(?:has|have|gets?|gives?|under|in) another (?:name|kind|type|shape|order|text)\b(?!')": "a different …",
    r"\blet(?:s|ting)? (?:a|an|the|every|it|each|one)\b[^.\n]{0,30}\bfail\b": "make … fail",
    r"\bsays? so\b": "reports it",
    r"\b(?:goes|go|went) off\b": "fires",
    r"\b(?:AWS|Lambda|IAM|Step Functions|CloudFormation|flowgen|it) refuses?\b": "rejects, does not allow",
    r"\bnothing (?:tells|says|knows|shows)\b": "it is unknown, nothing shows",
    r"\bknows? (?:nothing|no)\b": "does not depend on, has no",
    r"\bgives? back\b": "returns",
    r"\b(?:has|have) a meaning\b": "is defined, is reserved",
    r"\bleads? (?:out|nowhere)\b": "points outside",
    r"\b(?:a|an|one) \w+ too (?:many|much|few)\b": "an extra …, a missing …",
    r"\bwhat (?:who|whoever)\b": "what you, what the …",
    r"\b(?:colour|behaviour|favour|neighbour|licence|centre)\w*": "American spelling: color, behavior, license, center",
    r"\b(?:recogn|organ|initial|normal|serial|summar|optim|synchron|minim|maxim)is(?:e|ing|ation)": "-ize",
}
"""Phrases (regular expressions, any case) that no native writer would use here, and what to write instead."""

TEXTS = (
    ".github",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "benchmarks",
    "cookiecutter",
    "docs",
    "examples",
    "flowgen",
    "schemas",
)
"""Files and folders with texts that users read."""

_SUFFIXES = frozenset({".py", ".md", ".yaml", ".yml", ".toml", ".json", ".txt"})
_PATTERNS = {re.compile(phrase.replace(" ", r"\s+"), re.IGNORECASE): better for phrase, better in FORBIDDEN.items()}


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a file with their lines: the string literals of a module, or the whole content of other files.

    The values in an f-string are replaced by `{…}`. A module of the project template is no valid Python until it is
    rendered, so it is read like other files.
    """
    content = path.read_text("utf-8")
    if path.suffix != ".py" or "{{" in path.as_posix():
        yield 1, content
        return
    inside: set[ast.AST] = set()
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.JoinedStr):
            inside.update(node.values)
            yield node.lineno, "".join(_part(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.lineno, node.value


def _part(value: ast.expr) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else "{…}"


def found_in(path: Path) -> Iterator[str]:
    """Each forbidden phrase in a file, with its position and the replacement."""
    for line, text in _texts(path):
        for pattern, better in _PATTERNS.items():
            for match in pattern.finditer(text):
                where = f"{path.relative_to(ROOT)}:{line + text.count(chr(10), 0, match.start())}"
                yield f"{where}: `{' '.join(match[0].split())}`: write {better}"


def files() -> Iterator[Path]:
    """The files in `TEXTS`."""
    for name in TEXTS:
        root = ROOT / name
        for path in (root, *sorted(root.rglob("*"))):
            if path.is_file() and path.suffix in _SUFFIXES and "__pycache__" not in path.parts:
                yield path


def test_no_forbidden_phrase_is_left() -> None:
    assert [problem for path in files() for problem in found_in(path)] == []


def test_phrases_are_found_across_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a string of several lines, in the parts of an f-string, and in Markdown; names do not count."""
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    module, page = tmp_path / "module.py", tmp_path / "page.md"
    module.write_text('mend = f"it is\\ntold {1} anew"\n')
    page.write_text("First.\n\nThe value stands\nin the file.\n")
    assert list(found_in(module)) == [
        "module.py:1: `is told`: write is reported, reports, warns about",
        "module.py:2: `anew`: write again",
    ]
    assert list(found_in(page)) == ["page.md:3: `stands`: write is in, is at, is next to"]
