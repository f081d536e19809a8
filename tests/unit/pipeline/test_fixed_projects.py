"""`flowgen check --fix` on whole projects: it never makes a file worse, and fixes settings and references too."""

from __future__ import annotations

import tomllib
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from flowgen.diagnostics import Severity
from flowgen.pipeline import check_paths
from flowgen.pipeline.fixing import find_fixes, write
from tests.unit.diagnostics.test_explain import WITH_EXAMPLES, examples
from tests.unit.pipeline.test_fixes import _misspellings

ROOT = Path(__file__).resolve().parents[3]
SEEDED: list[dict[str, Any]] = tomllib.loads((ROOT / "tests/e2e/mistakes.toml").read_text("utf-8"))["mistake"]
EVERY_NTH = 7
"""Of the misspelled words of a page, each seventh is tried here; `test_fixes` tries all of them with one finding."""


def _project(root: Path, text: str, settings: str = "") -> Path:
    (root / "workflows").mkdir(exist_ok=True)
    (root / "workflows" / "w.yaml").write_text(text, "utf-8")
    (root / "pyproject.toml").write_text(f"[tool.flowgen]\n{settings}", "utf-8")
    return root


def _errors(root: Path) -> list[str]:
    found = check_paths((), root, deployable=True).diagnostics
    return [f"{one.code} {one.message}" for one in found if one.severity is Severity.ERROR]


def _assert_no_worse(root: Path) -> None:
    """After the fixes, there are not more errors, the YAML can be read, and nothing is left to fix."""
    before = _errors(root)
    for file in find_fixes((), root, deployable=True).files:
        write(file)
    after = _errors(root)
    assert len(after) <= len(before), (before, after)
    assert [one for one in after if one.startswith("FG00") and one not in before] == []
    assert find_fixes((), root, deployable=True).files == ()


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_a_page_with_a_mistake_is_not_made_worse(code: str, tmp_path: Path) -> None:
    found = examples(code)
    assert found is not None
    _assert_no_worse(_project(tmp_path, found.wrong))


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_a_page_with_a_misspelled_word_is_not_made_worse(code: str, tmp_path: Path) -> None:
    found = examples(code)
    assert found is not None
    for text in islice(_misspellings(found.fixed), 0, None, EVERY_NTH):
        _assert_no_worse(_project(tmp_path, text))


@pytest.mark.parametrize("mistake", SEEDED, ids=[f"{one['in']}: {one['about']}" for one in SEEDED])
def test_an_example_with_a_seeded_mistake_is_not_made_worse(mistake: dict[str, Any], tmp_path: Path) -> None:
    name = mistake["in"]
    text = (ROOT / "examples" / name / "workflows" / f"{name}.yaml").read_text("utf-8")
    for old, new in [(mistake["old"], mistake["new"]), *([mistake["also"]] if "also" in mistake else [])]:
        text = text.replace(old, new, 1)
    _assert_no_worse(_project(tmp_path, text))


def _fixed(root: Path) -> dict[str, str]:
    return {file.shown: file.after for file in find_fixes((), root, deployable=True).files}


WORKFLOW = "flowgen: 1\nname: w\nsteps: [{id: a, wait: 5m}]\n"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("strcit = true\n", "strict = true\n"),
        ("[tool.flowgen.packaging]\nbytcode = false # why\n", "[tool.flowgen.packaging]\nbytecode = false # why\n"),
        ('"pakage" = "shop"\n', '"package" = "shop"\n'),
        ('[tool.flowgen.env.prod]\nregoin = "eu-west-1"\n', '[tool.flowgen.env.prod]\nregion = "eu-west-1"\n'),
        ('env.prod = {regoin = "eu-west-1"}\n', 'env.prod = {region = "eu-west-1"}\n'),
        ("strcit = true\nstrict = true\n", None),
        ('[tool.flowgen.env.prod]\nregoin = "a"\nregion = "eu-west-1"\n', None),
        ("something = true\n", None),
    ],
)
def test_misspelled_settings(wrong: str, right: str | None, tmp_path: Path) -> None:
    """A key is renamed, unless the table has the suggested key already: TOML allows each key once."""
    root = _project(tmp_path, WORKFLOW, wrong)
    expected = {} if right is None else {"pyproject.toml": f"[tool.flowgen]\n{right}"}
    assert _fixed(root) == expected
    _assert_no_worse(root)


def test_settings_are_fixed_in_the_right_file(tmp_path: Path) -> None:
    """From a parent folder whose own settings file has the same lines."""
    shop = tmp_path / "shop"
    shop.mkdir()
    _project(shop, WORKFLOW, "strcit = true\n")
    (tmp_path / "pyproject.toml").write_text("[tool.flowgem]\nstrcit = true\n")
    [file] = find_fixes(("shop",), tmp_path).files
    assert (file.path, file.shown) == (shop / "pyproject.toml", "shop/pyproject.toml")


REFERENCES = """\
flowgen: 1
name: w
parameters:
  Stage: {Type: String, Default: test}
conditions:
  IsLive: !Equals [!Ref Stage, live]
mappings:
  Queues: {test: {Size: 1}}
resources:
  Orders:
    Type: AWS::SQS::Queue
    Condition: IsLive
  Copies:
    Type: AWS::SQS::Queue
    DependsOn: [Orders]
    Properties:
      QueueName: !Sub "a-${ Orders.QueueName }-${AWS::StackName}-${!Literal}"
      Tags:
        - {Key: a, Value: !GetAtt Orders.QueueName}
        - {Key: b, Value: {"Fn::GetAtt": ["Orders", QueueName]}}
        - {Key: c, Value: {Ref: 'Orders'}}
        - {Key: d, Value: !FindInMap [Queues, test, Size]}
steps:
  - id: a
    aws: sqs:sendMessage
    with: {QueueUrl: !Ref Orders, MessageBody: !If [IsLive, a, b]}
"""


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("Orders", "Ordres"), ("QueueName", "QueueNmae"), ("IsLive", "IsLvie"), ("Queues", "Quesue"), ("Stage", "Stgae")],
)
def test_misspelled_references(name: str, wrong: str, tmp_path: Path) -> None:
    """In every form of every tag and function; only declarations and properties keep their names."""
    declared = {"Orders": "  Orders:", "QueueName": "      QueueName:", "IsLive": "  IsLive:"}
    kept = declared.get(name, f"  {name}: ")
    text = "".join(
        line if line.startswith(kept) and "!Sub" not in line else line.replace(name, wrong)
        for line in REFERENCES.splitlines(keepends=True)
    ).replace(f"      {wrong}: !Sub", f"      {name}: !Sub")
    assert text != REFERENCES
    root = _project(tmp_path, text)
    assert any(one.startswith("FG503") for one in _errors(root))
    assert _fixed(root) == {"workflows/w.yaml": REFERENCES}
