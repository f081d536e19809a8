"""The output of `flowgen package`: the template, the files to upload, and a manifest.

The manifest, `package.json`, is written first, marked as `incomplete`, so that an interrupted run can be repeated, and
again at the end. Every file in a complete manifest exists. flowgen replaces only files that it wrote itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flowgen.asl.json_text import parse
from flowgen.backends.cloudformation import BUCKET_FOLDER
from flowgen.backends.writing import remove_abandoned, replace_whole
from flowgen.packaging.images import BuiltImage
from flowgen.packaging.zips import Zip, zip_bytes

MANIFEST = "package.json"
TEMPLATE = "template.json"
TERRAFORM = "stack.tf.json"
REQUIREMENTS = "requirements.txt"
ASSETS = "assets"
_ASSET = re.compile(r"[A-Za-z0-9_.-]+-[0-9a-f]{16}\.(?:zip|asl\.json|template\.json)")


class NotOursError(Exception):
    """The folder has files with these names that flowgen did not write; the message is the first of them."""


class OutsideError(Exception):
    """A link points outside the project, where flowgen does not write; the message is the path of the link."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What a resource was generated for: `what` in words, and its line (`file` is relative to the project's root)."""

    what: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Package:
    """A project to deploy. `texts` has the assets other than zips, by file name: definitions and templates.

    `terraform` is a Terraform configuration, if there is one.
    """

    project: str
    template: str
    zips: tuple[Zip, ...]
    texts: Mapping[str, str]
    resources: Mapping[str, Resource]
    requirements: str
    images: tuple[BuiltImage, ...] = ()
    terraform: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An asset in the folder: its name, SHA-256, size in bytes zipped and unzipped, and whether it is new."""

    file: str
    sha256: str
    size: int
    unzipped: int
    new: bool


def key_of(file: str) -> str:
    """The key of an asset in the bucket."""
    return f"{BUCKET_FOLDER}{file}"


def write(package: Package, folder: Path) -> tuple[dict[str, Any], tuple[Written, ...]]:
    """Writes a package into a folder; returns the manifest and the assets. Existing zips are reused.

    Raises OSError, NotOursError, `zips.ChangedError`.
    """
    manifest_before = _manifest(folder)
    before = _assets(manifest_before)
    configured = "terraform" in manifest_before
    if package.terraform is not None and not configured and (folder / TERRAFORM).exists():
        raise NotOursError(TERRAFORM)
    assets = folder / ASSETS
    assets.mkdir(parents=True, exist_ok=True)
    remove_abandoned(folder)
    remove_abandoned(assets)
    coming = dict.fromkeys([*(asset.file_name for asset in package.zips), *package.texts], "")
    listed = [{"file": f"{ASSETS}/{name}", "sha256": sha256} for name, sha256 in sorted((coming | before).items())]
    named = {"terraform": TERRAFORM} if configured or package.terraform is not None else {}
    _put_manifest(folder, {"flowgen": 1, "incomplete": True, **named, "assets": listed})
    done = [*_zips(package.zips, assets, before)]
    for name, text in sorted(package.texts.items()):
        content = text.encode()
        new = _there(assets / name, before) != content
        if new:
            replace_whole(assets / name, content)
        done.append(Written(name, hashlib.sha256(content).hexdigest(), len(content), len(content), new))
    replace_whole(folder / TEMPLATE, package.template)
    replace_whole(folder / REQUIREMENTS, package.requirements)
    if package.terraform is not None:
        replace_whole(folder / TERRAFORM, package.terraform)
    elif configured:
        # It refers to zips that no longer exist.
        (folder / TERRAFORM).unlink(missing_ok=True)
    manifest: dict[str, Any] = {
        "flowgen": 1,
        "project": package.project,
        "template": TEMPLATE,
        **({} if package.terraform is None else {"terraform": TERRAFORM}),
        "assets": [
            {"file": f"{ASSETS}/{asset.file}", "key": key_of(asset.file), "sha256": asset.sha256, "bytes": asset.size}
            for asset in sorted(done, key=lambda asset: asset.file)
        ],
        "resources": {
            name: {"file": resource.file, "line": resource.line, "what": resource.what}
            for name, resource in sorted(package.resources.items())
        },
    }
    if package.images:
        manifest["images"] = [asdict(image) for image in package.images]
    # Before the final manifest, which no longer lists these files as flowgen's.
    for name in sorted(before.keys() - {asset.file for asset in done}):
        (assets / name).unlink(missing_ok=True)
    _put_manifest(folder, manifest)
    return manifest, tuple(done)


def stay_inside(root: Path, folder: Path) -> None:
    """Raises OutsideError if a folder is inside the project by name, but a link leads outside."""
    place, inside = Path(os.path.abspath(folder)), root.resolve()  # noqa: PTH100 - must not resolve links
    if not place.is_relative_to(inside):
        return
    for name in (".", ASSETS, TEMPLATE, REQUIREMENTS, TERRAFORM, MANIFEST):
        if not (place / name).resolve().is_relative_to(inside):
            raise OutsideError(str(folder / name))


def _put_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    replace_whole(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def _zips(zips: Sequence[Zip], assets: Path, before: Mapping[str, str]) -> list[Written]:
    """Makes the missing zips in parallel: compression takes most of the time."""

    def written(made: Zip) -> Written:
        name = made.file_name
        content = _there(assets / name, before)
        new = content is None
        if content is None:
            content = zip_bytes(made)
            replace_whole(assets / name, content)
        return Written(name, hashlib.sha256(content).hexdigest(), len(content), made.size, new)

    with ThreadPoolExecutor() as pool:
        try:
            return list(pool.map(written, zips))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _there(path: Path, before: Mapping[str, str]) -> bytes | None:
    """The content of an asset; None if it is missing or not what flowgen wrote."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if before.get(path.name) == hashlib.sha256(content).hexdigest() else None


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest of flowgen's previous run, empty if there is none. Raises NotOursError."""
    try:
        manifest = parse((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        for name in (TEMPLATE, REQUIREMENTS):
            if (folder / name).exists():
                raise NotOursError(name) from None
        return {}
    except ValueError:
        raise NotOursError(MANIFEST) from None
    if not isinstance(manifest, dict) or manifest.get("flowgen") != 1:
        raise NotOursError(MANIFEST)
    return manifest


def _assets(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The assets of a manifest, with their SHA-256."""
    listed = manifest.get("assets")
    known = {
        entry["file"].removeprefix(f"{ASSETS}/"): str(entry.get("sha256"))
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("file"), str)
    }
    return {name: sha256 for name, sha256 in known.items() if _ASSET.fullmatch(name)}
