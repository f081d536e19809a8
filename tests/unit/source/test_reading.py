"""YAML text to nodes: values as JSON has them, and what is reported of texts that can't be read."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.diagnostics import Position, Sink
from flowgen.diagnostics.edits import apply_edits
from flowgen.source import LIMITS, Limits, Mapping, Node, Scalar, Sequence, Tagged, kind_of, plain, read
from tests.marked import FILE, unmarked

JSON = Any


def node(text: str, limits: Limits = LIMITS) -> Node:
    sink = Sink()
    found = read(FILE, text, sink, limits)
    assert list(sink) == []
    assert found is not None
    return found


def refusals(text: str, limits: Limits = LIMITS) -> list[tuple[str, Position, Position]]:
    sink = Sink()
    assert read(FILE, text, sink, limits) is None
    return [(found.code, found.span.start, found.span.end) for found in sink if found.span is not None]


def refusal(marked: str, limits: Limits = LIMITS) -> tuple[str, str, str | None]:
    """Code, message and help of the only finding of a string, which is where the text is marked."""
    text, span = unmarked(marked)
    sink = Sink()
    assert read(FILE, text, sink, limits) is None
    [found] = sink
    assert found.span == span, found
    return found.code, found.message, found.help


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-12", -12),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("-0.5E-1", -0.05),
        ("12345678901234567890", 12345678901234567890),
        # All else is text, however YAML 1.1 or other tools read it (YAML 1.2.2 section 10.2 is as narrow).
        *((text, text) for text in ("yes", "no", "on", "off", "Yes", "True", "NULL", "~", "None")),
        *((text, text) for text in ("0o17", "017", "0x1F", "1_000", ".5", "5.", "+1", ".inf", ".nan", "1:30", "0b1")),
        *((text, text) for text in ("2026-01-31", "2026-01-31T08:00:00Z", "1.2.3", "=", "a b")),
        ('"1"', "1"),
        ("'null'", "null"),
        ('""', ""),
        ("!!str 1", "1"),
        ("! 1", "1"),
        ('"\\x41\\u00e9\\U0001f600\\n"', "Aé\U0001f600\n"),
        ('"\\ud83d\\ude00!"', "\U0001f600!"),
        ("|\n  a\n   b\n", "a\n b\n"),
        (">-\n  a\n  b\n", "a b"),
    ],
)
def test_scalars_are_what_json_has(text: str, value: JSON) -> None:
    """Numbers, booleans and null as JSON writes them; every other scalar is a string."""
    found = node(f"key: {text}")
    assert plain(found) == {"key": value}
    assert isinstance(found, Mapping)
    assert type(plain(found.entries[0].value)) is type(value)


def test_collections_and_their_order() -> None:
    """Block and flow style mean the same, and mappings keep their order."""
    text = "b:\n  - 1\n  - {d: [], c: {}}\na: [x, 'y']\n"
    assert list(plain(node(text)).items()) == [("b", [1, {"d": [], "c": {}}]), ("a", ["x", "y"])]  # type: ignore[union-attr]


def test_aliases_stand_for_their_anchor() -> None:
    """An alias is the node of its anchor, wherever it is."""
    assert plain(node("a: &x {n: 1}\nb: *x\nc: [*x, &y 2, *y]\n")) == {
        "a": {"n": 1},
        "b": {"n": 1},
        "c": [{"n": 1}, 2, 2],
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Table", {"Ref": "Table"}),
        ("!Condition Live", {"Condition": "Live"}),
        ("!GetAtt Queue.Arn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!GetAtt Nested.Outputs.Arn", {"Fn::GetAtt": ["Nested", "Outputs.Arn"]}),
        ("!GetAtt [Queue, Arn]", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!Sub '${A}-b'", {"Fn::Sub": "${A}-b"}),
        ("!Join ['-', [a, !Ref B]]", {"Fn::Join": ["-", ["a", {"Ref": "B"}]]}),
    ],
)
def test_cloudformation_tags_have_their_long_form(text: str, value: JSON) -> None:
    """The user guide's short forms, as the functions that they stand for."""
    found = node(f"key: {text}")
    assert plain(found) == {"key": value}


def test_kinds_in_words() -> None:
    """What messages call a node."""
    found = node("[{}, [], null, true, 1, 1.5, x, !Ref A]")
    assert isinstance(found, Sequence)
    words = ["a mapping", "a list", "null", "a boolean", "a number", "a number", "a string", "`!Ref`"]
    assert [kind_of(item) for item in found.items] == words


