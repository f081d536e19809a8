"""Types: the shorthand, tagged unions, JSON Schema in place and in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowgen.diagnostics import Position, Sink
from flowgen.model import Workflow, read_workflow
from flowgen.pipeline import check_paths
from flowgen.source import LIMITS, read
from tests.marked import FILE, findings, the_finding, unmarked, workflow

Schema = dict[str, Any]


def declared(types: str) -> dict[str, Schema]:
    """The schemas of declared types."""
    return {name: one.schema for name, one in model(workflow(f"types:\n{types}\nsteps: []\n")).types.items()}


def model(text: str, files: dict[str, str] | None = None) -> Workflow:
    sink = Sink()
    root = read(FILE, text, sink)
    assert root is not None
    found = read_workflow(root, sink, (files or {}).get)
    assert [one.message for one in sink] == []
    assert found is not None
    return found


def with_type(marked: str) -> str:
    """A workflow with a type `T`, which is used."""
    return f"flowgen: 1\nname: tested\ninput: T\ntypes:\n  T: {marked}\nsteps: []\n"


def test_the_shorthand() -> None:
    """Every form of a field, and what it stands for."""
    schemas = declared(
        """
  Order:
    description: What the shop sends.
    fields:
      id: uuid
      status: [open, paid]
      kind: [only]
      codes: [1, 2.5, true, null, "1"]
      lines: Line[1..50]
      note: string?
      coupon?: string
      priority: integer = 0
      currency: {enum: [EUR, USD], default: EUR}
      total: {type: number, minimum: 0}
      tags: map<string>
      inner: {fields: {deep: Line}}
      type: string
      fields: string
  Line: string
"""
    )
    assert schemas["Line"] == {"type": "string"}
    assert schemas["Order"] == {
        "type": "object",
        "description": "What the shop sends.",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "status": {"enum": ["open", "paid"]},
            "kind": {"const": "only"},
            "codes": {"enum": [1, 2.5, True, None, "1"]},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}, "minItems": 1, "maxItems": 50},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "coupon": {"type": "string"},
            "priority": {"type": "integer", "default": 0},
            "currency": {"enum": ["EUR", "USD"], "default": "EUR"},
            "total": {"type": "number", "minimum": 0},
            "tags": {"type": "object", "additionalProperties": {"type": "string"}},
            "inner": {
                "type": "object",
                "properties": {"deep": {"$ref": "#/$defs/Line"}},
                "required": ["deep"],
                "additionalProperties": False,
            },
            "type": {"type": "string"},
            "fields": {"type": "string"},
        },
        "required": ["id", "status", "kind", "codes", "lines", "note", "total", "tags", "inner", "type", "fields"],
        "additionalProperties": False,
    }


def test_a_record_without_fields() -> None:
    """It is the empty object, and needs nothing."""
    assert declared("  T: {fields: {}}") == {"T": {"type": "object", "properties": {}, "additionalProperties": False}}


def test_a_tagged_union() -> None:
    """A choice among declared types by one of their fields."""
    schemas = declared(
        "  Payment: {one_of: {card: Card, invoice: Invoice}, tag: method, description: How it is paid.}\n"
        "  Card: {fields: {method: [card]}}\n  Invoice: {fields: {method: [invoice]}}"
    )
    assert schemas["Payment"] == {
        "description": "How it is paid.",
        "oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Invoice"}],
        "discriminator": {
            "propertyName": "method",
            "mapping": {"card": "#/$defs/Card", "invoice": "#/$defs/Invoice"},
        },
    }


def test_json_schema_in_place() -> None:
    """Kept as written; its nested definitions become separate types, named after both."""
    schemas = declared(
        """
  T:
    $schema: https://json-schema.org/draft/2020-12/schema
    $id: https://example.org/t
    $comment: dropped
    title: kept
    x-own: {any: thing}
    type: [object, "null"]
    properties:
      a: {$ref: "#/$defs/part-one", description: beside it}
      b: {$ref: "#/$defs/Other"}
      c: {type: array, prefixItems: [{$ref: "#"}], items: false}
      d: {anyOf: [{$ref: "#/definitions/two"}, true], unevaluatedProperties: {$ref: "#/$defs/Other"}}
    additionalProperties: {$ref: "#/$defs/Other"}
    $defs: {part-one: {type: string, pattern: "^a"}}
    definitions: {two: {not: {$ref: "#/$defs/part-one"}}}
  Other: string
