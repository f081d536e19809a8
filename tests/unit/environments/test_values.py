"""Values of parameters: what CloudFormation would take, and what is reported of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.diagnostics import Diagnostic, Fix, Position, Sink, Span
from flowgen.environments import Given, as_text, checked, is_secret

PLACE = Span("pyproject.toml", Position(3, 1), Position(3, 4))


def findings(declaration: dict[str, Any], value: Any) -> tuple[dict[str, str], list[Diagnostic]]:
    sink = Sink()
    texts = checked({"One": declaration}, {"One": Given(value, place=lambda: PLACE)}, sink)
    return texts, list(sink)


@pytest.mark.parametrize(
    ("declaration", "value", "text"),
    [
        ({"Type": "String"}, "x", "x"),
        ({"Type": "String"}, 5, "5"),
        ({"Type": "String", "AllowedValues": [True, "no"]}, True, "true"),
        ({"Type": "String", "MinLength": 1, "MaxLength": "3"}, "abc", "abc"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "abc", "abc"),
        ({"Type": "String", "AllowedPattern": "(?=x).*"}, "what Java knows is CloudFormation's", None),
        ({"Type": "Number", "MinValue": 0, "MaxValue": "10"}, 10, "10"),
        ({"Type": "Number"}, "-1.5e3", "-1.5e3"),
        ({"Type": "Number", "AllowedValues": [1, 2]}, "2", "2"),
        ({"Type": "CommaDelimitedList"}, ["a", 1], "a,1"),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a, b", "a, b"),
        ({"Type": "List<Number>"}, [1, 2.5], "1,2.5"),
        ({"Type": "List<AWS::EC2::Subnet::Id>"}, ["subnet-1", "subnet-2"], "subnet-1,subnet-2"),
        ({"Type": "AWS::EC2::VPC::Id"}, "vpc-1", "vpc-1"),
        ({"Type": "AWS::SSM::Parameter::Value<Number>", "MaxValue": 1}, "/shop/limit", "/shop/limit"),
        ({}, "x", "x"),
    ],
)
def test_values_that_are_taken(declaration: dict[str, Any], value: Any, text: str | None) -> None:
    """They become texts."""
    assert findings(declaration, value) == ({"One": value if text is None else text}, [])


@pytest.mark.parametrize(
    ("declaration", "value", "problem"),
    [
        ({"Type": "Number"}, "ten", "must be a number"),
        ({"Type": "Number"}, True, "must be a number"),
        ({"Type": "Number"}, [1], "must be a Number, not a list"),
        ({"Type": "Number", "MinValue": 1}, 0, "must be at least 1"),
        ({"Type": "Number", "MaxValue": 9}, 9.5, "must be at most 9"),
        ({"Type": "String"}, ["a"], "must be a String, not a list"),
        ({"Type": "String", "MinLength": 2}, "a", "must have at least 2 characters"),
        ({"Type": "String", "MaxLength": 2}, "abc", "must have at most 2 characters"),
        ({"Type": "String", "AllowedPattern": "[a-z]"}, "ab", "must match [a-z]"),
        ({"Type": "String", "AllowedPattern": "(a+)+"}, "a" * 100 + "!", "must match (a+)+"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "c", "must be one of a, b"),
        (
            {"Type": "String", "AllowedValues": list(range(10))},
            "c",
            "must be one of 0, 1, 2, 3, 4, 5, 6, 7, …",
        ),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a"]}, "a,c", "must be one of a"),
        ({"Type": "List<Number>"}, ["1", "x"], "must be a number"),
        (
            {"Type": "AWS::SSM::Parameter::Value<String>"},
            1,
            "must be the name of a Systems Manager parameter, a string",
        ),
    ],
)
def test_values_that_are_rejected(declaration: dict[str, Any], value: Any, problem: str) -> None:
    """FG542 at the place of the value, which it shows."""
    texts, [finding] = findings(declaration, value)
    assert texts == {}
    assert (finding.code, finding.span, finding.message) == ("FG542", PLACE, f"parameter `One` {problem}")
    assert finding.label == f"found `{as_text(value)}`"


def test_help_is_the_declarations_own() -> None:
    """`ConstraintDescription`, else the value that was probably meant."""
    allowed = {"Type": "String", "AllowedValues": ["standard", "express"]}
    _, [finding] = findings(allowed, "expres")
    assert finding.help == "did you mean `express`?"
    _, [finding] = findings({**allowed, "ConstraintDescription": "how it is sent"}, "expres")
    assert finding.help == "how it is sent"
    _, [finding] = findings(allowed, "?")
    assert finding.help is None


@pytest.mark.parametrize("masked", [True, "true", "True"])
def test_a_secret_is_not_shown(masked: Any) -> None:
    """Nothing of it, wherever it goes wrong."""
    declaration = {"Type": "String", "NoEcho": masked, "AllowedValues": ["hunter2"], "MaxLength": 9}
    assert is_secret(declaration)
    assert not is_secret({"NoEcho": False})
    _, [finding] = findings(declaration, "hunter3")
    assert "hunter3" not in repr(finding)
    assert finding.help is None


def test_an_unknown_name() -> None:
    """FG541 with what was meant, or what there is; a name of elsewhere in the project is left out."""
    sink = Sink()
    declared = {"ReviewLimit": {"Type": "Number"}}
    given = {"ReviewLimt": Given(1, "--parameter"), "Else": Given("x"), "Zzz": Given("x")}
    assert checked(declared, given, sink, known=["Else"]) == {}
    assert [(one.code, one.message, one.help) for one in sink] == [
        ("FG541", "--parameter: unknown parameter `ReviewLimt`", "did you mean `ReviewLimit`?"),
        ("FG541", "unknown parameter `Zzz`", "the template has `ReviewLimit`"),
    ]
    sink = Sink()
    checked({}, {"A": Given(1)}, sink)
    assert [one.help for one in sink] == ["declare it under `parameters` of a workflow"]


def test_a_misspelled_name_in_a_file_has_a_fix() -> None:
    """Unless the file sets the suggested parameter too, or the value is from the command line."""
    declared = {"ReviewLimit": {"Type": "Number"}}

    def fixes(*given: tuple[str, Given]) -> list[Fix | None]:
        sink = Sink()
        checked(declared, dict(given), sink)
        return [one.fix for one in sink]

    in_file = Given(1, place=lambda: PLACE)
    assert fixes(("ReviewLimt", in_file)) == [Fix.replace(PLACE, "ReviewLimit")]
    assert fixes(("ReviewLimt", in_file), ("ReviewLimit", in_file)) == [None]
    assert fixes(("ReviewLimt", Given(1, "--parameter"))) == [None]
    assert fixes(("Zzz", in_file)) == [None]
