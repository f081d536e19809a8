"""What an editor makes of the schema: yaml-language-server itself, over its protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowgen.model.steps import KINDS, Call, StepBase
from tests.e2e.language_server import Editor, Finding, editor

pytestmark = pytest.mark.needs("node")

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/workflows/*.yaml"))
START = f"""\
# yaml-language-server: $schema={ROOT.as_uri()}/schemas/workflow.schema.json
flowgen: 1
name: greet
steps:
  - id: first
    wait: 2 hours
"""


SETTINGS = ROOT / "cookiecutter" / "{{cookiecutter.project_slug}}" / ".vscode" / "settings.json"


def _tags(settings: Path) -> list[str]:
    """The tags that an editor's settings name; it knows none of CloudFormation's by itself."""
    tags: list[str] = json.loads(settings.read_text("utf-8"))["yaml.customTags"]
    return tags


@pytest.fixture(scope="module")
def yaml_editor() -> Iterator[Editor]:
    with editor(customTags=_tags(SETTINGS)) as started:
        yield started


def test_kinds_of_steps_are_offered_behind_an_id(yaml_editor: Editor, tmp_path: Path) -> None:
    """Where a step has its `id`, every kind is offered, and next to it only what is next to all of them."""
    offered = yaml_editor.complete(tmp_path / "a.yaml", f"{START}  - id: second\n    ‸")
    everywhere = {key for key in StepBase.keys() if key != "id"}  # noqa: SIM118 - a method
    assert set(offered) == {*KINDS, *everywhere}
    assert offered["call"] == "call: "
    assert offered["switch"] == "switch:\n  - when: $1\n    steps:\n      - $2"


def test_whole_steps_are_offered_behind_a_dash(yaml_editor: Editor, tmp_path: Path) -> None:
    """Where a step begins, each kind is offered with all that it needs."""
    offered = yaml_editor.complete(tmp_path / "b.yaml", f"{START}  - ‸")
    assert {f"{kind}_step" for kind in KINDS} - {"steps_step"} <= set(offered)
    assert offered["repeat_step"].splitlines() == ["id: $1", "  repeat:", "    max: $2", "  steps:", "    - $3"]


def test_kinds_are_offered_in_nested_steps(yaml_editor: Editor, tmp_path: Path) -> None:
    """In the body of a loop as at the top."""
    text = f"{START}  - id: each\n    for_each: $input.lines\n    steps:\n      - id: inner\n        ‸"
    assert set(KINDS) <= set(yaml_editor.complete(tmp_path / "c.yaml", text))


def test_only_what_fits_a_kind_is_offered_next_to_it(yaml_editor: Editor, tmp_path: Path) -> None:
    """Next to `call`, what may be next to a call, and no second kind."""
    offered = yaml_editor.complete(tmp_path / "d.yaml", f"{START}  - id: second\n    call: send\n    ‸")
    assert set(offered) == set(Call.keys()) - {"id", "call"}


def test_words_are_offered_where_a_few_can_be(yaml_editor: Editor, tmp_path: Path) -> None:
    """The values of an enumeration, and the primitive types."""
    assert set(yaml_editor.complete(tmp_path / "e.yaml", f"{START}type: ‸\n")) == {"standard", "express"}
    assert {"string", "integer", "date-time", "email"} <= set(
        yaml_editor.complete(tmp_path / "f.yaml", f"{START}input: ‸\n")
    )


def test_hovering_explains_a_key(yaml_editor: Editor, tmp_path: Path) -> None:
    """Over a key is what it means, how its value is written, and an example."""
    shown = yaml_editor.hover(tmp_path / "g.yaml", f"{START}  - id: second\n    call: send\n    time‸out: 30s\n")
    assert "How long one attempt may take before it fails with `States.Timeout`." in shown
    assert "`90s`, `5m`, `2 hours`" in shown
    assert "```yaml\n2 hours\n```" in shown


def test_hovering_explains_a_kind(yaml_editor: Editor, tmp_path: Path) -> None:
    """Over a kind is what such a step does, and what its value is."""
    shown = yaml_editor.hover(tmp_path / "h.yaml", f"{START}  - id: second\n    ca‸ll: send\n")
    assert "Calls a function; its value is the function's output" in shown


MISTAKES = {
    "    call: send\n    timout: 30s": Finding("Property timout is not allowed.", "timout"),
    "    wait: 2 hous": Finding("write a duration as `90s`, `5m`, `2 hours`, `1 day`, `1h30m` or `PT2H`", "2 hous"),
    "    fail: {error: Refused, couse: no}": Finding("Property couse is not allowed.", "couse"),
    "    repeat: {max: 3, untill: $x}\n    steps: []": Finding("Property untill is not allowed.", "untill"),
    "    call: send\n    retry: {attemps: 2}": Finding("Property attemps is not allowed.", "attemps"),
    "    call: send\n    aws: s3:getObject": Finding("Property aws is not allowed.", "aws"),
    "    cal: send": Finding("Property cal is not allowed.", "cal"),
    "    description: nothing": Finding(f"a step needs one kind: {', '.join(KINDS)}", "i"),
}


@pytest.mark.parametrize(("step", "finding"), [pytest.param(*pair, id=pair[1].marked) for pair in MISTAKES.items()])
def test_a_mistake_is_marked_where_it_is(yaml_editor: Editor, tmp_path: Path, step: str, finding: Finding) -> None:
    """The editor marks just the characters that are wrong, and says why."""
    assert finding in yaml_editor.findings(tmp_path / "i.yaml", f"{START}  - id: second\n{step}\n")


def test_a_mistake_is_reported_once(yaml_editor: Editor, tmp_path: Path) -> None:
    """A misspelled modifier is the only finding, also deep inside other steps."""
    text = f"""{START}  - id: outer
    steps:
      - id: middle
        call: send
        catch:
          - errors: any
            steps:
              - {{id: deep, call: send, timout: 30s}}
"""
    assert yaml_editor.findings(tmp_path / "j.yaml", text) == [Finding("Property timout is not allowed.", "timout")]


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in EXAMPLES])
def test_examples_find_their_schema(yaml_editor: Editor, path: Path) -> None:
    """The first line of each example names the schema where it is: nothing is found, and a mistake is."""
    text = path.read_text("utf-8")
    first = text.splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert yaml_editor.findings(path, text) == []
    assert yaml_editor.findings(path, f"{text}\nnothing: 1\n") == [
        Finding("Property nothing is not allowed.", "nothing")
    ]


def test_a_new_project_finds_its_schema(shop: Path) -> None:
    """What `flowgen new` makes works in an editor at once: its own schema, and the tags of CloudFormation."""
    [path] = (shop / "workflows").glob("*.yaml")
    text = path.read_text("utf-8")
    tagged = (
        f"{text}\n  - id: tagged\n    set: {{a: !Ref Table, b: !Sub '${{AWS::Region}}', c: !GetAtt [Table, Arn]}}\n"
    )
    with editor(customTags=_tags(shop / ".vscode" / "settings.json")) as started:
        assert started.findings(path, text) == []
        assert started.findings(path, tagged) == []
        assert started.findings(path, f"{text}\nnothing: 1\n") == [
            Finding("Property nothing is not allowed.", "nothing")
        ]
