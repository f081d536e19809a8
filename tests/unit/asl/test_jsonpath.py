"""JSONPath as Jayway and the service read it."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.asl.errors import PathNotFound, QueryFailure, QuerySyntaxError
from flowgen.asl.jsonpath import compile_path, write

EXPECTED = "Expected to find an object with property"
STORE: dict[str, Any] = {
    "store": {
        "book": [
            {"category": "reference", "title": "Sayings", "price": 8.95, "tags": ["a"]},
            {"category": "fiction", "title": "Honour", "price": 12.99},
            {"category": "fiction", "title": "Moby Dick", "isbn": "0-553", "price": 8.99},
        ],
        "bicycle": {"color": "red", "price": 19.95},
    },
    "expensive": 10,
    "null": None,
    "true": True,
    "def ghi": {"a.b": 1, "it's": 2},
}


def read(text: str, root: Any = STORE, variables: dict[str, Any] | None = None, context: Any = None) -> Any:
    return compile_path(text).read(root, variables or {}, context or {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$", STORE),
        ("$.expensive", 10),
        ("$['expensive']", 10),
        ('$["expensive"]', 10),
        ("$.store.book[0].title", "Sayings"),
        ("$.store.book[-1].title", "Moby Dick"),
        ("$['def ghi']['a.b']", 1),
        ("$.['def ghi']['a.b']", 1),
        (r"$['def ghi']['it\'s']", 2),
        ("$.null", None),
        (r"$.\sto\re.bicycle.color", "red"),
        (r"$['def ghi'].a\.b", 1),
    ],
)
def test_definite_paths_give_the_value(text: str, expected: object) -> None:
    """Names and positions, in either notation, lead to one value."""
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$.store.book[*].title", ["Sayings", "Honour", "Moby Dick"]),
        ("$.store.book[0,2].title", ["Sayings", "Moby Dick"]),
        ("$.store.book[:2].title", ["Sayings", "Honour"]),
        ("$.store.book[1:].title", ["Honour", "Moby Dick"]),
        ("$.store.book[-1:].title", ["Moby Dick"]),
        ("$.store.book[0:3:2].title", ["Sayings", "Moby Dick"]),
        ("$.store.bicycle['color','price']", ["red", 19.95]),
        ("$.store.bicycle.*", ["red", 19.95]),
        ("$..isbn", ["0-553"]),
        ("$..book[0].title", ["Sayings"]),
        ("$.store..price", [8.95, 12.99, 8.99, 19.95]),
        ("$.nothing[*]", []),
        ("$.expensive[1:2].x", []),
        ("$..nothing", []),
    ],
)
def test_indefinite_paths_give_all_that_they_select(text: str, expected: object) -> None:
    """Wildcards, unions, slices and `..` give a list, empty where nothing is found."""
    assert read(text) == expected


@pytest.mark.parametrize(
    ("condition", "titles"),
    [
        ("@.isbn", ["Moby Dick"]),
        ("!@.isbn", ["Sayings", "Honour"]),
        ("@.price < 10", ["Sayings", "Moby Dick"]),
        ("@.price >= 12.99", ["Honour"]),
        ("@.price > $.expensive", ["Honour"]),
        ("@.category == 'fiction' && @.price < 10", ["Moby Dick"]),
        ("@.category==fiction", ["Honour", "Moby Dick"]),
        ("@.category != 'fiction' || @.isbn", ["Sayings", "Moby Dick"]),
        ("!(@.category == 'fiction')", ["Sayings"]),
        ("@.title in ['Honour', 'Sayings']", ["Sayings", "Honour"]),
        ("@.title nin ['Honour', 'Sayings']", ["Moby Dick"]),
        ("@.title contains 'y'", ["Sayings", "Moby Dick"]),
        ("@.title size 6", ["Honour"]),
        ("@.tags subsetof ['a', 'b']", ["Sayings"]),
        ("@.tags anyof ['a', 'z']", ["Sayings"]),
        ("@.tags noneof ['y', 'z']", ["Sayings"]),
        ("@.tags contains 'a'", ["Sayings"]),
        ("@..price", ["Sayings", "Honour", "Moby Dick"]),
        ("'Honour' == @.title", ["Honour"]),
        ("@.title empty false", ["Sayings", "Honour", "Moby Dick"]),
        ("@['price'] == 8.95", ["Sayings"]),
        ("@.title.length() > 6", ["Sayings", "Moby Dick"]),
        ("@.price == '8.95'", []),
        ("@.isbn == null", []),
        ("(@.price < 9 && (@.isbn))", ["Moby Dick"]),
    ],
)
def test_filters_keep_the_items_that_the_condition_holds_for(condition: str, titles: list[str]) -> None:
    """A filter compares values of one kind, and what is missing equals nothing."""
    assert read(f"$.store.book[?({condition})].title") == titles


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$.store.book.length()", 3),
        ("$.store.book[*].price.size()", 3),
        ("$.store.book[*].price.min()", 8.95),
        ("$.store.book[*].price.max()", 12.99),
        ("$.numbers.sum()", 4.0),
        ("$.numbers.avg()", 2.0),
        ("$.numbers.stddev()", 1.0),
        ("$.numbers.first()", 1),
        ("$.numbers.last()", 3),
        ("$.numbers.index(1)", 3),
        ("$.store.bicycle.keys()", ["color", "price"]),
        ("$.expensive.keys()", None),
        ("$.expensive.length()", None),
    ],
)
def test_functions_at_the_end_of_a_path(text: str, expected: object) -> None:
    """The functions of Jayway apply to what the path before them gives."""
    assert read(text, {**STORE, "numbers": [1, 3]}) == expected


@pytest.mark.parametrize(
    "text", ["$.store.bicycle.min()", "$.empty.first()", "$.store.book.index(9)", "$.nothing.sum()"]
)
def test_functions_that_have_nothing_to_apply_to_fail(text: str) -> None:
    """No numbers have no minimum, and no items have no first item."""
    with pytest.raises(QueryFailure):
        read(text, {**STORE, "empty": []})


def test_context_and_variables_are_other_documents() -> None:
    """`$$` reads the context object and `$name` a variable, which may have the name of nothing in the input."""
    context = {"Execution": {"Input": {"a": 1}}}
    assert read("$$.Execution.Input.a", context=context) == 1
    assert read("$$", context=context) == context
    assert read("$order.items[1]", variables={"order": {"items": [1, 2]}}) == 2
    assert read("$größe", variables={"größe": 3}) == 3


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("$.no.such.path", "Invalid path '$.no.such.path' : Missing property in path $['no']"),
        ("$.nope", "Invalid path '$.nope' : No results for path: $['nope']"),
        ("$.store.nope", "Invalid path '$.store.nope' : No results for path: $['store']['nope']"),
        ("$.store.book[9]", "Invalid path '$.store.book[9]' : No results for path: $['store']['book'][9]"),
        (
            "$.expensive[0]",
            "Invalid path '$.expensive[0]' : Filter: [0] can only be applied to arrays. Current context is: 10",
        ),
        ("$.null[0]", "Invalid path '$.null[0]' : The path $['null'] is null"),
        *(
            (path, f"Invalid path '{path}' : {EXPECTED} ['x'] in path {place} but found {kind}")
            for path, place, kind in (
                ("$.null.x", "$['null']", "null"),
                ("$.store.book.x", "$['store']['book']", "an array"),
                ("$.expensive.x", "$['expensive']", "a number"),
                ("$.store.bicycle.color.x", "$['store']['bicycle']['color']", "a string"),
                ("$.true.x", "$['true']", "a boolean"),
            )
        ),
        ("$absent.x", "Invalid path '$absent.x' : The variable 'absent' is not set"),
    ],
)
def test_a_definite_path_to_nowhere_fails_in_the_words_of_the_service(text: str, cause: str) -> None:
    """The cause tells the place at which the path ended."""
    with pytest.raises(PathNotFound) as caught:
        read(text)
    assert (caught.value.error, caught.value.cause) == ("States.Runtime", cause)


def test_a_string_has_neither_members_nor_items() -> None:
    """A position does not read a character of a string, nor a name a part of it."""
    for text in ("$.a[0]", "$.a.b"):
        with pytest.raises(PathNotFound):
            read(text, {"a": "text"})


def test_a_path_into_a_null_input_fails() -> None:
    """The service has its own words for a null input."""
    with pytest.raises(QueryFailure, match="Unable to apply Path transformation to null or empty input"):
        read("$.a", None)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("a.b", 0),
        ("$.", 2),
        ("$.a b", 3),
        ("$..", 3),
        ("$.a[", 4),
        ("$.a[x]", 4),
        ("$.a['b]", 4),
        ("$.a['b'", 7),
        ("$.a[?(@.b == )]", 13),
        ("$.a[?(@.b)", 10),
        ("$.a[?@.b]", 5),
        ("$.a.length().b", 12),
        ("$.a.nothing()", 12),
        ("$$$.a", 2),
        ("$.a]", 3),
    ],
)
def test_what_is_not_a_path_is_reported_with_the_place(text: str, position: int) -> None:
    """The error is at the character that can't be read."""
    with pytest.raises(QuerySyntaxError) as caught:
        compile_path(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "is_reference"),
    [("$", True), ("$.a[0]['b']", True), ("$$.a", True), ("$.a[*]", False), ("$..a", False), ("$.a[-1]", False)],
)
def test_reference_paths_name_one_place(text: str, *, is_reference: bool) -> None:
    """Operators make a path that is none of a Reference Path."""
    assert compile_path(text).is_reference is is_reference


