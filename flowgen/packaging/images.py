"""Builds the container images of functions with the engine of this machine. `flowgen deploy` pushes them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flowgen.diagnostics import Diagnostic, Sink, Span
from flowgen.packaging.container_engine import ENGINES, Engine, last_lines

PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


@dataclass(frozen=True, slots=True)
class ImageBuild:
    """An image to build: the function, the parameter for its URI, and what `image` in the workflow says."""

    function: str
    parameter: str
    folder: Path
    dockerfile: str
    architecture: str
    span: Span
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    repository: str | None = None


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """A local image. `id` is its ID in the engine, and changes with its content."""

    function: str
    parameter: str
    id: str
    repository: str


def repository_of(project: str) -> str:
    """The repository that flowgen creates for a project.

    >>> repository_of("Web_Shop")
    'flowgen/web-shop'
    """
    return f"flowgen/{_slug(project)}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "project"


def build_images(
    builds: Sequence[ImageBuild], project: str, engine: Engine | None, say: Callable[[str], None], sink: Sink
) -> tuple[BuiltImage, ...]:
    """Builds images one after the other; reports FG568. Raises OSError."""
    if builds and engine is None:
        message = f"cannot build the image of `{builds[0].function}`: none of {', '.join(ENGINES)} is on PATH"
        help_ = f"install one of them, or build and push the image yourself and add `-p {builds[0].parameter}=URI`"
        sink.add(Diagnostic("FG568", message, builds[0].span, help=help_))
        return ()
    made = (_built(one, project, engine, say, sink) for one in builds if engine is not None)
    return tuple(image for image in made if image is not None)


def _built(
    build: ImageBuild, project: str, engine: Engine, say: Callable[[str], None], sink: Sink
) -> BuiltImage | None:
    say(f"building the image of {build.function} with {engine.name}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "id"
        status, printed = engine.run(_arguments(build, project, file), build.folder)
        image = file.read_text("utf-8").strip() if file.is_file() else ""
    if status == 0 and image:
        return BuiltImage(build.function, build.parameter, image, build.repository or repository_of(project))
    message = f"{engine.name} cannot build the image of `{build.function}`"
    help_ = "run the engine's daemon, or fix the Dockerfile; to see all output, run the command in the folder yourself"
    sink.add(Diagnostic("FG568", message, build.span, notes=last_lines(printed), help=help_))
    return None


def _arguments(build: ImageBuild, project: str, file: Path) -> list[str]:
    """`docker build`; Podman and Finch have the same options."""
    return [
        *("build", f"--platform={PLATFORMS[build.architecture]}", f"--file={build.dockerfile}"),
        # Without a name, a clean-up of unused images would remove it.
        *(f"--tag={repository_of(project)}/{_slug(build.function)}:latest", f"--iidfile={file}"),
        *((f"--target={build.target}",) if build.target is not None else ()),
        *(f"--build-arg={name}={value}" for name, value in build.args.items()),
        ".",
    ]
