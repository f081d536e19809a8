"""Checks the workflows that a command names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from flowgen.diagnostics import Diagnostic, Label, Sink
from flowgen.diagnostics.alike import gathered
from flowgen.input_files import read_file
from flowgen.pipeline.build import Build, Source, Sources
from flowgen.pipeline.stacks import stack_errors
from flowgen.project import SETTINGS_FILE, Found, Project, discover, find_project
from flowgen.user_types import SchemaCache


@dataclass(frozen=True, slots=True)
class Report:
    """The sorted findings of a command, the texts that they point into, and the workflows without errors."""

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    loaded: tuple[Build, ...] = ()

    @property
    def failed(self) -> bool:
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


def check_paths(
    paths: tuple[str, ...],
    base: Path,
    classes: SchemaCache | None = None,
    *,
    deployable: bool = False,
    texts: Mapping[Path, str] | None = None,
) -> Report:
    """Checks the workflows that `paths` name (see `project.discover`).

    The schemas of types that are Python classes come from `classes`; no code of the project is imported. `deployable`
    also reports why AWS would reject the template; without it, only references to resources that the template lacks
    are reported. `texts` replaces the contents of the files with these resolved paths.
    """
    sources = Sources(base, SchemaCache() if classes is None else classes, {} if texts is None else texts)
    sink = Sink()
    return _report(discover(paths, sink, base, sources.texts), sources, sink, deployable=deployable)


@dataclass(frozen=True, slots=True)
class Readable:
    """Workflows that could be read. They were not checked, and may have errors. `unread` has the others."""

    diagnostics: tuple[Diagnostic, ...]
    files: tuple[Found, ...]
    builds: tuple[Build, ...]
    unread: tuple[Unread, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A workflow whose file cannot be read: the path as users write it, the probable name, the text."""

    shown: str
    name: str
    text: str


_NAME = re.compile(r"^name:\s*['\"]?(\w+)", re.MULTILINE)


def read_paths(paths: tuple[str, ...], base: Path) -> Readable:
    """Reads the workflows that `paths` name without checking them, for commands that need only their names and steps.

    `diagnostics` has problems with the paths and with settings, not with the workflows.
    """
    sources, sink = Sources(base, SchemaCache()), Sink()
    files = tuple(discover(paths, sink, base))
    builds: list[Build] = []
    unread: list[Unread] = []
    for found in files:
        source = sources.workflow(found, Sink())
        if source is not None and source.build is not None:
            builds.append(source.build)
        else:
            text = _salvaged(found.path)
            name = _NAME.search(text)
            unread.append(Unread(found.shown, found.path.stem if name is None else name[1], text))
    return Readable(tuple(sink), files, tuple(builds), tuple(unread))


def _salvaged(path: Path) -> str:
    """As much of a file's text as can be read."""
    try:
        return read_file(path).decode("utf-8", "replace")
    except OSError:
        return ""


def check_project(build: Build) -> Report:
    """Checks all workflows of the project of a workflow, without repeating what has been done for it."""
    sources, sink = build.source.sources, Sink()
    return _report(discover((str(build.found.project.root),), sink, sources.base), sources, sink)


def check_for_generation(paths: tuple[str, ...], base: Path) -> tuple[Report, SchemaCache]:
    """Like `check_paths`, after importing the classes that are types in a separate process (FG123, FG124)."""
    from flowgen.user_types.describe import Places

    sources, sink = Sources(base), Sink()
    files = discover(paths, sink, base)
    for found in files:
        source = sources.workflow(found, Sink())
        if source is not None and source.build is not None:
            _ = source.build.others  # the classes that these name are imported too
    classes, stale = sources.schemas, False
    problems: list[Diagnostic] = []
    for root in classes.roots():
        project = find_project(root, Sink())
        shown = project.source.as_posix()
        problems += classes.renew(root, Places(project.source_folder, project.type_packages, shown))
        stale = stale or classes.is_stale(root)
    report = _report(files, sources.with_new_schemas() if stale else sources, sink)
    # A class without a schema is one that could not be imported, which `problems` reports.
    left = (diagnostic for diagnostic in report.diagnostics if diagnostic.code != "FG122")
    return Report((*problems, *left), report.sources, report.loaded), classes


