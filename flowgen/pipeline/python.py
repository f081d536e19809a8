"""The Python files of workflows: which to write, change and delete."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from flowgen.backends.artifacts import GENERATED, SHARED_PACKAGE
from flowgen.diagnostics import Diagnostic, Sink
from flowgen.model.shared_functions import library_workflow, shared_functions, without_shared
from flowgen.pipeline.build import Build
from flowgen.pipeline.loading import Report
from flowgen.project import Project, discover, find_project, read_text
from flowgen.up_to_date import KEPT_DIAGRAMS
from flowgen.user_types import FOLDER as CLASSES
from flowgen.user_types import SchemaCache

if TYPE_CHECKING:
    from flowgen.backends.writing import Plan
    from flowgen.model import TypeUse, Workflow


def plan_python(builds: Iterable[Build], classes: SchemaCache | None = None) -> list[tuple[Project, Plan]]:
    """A plan for each project of which files to write for the Python of workflows. Writes nothing.

    `classes` has the schemas of classes that are types. Without it, the project's files with such schemas are left
    unchanged.
    """
    projects: dict[Path, list[Build]] = {}
    for build in builds:
        projects.setdefault(build.found.project.root, []).append(build)
    return [(workflows[0].found.project, _plan_of(workflows, classes)) for workflows in projects.values()]


def remember(report: Report, classes: SchemaCache, base: Path) -> None:
    """Stores the state of the project in `base` if it has no findings and its generated files are up to date.

    The next run then has nothing to do unless a file changes (`flowgen.up_to_date`). No state is stored for projects
    with classes that are types, because their schemas depend on everything that importing them runs.
    """
    from flowgen.up_to_date import is_of_tools, keep, take

    root = base.resolve()
    projects = {one.found.project for one in report.loaded}
    if report.diagnostics or classes.roots() or {project.root for project in projects} != {root}:
        return
    [project] = projects
    packages = {project.source.joinpath(*one.package.split(".")) for one in report.loaded}
    if any(is_of_tools(root / folder) for package in packages for folder in (package, *package.parents)[:-1]):
        return
    state = take(root, project.workflows, project.source, report.sources)
    if state is None:
        return
    # Planned after the state was taken, so that no change in between is missed.
    planned = plan_python(report.loaded, classes)
    if find_project(root, Sink()) == project and not any(plan.changes or plan.diagnostics for _, plan in planned):
        keep(state, root)


def _plan_of(workflows: Sequence[Build], classes: SchemaCache | None) -> Plan:
    """The plan for workflows of one project."""
    from flowgen.backends import python, writing
    from flowgen.backends.artifacts import generated_json
    from flowgen.pipeline.diagrams import diagram

    project = workflows[0].found.project
    read, shared = writing.reader(project.root), project.package_of(python.SHARED_PACKAGE)
    units = [python.Unit(one.workflow, project.relative(one.found.path)) for one in workflows]
    made, problems = python.generate_shared(units, source=project.source, read_existing=read, shared=shared)
    if made or any(one.libraries for one in workflows):
        problems += (_named_as_shared(one, shared) for one in workflows if one.package == shared)
    folders = [python.package_folder(one.package, project.source) for one in workflows]
    for one, unit, folder in zip(workflows, units, folders, strict=True):
        workflow = without_shared(one.workflow)
        own, found = python.generate(
            workflow,
            one.package,
            source=project.source,
            source_file=unit.file,
            read_existing=read,
            shared=shared,
            client=project.clients,
        )
        made += own
        moved = {
            name: python.package_folder(one.package_of(name), project.source) / f"{name}.py" for name in one.libraries
        }
        problems += [*found, *python.orphans(workflow, _python_files(project.root, folder), moved)]
    for library in _libraries(workflows):
        own, found = python.generate(
            library.workflow,
            library.package,
            source=project.source,
            source_file=library.file,
            read_existing=read,
            shared=shared,
        )
        made += own
        folder = python.package_folder(library.package, project.source)
        problems += [*library.problems, *found, *python.orphans(library.workflow, _python_files(project.root, folder))]
    runtime = python.generate_runtime(made, source=project.source, made_for=project.workflows.as_posix(), shared=shared)
    # Workflows agree on the packages above their own. The docstring of a workflow `shared` comes before the runtime's.
    artifacts = {artifact.path: artifact for artifact in (*runtime, *made)}
    if classes is not None:
        for path, (target, schema) in classes.fresh(project.root).items():
            artifacts[path] = generated_json(path, schema, target)
    if project.diagrams:
        made_diagrams = (diagram(one, project.relative(one.found.path)) for one in workflows)
        artifacts |= {artifact.path: artifact for artifact in made_diagrams}
    whole: list[PurePosixPath] = []
    packages, everything = {*folders}, _is_all_of(project, workflows)
    if everything:
        folders = [project.source]
        whole = [python.package_folder(shared, project.source), PurePosixPath(KEPT_DIAGRAMS)]
        if classes is not None:
            whole.append(CLASSES)
    planned = writing.plan(artifacts.values(), project.root, folders, whole)
    if everything:
        removed = {change.path for change in planned.changes if change.action is writing.Action.REMOVE}
        problems += python.abandoned(_without_workflow(project.root, packages, removed))
    return replace(planned, diagnostics=(*planned.diagnostics, *problems))


@dataclass(frozen=True, slots=True)
class _Library:
    """The functions of an imported file, whose path is relative to the project's root, and their package."""

    file: str
    package: str
    workflow: Workflow
    problems: tuple[Diagnostic, ...] = ()


