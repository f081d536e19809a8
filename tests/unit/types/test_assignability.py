"""What fits where, and what is said of what does not."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.types import (
    ANY_TYPE,
    INTEGER_TYPE,
    NOTHING_TYPE,
    NULL_TYPE,
    NUMBER_TYPE,
    TEXT_TYPE,
    Array,
    Declaration,
    Definitions,
    Doubt,
    MismatchKind,
    NotationFailure,
    Origin,
    Type,
    array_of,
    assign,
    literal,
    optional,
    parse,
    record,
    schema_of,
    show_path,
    tuple_of,
    union,
)
from flowgen.types.algebra import UNSURE

LINE = {
    "type": "object",
    "properties": {"sku": {"type": "string"}, "amount": {"type": "integer"}},
    "required": ["sku"],
    "additionalProperties": False,
}
SCHEMAS: dict[str, Any] = {
    "Line": LINE,
    "Order": {
        "type": "object",
        "properties": {
            "status": {"enum": ["open", "paid"]},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
        },
        "required": ["status", "lines"],
        "additionalProperties": False,
    },
    "Card": {
        "type": "object",
        "properties": {"method": {"const": "card"}, "number": {"type": "string"}},
        "required": ["method", "number"],
        "additionalProperties": False,
    },
    "Invoice": {
        "type": "object",
        "properties": {"method": {"const": "invoice"}, "days": {"type": "integer"}},
        "required": ["method", "days"],
        "additionalProperties": False,
    },
    "Payment": {"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Invoice"}]},
    "Tree": {
        "type": "object",
        "properties": {"value": {"type": "integer"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
        "required": ["value", "children"],
        "additionalProperties": False,
    },
    "Wood": {
        "type": "object",
        "properties": {"value": {"type": "number"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Wood"}}},
        "required": ["value", "children"],
        "additionalProperties": False,
    },
}
DEFINITIONS = Definitions(SCHEMAS)


def type_(notation: str) -> Type:
    tree = parse(notation)
    assert not isinstance(tree, NotationFailure)
    return DEFINITIONS.type_of(schema_of(tree))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("integer", "number"),
        ("string", "string | null"),
        ("uuid", "string"),
        ("string", "uuid"),
        ("Order", "Order"),
        ("Order", "object"),
        ("Order", "any"),
        ("any", "Order"),
        ("Card", "Payment"),
        ("Payment", "Card | Invoice"),
        ("Tree", "Wood"),
        ("Line[]", "Line[1..5]"),
        ("map<integer>", "map<number>"),
        ("integer[] | string[]", "any[]"),
    ],
)
def test_fits(source: str, target: str) -> None:
    """Subtypes fit; formats and the least length of arrays are checked at run time."""
    assert assign(type_(source), type_(target)) is None


@pytest.mark.parametrize(
    ("source", "target", "kind", "path"),
    [
        ("number", "integer", MismatchKind.KIND, ""),
        ("string", "integer", MismatchKind.KIND, ""),
        ("string?", "string", MismatchKind.NULL, ""),
        ("Wood", "Tree", MismatchKind.KIND, "value"),
        ("Line[]", "Line", MismatchKind.KIND, ""),
        ("Line", "Order", MismatchKind.MISSING_FIELD, "status"),
        ("object", "Line", MismatchKind.OPEN, ""),
        ("string[]", "Line[]", MismatchKind.KIND, "[]"),
        ("Line[3..4]", "Line[1..2]", MismatchKind.LENGTH, ""),
        ("map<string>", "map<integer>", MismatchKind.KIND, "[]"),
    ],
)
def test_mismatches(source: str, target: str, kind: MismatchKind, path: str) -> None:
    """What does not fit is reported by its kind and the path to it."""
    mismatch = assign(type_(source), type_(target))
    assert mismatch is not None
    assert (mismatch.kind, show_path(mismatch.path)) == (kind, path)


def test_the_path_leads_into_the_value_and_names_the_contract() -> None:
    """A mismatch deep inside says which field of which contract asks for what."""
    order = record(
        {
            "status": literal("open"),
            "lines": array_of(record({"sku": INTEGER_TYPE})),
        }
    )
    mismatch = assign(order, DEFINITIONS.named("Order"))
    assert mismatch is not None
    assert show_path(mismatch.path) == "lines[].sku"
    assert mismatch.message == "is `integer`, expected `string`"
    assert mismatch.help == "convert it to a string: `$string(x)`"
    assert mismatch.declaration == Declaration("Line", ("properties", "sku"))


def test_a_misspelled_field_is_suggested() -> None:
    """A field that the contract lacks names the one that is meant."""
    mismatch = assign(record({"sku": TEXT_TYPE, "amuont": INTEGER_TYPE}), DEFINITIONS.named("Line"))
    assert mismatch is not None
    assert mismatch.kind is MismatchKind.UNKNOWN_FIELD
    assert mismatch.path == ("amuont",)
    assert mismatch.message == "is not a field of `Line`"
    assert mismatch.help == "did you mean `amount`?"


def test_a_literal_that_is_not_allowed() -> None:
    """A string outside an enumeration is reported with the nearest member; any text is not enough."""
    enumeration = DEFINITIONS.type_of({"enum": ["open", "paid"]})
    mismatch = assign(literal("opn"), enumeration)
    assert mismatch is not None
    assert mismatch.kind is MismatchKind.LITERAL
    assert mismatch.message == 'is "opn", expected "open" | "paid"'
    assert mismatch.help == "did you mean `open`?"
    any_text = assign(TEXT_TYPE, enumeration)
    assert any_text is not None
    assert any_text.kind is MismatchKind.LITERAL


def test_nothing_only_fits_where_it_may_be_absent() -> None:
    """A field that may be absent does not fit one that is required, and does fit an optional one."""
    absent = Origin("`coupon` may be absent from `Order`", 3, 9)
    source = record({"sku": optional(TEXT_TYPE, absent)})
    mismatch = assign(source, DEFINITIONS.named("Line"))
    assert mismatch is not None
    assert mismatch.kind is MismatchKind.ABSENT
    assert mismatch.origin == absent
    assert "`coupon` may be absent from `Order`" in mismatch.message
    assert assign(source, record({"sku": optional(TEXT_TYPE)})) is None
    whole = assign(NOTHING_TYPE, TEXT_TYPE)
    assert whole is not None
    assert whole.message == "is always undefined, expected `string`"


def test_a_sequence_is_not_an_array() -> None:
    """What may be undefined, one bare item or an array is reported as such, with where it came from."""
    origin = Origin("`lines.sku` is flattened", 0, 9)
    many = Type(parts=(Array((), TEXT_TYPE, 2, None, 0, origin),))
    mismatch = assign(optional(union(TEXT_TYPE, many)), array_of(TEXT_TYPE))
    assert mismatch is not None
    assert mismatch.kind is MismatchKind.SEQUENCE
    assert mismatch.origin == origin
    assert mismatch.help is not None
    assert "`[…]`" in mismatch.help
    assert assign(union(TEXT_TYPE, many), union(TEXT_TYPE, array_of(TEXT_TYPE))) is None


def test_variants_are_distinguished_by_their_tag() -> None:
    """The mismatch is that of the variant that the tag names; an unknown tag is reported itself."""
    payment = DEFINITIONS.named("Payment")
    wrong_field = assign(record({"method": literal("invoice"), "days": TEXT_TYPE}), payment)
    assert wrong_field is not None
    assert wrong_field.path == ("days",)
    wrong_tag = assign(record({"method": literal("cash"), "days": INTEGER_TYPE}), payment)
    assert wrong_tag is not None
    assert (wrong_tag.kind, wrong_tag.path) == (MismatchKind.LITERAL, ("method",))


def test_an_object_with_several_tags_is_looked_at_variant_by_variant() -> None:
    """One object with a tag of two values fits a union that has both."""
    kinds = DEFINITIONS.type_of(
        {
            "oneOf": [
                {
                    "type": "object",
                    "properties": {"kind": {"const": kind}},
                    "required": ["kind"],
                    "additionalProperties": False,
                }
                for kind in ("a", "b")
            ]
        }
    )
    assert assign(record({"kind": union(literal("a"), literal("b"))}), kinds) is None
    assert assign(record({"kind": union(literal("a"), literal("c"))}), kinds) is not None


def test_doubts_are_where_nothing_is_known() -> None:
    """`any`, and what its author calls optional without meaning it, fit and are counted."""
    doubts: list[Doubt] = []
    unsure = Type(UNSURE, absent=Origin("AWS marks it as optional"))
    source = record({"sku": ANY_TYPE, "amount": union(INTEGER_TYPE, unsure)})
    target = record({"sku": TEXT_TYPE, "amount": INTEGER_TYPE})
    assert assign(source, target, doubts) is None
    assert [(show_path(doubt.path), doubt.origin and doubt.origin.text) for doubt in doubts] == [
        ("sku", "it is declared `any`"),
        ("amount", "AWS marks it as optional"),
    ]


def test_tuples_fit_item_by_item() -> None:
    """An array whose items are known each for itself fits a list of what all of them are."""
    assert assign(tuple_of(INTEGER_TYPE, INTEGER_TYPE), array_of(NUMBER_TYPE)) is None
    mismatch = assign(tuple_of(INTEGER_TYPE, NULL_TYPE), array_of(NUMBER_TYPE))
    assert mismatch is not None
    assert mismatch.path == (1,)