def test_a_mapping_finds_its_entries() -> None:
    """By name; None for a key that is not there."""
    found = node("a: 1\nb: 2\n")
    assert isinstance(found, Mapping)
    value, entry = found.get("b"), found.entry("b")
    assert isinstance(value, Scalar)
    assert entry is not None
    assert (value.value, entry.key.text) == (2, "b")
    assert (found.get("c"), found.entry("c")) == (None, None)


def test_a_tagged_node_keeps_what_is_under_the_tag() -> None:
    """The tag and its value have their own places."""
    found = node("key: !Ref Table # here\n")
    assert isinstance(found, Mapping)
    tagged = found.entries[0].value
    assert isinstance(tagged, Tagged)
    assert (tagged.span.start, tagged.span.end) == (Position(1, 6), Position(1, 16))
    assert (tagged.value.span.start, tagged.value.span.end) == (Position(1, 11), Position(1, 16))


@pytest.mark.parametrize(
    "marked",
    [
        "a: «1»\n",
        "a: «'it''s'» # comment\n",
        'a: «"x\\n"»\nb: 2\n',
        "a:   «some text»  \n",
        "a: «two\n  lines»\nb: 1\n",
        "a: «|\n  text\n  more»\n\n\nb: 1\n",
        "a: «>-\n  text»\n# comment\nb: 1\n",
        "a: &x «1»\n",
        "a: !!str   «1»\n",
        "a: «[1, 2]» # comment\n",
        "a:\n  «b: 1\n  c: 2»\n# comment\n\nd: 1\n",
        "a:\n  «b:\n    c: 2»\n    # comment\n",
        "a:\n  «- 1\n  - 2»\nb: 1\n",
        "a:\r\n  «b: 1\r\n  c: 2»\r\n\r\nd: 1\r\n",
    ],
)
def test_places_of_values(marked: str) -> None:
    """A value reaches from its first character to its last: comments and blank lines after it are not its own."""
    text, span = unmarked(marked)
    found = node(text)
    assert isinstance(found, Mapping)
    assert found.entries[0].value.span == span


def test_a_byte_order_mark_does_not_count() -> None:
    """Columns are those that an editor shows."""
    found = node("\ufeffa: 1\n")
    assert isinstance(found, Mapping)
    assert found.entries[0].key.span.start == Position(1, 1)


@pytest.mark.parametrize(
    ("marked", "message", "help_"),
    [
        ("a: b«»: c\n", "`: ` is not allowed in a string without quotes", "quotes"),
        ("a:\n«»\tb: 1\n", "tabs are not allowed for indentation", "spaces"),
        ("a: «»@b\n", "a string without quotes cannot start with `@`", "quotes"),
        ("a: «»`b`\n", "a string without quotes cannot start with a backquote", "quotes"),
        ("a: «»%b\n", "a string without quotes cannot start with `%`", "quotes"),
        ("a: «»- b\n", "a list cannot start here", "on its own line"),
        (
            "a:\n  b: 1\n «»c: 1\n",
            "the indentation of this line does not match the lines around it",
            "the same number of spaces",
        ),
        ("a: «»[1, 2\n", "missing `]`: the bracket is never closed", None),
        ("a: «»{b: 1\n", "missing `}`: the bracket is never closed", None),
        ("a: [1 «»{}]\n", "missing `,` or `]`", None),
        ("a: [«»,]\n", "missing value before `,`", None),
        ('a: «»"b\n', "missing quote: the string is never closed", None),
        ("a: 1\nb\n«»", "missing `:` after a key", None),
        ('a: "\\«»q"\n', "found unknown escape character 'q'", None),
        ("a: «*b»\n", "unknown anchor `b`", "quote a string"),
        ("a: «\x07»\n", "YAML does not allow the character U+0007", '`"\\x07"`'),
        ("«\x00»", "YAML does not allow the character U+0000", '`"\\x00"`'),
        ("a: «\ufffe»", "YAML does not allow the character U+FFFE", None),
    ],
)
def test_what_is_not_yaml(marked: str, message: str, help_: str | None) -> None:
    """FG001, in plain words and where it is."""
    code, told, helped = refusal(marked)
    assert (code, told) == ("FG001", message)
    assert (helped is None) == (help_ is None)
    assert help_ is None or (helped is not None and help_ in helped)


