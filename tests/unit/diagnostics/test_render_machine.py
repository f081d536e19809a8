"""The formats for machines, each compared with hand-written output."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowgen.diagnostics import CODES, Diagnostic, Fix, Label, Position, Span
from flowgen.diagnostics.explain import page
from flowgen.diagnostics.render import ANSI, FORMATS


def span(file: str, line: int, column: int, end_line: int, end_column: int) -> Span:
    return Span(file, Position(line, column), Position(end_line, end_column))


UNKNOWN = Diagnostic(
    "FG101",
    "unknown key `retyr`",
    span("flows/my shop.yaml", 12, 5, 12, 10),
    label="not a key of a step",
    secondary=(Label(span("flows/my shop.yaml", 10, 3, 14, 1), "of this step"),),
    notes=("keys are written in small letters",),
    help="did you mean `retry`?",
    fix=Fix.replace(span("flows/my shop.yaml", 12, 5, 12, 10), "retry"),
)
UNUSED = Diagnostic("FG209", "`Old` is never used", span("flows/a.yaml", 3, 1, 5, 9))
NONE = Diagnostic("FG121", "no workflow found", None)
FOUND = [UNKNOWN, UNUSED, NONE]


def test_concise() -> None:
    """One line a finding, which editors and grep understand."""
    assert FORMATS["concise"](FOUND, {}) == dedent("""\
        flows/my shop.yaml:12:5: error[FG101] unknown key `retyr`
        flows/a.yaml:3:1: warning[FG209] `Old` is never used
        error[FG121] no workflow found
        """)
    assert FORMATS["concise"]([UNUSED], {}, ANSI) == (
        "flows/a.yaml:3:1: \x1b[1;33mwarning[FG209]\x1b[0m `Old` is never used\n"
    )
    assert FORMATS["concise"]([], {}) == ""


def test_concise_keeps_to_one_line() -> None:
    """A line break in a message would make a second finding of it."""
    assert FORMATS["concise"]([Diagnostic("FG102", "a\nb.yaml:1:1: error", None)], {}) == (
        "error[FG102] a b.yaml:1:1: error\n"
    )


def test_json() -> None:
    """Everything that a diagnostic holds, with every key in every finding."""
    assert FORMATS["json"]([UNKNOWN, NONE], {}) == dedent("""\
        {
          "diagnostics": [
            {
              "code": "FG101",
              "severity": "error",
              "message": "unknown key `retyr`",
              "span": {
                "file": "flows/my shop.yaml",
                "start": {
                  "line": 12,
                  "column": 5
                },
                "end": {
                  "line": 12,
                  "column": 10
                }
              },
              "label": "not a key of a step",
              "secondary": [
                {
                  "span": {
                    "file": "flows/my shop.yaml",
                    "start": {
                      "line": 10,
                      "column": 3
                    },
                    "end": {
                      "line": 14,
                      "column": 1
                    }
                  },
                  "text": "of this step"
                }
              ],
              "notes": [
                "keys are written in small letters"
              ],
              "help": "did you mean `retry`?",
              "fix": {
                "edits": [
                  {
                    "span": {
                      "file": "flows/my shop.yaml",
                      "start": {
                        "line": 12,
                        "column": 5
                      },
                      "end": {
                        "line": 12,
                        "column": 10
                      }
                    },
                    "text": "retry"
                  }
                ]
              }
            },
            {
              "code": "FG121",
              "severity": "error",
              "message": "no workflow found",
              "span": null,
              "label": "",
              "secondary": [],
              "notes": [],
              "help": null,
              "fix": null
            }
          ],
          "errors": 2,
          "warnings": 0,
          "notes": 0
        }
        """)


def test_json_without_findings() -> None:
    """A program that reads it need not expect an empty text."""
    assert json.loads(FORMATS["json"]([], {})) == {"diagnostics": [], "errors": 0, "warnings": 0, "notes": 0}


def test_github() -> None:
    """Columns only where the finding stays on a line, no place where it has none."""
    assert FORMATS["github"](FOUND, {}) == (
        "::error file=flows/my shop.yaml,line=12,col=5,endLine=12,endColumn=10,title=FG101%3A unknown key"
        "::unknown key `retyr`%0Anot a key of a step%0Anote: keys are written in small letters"
        "%0Ahelp: did you mean `retry`?\n"
        "::warning file=flows/a.yaml,line=3,endLine=5,title=FG209%3A unused declaration::`Old` is never used\n"
        "::error title=FG121%3A no workflow found::no workflow found\n"
    )


def test_github_escapes() -> None:
    """What a message or a file's name holds ends no property and starts no command."""
    diagnostic = Diagnostic("FG102", "100%\n::error::x\r", span("a,b:c%.yaml", 1, 1, 1, 2))
    assert FORMATS["github"]([diagnostic], {}) == (
        "::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,endLine=1,endColumn=2,title=FG102%3A wrong kind of value"
        "::100%25%0A\\::error::x%0A\n"
    )


