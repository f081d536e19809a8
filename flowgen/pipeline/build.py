"""A workflow from its text to its state machine. Each phase runs at most once, when something first needs its result.

`Sources` reads and parses the files of a command, `Source` is one workflow file, and `Build` is a workflow that could
be read, with its findings, its types and its state machine.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowgen.backends.artifacts import SHARED_PACKAGE
from flowgen.diagnostics import Diagnostic, Sink, Span
from flowgen.diagnostics.ignore import apply_ignores
from flowgen.model import Workflow
from flowgen.packaging.lambda_runtime_modules import always_available
from flowgen.pipeline.callables import Callables
from flowgen.project import Found, Project, discover, read_text
from flowgen.user_types import SchemaCache

if TYPE_CHECKING:
    from flowgen.check.dataflow import Dataflow
    from flowgen.source import Node

_MAY_BE_LARGE = 10_000
"""Workflows of at least this many characters are compiled during the check, because their definition may exceed AWS's
limit: it can be a hundred times as long. Compiling every workflow would slow down each check."""

_IMPORTED = frozenset({"annotated_types", "flowgen", "generated", "pydantic", "pydantic_core", "typing_extensions"})
"""Modules that generated code imports, and the name of its package."""


@dataclass(frozen=True, eq=False)
class Sources:
    """The files of a command, each read and parsed once.

    `base` is the folder that file names in messages are relative to. `texts` replaces the contents of the files with
    these resolved paths. `schemas` has the JSON Schemas of the classes that are types.
    """

    base: Path
    schemas: SchemaCache = field(default_factory=SchemaCache)
    texts: Mapping[Path, str] = field(default_factory=dict)
    callables: Callables = field(default_factory=Callables)
    _read: dict[Path, tuple[str | None, tuple[Diagnostic, ...]]] = field(default_factory=dict)
    _parsed: dict[str, tuple[Node | None, tuple[Diagnostic, ...]]] = field(default_factory=dict)
    _workflows: dict[Path, Source | None] = field(default_factory=dict)
    _projects: dict[Path, tuple[Source, ...]] = field(default_factory=dict)

    def with_new_schemas(self) -> Sources:
        """The same files, for reading the workflows again after `schemas` has changed."""
        return Sources(self.base, self.schemas, self.texts, self.callables, self._read, self._parsed)

    def text(self, path: Path, shown: str, sink: Sink) -> str | None:
        """The text of a file, or None if `sink` got the reason (FG005). `path` is resolved."""
        if path not in self._read:
            problems = Sink()
            text = self.texts[path] if path in self.texts else read_text(path, shown, problems)
            self._read[path] = (text, tuple(problems))
        text, found = self._read[path]
        sink.extend(found)
        return text

    def document(self, shown: str, text: str, sink: Sink) -> Node | None:
        """The YAML document in a file's text, or None if `sink` got an error (FG001 to FG006)."""
        if shown not in self._parsed:
            from flowgen.source import read

            problems = Sink()
            root = read(shown, text, problems)
            self._parsed[shown] = (root, tuple(problems))
        root, reported = self._parsed[shown]
        sink.extend(reported)
        return root

    def workflow(self, found: Found, sink: Sink) -> Source | None:
        """A workflow file, or None if `sink` got the reason why its text cannot be read (FG005)."""
        text = self.text(found.path, found.shown, sink)
        if found.path not in self._workflows:
            self._workflows[found.path] = None if text is None else Source(found, text, self)
        return self._workflows[found.path]

    def project(self, project: Project) -> tuple[Source, ...]:
        """The workflow files of a project. Problems with reading them are reported when these files are checked."""
        if project.root not in self._projects:
            files = discover((str(project.root / project.workflows),), Sink(), self.base)
            read = (self.workflow(found, Sink()) for found in files)
            self._projects[project.root] = tuple(source for source in read if source is not None)
        return self._projects[project.root]


@dataclass(frozen=True, eq=False)
class _Read:
    """A workflow, or None if it has errors, and the texts of the files that it imports by their names in messages."""

    workflow: Workflow | None
    problems: tuple[Diagnostic, ...]
    imported: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Source:
    """The text of a workflow file. If it is `alone`, no other file is read for it."""

    found: Found
    text: str
    sources: Sources
    alone: bool = False

    @cached_property
    def _model(self) -> _Read:
        from flowgen.model import read_workflow

        sink, imported, parse = Sink(), {self.found.shown: self.text}, self.sources.document
        root = parse(self.found.shown, self.text, sink)
        workflow = None
        if root is not None and self.alone:
            workflow = read_workflow(root, sink)
        elif root is not None:
            workflow = read_workflow(
                root,
                sink,
                lambda name: self._read_file(name, imported),
                self._read_python,
                parse,
                self.found.project.validate,
                self.found.project.stack,
            )
        return _Read(workflow, tuple(sink), imported)

    def _read_file(self, name: str, imported: dict[str, str]) -> str | None:
        """The text of a file of the project, named from this file's folder."""
        found = self.found
        try:
            path = (found.path.parent / name).resolve()
            if not path.is_relative_to(found.project.root) or not path.is_file():
                return None
        except (OSError, ValueError):  # not a valid file name
            return None
        text = self.sources.text(path, found.project.relative(path), Sink())
        if text is not None:
            imported[posixpath.normpath(posixpath.join(posixpath.dirname(found.shown), name))] = text
        return text

    def _read_python(self, target: str, where: Span) -> str | None:
        return self.sources.schemas.read(self.found.project.root, target, where)

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What reading the workflow found."""
        return self._model.problems

    @property
    def texts(self) -> Mapping[str, str]:
        """The texts of this file and of those that it imports, by their names in messages."""
        return self._model.imported

    @cached_property
    def build(self) -> Build | None:
        """The workflow, or None if it cannot be read."""
        workflow = self._model.workflow
        return None if workflow is None else Build(workflow, self)

    @cached_property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What reading and checking the workflow found, before ignore comments."""
        return self.problems if self.build is None else self.build.findings

    @cached_property
    def reported(self) -> Sink:
        """The findings that ignore comments do not suppress, and what is wrong with these comments."""
        return self.reported_with(())

    def reported_with(self, more: tuple[Diagnostic, ...]) -> Sink:
        """Like `reported`, with more findings in this file."""
        every, remaining = Sink(), Sink()
        every.extend((*self.findings, *more))
        remaining.extend(apply_ignores(every, {self.found.shown: self.text}))
        return remaining


