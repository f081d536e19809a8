"""Expressions: what they name, what they bind, and where they are wrong."""

from __future__ import annotations

import subprocess
import sys
import warnings
from random import Random

import pytest

from flowgen.jsonata.parsing import MAX_LENGTH, ExpressionParser, Syntax, SyntaxFailure
from flowgen.jsonata.tree import Literal, walk

PARSER = ExpressionParser()


def syntax(text: str) -> Syntax:
    found = PARSER.parse(text)
    assert isinstance(found, Syntax), found
    return found


def failure(text: str) -> SyntaxFailure:
    found = PARSER.parse(text)
    assert isinstance(found, SyntaxFailure), found
    return found


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("$a", [("a", ())]),
        ("$a.b.c", [("a", ("b", "c"))]),
        ("$a . b\n.c", [("a", ("b", "c"))]),
        ("$a.`b c`.d", [("a", ("b c", "d"))]),
        ("$a.b[0].c", [("a", ("b",))]),
        ('$a."b".c', [("a", ())]),
        ("$a.(b)", [("a", ())]),
        ("$a.*", [("a", ())]),
        ("$a[$b.c = $d]", [("a", ()), ("b", ("c",)), ("d", ())]),
        ("$a.b($c)", [("a", ()), ("c", ())]),
        ("$sum($a.b) + $count($c)", [("a", ("b",)), ("c", ())]),
        ("$map($a, $uppercase)", [("a", ()), ("uppercase", ())]),
        ("$own($a)", [("own", ()), ("a", ())]),
        ("$a ~> $b", [("a", ()), ("b", ())]),
        ('{"k": $a, $b: 1}', [("a", ()), ("b", ())]),
        ("$$.x + $.y + $", []),
        ("'$a' & \"$b\" & `$c` /* $d */", []),
        ("/$a/.match", []),
        ("1 + 2", []),
        ("$exists($a) ? $a : null", [("a", ()), ("a", ())]),
    ],
)
def test_references(text: str, references: list[tuple[str, tuple[str, ...]]]) -> None:
    """The variables that an expression takes from outside, with the names that follow them."""
    assert [(one.name, one.path) for one in syntax(text).references] == references


def test_places_of_a_reference() -> None:
    """Offsets of the variable, and of the ends of the names that follow; comments and spaces do not count to them."""
    [one, other] = syntax("  /* c */ $alpha.beta . gamma & $ω").references
    assert (one.start, one.end, one.path_ends) == (10, 16, (21, 29))
    assert (other.start, other.end, other.name) == (32, 34, "ω")


def test_calls() -> None:
    """What is called and is not a function of JSONata's is a reference that is marked as such."""
    assert [(one.name, one.called) for one in syntax("$own($a) & $sum($sum)").references] == [
        ("own", True),
        ("a", False),
        ("sum", False),
    ]


@pytest.mark.parametrize(
    ("text", "bound", "free"),
    [
        ("($x := 1; $x + $y)", ["x"], ["y"]),
        ("function($x, $y) { $x + $z }", ["x", "y"], ["z"]),
        ("λ($x){ $x }", ["x"], []),
        ("$map($a, function($v, $i) { $v * $i })", ["v", "i"], ["a"]),
        ("function($f){ $f($map([1], function($g){ $g })) }", ["f", "g"], []),
        ("$a.b@$x.c[$x]", ["x"], ["a"]),
        ("$a.b#$i[$i = 1]", ["i"], ["a"]),
        ("($f := function($x){ $x }; $f(1))", ["f", "x"], []),
    ],
)
def test_bindings(text: str, bound: list[str], free: list[str]) -> None:
    """What an expression binds is its own affair."""
    found = syntax(text)
    assert [str(token.value) for token in found.bound] == bound
    assert [one.name for one in found.references] == free


def test_tokens_have_places() -> None:
    """Each token reaches from its first character to its last."""
    text = '"a b" & $x.`c d` /* e */ + 1.50 ~> /f g/i'
    found = syntax(text)
    assert [text[token.start : token.end] for token in found.tokens] == [
        *('"a b"', "&", "$x", ".", "`c d`", "+", "1.50", "~>", "/f g/i"),
    ]


@pytest.mark.parametrize(
    ("text", "blamed", "help_"),
    [
        ("$a +", "", None),
        ("$a + ", "", None),
        ("($a", "", None),
        ("[1, 2", "", None),
        ("{'a': 1", "", None),
        ("$a.", "", None),
        ("$a == 1", "=", "write `=`"),
        ("$a && $b", "&", "write `and`"),
        ("$a || $b", "|", "write `or`"),
        ("$a $b", "$b", None),
        ("1 2", "2", None),
        ("$a)", ")", None),
        ("$a[1", "", None),
        ("'open", "'open", None),
        ("$a ?? $b", "??", "write `$exists(a) ? a : b`"),
        ("$a ?: $b", "?:", "write `$exists(a) ? a : b`"),
        ("$eval('1')", "$eval", "`$parse` reads JSON text"),
        ("$map($a, $eval)", "$eval", "`$parse` reads JSON text"),
        ("1 := 2", "1", None),
        ("$match($a, /(b/i)", "/(b/i)", None),
    ],
)
def test_what_is_wrong(text: str, blamed: str, help_: str | None) -> None:
    """The characters to blame (none: something is missing at the end), and what to write where it is known."""
    found = failure(text)
    assert (text[found.start : found.end], found.help) == (blamed, help_)
    assert blamed or found.start == len(text.rstrip())


