"""The contents of a function's zip: whether they are within Lambda's limit, and the bytecode of its modules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowgen.diagnostics import Diagnostic, Sink, Span
from flowgen.packaging.bytecode import Compiler, Python, Source, bytecode_path
from flowgen.packaging.distributions import File, file_at
from flowgen.packaging.target import Target
from flowgen.packaging.zips import Zip

UNZIPPED = 250 * 1024 * 1024
"""Bytes, layers included (Lambda developer guide, "Lambda quotas", deployment package)."""
_LARGEST = 4


@dataclass(frozen=True, slots=True)
class Deployed:
    """A function to package. `module` is the dotted name of its entry point; `span` is the span of its name."""

    workflow: str
    function: str
    module: str
    target: Target
    span: Span


@dataclass(frozen=True, slots=True)
class Content:
    """The files of a zip by their path in it, and their paths on disk.

    `owners` has the distributions of files; all other files are the project's. `bytecode` is the number of bytes of
    bytecode.
    """

    function: Deployed
    files: Mapping[str, File]
    paths: Mapping[str, Path]
    owners: Mapping[str, str]
    bytecode: int = 0

    @property
    def zip(self) -> Zip:
        return Zip(self.function.workflow, self.function.function, tuple(sorted(self.files.values())), self.paths)


def fits(content: Content, sink: Sink) -> bool:
    """Whether the zip is within Lambda's limit; FG535 if not."""
    size = sum(file.size for file in content.files.values())
    if size <= UNZIPPED:
        return True
    sizes: Counter[str] = Counter()
    for place, file in content.files.items():
        sizes[content.owners.get(place, place)] += file.size
    largest = ", ".join(f"`{name}` {_megabytes(count)}" for name, count in sizes.most_common(_LARGEST))
    notes = [f"the largest parts are {largest}", "the limit includes layers"]
    if content.bytecode:
        notes.append(f"{_megabytes(content.bytecode)} are bytecode; leave it out with `bytecode = false`")
    sink.add(
        Diagnostic(
            "FG535",
            f"the code of `{content.function.function}` would be {_megabytes(size)} unzipped; Lambda allows"
            f" {_megabytes(UNZIPPED)}",
            content.function.span,
            notes=tuple(notes),
            help="leave out files that are not needed at run time: `exclude` under `[tool.flowgen.packaging]`",
        )
    )
    return False


def with_bytecode(
    contents: Sequence[Content],
    pythons: Mapping[str, Python],
    compiler: Compiler,
    left_out: re.Pattern[str] | None,
) -> list[Content]:
    """Adds the bytecode of modules, except at paths that match `left_out`.

    `pythons` has the interpreter of each runtime, which compiles all its modules in one run. Raises CompilingError,
    OSError, `zips.ChangedError`.
    """
    wanted: dict[Python, list[Source]] = {}
    for content in contents:
        python = pythons[content.function.target.runtime]
        wanted.setdefault(python, []).extend(_sources(content, python, left_out))
    # Functions share most of their modules, so read each file once.
    compiled = {
        python: {
            one: (file_at(path, bytecode_path(one.place, python)), path)
            for one, path in compiler.compiled(sources, python).items()
        }
        for python, sources in wanted.items()
    }
    made = []
    for content in contents:
        python = pythons[content.function.target.runtime]
        made.append(_extended(content, _sources(content, python, left_out), compiled[python]))
    return made


def _sources(content: Content, python: Python, left_out: re.Pattern[str] | None) -> list[Source]:
    """The modules of a zip to compile."""
    return [
        Source(place, content.paths[place], file.sha256)
        for place, file in content.files.items()
        if place.endswith(".py") and not (left_out is not None and left_out.fullmatch(bytecode_path(place, python)))
    ]


def _extended(content: Content, sources: Iterable[Source], compiled: Mapping[Source, tuple[File, Path]]) -> Content:
    made = [(source.place, *compiled[source]) for source in sources if source in compiled]
    return Content(
        content.function,
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