"""
    )
    assert schemas == {
        "T": {
            "title": "kept",
            "x-own": {"any": "thing"},
            "type": ["object", "null"],
            "properties": {
                "a": {"$ref": "#/$defs/TPartOne", "description": "beside it"},
                "b": {"$ref": "#/$defs/Other"},
                "c": {"type": "array", "prefixItems": [{"$ref": "#/$defs/T"}], "items": False},
                "d": {
                    "anyOf": [{"$ref": "#/$defs/TTwo"}, True],
                    "unevaluatedProperties": {"$ref": "#/$defs/Other"},
                },
            },
            "additionalProperties": {"$ref": "#/$defs/Other"},
        },
        "TPartOne": {"type": "string", "pattern": "^a"},
        "TTwo": {"not": {"$ref": "#/$defs/TPartOne"}},
        "Other": {"type": "string"},
    }


def test_schemas_in_files() -> None:
    """Whole files and parts of them, JSON and YAML, with what they define."""
    files = {
        "./schemas/legacy.json": json.dumps(
            {"type": "object", "properties": {"p": {"$ref": "#/$defs/part"}}, "$defs": {"part": {"$ref": "#"}}}
        ),
        "b.yaml": "$defs:\n  Inner: {type: integer}\n",
        "d.yaml": "type: boolean\n",
    }
    found = model(
        workflow(
            "types:\n  A: {$ref: ./schemas/legacy.json}\n"
            '  B: {anyOf: [{$ref: "b.yaml#/$defs/Inner"}, {$ref: d.yaml}]}\n'
            '  C: {properties: {x: {$ref: "./schemas/legacy.json#"}, y: {$ref: "./schemas/legacy.json#"}}}\nsteps: []\n'
        ),
        files,
    )
    assert {name: one.schema for name, one in found.types.items()} == {
        "A": {"$ref": "#/$defs/ALegacy"},
        "ALegacy": {"type": "object", "properties": {"p": {"$ref": "#/$defs/ALegacyPart"}}},
        "ALegacyPart": {"$ref": "#/$defs/ALegacy"},
        "B": {"anyOf": [{"$ref": "#/$defs/BBInner"}, {"$ref": "#/$defs/BD"}]},
        "BBInner": {"type": "integer"},
        "BD": {"type": "boolean"},
        "C": {"properties": {"x": {"$ref": "#/$defs/CLegacy"}, "y": {"$ref": "#/$defs/CLegacy"}}},
        "CLegacy": {"type": "object", "properties": {"p": {"$ref": "#/$defs/CLegacyPart"}}},
        "CLegacyPart": {"$ref": "#/$defs/CLegacy"},
    }
    assert {name for name, one in found.types.items() if one.derived} == set(found.types) - {"A", "B", "C"}


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("«5»", "expected a type, found a number"),
        ("«true»", "expected a type, found a boolean"),
        ("{fields: «[a]»}", "`fields` must be a mapping of names to types, not a list"),
        ("{fields: «null»}", "`fields` must be a mapping of names to types, not null"),
        ("{fields: {a: «5»}}", "expected a type, found a number"),
        ("{fields: {a: string}, description: «5»}", "expected a string, found a number"),
        ("{one_of: «[A]», tag: t}", "`one_of` must be a mapping of the tag's values to types"),
        ("{one_of: «{}», tag: t}", "`one_of` must be a mapping of the tag's values to types"),
        ("{one_of: {a: «5»}, tag: t}", "expected a string, found a number"),
        ("{one_of: {a: string}, tag: «[t]»}", "expected a string, found a list"),
    ],
)
def test_a_type_of_a_wrong_kind(marked: str, message: str) -> None:
    """FG102."""
    assert the_finding(with_type(marked), "FG102").message == message


@pytest.mark.parametrize(
    ("marked", "code", "message"),
    [
        ("{fields: {a: string, «a?»: string}}", "FG002", "the field `a` is declared twice"),
        ("{fields: {«'?'»: string}}", "FG107", "a field needs a name"),
        ("{fields: {a: string}, «required»: [a]}", "FG101", "a type with `fields` has no key `required`"),
        ("{one_of: {a: string}, tag: t, «title»: x}", "FG101", "a tagged union has no key `title`"),
        ("«string |»", "FG108", "expected a type here"),
        ("{fields: {a: string «!»}}", "FG108", "unexpected `!` in a type"),
        ("string «= 1»", "FG108", "only a field can have a default"),
        ("{fields: {a: «integer = one»}}", "FG108", "the default `one` is not of type integer"),
        ("{fields: {a: «integer = 1.5»}}", "FG108", "the default `1.5` is not of type integer"),
        ("{fields: {a: «integer = true»}}", "FG108", "the default `True` is not of type integer"),
        ("{fields: {a: «boolean = 1»}}", "FG108", "the default `1` is not of type boolean"),
        ("{fields: {a: «'string[] = x'»}}", "FG108", "the default `x` is not of type array"),
        ("{fields: {a: «'map<string> = []'»}}", "FG108", "the default `[]` is not of type object"),
    ],
)
def test_a_wrong_shorthand(marked: str, code: str, message: str) -> None:
    """At the field, key or part of the type expression."""
    if marked == "«string |»":
        marked = "string |«»"
    assert the_finding(with_type(marked), code).message == message


def test_a_union_without_a_tag() -> None:
    """FG103 at the type's name."""
    text = "flowgen: 1\nname: tested\ninput: T\ntypes:\n  «T»: {one_of: {a: string}}\nsteps: []\n"
    assert the_finding(text, "FG103").message.startswith("a tagged union needs the key `tag`")


