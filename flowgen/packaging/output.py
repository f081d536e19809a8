"""What `flowgen package` leaves in its folder: the template, what goes to the bucket, and a list of both.

`package.json` is written first, as `incomplete`, so that an interrupted run can be repeated, and again at the end: what
a complete one names is there. Nothing is replaced that flowgen did not write.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowgen.asl.json_text import parse
from flowgen.backends.cloudformation import BUCKET_FOLDER
from flowgen.backends.writing import remove_abandoned, replace_whole
from flowgen.packaging.zips import Zip, zip_bytes

MANIFEST = "package.json"
TEMPLATE = "template.json"
REQUIREMENTS = "requirements.txt"
ASSETS = "assets"
_ASSET = re.compile(r"[A-Za-z0-9_.-]+-[0-9a-f]{16}\.(?:zip|asl\.json|template\.json)")


class NotOursError(Exception):
    """The folder holds files of these names that flowgen did not write; the message is the first of them."""


class OutsideError(Exception):
    """A link in the project leads out of it, where flowgen writes nothing; the message is the path of the link."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What a resource of the template was made for: `what` in words, and its line (`file` from the project's root)."""

    what: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Package:
    """A project ready to be deployed. `texts` are the assets beside the zips, by file name: definitions, templates."""

    project: str
    template: str
    zips: tuple[Zip, ...]
    texts: Mapping[str, str]
    resources: Mapping[str, Resource]
    requirements: str


@dataclass(frozen=True, slots=True)
class Written:
    """An asset in the folder: its name and SHA-256, its bytes zipped and unzipped, and whether it was made now."""

    file: str
    sha256: str
    size: int
    unzipped: int
    new: bool


def key_of(file: str) -> str:
    """The place of an asset in the bucket."""
    return f"{BUCKET_FOLDER}{file}"


def write(package: Package, folder: Path) -> tuple[dict[str, Any], tuple[Written, ...]]:
    """Writes a package into a folder; its list, and what was done. Zips that are there are not made again.

    Raises OSError, NotOursError, `zips.ChangedError`.
    """
    before = _before(folder)
    assets = folder / ASSETS
    assets.mkdir(parents=True, exist_ok=True)
    remove_abandoned(folder)
    remove_abandoned(assets)
    coming = dict.fromkeys([*(one.file_name for one in package.zips), *package.texts], "")
    listed = [{"file": f"{ASSETS}/{name}", "sha256": sha256} for name, sha256 in sorted((coming | before).items())]
    _put_manifest(folder, {"flowgen": 1, "incomplete": True, "assets": listed})
    done = [*_zips(package.zips, assets, before)]
    for name, text in sorted(package.texts.items()):
        content = text.encode()
        new = _there(assets / name, before) != content
        if new:
            replace_whole(assets / name, content)
        done.append(Written(name, hashlib.sha256(content).hexdigest(), len(content), len(content), new))
    replace_whole(folder / TEMPLATE, package.template)
    replace_whole(folder / REQUIREMENTS, package.requirements)
    manifest: dict[str, Any] = {
        "flowgen": 1,
        "project": package.project,
        "template": TEMPLATE,
        "assets": [
            {"file": f"{ASSETS}/{one.file}", "key": key_of(one.file), "sha256": one.sha256, "bytes": one.size}
            for one in sorted(done, key=lambda one: one.file)
        ],
        "resources": {
            name: {"file": one.file, "line": one.line, "what": one.what}
            for name, one in sorted(package.resources.items())
        },
    }
    # Before the list is complete: afterwards nothing would say that these files are flowgen's.
    for name in sorted(before.keys() - {one.file for one in done}):
        (assets / name).unlink(missing_ok=True)
    _put_manifest(folder, manifest)
    return manifest, tuple(done)


def stay_inside(root: Path, folder: Path) -> None:
    """Raises OutsideError where a folder is in a project by its name, and a link makes it another one."""
    place, inside = Path(os.path.abspath(folder)), root.resolve()  # noqa: PTH100 - a link in it must stay one
    if not place.is_relative_to(inside):
        return
    for name in (".", ASSETS, TEMPLATE, REQUIREMENTS, MANIFEST):
        if not (place / name).resolve().is_relative_to(inside):
            raise OutsideError(str(folder / name))


def _put_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    replace_whole(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def _zips(zips: Sequence[Zip], assets: Path, before: Mapping[str, str]) -> list[Written]:
    """Makes the zips that are not there, several at a time: compressing them takes longer than all the rest."""

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
    """What an asset holds, or None where it is to be made: it is missing, or not what flowgen wrote."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if before.get(path.name) == hashlib.sha256(content).hexdigest() else None


def _before(folder: Path) -> dict[str, str]:
    """The assets that flowgen wrote into a folder the last time, with their SHA-256. Raises NotOursError."""
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
    listed = manifest.get("assets")
    known = {
        one["file"].removeprefix(f"{ASSETS}/"): str(one.get("sha256"))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and isinstance(one.get("file"), str)
    }
    return {name: sha256 for name, sha256 in known.items() if _ASSET.fullmatch(name)}
