"""Unions keep apart what is worth it; narrowing keeps what is known; texts can be read."""

from __future__ import annotations

from flowgen.types import (
    ANY_TYPE,
    BOOLEAN_TYPE,
    INTEGER_TYPE,
    NEVER,
    NOTHING_TYPE,
    NULL_TYPE,
    NUMBER_TYPE,
    TEXT_TYPE,
    Origin,
    array_of,
    literal,
    meet,
    optional,
    present,
    record,
    refine,
    show,
    tuple_of,
    union,
    unknown,
    without,
)
from flowgen.types.algebra import ABSENT, MAX_LITERALS, MAX_OBJECTS, NULL, alternatives, covers, widen


def test_unions_are_normalized() -> None:
    """What is contained in something else disappears; the order does not matter for what is in it."""
    assert union(INTEGER_TYPE, NUMBER_TYPE) == NUMBER_TYPE
    assert union(literal("a"), TEXT_TYPE) == TEXT_TYPE
    assert union(literal(1), INTEGER_TYPE) == INTEGER_TYPE
    assert union(literal(1.5), INTEGER_TYPE) == NUMBER_TYPE
    assert union(literal(1.0), literal(1)) == literal(1)
    assert union(literal(True), literal(False)) == BOOLEAN_TYPE
    assert union(TEXT_TYPE, NEVER) == TEXT_TYPE
    assert union(TEXT_TYPE, ANY_TYPE) == ANY_TYPE
    assert union(array_of(INTEGER_TYPE), array_of(NUMBER_TYPE)) == array_of(NUMBER_TYPE)
    assert show(union(array_of(INTEGER_TYPE), array_of(TEXT_TYPE))) == "integer[] | string[]"


def test_variants_of_objects_stay_apart_until_there_are_too_many() -> None:
    """Tagged variants are kept; beyond the cap they become one object that has what any of them has."""
    variants = [record({"kind": literal(f"k{index}"), f"f{index}": TEXT_TYPE}) for index in range(MAX_OBJECTS + 1)]
    few = union(*variants[:3])
    assert len(few.objects) == 3
    many = union(*variants)
    assert len(many.objects) == 1
    assert many.objects[0].get("f0").may_be_absent


def test_too_many_literals_are_the_kind() -> None:
    """A string of very many is just a string."""
    assert union(*(literal(str(index)) for index in range(MAX_LITERALS + 1))) == TEXT_TYPE
    assert widen(union(literal("a"), literal(1))) == union(TEXT_TYPE, INTEGER_TYPE)


def test_any_remembers_why() -> None:
    """The first reason for `any` survives a union, and so does the one for nothing."""
    why = unknown("the function calls itself", 1, 2)
    absent = optional(TEXT_TYPE, Origin("`a` may be absent"))
    both = union(absent, why)
    assert both.unknown == Origin("the function calls itself", 1, 2)
    assert both.absent == Origin("`a` may be absent")


def test_covering() -> None:
    """A type covers what is surely all in it, and `any` covers no function and nothing that is nothing."""
    assert covers(record({"a": optional(TEXT_TYPE)}), record({}))
    assert not covers(record({"a": TEXT_TYPE}), record({}))
    assert covers(array_of(TEXT_TYPE), tuple_of(literal("a"), TEXT_TYPE))
    assert not covers(array_of(TEXT_TYPE, 3), tuple_of(TEXT_TYPE))
    assert covers(ANY_TYPE, record({"a": TEXT_TYPE}))
    assert not covers(ANY_TYPE, NOTHING_TYPE)


def test_intersection() -> None:
    """What is of both types: literals of a kind, fields of both objects, never for what can't be."""
    assert meet(TEXT_TYPE, union(literal("a"), literal(1))) == literal("a")
    assert meet(NUMBER_TYPE, INTEGER_TYPE) == INTEGER_TYPE
    assert meet(record({"a": TEXT_TYPE}, ANY_TYPE), record({"b": TEXT_TYPE}, ANY_TYPE)) == record(
        {"a": TEXT_TYPE, "b": TEXT_TYPE}, ANY_TYPE
    )
    assert meet(record({"a": TEXT_TYPE}), record({"b": TEXT_TYPE})).is_never
    assert meet(TEXT_TYPE, NULL_TYPE).is_never


def test_refining_along_a_path() -> None:
    """Knowing a field drops the variants that can't have it; arrays in the path are unchanged."""
    card = record({"method": literal("card"), "number": TEXT_TYPE})
    cash = record({"method": literal("cash")})
    either = union(card, cash, NULL_TYPE)
    assert refine(either, ("method",), lambda type_: meet(type_, literal("card"))) == card
    assert refine(either, ("number",), present) == card
    lists = record({"items": array_of(record({"a": optional(TEXT_TYPE)}))})
    assert refine(lists, ("items", "a"), present) == lists
    assert without(union(TEXT_TYPE, NULL_TYPE), NULL) == TEXT_TYPE
    assert without(optional(TEXT_TYPE), ABSENT) == TEXT_TYPE


def test_alternatives_are_the_members_of_a_union() -> None:
    """A union falls into what it was made of."""
    assert [show(one) for one in alternatives(union(optional(TEXT_TYPE), literal(1), array_of(NULL_TYPE)))] == [
        "undefined",
        "string",
        "1",
        "null[]",
    ]


def test_texts() -> None:
    """Types read like type expressions; long ones are cut in depth, then in width."""
    inner = record({"deep": record({"deeper": record({"deepest": TEXT_TYPE})})})
    assert show(optional(union(TEXT_TYPE, NULL_TYPE))) == "string | null | undefined"
    assert show(array_of(union(TEXT_TYPE, NULL_TYPE))) == "(string | null)[]"
    assert show(tuple_of(TEXT_TYPE, optional(INTEGER_TYPE))) == "[string, integer | undefined]"
    assert show(record({"a b": TEXT_TYPE}, NULL_TYPE)) == '{"a b": string, …: null}'
    assert show(inner, width=15) == "{deep: {…}}"
    assert show(NEVER) == "never"
