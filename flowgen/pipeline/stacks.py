"""The CloudFormation template of workflows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flowgen.backends.artifacts import SHARED_PACKAGE, entry_point_module
from flowgen.diagnostics import Diagnostic, Span
from flowgen.pipeline.build import Build

if TYPE_CHECKING:
    from flowgen.backends.cloudformation import Code, Intrinsic, WorkflowStack
    from flowgen.model import Workflow
    from flowgen.model.overrides import Override


def template(builds: Sequence[Build], form: str) -> tuple[str | None, list[Diagnostic]]:
    """The CloudFormation template of workflows in `yaml` or `json`, or None if there are errors (FG4xx, FG5xx)."""
    from flowgen.backends import cloudformation

    if len(builds) > 1 and any(is_nested(build) for build in builds):
        help_ = "run `flowgen package`, which writes all templates, or pass the file of a single workflow"
        message = "a project with nested stacks has no single template"
        return None, [Diagnostic("FG522", message, None, help=help_)]
    units = units_of(builds)
    problems = cloudformation.findings(units)
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    made = cloudformation.build_template(units)
    text = cloudformation.to_json(made) if form == "json" else cloudformation.to_yaml(made)
    problems += cloudformation.too_large(units, made, text)
    return (None if any(problem.severity == "error" for problem in problems) else text), problems


def stack_template(builds: Sequence[Build]) -> tuple[dict[str, Any] | None, list[Diagnostic]]:
    """One CloudFormation template as JSON data, whatever its size, or None if there are errors (FG4xx, FG5xx)."""
    from flowgen.backends import cloudformation

    units = units_of(builds)
    problems = cloudformation.findings(units)
    failed = any(problem.severity == "error" for problem in problems)
    return (None if failed else cloudformation.build_template(units)), problems


def with_existing(builds: Sequence[Build], existing: Mapping[str, Intrinsic]) -> list[Build]:
    """Workflows in which functions with these names exist already, with the ARNs that the values return."""
    return [
        Build(
            build.workflow.replace(
                functions={
                    name: function.replace(arn=existing[name]) if name in existing else function
                    for name, function in build.workflow.functions.items()
                }
            ),
            build.source,
        )
        if existing
        else build
        for build in builds
    ]


def terraform(builds: Sequence[Build]) -> tuple[str | None, list[Diagnostic]]:
    """The Terraform configuration of workflows, or None if there are errors (FG4xx, FG5xx).

    Terraform has no limit for resources, so the workflows of a project with nested stacks are in one configuration.
    """
    from flowgen.backends import cloudformation

    units = units_of(builds)
    problems = cloudformation.findings(units)
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    text, found = configuration(units, {})
    problems += found
    return (None if any(problem.severity == "error" for problem in problems) else text), problems


def configuration(units: Sequence[WorkflowStack], files: Mapping[str, str]) -> tuple[str, list[Diagnostic]]:
    """The Terraform configuration of stacks without errors, and what it cannot express (FG505, FG557).

    `files` has the paths of the code of functions, by keys in the bucket.
    """
    from flowgen.backends import cloudformation
    from flowgen.backends import terraform as backend

    made = cloudformation.build_template(units)
    # The other limits are those of CloudFormation's templates.
    problems = [found for found in cloudformation.too_large(units, made, "") if found.code == "FG505"]
    converted = backend.convert(made, files)
    origins = cloudformation.origins(units, made["Resources"])
    for problem in converted.problems:
        at, label = _declared(units, problem.section, problem.name), ""
        if at is None and problem.section == "Resources":
            at = cloudformation.setting_of(units, problem.name, problem.property) or origins[problem.name].span
            label = f"`{problem.name}` in the stack"
        problems.append(Diagnostic("FG557", problem.message, at, label, help=problem.help or None))
    return backend.to_text(converted), problems


def _declared(units: Sequence[WorkflowStack], section: str, name: str) -> Span | None:
    """Where the user declared an entry of a template's section."""
    found = (getattr(unit.workflow, section.lower()).get(name) for unit in units)
    return next((declared.key.span for declared in found if declared is not None), None)


def explain(builds: Sequence[Build]) -> tuple[str | None, list[Diagnostic]]:
    """The resources of workflows and their overrides as text, or None if there are errors (FG4xx, FG5xx)."""
    from flowgen.backends import cloudformation

    units = units_of(builds)
    problems = cloudformation.findings(units)
    failed = any(problem.severity == "error" for problem in problems)
    return (None if failed else cloudformation.explanation(units)), problems


def stack_errors(builds: Sequence[Build], *, deployable: bool) -> list[Diagnostic]:
    """Why there can be no template of the workflows of one project (FG4xx, FG5xx).

    Without `deployable`, only unknown references. Errors about permissions that no argument of a step determines, such
    as those for the objects that a service writes by itself, are left to `template`.
    """
    from flowgen.backends import cloudformation

    units, nested = units_of(builds), is_nested(builds[0])
    if deployable:
        found = cloudformation.findings(units, nested=nested, beyond=False)
    else:
        found = cloudformation.unknown_references(units, nested=nested)
    return [problem for problem in found if problem.severity == "error"]


def is_nested(build: Build) -> bool:
    return build.found.project.stacks == "nested"


def units_of(builds: Sequence[Build], code: Mapping[str, Mapping[str, Code]] | None = None) -> list[WorkflowStack]:
    """The input of the CloudFormation backend.

    `code` has the code of functions, if known, by function and by the `owner` of the function.
    """
    from flowgen.backends.cloudformation import WorkflowStack

    given = code or {}
    return [
        WorkflowStack(
            _with_project_overrides(build, builds),
            build.definition,
            {name: f"{module}.handler" for name, module in entry_points(build).items()},
            {
                name: known[name]
                for name in build.workflow.functions
                if name in (known := given.get(owner(build, name), {}))
            },
            build.libraries,
        )
        for build in builds
    ]


def _with_project_overrides(build: Build, builds: Sequence[Build]) -> Workflow:
    """A workflow with its overrides of the project before its own.

    An override of an unknown workflow is left to the first one, and reported there.
    """
    overrides = build.found.project.overrides
    if not overrides:
        return build.workflow
    known, read = build.siblings, {other.workflow.name for other in builds}
    own: list[Override] = []
    for override in overrides:
        name, dot, path = override.target.partition(".")
        if not dot:
            own.append(replace(override, elsewhere=not known.keys() <= read))
        elif name == "*":
            own.append(replace(override, path=path, elsewhere=not known.keys() <= read))
        elif name == build.workflow.name:
            own.append(replace(override, path=path))
        elif name not in known and build is builds[0]:
            own.append(override)
    return build.workflow.replace(overrides=(*own, *build.workflow.overrides))


def owner(build: Build, function: str) -> str:
    """What a function's zip is named after: the workflow, or the imported file that declares the function."""
    library = build.libraries.get(function)
    return build.workflow.name if library is None else f"{SHARED_PACKAGE}-{library}"


def entry_points(build: Build) -> dict[str, str]:
    """The module that Lambda loads for each function that the stack of a workflow deploys."""
    from flowgen.compile import machine_placeholders

    return {
        name: entry_point_module(build.package_of(name), name) for name in machine_placeholders(build.workflow).values()
    }
