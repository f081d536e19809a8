"""Functions from container images in the package of a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen
from flowgen.pipeline import check_paths
from flowgen.pipeline.packages import _deployed
from tests.unit.packaging.engine import calls, install

WORKFLOW = """flowgen: 1
name: w
functions:
  zipped: {}
  contained: {image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/rates:1"}
  page: {url: {auth: iam}}
steps: [{id: a, call: zipped}, {id: b, call: contained}]
"""


def test_a_function_from_an_image_gets_no_zip(tmp_path: Path) -> None:
    """All others do, also those that no step calls."""
    (tmp_path / "w.yaml").write_text(WORKFLOW, "utf-8")
    [build] = check_paths((str(tmp_path / "w.yaml"),), tmp_path).loaded

    assert [one.function for one in _deployed(build)] == ["zipped", "page"]


BUILT = """flowgen: 1
name: shop
functions:
  find_rate: {{architecture: x86_64, image: {{{image}}}}}
steps: [{{id: rate, call: find_rate}}]
"""
ROOT = """[project]
name = "web-shop"
version = "1"
[tool.flowgen]
package = "web_shop"
"""


def project(folder: Path, image: str = "build: ../rates") -> Path:
    """A project whose function is built from the folder `rates`."""
    (folder / "pyproject.toml").write_text(ROOT, "utf-8")
    for name in ("workflows", "rates/docker", "src"):
        (folder / name).mkdir(parents=True)
    (folder / "workflows" / "shop.yaml").write_text(BUILT.format(image=image), "utf-8")
    (folder / "rates" / "Dockerfile").write_text("FROM public.ecr.aws/lambda/python:3.13\n", "utf-8")
    (folder / "rates" / "docker" / "Slim").write_text("FROM public.ecr.aws/lambda/python:3.13\n", "utf-8")
    return folder


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), *arguments])


def findings(folder: Path) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in check_paths((), folder).diagnostics]


@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        ("build: ../rates", None),
        ("build: ../rates, dockerfile: docker/Slim, target: slim, args: {A: one}, repository: shop/rates", None),
        ("build: ../nowhere", ("FG567", "cannot read the Dockerfile `../nowhere/Dockerfile`")),
        ("build: ../rates, dockerfile: Other", ("FG567", "cannot read the Dockerfile `../rates/Other`")),
        ("build: ../../outside", ("FG567", "cannot read the Dockerfile `../../outside/Dockerfile`")),
        ("build: ../rates, uri: !Ref X", ("FG102", "`build` conflicts with `uri`")),
        ("uri: !Ref X, target: slim", ("FG102", "`target` has no effect without `build`")),
        ("target: slim", ("FG103", "`image` needs the key `uri` or `build`")),
        ("build: ../rates, repository: Shop", ("FG102", "`Shop` is not the name of a repository in Amazon ECR")),
        ("build: ../rates, args: [a]", ("FG102", "`args` must be a mapping of strings, not a list")),
        ("build: 5", ("FG102", "expected a string, found a number")),
    ],
)
def test_what_an_image_may_have(tmp_path: Path, image: str, wanted: tuple[str, str] | None) -> None:
    (tmp_path / "shop").mkdir()
    folder = project(tmp_path / "shop", image)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    assert findings(folder) == ([] if wanted is None else [wanted])


def test_a_template_takes_the_uri_as_a_parameter(tmp_path: Path) -> None:
    """A change of the URI publishes a version: it is the description of the version, which CloudFormation replaces."""
    done = run(project(tmp_path), "template", "--format", "json")
    template: Any = json.loads(done.stdout)
    resources = template["Resources"]

    assert template["Parameters"] == {
        "ShopFindRateFunctionImage": {
            "Type": "String",
            "Description": "The URI of the container image of the function find_rate, with a digest.",
        }
    }
    properties = resources["ShopFindRateFunction"]["Properties"]
    assert (properties["PackageType"], properties["Code"]) == (
        "Image",
        {"ImageUri": {"Ref": "ShopFindRateFunctionImage"}},
    )
    [version] = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::Lambda::Version"]
    assert version["Description"] == {"Ref": "ShopFindRateFunctionImage"}


def test_the_package_lists_the_images_that_were_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = install(tmp_path / "bin")
    (tmp_path / "shop").mkdir()
    folder = project(tmp_path / "shop")
    monkeypatch.setenv("PATH", str(engine.parent))
    assert run(folder, "generate").exit_code == 0
    done = run(folder, "package")

    assert done.exit_code == 0, done.stderr
    assert "building the image of find_rate with docker" in done.stderr
    [(arguments, where, _, _)] = calls(tmp_path / "bin")
    assert (arguments[0], where) == ("build", str(folder / "rates"))
    manifest = json.loads((folder / "build" / "package.json").read_text("utf-8"))
    assert manifest["images"] == [
        {
            "function": "find_rate",
            "parameter": "ShopFindRateFunctionImage",
            "id": f"sha256:{'a' * 64}",
            "repository": "flowgen/web-shop",
        }
    ]


def test_a_package_without_an_engine_fails_at_the_line_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path)
    assert run(folder, "generate").exit_code == 0
    monkeypatch.setenv("PATH", "/nowhere")
    done = run(folder, "package")

    assert done.exit_code == 1
    assert (
        "error[FG568]: cannot build the image of `find_rate`: none of docker, podman, finch is on PATH" in done.stderr
    )
    assert "workflows/shop.yaml:4:" in done.stderr
