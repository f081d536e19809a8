"""The way from a file to what comes of it: load, check, compile, emit. The order of the phases is the architecture.

In: workflow files of a project. Out: diagnostics, state machines, artifacts, executions.
Never: click, printing; what a phase does is that phase's.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from flowgen.classes import FOLDER as CLASSES
from flowgen.classes import Kept, Places
from flowgen.diagnostics import Diagnostic, Sink, Span
from flowgen.diagnostics.ignore import apply_ignores
from flowgen.model import Workflow
from flowgen.project import Found, Project, discover, find_project, read_text

if TYPE_CHECKING:
    from flowgen.backends.cloudformation import Code, Unit
    from flowgen.backends.writing import Plan
    from flowgen.local import Execution
    from flowgen.packaging.bytecode import Compiler
    from flowgen.packaging.contents import Deployed
    from flowgen.packaging.installing import Installer
    from flowgen.packaging.output import Package


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workflow without errors, and where it came from."""

    workflow: Workflow
    found: Found
    others: Mapping[str, Workflow] = field(default_factory=dict)
    """The workflows of the project, by name, where this one runs any of them."""

    @property
    def package(self) -> str:
        return self.found.project.package_of(self.workflow.name)


@dataclass(frozen=True, slots=True)
class Report:
    """What a command found out: diagnostics in their order, the texts that they point into, and what is left to do."""

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    loaded: tuple[Loaded, ...] = ()

    @property
    def failed(self) -> bool:
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


def check_paths(paths: tuple[str, ...], base: Path, classes: Kept | None = None) -> Report:
    """Loads and checks the workflows that `paths` name (see `project.discover`).

    Types that are classes of the user's are taken from what `classes` knows of them; nothing of the user's is imported.
    """
    classes = Kept() if classes is None else classes
    sink = Sink()
    sources: dict[str, str] = {}
    loaded: list[Loaded] = []
    siblings = _Siblings(classes)
    for found in discover(paths, sink, base):
        text = read_text(found.path, found.shown, sink)
        if text is None:
            continue
        sources[found.shown] = text
        beside, others = _Beside(found, sources, classes), siblings.beside(found)
        checked = _checked(found.shown, text, sink, beside, others, strict=found.project.strict)
        if checked is not None:
            loaded.append(Loaded(checked[0], found, checked[1]))
    sink.extend(_same_names(loaded))
    diagnostics = tuple(sink)
    return Report(diagnostics, sources | _settings(diagnostics, base), tuple(loaded))


def check_for_generation(paths: tuple[str, ...], base: Path) -> tuple[Report, Kept]:
    """As `check_paths`, after the classes that are types were imported, in a process of their own (FG123, FG124)."""
    classes = Kept()
    report = check_paths(paths, base, classes)
    problems: list[Diagnostic] = []
    stale = False
    for root in classes.roots():
        project = find_project(root, Sink())
        shown = project.source.as_posix()
        problems += classes.renew(root, Places(project.source_folder, project.type_packages, shown))
        stale = stale or classes.is_stale(root)
    if stale:
        report = check_paths(paths, base, classes)
    # A class that is still not known is one of those that something is wrong with.
    left = (one for one in report.diagnostics if one.code != "FG122")
    return replace(report, diagnostics=(*problems, *left)), classes


def check_text(text: str, file: str = "workflow.yaml") -> list[Diagnostic]:
    """What there is to say of one workflow's text, without a project around it."""
    sink = Sink()
    _checked(file, text, sink, None)
    return list(sink)


def _alone() -> Mapping[str, Workflow]:
    return {}