@pytest.mark.parametrize(
    ("marked", "message", "help_"),
    [
        ("«[]»", "an enumeration must have at least one member", None),
        ("[a, «[b]»]", "a member of an enumeration must be a string or number, not a list", None),
        ("[a, b, «a»]", "`a` is listed twice in this enumeration", None),
        ("{«tpye»: string}", "unknown JSON Schema keyword `tpye`", "did you mean `type`?"),
        ("{«feilds»: {a: string}}", "unknown JSON Schema keyword `feilds`", "did you mean `fields`?"),
        (
            "{«zzzzzzz»: 1}",
            "unknown JSON Schema keyword `zzzzzzz`",
            "put the fields of a type under `fields`: write `{fields: {zzzzzzz: …}}`",
        ),
        (
            "{type: array, items: {«fields»: {q: integer}}}",
            "unknown JSON Schema keyword `fields`",
            "inside a JSON Schema, write `{type: object, properties: …}`; or declare a type with `fields`, and write",
        ),
        (
            "{anyOf: [{«one_of»: {a: A}, tag: kind}]}",
            "unknown JSON Schema keyword `one_of`",
            "declare a type with `one_of`, and write `$ref: '#/$defs/NAME'` here",
        ),
        (
            "{anyOf: [{«zzzzzzz»: 1}]}",
            "unknown JSON Schema keyword `zzzzzzz`",
            "use a keyword of JSON Schema 2020-12",
        ),
        (
            "{fields: {a: {«one_of»: {a: A}, tag: kind}}}",
            "unknown JSON Schema keyword `one_of`",
            "declare a type with `one_of`, and write its name here",
        ),
        ("{type: «strin»}", "unknown JSON Schema type `strin`", "did you mean `string`?"),
        ("{type: «[string, zzz]»}", "unknown JSON Schema type `zzz`", None),
        ("{type: «5»}", "`type` must be a string or a list", None),
        ("{minLength: «true»}", "`minLength` must be a whole number", None),
        ("{minimum: «a»}", "`minimum` must be a whole number or a number", None),
        ("{uniqueItems: «1»}", "`uniqueItems` must be a boolean", None),
        ("{required: «a»}", "`required` must be a list", None),
        ("{required: «[1]»}", "`required` must be a list of names", None),
        ("{enum: «[]»}", "`enum` must have at least one member", None),
        ("{properties: «[a]»}", "`properties` must be a mapping", None),
        ("{properties: {a: «string»}}", "a schema must be a mapping, `true` or `false`", None),
        ("{items: «[string]»}", "`items` must be a mapping or a boolean", None),
        ("{anyOf: [{}, «string»]}", "a schema must be a mapping, `true` or `false`", None),
        ("{anyOf: [{}, {properties: {b: {«typ»: x}}}]}", "unknown JSON Schema keyword `typ`", "did you mean `type`?"),
        ("{$defs: «[a]»}", "`$defs` must be a mapping of names to schemas", None),
        ("{$defs: {a-b: {}, «aB»: {}}}", "two definitions result in the same type `TAB`", "rename one of them"),
        ("{$ref: «'#/$defs/a/b'»}", "cannot resolve `#/$defs/a/b`", "`$ref` must be"),
        ("{$ref: «'#anchor'»}", "cannot resolve `#anchor`", "`$ref` must be"),
        ("{$ref: «https://example.org/a.json»}", "flowgen does not fetch schemas from the network", "keep a copy"),
        ("{$ref: «missing.json»}", "`missing.json` can't be read", "it must be a file inside the project"),
    ],
)
def test_a_wrong_schema(marked: str, message: str, help_: str | None) -> None:
    """FG109 at the keyword or its value."""
    found = the_finding(with_type(marked), "FG109")
    assert found.message == message
    assert (found.help or "").startswith(help_ or "")
    assert help_ is not None or found.help is None


