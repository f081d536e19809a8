"""Workflow files to workflows without errors, and what is wrong with the others."""

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


def check_paths(
    paths: tuple[str, ...],
    base: Path,
    classes: SchemaCache | None = None,
    *,
    deployable: bool = False,
    texts: Mapping[Path, str] = NO_TEXTS,
) -> Report:
    """Loads and checks the workflows that `paths` name (see `project.discover`).

    Types that are classes of the user's are taken from what `classes` knows of them; nothing of the user's is imported.
    `deployable` finds all for which there could be no template of the workflows; else only references to what the
    template would not have are found. `texts` are checked instead of the contents of the files with these (resolved)
    paths.
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
    """A file after its checks: what they found, ignore comments aside, and the workflow where it could be read."""

    file: str
    text: str
    found: Sink
    loaded: Loaded | None

    def left(self, more: Iterable[Diagnostic] = ()) -> Sink:
        """What ignore comments leave of the findings."""
        whole = Sink()
        whole.extend((*self.found, *more))
        left = Sink()
        left.extend(apply_ignores(whole, {self.file: self.text}))
        return left


_REFERENCE = re.compile(r"![A-Z]|Fn::|\bRef\b|\bCondition\b|\bDependsOn\b")
"""Without one of these a text refers to nothing of a stack, and what makes stacks need not be loaded."""


def _refused(checked: Iterable[_Checked], *, deployable: bool) -> dict[str, list[Diagnostic]]:
    """What AWS would refuse in the stacks of the projects whose workflows have no errors, by the file it is in."""
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
    """As `check_paths`, after the classes that are types were imported, in a process of their own (FG123, FG124)."""
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
    # A class that is still not known is one of those that something is wrong with.
    left = (one for one in report.diagnostics if one.code != "FG122")
    return replace(report, diagnostics=(*problems, *left)), classes


def check_text(text: str, file: str = "workflow.yaml") -> list[Diagnostic]:
    """What there is to say of one workflow's text, without a project around it."""
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
    """A workflow, those of its project where it runs any, and what the checks found.

    A phase reports all that it finds; the next starts only where there was no error.
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
    """What a workflow may read beside itself: types and imports, what is kept of classes, the project's callables.

    `sources` gets the texts that diagnostics may point into.
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
    """The workflows of projects, read when one of them is first asked for its siblings.

    What is wrong with a sibling is told when it is checked itself.
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
"""What generated code imports, or is called."""


def _hidden_module(workflow: Workflow, project: Project) -> Iterable[Diagnostic]:
    """FG107 where the package of a workflow's functions has the name of a module that they or Lambda need."""
    package = project.package_of(workflow.name).partition(".")[0]
    if workflow.functions and (always_available(package) or package in _IMPORTED):
        message = f"the package `{package}` would hide the module `{package}`, which generated code or Lambda imports"
        help_ = 'give the workflow another name, or set `package = "…"` under `[tool.flowgen]` in pyproject.toml'
        yield Diagnostic("FG107", message, workflow.span_of("name"), help=help_)


def _unchecked_calls(loaded: Iterable[Loaded]) -> list[Diagnostic]:
    """FG414, once: without the models of AWS's APIs nothing checks what `aws` steps send and get."""
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