def _checked(
    file: str,
    text: str,
    sink: Sink,
    beside: _Beside | None,
    others: Callable[[], Mapping[str, Workflow]] = _alone,
    *,
    strict: bool = False,
) -> tuple[Workflow, Mapping[str, Workflow]] | None:
    """A workflow and those of its project, where it runs any; None where there is an error.

    A phase reports all that it finds; the next starts only where there was no error.
    """
    from flowgen.check import check, check_children, check_dataflow, check_definition, runs_others

    found = Sink()
    workflow = _read(file, text, found, beside)
    known: Mapping[str, Workflow] = {}
    if workflow is not None:
        check(workflow, found)
        if runs_others(workflow):
            known = {**others(), workflow.name: workflow}
            found.extend(check_children(workflow, known))
        if not found.failed:
            found.extend(check_dataflow(workflow, known, strict=strict))
        if not found.failed and len(text) >= _MAY_BE_LARGE:
            found.extend(check_definition(workflow, json.dumps(_compiled(workflow, known), separators=(",", ":"))))
    left = Sink()
    left.extend(apply_ignores(found, {file: text}))
    sink.extend(left)
    return None if workflow is None or left.failed else (workflow, known)


_MAY_BE_LARGE = 10_000
"""Characters of a workflow from which on its definition could be over AWS's limit: it is up to a hundred times as long,
and compiling every workflow to see that it is not would cost each check."""


def _read(file: str, text: str, sink: Sink, beside: _Beside | None) -> Workflow | None:
    from flowgen.model import read_workflow
    from flowgen.source import read

    root = read(file, text, sink)
    if root is None or beside is None:
        return None if root is None else read_workflow(root, sink)
    return read_workflow(root, sink, beside.read_file, beside.read_python)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a workflow may read beside itself: types and imports, and what is kept of classes.

    `sources` gets the texts that diagnostics may point into.
    """

    found: Found
    sources: dict[str, str]
    classes: Kept

    def read_file(self, name: str) -> str | None:
        found = self.found
        try:
            path = (found.path.parent / name).resolve()
            if not path.is_relative_to(found.project.root) or not path.is_file():
                return None
        except (OSError, ValueError):  # a name that no file can have
            return None
        text = read_text(path, found.project.relative(path), Sink())
        if text is not None:
            self.sources[posixpath.normpath(posixpath.join(posixpath.dirname(found.shown), name))] = text
        return text

    def read_python(self, target: str, where: Span) -> str | None:
        return self.classes.read(self.found.project.root, target, where)


class _Siblings:
    """The workflows of projects, read when one of them is first asked for its siblings.

    What is wrong with a sibling is told when it is checked itself.
    """

    def __init__(self, classes: Kept) -> None:
        self._classes = classes
        self._known: dict[Path, dict[str, Workflow]] = {}

    def beside(self, found: Found) -> Callable[[], Mapping[str, Workflow]]:
        return lambda: self._of(found.project)

    def _of(self, project: Project) -> Mapping[str, Workflow]:
        if project.root not in self._known:
            sink = Sink()
            folder = str(project.root / project.workflows)
            read = []
            for found in discover((folder,), sink, project.root):
                text = read_text(found.path, found.shown, sink)
                if text is not None:
                    read.append(_read(found.shown, text, Sink(), _Beside(found, {}, self._classes)))
            self._known[project.root] = {workflow.name: workflow for workflow in read if workflow is not None}
        return self._known[project.root]


def _same_names(loaded: Iterable[Loaded]) -> list[Diagnostic]:
    """FG205 across files: a workflow's name is the name of its package and its state machine."""
    from flowgen.diagnostics import Label

    first: dict[tuple[Path, str], Loaded] = {}
    findings = []
    for one in loaded:
        known = first.setdefault((one.found.project.root, one.workflow.name), one)
        if known is not one:
            findings.append(
                Diagnostic(
                    "FG205",
                    f"two workflows have the name `{one.workflow.name}`",
                    one.workflow.span_of("name"),
                    "the second",
                    secondary=(Label(known.workflow.span_of("name"), "the first"),),
                )
            )
    return findings


def _settings(diagnostics: Iterable[Diagnostic], base: Path) -> dict[str, str]:
    """The settings file's text, where a diagnostic points into it."""
    if not any(diagnostic.code == "FG120" for diagnostic in diagnostics):
        return {}
    project = find_project(base, Sink())
    text = read_text(project.root / "pyproject.toml", "pyproject.toml", Sink())
    return {} if text is None else {"pyproject.toml": text}