@dataclass(frozen=True, eq=False)
class Build:
    """A workflow with the results of the later phases.

    Each phase reports all that it finds. The next one needs a workflow without errors: read `dataflow` and `definition`
    only if `findings` has none.
    """

    workflow: Workflow
    source: Source

    @property
    def found(self) -> Found:
        return self.source.found

    @property
    def package(self) -> str:
        """The dotted package of the workflow's code."""
        return self.found.project.package_of(self.workflow.name)

    @cached_property
    def libraries(self) -> Mapping[str, str]:
        """The shared functions of the workflow, each with the name of the package of its file in the shared package."""
        from flowgen.model.shared_functions import shared_functions

        shared = shared_functions(self.workflow)
        if not shared:
            return {}
        from flowgen.backends.python.modules import module_name

        return {name: module_name(file) for name, file in shared.items()}

    def package_of(self, function: str) -> str:
        """The dotted package of a function's code: the workflow's, or that of the imported file that declares it."""
        library = self.libraries.get(function)
        return self.package if library is None else f"{self.found.project.package_of(SHARED_PACKAGE)}.{library}"

    @cached_property
    def siblings(self) -> Mapping[str, Build]:
        """The workflows of the project that can be read, this one included, by name."""
        if self.source.alone:
            return {self.workflow.name: self}
        others = (source.build for source in self.source.sources.project(self.found.project))
        return {other.workflow.name: other for other in others if other is not None} | {self.workflow.name: self}

    @cached_property
    def others(self) -> Mapping[str, Workflow]:
        """The workflows of the project by name if this one runs any of them, else an empty mapping."""
        from flowgen.check import runs_others

        if not runs_others(self.workflow):
            return {}
        return {name: sibling.workflow for name, sibling in self.siblings.items()}

    def _project_workflows(self) -> list[Workflow]:
        return [sibling.workflow for sibling in self.siblings.values()]

    @cached_property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What reading and all checks found, before ignore comments."""
        from flowgen.check import check, check_children, may_be_deep

        workflow, sink = self.workflow, Sink()
        sink.extend(self.source.problems)
        check(workflow, sink)
        if not self.source.alone:
            callables = self.source.sources.callables
            sink.extend(callables.problems(workflow, self.found.project, self._project_workflows))
            sink.extend(self._hidden_module())
        if self.others:
            sink.extend(check_children(workflow, self.others))
        if not sink.failed:
            sink.extend(self.dataflow.diagnostics)
        if not sink.failed and (len(self.source.text) >= _MAY_BE_LARGE or may_be_deep(workflow)):
            sink.extend(self._machine_problems())
        return tuple(sink)

    @cached_property
    def dataflow(self) -> Dataflow:
        """The types of the workflow's data, and what is wrong with them."""
        from flowgen.check import analyse

        return analyse(self.workflow, self.others, strict=self.found.project.strict)

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The state machine as JSON, not to be changed. Its functions are placeholders (`${SendEmailFunction}`)."""
        from flowgen.asl.writing import to_json
        from flowgen.compile import compile_workflow
        from flowgen.model import RunWorkflow, every_step
        from flowgen.model.raised import raised_by

        others = self.others
        express = frozenset(name for name, other in others.items() if other.type == "express")
        children = {
            step.workflow: raised_by(others[step.workflow], others)
            for step in every_step(self.workflow)
            if isinstance(step, RunWorkflow) and step.workflow in others
        }
        return to_json(compile_workflow(self.workflow, express, children, others))

    def _machine_problems(self) -> Iterator[Diagnostic]:
        from flowgen.check import check_compiled_depth, check_definition

        yield from check_definition(self.workflow, json.dumps(self.definition, separators=(",", ":")))
        yield from check_compiled_depth(self.workflow, self.definition)

    def _hidden_module(self) -> Iterator[Diagnostic]:
        """FG107 if the package of the workflow's code has the name of a module that the code or Lambda needs."""
        package = self.package.partition(".")[0]
        if self.workflow.functions and (always_available(package) or package in _IMPORTED):
            message = (
                f"the package `{package}` would hide the module `{package}`, which generated code or Lambda imports"
            )
            help_ = 'rename the workflow, or set `package = "…"` under `[tool.flowgen]` in pyproject.toml'
            yield Diagnostic("FG107", message, self.workflow.span_of("name"), help=help_)
