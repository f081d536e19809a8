"""What pip or uv printed when it could not install, as a finding that says what to do."""

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
"""How many lines of the program are shown, and how many characters of one."""


def failure(printed: str, lines: Sequence[str], target: Target) -> Diagnostic:
    """FG531 where a package has no wheel for the target, FG530 for all else."""
    printed = re.sub(r"-r \S+ \(line (\d+)\)", lambda found: _line(lines, int(found[1])), printed)
    if (cause := _NETWORK.search(printed)) is not None:
        return Diagnostic(
            "FG530",
            "the package index can't be reached: the dependencies can't be installed",
            None,
            notes=tuple(dict.fromkeys((_around(printed, cause), *_last(printed)))),
            help="which index is asked is what pip or uv is configured to (`pip config list`); what was installed once"
            " is kept in `.flowgen/cache`",
        )
    if found := _NONE_OF_PIP.search(printed):
        known = [version.strip() for version in found["known"].split(",")]
        if known != ["none"]:
            return _no_version(found["wanted"], known, target)
        return _no_wheel(found["wanted"], target)
    if found := _NO_WHEEL_OF_UV.search(printed):
        return _no_wheel(found["wanted"], target)
    if any(sign in printed for sign in _CONFLICT):
        message = "the dependencies contradict each other: no versions fit all of them"
        return Diagnostic("FG530", message, None, notes=_last(printed), help="loosen one of them")
    if "DO NOT MATCH THE HASHES" in printed or "Hash mismatch" in printed:
        message = "a package is not the one that was locked: its hash differs"
        help_ = "lock again if you know why; else somebody may have replaced it"
        return Diagnostic("FG530", message, None, notes=_last(printed), help=help_)
    message = f"the {len(lines)} requirements can't be installed for {target}"
    return Diagnostic("FG530", message, None, notes=_last(printed))


def _no_wheel(wanted: str, target: Target) -> Diagnostic:
    name = _name(wanted)
    return Diagnostic(
        "FG531",
        f"`{wanted}` has no wheel for {target}, or the index does not have it",
        None,
        notes=(f"only wheels are installed: building `{name}` would run its code, and build it for this machine",),
        help=f"if it is pure Python, `pip wheel --no-deps --wheel-dir wheels {wanted}` makes a wheel that fits"
        " everywhere, and `PIP_FIND_LINKS=wheels flowgen package` takes it; else choose a version, a `runtime` or an"
        " `architecture` that has one",
    )


def _no_version(wanted: str, known: list[str], target: Target) -> Diagnostic:
    newest = known[-3:]
    return Diagnostic(
        "FG531",
        f"no wheel of `{wanted}` fits {target}",
        None,
        notes=(f"there are wheels of {', '.join(newest)}" + (" and older ones" if len(known) > len(newest) else ""),),
        help="ask for one of those",
    )


def _name(wanted: str) -> str:
    try:
        return canonicalize_name(Requirement(wanted).name)
    except InvalidRequirement:
        return wanted


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1].split(" ")[0] if number <= len(lines) else "a requirement"


def _around(text: str, found: re.Match[str]) -> str:
    """The line that a match is in, cut where it goes on for long."""
    start, end = text.rfind("\n", 0, found.start()) + 1, text.find("\n", found.start())
    line = text[start : end if end >= 0 else len(text)].strip()
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…"


def _last(printed: str) -> tuple[str, ...]:
    """The lines that say what went wrong, the program's own prefix left out."""
    lines = [line.strip() for line in printed.splitlines() if line.strip() and not line.startswith("WARNING: Location")]
    errors = [_plain(line) for line in lines if re.match(r"(?i)error:", line)]
    whole = len(errors) == 0 or "No solution found" in printed  # uv explains below its error
    return tuple([_plain(line) for line in lines][:_LINES] if whole else errors[-_LINES:])


def _plain(line: str) -> str:
    return re.sub(r"^(?:(?:ERROR|error):|[^\w`]+)\s*", "", line)
