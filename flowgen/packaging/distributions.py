"""The distributions installed in a folder, their files, and which of them a function needs."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from flowgen.input_files import read_file
from flowgen.installation import DISTRIBUTION
from flowgen.packaging.locks import LockError, holds, is_of_extra
from flowgen.packaging.target import Target

_OF_THE_INSTALLER = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"})
"""Files of a `.dist-info` that describe this installation rather than the distribution."""

EXECUTABLE = 0o755
PLAIN = 0o644


@dataclass(frozen=True, slots=True, order=True)
class File:
    """A file of a zip: its path, mode, SHA-256 (hexadecimal) and size in bytes."""

    place: str
    mode: int
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution. `requires` is copied from its metadata; `tops` has its top-level modules."""

    name: str
    version: str
    requires: tuple[str, ...]
    tops: tuple[str, ...]
    files: tuple[File, ...]


def installed(folder: Path) -> tuple[Distribution, ...]:
    """The distributions that pip or uv installed into a folder, sorted by name. Raises OSError."""
    return tuple(
        sorted((_distribution(folder, info) for info in folder.glob("*.dist-info")), key=lambda found: found.name)
    )


def _distribution(folder: Path, info: Path) -> Distribution:
    metadata = HeaderParser().parsestr((info / "METADATA").read_text("utf-8"))
    names = [row[0] for row in csv.reader(io.StringIO((info / "RECORD").read_text("utf-8"))) if row]
    files = tuple(sorted(_file(folder, name) for name in names if _goes_in(folder, name)))
    tops = sorted({top for file in files if (top := _top(file.place))})
    return Distribution(
        canonicalize_name(metadata["Name"]),
        metadata["Version"],
        tuple(metadata.get_all("Requires-Dist") or ()),
        tuple(tops),
        files,
    )


def _goes_in(folder: Path, name: str) -> bool:
    path = PurePosixPath(name)
    return (
        not path.is_absolute()
        and ".." not in path.parts  # scripts start with the path of this machine's Python
        and path.parts[0] != "bin"
        and "__pycache__" not in path.parts
        and path.suffix != ".pyc"
        and not (path.parts[0].endswith(".dist-info") and path.name in _OF_THE_INSTALLER)
        and (folder / path).is_file()
    )


def _file(folder: Path, name: str) -> File:
    path = folder / name
    return file_at(path, PurePosixPath(name).as_posix())


MAX_IN_ZIP = 250 * 1024 * 1024
"""The largest file that fits into a function, in bytes (Lambda quotas, "Deployment package")."""


def file_at(path: Path, place: str) -> File:
    """A file for a zip. Raises OSError."""
    mode = EXECUTABLE if path.stat().st_mode & 0o100 else PLAIN
    content = read_file(path, MAX_IN_ZIP)
    return File(place, mode, hashlib.sha256(content).hexdigest(), len(content))


def _top(place: str) -> str | None:
    first, _, rest = place.partition("/")
    if rest:
        return first if first.isidentifier() else None
    found = re.fullmatch(r"(\w+)(?:\.py|(?:\..*)?\.so)", first)
    return found[1] if found else None


def to_json(distributions: Iterable[Distribution]) -> str:
    return json.dumps([asdict(distribution) for distribution in distributions])


def from_json(text: str) -> tuple[Distribution, ...]:
    """Raises ValueError, KeyError or TypeError for text that `to_json` did not write."""
    listed = json.loads(text)
    if not isinstance(listed, list):
        raise TypeError("not a list")
    return tuple(
        Distribution(
            entry["name"],
            entry["version"],
            tuple(entry["requires"]),
            tuple(entry["tops"]),
            tuple(File(**file) for file in entry["files"]),
        )
        for entry in listed
    )


def lacking(distributions: Iterable[Distribution], target: Target, lines: Iterable[str]) -> tuple[str, ...]:
    """Requirements for a target that pip did not install, because it evaluates markers for this machine.

    `lines` are the requirements that were installed, including their extras.
    """
    there = {distribution.name: distribution for distribution in distributions}
    extras: dict[str, set[str]] = {}
    for line in lines:
        if (asked := _read(re.split(r"\s+--", line)[0])) is not None:
            extras.setdefault(canonicalize_name(asked.name), set()).update(asked.extras)
    found: dict[str, None] = {}
    for distribution in there.values():
        for requirement in _requirements(distribution, target, extras.get(distribution.name, ())):
            if canonicalize_name(requirement.name) not in there:
                requirement.marker = None
                found[str(requirement)] = None
    return tuple(sorted(found))


def reached(
    distributions: Collection[Distribution],
    target: Target,
    imported: Iterable[str],
    elsewhere: Iterable[str],
    provided: Iterable[str] = (),
) -> tuple[Distribution, ...]:
    """The distributions that code needs if it imports the top-level modules `imported`.

    `elsewhere` has what the rest of the project imports. A distribution that no code imports and no other requires is
    loaded indirectly, like a database driver, and so is needed everywhere. Distributions in `provided` (canonical
    names), and what only they require, come from a layer.
    """
    skipped = {DISTRIBUTION, *provided}
    there = {distribution.name: distribution for distribution in distributions if distribution.name not in skipped}
    wanted, known = frozenset(imported), frozenset(imported) | frozenset(elsewhere)
    required = {name for distribution in distributions for name in _named(distribution)}
    hidden = {
        name for name, distribution in there.items() if name not in required and not known & set(distribution.tops)
    }
    waiting = sorted(hidden | {name for name, distribution in there.items() if wanted & set(distribution.tops)})
    found: dict[str, Distribution] = {}
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        distribution = found[name] = there[name]
        waiting += [
            other
            for requirement in _requirements(distribution, target, None)
            if (other := canonicalize_name(requirement.name)) in there
        ]
    return tuple(found[name] for name in sorted(found))


def _named(distribution: Distribution) -> Iterator[str]:
    return (canonicalize_name(read.name) for text in distribution.requires if (read := _read(text)) is not None)


def _requirements(distribution: Distribution, target: Target, extras: Iterable[str] | None) -> Iterator[Requirement]:
    """The requirements of a distribution on a target; None for `extras` includes all extras."""
    for text in distribution.requires:
        read = _read(text)
        if read is None:
            continue
        marker = str(read.marker or "")
        try:
            if (extras is None and is_of_extra(marker)) or holds(marker, target, extras or ()):
                yield read
        except LockError:
            continue


def _read(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def pins(sites: Mapping[Target, Iterable[Distribution]]) -> str:
    """A requirements file that pins what is installed, with markers where targets differ."""
    versions: dict[tuple[str, str], list[Target]] = {}
    for target in sorted(sites):
        for distribution in sites[target]:
            versions.setdefault((distribution.name, distribution.version), []).append(target)
    lines = []
    for (name, version), targets in sorted(versions.items()):
        everywhere = len(targets) == len(sites)
        where = " or ".join(
            f"(python_version == '{target.python}' and platform_machine == '{target.machine}')" for target in targets
        )
        lines.append(f"{name}=={version}" + ("" if everywhere else f" ; {where}"))
    return "".join(f"{line}\n" for line in lines)
