"""Errors of pip and uv as diagnostics that say what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from flowgen.diagnostics import Diagnostic
from flowgen.packaging.target import Target

_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Max retries exceeded|Name or service not known|NameResolutionError"
    r"|Temporary failure in name resolution|ProxyError|Connection refused|dns error|error sending request"
    r"|Failed to fetch|Network is unreachable",
    re.IGNORECASE,
)
_NONE_OF_PIP = re.compile(
    r"Could not find a version that satisfies the requirement (?P<wanted>[^\s(]+)"
    r"[^\n]*\(from versions: (?P<known>[^)]*)\)"
)
_NO_WHEEL_OF_UV = re.compile(
    r"(?P<wanted>[A-Za-z0-9][\w.-]*)(?:==\S+)? has no (?:usable wheels|wheels with a matching)"
)
_CONFLICT = ("ResolutionImpossible", "conflicting dependencies", "No solution found")
_LINES = 6
_WIDTH = 300
"""How many lines of the program's output are shown, and how many characters per line."""


def failure(printed: str, lines: Sequence[str], target: Target) -> Diagnostic:
    """FG531 if a package has no wheel for the target, FG530 for any other error."""
    printed = re.sub(r"-r \S+ \(line (\d+)\)", lambda found: _line(lines, int(found[1])), printed)
    if (cause := _NETWORK.search(printed)) is not None:
        return Diagnostic(
            "FG530",
            "cannot install the dependencies: the package index is unreachable",
            None,
            notes=tuple(dict.fromkeys((_around(printed, cause), *_last(printed)))),
            help="check the index that pip or uv is configured to use (`pip config list`); packages that are already"
            " installed stay in `.flowgen/cache`",
        )
    if found := _NONE_OF_PIP.search(printed):
        known = [version.strip() for version in found["known"].split(",")]
        if known != ["none"]:
            return _no_version(found["wanted"], known, target)
        return _no_wheel(found["wanted"], target)
    if found := _NO_WHEEL_OF_UV.search(printed):
        return _no_wheel(found["wanted"], target)
    if any(sign in printed for sign in _CONFLICT):
        message = "conflicting dependencies: no versions satisfy all of them"
        return Diagnostic("FG530", message, None, notes=_last(printed), help="relax one of the requirements")
    if "DO NOT MATCH THE HASHES" in printed or "Hash mismatch" in printed:
        message = "the hash of a package differs from the lock file"
        help_ = "if you know the reason, update the lock file; otherwise someone may have replaced the package"
        return Diagnostic("FG530", message, None, notes=_last(printed), help=help_)
    message = f"cannot install {len(lines)} requirement{'s' if len(lines) != 1 else ''} for {target}"
    return Diagnostic("FG530", message, None, notes=_last(printed))


def _no_wheel(wanted: str, target: Target) -> Diagnostic:
    name = _name(wanted)
    return Diagnostic(
        "FG531",
        f"no wheel of `{wanted}` for {target}, or the package is not in the index",
        None,
        notes=(f"flowgen installs only wheels: building `{name}` would run its code, and build it for this machine",),
        help=f"if it is pure Python, build a wheel with `pip wheel --no-deps --wheel-dir wheels {wanted}` and run"
        " `PIP_FIND_LINKS=wheels flowgen package`; otherwise choose a version, a `runtime` or an `architecture` with a"
        " wheel",
    )


def _no_version(wanted: str, known: list[str], target: Target) -> Diagnostic:
    newest = known[-3:]
    return Diagnostic(
        "FG531",
        f"no wheel of `{wanted}` is compatible with {target}",
        None,
        notes=(f"compatible versions: {', '.join(newest)}" + (" and older ones" if len(known) > len(newest) else ""),),
        help="require one of these versions",
    )


def _name(wanted: str) -> str:
    try:
        return canonicalize_name(Requirement(wanted).name)
    except InvalidRequirement:
        return wanted


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1].split(" ")[0] if number <= len(lines) else "a requirement"


def _around(text: str, found: re.Match[str]) -> str:
    """The line of a match, cut if it is long."""
    start, end = text.rfind("\n", 0, found.start()) + 1, text.find("\n", found.start())
    line = text[start : end if end >= 0 else len(text)].strip()
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…"


def _last(printed: str) -> tuple[str, ...]:
    """The lines with the error, without the program's prefix."""
    lines = [line.strip() for line in printed.splitlines() if line.strip() and not line.startswith("WARNING: Location")]
    errors = [_plain(line) for line in lines if re.match(r"(?i)error:", line)]
    whole = len(errors) == 0 or "No solution found" in printed  # uv explains its error in the following lines
    return tuple([_plain(line) for line in lines][:_LINES] if whole else errors[-_LINES:])


def _plain(line: str) -> str:
    return re.sub(r"^(?:(?:ERROR|error):|[^\w`]+)\s*", "", line)
