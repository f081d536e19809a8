"""The JSON Schema of the language: what it says is what the model says, and what it takes is what the model takes."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowgen.diagnostics import Sink
from flowgen.model.element import Element, Reading
from flowgen.model.functions import DeclaredError
from flowgen.model.schema import workflow_schema
from flowgen.model.steps import KINDS, Action, Case, Compensation, Endpoint, StepBase
from flowgen.model.steps.tasks import TaskStep
from flowgen.model.workflow import Handler, Workflow
from flowgen.source import plain, read

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "schemas" / "workflow.schema.json"
EVERY_KEY = (Path(__file__).parent / "every_key.yaml").read_text("utf-8")
SCHEMA = workflow_schema()


@functools.cache
def _validator() -> Any:
    from jsonschema import Draft7Validator

    return Draft7Validator(SCHEMA)


def _dockerfile(path: str) -> str | None:
    return "FROM scratch" if path.endswith("docker/Slim") else None


def _takes(text: str) -> tuple[bool, bool]:
    """Whether the model takes a workflow, and whether the schema does."""
    sink = Sink()
    node = read("workflow.yaml", text, sink)
    assert node is not None, list(sink)
    Workflow.read(node, Reading(sink, read_file=_dockerfile))
    return not sink.failed, _validator().is_valid(plain(node))


def test_file_is_what_the_model_makes(update: bool) -> None:  # noqa: FBT001 - a fixture
    """`schemas/workflow.schema.json` is the schema of the model; `pytest --update` writes it again."""
    text = json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"
    if update:
        FILE.write_text(text, "utf-8")
    assert FILE.read_text("utf-8") == text


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _schemas(inner)


def test_it_is_a_schema_of_draft_07() -> None:
    """It is well-formed, refers only to what it defines, and defines only what is referred to."""
    _validator().check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    referred = {one["$ref"] for one in _schemas(SCHEMA) if isinstance(one.get("$ref"), str)}
    assert referred == {f"#/definitions/{name}" for name in SCHEMA["definitions"]}


def _closed() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "workflow", SCHEMA
    for name, schema in SCHEMA["definitions"].items():
        yield from ((name, one) for one in _schemas(schema) if one.get("additionalProperties") is False)


@pytest.mark.parametrize(("name", "schema"), [pytest.param(*pair, id=pair[0]) for pair in _closed()])
def test_every_key_says_what_it_means(name: str, schema: dict[str, Any]) -> None:
    """Each key of each closed object has a string to hover over."""
    del name
    silent = [
        key for key, one in schema["properties"].items() if not one.get("doNotSuggest") and not one["description"]
    ]
    assert schema["properties"]
    assert silent == []
    assert all("markdownDescription" in one for one in schema["properties"].values() if not one.get("doNotSuggest"))


def test_every_kind_of_step_has_its_keys() -> None:
    """The schema of each kind has the keys that the model takes, and needs those that the model needs."""
    for kind, step in KINDS.items():
        schema = SCHEMA["definitions"][f"{kind}_step"]
        assert {key: key in schema["required"] for key in schema["properties"]} == step.keys()


def test_examples_of_keys_fit_their_keys() -> None:
    """An example that an editor shows or puts in is one that the schema takes."""
    for schema in _schemas(SCHEMA):
        examples = schema.get("examples")
        if isinstance(examples, list):
            validator = _validator().evolve(schema={"definitions": SCHEMA["definitions"], **schema})
            assert [list(validator.iter_errors(example)) for example in examples] == [[] for _ in examples]


def test_it_takes_every_valid_workflow() -> None:
    """No workflow of the examples and the cases is rejected."""
    paths = sorted([*ROOT.glob("examples/*/workflows/*.yaml"), *ROOT.glob("tests/cases/**/workflow.yaml")])
    assert len(paths) > 50
    refused = {}
    for path in paths:
        node = read(path.name, path.read_text("utf-8"), Sink())
        assert node is not None
        errors = [error.message for error in _validator().iter_errors(plain(node))]
        if errors:
            refused[path.relative_to(ROOT).as_posix()] = errors
    assert refused == {}


def _elements(value: Any) -> Iterator[Element]:
    if isinstance(value, Element):
        yield value
        for name in type(value).fields():
            yield from _elements(getattr(value, name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _elements(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _elements(inner)


def _every_key() -> Workflow:
    sink = Sink()
    node = read("every_key.yaml", EVERY_KEY, sink)
    assert node is not None
    workflow = Workflow.read(node, Reading(sink, read_file=_dockerfile))
    assert workflow is not None, list(sink)
    return workflow


def test_every_key_is_tried() -> None:
    """The workflow of these tests has every key of the language, and both the model and the schema take it."""
    assert _takes(EVERY_KEY) == (True, True)
    used: dict[type[Element], set[str]] = {}
    for element in _elements(_every_key()):
        for owner in _owners(type(element)):
            used.setdefault(owner, set()).update(entry.key.text for entry in element.node.entries)
    assert set(KINDS.values()) | {StepBase, TaskStep, Workflow} <= used.keys()
    missing = {
        element.__name__: _keys(element) - keys.union(*map(_keys, _owners(element)[1:]))
        for element, keys in used.items()
        if element not in MADE
    }
    assert {name: keys for name, keys in missing.items() if keys} == {}


MADE = {Compensation, Action, Endpoint, DeclaredError, Case, Handler}
"""What the model makes of a text, of a key, or of a step: no mapping with keys of its own."""


def _owners(element: type[Element]) -> list[type[Element]]:
    """A class of the model and those that it gets keys from."""
    return [base for base in element.__mro__ if issubclass(base, Element) and base is not Element]


def _keys(element: type[Element]) -> set[str]:
    return set(element.keys())


def _misspelled() -> Iterator[tuple[str, str]]:
    """The workflow once for each key of each element, with an `x` behind that key."""
    lines = EVERY_KEY.splitlines(keepends=True)
    seen = set()
    for element in _elements(_every_key()):
        for entry in element.node.entries:
            key, end = entry.key.text, entry.key.span.end
            line = lines[end.line - 1]
            before, behind = line[: end.column - 1], line[end.column - 1 :]
            if key in _keys(type(element)) and before.endswith(key) and end not in seen:
                seen.add(end)
                yield f"{end.line}:{key}", "".join([*lines[: end.line - 1], f"{before}x{behind}", *lines[end.line :]])


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in _misspelled()])
def test_misspelled_keys_are_rejected(text: str) -> None:
    """A key that is misspelled is rejected by the schema as it is by the model."""
    assert _takes(text) == (False, False)


WRONG = {
    "flowgen: 1": "flowgen: 2",
    "name: every_key": "name: EveryKey",
    "type: standard": "type: quick",
    "timeout: 1 day": "timeout: 1 month",
    "memory: 512": "memory: 5",
    "  Payment:": "  payment:",
    "tag: status": "tag: [status]",
    "python: shop.mail:send": "python: shop.mail",
    "arn: arn:aws:lambda:eu-west-1:123456789012:function:prices": "arn: the prices",
    "jitter: true": "jitter: always",
    "backoff: 1.5": "backoff: 0.5",
    "errors: any": "errors: []",
    "id: wait_a_while": "id: WaitAWhile",
    "id: wait_computed": "id: count",
    "if: $input.total > 100": "if: [a]",
    "wait: 1h30m": "wait: 90",
    "aws: dynamodb:getItem": "aws: dynamodb",
    "http: GET https": "http: FETCH https",
    "when: started, ": "id: undo, ",
    "with: 1, when: started": "when: started",
    "errors: [Full]\n        steps: []": "errors: [Full]",
    "errors: [Full]\n        steps: [": "errors: [Full]\n        handler: tell\n        steps: [",
    "fail: $error": "fail: again",
    "error: Refused": "error: States.Timeout",
    "reader: csv": "reader: xml",
    "mode: distributed\n    tolerate: 3": "mode: distributed\n    tolerate: [some]",
    "break: loop": "break: the loop",
    "until: $page > 3": "until: $page > 3, while: $page < 3",
    'while: "true", max: unlimited': 'while: "true"',
    "every: 30s, ": "",
    "max: 40": "max: 0",
    "percent: 2.5": "percent: 200",
    "Type: Pass, Output": "Type: Choice, Output",
    "Type: Pass, ": "Type: Pass, Next: done, ",
    "Type: AWS::DynamoDB::Table\n": "\n",
    "set: [1, text, null, {a: true}]": "set: 1\n    call: send",
    "wait: ${ $input.total }": "description: nothing",
    "    parallel:\n      left: []\n      right: []": "    parallel: {}",
}


@pytest.mark.parametrize(("written", "instead"), [pytest.param(*pair, id=pair[1]) for pair in WRONG.items()])
def test_what_has_a_different_shape_is_rejected(written: str, instead: str) -> None:
    """What the model rejects for its shape, the schema rejects too."""
    assert EVERY_KEY.count(written) == 1
    assert _takes(EVERY_KEY.replace(written, instead)) == (False, False)


def test_a_file_to_import_needs_no_steps() -> None:
    """A file that holds only what others import is taken, and one that has steps needs a name."""
    assert _validator().is_valid({"flowgen": 1, "types": {"Id": "uuid"}})
    assert not _validator().is_valid({"flowgen": 1, "steps": []})
    assert not _validator().is_valid({"flowgen": 1, "name": "alone"})
