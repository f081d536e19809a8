"""`flowgen package`: what it writes and says, with an index that is a dictionary."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen
from flowgen.packaging import installing, output, zips
from tests.unit.packaging.index import Index, Wheel

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
INDEX = Index(Wheel("pydantic", "2.11", ("pydantic-core==2.33",)), Wheel("pydantic-core", "2.33"))


@pytest.fixture(autouse=True)
def _index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "run_program", INDEX.run)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return copied("remind_user", tmp_path)


def copied(name: str, folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(EXAMPLES / name, folder / name, ignore=ignored)
    return folder / name


def package(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), *arguments])


def manifest(folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((folder / "package.json").read_text("utf-8"))
    return made


def test_it_writes_what_a_deployment_needs(example: Path) -> None:
    done = package(example, "package")

    assert (done.exit_code, done.stdout) == (0, "")
    [asset] = manifest(example / "build")["assets"]
    name = asset["file"].removeprefix("assets/")
    assert name.startswith("remind_user-send_email-")
    assert f"new        {name} " in done.stderr
    assert done.stderr.endswith(f"{example}/build: the template and 1 asset, 1 new\n")
    template = json.loads((example / "build" / "template.json").read_text("utf-8"))
    function = template["Resources"]["RemindUserSendEmailFunction"]["Properties"]
    assert function["Code"] == {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": f"flowgen/{name}"}
    assert list(template["Parameters"]) == ["CodeBucket"]
    module, handler = function["Handler"].rsplit(".", 1)
    with zipfile.ZipFile(example / "build" / asset["file"]) as archive:
        assert f"def {handler}(" in archive.read(f"{module.replace('.', '/')}.py").decode()
        assert "pydantic_core/__init__.py" in archive.namelist()
    assert (example / "build" / "requirements.txt").read_text() == "pydantic==2.11\npydantic-core==2.33\n"


def test_each_resource_has_its_line(example: Path) -> None:
    """From the project's root, whatever folder the command was started in."""
    assert package(example.parent, "package", "remind_user/workflows/remind_user.yaml").exit_code == 0

    template = json.loads((example / "build" / "template.json").read_text("utf-8"))
    resources = manifest(example / "build")["resources"]
    assert list(resources) == sorted(template["Resources"])
    lines = (example / "workflows" / "remind_user.yaml").read_text("utf-8").splitlines()
    for name, place in resources.items():
        assert place["file"] == "workflows/remind_user.yaml"
        what = "send_email" if "SendEmail" in name else "remind_user"
        assert what in lines[place["line"] - 1]
        assert f"`{what}`" in place["what"]
    assert any("Version" in name for name in resources)


def test_what_did_not_change_is_not_made_again(example: Path) -> None:
    package(example, "package")
    calls = len(INDEX.calls)
    before = {path: path.read_bytes() for path in sorted((example / "build").rglob("*")) if path.is_file()}

    done = package(example, "package")

    assert "unchanged  remind_user-send_email-" in done.stderr
    assert done.stderr.endswith("the template and 1 asset, 0 new\n")
    assert {path: path.read_bytes() for path in sorted((example / "build").rglob("*")) if path.is_file()} == before
    assert len(INDEX.calls) == calls


def test_a_change_is_another_zip_and_another_version(example: Path) -> None:
    package(example, "package")
    first = manifest(example / "build")
    code = example / "src" / "remind_user" / "send_email.py"
    code.write_text(code.read_text("utf-8") + "\n# more\n", "utf-8")

    package(example, "package")

    second = manifest(example / "build")
    assert first["assets"][0]["file"] != second["assets"][0]["file"]
    assert [path.name for path in (example / "build" / "assets").iterdir()] == [
        second["assets"][0]["file"].removeprefix("assets/")
    ]
    assert {name for name in first["resources"] if name not in second["resources"]}


def test_options(example: Path, tmp_path: Path) -> None:
    before = sorted(example.iterdir())
    done = package(example, "-q", "package", "-o", "../out", "--cache", "../kept", "--json")

    assert done.exit_code == 0
    assert done.stderr == ""
    assert json.loads(done.stdout) == manifest(tmp_path / "out")
    assert (tmp_path / "kept" / ".gitignore").exists()
    assert sorted(example.iterdir()) == before


def test_several_workflows_are_one_package(tmp_path: Path) -> None:
    done = package(copied("onboard_customer", tmp_path), "package")
    assert done.exit_code == 0
    names = [asset["file"].split("-")[0] for asset in manifest(tmp_path / "onboard_customer" / "build")["assets"]]
    assert names == ["assets/open_account", "assets/score_credit"]