def definition(loaded: Loaded) -> dict[str, Any]:
    """The state machine of a workflow as JSON; its functions are placeholders (`${SendEmailFunction}`)."""
    return _compiled(loaded.workflow, loaded.others)


def _compiled(workflow: Workflow, others: Mapping[str, Workflow]) -> dict[str, Any]:
    from flowgen.asl.writing import to_json
    from flowgen.compile import compile_workflow

    express = frozenset(name for name, other in others.items() if other.type == "express")
    return to_json(compile_workflow(workflow, express))


def handlers(loaded: Loaded) -> tuple[dict[str, Callable[..., Any]], dict[str, Diagnostic]]:
    """The handlers of a workflow's functions by their names, as Lambda would call them; or why not (FG603)."""
    from flowgen.backends.python import entry_point_module
    from flowgen.compile import machine_placeholders
    from flowgen.local import HandlerLoadError, load_handler

    found: dict[str, Callable[..., Any]] = {}
    problems: dict[str, Diagnostic] = {}
    for function in machine_placeholders(loaded.workflow).values():
        module = entry_point_module(loaded.package, function)
        source = loaded.found.project.source_folder
        try:
            found[function] = load_handler(source, f"{module}:handler")
        except HandlerLoadError as error:
            entry_point = source.joinpath(*module.split(".")).with_suffix(".py")
            help_ = None if entry_point.is_file() else "run `flowgen generate`, which writes the entry points"
            message = f"the handler of `{function}` can't be loaded: {error}"
            problems[function] = Diagnostic("FG603", message, None, help=help_)
    return found, problems


def run_workflow(loaded: Loaded, value: Any) -> Execution | tuple[Diagnostic, ...]:
    """Runs a workflow's state machine with the project's own handlers; or why those can't be loaded (FG603).

    An `arn:` function has no code here: a call of it fails as a call of a function that does not exist. `running` does
    this with all that a person may ask for.
    """
    from flowgen.compile import function_placeholder
    from flowgen.local import Task, execute

    found, problems = handlers(loaded)
    if problems:
        return tuple(problems.values())
    tasks = {f"${{{function_placeholder(name)}}}": Task(handler, context=True) for name, handler in found.items()}
    return execute(definition(loaded), value, tasks=tasks)


def template(loaded: Iterable[Loaded], form: str) -> tuple[str | None, list[Diagnostic]]:
    """The CloudFormation template of workflows, in `yaml` or `json`; or why there can be none (FG4xx, FG5xx)."""
    from flowgen.backends import cloudformation

    workflows = list(loaded)
    if len(workflows) > 1 and any(_is_nested(one) for one in workflows):
        help_ = "`flowgen package` makes the templates; of a single workflow there is one: give its file"
        message = "the stacks of this project are nested, and can't be one template"
        return None, [Diagnostic("FG522", message, None, help=help_)]
    units = stack_units(workflows)
    problems = cloudformation.findings(units)
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    made = cloudformation.stack(units)
    text = cloudformation.to_json(made) if form == "json" else cloudformation.to_yaml(made)
    problems += cloudformation.too_large(units, made, text)
    return (None if any(problem.severity == "error" for problem in problems) else text), problems


def _is_nested(loaded: Loaded) -> bool:
    return loaded.found.project.stacks == "nested"


def stack_units(loaded: Iterable[Loaded], code: Mapping[str, Mapping[str, Code]] | None = None) -> list[Unit]:
    """What the stack of some workflows is made of, with the code of their functions where it is known, by workflow."""
    from flowgen.backends.cloudformation import Unit

    return [
        Unit(
            one.workflow,
            definition(one),
            {name: f"{module}.handler" for name, module in _entry_points(one).items()},
            (code or {}).get(one.workflow.name, {}),
        )
        for one in loaded
    ]


