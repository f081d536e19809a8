"""A workflow to the files of its package."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowgen.backends.artifacts import GENERATED, Artifact, digest, generated_file, header_of
from flowgen.backends.python import code, models
from flowgen.backends.python.places import package_folder
from flowgen.backends.python.schemas import definitions
from flowgen.backends.python.text import docstring
from flowgen.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowgen.backends.python.schemas import Definitions
    from flowgen.diagnostics import Span
    from flowgen.model import Workflow

RECIPE = 1
"""Counts the ways in which models were ever written; another one makes all of them stale."""

SHARED = ("base", "runtime")


def generate(
    workflow: Workflow,
    package: str,
    *,
    source: PurePosixPath,
    source_file: str,
    read_existing: Callable[[PurePosixPath], str | None],
) -> tuple[list[Artifact], list[Diagnostic]]:
    """The files of a workflow's package, and what can't be generated (FG109).

    `package` is dotted. `source` is the source folder, `source_file` the workflow's file, both relative to the
    project's root, as is what `read_existing` takes: the models are taken from there if the types did not change,
    since writing them takes longer than all the rest.
    """
    folder = package_folder(package, source)
    own = folder / GENERATED
    needed = definitions(workflow)
    problems = [_unread(workflow, owner, pattern) for owner, pattern in needed.unread]
    made = {
        own / "__init__.py": docstring(f"The types and contracts of `{workflow.name}`, and what Lambda calls.") + "\n",
        own / "contracts.py": code.contracts(workflow),
        own / "entry_points" / "__init__.py": docstring("What Lambda calls: a module a function.") + "\n",
    }
    functions = code.generated_functions(workflow)
    for name, function in functions.items():
        made[own / "entry_points" / f"{name}.py"] = code.entry_point(name, function)
    made |= {own / f"{name}.py": _shared(name) for name in SHARED}
    artifacts = [generated_file(path, text, source_file) for path, text in made.items()]
    try:
        artifacts.append(_models(workflow, needed, own / "models.py", source_file, read_existing))
    except models.GeneratorError as error:
        message = f"these types can't be written in Python: {error}"
        problems.append(Diagnostic("FG109", message, workflow.span_of("types")))
    for name, function in functions.items():
        if function.python is None:
            artifacts.append(Artifact(folder / f"{name}.py", code.stub(name, function), generated=False))
    artifacts.extend(_packages(workflow, folder, source))
    return sorted(artifacts, key=lambda artifact: artifact.path), problems


def _shared(name: str) -> str:
    """The text of a module that is the same in all packages, without what it says to our own linter."""
    text = files("flowgen.backends.python.support").joinpath(f"{name}.py").read_text(encoding="utf-8")
    return re.sub(r"  # noqa: .*$", "", text, flags=re.MULTILINE)


def _models(
    workflow: Workflow,
    needed: Definitions,
    path: PurePosixPath,
    source_file: str,
    read_existing: Callable[[PurePosixPath], str | None],
) -> Artifact:
    title = docstring(f"The types of `{workflow.name}`.")
    defaults = [[*key, default.value] for key, default in needed.defaults.items()]
    inputs = digest(json.dumps([RECIPE, title, needed.schemas, sorted(needed.sparse), defaults]))
    existing = read_existing(path)
    header = None if existing is None else header_of(existing)
    if header is not None and header.intact and header.inputs == inputs:
        return generated_file(path, header.body, source_file, inputs)
    return generated_file(path, models.source(needed, title), source_file, inputs)


def _packages(workflow: Workflow, folder: PurePosixPath, source: PurePosixPath) -> Iterator[Artifact]:
    """The `__init__.py` of the workflow's package, and those of the packages that it lies in."""
    about = docstring(workflow.description or f"The code of `{workflow.name}`.") + "\n"
    yield Artifact(folder / "__init__.py", about, generated=False)
    for parent in folder.parents:
        if parent == source:
            return
        yield Artifact(parent / "__init__.py", "", generated=False)


def _unread(workflow: Workflow, owner: str, pattern: str) -> Diagnostic:
    message = f"the pattern `{pattern}` is a regular expression that Python can't read"
    return Diagnostic("FG109", message, _declaration(workflow, owner))


def _declaration(workflow: Workflow, owner: str) -> Span:
    """Where the type is declared that a definition is named after."""
    named = [name for name in workflow.types if owner.startswith(name)]
    return workflow.types[max(named, key=len)].key.span if named else workflow.span_of("functions")
