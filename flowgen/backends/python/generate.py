"""The files of each workflow's package, and of the package that all workflows of a project share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowgen.backends.artifacts import GENERATED, SHARED_PACKAGE, Artifact, digest, generated_file, header_of
from flowgen.backends.python import callbacks, clients, code, models, runtime_modules
from flowgen.backends.python.modules import ModuleTypes, Namespace, components, module_name
from flowgen.backends.python.paths import package_folder
from flowgen.backends.python.recursive_defaults import recursive_defaults
from flowgen.backends.python.schemas import definitions
from flowgen.backends.python.text import docstring
from flowgen.diagnostics import Diagnostic

if TYPE_CHECKING:
    from flowgen.diagnostics import Span
    from flowgen.model import Workflow

Read = Callable[[PurePosixPath], str | None]
"""Returns the text of a file by its path from the project's root, or None if there is no such file."""

RECIPE = 8
"""Version of the models' format. Raise it when the output for the same types changes, to rewrite all models."""

_TOO_LONG = "a union has too many members, or types are nested too deeply"


@dataclass(frozen=True, slots=True)
class Unit:
    """A workflow to generate Python for. `file` is its source, relative to the project's root."""

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
    client: bool = False,
) -> tuple[list[Artifact], list[Diagnostic]]:
    """The files of a workflow's package, and what can't be generated (FG109).

    With `client`, they include a module for Python code that starts the workflow. `package` and `shared`, the package
    that all workflows share, are dotted. `source` is the source folder and `source_file` the workflow's file, both
    relative to the project's root, as are the paths for `read_existing`.
    Existing models are reused if the types have not changed, because generating models is slow.
    """
    folder = package_folder(package, source)
    own = folder / GENERATED
    runtime = f"{shared}.{GENERATED}"
    types = Namespace(workflow, source_file, shared).of_workflow()
    functions = code.generated_functions(workflow)
    made = {own / "__init__.py": docstring(f"Generated code of `{workflow.name}`.") + "\n"}
    if functions or code.has_errors(workflow):
        made[own / "contracts.py"] = code.contracts(workflow, runtime)
    if functions:
        made[own / "entry_points" / "__init__.py"] = (
            docstring("Entry points for Lambda: one module per function.") + "\n"
        )
    for name, function in functions.items():
        made[own / "entry_points" / f"{name}.py"] = code.entry_point(name, function, runtime)
    made |= {own / f"{name}.py": text for name, text in callbacks.modules(workflow, runtime).items()}
    if client:
        made[own / f"{clients.CLIENT}.py"] = clients.module(workflow, runtime)
    artifacts = [generated_file(path, text, source_file) for path, text in made.items()]
    title = docstring(f"The types of `{workflow.name}`.")
    written, problems = _models(workflow, types, title, own / "models.py", source_file, read_existing)
    artifacts += written
    for name, function in functions.items():
        if function.existing_code is None and read_existing(folder / name / "__init__.py") is None:
            artifacts.append(Artifact(folder / f"{name}.py", code.stub(name, function, runtime), generated=False))
    artifacts.extend(_packages(docstring(workflow.description or f"The code of `{workflow.name}`."), folder, source))
    return sorted(artifacts, key=lambda artifact: artifact.path), problems


def generate_shared(
    units: Iterable[Unit],
    *,
    source: PurePosixPath,
    read_existing: Read,
    shared: str = SHARED_PACKAGE,
) -> tuple[list[Artifact], list[Diagnostic]]:
    """The modules of the files that the types of workflows come from, and what can't be generated (FG109, FG605).

    Each file has one module, whichever workflows use it. If files import each other in a cycle, the module of the first
    has the types of all, and the modules of the others re-export them.
    """
    namespaces = [(unit, Namespace(unit.workflow, unit.file, shared)) for unit in units]
    uses: dict[str, set[str]] = {}
    for _, namespace in namespaces:
        for file, referred in namespace.files().items():
            uses.setdefault(file, set()).update(referred)
    if not uses:
        return [], []
    own = package_folder(shared, source) / GENERATED
    problems = _same_modules(uses, namespaces)
    artifacts: list[Artifact] = []
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
            about = f"The types of `{file}`, which are defined with the types that refer to them."
            text = models.re_exports(_names_in(file, namespaces), f".{module_name(circle[0])}", about)
            artifacts.append(generated_file(own / f"{module_name(file)}.py", text, file))
    return sorted(artifacts, key=lambda artifact: artifact.path), problems


