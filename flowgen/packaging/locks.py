"""Lock files: the packages that a target needs, as requirements with pinned versions and hashes (if the lock has them).

A lock file covers all machines and dependency groups. flowgen reads it without the program that wrote it, so packaging
gives the same result whether or not that program is installed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from flowgen.installation import DISTRIBUTION
from flowgen.packaging.target import Target

_HASH = re.compile(r"[a-z0-9_]+:[0-9a-fA-F]+")


class LockError(Exception):
    """A lock file that flowgen cannot use; the message says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A dependency: a canonical name, extras and a marker."""

    name: str
    extras: frozenset[str] = frozenset()
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Locked:
    """A locked package. `reason` says why it cannot be installed from an index, or is empty."""

    name: str
    version: str
    dependencies: tuple[Wanted, ...]
    extras: Mapping[str, tuple[Wanted, ...]]
    hashes: tuple[str, ...]
    marker: str = ""
    reason: str = ""


def read_lock(name: str, text: str, project: Mapping[str, Any], target: Target) -> tuple[str, ...]:
    """All requirements of a lock file for a target, sorted: `["pydantic==2.11.3 --hash=sha256:…"]`.

    `name` is `uv.lock`, `poetry.lock` or `pylock.toml`; `project` is the content of pyproject.toml. Raises LockError.
    """
    try:
        content = tomllib.loads(text)
        match name:
            case "uv.lock":
                return _lines(_walk(*_uv(content), target))
            case "poetry.lock":
                return _lines(_walk(*_poetry(content, project), target))
            case _:
                return _lines(_pylock(content, target))
    except LockError:
        raise
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LockError(f"invalid TOML: {error}") from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:  # ValueError: a marker, a requirement
        raise LockError(f"not a valid {name}: {type(error).__name__}: {error}") from error


def holds(marker: str, target: Target, extras: Iterable[str] = ()) -> bool:
    """Whether an environment marker matches a target. Raises LockError for an invalid marker."""
    if not marker:
        return True
    try:
        parsed = Marker(marker)
        if not is_of_extra(marker):
            return parsed.evaluate({**target.markers, "extra": ""})
        return any(parsed.evaluate({**target.markers, "extra": extra}) for extra in ("", *extras))
    except (ValueError, KeyError) as error:  # what `packaging` raises for markers is one of these
        raise LockError(f"invalid marker `{marker}`: {error}") from error


def is_of_extra(marker: str) -> bool:
    """Whether an environment marker tests for an extra."""
    return re.search(r"\bextra\b", marker) is not None


def requirement(text: str) -> Wanted:
    """A requirement's name, extras and marker. Raises InvalidRequirement, a ValueError."""
    read = Requirement(text)
    return Wanted(canonicalize_name(read.name), frozenset(read.extras), str(read.marker or ""))