def sarif(*diagnostics: Diagnostic) -> Any:
    log = json.loads(FORMATS["sarif"](diagnostics, {}))
    import jsonschema

    jsonschema.validate(log, SARIF, cls=jsonschema.Draft7Validator)
    return log


def test_sarif() -> None:
    """One run; results name their rule, place, related places and fix; columns count code points."""
    log = sarif(*FOUND)
    [run] = log["runs"]
    assert log["version"] == "2.1.0"
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["FG101", "FG121", "FG209"]
    assert run["results"] == [
        {
            "ruleId": "FG101",
            "ruleIndex": 0,
            "level": "error",
            "message": {
                "text": "unknown key `retyr`: not a key of a step\n"
                "note: keys are written in small letters\nhelp: did you mean `retry`?"
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "flows/my%20shop.yaml"},
                        "region": {"startLine": 12, "startColumn": 5, "endLine": 12, "endColumn": 10},
                    }
                }
            ],
            "relatedLocations": [
                {
                    "id": 0,
                    "physicalLocation": {
                        "artifactLocation": {"uri": "flows/my%20shop.yaml"},
                        "region": {"startLine": 10, "startColumn": 3, "endLine": 14, "endColumn": 1},
                    },
                    "message": {"text": "of this step"},
                }
            ],
            "fixes": [
                {
                    "artifactChanges": [
                        {
                            "artifactLocation": {"uri": "flows/my%20shop.yaml"},
                            "replacements": [
                                {
                                    "deletedRegion": {
                                        "startLine": 12,
                                        "startColumn": 5,
                                        "endLine": 12,
                                        "endColumn": 10,
                                    },
                                    "insertedContent": {"text": "retry"},
                                }
                            ],
                        }
                    ],
                    "description": {"text": "did you mean `retry`?"},
                }
            ],
        },
        {
            "ruleId": "FG209",
            "ruleIndex": 2,
            "level": "warning",
            "message": {"text": "`Old` is never used"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "flows/a.yaml"},
                        "region": {"startLine": 3, "startColumn": 1, "endLine": 5, "endColumn": 9},
                    }
                }
            ],
        },
        {"ruleId": "FG121", "ruleIndex": 1, "level": "error", "message": {"text": "no workflow found"}},
    ]


def test_sarif_rules() -> None:
    """A rule says what the table says, and has the page of `flowgen explain` as its help."""
    [rule] = sarif(UNUSED)["runs"][0]["tool"]["driver"]["rules"]
    assert rule == {
        "id": "FG209",
        "name": "UnusedDeclaration",
        "shortDescription": {"text": CODES["FG209"].summary},
        "defaultConfiguration": {"level": "warning"},
        "help": {"text": page("FG209"), "markdown": page("FG209")},
    }


def test_sarif_without_findings() -> None:
    """An empty run tells code scanning that the known findings are fixed."""
    assert sarif()["runs"][0]["results"] == []


