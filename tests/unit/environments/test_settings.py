"""`[tool.flowgen.env.NAME]`: what it is read as, and what is reported of it."""

from __future__ import annotations

import tomllib

import pytest

from flowgen.diagnostics import Diagnostic, Sink
from flowgen.environments import Environment, find, read
from flowgen.environments.toml_positions import place_of

WHOLE = """\
[tool.flowgen]
[tool.flowgen.env.prod]
stack = "shop-prod"
region = "eu-west-1"
profile = "shop prod"
bucket = "shop.artifacts"
parameters = {Limit = 500, Zones = ["a", "b"], Loud = true, Rate = 0.5}
tags = {team = "shop", "cost centre" = "7"}

[tool.flowgen.env.dev.parameters]
Limit = 5
"""


def environments_of(text: str) -> tuple[dict[str, Environment], list[Diagnostic]]:
    sink = Sink()
    found = read(tomllib.loads(text)["tool"]["flowgen"]["env"], text, "pyproject.toml", sink)
    return found, list(sink)


def told(text: str) -> list[tuple[str, tuple[int, int] | None]]:
    """Messages of FG120 with their line and column."""
    _, findings = environments_of(f"[tool.flowgen.env]\n{text}\n")
    assert {one.code for one in findings} <= {"FG120"}
    return [
        (one.message, None if one.span is None else (one.span.start.line, one.span.start.column)) for one in findings
    ]


def test_whole() -> None:
    """Each setting, and a table that is written below its environment."""
    found, findings = environments_of(WHOLE)
    assert findings == []
    assert found == {
        "prod": Environment(
            "prod",
            "shop-prod",
            "eu-west-1",
            "shop prod",
            "shop.artifacts",
            {"Limit": 500, "Zones": ["a", "b"], "Loud": True, "Rate": 0.5},
            {"team": "shop", "cost centre": "7"},
        ),
        "dev": Environment("dev", parameters={"Limit": 5}),
    }


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("x = 1", "an environment must be a table: `[tool.flowgen.env.x]`", (2, 1)),
        ('"a b" = {}', "`a b` is not a valid environment name: use letters, digits, `-` and `_`", (2, 2)),
        ("x = {sync = 1}", "`sync` must be true or false", (2, 6)),
        ('x = {stak = "s"}', "unknown setting `stak` of an environment", (2, 6)),
        (
            'x.stack = "my_stack"',
            "`stack` must start with a letter and have at most 128 letters, digits and hyphens",
            (2, 3),
        ),
        ('[tool.flowgen.env.x]\nregion = "Ireland"', "`region` must be an AWS region, such as eu-west-1", (3, 1)),
        ("x = {profile = 1}", "`profile` must be the name of an AWS CLI profile", (2, 6)),
        ('x = {bucket = "Big"}', "`bucket` must be 3 to 63 lower-case letters, digits, dots and hyphens", (2, 6)),
        ("x = {parameters = 1}", "`parameters` must be a table of names and values", (2, 6)),
        (
            "x = {parameters = {A = 2020-01-01}}",
            "`A` must be a string, a number, true, false, or a list of these",
            (2, 20),
        ),
        (
            "x = {parameters = {A = [{}]}}",
            "`A` must be a string, a number, true, false, or a list of these",
            (2, 20),
        ),
        (
            "x = {parameters = {A = inf}}",
            "`A` must be a string, a number, true, false, or a list of these",
            (2, 20),
        ),
        ("x = {tags = []}", "`tags` must be a table of names and strings", (2, 6)),
        ("x = {tags = {a = 1}}", "the value of tag `a` must be a string", (2, 14)),
        (
            'x = {tags = {"aws:x" = "1"}}',
            "a tag's name can have 128 characters, its value 256; AWS reserves `aws:`",
            (2, 15),
        ),
        (
            f"x = {{tags = {{{', '.join(f't{n} = {chr(34)}{chr(34)}' for n in range(51))}}}}}",
            "a stack can have at most 50 tags",
            (2, 6),
        ),
    ],
)
def test_a_wrong_setting_is_reported_at_its_place(text: str, message: str, place: tuple[int, int]) -> None:
    """What was wanted there, with the line and column of the key."""
    assert told(text) == [(message, place)]


def test_env_is_a_table() -> None:
    """And nothing else."""
    sink = Sink()
    assert read(1, "[tool.flowgen]\nenv = 1\n", "pyproject.toml", sink) == {}
    [finding] = sink
    assert finding.message == "`[tool.flowgen.env.NAME]` must be a table"
    assert finding.span is not None
    assert finding.span.start.line == 2


def test_what_is_wrong_is_left_out() -> None:
    """The rest of the environment is there."""
    found, _ = environments_of('[tool.flowgen.env.x]\nregion = "?"\nstack = "s"\ntags = {a = 1, b = "c"}\n')
    assert found == {"x": Environment("x", "s", tags={"b": "c"})}


def test_an_unknown_environment() -> None:
    """FG540 with the name that was probably meant, all names, or what to add."""
    found, _ = environments_of(WHOLE)
    assert find(found, "dev") == Environment("dev", parameters={"Limit": 5})
    for known, name, help_ in (
        (found, "prd", "did you mean `prod`?"),
        (found, "staging", "pyproject.toml has `prod`, `dev`"),
        ({}, "staging", "add the table `[tool.flowgen.env.staging]` to pyproject.toml"),
    ):
        finding = find(known, name)
        assert isinstance(finding, Diagnostic)
        assert (finding.code, finding.message, finding.help) == (
            "FG540",
            f"unknown environment `{name}`",
            help_,
        )


def test_places_in_toml() -> None:
    """The key itself, not the same word elsewhere; None where it is not written."""
    text = 'a = "b = 1" # b = 1\n["x y"]\nb = 0\n[t."x y".b]\nb = [\n "b",\n]\n'
    for keys, place in ((["x y", "b"], (3, 1)), (["t", "x y", "b"], (4, 10)), (["t", "x y", "b", "b"], (5, 1))):
        span = place_of(text, keys, "f")
        assert span is not None
        assert (span.start.line, span.start.column) == place
    assert place_of(text, ["t", "b"], "f") is None
    assert place_of("b = 1\n" + "# b\n" * 40 + "[b", ["b"], "f") is None
