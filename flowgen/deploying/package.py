"""What `flowgen package` made, as its manifest says."""

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
    """A file for the bucket. Its key changes with its content; `size` is in bytes."""

    path: Path
    key: str
    size: int

    @property
    def is_template(self) -> bool:
        """Whether CloudFormation reads it when it makes a change set."""
        return self.key.endswith(".template.json")


@dataclass(frozen=True, slots=True)
class Source:
    """What a resource was made for: "the function `charge_card`", and the line of it."""

    what: str
    span: Span | None


@dataclass(frozen=True)
class Package:
    """A template, the files that it refers to, and where its resources come from."""

    project: str
    template: str
    assets: tuple[Asset, ...] = ()
    sources: Mapping[str, Source] | None = None

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The template as data."""
        content: dict[str, Any] = parse(self.template)
        return content

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """The declarations of its parameters."""
        declared: Mapping[str, Mapping[str, Any]] = self.content.get("Parameters", {})
        return declared

    def source(self, logical_id: str) -> Source | None:
        """Where a resource comes from, if that is known."""
        return (self.sources or {}).get(logical_id)

    @cached_property
    def resources(self) -> tuple[Mapping[str, Any], ...]:
        """The resources of the template and of those nested in it."""
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
        """What CloudFormation wants to be acknowledged (API reference, "CreateChangeSet")."""
        found = []
        types = {str(resource.get("Type")) for resource in self.resources}
        if any(_NAMES.get(str(one.get("Type"))) in one.get("Properties", {}) for one in self.resources):
            found.append("CAPABILITY_NAMED_IAM")
        elif any(kind.startswith("AWS::IAM::") for kind in types):
            found.append("CAPABILITY_IAM")
        if "Transform" in self.content:
            found.append("CAPABILITY_AUTO_EXPAND")
        return tuple(found)


def read(folder: Path, shown: Mapping[str, str] | None = None) -> Package:
    """The package in a folder. `shown` has files of the manifest by how the user would name them.

    Raises OSError, ValueError, KeyError for a folder that `flowgen package` did not fill.
    """
    manifest = parse((folder / MANIFEST).read_text("utf-8"))
    if manifest["flowgen"] != FORMAT:
        raise ValueError(f"{MANIFEST} is of another version of flowgen")
    if "incomplete" in manifest:
        raise ValueError(f"{MANIFEST} is incomplete: `flowgen package` was interrupted")
    return Package(
        manifest["project"],
        (folder / manifest["template"]).read_text("utf-8"),
        tuple(Asset(folder / one["file"], one["key"], one["bytes"]) for one in manifest["assets"]),
        {name: _source(one, shown or {}) for name, one in manifest["resources"].items()},
    )


def _source(entry: Mapping[str, Any], shown: Mapping[str, str]) -> Source:
    file, line = entry.get("file"), entry.get("line")
    if file is None or line is None:
        return Source(entry.get("what", ""), None)
    # Its whole line is meant: columns are not in the manifest.
    return Source(entry.get("what", ""), Span(shown.get(file, file), Position(line, 1), Position(line, 1)))