def _walk(packages: Mapping[str, list[Locked]], roots: Iterable[Wanted], target: Target) -> Iterator[Locked]:
    """The packages that `roots` need on a target, directly or indirectly."""
    waiting = [(root, frozenset[str]()) for root in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    given: set[tuple[str, str]] = set()
    while waiting:
        wanted, of_extras = waiting.pop()
        if wanted.name == DISTRIBUTION or not holds(wanted.marker, target, of_extras):
            continue
        found = [dependency for dependency in packages.get(wanted.name, ()) if holds(dependency.marker, target)]
        if not found:
            raise LockError(f"`{wanted.name}` is missing; update the lock file")
        if (wanted.name, wanted.extras) in seen:
            continue
        seen.add((wanted.name, wanted.extras))
        for package in found:
            waiting += [(dependency, wanted.extras) for dependency in package.dependencies]
            waiting += [
                (dependency, wanted.extras) for extra in wanted.extras for dependency in package.extras.get(extra, ())
            ]
            if (package.name, package.version) not in given:
                given.add((package.name, package.version))
                yield package


def _lines(packages: Iterable[Locked]) -> tuple[str, ...]:
    lines: dict[str, str] = {}
    for package in packages:
        if package.reason:
            raise LockError(f"`{package.name}` {package.reason}; flowgen installs only packages from an index")
        if not all(_HASH.fullmatch(digest) for digest in package.hashes):
            raise LockError(f"`{package.name}` has an invalid hash")
        # pip reads this line, so it must contain only a name and a version.
        pinned = f"{canonicalize_name(package.name, validate=True)}=={Version(package.version)}"
        if lines.setdefault(package.name, pinned).split(" ")[0] != pinned:
            raise LockError(f"`{package.name}` has two versions for this target")
        lines[package.name] = " ".join([pinned, *(f"--hash={digest}" for digest in sorted(set(package.hashes)))])
    return tuple(lines[name] for name in sorted(lines))


# uv.lock: https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile


def _uv(content: Mapping[str, Any]) -> tuple[dict[str, list[Locked]], list[Wanted]]:
    if content.get("version") != 1:
        raise LockError(f"unsupported version {content.get('version')}: flowgen reads version 1")
    packages: dict[str, list[Locked]] = {}
    roots: list[Wanted] | None = None
    for package in content.get("package", []):
        name, source = canonicalize_name(package["name"]), package["source"]
        dependencies = tuple(_uv_wanted(package.get("dependencies", [])))
        if "." in (source.get("virtual"), source.get("editable")):
            roots = list(dependencies)
            continue
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        extras = {name: tuple(_uv_wanted(one)) for name, one in package.get("optional-dependencies", {}).items()}
        reason = "" if "registry" in source else f"comes from {_source(source)}"
        marker = " or ".join(f"({condition})" for condition in package.get("resolution-markers", []))
        hashes = tuple(file["hash"] for file in files if "hash" in file)
        locked = Locked(name, package.get("version", ""), dependencies, extras, hashes, marker, reason)
        packages.setdefault(name, []).append(locked)
    # A package with one entry is the same for every target; its markers only say for which ones it was resolved.
    single = {name: [_unmarked(found[0])] if len(found) == 1 else found for name, found in packages.items()}
    if roots is None:
        raise LockError("it does not contain this project")
    return single, roots


def _unmarked(locked: Locked) -> Locked:
    return Locked(locked.name, locked.version, locked.dependencies, locked.extras, locked.hashes, reason=locked.reason)


def _uv_wanted(entries: Iterable[Mapping[str, Any]]) -> Iterator[Wanted]:
    for entry in entries:
        yield Wanted(canonicalize_name(entry["name"]), frozenset(entry.get("extra", ())), entry.get("marker", ""))


def _source(source: Mapping[str, Any]) -> str:
    kind, where = next(iter(source.items()))
    return f"{kind} `{where}`"


# poetry.lock: lock-version 2


def _poetry(content: Mapping[str, Any], project: Mapping[str, Any]) -> tuple[dict[str, list[Locked]], list[Wanted]]:
    version = str(content["metadata"]["lock-version"])
    if not version.startswith("2."):
        raise LockError(f"unsupported lock-version {version}: flowgen reads version 2 (run `poetry lock`)")
    packages: dict[str, list[Locked]] = {}
    for package in content.get("package", []):
        name = canonicalize_name(package["name"])
        source = package.get("source", {})
        reason = "" if source.get("type", "legacy") == "legacy" else f"comes from {source['type']} `{source['url']}`"
        dependencies = tuple(_poetry_wanted(package.get("dependencies", {})))
        extras: dict[str, tuple[Wanted, ...]] = {
            canonicalize_name(extra): tuple(map(requirement, texts))
            for extra, texts in package.get("extras", {}).items()
        }
        hashes = tuple(file["hash"] for file in package.get("files", []))
        locked = Locked(name, package["version"], dependencies, extras, hashes, _main_marker(package), reason)
        packages.setdefault(name, []).append(locked)
    declared = project.get("project", {}).get("dependencies", [])
    own = project.get("tool", {}).get("poetry", {}).get("dependencies", {})
    roots = [requirement(text) for text in declared]
    named = {root.name for root in roots}
    roots += [wanted for wanted in _poetry_wanted({name: spec for name, spec in own.items() if name != "python"})
              if wanted.name not in named]  # fmt: skip
    return packages, roots


def _main_marker(package: Mapping[str, Any]) -> str:
    """The marker of a locked package; the main group's if each group has its own."""
    markers = package.get("markers", "")
    return markers if isinstance(markers, str) else markers.get("main", "")


def _poetry_wanted(dependencies: Mapping[str, Any]) -> Iterator[Wanted]:
    for name, specs in dependencies.items():
        for spec in specs if isinstance(specs, list) else [specs]:
            options = spec if isinstance(spec, dict) else {}
            if not options.get("optional", False):
                yield Wanted(canonicalize_name(name), frozenset(options.get("extras", ())), options.get("markers", ""))


# pylock.toml: PEP 751


def _pylock(content: Mapping[str, Any], target: Target) -> Iterator[Locked]:
    if not str(content["lock-version"]).startswith("1."):
        raise LockError(f"unsupported lock-version {content['lock-version']}: flowgen reads version 1")
    groups = frozenset(content.get("default-groups", ()))
    for package in content.get("packages", []):
        name = canonicalize_name(package["name"])
        if name == DISTRIBUTION or not _pylock_holds(package.get("marker", ""), groups, target):
            continue
        source = next((key for key in ("vcs", "directory", "archive") if key in package), None)
        if source == "directory" and package["directory"].get("path") == ".":
            continue
        reason = f"comes from a {source}" if source else "has no version" if "version" not in package else ""
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        hashes = tuple(f"{kind}:{value}" for file in files for kind, value in file.get("hashes", {}).items())
        yield Locked(name, package.get("version", ""), (), {}, hashes, reason=reason)


def _pylock_holds(marker: str, groups: frozenset[str], target: Target) -> bool:
    if not marker:
        return True
    environment: dict[str, Any] = {**target.markers, "extras": frozenset[str](), "dependency_groups": groups}
    return Marker(marker).evaluate(environment, "lock_file")