def check_text(text: str, file: str = "workflow.yaml") -> list[Diagnostic]:
    """The findings in the text of one workflow, without a project or any other file."""
    found = Found(Project(Path()), Path(file), file)
    return list(gathered(Source(found, text, Sources(Path()), alone=True).reported))


def _report(files: Iterable[Found], sources: Sources, sink: Sink, *, deployable: bool = False) -> Report:
    """Checks workflow files. `sink` has what was found before."""
    checked = [source for found in files if (source := sources.workflow(found, sink)) is not None]
    rejected = _stack_errors(checked, deployable=deployable)
    loaded: list[Build] = []
    for source in checked:
        remaining = (
            source.reported_with(tuple(more)) if (more := rejected.pop(source.found.shown, ())) else source.reported
        )
        sink.extend(gathered(remaining))
        if source.build is not None and not remaining.failed:
            loaded.append(source.build)
    sink.extend(diagnostic for others in rejected.values() for diagnostic in others)
    sink.extend(_same_names(loaded))
    if deployable:
        sink.extend(_unchecked_calls(loaded))
    diagnostics = tuple(sink)
    texts = {name: text for source in checked for name, text in source.texts.items()}
    return Report(diagnostics, texts | _settings(diagnostics, sources), tuple(loaded))


_REFERENCE = re.compile(r"![A-Z]|Fn::|\bRef\b|\bCondition\b|\bDependsOn\b")
"""A file without any of these has no reference to a stack, so the CloudFormation backend need not be loaded."""


def _stack_errors(checked: Sequence[Source], *, deployable: bool) -> dict[str, list[Diagnostic]]:
    """Why AWS would reject the stacks of the projects whose workflows have no errors, by file."""
    projects: dict[Path, list[Build]] = {}
    for source in checked:
        if source.build is not None:
            projects.setdefault(source.found.project.root, []).append(source.build)
    by_file: dict[str, list[Diagnostic]] = {}
    for builds in projects.values():
        if not deployable and not _may_refer(builds):
            continue
        if len({build.workflow.name for build in builds}) < len(builds):
            continue
        if any(build.source.reported.failed for build in builds):
            continue
        for problem in stack_errors(builds, deployable=deployable):
            by_file.setdefault(problem.span.file if problem.span is not None else "", []).append(problem)
    return by_file


def _may_refer(builds: Sequence[Build]) -> bool:
    """Whether the workflows of a project refer to their stack, directly or in its settings."""
    project = builds[0].found.project
    if project.stack is not None or project.overrides or any(build.workflow.overrides for build in builds):
        return True
    return any(_REFERENCE.search(build.source.text) for build in builds)


def _unchecked_calls(loaded: Iterable[Build]) -> list[Diagnostic]:
    """FG414 for the first `aws` step if the models of AWS's APIs, which describe its input and output, are missing."""
    from flowgen.aws.api import has_models
    from flowgen.model import Aws, every_step
    from flowgen.model.steps import kind_span

    if has_models():
        return []
    calls = (step for build in loaded for step in every_step(build.workflow) if isinstance(step, Aws))
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


def _same_names(loaded: Iterable[Build]) -> list[Diagnostic]:
    """FG205 across files: a workflow's name is the name of its package and its state machine."""
    first: dict[tuple[Path, str], Build] = {}
    findings = []
    for build in loaded:
        known = first.setdefault((build.found.project.root, build.workflow.name), build)
        if known is not build:
            findings.append(
                Diagnostic(
                    "FG205",
                    f"two workflows have the name `{build.workflow.name}`",
                    build.workflow.span_of("name"),
                    "the second",
                    secondary=(Label(known.workflow.span_of("name"), "the first"),),
                )
            )
    return findings


def _settings(diagnostics: Iterable[Diagnostic], sources: Sources) -> dict[str, str]:
    """The texts of settings files that diagnostics point into, by their names in messages."""
    spans = (
        span
        for diagnostic in diagnostics
        for span in (diagnostic.span, *(label.span for label in diagnostic.secondary))
        if span is not None
    )
    shown = {span.file for span in spans if PurePosixPath(span.file).name == SETTINGS_FILE}
    read = {name: sources.text((sources.base / name).resolve(), name, Sink()) for name in sorted(shown)}
    return {name: text for name, text in read.items() if text is not None}
