"""What goes into the zip of a function: whether Lambda takes it, and the bytecode of its modules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowgen.diagnostics import Diagnostic, Sink, Span
from flowgen.packaging.bytecode import Compiler, Python, Source, place_beside
from flowgen.packaging.distributions import File, file_at
from flowgen.packaging.target import Target
from flowgen.packaging.zips import Zip

UNZIPPED = 250 * 1024 * 1024
"""Bytes, layers included (Lambda developer guide, "Lambda quotas", deployment package)."""
_LARGEST = 4


@dataclass(frozen=True, slots=True)
class Deployed:
    """A function that gets a zip. `module` is dotted, that of its entry point; `span` is where its name stands."""

    workflow: str
    function: str
    module: str
    target: Target
    span: Span


@dataclass(frozen=True, slots=True)
class Content:
    """The files of a zip by their places, and where each is on disk.

    `owners` are the distributions that files are of; the others are the project's. `bytecode` is how many bytes of all
    are bytecode.
    """

    one: Deployed
    files: Mapping[str, File]
    paths: Mapping[str, Path]
    owners: Mapping[str, str]
    bytecode: int = 0

    @property
    def zip(self) -> Zip:
        return Zip(self.one.workflow, self.one.function, tuple(sorted(self.files.values())), self.paths)


def fits(content: Content, sink: Sink) -> bool:
    """Whether Lambda takes it; FG535 where it does not."""
    size = sum(file.size for file in content.files.values())
    if size <= UNZIPPED:
        return True
    sizes: Counter[str] = Counter()
    for place, file in content.files.items():
        sizes[content.owners.get(place, place)] += file.size
    largest = ", ".join(f"`{name}` {_megabytes(count)}" for name, count in sizes.most_common(_LARGEST))
    notes = [f"the largest parts are {largest}", "layers count too"]
    if content.bytecode:
        notes.append(f"{_megabytes(content.bytecode)} are bytecode, which `bytecode = false` leaves out")
    sink.add(
        Diagnostic(
            "FG535",
            f"the code of `{content.one.function}` would have {_megabytes(size)} unzipped; Lambda allows"
            f" {_megabytes(UNZIPPED)}",
            content.one.span,
            notes=tuple(notes),
            help="leave out what is not needed at run time: `exclude` under `[tool.flowgen.packaging]`",
        )
    )
    return False


def with_bytecode(
    contents: Sequence[Content],
    pythons: Mapping[str, Python],
    compiler: Compiler,
    left_out: re.Pattern[str] | None,
) -> list[Content]:
    """The same, with the bytecode of modules beside them, but for places that match `left_out`.

    `pythons` are those of the runtimes, each of which compiles all of its modules in one go. Raises CompilingError,
    OSError, `zips.ChangedError`.
    """
    wanted: dict[Python, list[Source]] = {}
    for content in contents:
        python = pythons[content.one.target.runtime]
        wanted.setdefault(python, []).extend(_sources(content, python, left_out))
    # Functions share most of their modules: each file is read once.
    compiled = {
        python: {
            one: (file_at(path, place_beside(one.place, python)), path)
            for one, path in compiler.compiled(sources, python).items()
        }
        for python, sources in wanted.items()
    }
    made = []
    for content in contents:
        python = pythons[content.one.target.runtime]
        made.append(_extended(content, _sources(content, python, left_out), compiled[python]))
    return made


def _sources(content: Content, python: Python, left_out: re.Pattern[str] | None) -> list[Source]:
    """The modules of a zip whose bytecode may go in."""
    return [
        Source(place, content.paths[place], file.sha256)
        for place, file in content.files.items()
        if place.endswith(".py") and not (left_out is not None and left_out.fullmatch(place_beside(place, python)))
    ]


def _extended(content: Content, sources: Iterable[Source], compiled: Mapping[Source, tuple[File, Path]]) -> Content:
    made = [(one.place, *compiled[one]) for one in sources if one in compiled]
    return Content(
        content.one,
        {**content.files, **{file.place: file for _, file, _ in made}},
        {**content.paths, **{file.place: path for _, file, path in made}},
        {
            **content.owners,
            **{file.place: content.owners[module] for module, file, _ in made if module in content.owners},
        },
        sum(file.size for _, file, _ in made),
    )


def _megabytes(size: int) -> str:
    return f"{size / (1024 * 1024):.1f} MB"
