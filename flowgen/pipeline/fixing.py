"""Fixes workflow files: applies the edits of findings, and checks the result before anything is written.

In: the paths of a check. Out: the fixed texts by path, and the report on them; `write` puts them on disk.
Never: a file outside the project, or a file in which a fixed finding is still present.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flowgen.diagnostics import Diagnostic, Edit, Sink
from flowgen.diagnostics.edits import apply_edits, compatible
from flowgen.input_files import read_file
from flowgen.pipeline.loading import Report, check_paths
from flowgen.project import discover

_ROUNDS = 20
"""Fixes may reveal errors of later phases that have fixes too. No workflow needs as many rounds as this."""

_YAML = "FG00"
"""How the codes of YAML errors start: a file with such an error has no other findings."""


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file with the name that findings use for it, and its texts before and after."""

    path: Path
    shown: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Fixes:
    """Files to write, how many findings they fix, and the report on the project with these files."""

    files: tuple[FixedFile, ...]
    count: int
    report: Report


class ChangedFileError(Exception):
    """A file has changed since it was checked. The message is its name."""


def find_fixes(paths: tuple[str, ...], base: Path, *, deployable: bool = False) -> Fixes:
    """Checks the workflows of `paths`, and fixes findings until none with a fix is left. Writes nothing.

    If a finding remains after its edits, or they break the syntax of the file, they are undone.
    """
    files = _Files.of(paths, base)
    texts: dict[Path, str] = {}
    report = check_paths(paths, base, deployable=deployable)
    originals: dict[str, str] = {}
    refused: set[_Key] = set()
    count = 0
    for _ in range(_ROUNDS):
        fixable = (
            diagnostic for diagnostic in report.diagnostics if _key(diagnostic) not in refused and files.own(diagnostic)
        )
        chosen = compatible(fixable)
        if not chosen:
            break
        edited = _edited(chosen, report.sources)
        candidate = texts | {files.path(file): text for file, text in edited.items()}
        after = check_paths(paths, base, deployable=deployable, texts=candidate)
        failures = _failures(chosen, report, after)
        if failures:
            refused |= failures
            continue
        originals = {file: report.sources[file] for file in edited} | originals
        texts, report, count = candidate, after, count + len(chosen)
    changed = (FixedFile(files.path(file), file, text, texts[files.path(file)]) for file, text in originals.items())
    return Fixes(tuple(one for one in changed if one.before != one.after), count, report)


def write(fixed: FixedFile) -> None:
    """Replaces the file as a whole. Raises OSError, or ChangedFileError if somebody else changed the file."""
    from flowgen.backends.writing import replace_whole

    content = read_file(fixed.path)
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    if content != mark + fixed.before.encode():
        raise ChangedFileError(fixed.shown)
    replace_whole(fixed.path, mark + fixed.after.encode())


@dataclass(frozen=True, slots=True)
class _Files:
    """Which files may be changed: the workflows that are checked, and files of their projects that they import."""

    base: Path
    workflows: frozenset[Path]
    roots: frozenset[Path]

    @classmethod
    def of(cls, paths: tuple[str, ...], base: Path) -> _Files:
        found = [
            workflow
            for workflow in discover(paths, Sink(), base)
            if workflow.path.is_relative_to(workflow.project.root.resolve())
        ]
        return cls(
            base,
            frozenset(workflow.path for workflow in found),
            frozenset(workflow.project.root.resolve() for workflow in found),
        )

    def path(self, shown: str) -> Path:
        return (self.base / shown).resolve()

    def own(self, diagnostic: Diagnostic) -> bool:
        """Whether all edits of the finding's fix are in files that may be changed."""
        return diagnostic.fix is not None and all(self._is_own(edit.span.file) for edit in diagnostic.fix.edits)

    def _is_own(self, shown: str) -> bool:
        path = self.path(shown)
        return path in self.workflows or (path.is_file() and any(path.is_relative_to(root) for root in self.roots))


def _edited(chosen: Iterable[Diagnostic], sources: Mapping[str, str]) -> dict[str, str]:
    by_file: dict[str, list[Edit]] = {}
    for diagnostic in chosen:
        for edit in diagnostic.fix.edits if diagnostic.fix is not None else ():
            by_file.setdefault(edit.span.file, []).append(edit)
    return {file: apply_edits(sources[file], edits) for file, edits in by_file.items()}


_Key = tuple[str, str, str]


def _key(diagnostic: Diagnostic) -> _Key:
    """What identifies a finding when lines have moved: its file, code and message."""
    return (diagnostic.span.file if diagnostic.span else "", diagnostic.code, diagnostic.message)


def _failures(chosen: Iterable[Diagnostic], before: Report, after: Report) -> set[_Key]:
    """Those of `chosen` that are still there after their fix, or that are in a file whose YAML became invalid."""
    had, have = Counter(map(_key, before.diagnostics)), Counter(map(_key, after.diagnostics))
    fixed = Counter(map(_key, chosen))
    broken = {file for file, code, _ in have - had if code.startswith(_YAML)}
    return {key for key in fixed if have[key] > had[key] - fixed[key] or key[0] in broken}
