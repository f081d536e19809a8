"""What is generated for whole workflows, byte by byte. `pytest --update` writes it again; read it before it goes in."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from importlib.resources import files
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from flowgen.backends.python import runtime_modules
from tests.unit.backends.python.conftest import generated, runtime_of, workflow_of

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir())


@pytest.mark.parametrize("case", CASES)
def test_generated_files_are_as_they_were(case: str, update: bool) -> None:  # noqa: FBT001 - a fixture
    """The whole package of each workflow."""
    artifacts, problems = generated(workflow_of((GOLDEN / case / "workflow.yaml").read_text(encoding="utf-8")), case)
    assert problems == []
    expected = GOLDEN / case / "expected"
    # The ending keeps tools from taking the files for code of this project.
    made = {f"{artifact.path}.txt": artifact.text for artifact in artifacts}
    if update:
        for name, text in made.items():
            (expected / name).parent.mkdir(parents=True, exist_ok=True)
            (expected / name).write_text(text, encoding="utf-8")
        for path in expected.rglob("*.txt"):
            if path.relative_to(expected).as_posix() not in made:
                path.unlink()
    kept = {path.relative_to(expected).as_posix(): path.read_text("utf-8") for path in expected.rglob("*.txt")}
    assert made == kept


def test_runtime_modules_are_copied() -> None:
    """Each module is copied unchanged below its header, except for comments for flowgen's own linter."""
    texts: dict[str, str] = {}
    for folder in ("answers", "json_schema"):
        text = (GOLDEN / folder / "workflow.yaml").read_text("utf-8")
        with_handler = text.replace("functions:\n", 'functions:\n  existing: {handler: "a:b"}\n', 1)
        artifacts, _ = generated(workflow_of(with_handler), client=True)
        texts |= {artifact.path.name: artifact.text for artifact in runtime_of(artifacts)}
    for module in runtime_modules.MODULES:
        name = f"{module}.py"
        text = texts[name]
        original = files("flowgen.backends.python.support").joinpath(name).read_text("utf-8")
        header, _, body = text.partition('"""')
        assert [line[:1] for line in header.splitlines()] == ["#", "#"]
        assert [line.partition("  # noqa")[0] for line in original.splitlines()] == f'"""{body}'.splitlines()
        assert "noqa" not in body


GENERATE = """
import json, sys
from tests.unit.backends.python.conftest import generated, workflow_of
from tests.unit.backends.python.test_golden import CASES, GOLDEN
for case in CASES:
    generated(workflow_of((GOLDEN / case / "workflow.yaml").read_text("utf-8")), case)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
ALSO_FLOWGENS = {"pydantic", "typing-extensions"}
"""What the generator requires and flowgen imports itself; none of it writes text."""


def test_the_model_generator_alone_decides_on_the_text() -> None:
    """It imports no formatter and no other package: its own version is all that has to be bounded."""
    done = subprocess.run([sys.executable, "-c", GENERATE], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    needed = {
        Requirement(text).name.lower() for text in requires("datamodel-code-generator") or () if "extra ==" not in text
    }
    owners = {module: {name.lower() for name in names} for module, names in packages_distributions().items()}

    assert "datamodel_code_generator" in loaded
    assert needed >= {"black", "isort", *ALSO_FLOWGENS}
    assert {module for module in loaded if owners.get(module, set()) & (needed - ALSO_FLOWGENS)} == set()