def _libraries(builds: Sequence[Build]) -> list[_Library]:
    """The imported files that declare functions, each once (FG605)."""
    from flowgen.backends.python.modules import module_name, reached_types

    found: dict[str, _Library] = {}
    for build in builds:
        workflow, project = build.workflow, build.found.project
        for file in dict.fromkeys(shared_functions(workflow).values()):
            name = module_name(file)
            package = f"{project.package_of(SHARED_PACKAGE)}.{name}"
            path = posixpath.normpath(posixpath.join(posixpath.dirname(project.relative(build.found.path)), file))
            known = found.get(package)
            if known is None:
                made = library_workflow(workflow, file, name)
                schemas = {known: declared.schema for known, declared in made.types.items()}
                hoisted = [schema for use in _contracts(made) for _, schema in use.hoisted]
                used = reached_types([*(use.schema for use in _contracts(made)), *hoisted], schemas)
                # Types of other files that this workflow imports must not change the names of generated classes.
                made = made.replace(types={known: made.types[known] for known in made.types if known in used})
                found[package] = _Library(path, package, made)
            elif known.file != path:
                message = f"`{known.file}` and `{path}` would have the same package, `{package}`"
                problem = Diagnostic("FG605", message, workflow.span_of("import"), help="rename one of the files")
                found[package] = replace(known, problems=(*known.problems, problem))
    return list(found.values())


def _contracts(library: Workflow) -> Iterator[TypeUse]:
    for function in library.functions.values():
        yield from (function.input, function.output)
        yield from (error.details for error in function.errors if error.details is not None)


def _named_as_shared(one: Build, shared: str) -> Diagnostic:
    message = f"workflow `{one.workflow.name}` cannot use the package `{shared}`, which contains the shared code"
    return Diagnostic("FG605", message, one.workflow.span_of("name"), help="rename the workflow")


def _is_all_of(project: Project, workflows: Iterable[Build]) -> bool:
    """Whether these are all the workflows of a project, so that every generated file belongs to one of them."""
    everything = discover((str(project.root / project.workflows),), Sink(), project.root)
    return {found.path for found in everything} <= {one.found.path for one in workflows}


def _without_workflow(
    root: Path, packages: AbstractSet[PurePosixPath], removed: AbstractSet[PurePosixPath]
) -> dict[PurePosixPath, str]:
    """The modules, with their texts, of packages next to those of workflows that will have no generated code.

    `removed` are the files that the plan deletes.
    """
    found: dict[PurePosixPath, str] = {}
    for folder in sorted({package.parent for package in packages}):
        beside = {folder / place.parent.name for place in (root / folder).glob("*/*.py")}
        for package in sorted(beside - packages):
            left = (root / package / GENERATED).glob("*.py")
            if all(PurePosixPath(file.relative_to(root).as_posix()) in removed for file in left):
                found |= _python_files(root, package)
    return found


def _python_files(root: Path, folder: PurePosixPath) -> dict[PurePosixPath, str]:
    """The modules directly in a workflow's package, and their texts."""
    files = sorted((root / folder).glob("*.py"))
    texts = ((file, read_text(file, file.name, Sink())) for file in files)
    return {folder / file.name: text for file, text in texts if text is not None}