def test_sarif_absolute_path() -> None:
    """A file outside the working folder has a whole URI."""
    [result] = sarif(Diagnostic("FG101", "x", span("/srv/a b.yaml", 1, 1, 1, 2)))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///srv/a%20b.yaml"


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


# The part of the SARIF 2.1.0 schema (OASIS, sarif-schema-2.1.0.json) that the renderer uses, with its names, types,
# limits and required properties; what the renderer does not use is rejected, so that a misspelt property is found.
NATURAL = {"type": "integer", "minimum": 1}
MESSAGE = closed(["text"], text={"type": "string"}, markdown={"type": "string"})
ARTIFACT = closed([], uri={"type": "string", "format": "uri-reference"})
REGION = closed([], startLine=NATURAL, startColumn=NATURAL, endLine=NATURAL, endColumn=NATURAL)
PHYSICAL = closed([], artifactLocation=ARTIFACT, region=REGION)
LOCATION = closed([], id={"type": "integer", "minimum": -1}, physicalLocation=PHYSICAL, message=MESSAGE)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = closed(
    ["id"],
    id={"type": "string"},
    name={"type": "string"},
    shortDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=closed([], level=LEVEL),
)
REPLACEMENT = closed(["deletedRegion"], deletedRegion=REGION, insertedContent=closed([], text={"type": "string"}))
CHANGE = closed(
    ["artifactLocation", "replacements"],
    artifactLocation=ARTIFACT,
    replacements={"type": "array", "minItems": 1, "items": REPLACEMENT},
)
FIX = closed(
    ["artifactChanges"],
    description=MESSAGE,
    artifactChanges={"type": "array", "minItems": 1, "uniqueItems": True, "items": CHANGE},
)
RESULT = closed(
    ["message"],
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": -1},
    level=LEVEL,
    message=MESSAGE,
    locations={"type": "array", "items": LOCATION},
    relatedLocations={"type": "array", "uniqueItems": True, "items": LOCATION},
    fixes={"type": "array", "uniqueItems": True, "items": FIX},
)
DRIVER = closed(["name"], name={"type": "string"}, rules={"type": "array", "uniqueItems": True, "items": RULE})
RUN = closed(
    ["tool"],
    tool=closed(["driver"], driver=DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "items": RESULT},
)
SARIF = closed(
    ["version", "runs"],
    version={"enum": ["2.1.0"]},
    runs={"type": "array", "items": RUN},
    **{"$schema": {"type": "string", "format": "uri"}},
)


text = st.text(max_size=30)
position = st.builds(Position, st.integers(1, 8), st.integers(1, 40))
spans = st.builds(Span, st.sampled_from(["a.yaml", "b.yaml"]), position, position)
diagnostics = st.builds(
    Diagnostic,
    st.sampled_from(sorted(CODES)),
    text,
    st.none() | spans,
    label=text,
    secondary=st.lists(st.builds(Label, spans, text), max_size=4).map(tuple),
    notes=st.lists(text, max_size=2).map(tuple),
    help=st.none() | text,
    fix=st.none() | st.builds(Fix.replace, spans, text),
)


@given(st.lists(diagnostics, max_size=3), st.text(alphabet=st.sampled_from("a日\u0301\t\r\n\x1b #\u202e"), max_size=60))
def test_any_diagnostic_has_a_string_in_every_format(found: list[Diagnostic], source: str) -> None:
    """Spans may overlap, end before they start and lie outside the file: each finding is reported, and harmlessly."""
    sources = {"a.yaml": source}
    assert len(FORMATS["concise"](found, sources).splitlines()) == len(found)
    assert FORMATS["github"](found, sources).count("\n") == len(found)
    assert len(json.loads(FORMATS["json"](found, sources))["diagnostics"]) == len(found)
    assert len(sarif(*found)["runs"][0]["results"]) == len(found)
    rendered = FORMATS["text"](found, sources)
    assert not {"\x1b", "\t", "\r", "\u202e"} & set(rendered)
    assert sum(line.startswith(("error[FG", "warning[FG", "note[FG")) for line in rendered.splitlines()) == len(found)
