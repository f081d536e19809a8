"""The template of a construct and the files that it needs, without the CDK."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flowgen.diagnostics.render import FORMATS
from flowgen.pipeline import Build, check_paths, image_builds, package, stack_template, units_of, with_existing

if TYPE_CHECKING:
    from flowgen.backends.cloudformation import WorkflowStack
    from flowgen.diagnostics import Diagnostic
    from flowgen.packaging.images import ImageBuild
    from flowgen.packaging.output import Package

CODE_PARAMETERS: Final = ("CodeBucket", "CodeKey")
"""Parameters of the template that assets replace."""


class WorkflowError(Exception):
    """A workflow has errors. The message contains the findings, as `flowgen check` prints them."""


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What a construct includes.

    `stacks` describes the resources of each workflow. `files` has the zips of functions and the definitions that are
    not in the template, by the logical ids of functions and state machines; it is empty without packaging. `images` are
    the container images to build, each for a parameter of the template.
    """

    template: dict[str, Any]
    stacks: tuple[WorkflowStack, ...]
    files: Mapping[str, Path]
    images: tuple[ImageBuild, ...]
    warnings: tuple[Diagnostic, ...]

    def functions(self) -> Iterator[tuple[str, str, str]]:
        """The generated functions: the name, and the logical ids of the function and its role."""
        for stack in self.stacks:
            for name, _ in stack.deployed():
                yield name, stack.function(name).function, stack.function(name).role


def parameter_of(function: str) -> str:
    """The parameter for the ARN of an existing function.

    >>> parameter_of("charge_card")
    'ExistingChargeCardFunctionArn'
    """
    return f"Existing{''.join(part.capitalize() for part in function.split('_'))}FunctionArn"


def synthesize(path: str, base: Path, existing: Sequence[str], settings: Any, *, packaged: bool) -> Synthesis:
    """The workflows at a path, which is relative to `base`, as a template.

    `existing` are functions that a parameter replaces (`parameter_of`). `settings` is JSON data that functions get
    outside the template: each value of it publishes other versions of them. With `packaged`, the functions have their
    zips. Raises WorkflowError for findings that stop a deployment, and ValueError for an unknown function.
    """
    report = check_paths((path,), base)
    _require(report.diagnostics, report.sources, failed=report.failed)
    builds = report.loaded
    roots = {build.found.project.root for build in builds}
    if len(roots) != 1:
        raise ValueError(f"`{path}` must be a workflow or the directory of one project")
    known = {name for build in builds for name in build.workflow.functions}
    if unknown := sorted({*existing} - known):
        raise ValueError(f"`{path}` has no function `{unknown[0]}`; it has: {', '.join(sorted(known)) or 'none'}")
    arns = {name: {"Ref": parameter_of(name)} for name in existing}
    adapted = with_existing(builds, arns)
    files: Mapping[str, Path] = {}
    if packaged:
        folder = roots.pop() / ".flowgen" / "cdk" / "-".join(build.workflow.name for build in builds)[:_LONGEST]
        made, problems = _packaged(builds, arns, folder, report.sources)
        template = json.loads(made.template)
        files = dict(_files(template["Resources"], folder / "assets"))
    else:
        found, problems = stack_template(adapted)
        if found is None:
            raise WorkflowError(_rendered(problems, report.sources))
        template = found
    template.setdefault("Parameters", {}).update({parameter_of(name): {"Type": "String"} for name in existing})
    warnings = (*report.diagnostics, *(problem for problem in problems if problem not in report.diagnostics))
    images = {image.parameter: image for build in adapted for image in image_builds(build)}
    return Synthesis(_versioned(template, settings), tuple(units_of(adapted)), files, tuple(images.values()), warnings)


_LONGEST: Final = 100
"""Characters of a folder's name."""


def _packaged(
    builds: Sequence[Build], arns: Mapping[str, Any], folder: Path, sources: Mapping[str, str]
) -> tuple[Package, list[Diagnostic]]:
    from flowgen.packaging.bytecode import LIMIT, Compiler
    from flowgen.packaging.installing import Installer, run_program
    from flowgen.packaging.output import write

    root = builds[0].found.project.root
    cache = root / ".flowgen" / "cache"
    installer = Installer(cache, run_program, lambda _: None)
    compiler = Compiler(cache / "bytecode", root, partial(run_program, limit=LIMIT), lambda _: None)
    given = [image.parameter for build in with_existing(builds, arns) for image in image_builds(build)]
    made, problems, more = package(
        builds, installer, compiler, "flowgen package", given=given, single=True, existing=arns
    )
    if made is None:
        raise WorkflowError(_rendered(problems, {**sources, **more}))
    write(made, folder)
    return made, problems


def _files(resources: Mapping[str, Any], assets: Path) -> Iterator[tuple[str, Path]]:
    """The file that each resource has in the bucket. A key ends in the file's name."""
    for logical_id, declared in resources.items():
        properties = declared.get("Properties", {})
        match declared["Type"], properties:
            case "AWS::Lambda::Function", {"Code": {"S3Key": str() as key}}:
                yield logical_id, assets / key.rpartition("/")[2]
            case "AWS::StepFunctions::StateMachine", {"DefinitionS3Location": {"Key": str() as key}}:
                yield logical_id, assets / key.rpartition("/")[2]


def _versioned(template: dict[str, Any], settings: Any) -> dict[str, Any]:
    """The template with logical ids of function versions that depend on `settings`, if there are any.

    Lambda publishes a version only if a setting of the function changed, and CloudFormation only under a new id.
    """
    if not settings:
        return template
    mark = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]
    versions = [name for name, one in template["Resources"].items() if one["Type"] == "AWS::Lambda::Version"]
    if not versions:
        return template
    pattern = re.compile(rf"\b({'|'.join(versions)})\b")
    made: dict[str, Any] = json.loads(pattern.sub(rf"\g<1>{mark}", json.dumps(template)))
    return made


def _require(findings: Iterable[Diagnostic], sources: Mapping[str, str], *, failed: bool) -> None:
    if failed:
        raise WorkflowError(_rendered(findings, sources))


def _rendered(findings: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    return "\n" + FORMATS["text"](findings, sources).rstrip()
