"""The deployable package of workflows: the code of their functions, and the templates."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from flowgen.diagnostics import Diagnostic, Sink
from flowgen.pipeline.build import Build
from flowgen.pipeline.python import plan_python
from flowgen.pipeline.stacks import configuration, entry_points, is_nested, owner, units_of, with_existing

if TYPE_CHECKING:
    from flowgen.backends.cloudformation import Code, Intrinsic
    from flowgen.packaging.bytecode import Compiler
    from flowgen.packaging.container_engine import Engine
    from flowgen.packaging.contents import Deployed
    from flowgen.packaging.images import ImageBuild
    from flowgen.packaging.installing import Installer
    from flowgen.packaging.output import Package


def package(
    builds: Sequence[Build],
    installer: Installer,
    compiler: Compiler,
    keep: str,
    engine: Engine | None = None,
    given: Collection[str] = (),
    *,
    for_terraform: bool = False,
    single: bool = False,
    existing: Mapping[str, Intrinsic] | None = None,
) -> tuple[Package | None, list[Diagnostic], dict[str, str]]:
    """The package of the workflows of one project, or None if there are errors (FG4xx, FG5xx, FG6xx).

    Also returns the findings, and the texts that they point into. Generated code must be up to date. `keep` is the
    command for the user to store the versions of the dependencies that were packaged. `engine` builds container images,
    except those whose parameters are `given`. With `for_terraform`, the package has a Terraform configuration too.
    `single` makes one template even if the project has nested stacks. `existing` has the ARNs of functions that replace
    the generated ones, by name. Raises OSError if a file cannot be read or written.
    """
    from flowgen.backends import cloudformation, writing
    from flowgen.packaging import images, output, pack

    sink, project, nested = Sink(), builds[0].found.project, is_nested(builds[0]) and not single
    sink.extend(finding for _, plan in plan_python(builds) for finding in writing.check(plan))
    builds = with_existing(builds, existing or {})
    sink.extend(cloudformation.findings(units_of(builds), nested=nested))
    if sink.failed:
        return None, list(sink), {}
    # A shared function has one zip, whichever workflows call it.
    functions = list({(one.workflow, one.function): one for build in builds for one in _deployed(build)}.values())
    packed, sources = pack.pack(project, functions, installer, compiler, sink, keep)
    if packed is None:
        return None, list(sink), dict(sources)
    wanted = {one.parameter: one for build in builds for one in image_builds(build) if one.parameter not in given}
    built = images.build_images(tuple(wanted.values()), packed.project, engine, installer.say, sink)
    if sink.failed:
        return None, list(sink), dict(sources)
    code: dict[str, dict[str, Code]] = {}
    for made in packed.zips:
        known = code.setdefault(made.workflow, {})
        known[made.function] = cloudformation.Code(made.digest, output.key_of(made.file_name))
    units = units_of(builds, code)
    bundle = cloudformation.bundle(units, nested=nested)
    sink.extend(bundle.findings)
    configured = None
    if for_terraform and not sink.failed:
        files = {output.key_of(made.file_name): f"{output.ASSETS}/{made.file_name}" for made in packed.zips}
        configured, problems = configuration(units, files)
        sink.extend(problems)
    if sink.failed:
        return None, list(sink), dict(sources)
    texts = bundle.assets
    children = [json.loads(text)["Resources"] for name, text in texts.items() if name.endswith(".template.json")]
    files = {build.found.shown: project.relative(build.found.path) for build in builds}
    resources = {
        name: output.Resource(origin.what, files.get(origin.span.file, origin.span.file), origin.span.start.line)
        for name, origin in cloudformation.origins(
            units, set().union(bundle.template["Resources"], *children), nested=nested
        ).items()
    }
    text = cloudformation.to_json(bundle.template)
    whole = output.Package(packed.project, text, packed.zips, texts, resources, packed.requirements, built, configured)
    return whole, list(sink), dict(sources)


def _deployed(build: Build) -> Iterator[Deployed]:
    """The functions of a workflow that get a zip."""
    from flowgen.backends.cloudformation.template.function_settings import name_span, settings
    from flowgen.packaging.contents import Deployed
    from flowgen.packaging.target import Target

    workflow = build.workflow
    for name, module in entry_points(build).items():
        if workflow.functions[name].image is not None:
            continue
        sizing = settings(workflow, workflow.functions[name])
        target = Target(sizing.runtime, sizing.architecture)
        yield Deployed(owner(build, name), name, module, target, name_span(workflow, name))


def image_builds(build: Build) -> Iterator[ImageBuild]:
    """The images of a workflow that flowgen builds."""
    from flowgen.backends.cloudformation.template.function_settings import settings
    from flowgen.model.function_images import DOCKERFILE
    from flowgen.packaging.images import ImageBuild

    [stack] = units_of([build])
    for name, function in stack.deployed():
        image = function.image
        if image is not None and image.build is not None:
            yield ImageBuild(
                name,
                stack.function(name).image,
                (build.found.path.parent / image.build).resolve(),
                image.dockerfile or DOCKERFILE,
                settings(build.workflow, function).architecture,
                image.span_of("build"),
                image.target,
                image.args,
                image.repository,
            )