def test_two_projects_are_not(tmp_path: Path) -> None:
    copied("remind_user", tmp_path), copied("place_order", tmp_path)
    done = package(tmp_path, "package", "remind_user", "place_order")
    assert done.exit_code == 2
    assert "the workflows belong to several projects, package one at a time: " in done.stderr


def test_stale_code_is_reported(example: Path) -> None:
    """As `flowgen generate --check` tells it; nothing is written."""
    workflow = example / "workflows" / "remind_user.yaml"
    workflow.write_text(
        workflow.read_text("utf-8").replace("name: string", "name: string\n      age: integer"), "utf-8"
    )
    done = package(example, "package")
    assert done.exit_code == 1
    assert "error[FG601]: `src/remind_user/generated/models.py` does not match the workflow" in done.stderr
    assert not (example / "build").exists()


def test_classes_that_are_types_stay_as_they_are_kept(example: Path) -> None:
    """Packaging imports no class; what `flowgen generate` keeps of it is nothing that is left over."""
    workflow = example / "workflows" / "remind_user.yaml"
    workflow.write_text(workflow.read_text("utf-8").replace("types:\n", "types:\n  Money: {python: 'shop:Money'}\n", 1))
    models = "from pydantic import BaseModel\n\n\nclass Money(BaseModel):\n    amount: int\n"
    (example / "src" / "shop.py").write_text(models, "utf-8")
    assert package(example, "generate").exit_code == 0
    done = package(example, "package")
    assert done.exit_code == 0, done.stderr
    assert (example / "schemas/generated/shop.Money.json").is_file()


def test_a_finding_shows_the_line(example: Path) -> None:
    code = example / "src" / "remind_user" / "send_email.py"
    code.write_text(code.read_text("utf-8") + "\nimport requests\n", "utf-8")
    done = package(example, "package")
    assert done.exit_code == 1
    assert "error[FG533]: cannot find module `requests`" in done.stderr
    assert " | import requests\n" in done.stderr


def test_what_others_wrote_stays(example: Path) -> None:
    (example / "package.json").write_text('{"name": "npm"}')
    done = package(example, "package", "-o", ".")
    assert done.exit_code == 2
    assert "package.json exists, and flowgen did not write it: choose another directory with -o" in done.stderr
    assert (example / "package.json").read_text() == '{"name": "npm"}'


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (PermissionError(13, "Permission denied", "/x"), "cannot read or write /x: Permission denied"),
        (OSError(27, "File too large"), "build: File too large"),
        (zips.ChangedError("/x"), "/x changed while it was packaged"),
    ],
)
def test_a_disk_that_rejects(example: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, text: str) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(output, "write", fail)
    done = package(example, "package")
    assert done.exit_code == 74
    assert text in done.stderr


@pytest.mark.parametrize("link", ["build", "build/assets", "build/package.json", ".flowgen/cache"])
def test_a_link_out_of_the_project_is_not_followed(example: Path, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    place = example / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(outside / "package.json" if link.endswith(".json") else outside)
    done = package(example, "package")
    assert done.exit_code == 2
    assert "is a link to outside the project" in done.stderr
    assert list(outside.iterdir()) == []


def test_nested_stacks_and_definitions_are_assets(tmp_path: Path) -> None:
    """Each workflow's template goes to the bucket; its resources have their lines as well."""
    project = copied("onboard_customer", tmp_path)
    settings = project / "pyproject.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[tool.flowgen]", '[tool.flowgen]\nstacks = "nested"'), "utf-8"
    )

    assert package(project, "package").exit_code == 0

    made = manifest(project / "build")
    children = [asset for asset in made["assets"] if asset["file"].endswith(".template.json")]
    assert len(children) == 4
    parent = (project / "build" / "template.json").read_text("utf-8")
    for child in children:
        assert child["key"] in parent
        for name in json.loads((project / "build" / child["file"]).read_text("utf-8"))["Resources"]:
            assert made["resources"][name]["file"].startswith("workflows/")
    assert made["resources"]["ScoreCreditStack"]["what"] == "the stack of `score_credit`"
    function = made["resources"]["ScoreCreditScoreFunction"]
    assert (function["file"], function["what"]) == (
        "workflows/score_credit.yaml",
        "the function `score` of `score_credit`",
    )