def test_fields_inside_a_schema() -> None:
    """What the help says to write there instead holds: a declared type that is named."""
    text = "input: T\ntypes:\n  T: {type: array, items: %s}\n%ssteps: []\n"
    [found] = findings(workflow(text % ("{fields: {q: integer}}", "")))
    assert "declare a type with `fields`, and write `$ref: '#/$defs/NAME'` here" in (found.help or "")
    assert findings(workflow(text % ("{$ref: '#/$defs/Q'}", "  Q: {fields: {q: integer}}\n"))) == []


@pytest.mark.parametrize(
    "types", ["  T: T", "  T: U\n  U: V?\n  V: T | string", "  T: {anyOf: [{type: string}, {$ref: '#'}]}"]
)
def test_a_type_that_is_only_itself(types: str) -> None:
    """FG109 for each type of such a circle."""
    told = findings(workflow(f"input: T\ntypes:\n{types}\nsteps: []\n"))
    assert {found.code for found in told} == {"FG109"}
    assert len(told) == types.count("\n") + 1


def test_types_that_hold_themselves() -> None:
    """A field, an item and a map may be of the type around them; a name for a circle is not itself one."""
    fine = "  T: {fields: {kids: 'T[]', other?: T, by_name: map<T>}}\n  U: T?\n"
    assert findings(workflow(f"input: U\ntypes:\n{fine}steps: []\n")) == []
    circle = "  T: U\n  U: V\n  V: V\n"
    [found] = findings(workflow(f"input: T\ntypes:\n{circle}steps: []\n"))
    assert (found.code, found.message) == ("FG109", "type `V` is defined only in terms of itself")


@pytest.mark.parametrize(
    ("types", "names"),
    [
        ("  T: {fields: {x: T}}\n", "T"),
        ("  T: {fields: {x: 'T[1..]'}}\n", "T"),
        ("  T: 'T[2]'\n", "T"),
        ("  T: {fields: {x: {fields: {y: T}}}}\n", "T"),
        ("  T: {fields: {x: U}}\n  U: {fields: {x: T}}\n", "TU"),
        ("  T: {fields: {x: U}}\n  U: {fields: {x: U}}\n", "U"),
        ("  T: {one_of: {a: U}, tag: t}\n  U: {fields: {t: [a], x: T}}\n", "TU"),
        ("  T: {type: object, properties: {x: {$ref: '#/$defs/T'}}, required: [x]}\n", "T"),
        ("  T: {one_of: {a: U, b: V}, tag: t}\n  U: {fields: {t: [a], x: T}}\n  V: {fields: {t: [b]}}\n", ""),
        ("  T: {fields: {x?: T, y: 'T[]', z: T?, m: map<T>, o: T | string}}\n", ""),
        ("  T: {type: object, properties: {x: {$ref: '#/$defs/T'}}, required: [y]}\n", ""),
    ],
)
def test_a_type_without_a_finite_value(types: str, names: str) -> None:
    """FG109 for each type of the circle, and not for those that only use it."""
    told = findings(workflow(f"input: T\ntypes:\n{types}steps: []\n"))
    assert [(found.code, found.message) for found in told] == [
        ("FG109", f"type `{name}` always contains another `{name}`, so no value can have it") for name in names
    ]


def test_the_help_for_a_type_without_a_finite_value() -> None:
    [found] = findings(workflow("input: T\ntypes:\n  T: {fields: {id: T}}\nsteps: []\n"))
    assert found.help == "make `id` optional (`id?:`), or a list (`[]`)"


def test_long_chains_of_types() -> None:
    """Looking for circles takes time in proportion: this test would not end otherwise."""
    chain = "".join(f"  T{i}: T{i + 1}\n" for i in range(5000))
    assert findings(workflow(f"input: T0\ntypes:\n{chain}  T5000: string\nsteps: []\n")) == []
    circle = "".join(f"  T{i}: {{fields: {{x: T{(i + 1) % 1000}}}}}\n" for i in range(1000))
    assert len(findings(workflow(f"input: T0\ntypes:\n{circle}steps: []\n"))) == 1000


def test_large_enumerations() -> None:
    """Looking for members that are twice takes time in proportion, too."""
    members = ", ".join(f"m{i}" for i in range(20_000))
    assert findings(workflow(f"input: T\ntypes: {{T: [{members}]}}\nsteps: []\n")) == []


# --- files of a project ---


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    (tmp_path / "workflows").mkdir()
    (tmp_path.parent / "outside.json").write_text("{}")
    return tmp_path