def _entry_points(loaded: Loaded) -> dict[str, str]:
    """The module that Lambda loads for each function of a workflow that a stack deploys."""
    from flowgen.backends.python import entry_point_module
    from flowgen.compile import machine_placeholders

    return {name: entry_point_module(loaded.package, name) for name in machine_placeholders(loaded.workflow).values()}


def package(
    loaded: Sequence[Loaded], installer: Installer, compiler: Compiler, keep: str
) -> tuple[Package | None, list[Diagnostic], dict[str, str]]:
    """The code of workflows of one project and their template; or why there can be none (FG4xx, FG5xx, FG6xx).

    Also gives the texts that the diagnostics point into. Generated code must be up to date. `keep` is the command that
    keeps the versions of the dependencies that went in. Raises OSError where the disk refuses.
    """
    from flowgen.backends import cloudformation, writing
    from flowgen.packaging import output, pack

    sink, project = Sink(), loaded[0].found.project
    sink.extend(finding for _, plan in plan_python(loaded) for finding in writing.check(plan))
    nested = _is_nested(loaded[0])
    sink.extend(cloudformation.findings(stack_units(loaded), nested=nested))
    if sink.failed:
        return None, list(sink), {}
    functions = [one for each in loaded for one in _deployed(each)]
    packed, sources = pack.pack(project, functions, installer, compiler, sink, keep)
    if packed is None:
        return None, list(sink), dict(sources)
    code: dict[str, dict[str, Code]] = {}
    for made in packed.zips:
        known = code.setdefault(made.workflow, {})
        known[made.function] = cloudformation.Code(made.digest, output.key_of(made.file_name))
    units = stack_units(loaded, code)
    bundle = cloudformation.bundle(units, nested=nested)
    sink.extend(bundle.findings)
    if sink.failed:
        return None, list(sink), dict(sources)
    texts = bundle.assets
    children = [json.loads(text)["Resources"] for name, text in texts.items() if name.endswith(".template.json")]
    files = {one.found.shown: project.relative(one.found.path) for one in loaded}
    resources = {
        name: output.Resource(origin.what, files.get(origin.span.file, origin.span.file), origin.span.start.line)
        for name, origin in cloudformation.origins(
            units, set().union(bundle.template["Resources"], *children), nested=nested
        ).items()
    }
    text = cloudformation.to_json(bundle.template)
    whole = output.Package(packed.project, text, packed.zips, texts, resources, packed.requirements)
    return whole, list(sink), dict(sources)


def _deployed(loaded: Loaded) -> Iterator[Deployed]:
    """The functions of a workflow that get a zip."""
    from flowgen.backends.cloudformation.sizing import name_span, settings
    from flowgen.packaging.contents import Deployed
    from flowgen.packaging.target import Target

    workflow = loaded.workflow
    for name, module in _entry_points(loaded).items():
        sizing = settings(workflow, workflow.functions[name])
        target = Target(sizing.runtime, sizing.architecture)
        yield Deployed(workflow.name, name, module, target, name_span(workflow, name))


def plan_python(loaded: Iterable[Loaded], classes: Kept | None = None) -> list[tuple[Project, Plan]]:
    """What is to be written for the Python of workflows, a plan for each project; nothing is written.

    `classes` has what is to be kept of those that are types.
    """
    projects: dict[Path, list[Loaded]] = {}
    for one in loaded:
        projects.setdefault(one.found.project.root, []).append(one)
    known = Kept() if classes is None else classes
    return [(workflows[0].found.project, _plan_of(workflows, known)) for workflows in projects.values()]


def remember(report: Report, classes: Kept, base: Path) -> None:
    """Keeps the state of the project in `base` if there was nothing to tell of it, and nothing is left to write.

    Then the next run takes the short way (`flowgen.unchanged`). A project with classes that are types has none: what
    they are depends on all that their import runs.
    """
    from flowgen.unchanged import is_of_tools, keep, take

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
    # Looked at after the state was taken: what changes in between is in one of the two.
    planned = plan_python(report.loaded)
    if find_project(root, Sink()) == project and not any(plan.changes or plan.diagnostics for _, plan in planned):
        keep(state, root)


