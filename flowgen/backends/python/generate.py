"""A workflow to the files of its package, and the files that workflows share to a package of theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowgen.backends.artifacts import GENERATED, Artifact, digest, generated_file, header_of
from flowgen.backends.python import answers, code, models
from flowgen.backends.python.endless import endless_defaults
from flowgen.backends.python.modules import BASE, ModuleTypes, Namespace, components, module_name
from flowgen.backends.python.places import SHARED_PACKAGE, package_folder
from flowgen.backends.python.schemas import definitions
from flowgen.backends.python.text import docstring
from flowgen.diagnostics import Diagnostic

if TYPE_CHECKING:
    from flowgen.diagnostics import Span
    from flowgen.model import Workflow

Read = Callable[[PurePosixPath], str | None]
"""The text of a file of the project, by its path from the root; None where there is none."""

RECIPE = 5
"""Counts the ways in which models were ever written; another one makes all of them stale."""

_TOO_LONG = "a union has too many members, or too many types are made of each other"

SUPPORT = (BASE, "direct", "json_values", "runtime")
ANSWERING = ("task_tokens",)
"""What packages have besides that answer task tokens."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A workflow whose Python is generated. `file` is where it was read from, relative to the project's root."""

    workflow: Workflow
    file: str


def generate(
    workflow: Workflow,
    package: str,
    *,
    source: PurePosixPath,
    source_file: str,
    read_existing: Read,
    shared: str = SHARED_PACKAGE,
) -> tuple[list[Artifact], list[Diagnostic]]:
    """The files of a workflow's package, and what can't be generated (FG109).

    `package` is dotted, as is `shared`, where types are that several workflows use. `source` is the source folder,
    `source_file` the workflow's file, both relative to the project's root, as is what `read_existing` takes: the models
    are taken from there if the types did not change, since writing them takes longer than all the rest.
    """
    folder = package_folder(package, source)
    own = folder / GENERATED
    types = Namespace(workflow, source_file, shared).of_workflow()
    made = {
        own / "__init__.py": docstring(f"The types and contracts of `{workflow.name}`, and what Lambda calls.") + "\n",
        own / "contracts.py": code.contracts(workflow),
        own / "entry_points" / "__init__.py": docstring("What Lambda calls: a module a function.") + "\n",
    }
    functions = code.generated_functions(workflow)
    for name, function in functions.items():
        made[own / "entry_points" / f"{name}.py"] = code.entry_point(name, function)
    answering = answers.modules(workflow)
    made |= {own / f"{name}.py": text for name, text in answering.items()}
    support = (*SUPPORT, *ANSWERING) if answering else SUPPORT
    made |= {own / f"{name}.py": _support(name) for name in support}
    artifacts = [generated_file(path, text, source_file) for path, text in made.items()]
    title = docstring(f"The types of `{workflow.name}`.")
    written, problems = _models(workflow, types, title, own / "models.py", source_file, read_existing)
    artifacts += written
    for name, function in functions.items():
        if function.python is None and read_existing(folder / name / "__init__.py") is None:
            artifacts.append(Artifact(folder / f"{name}.py", code.stub(name, function), generated=False))
    artifacts.extend(_packages(docstring(workflow.description or f"The code of `{workflow.name}`."), folder, source))
    return sorted(artifacts, key=lambda artifact: artifact.path), problems


def generate_shared(
    units: Iterable[Unit],
    *,
    source: PurePosixPath,
    made_for: str,
    read_existing: Read,
    shared: str = SHARED_PACKAGE,
) -> tuple[list[Artifact], list[Diagnostic]]:
    """The modules of the files that the types of workflows come from, and what can't be generated (FG109, FG605).

    A file has one module, whichever workflows use it. Files that refer to each other in circles have the types of all
    in that of the first, and the others hand them on. `made_for` is what the header of the files says that belong to
    no one file.
    """
    namespaces = [(unit, Namespace(unit.workflow, unit.file, shared)) for unit in units]
    uses: dict[str, set[str]] = {}
    for _, namespace in namespaces:
        for file, referred in namespace.files().items():
            uses.setdefault(file, set()).update(referred)
    if not uses:
        return [], []
    folder = package_folder(shared, source)
    own = folder / GENERATED
    problems = _same_modules(uses, namespaces)
    artifacts = [
        generated_file(own / "__init__.py", docstring("The types that workflows share.") + "\n", made_for),
        generated_file(own / f"{BASE}.py", _support(BASE), made_for),
        *_packages(docstring("What the workflows share."), folder, source),
    ]
    for circle in [] if problems else components(uses):
        (unit, types), *others = [
            (unit, namespace.of_files(frozenset(circle)))
            for unit, namespace in namespaces
            if not namespace.files().keys().isdisjoint(circle)
        ]
        problems += [_differs(other, unit, circle[0]) for other, found in others if found != types]
        title = docstring(f"The types of `{'`, `'.join(circle)}`.")
        path = own / f"{module_name(circle[0])}.py"
        written, told = _models(unit.workflow, types, title, path, circle[0], read_existing)
        artifacts += written
        problems += told
        for file in circle[1:]:
            text = models.handing_on(_names_in(file, namespaces), f".{module_name(circle[0])}", file)
            artifacts.append(generated_file(own / f"{module_name(file)}.py", text, file))
    return sorted(artifacts, key=lambda artifact: artifact.path), problems