@pytest.mark.parametrize(
    "marked",
    [
        "a: ${ $b ? 1 «»: 2 }\n",
        'a: ${ {"b"«»: 1} }\n',
        "a: {b: $«»{ $c }}\n",
        "a: [$«»{ $c }, 1]\n",
        "a: {b: $«»{ $f(1, 2) }}\n",
    ],
)
def test_an_expression_without_quotes(marked: str) -> None:
    """Where YAML's signs cut an expression, the help says to quote it."""
    code, _, helped = refusal(marked)
    assert code == "FG001"
    assert helped is not None
    assert helped.startswith("put the string in quotes")


def test_an_array_type_in_a_flow_mapping() -> None:
    """`T[]` is a list there, for YAML."""
    assert refusal("T: {lines: Line«»[]}\n")[2] == 'put the type in quotes inside `{…}`: `"Line[]"`'


@pytest.mark.parametrize(
    "marked",
    [
        "cause: Order «#${ $input.id }»\n",
        "cause: Order «#5»\n",
        "cause: Order «# ${ $input.id }»\n",
        "cause: ${ $a «# b }»\n",
        "list:\n  - Order «#5»\nlast: 1\n",
    ],
)
def test_a_string_that_goes_on_behind_a_number_sign(marked: str) -> None:
    """YAML drops the rest as a comment: told, with the quoted form."""
    code, message, helped = refusal(marked)
    assert (code, message) == ("FG003", "YAML reads this as a comment, not as part of the string")
    assert helped is not None
    line = marked.replace("«", "").replace("»", "").splitlines()[-1 if marked.startswith("cause") else 1]
    assert f'"{line.partition(": " if marked.startswith("cause") else "- ")[2]}"' in helped


@pytest.mark.parametrize(
    "text",
    [
        "a: text # a comment\n",
        "a: text  # with ${ $b }\n",
        "a: text ## heading\n",
        "a: text #flowgen: ignore[FG209]\n",
        "a: text #\n",
        "a: 5 #5\n",
        "a: 'text' #5\n",
        "a: ${ $b } # a comment\n",
        "a: [b, c] #5\n",
        "a#b: c#d\n",
    ],
)
def test_comments_that_are_ones(text: str) -> None:
    """A comment after a space, or after what can't go on, is nothing to report."""
    assert isinstance(node(text), Mapping)


@pytest.mark.parametrize("marked", ["- «${ $a ? 1»: 2 }\n", "a:\n  «${ {'b'»: 1} }\n"])
def test_an_expression_that_became_a_key(marked: str) -> None:
    """FG003 for a key that opens an expression and does not close it."""
    assert refusal(marked)[:2] == (
        "FG003",
        "YAML reads this as a key, because it contains `: ` and has no quotes",
    )


def test_a_key_twice() -> None:
    """FG002 points at both; quoted or not is the same key, and every repetition is reported."""
    sink = Sink()
    assert read(FILE, 'a: 1\n"a": 2\nb: {c: 1, c: 2}\na: 3\n', sink) is None
    told = [(found.code, found.span.start, found.secondary[0].span.start) for found in sink if found.span]
    assert told == [
        ("FG002", Position(2, 1), Position(1, 1)),
        ("FG002", Position(3, 11), Position(3, 5)),
        ("FG002", Position(4, 1), Position(1, 1)),
    ]


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("a: 1\n«---»\nb: 1\n", "the file contains a second document; use one file per workflow"),
        ("«<<»: {a: 1}\n", "merge keys (`<<`) are not supported"),
        ("? «[a]»\n: b\n", "a key must be a string"),
        ("«{a: 1}»: b\n", "a key must be a string"),
        ("a: &x [1, «*x»]\n", "`*x` contains itself"),
        ("a: «!!python/object x»\n", "unknown tag `tag:yaml.org,2002:python/object`"),
        ("a: «!Thing x»\n", "unknown tag `!Thing`"),
        ("a: «!Thing {b: 1}»\n", "unknown tag `!Thing`"),
        ("%TAG ! tag:example.org,2026:\n---\na: «!Ref x»\n", "unknown tag `tag:example.org,2026:Ref`"),
    ],
)
def test_yaml_that_is_not_supported(marked: str, message: str) -> None:
    """FG003, with what it is."""
    assert refusal(marked)[:2] == ("FG003", message)


@pytest.mark.parametrize(
    "marked",
    [
        "a:«»\n",
        "a:«» # comment\nb: 1\n",
        "a:«»\n\n\nb: 1\n",
        "-«»\n",
        "«»: 1\n",
        "a:\n  b:«»\n",
    ],
)
def test_a_missing_value(marked: str) -> None:
    """FG004 where the value is missing, and not where YAML noticed."""
    assert refusal(marked)[:2] == ("FG004", "missing value")


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "\ufeff", "\r\n"])
def test_an_empty_file(text: str) -> None:
    """FG004 at its start."""
    assert refusals(text) == [("FG004", Position(1, 1), Position(1, 1))]


