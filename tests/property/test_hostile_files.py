"""Files that nobody would write: no crash, no hang, and every finding inside the file."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from flowgen.diagnostics import CODES, Diagnostic, Severity, Sink
from flowgen.diagnostics.lines import split_lines
from flowgen.diagnostics.render import FORMATS, PLAIN
from flowgen.pipeline import check_paths, check_text, definition
from flowgen.source import LIMITS, plain, read

JSON = Any
ROOT = Path(__file__).parents[2]
BASES = [
    path.read_text(encoding="utf-8")
    for folder in ("tests/cases/*/*", "examples/*/workflows")
    for path in sorted(ROOT.glob(f"{folder}/*.yaml"))
]
_SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def inside(text: str, found: Diagnostic) -> bool:
    """Whether all places of a finding lie in the text, a file's BOM not counted."""
    lines = split_lines(text.removeprefix("\ufeff"))
    spans = [found.span, *(label.span for label in found.secondary)]
    return all(
        span is not None
        and span.start <= span.end
        and all(
            1 <= at.line <= len(lines) and 1 <= at.column <= len(lines[at.line - 1]) + 1
            for at in (span.start, span.end)
        )
        for span in spans
    )


def check_well(text: str) -> list[Diagnostic]:
    """The findings of a string, each with a known code, an explanation in words, and a place in it."""
    findings = check_text(text, "workflow.yaml")
    for found in findings:
        assert found.code in CODES
        assert found.code != "FG901"
        assert found.message
        assert inside(text, found), (found, text)
    for form in FORMATS:
        assert isinstance(FORMATS[form](findings, {"workflow.yaml": text}, PLAIN), str)
    return findings


_TEXTS = (
    r"""
|${|${ }|${ $input }|${ $nope.x }|$${|{% x %}|${ $ }|${ $$ }|${{ x }}|${ /* }|x|X|a b|1|null|any|States.ALL|class|string
|string[|Order[]|map<|2 hours|../x|__|é
""".strip()
    .replace("\n", "")
    .split("|")
)
_WEIRD: st.SearchStrategy[JSON] = st.one_of(
    st.sampled_from([None, True, 0, -1, 1.5, 10**30, " ", "a" * 70, "\u2028\U0001f600", *_TEXTS]),
    st.builds(list),
    st.builds(dict),
    st.sampled_from(
        [
            *("[[]]", "[{}]", '{"": 0}', '{"x": null}', '["x", "x"]', '{"steps": []}', '[{"id": "a", "set": 1}]'),
            *('{"$ref": "#"}', '{"fields": {}}', '{"one_of": {}}', '{"error": "E"}', '{"a?": "${ $x }"}'),
        ]
    ).map(json.loads),
)


def _places(value: JSON, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _places(inner, (*path, key))


def _change(value: JSON, path: tuple[Any, ...], change: Callable[[JSON, Any], None]) -> None:
    for key in path[:-1]:
        value = value[key]
    change(value, path[-1])


def _renamed(owner: JSON, key: Any, name: str) -> None:
    if isinstance(owner, dict):
        owner[name] = owner.pop(key)
    else:
        owner.insert(key, name)


@st.composite
def mutated(draw: DrawFn) -> str:
    """A workflow that was valid, changed in a few places."""
    root = read("base", draw(st.sampled_from(BASES)), Sink())
    assert root is not None
    value: JSON = copy.deepcopy(plain(root))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(value))[1:]
        if not places:
            break
        path = draw(st.sampled_from(places))
        match draw(st.integers(0, 5)):
            case 0:
                _change(value, path, lambda owner, key: owner.pop(key))
            case 1 | 2:
                weird = draw(_WEIRD)
                _change(value, path, lambda owner, key, weird=weird: owner.__setitem__(key, weird))  # type: ignore[misc]
            case 3:
                name = draw(st.sampled_from(["x", "", "call", "steps", "retry?", "${x}", "é", "a" * 61, "if"]))
                _change(value, path, lambda owner, key, name=name: _renamed(owner, key, name))  # type: ignore[misc]
            case 4:
                other = draw(st.sampled_from(places))
                moved: JSON = copy.deepcopy(value)
                for key in other:
                    moved = moved[key]
                _change(value, path, lambda owner, key, moved=moved: owner.__setitem__(key, moved))  # type: ignore[misc]
            case _:
                depth = draw(st.sampled_from([1, 5, 30, LIMITS.depth]))
                key = draw(st.sampled_from(["steps", "set", "x", "anyOf"]))

                def nest(owner: JSON, at: Any, depth: int = depth, key: str = key) -> None:
                    for level in range(depth):
                        owner[at] = [{"id": f"n{level}", key: owner[at]}] if key == "steps" else {key: owner[at]}

                _change(value, path, nest)
    return json.dumps(value)


@settings(_SETTINGS, max_examples=200)
@given(mutated())
def test_changed_workflows_are_reported(text: str) -> None:
    """Whatever was dropped, replaced, renamed, moved or nested: findings, each inside the file."""
    check_well(text)


_FRAGMENTS = st.sampled_from(
    [
        *"{}[]\"'|>%@`,\\~?:#\t\n\r \x00\x07\ufeff\u2028\x85\U0001f600",
        *("\r\n", "  ", "- ", ": ", " #", "|2", "&a ", "*a", "!Ref ", "!x ", "!!str ", "? ", "<<: ", "---\n", "...\n"),
        *("%YAML 1.1\n", "# flowgen: ignore[FG101]", "${", "$${", "{%", "%}", "\\u", "null", "0x1F", "1e999", "1_0"),
        *("é", "/*", "[]", " | ", "= 1"),
    ]
)


@st.composite
def scribbled(draw: DrawFn) -> str:
    """The text of a workflow with fragments put in, characters taken out, and pieces doubled."""
    text = draw(st.sampled_from(BASES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.integers(0, 6)))
        text = draw(
            st.sampled_from([text[:at] + draw(_FRAGMENTS) + text[at:], text[:at] + text[end:], text[:end] + text[at:]])
        )
    return text


@settings(_SETTINGS, max_examples=300)
@given(scribbled())
def test_scribbled_texts_are_reported(text: str) -> None:
    """YAML's whole syntax in the wrong place: findings, each inside the file."""
    check_well(text)


@settings(_SETTINGS, max_examples=200)
@given(st.text())
def test_any_text_is_reported(text: str) -> None:
    """No text is a workflow by chance, and none crashes."""
    assert any(found.severity is Severity.ERROR for found in check_well(text))


@settings(_SETTINGS, max_examples=100)
@given(st.binary())
def test_any_bytes_are_reported(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """What is not text is unreadable; what is one is reported."""
    folder = tmp_path_factory.mktemp("bytes", numbered=True)
    (folder / "workflow.yaml").write_bytes(content)
    assert check_paths(("workflow.yaml",), folder).failed


@settings(_SETTINGS, max_examples=150)
@given(mutated())
def test_what_has_no_error_compiles(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """A workflow that `check` finds no error in comes out as a state machine."""
    folder = tmp_path_factory.mktemp("workflow", numbered=True)
    (folder / "workflow.yaml").write_text(text, encoding="utf-8")
    for loaded in check_paths(("workflow.yaml",), folder).loaded:
        assert definition(loaded)["States"]
