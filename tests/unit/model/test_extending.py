"""`extends`: the fields of bases, from the same file or another, and what is in conflict."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from flowgen.diagnostics import Sink
from flowgen.model import Workflow, read_workflow
from flowgen.source import read
from tests.marked import findings, the_finding, workflow

STEPS = "output: any\nsteps: [{id: one, set: 1}]\n"


def _read(types: str, files: dict[str, str] | None = None) -> Workflow:
    sink = Sink()
    imported = "import: base.yaml\n" if files else ""
    root = read("workflow.yaml", f"flowgen: 1\nname: small\n{imported}{STEPS}types:\n{types}", sink)
    assert root is not None
    found = read_workflow(root, sink, (files or {}).get)
    assert found is not None, [one.message for one in sink]
    return found


def test_fields_of_bases_come_first() -> None:
    """Over several levels, with their defaults and optional fields."""
    found = _read(
        "  A: {fields: {a: string, b?: integer}}\n"
        "  B: {extends: A, description: More., fields: {c: integer = 1}}\n"
        "  C: {extends: [B, Other], fields: {d: C?}}\n"
        "  Other: {fields: {e: string}}\n"
    )
    assert found.types["C"].schema == {
        "type": "object",
        "properties": {
            "a": {"type": "string"},
            "b": {"type": "integer"},
            "c": {"type": "integer", "default": 1},
            "e": {"type": "string"},
            "d": {"anyOf": [{"$ref": "#/$defs/C"}, {"type": "null"}]},
        },
        "required": ["a", "e", "d"],
        "additionalProperties": False,
    }
    assert found.types["B"].schema["description"] == "More."
    assert found.types["C"].inherited == {"a": "A", "b": "A", "c": "B", "e": "Other"}


def test_bases_in_an_imported_file() -> None:
    """A base of another file, and a base of that file that is declared later."""
    files = {"base.yaml": "flowgen: 1\ntypes:\n  B: {extends: A}\n  A: {fields: {a: string}}\n"}
    assert list(_read("  C: {extends: B, fields: {c: string}}\n", files).types["C"].schema["properties"]) == ["a", "c"]


def test_alias_open_schema_and_common_base() -> None:
    """A base may be an alias or JSON Schema, and reach a type by two ways. An open base leaves the record open."""
    found = _read(
        "  A: {type: object, properties: {a: {type: string}}, required: [a]}\n"
        "  Alias: A\n  B: {extends: Alias, fields: {b: string}}\n  C: {extends: A}\n  D: {extends: [B, C]}\n"
    )
    assert found.types["D"].schema == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "required": ["a", "b"],
    }


@pytest.mark.parametrize("seed", range(20))
def test_random_hierarchies(seed: int) -> None:
    """A record has exactly the fields that it and its ancestors declare, wherever they are in the file."""
    random = Random(seed)  # noqa: S311 - no secret
    names = [f"T{number}" for number in range(8)]
    bases = {name: random.sample(names[:index], min(index, random.randrange(3))) for index, name in enumerate(names)}
    expected: dict[str, set[str]] = {}
    for name in names:
        expected[name] = {name.lower()}.union(*(expected[base] for base in bases[name]))
    lines = []
    for name in random.sample(names, len(names)):
        extends = f"extends: [{', '.join(bases[name])}], " if bases[name] else ""
        lines.append(f"  {name}: {{{extends}fields: {{{name.lower()}: string}}}}\n")
    types = _read("".join(lines)).types
    assert {name: set(types[name].schema["properties"]) for name in names} == expected
    assert {name: set(types[name].schema["required"]) for name in names} == expected


NO_RECORD = "`B` cannot extend `A`, which is not a record"
DIFFERS = "the field `a` differs between `A` and `B`"
NAMED = "A: {fields: {a: string}}"


@pytest.mark.parametrize(
    ("types", "message"),
    [
        ("A: {extends: B}\n  B: {extends: «A»}", "type `A` extends itself"),
        ("A: {extends: «A»}", "type `A` extends itself"),
        ("A: string\n  B: {extends: «A»}", NO_RECORD),
        ("A: [x, y]\n  B: {extends: [«A»]}", NO_RECORD),
        ("A: {one_of: {x: C}, tag: t}\n  C: {fields: {t: [x]}}\n  B: {extends: «A»}",
         NO_RECORD),
        (f"{NAMED}\n  B: {{extends: A, fields: {{«a»: integer}}}}", DIFFERS),
        (f"{NAMED}\n  B: {{extends: A, fields: {{«a?»: string}}}}", DIFFERS),
        (f"{NAMED}\n  C: {{fields: {{a: date}}}}\n  B: {{extends: [A, «C»]}}",
         "the field `a` differs between `A` and `C`"),
        ("A: {fields: {}}\n  B: {extends: [A, «A»]}", "`A` is listed twice under `extends`"),
        ("A: {fields: {}}\n  B: {fields: {b: {extends: «A»}}}",
         "`extends` is only allowed for types that are declared under `types`"),
    ],
)  # fmt: skip
def test_conflicts(types: str, message: str) -> None:
    """FG109 at the base or the field."""
    assert the_finding(workflow(f"types:\n  {types}\n{STEPS}"), "FG109").message == message


def test_field_declared_again_with_the_same_type() -> None:
    """It is the same field."""
    found = _read(
        "  A: {fields: {a: string}}\n  B: {fields: {a: string}}\n  C: {extends: [A, B], fields: {a: string}}\n"
    )
    assert list(found.types["C"].schema["properties"]) == ["a"]


def test_unknown_base() -> None:
    """FG202, as for every other use of a name."""
    text = workflow(f"types:\n  Named: {{fields: {{}}}}\n  B: {{extends: «Namd»}}\n{STEPS}input: Named\n")
    found = the_finding(text, "FG202")
    assert (found.message, found.help) == ("unknown type `Namd`", "did you mean `Named`?")


def test_a_wrong_default_is_reported_once() -> None:
    """In the base, not again in each record that extends it."""
    text = "types:\n  A: {fields: {a: 'date = x'}}\n  B: {extends: A}\n  C: {extends: [A, B]}\n"
    reported: list[Any] = [found.code for found in findings(workflow(text + STEPS)) if found.code != "FG209"]
    assert reported == ["FG109"]


def test_long_chain_ends_at_a_limit() -> None:
    """FG402 once: n records in a chain could inherit n² fields."""
    types = "".join(
        f"  T{number}: {{extends: T{number - 1}, fields: {{f{number}: string}}}}\n" for number in range(1, 2000)
    )
    text = f"flowgen: 1\nname: small\n{STEPS}types:\n  T0: {{fields: {{f0: string}}}}\n{types}"
    assert [found.code for found in findings(text)] == ["FG402"]