@pytest.mark.parametrize("text", ["1e400", "-1e999", "1" * 301, "0." + "1" * 300, '"\\ud83d"', '"\\ude00 \\ud83d"'])
def test_values_that_json_does_not_have(text: str) -> None:
    """FG006: numbers beyond a double or of hundreds of digits, halves of characters."""
    assert refusals(f"a: {text}") == [("FG006", Position(1, 4), Position(1, 4 + len(text)))]


def test_a_number_of_many_digits_is_fine() -> None:
    """The bound is far above what anybody writes."""
    assert plain(node("a: " + "1" * 300)) == {"a": int("1" * 300)}


def test_all_findings_of_a_file_are_reported() -> None:
    """Reading goes on after what is wrong with one value."""
    assert [code for code, *_ in refusals("a:\nb: 1e999\na: 2\n<<: x\nd: !Thing x\n")] == [
        "FG004",
        "FG006",
        "FG002",
        "FG003",
        "FG003",
    ]


# --- bounds ---


def test_characters_are_bounded() -> None:
    """One more than allowed is rejected before anything is read."""
    limits = Limits(characters=5)
    assert plain(node("a: 12", limits)) == {"a": 12}
    assert refusal("«»a: 123", limits)[:2] == ("FG003", "the file has 6 characters; the maximum is 5")


def test_depth_is_bounded() -> None:
    """By the nesting that is written, and by that which aliases bring."""
    limits = Limits(depth=3)
    assert plain(node("[[[1]]]", limits)) == [[[1]]]
    assert refusal("[[[«[»1]]]]", limits)[:2] == ("FG003", "nested more than 3 levels deep")
    assert plain(node("- &a [1]\n- [*a]\n", limits)) == [[1], [[1]]]
    assert refusals("- &a [1]\n- &b [*a]\n- [[*b]]\n", limits) == [("FG003", Position(3, 5), Position(3, 6))]


def test_a_chain_of_aliases_is_not_deeper_than_the_bound() -> None:
    """Each line adds a level to the line before: a short file, thousands of levels."""
    chain = "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 5000))
    assert [code for code, *_ in refusals(f"a0: &a0 [x]\n{chain}")] == ["FG003"]


def test_nodes_are_bounded_with_aliases_written_out() -> None:
    """Ten aliases of ten aliases of …: the file is small, what it stands for is not."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    [(code, start, _)] = refusals("\n".join(lines))
    assert (code, start.column) == ("FG003", 5)


def test_long_texts_count_as_often_as_they_are_copied() -> None:
    """A string of 100 characters is worth two nodes."""
    limits = Limits(nodes=7)
    text = "x" * 100
    assert plain(node(f"[&a {text}, *a, *a]", limits)) == [text] * 3
    assert [code for code, *_ in refusals(f"[&a {text}, *a, *a, *a]", limits)] == ["FG003"]


def test_many_lines_of_comment_behind_deep_nesting() -> None:
    """Where 50 collections end together, their end is looked for once: this test would not end otherwise."""
    nested = "\n".join(f"{' ' * level}a:" for level in range(50))
    found = node(f"{nested} 1\n" + "#\n" * 200_000)
    assert found.span.end == Position(50, 54)


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("a: ${ $b ? 1 : 2 }\n", 'a: "${ $b ? 1 : 2 }"\n'),
        ("a: {b: ${ $c }}\n", 'a: {b: "${ $c }"}\n'),
        ("a\u200b: 1\n", "a: 1\n"),
        ("a: \u00a01\n", "a:  1\n"),
    ],
)
def test_fixes(text: str, fixed: str) -> None:
    """The edits of a finding give a file that can be read."""
    sink = Sink()
    assert read("w.yaml", text, sink) is None
    [found] = sink
    assert found.fix is not None
    assert apply_edits(text, found.fix.edits) == fixed
    after = Sink()
    read("w.yaml", fixed, after)
    assert list(after) == []


def test_a_key_indented_too_far() -> None:
    """The YAML parser names no second position for it, so there is no second label."""
    sink = Sink()
    assert read(FILE, "call: pay\n  with: {id: x}\n", sink) is None
    (found,) = sink
    assert found.message == "`with` is indented further than `call`, which already has a value"
    assert found.secondary == ()
