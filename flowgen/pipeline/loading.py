"""Loads and checks workflow files: the valid workflows, and the findings about all of them."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flowgen.diagnostics import Diagnostic, Sink, Span
from flowgen.diagnostics.alike import gathered
from flowgen.diagnostics.ignore import apply_ignores
from flowgen.model import Workflow
from flowgen.packaging.lambda_runtime_modules import always_available
from flowgen.pipeline.callables import Callables
from flowgen.pipeline.machines import compiled
from flowgen.project import Found, Project, discover, find_project, read_text
from flowgen.user_types import Places, SchemaCache

NO_TEXTS: Mapping[Path, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workflow without errors, and where it came from."""

    workflow: Workflow
    found: Found
    others: Mapping[str, Workflow] = field(default_factory=dict)
    """The workflows of the project by name, if this one runs any of them."""

    @property
    def package(self) -> str:
        return self.found.project.package_of(self.workflow.name)


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a check: sorted diagnostics, the texts that they refer to, and the workflows without errors."""

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    loaded: tuple[Loaded, ...] = ()

    @property
    def failed(self) -> bool:
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


def check_paths(
    paths: tuple[str, ...],
    base: Path,
    classes: SchemaCache | None = None,
    *,
    deployable: bool = False,
    texts: Mapping[Path, str] = NO_TEXTS,
) -> Report:
    """Loads and checks the workflows at `paths` (see `project.discover`).

    `classes` has the schemas of user classes that are types; user code is never imported. `deployable` reports
    everything that prevents a template; otherwise, only unknown references are reported. `texts` are checked instead of
    the contents of the files with these (resolved) paths.
    """
    classes = SchemaCache() if classes is None else classes
    sink = Sink()
    sources: dict[str, str] = {}
    checked: list[_Checked] = []
    siblings, callables = _Siblings(classes, texts), Callables()
    for found in discover(paths, sink, base):
        text = _text(found.path, found.shown, texts, sink)
        if text is None:
            continue
        sources[found.shown] = text
        beside, others = _Beside(found, sources, classes, callables, texts), siblings.beside(found)
        checked.append(_check(found.shown, text, beside, others, strict=found.project.strict))
    refused = _refused(checked, deployable=deployable)
    loaded: list[Loaded] = []
    for one in checked:
        left = one.left(refused.pop(one.file, ()))
        sink.extend(gathered(left))
        if one.loaded is not None and not left.failed:
            loaded.append(one.loaded)
    sink.extend(left for others_ in refused.values() for left in others_)
    sink.extend(_same_names(loaded))
    if deployable:
        sink.extend(_unchecked_calls(loaded))
    diagnostics = tuple(sink)
    return Report(diagnostics, sources | _settings(diagnostics, base), tuple(loaded))


def _text(path: Path, shown: str, texts: Mapping[Path, str], sink: Sink) -> str | None:
    return texts[path] if path in texts else read_text(path, shown, sink)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A checked file: its findings, including ignored ones, and the workflow if it is readable."""

    file: str
    text: str
    found: Sink
    loaded: Loaded | None

    def left(self, more: Iterable[Diagnostic] = ()) -> Sink:
        """The findings that are not ignored."""
        whole = Sink()
        whole.extend((*self.found, *more))
        left = Sink()
        left.extend(apply_ignores(whole, {self.file: self.text}))
        return left


_REFERENCE = re.compile(r"![A-Z]|Fn::|\bRef\b|\bCondition\b|\bDependsOn\b")
"""A file without any of these has no references to a stack, so the modules that build stacks need not be loaded."""


def _refused(checked: Iterable[_Checked], *, deployable: bool) -> dict[str, list[Diagnostic]]:
    """The errors in the stacks of projects whose workflows are valid, by file."""
    from flowgen.pipeline.stacks import refusals

    projects: dict[Path, list[_Checked]] = {}
    for one in checked:
        if one.loaded is not None:
            projects.setdefault(one.loaded.found.project.root, []).append(one)
    by_file: dict[str, list[Diagnostic]] = {}
    for several in projects.values():
        names = {one.loaded.workflow.name for one in several if one.loaded is not None}
        if not deployable and not any(_REFERENCE.search(one.text) for one in several):
            continue
        if len(names) < len(several) or any(one.left().failed for one in several):
            continue
        for problem in refusals([one.loaded for one in several if one.loaded is not None], deployable=deployable):
            by_file.setdefault(problem.span.file if problem.span is not None else "", []).append(problem)
    return by_file


def check_for_generation(paths: tuple[str, ...], base: Path) -> tuple[Report, SchemaCache]:
    """Like `check_paths`, after importing the classes that are types in a separate process (FG123, FG124)."""
    classes = SchemaCache()
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
    # A class that is still unknown has already been reported.
    left = (one for one in report.diagnostics if one.code != "FG122")
    return replace(report, diagnostics=(*problems, *left)), classes


def check_text(text: str, file: str = "workflow.yaml") -> list[Diagnostic]:
    """The findings about the text of a workflow, without a project."""
    return list(gathered(_check(file, text, None).left()))


def _alone() -> Mapping[str, Workflow]:
    return {}


