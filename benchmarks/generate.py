"""`flowgen generate` of 20 models, changed and unchanged, compared with the command `datamodel-codegen`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Command, interleaved, table

GOAL, GOAL_UNCHANGED = 1.3, 0.33
"""The maximum ratios to the time of the command `datamodel-codegen`."""

FIELDS = "{id: uuid, name: string, at: date-time, count: integer = 0, note?: string, tags: 'string[]', state: [a, b]}"

EXPRESSIONS = """\
  - id: done
    if: $exists($work.note) and $count($work.tags) > 2
    return: ${ $work }
"""
"""Steps with expressions; the first one loads the expression parser and types."""


def main() -> int:
    """Prints the table; returns 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=20)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("changed", "unchanged"):
            write_project(root / name, options.models)
        write_project(root / "expressions", options.models, EXPRESSIONS)
        (root / "schema.json").write_text(json.dumps(schema(options.models)))
        flowgen = f"{sys.executable} -m flowgen -q generate"
        generator = [sys.executable, "-m", "datamodel_code_generator", "--input", "schema.json", "--output", "out.py"]
        options_of_ours = ["--input-file-type", "jsonschema", "--output-model-type", "pydantic_v2.BaseModel"]
        times = interleaved(
            {
                "datamodel-codegen": Command([*generator, *options_of_ours], root),
                "flowgen generate": Command(["sh", "-c", f"rm -rf src && {flowgen}"], root / "changed"),
                "flowgen generate, with expressions": Command(
                    ["sh", "-c", f"rm -rf src && {flowgen}"], root / "expressions"
                ),
                "flowgen generate, unchanged": Command(["sh", "-c", flowgen], root / "unchanged"),
            },
            options.runs,
        )
    print(table(times))
    alone, changed, expressions, unchanged = (one.median for one in times.values())
    return 0 if max(changed, expressions) <= GOAL * alone and unchanged <= GOAL_UNCHANGED * alone else 1


def write_project(root: Path, models: int, steps: str = "") -> None:
    """A project with one workflow that has `models` nested record types. `steps` is YAML."""
    (root / "workflows").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.flowgen]\n")
    types = "".join(f"  Record{n}: {record(n)}\n" for n in range(models))
    last = f"Record{models - 1}"
    (root / "workflows" / "many.yaml").write_text(
        f"flowgen: 1\nname: many\ninput: {last}\noutput: {last}\ntypes:\n{types}"
        f"functions:\n  work: {{input: {last}, output: {last}}}\nsteps:\n  - {{id: work, call: work}}\n{steps}"
    )


def record(number: int) -> str:
    """The record type with this number, which contains the previous one."""
    held = f", before: 'Record{number - 1}[]'" if number else ""
    return f"{{fields: {FIELDS[:-1]}{held}}}}}"


def schema(models: int) -> dict[str, object]:
    """The same types as JSON Schema."""
    text = {"type": "string"}
    fields = {
        "id": {**text, "format": "uuid"},
        "name": text,
        "at": {**text, "format": "date-time"},
        "count": {"type": "integer", "default": 0},
        "note": text,
        "tags": {"type": "array", "items": text},
        "state": {"enum": ["a", "b"]},
    }
    required = ["id", "name", "at", "tags", "state"]
    records = {}
    for number in range(models):
        before = {"type": "array", "items": {"$ref": f"#/$defs/Record{number - 1}"}}
        records[f"Record{number}"] = {
            "type": "object",
            "properties": {**fields, **({"before": before} if number else {})},
            "required": [*required, *(["before"] if number else [])],
            "additionalProperties": False,
        }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": records}


if __name__ == "__main__":
    sys.exit(main())
