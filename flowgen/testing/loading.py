"""Loads a workflow for tests: checked and compiled as for deployment, with the project's functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from flowgen.environments import as_text
from flowgen.running import Program, of_definition, of_workflow
from flowgen.running.environment import values
from flowgen.testing.coverage import Observed, Part, parts_of
from flowgen.testing.doubles import Callee, EntryPoint
from flowgen.testing.runs import Run
from flowgen.testing.workflow import Workflow

if TYPE_CHECKING:
    from flowgen.diagnostics import Diagnostic
    from flowgen.pipeline import Build

_FOREIGN = ".asl.json"


class Flowgen(Protocol):
    """The type of the fixture `flowgen`, which loads workflows."""

    def __call__(
        self, path: str | Path = ".", *, env: str | None = None, parameters: Mapping[str, Any] | None = None
    ) -> Workflow:
        """Loads a workflow file, or the only workflow of a project directory. Paths are relative to pytest's rootdir.

        `env` is an environment in pyproject.toml that sets the workflow's parameters; `parameters` take precedence.
        """


class WorkflowError(Exception):
    """A workflow has errors. The message contains the findings, as `flowgen check` prints them."""


def load(
    path: str | Path,
    base: Path | None = None,
    observed: Observed | None = None,
    *,
    env: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    record: Callable[[Run], None] | None = None,
) -> Workflow:
    """Loads a workflow file, the only workflow of a project directory, or a state machine in a `.asl.json` file.

    `path` is relative to `base` (default: the current directory). `observed` records the coverage, and `record`
    receives each run. `env` is an environment of the project; `parameters` take precedence over its values. Raises
    `WorkflowError`.
    """
    base = Path.cwd() if base is None else base
    given = {name: as_text(value) for name, value in (parameters or {}).items()}
    if str(path).endswith(_FOREIGN):
        if env is not None:
            raise WorkflowError(f"`{path}` is a state machine; environments apply only to workflows of a project")
        return replace(_foreign(base / path, str(path), observed, given), record=record)
    from flowgen.pipeline import check_paths

    report = check_paths((str(path),), base)
    if report.failed:
        raise WorkflowError(_rendered(report.diagnostics, report.sources))
    if len(report.loaded) != 1:
        names = ", ".join(loaded.found.shown for loaded in report.loaded) or "none"
        raise WorkflowError(f"`{path}` has no single workflow; choose one of: {names}")
    loaded = report.loaded[0]
    if env is not None:
        found = values(loaded, env)
        if not isinstance(found, dict):
            raise WorkflowError(_rendered(found.diagnostics, found.sources))
        given = found | given
    program = of_workflow(loaded, lambda name: _sibling(loaded, name), given)
    parts = parts_of(program.definition, loaded.workflow)
    callees = _callees(program, loaded)
    made = _workflow(loaded.found.shown, program, parts, observed, callees, _input_schema(loaded))
    return replace(made, record=record)


def parts_in(folder: Path) -> dict[str, tuple[Part, ...]]:
    """The parts of each workflow of a project, by file, except those of workflows with errors."""
    from flowgen.pipeline import check_paths, definition

    loaded = check_paths((), folder).loaded
    return {one.found.shown: parts_of(definition(one), one.workflow) for one in loaded}


def _sibling(loaded: Build, name: str) -> Build | None:
    from flowgen.pipeline import check_project

    found = check_project(loaded).loaded
    return next((one for one in found if one.workflow.name == name), None)


def _foreign(file: Path, shown: str, observed: Observed | None, parameters: Mapping[str, str]) -> Workflow:
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkflowError(f"cannot read `{shown}`: {error}") from None
    program, findings = of_definition(file.name.removesuffix(_FOREIGN), shown, text, parameters)
    if program is None:
        raise WorkflowError(_rendered(findings, {shown: text}))
    lines = {name: span.start.line for name, span in program.places.items()}
    return _workflow(shown, program, parts_of(program.definition, None, lines), observed, _callees(program, None), {})


def _workflow(
    shown: str,
    program: Program,
    parts: tuple[Part, ...],
    observed: Observed | None,
    callees: Mapping[str, Callee],
    schema: Mapping[str, Any],
) -> Workflow:
    if observed is not None:
        observed.add(shown, parts)
    observe = None if observed is None else observed.observer(shown)
    return Workflow(shown, program, callees, schema, observe)


def _rendered(findings: tuple[Diagnostic, ...] | list[Diagnostic], sources: Mapping[str, str]) -> str:
    from flowgen.diagnostics.render import FORMATS

    return FORMATS["text"](findings, sources).rstrip()


def _callees(program: Program, loaded: Build | None) -> dict[str, Callee]:
    """The functions that the states of the machine call."""
    names = {} if loaded is None else _function_names(loaded)
    callees: dict[str, Callee] = {}
    for state, definition in program.states():
        arguments = definition.get("Arguments", definition.get("Parameters"))
        key = arguments.get("FunctionName") if isinstance(arguments, Mapping) else None
        resource = str(definition.get("Resource", ""))
        if key is None and ":lambda:" in resource and ":function:" in resource:
            key = resource
        if isinstance(key, str) and definition.get("Type") == "Task":
            bare = key.rpartition(":function:")[2].removeprefix("${").removesuffix("}")
            called = program.called.get(state)
            name = names.get(key, bare) if called is None else called.name
            callees.setdefault(state, Callee(name, key, _entry_point(program, key), key in program.enveloped))
    return callees


def _function_names(loaded: Build) -> dict[str, str]:
    from flowgen.compile import existing_functions, machine_placeholders

    ours = {f"${{{key}}}": name for key, name in machine_placeholders(loaded.workflow).items()}
    return {**ours, **existing_functions(loaded.workflow)}


def _entry_point(program: Program, key: str) -> EntryPoint | None:
    """The entry point behind a generated handler, which enforces the function's contract."""
    task = program.tasks.get(key)
    found: EntryPoint | None = None
    if task is not None:
        found = getattr(task.function, "__globals__", {}).get("_entry_point")
    return found


def _input_schema(loaded: Build) -> dict[str, Any]:
    declared = {name: declaration.schema for name, declaration in loaded.workflow.types.items()}
    return {**loaded.workflow.input.schema, "$defs": {**declared, **dict(loaded.workflow.input.hoisted)}}