def _plan_of(workflows: Sequence[Loaded], classes: Kept) -> Plan:
    """The plan for workflows of one project."""
    from flowgen.backends import python, writing
    from flowgen.backends.artifacts import generated_json

    project = workflows[0].found.project
    read, shared = writing.reader(project.root), project.package_of(python.SHARED_PACKAGE)
    units = [python.Unit(one.workflow, project.relative(one.found.path)) for one in workflows]
    made, problems = python.generate_shared(
        units, source=project.source, made_for=project.workflows.as_posix(), read_existing=read, shared=shared
    )
    if made:
        problems += (_named_as_shared(one, shared) for one in workflows if one.package == shared)
    # Packages above the workflows' own are made by each of them alike.
    artifacts = {artifact.path: artifact for artifact in made}
    for path, (target, schema) in classes.fresh(project.root).items():
        artifacts[path] = generated_json(path, schema, target)
    folders = [python.package_folder(one.package, project.source) for one in workflows]
    for one, unit, folder in zip(workflows, units, folders, strict=True):
        own, told = python.generate(
            one.workflow, one.package, source=project.source, source_file=unit.file, read_existing=read, shared=shared
        )
        artifacts.update((artifact.path, artifact) for artifact in own)
        problems += [*told, *python.orphans(one.workflow, _python_files(project.root, folder))]
    whole = []
    if _is_all_of(project, workflows):
        folders, whole = [project.source], [python.package_folder(shared, project.source), CLASSES]
    planned = writing.plan(artifacts.values(), project.root, folders, whole)
    return replace(planned, diagnostics=(*planned.diagnostics, *problems))


def _named_as_shared(one: Loaded, shared: str) -> Diagnostic:
    message = f"`{shared}` is the package of what workflows share, and can't be that of `{one.workflow.name}`"
    return Diagnostic("FG605", message, one.workflow.span_of("name"), help="give the workflow another name")


def _is_all_of(project: Project, workflows: Iterable[Loaded]) -> bool:
    """Whether these are all the workflows of a project, so that nothing of it can be made for another one."""
    everything = discover((str(project.root / project.workflows),), Sink(), project.root)
    return {found.path for found in everything} <= {one.found.path for one in workflows}


def _python_files(root: Path, folder: PurePosixPath) -> dict[PurePosixPath, str]:
    """The modules that stand in a workflow's package itself, and their texts."""
    files = sorted((root / folder).glob("*.py"))
    texts = ((file, read_text(file, file.name, Sink())) for file in files)
    return {folder / file.name: text for file, text in texts if text is not None}


def show_types(loaded: Iterable[Loaded]) -> Iterator[str]:
    """Each step of workflows with the type of what goes into it and of what comes out, as the file has them."""
    from flowgen.check import analyse
    from flowgen.model import every_level
    from flowgen.types import show

    for one in loaded:
        types = analyse(one.workflow, one.others).steps
        steps = [
            ("  " * depth + step.id, types[step.id]) for depth, step in every_level(one.workflow) if step.id in types
        ]
        yield f"{one.workflow.name}:"
        width = max((len(name) for name, _ in steps), default=0)
        for name, (taken, given) in steps:
            yield f"  {name:{width}}  {show(taken)} -> {show(given)}"


def type_coverage(loaded: Iterable[Loaded]) -> Iterator[str]:
    """The share of the expressions of workflows whose type is fully known, and the places of the others, with why."""
    from flowgen.check import analyse

    for one in loaded:
        expressions = analyse(one.workflow, one.others).expressions
        unknown = {span: why for span, why in expressions.items() if why is not None}
        share = 100 * (len(expressions) - len(unknown)) // len(expressions) if expressions else 100
        yield f"{one.workflow.name}: the types of {share} % of {len(expressions)} expressions are fully known"
        for span, why in sorted(unknown.items()):
            yield f"  {span.file}:{span.start.line}:{span.start.column}: {why}"
