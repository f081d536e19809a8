"""Workflows to a template of their stack, and to a package of their code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from flowgen.diagnostics import Diagnostic, Sink
from flowgen.pipeline.loading import Loaded
from flowgen.pipeline.machines import definition
from flowgen.pipeline.python import plan_python

if TYPE_CHECKING:
    from flowgen.backends.cloudformation import Code, WorkflowStack
    from flowgen.packaging.bytecode import Compiler
    from flowgen.packaging.contents import Deployed
    from flowgen.packaging.installing import Installer
    from flowgen.packaging.output import Package


def template(loaded: Iterable[Loaded], form: str) -> tuple[str | None, list[Diagnostic]]:
    """The CloudFormation template of workflows, in `yaml` or `json`; or why there can be none (FG4xx, FG5xx)."""
    from flowgen.backends import cloudformation

    workflows = list(loaded)
    if len(workflows) > 1 and any(_is_nested(one) for one in workflows):
        help_ = "`flowgen package` makes the templates; of a single workflow there is one: give its file"
        message = "the stacks of this project are nested, and can't be one template"
        return None, [Diagnostic("FG522", message, None, help=help_)]
    units = _units(workflows)
    problems = cloudformation.findings(units)
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    made = cloudformation.build_template(units)
    text = cloudformation.to_json(made) if form == "json" else cloudformation.to_yaml(made)
    problems += cloudformation.too_large(units, made, text)
    return (None if any(problem.severity == "error" for problem in problems) else text), problems


def refusals(loaded: Sequence[Loaded], *, deployable: bool) -> list[Diagnostic]:
    """The errors for which there can be no template of workflows of one project (FG4xx, FG5xx).

    Without `deployable` only unknown references. Permissions for what a service reads and writes by itself are left to
    the template: no argument says what that is.
    """
    from flowgen.backends import cloudformation

    units, nested = _units(loaded), _is_nested(loaded[0])
    if deployable:
        found = cloudformation.findings(units, nested=nested, beyond=False)
    else:
        found = cloudformation.unknown_references(units, nested=nested)
    return [one for one in found if one.severity == "error"]


def _is_nested(loaded: Loaded) -> bool:
    return loaded.found.project.stacks == "nested"


def _units(loaded: Iterable[Loaded], code: Mapping[str, Mapping[str, Code]] | None = None) -> list[WorkflowStack]:
    """What the stack of some workflows is made of, with the code of their functions where it is known, by workflow."""
    from flowgen.backends.cloudformation import WorkflowStack

    return [
        WorkflowStack(
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
    sink.extend(cloudformation.findings(_units(loaded), nested=nested))
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
    units = _units(loaded, code)
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
    from flowgen.backends.cloudformation.template.function_settings import name_span, settings
    from flowgen.packaging.contents import Deployed
    from flowgen.packaging.target import Target

    workflow = loaded.workflow
    for name, module in _entry_points(loaded).items():
        sizing = settings(workflow, workflow.functions[name])
        target = Target(sizing.runtime, sizing.architecture)
        yield Deployed(workflow.name, name, module, target, name_span(workflow, name))
