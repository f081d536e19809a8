"""Which flowgen a new project requires, and that the project can be installed and passes its own CI with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from flowgen import __version__
from flowgen.cli.entry import flowgen
from flowgen.installation import source
from tests.e2e.programs import ROOT, Programs

WHEEL = f"flowgen_aws-{__version__}-py3-none-any.whl"


def new(folder: Path, spec: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), "new", "--no-input", "shop", "--flowgen", spec])


def pyproject(project: Path) -> dict[str, Any]:
    return tomllib.loads((project / "pyproject.toml").read_text("utf-8"))


def required(project: Path) -> str:
    """The requirement on flowgen, which has to be the same in both extras."""
    extras = pyproject(project)["project"]["optional-dependencies"]
    [one] = [requirement for requirement in extras["dev"] if requirement.startswith("flowgen")]
    assert extras["deploy"] == [one.replace("[aws]", "[deploy]", 1)]
    return str(one)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a wheel, a source distribution and a checkout, as far as names tell."""
    for name in (WHEEL, f"flowgen_aws-{__version__}.tar.gz", "other-1.0-py3-none-any.whl", "flowgen_aws-1.whl"):
        (tmp_path / name).write_bytes(b"")
    for name, project in {"check out": "flowgen-aws", "stranger": "flowgen"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text(f'[project]\nname = "{project}"\n', "utf-8")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pyproject.toml").write_bytes(b"\xff[")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("1.2.3", "==1.2.3"),
        ("==1.2.3", "==1.2.3"),
        ("1.0rc1+local.2", "==1.0rc1+local.2"),
        ("check out", " @ FOLDER/check%20out"),
        ("./check out/", " @ FOLDER/check%20out"),
        (WHEEL, f" @ FOLDER/{WHEEL}"),
        (f"flowgen_aws-{__version__}.tar.gz", f" @ FOLDER/flowgen_aws-{__version__}.tar.gz"),
        ("FOLDER/check%20out", " @ FOLDER/check%20out"),
        ("git+https://host.example/flowgen.git@v1#subdirectory=a", None),
        ("git+file:///srv/flowgen", " @ git+file://localhost/srv/flowgen"),
        ("git+ssh://git@host.example/flowgen.git@0123abc", None),
        ("https://host.example/flowgen_aws-1-py3-none-any.whl#sha256=aa", None),
    ],
)
def test_what_the_option_takes(folder: Path, spec: str, expected: str | None) -> None:
    """A version, a path relative to the working folder, a URL; a path becomes an absolute `file:` URL."""
    spec, expected = (
        text.replace("FOLDER", folder.as_uri()) for text in (spec, f" @ {spec}" if expected is None else expected)
    )

    made = new(folder, spec)

    assert made.exit_code == 0, made.output
    assert required(folder / "shop") == f"flowgen-aws[aws]{expected}"
    direct = pyproject(folder / "shop")["tool"]["hatch"].get("metadata", {}).get("allow-direct-references", False)
    assert direct is expected.startswith(" @")
    assert ("a path on this machine" in made.stderr) is ("file:" in expected)
    text = (folder / "shop" / "pyproject.toml").read_text("utf-8")
    assert ("A path on this machine" in text) is ("file:" in expected)
    assert ("run `flowgen generate`" in made.stderr) is expected.startswith("==")


@pytest.mark.parametrize(
    ("spec", "help_text"),
    [
        ("", "type a version"),
        ("flowgen", "type a version"),
        (">=0.1", "type a version"),
        ("nowhere/flowgen", "type a version"),
        ("~nobody-of-this-name/flowgen", "type a version"),
        ("x" * 5000, "type a version"),
        ("file:///nowhere/flowgen", "type a version"),
        ("file://[", "type the path of a checkout"),
        ("git@host.example:flowgen.git", "type a version"),
        ("https://host.example/a b.whl", "type a version"),
        ("empty", "type the path of a checkout"),
        ("stranger", "type the path of a checkout"),
        ("broken", "type the path of a checkout"),
        ("other-1.0-py3-none-any.whl", "type the path of a checkout"),
        ("flowgen_aws-1.whl", "type the path of a checkout"),
        ("https://host.example/flowgen", "type git+https://host.example/flowgen"),
        ('git+https://host.example/"', "percent-encode"),
        ("git+https://host.example/ü", "percent-encode"),
        ("git+https://host.example/{{1}}", "percent-encode"),
    ],
)
def test_what_the_option_rejects(folder: Path, spec: str, help_text: str) -> None:
    """One line that says what to type; nothing is made."""
    refused = new(folder, spec)

    assert refused.exit_code == 2
    [line] = [line for line in refused.stderr.splitlines() if line.startswith("Error: ")]
    assert help_text in line
    assert not (folder / "shop").exists()


def test_a_new_project_passes_its_own_ci(shop: Path, programs: Programs) -> None:
    """Each command of its workflow for GitHub, one after another, but for the one that installs."""
    workflow = yaml.safe_load((shop / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    [job] = workflow["jobs"].values()
    install, *commands = [step["run"] for step in job["steps"] if "run" in step]
    assert install == "python -m pip install -e '.[dev]'"
    assert len(commands) >= 7
    bash = shutil.which("bash") or shutil.which("bash", path=os.defpath)
    assert bash is not None
    try:
        for command in commands:
            programs.succeed(bash, "-ec", command, folder=shop)
    finally:
        (shop / "stack.yaml").unlink(missing_ok=True)


@pytest.mark.needs("index")
def test_a_new_project_can_be_built(shop: Path, tmp_path: Path) -> None:
    """hatchling takes the reference to the flowgen that made the project; the wheel requires it for the extra."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(shop)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        requirements = HeaderParser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist", [])
    wanted = f"flowgen-aws[aws]{source()}".replace(" ", "")
    assert any(requirement.replace(" ", "").startswith(wanted) for requirement in requirements), requirements


def test_a_checkout_is_required_where_flowgen_runs_from_one(shop: Path) -> None:
    """These tests run from a checkout, installed or not."""
    assert required(shop) == f"flowgen-aws[aws] @ {ROOT.as_uri()}"
