"""Whatever a user declares, the result is a configuration that the provider's schema allows, or a problem."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowgen.aws.resource_properties import properties_of
from flowgen.backends.terraform import convert
from flowgen.backends.terraform.resource_table import TABLE, VERSIONS, As
from tests.unit.backends.terraform.configurations import schema_errors

_NAMES = sorted({part for one in TABLE.values() for rule in one.rules for part in rule.split(".")})
_FUNCTIONS = st.sampled_from(
    [
        {"Ref": "Other"},
        {"Ref": "Stage"},
        {"Ref": "AWS::Region"},
        {"Ref": "AWS::NoValue"},
        {"Fn::GetAtt": ["Other", "Arn"]},
        {"Fn::GetAtt": ["Other", "Nothing"]},
        {"Fn::Sub": "a-${Stage}-${Other.Arn}"},
        {"Fn::If": ["IsLive", {"Name": "a", "Value": "b"}, {"Ref": "AWS::NoValue"}]},
        {"Fn::Transform": {"Name": "x"}},
    ]
)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.text(max_size=5), st.booleans(), st.integers(0, 9), st.none(), _FUNCTIONS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*_NAMES, "Key", "Name", "Value"]), inner, max_size=3),
        st.fixed_dictionaries({"KeyType": st.sampled_from(["HASH", "RANGE", "OTHER"]), "AttributeName": inner}),
        st.fixed_dictionaries({"Name": inner, "Value": inner}),
    ),
    max_leaves=6,
)  # fmt: skip


@pytest.mark.parametrize("resource_type", sorted(TABLE))
def test_any_properties(resource_type: str) -> None:
    names = st.sampled_from(sorted(properties_of(resource_type) or _NAMES))

    @settings(max_examples=25, deadline=None)
    @given(st.dictionaries(names, _VALUES, max_size=4))
    def check(properties: dict[str, Any]) -> None:
        configuration = convert(
            {
                "Parameters": {"Stage": {"Type": "String"}},
                "Conditions": {"IsLive": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}},
                "Resources": {
                    "Other": {"Type": "AWS::SQS::Queue"},
                    "Tried": {"Type": resource_type, "Properties": properties},
                },
            }
        )
        if not configuration.problems:
            assert [error for error in schema_errors(configuration.content) if "must be a" not in error] == []

    check()


def test_the_table_is_about_cloudformations_properties() -> None:
    """Each rule, part and version names a property that the type has."""
    for resource_type, replacement in TABLE.items():
        known = properties_of(resource_type)
        assert known is not None
        named = {rule.partition(".")[0] for rule in replacement.rules} | {
            *replacement.parts,
            *replacement.fixed.values(),
        }
        named |= {replacement.each[0]} if replacement.each else set()
        assert named <= known, resource_type
    for resource_type, version in VERSIONS.items():
        assert version.of in (properties_of(resource_type) or ())


def test_each_form_has_a_rule() -> None:
    parts = (part.rules for one in TABLE.values() for part in one.parts.values())
    rules = [rule for table in (*(one.rules for one in TABLE.values()), *parts) for rule in table.values()]
    forms = {rule.form for rule in rules if isinstance(rule, As)}
    assert forms == {"definition", "function", "json", "keys", "pairs", "responses", "status"}
