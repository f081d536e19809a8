"""The template as text: every reader of YAML reads the same data, and a person reads it with ease."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from flowgen.backends.cloudformation import build_template, to_json, to_yaml
from tests.unit.backends.cloudformation.support import PLACE_ORDER, REMIND_USER, unit


class _Loader(yaml.SafeLoader):
    """YAML 1.1 with CloudFormation's short forms, as its own command line reads it."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    assert isinstance(node, yaml.ScalarNode)
    value = loader.construct_scalar(node)
    if suffix == "GetAtt":
        return {"Fn::GetAtt": value.split(".", 1)}
    return {"Ref": value} if suffix == "Ref" else {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def _loaded(text: str) -> Any:
    return yaml.load(text, _Loader)  # noqa: S506 - a safe loader with three more tags


@pytest.mark.parametrize("text", [REMIND_USER, PLACE_ORDER])
def test_yaml_and_json_say_the_same(text: str) -> None:
    """Both give the template back."""
    template = build_template([unit(text)])

    assert _loaded(to_yaml(template)) == template
    assert json.loads(to_json(template)) == template


_TEXTS = """yes No on y N null ~ true 12 1e3 0o17 0x1F 1_000 012 12:30 -.5 .inf .NaN = << 2012-10-17
2001-01-01T00:00:00Z &a *a !Ref {a} [a] ' " % @ ` | > ? - # \\"""
_SPACED = [
    "",
    "!Ref X",
    "- x",
    "a: b",
    "a #b",
    "{% 'x' %}",
    '{% "x" %}',
    "two\nlines",
    "two\nlines\n",
    "trailing \nspace",
]


@pytest.mark.parametrize("text", [*_TEXTS.split(), *_SPACED, " lead", "tab\t", "\x07", "\u2028", "\r\n"])
def test_a_string_stays_a_string_in_both_versions_of_yaml(text: str) -> None:
    """What looks like a number, a date or a boolean in YAML 1.1 or 1.2 is quoted."""
    written = to_yaml({"key": text, text or "empty": "value"})

    assert _loaded(written)["key"] == text
    assert YAML(typ="safe", pure=True).load(written) == {"key": text, text or "empty": "value"}


_KEYS = st.text(max_size=8).filter(lambda key: key not in ("Ref", "Fn::GetAtt", "Fn::Sub"))
_PRINTABLE = st.characters(exclude_categories=["Cs"])


@given(
    st.dictionaries(
        _KEYS,
        st.recursive(
            st.text(_PRINTABLE) | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_any_data_comes_back(data: dict[str, Any]) -> None:
    """Whatever the texts are, the YAML is read as the same data."""
    assert _loaded(to_yaml(data)) == data


def test_short_forms_are_used() -> None:
    """The forms that people write; a join stays long, and an expression is quoted once."""
    template = {
        "A": {"Ref": "X"},
        "B": {"Fn::GetAtt": ["X", "Arn"]},
        "C": {"Fn::Sub": "${X}:*"},
        "D": {"Fn::Join": ["", ["a"]]},
        "E": "{% 'x' & $y %}",
        "F": "12",
        "G": "one\ntwo",
        "H": "long " * 40 + "end",
    }

    assert to_yaml(template) == (
        "A: !Ref X\n"
        "B: !GetAtt X.Arn\n"
        "C: !Sub ${X}:*\n"
        "D:\n  Fn::Join:\n  - ''\n  - - a\n"
        "E: \"{% 'x' & $y %}\"\n"
        'F: "12"\n'
        "G: |-\n  one\n  two\n"
        f"H: {'long ' * 40}end\n"
    )


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    """Another process with another seed writes the same template."""
    program = (
        "from tests.unit.backends.cloudformation.support import PLACE_ORDER, unit\n"
        "from flowgen.backends.cloudformation import build_template, to_json, to_yaml\n"
        "template = build_template([unit(PLACE_ORDER)])\n"
        "print(to_yaml(template) + to_json(template))\n"
    )
    path = os.pathsep.join(filter(None, sys.path))
    written = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }

    assert len(written) == 1
    assert b"PlaceOrderStateMachine:" in written.pop()