def test_nesting_that_runs_away_is_rejected() -> None:
    """A filter within a filter ends at a depth, and `..` over much data at a number of values."""
    with pytest.raises(QuerySyntaxError, match="nested too deeply"):
        compile_path("$" + "[?(@" * 100 + ")]" * 100)
    deep: Any = []
    for _ in range(300):
        deep = [deep, deep]
    with pytest.raises(QueryFailure, match="selects more than"):
        read("$..*", deep)


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        ("$", {"a": 1}, "new"),
        ("$.b", {"a": 1}, {"a": 1, "b": "new"}),
        ("$.a", {"a": 1, "b": 2}, {"a": "new", "b": 2}),
        ("$.x.y.z", {"a": 1}, {"a": 1, "x": {"y": {"z": "new"}}}),
        ("$.a[1]", {"a": [1, 2, 3]}, {"a": [1, "new", 3]}),
        ("$.a[0].b", {"a": [{"c": 1}]}, {"a": [{"c": 1, "b": "new"}]}),
    ],
)
def test_write_puts_a_value_where_the_path_leads(path: str, root: Any, expected: object) -> None:
    """What is there is replaced, and missing objects in the path are created."""
    assert write(compile_path(path), root, "new") == expected


def test_write_copies_only_what_changes() -> None:
    """The input stays as it was, and what lies next to the way is shared with it."""
    root = {"a": {"b": 1}, "c": {"d": 2}}
    written = write(compile_path("$.a.x"), root, 5)
    assert root == {"a": {"b": 1}, "c": {"d": 2}}
    assert written["c"] is root["c"]


@pytest.mark.parametrize(
    ("path", "root"), [("$.a", "text"), ("$.a.b", {"a": 1}), ("$.a[3]", {"a": [1]}), ("$.a[0]", {})]
)
def test_write_fails_where_the_way_is_blocked(path: str, root: Any) -> None:
    """A value that can't have such a place is a failure with the name of the specification."""
    with pytest.raises(QueryFailure) as caught:
        write(compile_path(path), root, 1)
    assert caught.value.error == "States.ResultPathMatchFailure"
    assert caught.value.cause.startswith(f"Unable to apply ReferencePath {path} to input ")