def generate_runtime(
    artifacts: Iterable[Artifact], *, source: PurePosixPath, made_for: str, shared: str = SHARED_PACKAGE
) -> list[Artifact]:
    """The shared package itself, with the modules of the runtime that the project's other `artifacts` import.

    Returns an empty list if nothing needs the package. `made_for` is the source named in the headers of these files.
    """
    artifacts = list(artifacts)
    folder = package_folder(shared, source)
    own = folder / GENERATED
    needed = runtime_modules.imported(artifacts, f"{shared}.{GENERATED}")
    if not needed and not any(artifact.path.parent == own for artifact in artifacts):
        return []
    return [
        generated_file(own / "__init__.py", docstring("Generated code that the workflows share.") + "\n", made_for),
        *(generated_file(own / f"{name}.py", runtime_modules.text(name), made_for) for name in needed),
        *_packages(docstring("Code that the workflows share."), folder, source),
    ]


def _names_in(file: str, namespaces: Iterable[tuple[Unit, Namespace]]) -> list[str]:
    return sorted({name for _, found in namespaces for path, name in found.shared.values() if path == file})


def _same_modules(uses: Iterable[str], namespaces: Iterable[tuple[Unit, Namespace]]) -> list[Diagnostic]:
    """FG605 for files whose modules would have the same name."""
    first: dict[str, str] = {}
    problems = []
    for file in sorted(uses):
        other = first.setdefault(module_name(file), file)
        if other != file:
            span = next(unit.workflow.span_of("import") for unit, found in namespaces if file in found.files())
            message = f"`{other}` and `{file}` would have the same module, `{module_name(file)}`"
            problems.append(Diagnostic("FG605", message, span, help="rename one of the files"))
    return problems


def _differs(unit: Unit, first: Unit, file: str) -> Diagnostic:
    message = f"the types of `{file}` differ between `{unit.workflow.name}` and `{first.workflow.name}`"
    help_ = f"in `{file}`, import the types that it refers to"
    return Diagnostic("FG605", message, unit.workflow.span_of("import"), help=help_)


def _models(
    workflow: Workflow,
    types: ModuleTypes,
    title: str,
    path: PurePosixPath,
    source_file: str,
    read_existing: Read,
) -> tuple[list[Artifact], list[Diagnostic]]:
    """The module of models; the existing one if its types are the same."""
    try:
        needed = definitions(types)
    except RecursionError:
        return [], [_unwritten(workflow, _TOO_LONG)]
    problems = [_unread(workflow, owner, pattern) for owner, pattern in needed.unread]
    for owner, name, why in needed.wrong_defaults:
        message = f"the default of `{name}` is not valid: {why}"
        problems.append(Diagnostic("FG109", message, _declaration(workflow, owner)))
    for owner, name in recursive_defaults({**types.own, **types.foreign}):
        if owner in types.own:
            problems.append(_unwritten(workflow, f"the default of `{name}` in `{owner}` contains itself without end"))
    defaults = [[*key, default.value] for key, default in needed.defaults.items()]
    constraints = sorted(needed.constraints.items())
    homes = {name: [home.module, home.name] for name, home in needed.homes.items()}
    made_of = [
        RECIPE,
        title,
        needed.base,
        needed.schemas,
        sorted(needed.sparse),
        defaults,
        homes,
        needed.exported,
        constraints,
    ]
    inputs = digest(json.dumps([*made_of, sorted(needed.foreign)]))
    existing = read_existing(path)
    header = None if existing is None else header_of(existing)
    if header is not None and header.intact and header.inputs == inputs:
        return [generated_file(path, header.body, source_file, inputs)], problems
    if problems:
        return [], problems
    try:
        text = models.source(needed, title)
        # Imported late, because it imports pydantic, which unchanged models do not need.
        from flowgen.backends.python.importing import import_problem

        unbuilt = import_problem(text, needed)
        if unbuilt is not None:
            return [], [_unwritten(workflow, unbuilt)]
        return [generated_file(path, text, source_file, inputs)], problems
    except models.GeneratorError as error:
        return [], [*problems, _unwritten(workflow, str(error))]
    except RecursionError:
        return [], [*problems, _unwritten(workflow, _TOO_LONG)]


def _unwritten(workflow: Workflow, why: str) -> Diagnostic:
    return Diagnostic("FG109", f"these types can't be written in Python: {why}", workflow.span_of("types"))


def _packages(about: str, folder: PurePosixPath, source: PurePosixPath) -> Iterator[Artifact]:
    """The `__init__.py` of a package, and those of its parent packages."""
    yield Artifact(folder / "__init__.py", f"{about}\n", generated=False)
    for parent in folder.parents:
        if parent == source:
            return
        yield Artifact(parent / "__init__.py", "", generated=False)


def _unread(workflow: Workflow, owner: str, pattern: str) -> Diagnostic:
    message = f"the pattern `{pattern}` is not a regular expression that Python can read"
    return Diagnostic("FG109", message, _declaration(workflow, owner))


def _declaration(workflow: Workflow, owner: str) -> Span:
    """The declaration of the type that a definition is named after."""
    named = [name for name in workflow.types if owner.startswith(name)]
    return workflow.types[max(named, key=len)].key.span if named else workflow.span_of("functions")
