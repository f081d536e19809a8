"""Reads the output of `flowgen package`, as listed in its manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from flowgen.asl.json_text import parse
from flowgen.diagnostics import Position, Span

MANIFEST: Final = "package.json"
FORMAT: Final = 1
STACK: Final = "AWS::CloudFormation::Stack"

_NAMES: Final = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file to upload. Its key changes with its content; `size` is in bytes."""

    path: Path
    key: str
    size: int

    @property
    def is_template(self) -> bool:
        """Whether CloudFormation reads it to create a change set."""
        return self.key.endswith(".template.json")


@dataclass(frozen=True, slots=True)
class Image:
    """A local container image: its function, the parameter for its URI, its ID in the engine, its repository."""

    function: str
    parameter: str
    id: str
    repository: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What a resource was generated for (such as "the function `charge_card`"), and its line."""

    what: str
    span: Span | None


@dataclass(frozen=True)
class Package:
    """A template, the files that it refers to, and the sources of its resources."""

    project: str
    template: str
    assets: tuple[Asset, ...] = ()
    sources: Mapping[str, Source] | None = None
    images: tuple[Image, ...] = ()

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The template as data."""
        content: dict[str, Any] = parse(self.template)
        return content

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """The parameter declarations of the template."""
        declared: Mapping[str, Mapping[str, Any]] = self.content.get("Parameters", {})
        return declared

    def source(self, logical_id: str) -> Source | None:
        """The source of a resource, if it is known."""
        return (self.sources or {}).get(logical_id)

    @cached_property
    def resources(self) -> tuple[Mapping[str, Any], ...]:
        """The resources of the template and its nested templates."""
        return tuple(resource for template in self._templates() for resource in template.get("Resources", {}).values())

    def _templates(self) -> Iterator[Mapping[str, Any]]:
        yield self.content
        for asset in self.assets:
            if asset.is_template:
                yield parse(asset.path.read_text("utf-8"))

    @property
    def has_nested_stacks(self) -> bool:
        return any(resource.get("Type") == STACK for resource in self.resources)

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        """The capabilities that CloudFormation requires (API reference, "CreateChangeSet")."""
        found = []
        types = {str(resource.get("Type")) for resource in self.resources}
        if any(_NAMES.get(str(resource.get("Type"))) in resource.get("Properties", {}) for resource in self.resources):
            found.append("CAPABILITY_NAMED_IAM")
        elif any(kind.startswith("AWS::IAM::") for kind in types):
            found.append("CAPABILITY_IAM")
        if "Transform" in self.content:
            found.append("CAPABILITY_AUTO_EXPAND")
        return tuple(found)


def read(folder: Path, shown: Mapping[str, str] | None = None) -> Package:
    """Reads the package in a folder. `shown` maps files of the manifest to the paths to show to the user.

    Raises OSError, ValueError or KeyError for a folder that is not an output of `flowgen package`.
    """
    manifest = parse((folder / MANIFEST).read_text("utf-8"))
    if manifest["flowgen"] != FORMAT:
        raise ValueError(f"{MANIFEST} was written by another version of flowgen")
    if "incomplete" in manifest:
        raise ValueError(f"{MANIFEST} is incomplete: `flowgen package` was interrupted")
    sources = {name: _source(entry, shown or {}) for name, entry in manifest["resources"].items()}
    return Package(
        manifest["project"],
        (folder / manifest["template"]).read_text("utf-8"),
        tuple(Asset(folder / entry["file"], entry["key"], entry["bytes"]) for entry in manifest["assets"]),
        sources,
        tuple(_image(entry, sources) for entry in manifest.get("images", ())),
    )


def _image(entry: Mapping[str, Any], sources: Mapping[str, Source]) -> Image:
    function = sources.get(entry["parameter"].removesuffix("Image"))
    span = None if function is None else function.span
    return Image(entry["function"], entry["parameter"], entry["id"], entry["repository"], span)


def _source(entry: Mapping[str, Any], shown: Mapping[str, str]) -> Source:
    file, line = entry.get("file"), entry.get("line")
    if file is None or line is None:
        return Source(entry.get("what", ""), None)
    # The manifest has no columns.
    return Source(entry.get("what", ""), Span(shown.get(file, file), Position(line, 1), Position(line, 1)))