def file_finding(project: Path, marked: str, code: str = "FG109") -> str:
    text, span = unmarked(with_type(marked))
    (project / "workflows" / FILE).write_text(text, encoding="utf-8")
    report = check_paths((f"workflows/{FILE}",), project)
    assert [(found.code, found.span and (found.span.start, found.span.end)) for found in report.diagnostics] == [
        (code, (span.start, span.end))
    ], report.diagnostics
    return report.diagnostics[0].message


@pytest.mark.parametrize(
    "name",
    ["../../outside.json", "/etc/hostname", "../../../../../../etc/hostname", "..", ".", "a\\0b.json", "a" * 5000],
)
def test_files_outside_the_project(project: Path, name: str) -> None:
    """What lies outside is not read, whichever way it is named."""
    quoted = f'"{name}"'
    assert "can't be read" in file_finding(project, f"{{$ref: «{quoted}»}}")


def test_a_link_that_leads_outside(project: Path) -> None:
    """A symbolic link is what it leads to."""
    (project / "workflows" / "link.json").symlink_to(project.parent / "outside.json")
    assert file_finding(project, "{$ref: «link.json»}") == "`link.json` can't be read"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "{", "`a.json` is not JSON: "),
        ("a.json", "", "`a.json` is not JSON: "),
        ("a.json", '{"default": NaN}', "`a.json` is not JSON: `NaN` is not valid JSON"),
        ("a.json", '{"maximum": 1e400}', "`a.json` is not JSON: `1e400` is too large for a number"),
        ("a.json", "[]", "`a.json` is not a schema: expected a mapping"),
        ("a.json", "true", "`a.json` is not a schema: expected a mapping"),
        ("a.json", '{"typ": 1}', "unknown JSON Schema keyword `typ` (at `#/typ` of the file)"),
        ("a.json", '{"properties": {"a": {"type": "x"}}}', "unknown JSON Schema type `x` (at `#/properties/a/type`"),
        ("a.json", '{"$ref": "b.json"}', "`b.json` can't be read"),
        ("a.json", '{"$ref": "#/$defs/x"}', "cannot resolve `#/$defs/x` (at `#/$ref` of the file)"),
        ("a.json", '{"x":' * 100 + "1" + "}" * 100, f"`a.json` is nested deeper than {LIMITS.depth} levels"),
        ("a.json", "[" * 100_000, "`a.json` is not JSON: "),
        ("a.json", " " * (LIMITS.characters + 1), "`a.json` has 1,000,001 characters; the limit is 1,000,000"),
        ("a.yaml", "- a", "`a.yaml` is not a schema: expected a mapping"),
    ],
    ids=range(14),
)
def test_files_that_are_not_schemas(project: Path, name: str, content: str, message: str) -> None:
    """FG109 at the `$ref`, with the place in the file."""
    (project / "workflows" / name).write_text(content)
    assert file_finding(project, f"{{$ref: «{name}»}}").startswith(message)


def test_a_file_that_refers_to_a_file(project: Path) -> None:
    """One step away from the workflow, no further."""
    (project / "workflows" / "a.json").write_text('{"$ref": "b.json"}')
    (project / "workflows" / "b.json").write_text("{}")
    assert file_finding(project, "{$ref: «a.json»}").startswith("a schema file refers to another file, `b.json`")


def test_files_of_one_name(project: Path) -> None:
    """The types are named after the files, so two of one name in one type can't be distinguished."""
    for folder in ("one", "two"):
        (project / "workflows" / folder).mkdir()
        (project / "workflows" / folder / "a.json").write_text("{}")
    message = file_finding(project, "{anyOf: [{$ref: one/a.json}, {$ref: «two/a.json»}]}")
    assert message == "two files result in the same type `TA`"


def test_a_part_that_is_not_there(project: Path) -> None:
    """The pointer names one of the file's definitions."""
    (project / "workflows" / "a.json").write_text('{"$defs": {"b": {}}}')
    assert file_finding(project, "{$ref: «'a.json#/$defs/c'»}") == "`a.json` does not define `/$defs/c`"


def test_a_yaml_file_with_an_error(project: Path) -> None:
    """Its own finding is reported next to that of the reference."""
    (project / "workflows" / "a.yaml").write_text("a: 1\na: 2\n")
    (project / "workflows" / FILE).write_text(with_type("{$ref: a.yaml}"))
    report = check_paths((f"workflows/{FILE}",), project)
    assert [
        (found.code, found.span and found.span.file, found.span and found.span.start) for found in report.diagnostics
    ] == [
        ("FG002", "a.yaml", Position(2, 1)),
        ("FG109", f"workflows/{FILE}", Position(5, 13)),
    ]
