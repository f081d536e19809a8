"""The examples in docstrings say what the code does."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import flowgen

ROOT = Path(flowgen.__file__).parent
MODULES = [
    ".".join(("flowgen", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in sorted(ROOT.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


def test_there_are_examples() -> None:
    """A rename of folders does not silently leave nothing to run."""
    assert {"flowgen.asl.writing", "flowgen.compile.templates", "flowgen.types.schema"} <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_examples_hold(module: str) -> None:
    """Each example of a module yields what is under it."""
    results = doctest.testmod(importlib.import_module(module), optionflags=doctest.FAIL_FAST)
    assert results.attempted > 0
    assert results.failed == 0