@pytest.mark.parametrize(
    "text", ["!$a", "/* open", "/open", "`open", "$a ! $b", '"\\u12"', "/[/", "{", "|$a|", "@", "#", "%"]
)
def test_what_the_library_stumbles_over(text: str) -> None:
    """It raises more than its own exception; here each is a failure with a place in the text."""
    found = failure(text)
    assert 0 <= found.start <= found.end <= len(text)


def test_negation_is_named() -> None:
    """`!x` is what people write who come from elsewhere."""
    assert failure("$a and !$b").help == "write `$not($b)`"


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_nothing_is_not_an_expression(text: str) -> None:
    """Empty braces."""
    assert failure(text).message == "missing expression between the braces"


def test_length_is_bounded() -> None:
    """One character more than allowed."""
    assert isinstance(PARSER.parse("1" + " " * (MAX_LENGTH - 1)), Syntax)
    assert failure("1" + " " * MAX_LENGTH).message == "this expression is longer than 20,000 characters"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 9000 + "1" + ")" * 9000,
        "[" * 9000,
        "-" * 9000 + "1",
        "1" + "+1" * 9000,
        "$f(" * 6000,
        "{'a':" * 4000,
        "1?" * 9000,
    ],
)
def test_depth_is_bounded(text: str) -> None:
    """What runs out of stack is rejected, and the parser works as before afterwards."""
    assert failure(text).start == 0 or failure(text).message
    assert [one.name for one in syntax("$a + $b").references] == ["a", "b"]


def test_one_parser_for_many_expressions() -> None:
    """A failure, bindings and `%` leave nothing behind for the next."""
    for text in ("$a.b.%.c", "$a @", "($x := 1)", "$a.b@$c.%"):
        PARSER.parse(text)
    assert [one.name for one in syntax("$x + $c").references] == ["x", "c"]
    assert syntax("$x").bound == ()


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(b/", None),
        ("a{2,1}", "min repeat greater than max repeat"),
        ("+", "nothing to repeat"),
        ("[z-a]", "bad character"),
    ],
)
def test_a_bad_pattern(pattern: str, why: str | None) -> None:
    """A regular expression that is none is reported as that; one that is never closed as what it is to JSONata."""
    found = failure(f"$match($a, /{pattern}/)")
    assert found.start == 11
    assert (found.message.startswith(f"this is not a regular expression: {why}")) == (why is not None)


def test_patterns_are_those_of_javascript() -> None:
    """A named group is written `(?<name>…)`; looking behind stays what it is."""
    syntax(r"$match($a, /(?<year>\d{4})-(?<!x)(?<=-)(?:y)/i)")


def test_no_warning_comes_out() -> None:
    """Python's `re` warns of some patterns; a user can't do anything about that."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        syntax("$match($a, /[[]a]/)")
        syntax("$match($a, /a&&b/)")


def test_the_recursion_limit_is_left_alone() -> None:
    """Importing the library raises it for the whole process; that is undone."""
    script = (
        "import sys; limit = sys.getrecursionlimit; a = limit(); import flowgen.jsonata.grammar; print(limit() == a)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


@pytest.mark.parametrize(("source", "start"), [("-1", 0), ("2 + -1", 4), ("- /* one */ 1", 0), ("[ -1.5]", 2)])
def test_the_minus_belongs_to_a_negative_number(source: str, start: int) -> None:
    """The parser folds the sign into the literal; its text begins at the sign."""
    literals = [node for node in walk(syntax(source).tree) if isinstance(node, Literal) and node.value in {-1, -1.5}]
    assert [node.start for node in literals] == [start]


@pytest.mark.parametrize(
    ("text", "original"),
    [
        ("/a b/ := 1", "The left side of := must be a variable name (start with $)"),
        ("$x[] / 2 / 3", "Syntax error: {}"),
        ("* null", "Syntax error: null"),
        ("( * null", 'Expected ")", got null'),
    ],
)
def test_any_token_can_be_in_a_message(text: str, original: str) -> None:
    """The messages of jsonata-js, in which a regular expression is `{}` and `null` is `null`."""
    assert failure(text).original == original


def test_random_tokens_never_crash_the_parser() -> None:
    rng = Random(7)  # noqa: S311 - reproducible on purpose
    parser = ExpressionParser()
    tokens = [*"()[]{}:,%*@#?;^<>|.=&/+-", "/a b/", "1", "$x", "'s'", "null", "function($a)", "~>", ":=", "in", "!="]
    for _ in range(5000):
        found = parser.parse(" ".join(rng.choice(tokens) for _ in range(rng.randint(1, 7))))
        assert isinstance(found, Syntax) or found.message