def _names_in(file: str, namespaces: Iterable[tuple[Unit, Namespace]]) -> list[str]:
    return sorted({name for _, found in namespaces for path, name in found.shared.values() if path == file})


def _same_modules(uses: Iterable[str], namespaces: Iterable[tuple[Unit, Namespace]]) -> list[Diagnostic]:
    """FG605: files whose modules would have the same name."""
    first: dict[str, str] = {}
    problems = []
    for file in sorted(uses):
        other = first.setdefault(module_name(file), file)
        if other != file:
            span = next(unit.workflow.span_of("import") for unit, found in namespaces if file in found.files())
            message = f"the types of `{other}` and of `{file}` would be in one module, `{module_name(file)}`"
            problems.append(Diagnostic("FG605", message, span, help="rename one of the files"))
    return problems


def _differs(unit: Unit, first: Unit, file: str) -> Diagnostic:
    message = f"the types of `{file}` are not the same for `{unit.workflow.name}` as for `{first.workflow.name}`"
    help_ = f"let `{file}` import what its types refer to"
    return Diagnostic("FG605", message, unit.workflow.span_of("import"), help=help_)


def _support(name: str) -> str:
    """The text of a module that is the same in all packages, without what it says to our own linter."""
    text = files("flowgen.backends.python.support").joinpath(f"{name}.py").read_text(encoding="utf-8")
    return re.sub(r"  # noqa: .*$", "", text, flags=re.MULTILINE)


def _models(
    workflow: Workflow,
    types: ModuleTypes,
    title: str,
    path: PurePosixPath,
    source_file: str,
    read_existing: Read,
) -> tuple[list[Artifact], list[Diagnostic]]:
    """The module of models: the one on disk, if it was made of the same types."""
    try:
        needed = definitions(types)
    except RecursionError:
        return [], [_unwritten(workflow, _TOO_LONG)]
    problems = [_unread(workflow, owner, pattern) for owner, pattern in needed.unread]
    for owner, name in endless_defaults({**types.own, **types.foreign}):
        if owner in types.own:
            problems.append(
                _unwritten(workflow, f"the default of `{name}` in `{owner}` is filled in by itself, without end")
            )
    defaults = [[*key, default.value] for key, default in needed.defaults.items()]
    homes = {name: [home.module, home.name] for name, home in needed.homes.items()}
    made_of = [RECIPE, title, needed.schemas, sorted(needed.sparse), defaults, homes, needed.exported]
    inputs = digest(json.dumps([*made_of, sorted(needed.foreign)]))
    existing = read_existing(path)
    header = None if existing is None else header_of(existing)
    if header is not None and header.intact and header.inputs == inputs:
        return [generated_file(path, header.body, source_file, inputs)], problems
    try:
        return [generated_file(path, models.source(needed, title), source_file, inputs)], problems
    except models.GeneratorError as error:
        return [], [*problems, _unwritten(workflow, str(error))]
    except RecursionError:
        return [], [*problems, _unwritten(workflow, _TOO_LONG)]


def _unwritten(workflow: Workflow, why: str) -> Diagnostic:
    return Diagnostic("FG109", f"these types can't be written in Python: {why}", workflow.span_of("types"))


def _packages(about: str, folder: PurePosixPath, source: PurePosixPath) -> Iterator[Artifact]:
    """The `__init__.py` of a package, with its docstring, and those of the packages that it lies in."""
    yield Artifact(folder / "__init__.py", f"{about}\n", generated=False)
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
