"""The laws of types, compared with the values that they are made of."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from flowgen.types import (
    ANY_TYPE,
    Array,
    Object,
    Type,
    assign,
    contains,
    expand,
    json_schema,
    meet,
    optional,
    present,
    refine,
    show,
    type_of_value,
    union,
)
from flowgen.types.algebra import Part
from tests.property.random_types import NAMES, RECURSIVE, random_type, random_value

RANDOM = st.integers(0, 2**32).map(Random)
laws = settings(max_examples=300, derandomize=True, deadline=None)


def unbounded(type_: Type, depth: int = 8) -> Type:
    """`type_` without the bounds of its arrays, which are refinements; deep down, `any`."""
    if depth == 0:
        return optional(ANY_TYPE) if type_.may_be_absent else ANY_TYPE
    parts: list[Part] = []
    for part in expand(type_).parts:
        if isinstance(part, Array) and not part.prefix:
            parts.append(Array((), unbounded(part.rest, depth - 1)))
        elif isinstance(part, Array):
            most = len(part.prefix) if part.rest.is_never else None
            parts.append(
                Array(
                    tuple(unbounded(item, depth - 1) for item in part.prefix), unbounded(part.rest, depth - 1), 0, most
                )
            )
        elif isinstance(part, Object):
            fields = {name: unbounded(field, depth - 1) for name, field in part.fields.items()}
            parts.append(replace(part, fields=fields, rest=unbounded(part.rest, depth - 1)))
        else:
            parts.append(part)
    return replace(expand(type_), parts=tuple(parts))


@laws
@given(RANDOM)
def test_values_made_of_a_type_are_of_it(rng: Random) -> None:
    """The generator and `contains` agree, and the exact type of a value fits."""
    type_ = random_type(rng)
    value = random_value(rng, type_)
    assert contains(type_, value)
    assert contains(type_of_value(value), value)
    assert contains(type_of_value(value, exact=False), value)
    assert assign(type_of_value(value), type_) is None


@laws
@given(RANDOM)
def test_a_union_has_the_values_of_both(rng: Random) -> None:
    """Nothing is lost by putting two types together, and each fits the union."""
    one, other = random_type(rng), random_type(rng)
    both = union(one, other)
    assert contains(both, random_value(rng, one))
    assert contains(both, random_value(rng, other))
    assert assign(one, both) is None
    assert assign(other, both) is None
    assert union(both, one) == both


@laws
@given(RANDOM)
def test_the_meet_has_what_both_have(rng: Random) -> None:
    """A value of both types is of their intersection, and what is of the intersection is of the first."""
    one, other = random_type(rng), random_type(rng)
    both = meet(one, other)
    for value in (random_value(rng, one), random_value(rng, other)):
        if contains(one, value) and contains(other, value):
            assert contains(both, value)
    if not both.is_never:
        value = random_value(rng, both)
        assert contains(one, value)
        assert contains(other, value)


@laws
@given(RANDOM)
def test_what_fits_has_no_value_that_does_not(rng: Random) -> None:
    """When a type may be assigned to another, its values are of that one, bounds of arrays aside."""
    source, target = random_type(rng, 2), random_type(rng, 2)
    target = union(target, random_type(rng, 1), source) if rng.random() < 0.3 else target
    if assign(source, target) is None:
        for _ in range(5):
            assert contains(unbounded(target), random_value(rng, source))


@laws
@given(RANDOM)
def test_a_schema_allows_what_the_type_has(rng: Random) -> None:
    """JSON Schema written from a type and read again allows just the type's values."""
    type_, other = random_type(rng), random_type(rng)
    schema = json_schema(type_)
    whole = {**schema, "$defs": RECURSIVE.schemas}
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(whole)
    validator = Draft202012Validator(whole)
    again = RECURSIVE.type_of(schema)
    for value in (random_value(rng, type_), random_value(rng, other)):
        assert validator.is_valid(value) == contains(type_, value) == contains(again, value)


@laws
@given(RANDOM)
def test_refining_keeps_the_values_that_pass(rng: Random) -> None:
    """An object that has a field is still of the type once that is known."""
    type_ = random_type(rng)
    value = random_value(rng, type_)
    name = rng.choice(NAMES)
    if isinstance(value, dict) and name in value:
        assert contains(refine(type_, (name,), present), value)


@laws
@given(RANDOM)
def test_every_type_has_a_string(rng: Random) -> None:
    """Printing never fails, and keeps to its width."""
    text = show(random_type(rng, 4), width=60)
    assert text
    assert len(text) <= 60
