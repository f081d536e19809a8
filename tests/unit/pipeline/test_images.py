"""Functions from container images in the package of a project."""

from __future__ import annotations

from pathlib import Path

from flowgen.pipeline import check_paths
from flowgen.pipeline.packages import _deployed

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