def _check(
    file: str,
    text: str,
    beside: _Beside | None,
    others: Callable[[], Mapping[str, Workflow]] = _alone,
    *,
    strict: bool = False,
) -> _Checked:
    """Checks a workflow, with those of its project if it runs any.

    Each phase reports all its findings; the next phase starts only if there is no error.
    """
    from flowgen.check import check, check_children, check_dataflow, may_be_deep, runs_others

    found = Sink()
    workflow = _read(file, text, found, beside)
    known: Mapping[str, Workflow] = {}
    if workflow is not None:
        check(workflow, found)
        if beside is not None:
            found.extend(beside.missing_callables(workflow, others))
            found.extend(_hidden_module(workflow, beside.found.project))
        if runs_others(workflow):
            known = {**others(), workflow.name: workflow}
            found.extend(check_children(workflow, known))
        if not found.failed:
            found.extend(check_dataflow(workflow, known, strict=strict))
        if not found.failed and (len(text) >= _MAY_BE_LARGE or may_be_deep(workflow)):
            found.extend(_of_machine(workflow, compiled(workflow, known)))
    loaded = None if workflow is None or beside is None else Loaded(workflow, beside.found, known)
    return _Checked(file, text, found, loaded)


def _of_machine(workflow: Workflow, machine: dict[str, Any]) -> Iterator[Diagnostic]:
    from flowgen.check import check_compiled_depth, check_definition

    yield from check_definition(workflow, json.dumps(machine, separators=(",", ":")))
    yield from check_compiled_depth(workflow, machine)


_MAY_BE_LARGE = 10_000
"""From this number of characters, a workflow's definition may exceed AWS's limit, because it can be a hundred times as
long. Smaller workflows are not compiled by a check, to save time."""


def _read(file: str, text: str, sink: Sink, beside: _Beside | None) -> Workflow | None:
    from flowgen.model import read_workflow
    from flowgen.source import read

    root = read(file, text, sink)
    if root is None or beside is None:
        return None if root is None else read_workflow(root, sink)
    return read_workflow(root, sink, beside.read_file, beside.read_python)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a workflow may read in addition to its file: imported files, class schemas, the project's callables.

    `sources` receives the texts that diagnostics may refer to.
    """

    found: Found
    sources: dict[str, str]
    classes: SchemaCache
    callables: Callables = field(default_factory=Callables)
    texts: Mapping[Path, str] = field(default_factory=lambda: NO_TEXTS)

    def read_file(self, name: str) -> str | None:
        found = self.found
        try:
            path = (found.path.parent / name).resolve()
            if not path.is_relative_to(found.project.root) or not path.is_file():
                return None
        except (OSError, ValueError):  # a name that no file can have
            return None
        text = _text(path, found.project.relative(path), self.texts, Sink())
        if text is not None:
            self.sources[posixpath.normpath(posixpath.join(posixpath.dirname(found.shown), name))] = text
        return text

    def read_python(self, target: str, where: Span) -> str | None:
        return self.classes.read(self.found.project.root, target, where)

    def missing_callables(
        self, workflow: Workflow, others: Callable[[], Mapping[str, Workflow]]
    ) -> Iterable[Diagnostic]:
        return self.callables.missing(workflow, self.found.project, others)


class _Siblings:
    """The workflows of projects, read when their siblings are first requested.

    Errors in a sibling are reported when it is checked itself.
    """

    def __init__(self, classes: SchemaCache, texts: Mapping[Path, str]) -> None:
        self._classes, self._texts = classes, texts
        self._known: dict[Path, dict[str, Workflow]] = {}

    def beside(self, found: Found) -> Callable[[], Mapping[str, Workflow]]:
        return lambda: self._of(found.project)

    def _of(self, project: Project) -> Mapping[str, Workflow]:
        if project.root not in self._known:
            sink = Sink()
            folder = str(project.root / project.workflows)
            read = []
            for found in discover((folder,), sink, project.root):
                text = _text(found.path, found.shown, self._texts, sink)
                if text is not None:
                    beside = _Beside(found, {}, self._classes, texts=self._texts)
                    read.append(_read(found.shown, text, Sink(), beside))
            self._known[project.root] = {workflow.name: workflow for workflow in read if workflow is not None}
        return self._known[project.root]


_IMPORTED = frozenset({"annotated_types", "flowgen", "generated", "pydantic", "pydantic_core", "typing_extensions"})
"""The modules that generated code imports, and its own name."""


def _hidden_module(workflow: Workflow, project: Project) -> Iterable[Diagnostic]:
    """FG107 if the package of a workflow's functions has the name of a module that they or Lambda require."""
    package = project.package_of(workflow.name).partition(".")[0]
    if workflow.functions and (always_available(package) or package in _IMPORTED):
        message = f"the package `{package}` would hide the module `{package}`, which generated code or Lambda imports"
        help_ = 'give the workflow another name, or set `package = "…"` under `[tool.flowgen]` in pyproject.toml'
        yield Diagnostic("FG107", message, workflow.span_of("name"), help=help_)


def _unchecked_calls(loaded: Iterable[Loaded]) -> list[Diagnostic]:
    """FG414, once: without the models of AWS's APIs, arguments and results of `aws` steps are not checked."""
    from flowgen.aws.api import has_models
    from flowgen.model import Aws, every_step
    from flowgen.model.steps import kind_span

    if has_models():
        return []
    calls = (step for one in loaded for step in every_step(one.workflow) if isinstance(step, Aws))
    return [
        Diagnostic(
            "FG414",
            "`aws` steps are not checked: the models of AWS's APIs are not installed",
            kind_span(step),
            "this is the first of them",
            help="install boto3, which has the models: `pip install 'flowgen-aws[aws]'`",
        )
        for step in islice(calls, 1)
    ]


def _same_names(loaded: Iterable[Loaded]) -> list[Diagnostic]:
    """FG205 across files: a workflow's name is also the name of its package and state machine."""
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
    """The text of the settings file, if a diagnostic refers to it."""
    if not any(diagnostic.code == "FG120" for diagnostic in diagnostics):
        return {}
    project = find_project(base, Sink())
    text = read_text(project.root / "pyproject.toml", "pyproject.toml", Sink())
    return {} if text is None else {"pyproject.toml": text}
